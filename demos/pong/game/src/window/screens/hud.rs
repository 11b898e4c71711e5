//! What is told while a match is played: who plays where, the rally, and a way to pause for fingers.

use super::{Panel, Screen, to_panel};
use crate::window::court::role;
use crate::window::play::arena::Stage;
use crate::window::play::view::View;
use crate::window::play::{Mode, Table};
use bevy::prelude::*;
use demo_ui::{Button, Focusable, Lettering, Role, Tint, Viewport, label};

/// The number of hits.
#[derive(Component, Clone, Copy, Debug)]
struct RallyText;

/// A rally of fewer hits is not worth telling.
const WORTH_TELLING: u32 = 4;

pub(super) fn plugin(app: &mut App) {
    app.add_systems(OnEnter(Screen::Match), enter)
        .add_systems(Update, show_rally.run_if(in_state(Screen::Match)));
}

fn enter(mut commands: Commands, table: Res<Table>, viewport: Res<Viewport>) {
    let bar = |bottom: bool| Node {
        position_type: PositionType::Absolute,
        left: Val::Px(22.0),
        right: Val::Px(22.0),
        top: if bottom { Val::Auto } else { Val::Px(12.0) },
        bottom: if bottom { Val::Px(12.0) } else { Val::Auto },
        min_height: Val::Px(30.0),
        justify_content: JustifyContent::SpaceBetween,
        align_items: AlignItems::Center,
        ..default()
    };
    let name = |player: usize| Lettering::new(table.name(player), 18.0).colored(role(player)).glowing(0.3);
    let own = table.own_player();
    commands.spawn((bar(false), DespawnOnExit(Screen::Match))).with_children(|top| {
        if viewport.portrait {
            top.spawn(name(1 - own.min(1)));
        } else {
            top.spawn(name(0));
        }
        top.spawn((
            Button,
            Focusable { layer: 0 },
            Node {
                width: Val::Px(44.0),
                height: Val::Px(30.0),
                justify_content: JustifyContent::Center,
                align_items: AlignItems::Center,
                column_gap: Val::Px(6.0),
                border_radius: BorderRadius::all(Val::Px(10.0)),
                ..default()
            },
            BackgroundColor::DEFAULT,
            BorderColor::DEFAULT,
            UiTransform::IDENTITY,
        ))
        .observe(to_panel(Panel::Pause))
        .with_children(|pause| {
            for _ in 0..2 {
                pause.spawn((
                    Node {
                        width: Val::Px(5.0),
                        height: Val::Px(16.0),
                        border_radius: BorderRadius::all(Val::Px(2.0)),
                        ..default()
                    },
                    demo_ui::Fill(Role::Muted, 1.0),
                ));
            }
        });
        if !viewport.portrait {
            top.spawn(name(1));
        }
    });
    commands.spawn((bar(true), DespawnOnExit(Screen::Match))).with_children(|bottom| {
        if viewport.portrait {
            bottom.spawn(name(own.min(1)));
        } else {
            bottom.spawn(Node::default());
        }
        bottom.spawn((RallyText, label("", 18.0, Role::Muted)));
        let keys = match (table.mode, viewport.portrait) {
            (Mode::Local, false) if table.name(0) == "LEFT" => "W S        up down",
            _ => "",
        };
        bottom.spawn(label(keys, 15.0, Role::Muted));
    });
}

fn show_rally(view: Res<View>, mut texts: Query<(&mut Text, &mut Tint), With<RallyText>>) {
    for (mut text, mut tint) in &mut texts {
        let told = view.now.rally >= WORTH_TELLING && view.now.stage == Stage::Rally;
        let wanted = if told { format!("rally of {}", view.now.rally) } else { String::new() };
        if text.0 != wanted {
            text.0 = wanted;
            tint.0 = if view.now.rally >= 3 * WORTH_TELLING { Role::Bright } else { Role::Muted };
        }
    }
}
