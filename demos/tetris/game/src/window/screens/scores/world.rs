//! The world's tables, and the replays in them, which are fetched when they are to be watched.

use super::{Columns, HINT, Row, Shown, Which, age, now};
use crate::highscores::ROWS;
use crate::window::play::Round;
use crate::window::ranking::NameTrouble;
use crate::window::screens::{Screen, exact_clock};
use bevy::prelude::*;
use bevy_netcord::netcord::scores::api::{Entry, Page};
use bevy_netcord::netcord::scores::model::{PlayerId, ScoreId};
use bevy_netcord::scores::{
    Leaderboard, RefusedRun, ReplayLoaded, ScoreCommands as _, Scores, Season, ServiceStatus, Table,
};
use demo_ui::Activated;
use tetris_rules::{Mode, Replay};
use tetris_scores::board_id;

/// The replay that is fetched, or why there is none.
#[derive(Resource, Clone, Debug, Default)]
pub(super) enum Fetched {
    #[default]
    Nothing,
    /// It is to be watched when it is there.
    Under(ScoreId),
    Failed(String),
}

/// The line at the foot of the screen, which says what the player should know of the tables.
#[derive(Component, Clone, Copy, Debug)]
pub(super) struct Notice;

/// How long it is told that a run was refused, in seconds.
const TELL_OF_REFUSAL: u64 = 7 * 86_400;
/// How many letters of a name fit.
const NAME_LETTERS: usize = 16;

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Fetched>()
        .add_systems(OnEnter(Screen::Scores), |mut fetched: ResMut<Fetched>| *fetched = Fetched::Nothing)
        .add_systems(
            Update,
            (load, watch_when_there, tell).run_if(in_state(Screen::Scores)).run_if(resource_exists::<Scores>),
        );
}

/// Asks for the table that is shown, and for that of all time, in which the world's best is.
fn load(shown: Res<Shown>, mut commands: Commands) {
    if !shown.is_changed() {
        return;
    }
    let board = board_id(shown.mode);
    if let Which::World(season) | Which::Near(season) = shown.table
        && season != Season::All
    {
        commands.load_leaderboard(board.clone(), season);
    }
    commands.load_leaderboard(board, Season::All);
}

/// The rows of the table that is shown, and what to say if there are none.
pub(super) fn rows(
    shown: &Shown,
    leaderboard: &Leaderboard,
    player: Option<PlayerId>,
) -> (Vec<Columns>, &'static str) {
    let entries = entries(shown, leaderboard);
    let rows: Vec<_> = entries.iter().map(|entry| columns(entry, shown.mode, player)).collect();
    let none = match (table(shown, leaderboard), shown.table) {
        (None, _) => "the world is asked",
        (Some(Table { top: None, .. }), _) => "the world can't be asked now",
        (_, Which::Near(_)) => "you have no ranked game here yet",
        _ => "nobody has a ranked game here yet",
    };
    (rows, none)
}

fn table<'a>(shown: &Shown, leaderboard: &'a Leaderboard) -> Option<&'a Table> {
    let (Which::World(season) | Which::Near(season)) = shown.table else { return None };
    leaderboard.table(&board_id(shown.mode), season)
}

fn entries<'a>(shown: &Shown, leaderboard: &'a Leaderboard) -> &'a [Entry] {
    let Some(table) = table(shown, leaderboard) else { return &[] };
    let page = if matches!(shown.table, Which::Near(_)) { &table.around } else { &table.top };
    let entries = page.as_ref().map_or(&[][..], |Page { entries, .. }| entries);
    &entries[..entries.len().min(ROWS)]
}

fn columns(entry: &Entry, mode: Mode, player: Option<PlayerId>) -> Columns {
    let result = if mode == Mode::Sprint { exact_clock(entry.ticks) } else { entry.points.to_string() };
    let detail = |name: &str| entry.details.get(name).map_or(String::new(), i64::to_string);
    let mut name: String = entry.player.name.chars().take(NAME_LETTERS).collect();
    if player == Some(entry.player.id) {
        name.push_str(" (you)");
    }
    let seconds = entry.accepted.as_millis() / 1_000;
    [
        entry.rank.to_string(),
        name,
        result,
        detail("lines"),
        detail("level"),
        age(now().saturating_sub(seconds)),
    ]
}

