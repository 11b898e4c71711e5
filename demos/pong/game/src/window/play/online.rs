//! A match with others, as the screens see it: invite, who is there, who is gone, how it ended.

use super::{Mode, Seat, Table};
use crate::cli::{HostOptions as HostArguments, PlayOptions};
use crate::failure::{Failure, advice};
use crate::window::screens::Screen;
use bevy::prelude::*;
use bevy_netcord::MatchError;
use bevy_netcord::netcord::session::{Outcome, PlayerGone};
use bevy_netcord::netcord::transport::TransportError;
use bevy_netcord::netcord::transport::lab::Proxy;
use bevy_netcord::prelude::*;
use pong_rules::Bot;
use std::net::{Ipv4Addr, UdpSocket};
use std::time::Duration;

/// What was asked for on the command line.
#[derive(Resource, Clone, Debug, Default)]
pub(crate) struct Orders {
    pub(crate) play: Option<PlayOptions>,
    pub(crate) host: Option<HostArguments>,
    pub(crate) join: Option<String>,
}

/// What there is to tell about the match with others.
#[derive(Resource, Clone, Debug, Default)]
pub(crate) struct Online {
    /// Why there is no match, or none any more, in words for the player.
    pub(crate) trouble: Option<String>,
    /// How the match ended, if it did; see [`Outcome`].
    pub(crate) ended: Option<Ended>,
    /// How long an absent player has been gone, in seconds.
    pub(crate) absent_for: f32,
    /// Whether the match that we host can't be told to the local network.
    pub(crate) unlisted: bool,
    /// What just happened in a match of more than two, and for how many seconds it is still told.
    pub(crate) news: Option<(String, f32)>,
}

/// How long news is told, in seconds.
const NEWS_SECONDS: f32 = 4.0;

impl Online {
    fn tell(&mut self, news: String) {
        self.news = Some((news, NEWS_SECONDS));
    }
}

/// How a match ended before it was played out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    Left,
    Forfeit,
    Lost,
}

/// What matches that we host are called on the local network.
#[derive(Resource, Clone, Debug)]
pub(crate) struct LanName(pub(crate) String);

impl LanName {
    /// As given, or after who uses this machine.
    pub(crate) fn new(given: Option<&str>) -> Self {
        let user = || ["USER", "USERNAME"].iter().find_map(|variable| std::env::var(variable).ok());
        let name = given.map(str::to_owned).or_else(user).filter(|name| !name.trim().is_empty());
        Self(name.unwrap_or_else(|| "Pong".to_owned()))
    }
}

/// How long an absent player is waited for; where another hosts, its word counts.
#[derive(Resource, Clone, Copy, Debug)]
pub(crate) struct AbsenceLimits {
    /// Then the match is lost for who is absent.
    pub(crate) in_duel: Duration,
    /// Then the match goes on without.
    pub(crate) in_square: Duration,
}

/// The bad network in front of the host, if one was asked for.
#[derive(Resource)]
pub(crate) struct Lab(pub(crate) Proxy);

pub(crate) fn plugin(app: &mut App) {
    app.init_resource::<Orders>()
        .init_resource::<Online>()
        .add_systems(Update, (listen, wait).chain().before(super::PlaySystems));
}

/// How a match of so many is hosted: as the command line said, if it did.
pub(crate) fn host_options(
    orders: &Orders,
    players: usize,
    name: &LanName,
    commands: &mut Commands,
) -> Result<HostOptions, Failure> {
    let mut options = HostOptions::new().with_players(players);
    let Some(arguments) = &orders.host else { return Ok(options.with_lan_name(&name.0)) };
    if let Some(least) = arguments.min_players.filter(|_| players > 2) {
        options = options.with_min_players(least.into());
    }
    if !arguments.private {
        options = options.with_lan_name(&name.0);
    }
    options = options
        .with_port(arguments.port)
        .with_spectators(arguments.spectators.into())
        .with_seed(arguments.play.seed);
    for address in &arguments.advertise {
        options = options.with_address(*address);
    }
    if let Some(conditions) = arguments.lab {
        // The proxy has to know the port before there is a socket.
        let free =
            UdpSocket::bind((Ipv4Addr::LOCALHOST, arguments.port)).and_then(|socket| socket.local_addr());
        let port = free.map_err(Failure::socket)?.port();
        let proxy = Proxy::start(
            (Ipv4Addr::LOCALHOST, 0).into(),
            (Ipv4Addr::LOCALHOST, port).into(),
            conditions,
            conditions,
            arguments.play.seed,
        )?;
        options = options.with_port(port);
        options.advertise = vec![proxy.address()];
        commands.insert_resource(Lab(proxy));
    }
    Ok(options)
}

