//! A replay is watched: on and off, faster, back and ahead.

use super::hud::bar;
use super::{Screen, clock, mode_name};
use crate::window::play::{Round, SPEEDS};
use bevy::prelude::*;
use demo_ui::{Activated, Fill, FocusFirst, Focusable, Role, go_to, label, row, small_button};
use tetris_rules::TICKS_PER_SECOND;

/// How far a step back or ahead goes, in ticks.
const SKIP: u32 = 10 * TICKS_PER_SECOND;

/// How fast it goes and how far it is, as a text.
#[derive(Component, Clone, Copy, Debug)]
struct Progress;

/// How far it is, as a bar.
#[derive(Component, Clone, Copy, Debug)]
struct Bar;

pub(super) fn plugin(app: &mut App) {
    app.add_systems(OnEnter(Screen::Watch), enter).add_systems(Update, show.run_if(in_state(Screen::Watch)));
}

fn enter(mut commands: Commands, round: Res<Round>) {
    commands.spawn((bar(Val::Px(8.0), Val::Auto), DespawnOnExit(Screen::Watch))).with_children(|head| {
        head.spawn(label(format!("{}, replay", mode_name(round.game().config().mode)), 16.0, Role::Muted));
        head.spawn((Progress, label("", 16.0, Role::Ink)));
    });
    let foot = Node {
        flex_direction: FlexDirection::Column,
        justify_content: JustifyContent::Center,
        row_gap: Val::Px(8.0),
        ..bar(Val::Auto, Val::Px(8.0))
    };
    commands.spawn((foot, DespawnOnExit(Screen::Watch))).with_children(|foot| {
        foot.spawn((
            Node { width: Val::Px(460.0), max_width: Val::Percent(100.0), height: Val::Px(5.0), ..default() },
            Fill(Role::Line, 1.0),
        ))
        .with_child((
            Bar,
            Node { height: Val::Percent(100.0), ..default() },
            Fill(Role::Accent(0), 1.0),
        ));
        foot.spawn(row(8.0)).with_children(|buttons| {
            let focusable = Focusable { layer: 0 };
            buttons.spawn((small_button("back", 80.0), focusable)).observe(go_to(Screen::Scores));
            buttons.spawn((small_button("-10 s", 80.0), focusable)).observe(
                |_: On<Activated>, mut round: ResMut<Round>| {
                    let tick = round.game().ticks().saturating_sub(SKIP);
                    round.seek(tick);
                },
            );
            buttons.spawn((small_button("on / off", 104.0), focusable, FocusFirst)).observe(
                |_: On<Activated>, mut round: ResMut<Round>| round.speed = u32::from(round.speed == 0),
            );
            buttons.spawn((small_button("+10 s", 80.0), focusable)).observe(
                |_: On<Activated>, mut round: ResMut<Round>| {
                    let tick = round.game().ticks().saturating_add(SKIP);
                    round.seek(tick);
                },
            );
            buttons.spawn((small_button("faster", 80.0), focusable)).observe(
                |_: On<Activated>, mut round: ResMut<Round>| {
                    let at = SPEEDS.iter().position(|&speed| speed == round.speed);
                    round.speed = SPEEDS[at.map_or(0, |at| (at + 1) % SPEEDS.len())];
                },
            );
        });
    });
}

fn show(
    round: Res<Round>,
    mut texts: Query<&mut Text, With<Progress>>,
    mut bars: Query<&mut Node, With<Bar>>,
) {
    let (at, length) = (round.game().ticks(), round.length());
    let speed = match round.speed {
        0 => "halted".to_owned(),
        speed => format!("{speed}x"),
    };
    let wanted = format!("{speed}   {} / {}", clock(at, false), clock(length, false));
    for mut text in &mut texts {
        if text.0 != wanted {
            text.0.clone_from(&wanted);
        }
    }
    for mut bar in &mut bars {
        bar.width = Val::Percent(100.0 * at as f32 / length.max(1) as f32);
    }
}
