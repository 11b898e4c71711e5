//! How a game ended, and whether it is a highscore.

use super::pause::start_again;
use super::scores::Shown;
use super::{Panel, Screen, clock, exact_clock, mode_name};
use crate::highscores::{Entry, Highscores};
use crate::window::kept::Settings;
use crate::window::launch::Orders;
use crate::window::play::{Player, Round};
use crate::window::ranking::Ranking;
use bevy::prelude::*;
use bevy_netcord::persist::Persist;
use demo_ui::{
    Fireworks, FocusFirst, Focusable, Lettering, Role, SlideIn, Tint, Veil, column, go_to, label,
    menu_button, overlay_screen, panel,
};
use std::time::{SystemTime, UNIX_EPOCH};
use tetris_rules::{Ending, Mode, Tetris};

/// The game that is over, as an entry that has no name yet.
#[derive(Resource, Clone, Debug, Default)]
pub(super) struct Unnamed(pub(super) Option<Entry>);

/// The button that gets the focus, but not at once: whoever still presses keys of the game doesn't mean it.
#[derive(Component, Clone, Copy, Debug, Default)]
struct FocusSoon {
    /// Seconds since it is there.
    age: f32,
}

/// How long keys that were meant for the game may follow it, in seconds.
const STILL_PLAYING: f32 = 0.7;
/// How long the board has the stage before the result lies over it, in ticks.
const AFTER: u32 = 70;

/// What the world's table says to the game.
#[derive(Component, Clone, Copy, Debug)]
struct Standing;

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Unnamed>()
        .add_systems(Update, watch.run_if(in_state(Screen::Play)))
        .add_systems(OnEnter(Panel::Result), enter)
        .add_systems(Update, (focus_soon, tell_standing).run_if(in_state(Panel::Result)))
        .add_systems(OnExit(Panel::Result), leave)
        .add_systems(OnExit(Screen::Play), keep_unnamed);
}

fn watch(
    round: Res<Round>,
    orders: Res<Orders>,
    shown: Res<State<Panel>>,
    mut scores: ResMut<Persist<Highscores>>,
    mut table: ResMut<Shown>,
    mut unnamed: ResMut<Unnamed>,
    mut fireworks: ResMut<Fireworks>,
    mut next: ResMut<NextState<Panel>>,
) {
    let game = round.game();
    if game.ending().is_none() || *shown.get() != Panel::None {
        return;
    }
    if game.ending() == Some(Ending::Complete) {
        fireworks.celebrate(Role::Accent(0), Vec2::new(240.0, 220.0));
    }
    if round.over_for < AFTER {
        return;
    }
    let mode = game.config().mode;
    *table = Shown::on_this_device(mode, None);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let counts = matches!(round.player(), Player::Person) || orders.name.is_some();
    let entry = Entry::of(game, round.record().cloned(), now)
        .filter(|entry| counts && scores.place(mode, entry).is_some());
    unnamed.0 = match (entry, &orders.name) {
        (Some(entry), Some(name)) => {
            table.row = scores.enter(mode, entry.named(name));
            None
        }
        (entry, _) => entry,
    };
    next.set(Panel::Result);
}

fn enter(
    mut commands: Commands,
    round: Res<Round>,
    scores: Res<Persist<Highscores>>,
    shown: Res<Shown>,
    unnamed: Res<Unnamed>,
) {
    let game = round.game();
    let mode = game.config().mode;
    let (title, role) = match game.ending() {
        Some(Ending::Complete) => ("COMPLETE", Role::Accent(0)),
        _ => ("GAME OVER", Role::Warning),
    };
    let row = unnamed.0.as_ref().map_or(shown.row, |entry| scores.place(mode, entry));
    commands.spawn((overlay_screen(), DespawnOnExit(Panel::Result))).with_children(|root| {
        root.spawn(Veil(0.5));
        root.spawn((panel(), SlideIn::new(Vec2::new(0.0, 60.0), 0.0))).with_children(|card| {
            card.spawn((
                Lettering::new(title, 36.0).colored(role).glowing(0.6),
                Node { margin: UiRect::bottom(Val::Px(4.0)), ..default() },
            ));
            card.spawn(label(mode_name(mode), 18.0, Role::Muted));
            card.spawn(Lettering::new(result(game), 40.0).colored(Role::Bright).glowing(0.3));
            card.spawn(label(details(game), 18.0, Role::Ink));
            if let Some(row) = row {
                let text = if row == 0 {
                    "the best so far".into()
                } else {
                    format!("rank {} of the table", row + 1)
                };
                card.spawn(label(text, 18.0, Role::Accent(0)));
            }
            card.spawn((
                Standing,
                label("", 18.0, Role::Muted),
                Node { max_width: Val::Px(480.0), display: Display::None, ..default() },
            ));
            card.spawn(column(320.0)).with_children(|menu| {
                let focusable = Focusable { layer: 1 };
                if unnamed.0.is_some() {
                    menu.spawn((menu_button("Enter your name", 2), focusable, FocusSoon::default()))
                        .observe(go_to(Panel::Name));
                    return;
                }
                menu.spawn((menu_button("Again", 2), focusable, FocusSoon::default())).observe(start_again);
                menu.spawn((menu_button("Highscores", 3), focusable)).observe(go_to(Screen::Scores));
                menu.spawn((menu_button("To the title", 4), focusable)).observe(go_to(Screen::Title));
            });
        });
    });
}

fn focus_soon(time: Res<Time>, mut buttons: Query<(Entity, &mut FocusSoon)>, mut commands: Commands) {
    for (button, mut soon) in &mut buttons {
        soon.age += time.delta_secs();
        if soon.age > STILL_PLAYING {
            commands.entity(button).remove::<FocusSoon>().insert(FocusFirst);
        }
    }
}

fn tell_standing(ranking: Res<Ranking>, mut texts: Query<(&mut Text, &mut Node, &mut Tint), With<Standing>>) {
    let standing = ranking.after();
    for (mut text, mut node, mut tint) in &mut texts {
        if text.0 != standing {
            node.display = if standing.is_empty() { Display::None } else { Display::Flex };
            tint.0 = if matches!(*ranking, Ranking::Accepted(_)) { Role::Bright } else { Role::Muted };
            text.0.clone_from(&standing);
        }
    }
}

/// What counts in the mode.
fn result(game: &Tetris) -> String {
    match (game.config().mode, game.ending()) {
        (Mode::Sprint, Some(Ending::Complete)) => exact_clock(game.ticks()),
        (Mode::Sprint, _) => format!("{}/{}", game.lines(), tetris_rules::SPRINT_LINES),
        (Mode::Marathon | Mode::Endless | Mode::Ultra, _) => game.score().to_string(),
    }
}

fn details(game: &Tetris) -> String {
    let plural = |count: u32, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
    format!(
        "{}, {}, level {}, {}",
        plural(game.lines(), "line"),
        plural(game.pieces(), "piece"),
        game.level(),
        clock(game.ticks(), false)
    )
}

/// A highscore whose player went without a name has the last one.
fn keep_unnamed(
    round: Res<Round>,
    mut unnamed: ResMut<Unnamed>,
    settings: Res<Persist<Settings>>,
    mut scores: ResMut<Persist<Highscores>>,
) {
    if let Some(entry) = unnamed.0.take() {
        scores.enter(round.game().config().mode, entry.named(&settings.name));
    }
}

fn leave(mut fireworks: ResMut<Fireworks>) {
    *fireworks = Fireworks::default();
}
