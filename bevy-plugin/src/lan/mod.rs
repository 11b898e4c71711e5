//! Matches on the local network: the list that a player joins from, and the advert of the match that we host.
//!
//! What is heard and told goes through [`service`]; nothing here waits for it. Nothing here knows sessions.

mod service;

pub(crate) use service::LabLan;

use crate::event::MatchEvent;
use crate::link::Backend;
use crate::options::NetConfig;
use crate::schedule::NetFrame;
use bevy_app::{App, AppExit, Last};
use bevy_ecs::prelude::*;
use core::ops::Deref;
use netcord::transport::invite::{InviteCode, protocol_id};
use netcord::transport::lan::{LanError, LanGame as Advert, ListingId};
use service::{Advertiser, Browser};
use std::io;

/// The matches of this game that are advertised on the local network, in the order in which they were heard of; empty
/// until [`browse_lan`](crate::NetCommands::browse_lan). Bevy sees it change when the list does. Needs the feature `lan`.
///
/// ```
/// # use bevy_ecs::prelude::*;
/// # use bevy_netcord::prelude::*;
/// # use bevy_netcord::LanGames;
/// fn join_the_first_that_takes_us(games: Res<LanGames>, mut commands: Commands) {
///     for game in games.iter() {
///         match game.code() {
///             Ok(code) => return commands.join_match(code),
///             Err(why) => println!("{}, {} of {} players: {why}", game.name, game.players, game.max_players),
///         }
///     }
/// }
/// ```
///
/// Nothing that is heard is authentic: anyone on the network may advertise any name. It is one short line that can be
/// shown; who is behind it is known only once the match is joined.
#[derive(Resource, Debug, Default)]
pub struct LanGames {
    games: Vec<LanGame>,
    is_browsing: bool,
    failure: Option<LanFailure>,
}

/// A match on the local network, as its host says.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LanGame {
    /// Names it for as long as it is listed.
    pub id: ListingId,
    /// What the host calls it: one line, of at most 32 characters; never empty.
    pub name: String,
    /// The [`version`](crate::NetConfig::version) of its rules.
    pub version: String,
    /// How many players are in; 0 if its version can't tell us.
    pub players: u8,
    /// How many can be; 0 if its version can't tell us.
    pub max_players: u8,
    code: Result<InviteCode, NotJoinable>,
}

/// Why a listed match can't be joined from the list. The text is for the player.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotJoinable {
    /// As many players are in as can be.
    #[error("full")]
    Full,
    /// It runs another version of the game.
    #[error("runs version {theirs} of the game, this is version {ours}: update the older one")]
    OtherVersion {
        /// The host's version.
        theirs: String,
        /// Our version.
        ours: String,
    },
    /// The host keeps its code to itself: [`HostOptions::with_lan_code`](crate::HostOptions::with_lan_code).
    #[error("ask the host for the invite code")]
    AskForCode,
}

/// Why matches can't be found or advertised on the local network. Invite codes work all the same.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LanFailure {
    /// The network can't be used that way. The text says why, and what to do.
    #[error("{source}; {}", advice(.source))]
    Network {
        /// What failed.
        #[from]
        source: LanError,
    },
    /// The system took the network away, as it does from apps in the background. Call
    /// [`browse_lan`](crate::NetCommands::browse_lan) again.
    #[error("the search for games on the local network was ended by the system; search again")]
    Stopped,
    /// The system has no thread for it.
    #[error("no thread can be started to search the local network: {0}; use the invite code")]
    NoThread(io::Error),
}

fn advice(error: &LanError) -> &'static str {
    match error {
        LanError::PortBlocked { .. } => {
            "close that program, or allow the game in the firewall, or use the invite code"
        }
        LanError::NoNetwork => "connect it to a network and try again, or use the invite code",
        _ => "try again, or use the invite code",
    }
}

impl LanGame {
    /// What to hand to [`join_match`](crate::NetCommands::join_match). Ask for it when the player has chosen: each code
    /// lets one player in, and the host advertises the next then.
    ///
    /// # Errors
    /// Why it can't be joined from here: a text for the list.
    pub fn code(&self) -> Result<String, NotJoinable> {
        self.code.as_ref().map(InviteCode::to_string).map_err(Clone::clone)
    }
}

impl LanGames {
    /// Whether the network is listened to.
    pub fn is_browsing(&self) -> bool {
        self.is_browsing
    }

