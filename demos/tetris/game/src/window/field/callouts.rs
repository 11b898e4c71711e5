//! What is called out over the board: a tetris, a T-spin, combos, a new level.

use super::layout::{Area, Layout};
use crate::window::screens::Screen;
use bevy::ecs::system::SystemParam;
use bevy::prelude::*;
use demo_ui::{Role, Theme, WorldLettering, motion::ease};
use tetris_rules::{Events, Placement, Spin};

/// A word that pops up and goes.
#[derive(Component, Clone, Copy, Debug)]
struct Callout {
    age: f32,
    height: f32,
}

/// Calls out what happened.
#[derive(SystemParam)]
pub(super) struct Callouts<'w, 's> {
    layout: Res<'w, Layout>,
    old: Query<'w, 's, Entity, With<Callout>>,
    commands: Commands<'w, 's>,
}

/// How long a word stays, in seconds.
const LIFE: f32 = 1.3;
/// The widest word, in the world's units.
const WIDEST: f32 = 216.0;

pub(super) fn plugin(app: &mut App) {
    app.add_systems(Update, pass).add_systems(OnExit(Screen::Play), clear);
}

/// The words for what happened, the most important first.
fn words(events: &Events) -> Vec<(String, Role)> {
    let mut words = Vec::new();
    if let Some(locked) = &events.locked {
        let placement = &locked.placement;
        words.extend(name(placement).map(|name| (name.to_owned(), Role::Bright)));
        if placement.all_clear && placement.lines > 0 {
            words.push(("ALL CLEAR".into(), Role::Accent(0)));
        }
        if placement.back_to_back {
            words.push(("BACK-TO-BACK".into(), Role::Accent(2)));
        }
        if placement.lines > 0 && placement.combo > 0 {
            words.push((format!("COMBO {}", placement.combo), Role::Accent(4)));
        }
        if locked.points > 0 && !words.is_empty() {
            words.push((format!("+{}", locked.points), Role::Ink));
        }
    }
    words.extend(events.level_up.map(|level| (format!("LEVEL {level}"), Role::Accent(1))));
    words
}

/// What a placement is called; a single has no name.
fn name(placement: &Placement) -> Option<&'static str> {
    Some(match (placement.spin, placement.lines) {
        (None, 2) => "DOUBLE",
        (None, 3) => "TRIPLE",
        (None, 4) => "TETRIS",
        (None, _) => return None,
        (Some(Spin::Mini), 0) => "MINI T-SPIN",
        (Some(Spin::Mini), _) => "MINI T-SPIN!",
        (Some(Spin::Full), 0) => "T-SPIN",
        (Some(Spin::Full), 1) => "T-SPIN SINGLE",
        (Some(Spin::Full), 2) => "T-SPIN DOUBLE",
        (Some(Spin::Full), _) => "T-SPIN TRIPLE",
    })
}

impl Callouts<'_, '_> {
    pub(super) fn call(&mut self, events: &Events) {
        let words = words(events);
        if words.is_empty() {
            return;
        }
        self.old.iter().for_each(|entity| self.commands.entity(entity).try_despawn());
        let mut y = self.layout.place(Area::Board).y + 120.0;
        for (index, (text, role)) in words.into_iter().enumerate() {
            let widest = WIDEST / demo_ui::Lettering::width(&text, 1.0);
            let height = widest.min(if index == 0 { 24.0 } else { 13.0 });
            y -= height / 2.0;
            self.commands.spawn((
                Callout { age: 0.0, height },
                WorldLettering { text, role, alpha: 1.0, glow: 0.6 },
                Transform::from_xyz(0.0, y, 15.0).with_scale(Vec3::ZERO),
            ));
            y -= height / 2.0 + 14.0;
        }
    }
}

fn pass(
    time: Res<Time>,
    theme: Res<Theme>,
    mut commands: Commands,
    mut callouts: Query<(Entity, &mut Callout, &mut Transform)>,
) {
    for (entity, mut callout, mut transform) in &mut callouts {
        callout.age += time.delta_secs();
        if callout.age >= LIFE {
            commands.entity(entity).despawn();
            continue;
        }
        let leaving = ((LIFE - callout.age) / 0.2).min(1.0);
        let size = if theme.reduced_motion { 1.0 } else { ease::pop(callout.age * 2.5) * leaving };
        transform.scale = Vec3::splat(callout.height * size);
    }
}

fn clear(mut commands: Commands, callouts: Query<Entity, With<Callout>>) {
    callouts.iter().for_each(|entity| commands.entity(entity).despawn());
}

#[cfg(test)]
mod tests {
    use super::*;
    use tetris_rules::{ClearedRows, Facing, Kind, Locked, Piece};

    fn told(placement: Placement) -> Vec<String> {
        let piece = Piece { kind: Kind::T, facing: Facing::North, x: 4, y: 1 };
        let locked =
            Locked { piece, cleared: ClearedRows::default(), placement, points: placement.points(1) };
        let events = Events { locked: Some(locked), ..Events::default() };
        words(&events).into_iter().map(|(word, _)| word).collect()
    }

    #[test]
    fn what_is_special_is_called_by_its_name() {
        assert!(told(Placement { lines: 1, ..Placement::default() }).is_empty());
        let tetris = Placement { lines: 4, back_to_back: true, combo: 2, ..Placement::default() };
        assert_eq!(told(tetris), ["TETRIS", "BACK-TO-BACK", "COMBO 2", "+1300"]);
        let spin = Placement { lines: 2, spin: Some(Spin::Full), ..Placement::default() };
        assert_eq!(told(spin), ["T-SPIN DOUBLE", "+1200"]);
    }
}
