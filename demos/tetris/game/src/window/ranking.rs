//! Games that count in the world: begun with a ticket where there is one, handed in when they are over. Without a service
//! that the player named, nothing here does anything.

use super::kept::{Settings, Trouble};
use super::launch::Orders;
use super::play::{Player, Purpose, Round};
use super::screens::{Panel, Screen};
use crate::saves;
use bevy::ecs::system::SystemParam;
use bevy::prelude::*;
use bevy_netcord::netcord::scores::api::Submitted;
use bevy_netcord::netcord::scores::model::{Ticket, TicketId};
use bevy_netcord::persist::Persist;
use bevy_netcord::scores::{
    NameRefused, RunTicket, ScoreAccepted, ScoreCommands as _, ScoreQueued, ScoreRefused, Scores,
    ScoresPlugin,
};
use std::path::Path;
use tetris_rules::{Config, Mode};
use tetris_scores::{board_id, claim_of, counts};

/// Begins a game; it is shown at once, or when its ticket is there.
#[derive(Event, Clone, Debug)]
pub(crate) struct Begin {
    pub(crate) config: Config,
    pub(crate) player: Player,
}

/// How the game that is played stands to the world's tables.
#[derive(Resource, Clone, Debug, Default)]
pub(crate) enum Ranking {
    /// There is no service.
    #[default]
    Off,
    /// It doesn't count, for this reason.
    Unranked(&'static str),
    /// It counts once it is over.
    Open(Ticket),
    /// It is over, and under way to the service.
    Sent(TicketId),
    /// It is kept until the service can be reached, which it can't be for this reason.
    Queued(TicketId, String),
    /// It counts.
    Accepted(Box<Submitted>),
    /// It doesn't, for this reason.
    Refused(String),
}

/// A game that begins when its ticket is there.
#[derive(Resource, Clone, Debug, Default)]
struct Next(Option<(Begin, f32)>);

/// What the player should know of the name in the world's tables; empty when all is well.
#[derive(Resource, Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct NameTrouble(pub(crate) String);

/// What names of guests begin with.
const GUEST: &str = "GUEST ";

/// How long a game waits for its ticket, in seconds. A ticket comes from the disk.
const PATIENCE: f32 = 1.5;

impl Ranking {
    /// What is told while the game is played.
    pub(crate) fn during(&self) -> String {
        match self {
            Self::Off => String::new(),
            Self::Unranked(why) => format!("not ranked: {why}"),
            Self::Open(_) | Self::Sent(_) | Self::Queued(..) | Self::Accepted(_) | Self::Refused(_) => {
                "ranked".into()
            }
        }
    }

    /// What is told when it is over.
    pub(crate) fn after(&self) -> String {
        match self {
            Self::Off | Self::Open(_) => String::new(),
            Self::Unranked(why) => format!("not ranked: {why}"),
            Self::Sent(_) => "the world's table is asked".into(),
            Self::Queued(_, why) => format!("kept for the world's table: {why}"),
            Self::Accepted(submitted) if submitted.best => {
                let (rank, of_all_time) = (submitted.entry.rank, submitted.all_time_rank);
                format!("World rank {rank} this season, {of_all_time} of all time")
            }
            Self::Accepted(_) => "ranked; your best stays another one".into(),
            Self::Refused(why) => format!("not ranked: {why}"),
        }
    }

    /// Whether this is the game that was played with `ticket`.
    fn is_of(&self, ticket: TicketId) -> bool {
        matches!(self, Self::Sent(of) | Self::Queued(of, _) if *of == ticket)
    }
}

/// Takes part in the highscores of the service at `url`; what is to be kept is kept in a folder of this service in `folder`,
/// or else where the platform has a game's saves.
pub(crate) fn connect(app: &mut App, url: &str, folder: Option<&Path>) {
    let folder = saves::folder(folder).and_then(|folder| saves::folder_of_service(&folder, url));
    let folder = match folder {
        Ok(folder) => folder,
        Err(error) => {
            app.world_mut().resource_mut::<Trouble>().0 = format!("no highscores of the world: {error}");
            return;
        }
    };
    let mut plugin = ScoresPlugin::new(url, folder, saves::key());
    for mode in Mode::ALL {
        plugin = plugin.with_board(board_id(mode));
    }
    app.add_plugins(plugin).add_systems(Update, (introduce, take_ticket, hand_in, hear));
}

pub(crate) fn plugin(app: &mut App) {
    app.init_resource::<Ranking>()
        .init_resource::<Next>()
        .init_resource::<NameTrouble>()
        .add_observer(begin)
        .add_systems(OnExit(Screen::Play), leave);
}

/// Begins a game, or has it wait for its ticket.
fn begin(
    begin: On<Begin>,
    scores: Option<Res<Scores>>,
    orders: Res<Orders>,
    mut ranking: ResMut<Ranking>,
    mut waiting: ResMut<Next>,
    mut start: Start,
    mut commands: Commands,
) {
    give_up(&mut ranking, &mut commands);
    waiting.0 = None;
    *ranking = match why_not(begin.event(), scores.is_some(), &orders) {
        None => {
            commands.start_run(board_id(begin.config.mode));
            waiting.0 = Some((begin.event().clone(), 0.0));
            return;
        }
        Some(standing) => standing,
    };
    start.game(orders.next_seed(), begin.event());
}

/// How a game stands that does not count from its start.
fn why_not(begin: &Begin, is_on: bool, orders: &Orders) -> Option<Ranking> {
    let is_bot = matches!(begin.player, Player::Bot(_));
    match () {
        () if !is_on => Some(Ranking::Off),
        () if is_bot && orders.name.is_none() => Some(Ranking::Unranked("a bot plays")),
        () if orders.seed.is_some() => Some(Ranking::Unranked("its pieces were chosen")),
        () if !counts(&begin.config) => Some(Ranking::Unranked("it begins above level 1")),
        () => None,
    }
}

/// What begins a game.
#[derive(SystemParam)]
struct Start<'w> {
    round: ResMut<'w, Round>,
    screen: ResMut<'w, NextState<Screen>>,
    panel: ResMut<'w, NextState<Panel>>,
}