/// An observer that has the replay of a row shown.
pub(super) fn watch_row(
    activated: On<Activated>,
    buttons: Query<&Row>,
    leaderboard: Res<Leaderboard>,
    mut shown: ResMut<Shown>,
    mut fetched: ResMut<Fetched>,
    mut commands: Commands,
) {
    let Ok(&Row(row)) = buttons.get(activated.entity) else { return };
    if let Some(entry) = entries(&shown, &leaderboard).get(row) {
        // It has the focus when the player is back. No other table is shown for it.
        shown.bypass_change_detection().row = Some(row);
        fetch(entry.score, &mut fetched, &mut commands);
    }
}

/// An observer that has the replay of the best game of all time shown.
pub(super) fn watch_the_best(
    _: On<Activated>,
    shown: Res<Shown>,
    leaderboard: Res<Leaderboard>,
    mut fetched: ResMut<Fetched>,
    mut commands: Commands,
) {
    match leaderboard.table(&board_id(shown.mode), Season::All).and_then(Table::best) {
        Some(best) => fetch(best.score, &mut fetched, &mut commands),
        None => *fetched = Fetched::Failed("no game is there to be watched".into()),
    }
}

fn fetch(score: ScoreId, fetched: &mut Fetched, commands: &mut Commands) {
    *fetched = Fetched::Under(score);
    commands.load_replay(score);
}

fn watch_when_there(
    mut loaded: MessageReader<ReplayLoaded>,
    shown: Res<Shown>,
    mut fetched: ResMut<Fetched>,
    mut round: ResMut<Round>,
    mut next: ResMut<NextState<Screen>>,
) {
    for ReplayLoaded { score, replay } in loaded.read() {
        if !matches!(*fetched, Fetched::Under(wanted) if wanted == *score) {
            continue;
        }
        let replay = match replay {
            // Other players made it: it may be anything.
            Ok(bytes) => Replay::from_bytes(bytes).map_err(|error| error.to_string()),
            Err(problem) => Err(problem.text.clone()),
        };
        *fetched = match replay {
            Ok(replay) if replay.config().mode == shown.mode => {
                *round = Round::watch(&replay);
                next.set(Screen::Watch);
                Fetched::Nothing
            }
            Ok(_) => Fetched::Failed("the replay is of another mode".into()),
            Err(why) => Fetched::Failed(why),
        };
    }
}

/// What is told of the run that was refused last, for some days: the player may have been elsewhere when it was.
fn refusal(refused: &[RefusedRun], now: u64) -> String {
    let Some(RefusedRun { reason, .. }) = refused.last() else { return String::new() };
    let seconds = now.saturating_sub(reason.at.as_millis() / 1_000);
    if seconds < TELL_OF_REFUSAL {
        format!("a game was not ranked {}: {}", age(seconds), reason.text)
    } else {
        String::new()
    }
}

/// What the player should know of the tables that are shown.
fn tell(
    shown: Res<Shown>,
    scores: Res<Scores>,
    leaderboard: Res<Leaderboard>,
    fetched: Res<Fetched>,
    name: Res<NameTrouble>,
    notices: Query<&Children, With<Notice>>,
    mut texts: Query<&mut Text>,
) {
    let problem = table(&shown, &leaderboard).and_then(|table| table.problem.as_ref());
    let news = match (&*fetched, scores.status(), problem) {
        (Fetched::Under(_), ..) => "the replay is fetched".into(),
        (Fetched::Failed(why), ..) => why.clone(),
        (_, ServiceStatus::Off(problem) | ServiceStatus::Offline(problem), _) => problem.text.clone(),
        (.., Some(problem)) => problem.text.clone(),
        _ => {
            let refusal = refusal(scores.refused(), now());
            let both = [name.0.as_str(), &refusal];
            both.into_iter().filter(|news| !news.is_empty()).collect::<Vec<_>>().join("; ")
        }
    };
    let waiting = match scores.waiting() {
        0 => String::new(),
        1 => "1 game waits to be sent".into(),
        games => format!("{games} games wait to be sent"),
    };
    let told = match (news.is_empty(), waiting.is_empty()) {
        (true, true) => HINT.to_owned(),
        (false, false) => format!("{waiting}: {news}"),
        _ => waiting + &news,
    };
    for children in &notices {
        for child in children {
            if let Ok(mut text) = texts.get_mut(*child)
                && text.0 != told
            {
                text.0.clone_from(&told);
            }
        }
    }
}
