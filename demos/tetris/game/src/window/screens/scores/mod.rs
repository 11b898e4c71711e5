//! The highscores, tables for each mode: of this device, and those of the world. A row leads to the replay of its game.

mod world;

use super::{Screen, exact_clock, mode_name};
use crate::highscores::{Entry, Highscores, ROWS};
use crate::window::play::Round;
use bevy::prelude::*;
use bevy_netcord::persist::Persist;
use bevy_netcord::scores::{Leaderboard, Scores, Season};
use demo_ui::{
    Activated, Chosen, FocusFirst, Role, Veil, choice, column, go_to, heading, hint, label, menu_button, row,
    screen, small_button, table_row,
};
use std::time::{SystemTime, UNIX_EPOCH};
use tetris_rules::Mode;

/// Which table is shown, and which row of it is new.
#[derive(Resource, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Shown {
    pub(super) mode: Mode,
    pub(super) row: Option<usize>,
    table: Which,
}

/// Whose games are in the table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Which {
    #[default]
    ThisDevice,
    /// The best of the world.
    World(Season),
    /// Those around the player.
    Near(Season),
}

impl Which {
    const ALL: [(Self, &str); 5] = [
        (Self::ThisDevice, "this device"),
        (Self::World(Season::Current), "world, this season"),
        (Self::World(Season::All), "world, all time"),
        (Self::Near(Season::Current), "near you, this season"),
        (Self::Near(Season::All), "near you, all time"),
    ];
}

impl Shown {
    /// A row of this device's table.
    pub(super) fn on_this_device(mode: Mode, row: Option<usize>) -> Self {
        Self { mode, row, table: Which::ThisDevice }
    }
}

/// Where the table is.
#[derive(Component, Clone, Copy, Debug)]
struct Table;

/// A row of it, from 0. It leads to the replay.
#[derive(Component, Clone, Copy, Debug)]
struct Row(usize);

/// How wide the buttons below it are.
const BUTTON: f32 = 220.0;
/// What is said below them when there is nothing else to say.
const HINT: &str = "Enter on a row shows its replay";
/// How wide the columns are, in hundredths: rank, name, result, lines, level, age.
const COLUMNS: [f32; 6] = [8.0, 27.0, 22.0, 13.0, 10.0, 20.0];

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Shown>()
        .add_plugins(world::plugin)
        .add_systems(OnEnter(Screen::Scores), enter)
        .add_systems(OnExit(Screen::Title), |mut shown: ResMut<Shown>| shown.row = None)
        .add_systems(Update, fill.run_if(in_state(Screen::Scores)));
}

fn enter(mut commands: Commands, mut shown: ResMut<Shown>, scores: Option<Res<Scores>>) {
    // So that the table is filled.
    shown.set_changed();
    let modes = Mode::ALL.map(|mode| mode_name(mode).to_owned()).into();
    let tables = Which::ALL.map(|(_, name)| name.to_owned()).into();
    let table = Which::ALL.iter().position(|(which, _)| *which == shown.table).unwrap_or_default();
    commands.spawn((screen(), DespawnOnExit(Screen::Scores))).with_children(|root| {
        root.spawn(Veil(0.84));
        root.spawn(heading("HIGHSCORES"));
        root.spawn(Node { row_gap: Val::Px(6.0), ..column(480.0) }).with_children(|menu| {
            let mut choice_of_mode = menu.spawn(choice("Mode", modes, shown.mode as usize));
            choice_of_mode.observe(|chosen: On<Chosen>, mut shown: ResMut<Shown>| {
                shown.mode = Mode::ALL[chosen.at % Mode::ALL.len()];
                shown.row = None;
            });
            if shown.row.is_none() {
                choice_of_mode.insert(FocusFirst);
            }
            if scores.is_some() {
                menu.spawn(choice("Table", tables, table)).observe(
                    |chosen: On<Chosen>, mut shown: ResMut<Shown>| {
                        shown.table = Which::ALL[chosen.at % Which::ALL.len()].0;
                        shown.row = None;
                    },
                );
            }
        });
        root.spawn((Table, Node { row_gap: Val::Px(4.0), min_height: Val::Px(384.0), ..column(640.0) }));
        if scores.is_none() {
            root.spawn(column(300.0)).with_children(|menu| {
                menu.spawn(menu_button("Back", 3)).observe(go_to(Screen::Title));
            });
            root.spawn(hint(&[HINT]));
            return;
        }
        root.spawn(row(12.0)).with_children(|buttons| {
            buttons.spawn(small_button("Back", BUTTON)).observe(go_to(Screen::Title));
            buttons.spawn(small_button("Watch the best", BUTTON)).observe(world::watch_the_best);
        });
        root.spawn((hint(&[HINT]), world::Notice));
    });
}