impl Start<'_> {
    fn game(&mut self, seed: u64, begin: &Begin) {
        *self.round = Round::new(seed, begin.config, begin.player.clone());
        self.screen.set_if_different(Screen::Play);
        self.panel.set_if_different(Panel::None);
    }
}

/// Begins the game that waits for a ticket: with it, or without one.
fn take_ticket(
    mut tickets: MessageReader<RunTicket>,
    time: Res<Time<Real>>,
    orders: Res<Orders>,
    mut ranking: ResMut<Ranking>,
    mut waiting: ResMut<Next>,
    mut start: Start,
    mut commands: Commands,
) {
    for RunTicket { board, ticket } in tickets.read() {
        let next = waiting.0.take_if(|(begin, _)| board_id(begin.config.mode) == *board);
        match (next, ticket) {
            (Some((begin, _)), Some(ticket)) => {
                *ranking = Ranking::Open(ticket.clone());
                start.game(ticket.seed, &begin);
            }
            (Some((begin, _)), None) => {
                *ranking = Ranking::Unranked("no ticket");
                start.game(orders.next_seed(), &begin);
            }
            // It came too late.
            (None, Some(ticket)) => commands.abandon_run(ticket.id),
            (None, None) => {}
        }
    }
    if let Some((_, waited)) = &mut waiting.0 {
        *waited += time.delta_secs();
    }
    if let Some((begin, _)) = waiting.0.take_if(|(_, waited)| *waited > PATIENCE) {
        *ranking = Ranking::Unranked("no ticket in time");
        start.game(orders.next_seed(), &begin);
    }
}

/// Hands in the game that is over.
fn hand_in(round: Res<Round>, mut ranking: ResMut<Ranking>, mut commands: Commands) {
    if round.purpose() != Purpose::Play || round.game().ending().is_none() {
        return;
    }
    let Ranking::Open(ticket) = &*ranking else { return };
    *ranking = match (claim_of(round.game()), round.record()) {
        (Some(claim), Some(replay)) => {
            let sent = Ranking::Sent(ticket.id);
            commands.finish_run(ticket.clone(), claim, replay.to_bytes());
            sent
        }
        (unfinished, _) => {
            commands.abandon_run(ticket.id);
            let why = if unfinished.is_none() { "it was not completed" } else { "it is too long" };
            Ranking::Unranked(why)
        }
    };
}

fn hear(
    mut accepted: MessageReader<ScoreAccepted>,
    mut queued: MessageReader<ScoreQueued>,
    mut refused: MessageReader<ScoreRefused>,
    mut ranking: ResMut<Ranking>,
) {
    for ScoreQueued { ticket, reason, .. } in queued.read() {
        if ranking.is_of(*ticket) {
            *ranking = Ranking::Queued(*ticket, reason.text.clone());
        }
    }
    for ScoreRefused { ticket, reason, .. } in refused.read() {
        if ranking.is_of(*ticket) {
            *ranking = Ranking::Refused(reason.text.clone());
        }
    }
    for ScoreAccepted { ticket, submitted, .. } in accepted.read() {
        if ranking.is_of(*ticket) {
            *ranking = Ranking::Accepted(Box::new(submitted.clone()));
        }
    }
}

/// A game that is left doesn't count. Its ticket is there for another one.
fn leave(mut ranking: ResMut<Ranking>, mut commands: Commands) {
    give_up(&mut ranking, &mut commands);
}

fn give_up(ranking: &mut Ranking, commands: &mut Commands) {
    if let Ranking::Open(ticket) = core::mem::take(ranking) {
        commands.abandon_run(ticket.id);
    }
}

/// Has the service know the player by the name that was entered last. Who never entered one, or one that another player
/// has, is a guest until they do, so that their games count: named by digits of their key; by the next ones, if those are
/// taken.
fn introduce(
    orders: Res<Orders>,
    settings: Res<Persist<Settings>>,
    scores: Res<Scores>,
    mut refusals: MessageReader<NameRefused>,
    mut trouble: ResMut<NameTrouble>,
    mut state: Local<Introduction>,
    mut commands: Commands,
) {
    let entered = orders.name.as_ref().unwrap_or(&settings.name);
    for NameRefused { name, reason } in refusals.read() {
        if name.starts_with(GUEST) && name != entered {
            state.guest += 1;
            continue;
        }
        trouble.0 = format!("{name}: {}", reason.text);
        // Who is known by another name keeps that one.
        if scores.name().is_none() {
            state.refused.clone_from(entered);
        }
    }
    let is_guest = entered.is_empty() || *entered == state.refused;
    let name = match (is_guest, scores.player()) {
        (false, _) => entered.clone(),
        (true, Some(player)) => {
            let digits = player.to_string().to_ascii_uppercase();
            format!("{GUEST}{}", digits.get(4 * state.guest..4 * (state.guest + 1)).unwrap_or(&digits[..4]))
        }
        (true, None) => return,
    };
    if state.asked != name {
        if name == *entered {
            trouble.0.clear();
        }
        commands.name_player(&name);
        state.asked = name;
    }
}

/// How far the player is known to the service.
#[derive(Debug, Default)]
struct Introduction {
    /// The name that was asked for last.
    asked: String,
    /// The name that was entered and can't be had.
    refused: String,
    /// How many names of a guest are taken.
    guest: usize,
}
