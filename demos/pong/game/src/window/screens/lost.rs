//! The other player is not heard of, or is gone for good.

use super::host::waiting_lights;
use super::{Panel, Screen};
use crate::window::play::Table;
use crate::window::play::arena::Stage;
use crate::window::play::online::{AbsenceLimits, Ended, Online};
use crate::window::play::view::View;
use bevy::prelude::*;
use bevy_netcord::prelude::*;
use demo_ui::{
    FocusFirst, Focusable, Lettering, Role, Veil, column, go_to, heading, label, menu_button, overlay_screen,
    panel, row,
};

/// The text that counts down.
#[derive(Component, Clone, Copy, Debug)]
struct Patience;

pub(super) fn plugin(app: &mut App) {
    app.add_systems(Update, watch.run_if(in_state(Screen::Match)))
        .add_systems(OnEnter(Panel::Lost), enter_lost)
        .add_systems(OnEnter(Panel::Ended), enter_ended)
        .add_systems(Update, count.run_if(in_state(Panel::Lost)));
}

fn watch(
    state: Res<State<MatchState>>,
    online: Res<Online>,
    view: Res<View>,
    shown: Res<State<Panel>>,
    mut next: ResMut<NextState<Panel>>,
) {
    let played_out = matches!(view.now.stage, Stage::Over { .. });
    match (state.get(), shown.get()) {
        (_, Panel::Ended) => {}
        (MatchState::Paused, Panel::None | Panel::Pause | Panel::Result) => next.set(Panel::Lost),
        (MatchState::Playing, Panel::Lost) => next.set(Panel::None),
        (MatchState::Over | MatchState::Idle, _)
            if online.ended.is_some() && !(played_out && *shown.get() == Panel::None) =>
        {
            next.set(Panel::Ended);
        }
        _ => {}
    }
}

fn enter_lost(mut commands: Commands, table: Res<Table>) {
    let who = if table.seats.len() > 2 { "one of the players" } else { "the other player" };

    commands.spawn((overlay_screen(), DespawnOnExit(Panel::Lost))).with_children(|root| {
        root.spawn(Veil(0.6));
        root.spawn(panel()).with_children(|card| {
            card.spawn(Lettering::new("RECONNECTING", 36.0).colored(Role::Warning).glowing(0.4));
            card.spawn(label(format!("nothing comes from {who}: the match stands still"), 18.0, Role::Ink));
            card.spawn(Node { width: Val::Percent(100.0), ..row(10.0) }).with_children(|lights| {
                lights.spawn((Patience, label("", 18.0, Role::Muted)));
                waiting_lights(lights);
            });
            card.spawn(column(320.0)).with_children(|menu| {
                menu.spawn((menu_button("Leave the match", 0), Focusable { layer: 1 }))
                    .observe(go_to(Screen::Title));
            });
        });
    });
}

fn count(
    online: Res<Online>,
    table: Res<Table>,
    limits: Res<AbsenceLimits>,
    mut texts: Query<&mut Text, With<Patience>>,
) {
    let limit = if table.seats.len() > 2 { limits.in_square } else { limits.in_duel };
    let left = (limit.as_secs_f32() - online.absent_for).max(0.0).ceil();
    for mut text in &mut texts {
        let wanted = format!("waiting for {left:.0} s more");
        if text.0 != wanted {
            text.0 = wanted;
        }
    }
}

fn enter_ended(mut commands: Commands, online: Res<Online>) {
    let title = match online.ended {
        Some(Ended::Left) => "RIVAL LEFT",
        Some(Ended::Forfeit) => "FORFEIT",
        _ => "CONNECTION LOST",
    };
    let text = online.trouble.clone().unwrap_or_default();
    commands.spawn((overlay_screen(), DespawnOnExit(Panel::Ended))).with_children(|root| {
        root.spawn(Veil(0.6));
        root.spawn(heading(title));
        root.spawn(panel()).with_children(|card| {
            card.spawn(Node { width: Val::Px(600.0), max_width: Val::Percent(100.0), ..row(0.0) })
                .with_child(label(text, 18.0, Role::Ink));
            card.spawn(column(320.0)).with_children(|menu| {
                menu.spawn((menu_button("To the title", 0), Focusable { layer: 1 }, FocusFirst))
                    .observe(go_to(Screen::Title));
            });
        });
    });
}
