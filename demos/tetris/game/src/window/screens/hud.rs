//! What is told while a game is played: what is played, the keys, a way to pause, and buttons for fingers.

use super::{Panel, Screen, mode_name};
use crate::window::field::Layout;
use crate::window::play::{Action, Player, Round, TouchKey};
use crate::window::ranking::Ranking;
use bevy::prelude::*;
use bevy::window::WindowFocused;
use demo_ui::{Fill, Frame, Lettering, Role, go_to, label, pause_button, row};

/// A part of it. It is laid anew when the window is turned, or touched for the first time.
#[derive(Component, Clone, Copy, Debug)]
struct Hud;

/// Whether the game counts in the world.
#[derive(Component, Clone, Copy, Debug)]
struct Standing;

pub(super) fn plugin(app: &mut App) {
    app.add_systems(OnEnter(Screen::Play), lay).add_systems(OnExit(Screen::Play), clear).add_systems(
        Update,
        (
            (clear, lay).chain().run_if(resource_changed::<Layout>),
            tell_standing,
            pause_when_left,
            pause_by_key,
        )
            .run_if(in_state(Screen::Play)),
    );
}

fn clear(mut commands: Commands, parts: Query<Entity, With<Hud>>) {
    parts.iter().for_each(|part| commands.entity(part).despawn());
}

/// A bar at the head or the foot of the window.
pub(super) fn bar(top: Val, bottom: Val) -> Node {
    Node {
        position_type: PositionType::Absolute,
        left: Val::Px(16.0),
        right: Val::Px(16.0),
        top,
        bottom,
        min_height: Val::Px(30.0),
        justify_content: JustifyContent::SpaceBetween,
        align_items: AlignItems::Center,
        ..default()
    }
}

fn lay(mut commands: Commands, round: Res<Round>, layout: Res<Layout>) {
    let name = match round.player() {
        Player::Person => mode_name(round.game().config().mode).to_owned(),
        Player::Bot(_) | Player::Replay(_) => {
            format!("{}, a bot plays", mode_name(round.game().config().mode))
        }
    };
    commands.spawn((Hud, bar(Val::Px(8.0), Val::Auto))).with_children(|top| {
        top.spawn(Node { justify_content: JustifyContent::FlexStart, ..row(18.0) }).with_children(|start| {
            start.spawn(label(name, 16.0, Role::Muted));
            start.spawn((Standing, label("", 13.0, Role::Muted)));
        });
        top.spawn(pause_button()).observe(go_to(Panel::Pause));
    });
    if layout.touch {
        return touch_keys(&mut commands, layout.portrait);
    }
    let keys: &[&str] = match layout.portrait {
        true => &["arrows: move, turn, drop", "space: hard drop", "C: hold"],
        false => &[
            "arrows or A D: move",
            "up X / Z: turn",
            "down S: soft drop",
            "space: hard drop",
            "C: hold",
            "Esc P: pause",
        ],
    };
    let mut foot = bar(Val::Auto, Val::Px(0.0));
    foot.min_height = Val::Px(24.0);
    foot.justify_content = JustifyContent::Center;
    foot.column_gap = Val::Px(24.0);
    commands.spawn((Hud, foot)).with_children(|foot| {
        for key in keys {
            foot.spawn(label(*key, 13.0, Role::Muted));
        }
    });
}

fn tell_standing(ranking: Res<Ranking>, mut texts: Query<&mut Text, With<Standing>>) {
    let standing = ranking.during();
    for mut text in &mut texts {
        if text.0 != standing {
            text.0.clone_from(&standing);
        }
    }
}

/// Buttons for thumbs: below the board, or to both sides of it.
fn touch_keys(commands: &mut Commands, portrait: bool) {
    let left = [(Action::Left, "<"), (Action::SoftDrop, "V"), (Action::Right, ">")];
    let right = [(Action::Hold, "HOLD"), (Action::Clockwise, "TURN"), (Action::HardDrop, "DROP")];
    let mut foot = bar(Val::Auto, Val::Px(14.0));
    foot.align_items = AlignItems::End;
    commands.spawn((Hud, foot)).with_children(|foot| {
        for keys in [left, right] {
            // In one row: a second one would lie over the board.
            foot.spawn(Node { flex_wrap: FlexWrap::NoWrap, ..row(6.0) }).with_children(|side| {
                keys.iter().for_each(|&(action, text)| touch_key(side, action, text, portrait));
            });
        }
    });
}

fn touch_key(parent: &mut ChildSpawnerCommands, action: Action, text: &str, portrait: bool) {
    let (width, height) = if portrait { (71.0, 12.0) } else { (96.0, 17.0) };
    let height = if text.len() == 1 { 1.5 * height } else { height };
    parent
        .spawn((
            TouchKey(action),
            Node {
                width: Val::Px(width),
                height: Val::Px(80.0),
                border: UiRect::all(Val::Px(2.0)),
                border_radius: BorderRadius::all(Val::Px(18.0)),
                justify_content: JustifyContent::Center,
                align_items: AlignItems::Center,
                ..default()
            },
            Fill(Role::Surface, 0.8),
            Frame(Role::Line, 1.0),
        ))
        .with_child(Lettering::new(text, height));
}

/// Who looks elsewhere doesn't play on.
fn pause_when_left(
    mut focus: MessageReader<WindowFocused>,
    round: Res<Round>,
    panel: Res<State<Panel>>,
    mut next: ResMut<NextState<Panel>>,
) {
    let left = focus.read().any(|focus| !focus.focused);
    let plays = matches!(round.player(), Player::Person) && round.game().ending().is_none();
    if left && plays && *panel.get() == Panel::None {
        next.set(Panel::Pause);
    }
}

fn pause_by_key(
    keys: Res<ButtonInput<KeyCode>>,
    panel: Res<State<Panel>>,
    mut next: ResMut<NextState<Panel>>,
) {
    if !keys.just_pressed(KeyCode::KeyP) {
        return;
    }
    match panel.get() {
        Panel::None => next.set(Panel::Pause),
        Panel::Pause => next.set(Panel::None),
        Panel::Settings | Panel::Result | Panel::Name => {}
    }
}
