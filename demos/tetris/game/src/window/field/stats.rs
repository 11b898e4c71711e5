//! The figures beside the board, and the countdown over it.

use super::FieldSystems;
use super::layout::{Area, Layout, Stat};
use crate::highscores::Highscores;
use crate::window::play::{Purpose, Round};
use crate::window::screens::{Panel, best, clock};
use bevy::prelude::*;
use bevy_netcord::persist::Persist;
use demo_ui::{Role, Theme, WorldLettering, motion::ease};
use tetris_rules::Mode;

/// The name of a figure.
#[derive(Component, Clone, Copy, Debug)]
struct Name;

/// The figure.
#[derive(Component, Clone, Copy, Debug)]
struct Value(Stat);

/// Three, two, one.
#[derive(Component, Clone, Copy, Debug)]
struct Count;

pub(super) fn plugin(app: &mut App) {
    app.add_systems(Startup, spawn).add_systems(Update, (fit, show, count).in_set(FieldSystems));
}

fn lettering(role: Role, glow: f32) -> WorldLettering {
    WorldLettering { text: String::new(), role, alpha: 1.0, glow }
}

fn spawn(mut commands: Commands) {
    for stat in Stat::ALL {
        let name = match stat {
            Stat::Score => "SCORE",
            Stat::Level => "LEVEL",
            Stat::Lines => "LINES",
            Stat::Time => "TIME",
            Stat::Pieces => "PIECES",
            Stat::Best => "BEST",
        };
        commands.spawn(Area::Stat(stat)).with_children(|area| {
            area.spawn((Name, WorldLettering { text: name.into(), ..lettering(Role::Muted, 0.0) }));
            area.spawn((Value(stat), lettering(Role::Ink, 0.0)));
        });
    }
    commands.spawn(Area::Board).with_child((Count, lettering(Role::Bright, 0.5)));
}

/// The figures have the size that there is room for.
fn fit(
    layout: Res<Layout>,
    mut names: Query<&mut Transform, (With<Name>, Without<Value>)>,
    mut values: Query<&mut Transform, With<Value>>,
) {
    if !layout.is_changed() {
        return;
    }
    let (name, value) = if layout.portrait { (6.8, 9.5) } else { (9.5, 14.0) };
    for mut transform in &mut names {
        *transform = Transform::from_scale(Vec3::splat(name));
    }
    for mut transform in &mut values {
        *transform = Transform::from_xyz(0.0, -1.0 - name - value, 0.0).with_scale(Vec3::splat(value));
    }
}

fn show(
    round: Res<Round>,
    scores: Res<Persist<Highscores>>,
    mut values: Query<(&Value, &mut WorldLettering)>,
) {
    let game = round.game();
    let mode = game.config().mode;
    for (value, mut lettering) in &mut values {
        let wanted = match value.0 {
            Stat::Score => game.score().to_string(),
            Stat::Level => game.level().to_string(),
            Stat::Lines => match mode.goal() {
                Some(goal) => format!("{}/{goal}", game.lines()),
                None => game.lines().to_string(),
            },
            Stat::Time => {
                let ticks = game.ticks();
                clock(mode.time().map_or(ticks, |time| time.saturating_sub(ticks)), mode != Mode::Marathon)
            }
            Stat::Pieces => game.pieces().to_string(),
            Stat::Best => match best(&scores, mode) {
                none if none.is_empty() || round.purpose() == Purpose::Backdrop => "-".to_owned(),
                best => best,
            },
        };
        if lettering.text != wanted {
            lettering.text = wanted;
        }
    }
}

/// How high the numbers of the countdown are.
const COUNT_HEIGHT: f32 = 90.0;

fn count(
    round: Res<Round>,
    panel: Res<State<Panel>>,
    theme: Res<Theme>,
    mut counts: Query<(&mut WorldLettering, &mut Transform), With<Count>>,
) {
    let number = round.countdown().filter(|_| *panel.get() == Panel::None);
    let wanted = number.map_or(String::new(), |number| number.to_string());
    for (mut lettering, mut transform) in &mut counts {
        if lettering.text != wanted {
            lettering.text.clone_from(&wanted);
        }
        let size = if theme.reduced_motion { 1.0 } else { ease::pop(round.count_gone()) };
        *transform = Transform::from_xyz(0.0, 40.0, 20.0).with_scale(Vec3::splat(COUNT_HEIGHT * size));
    }
}