fn fill(
    shown: Res<Shown>,
    scores: Res<Persist<Highscores>>,
    leaderboard: Option<Res<Leaderboard>>,
    world: Option<Res<Scores>>,
    tables: Query<Entity, With<Table>>,
    mut commands: Commands,
) {
    let is_news = leaderboard.as_ref().is_some_and(|leaderboard| leaderboard.is_changed());
    if !shown.is_changed() && !scores.is_changed() && !is_news {
        return;
    }
    let (rows, none) = match (shown.table, leaderboard, world) {
        (Which::World(_) | Which::Near(_), Some(leaderboard), Some(world)) => {
            world::rows(&shown, &leaderboard, world.player())
        }
        _ => {
            let rows = scores.table(shown.mode).iter().take(ROWS).enumerate();
            (rows.map(|(row, entry)| columns(row, entry, shown.mode)).collect(), "nobody has played this yet")
        }
    };
    for table in &tables {
        commands.entity(table).despawn_children().with_children(|table| {
            if rows.is_empty() {
                table.spawn((
                    Node { margin: UiRect::top(Val::Px(80.0)), align_self: AlignSelf::Center, ..default() },
                    label(none, 20.0, Role::Muted),
                ));
                return;
            }
            table.spawn(head(shown.mode));
            for (row, texts) in rows.iter().enumerate() {
                let columns = texts.iter().cloned().zip(COLUMNS).collect();
                let mut button = table.spawn((table_row(columns), Row(row)));
                match shown.table {
                    Which::ThisDevice => button.observe(watch),
                    Which::World(_) | Which::Near(_) => button.observe(world::watch_row),
                };
                if shown.row == Some(row) {
                    button.insert(FocusFirst);
                }
            }
        });
    }
}

/// The names of the columns.
fn head(mode: Mode) -> impl Bundle {
    let result = if mode == Mode::Sprint { "time" } else { "score" };
    let names = ["", "name", result, "lines", "level", "when"];
    let names = names.into_iter().zip(COLUMNS).map(|(name, percent)| {
        (Node { width: Val::Percent(percent), ..default() }, children![label(name, 14.0, Role::Muted)])
    });
    let names: Vec<_> = names.collect();
    (
        Node { padding: UiRect::horizontal(Val::Px(19.0)), ..default() },
        Children::spawn(SpawnIter(names.into_iter())),
    )
}

/// What stands in a row.
type Columns = [String; COLUMNS.len()];

fn columns(row: usize, entry: &Entry, mode: Mode) -> Columns {
    let result = if mode == Mode::Sprint { exact_clock(entry.ticks) } else { entry.score.to_string() };
    [
        (row + 1).to_string(),
        entry.name.clone(),
        result,
        entry.lines.to_string(),
        entry.level.to_string(),
        age(now().saturating_sub(entry.unix_seconds)),
    ]
}

/// In seconds since 1970.
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// How long ago something was.
fn age(seconds: u64) -> String {
    match seconds / 86_400 {
        0 => "today".into(),
        1 => "yesterday".into(),
        days @ 2..60 => format!("{days} days ago"),
        days => format!("{} months ago", days / 30),
    }
}

fn watch(
    activated: On<Activated>,
    rows: Query<&Row>,
    scores: Res<Persist<Highscores>>,
    mut shown: ResMut<Shown>,
    mut round: ResMut<Round>,
    mut next: ResMut<NextState<Screen>>,
) {
    let Ok(&Row(row)) = rows.get(activated.entity) else { return };
    let entry = scores.table(shown.mode).get(row);
    if let Some(replay) = entry.and_then(|entry| entry.replay.as_ref()) {
        *round = Round::watch(replay);
        shown.row = Some(row);
        next.set(Screen::Watch);
    }
}

#[cfg(test)]
mod tests {
    use super::age;

    #[test]
    fn an_age_is_told_in_days_and_then_in_months() {
        let day = 86_400;
        assert_eq!(
            [0, day, 9 * day, 61 * day].map(age),
            ["today", "yesterday", "9 days ago", "2 months ago"]
        );
    }
}