fn listen(
    mut events: MessageReader<MatchEvent>,
    current: Option<Res<Match>>,
    orders: Res<Orders>,
    mut online: ResMut<Online>,
    mut table: ResMut<Table>,
    mut next: ResMut<NextState<Screen>>,
) {
    for event in events.read() {
        match event {
            MatchEvent::Started { local, .. } => {
                let Some(current) = &current else { continue };
                if !current.is_local {
                    *online = Online::default();
                    *table = seats(current, *local, orders.play.as_ref());
                    if local.is_none() {
                        online.tell("you watch".to_owned());
                    }
                }
                // One who comes back is there already; to leave that screen would be to leave the match.
                next.set_if_different(Screen::Match);
            }
            MatchEvent::Paused { .. } | MatchEvent::Resumed { .. } => online.absent_for = 0.0,
            MatchEvent::PlayerLeft { player, reason, .. } => {
                online.absent_for = 0.0;
                let how = if matches!(reason, PlayerGone::Left { .. }) { "left" } else { "is gone" };
                online.tell(format!("{} {how}: the wall is closed", table.name(player.index())));
            }
            MatchEvent::PlayerJoined { player, tick } => {
                let Some(current) = &current else { continue };
                if current.local == Some(*player) {
                    *table = seats(current, current.local, orders.play.as_ref());
                }
                if tick.0 > 0 {
                    online.tell(format!("{} is in from the next serve on", table.name(player.index())));
                }
            }
            MatchEvent::Ended(outcome) => {
                let (ended, text) = match outcome {
                    Outcome::Left { .. } => (Ended::Left, "the other player left the match".to_owned()),
                    Outcome::Forfeit { absent, .. } => {
                        let own = current.as_ref().and_then(|current| current.local);
                        let text = if own == Some(*absent) {
                            "you were away for too long: the match counts as lost"
                        } else {
                            "the other player did not come back: the match is yours"
                        };
                        (Ended::Forfeit, text.to_owned())
                    }
                    Outcome::Disconnected(reason) => (Ended::Lost, advice(reason)),
                    Outcome::Desync => {
                        (Ended::Lost, "the two games differ; this is a mistake in Pong".to_owned())
                    }
                    other => (Ended::Lost, format!("the match could not go on: {other:?}")),
                };
                (online.ended, online.trouble) = (Some(ended), Some(text));
            }
            MatchEvent::LanFailed(why) => {
                debug!("{why}");
                online.unlisted = true;
            }
            MatchEvent::Failed(error) => {
                (online.ended, online.trouble) = (Some(Ended::Lost), Some(told(error)));
            }
            _ => {}
        }
    }
}

/// An error in words for the player.
fn told(error: &MatchError) -> String {
    match error {
        MatchError::BadCode { source, .. } => source.to_string(),
        MatchError::Transport { source: TransportError::Config(_) } => {
            "no address where others reach this machine: connect it to a network, or name one with --advertise".into()
        }
        other => other.to_string(),
    }
}

fn seats(current: &Match, local: Option<PlayerIndex>, play: Option<&PlayOptions>) -> Table {
    let seat = |player: usize| match play {
        _ if local.is_none_or(|own| own.index() != player) => Seat::Remote,
        Some(play) if play.bot => Seat::Bot(Bot::new(play.seed, play.skill)),
        _ => Seat::Person,
    };
    Table { mode: Mode::Online, seats: (0..current.players).map(seat).collect(), seed: current.seed }
}

fn wait(time: Res<Time<Real>>, state: Res<State<MatchState>>, mut online: ResMut<Online>) {
    if *state.get() == MatchState::Paused {
        online.absent_for += time.delta_secs();
    }
    if let Some((_, left)) = &mut online.bypass_change_detection().news {
        *left -= time.delta_secs();
        if *left <= 0.0 {
            online.news = None;
        }
    }
}