    /// Why the network is not listened to, if that failed; until the next
    /// [`browse_lan`](crate::NetCommands::browse_lan).
    pub fn failure(&self) -> Option<&LanFailure> {
        self.failure.as_ref()
    }
}

impl Deref for LanGames {
    type Target = [LanGame];

    fn deref(&self) -> &[LanGame] {
        &self.games
    }
}

/// Which matches are ours to join.
#[derive(Resource, Clone)]
pub(crate) struct Kind {
    game: u64,
    version: String,
}

impl Kind {
    pub(crate) fn of(config: &NetConfig) -> Self {
        Self { game: protocol_id(&config.game), version: config.version.to_string() }
    }

    /// What a host tells about its match.
    pub(crate) fn advert(
        &self,
        name: &str,
        (players, max_players): (u8, u8),
        invite: Option<InviteCode>,
    ) -> Advert {
        Advert { players, max_players, invite, ..Advert::new(self.game, name, &self.version) }
    }
}

/// What listens, while something does.
#[derive(Resource, Default)]
struct Listening(Option<Browser>);

/// What tells of our match, while it has free seats.
#[derive(Resource, Default)]
enum Advertising {
    #[default]
    Nothing,
    On(Advertiser),
    /// Until there is nothing to tell any more.
    Failed,
}

pub(crate) fn build(app: &mut App, config: &NetConfig) {
    app.insert_resource(Kind::of(config))
        .init_resource::<LanGames>()
        .init_resource::<Listening>()
        .init_resource::<Advertising>()
        .add_systems(NetFrame, listen)
        .add_systems(Last, say_goodbye.run_if(on_message::<AppExit>));
}

/// Starts to list the matches on the network, from an empty list.
pub(crate) fn browse(world: &mut World) {
    let started = Browser::start(world.resource::<Backend>(), world.resource::<Kind>().clone());
    let mut games = world.resource_mut::<LanGames>();
    *games = LanGames { is_browsing: started.is_ok(), ..LanGames::default() };
    match started {
        Ok(browser) => world.resource_mut::<Listening>().0 = Some(browser),
        Err(failure) => fail(&mut games, failure),
    }
}

/// Ends it, and empties the list.
pub(crate) fn stop_browsing(world: &mut World) {
    world.resource_mut::<Listening>().0 = None;
    *world.resource_mut::<LanGames>() = LanGames::default();
}

fn fail(games: &mut LanGames, failure: LanFailure) {
    tracing::warn!("{failure}");
    *games = LanGames { failure: Some(failure), ..LanGames::default() };
}

/// Takes what was heard since the last frame into the list.
fn listen(mut listening: ResMut<'_, Listening>, mut games: ResMut<'_, LanGames>) {
    let Some(browser) = &mut listening.0 else { return };
    match browser.listen() {
        Ok(Some(heard)) if games.games != heard => games.games = heard,
        Ok(_) => {}
        Err(failure) => {
            listening.0 = None;
            fail(&mut games, failure);
        }
    }
}

/// Tells the network what our match is like now; `None` when there is none, or none that can be joined.
pub(crate) fn advertise(world: &mut World, advert: Option<Advert>) {
    let Some(advert) = advert else {
        // Not touched while it is so, as it mostly is.
        if !matches!(world.resource::<Advertising>(), Advertising::Nothing) {
            *world.resource_mut::<Advertising>() = Advertising::Nothing;
        }
        return;
    };
    let told = match &mut *world.resource_mut::<Advertising>() {
        Advertising::Nothing => None,
        Advertising::On(advertiser) => Some(advertiser.tell(&advert)),
        Advertising::Failed => return,
    };
    let told = told.unwrap_or_else(|| {
        let advertiser = Advertiser::start(world.resource::<Backend>(), advert)?;
        *world.resource_mut::<Advertising>() = Advertising::On(advertiser);
        Ok(())
    });
    if let Err(failure) = told {
        tracing::warn!("{failure}");
        *world.resource_mut::<Advertising>() = Advertising::Failed;
        world.write_message(MatchEvent::LanFailed(failure));
    }
}

/// Before the process ends, which takes the thread with it.
fn say_goodbye(mut advertising: ResMut<'_, Advertising>) {
    if let Advertising::On(advertiser) = core::mem::take(&mut *advertising) {
        advertiser.stop();
    }
}
