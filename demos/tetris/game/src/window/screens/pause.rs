//! The pause. The board is hidden, so that nobody plans in it.

use super::{Panel, Screen};
use crate::window::kept::Settings;
use crate::window::play::{LEAD_TICKS, Player, Round};
use crate::window::ranking::Begin;
use bevy::prelude::*;
use bevy_netcord::persist::Persist;
use demo_ui::{Activated, FocusFirst, Focusable, Veil, column, go_to, heading, menu_button, overlay_screen};
use tetris_rules::Bot;

pub(super) fn plugin(app: &mut App) {
    app.add_systems(OnEnter(Panel::Pause), enter).add_systems(OnExit(Panel::Pause), lead);
}

fn enter(mut commands: Commands) {
    commands.spawn((overlay_screen(), DespawnOnExit(Panel::Pause))).with_children(|root| {
        root.spawn(Veil(0.72));
        root.spawn(heading("PAUSE"));
        root.spawn(column(360.0)).with_children(|menu| {
            let focusable = Focusable { layer: 1 };
            menu.spawn((menu_button("Go on", 0), focusable, FocusFirst)).observe(go_to(Panel::None));
            menu.spawn((menu_button("Start again", 1), focusable)).observe(start_again);
            menu.spawn((menu_button("Settings", 2), focusable)).observe(go_to(Panel::Settings));
            menu.spawn((menu_button("Leave the game", 3), focusable)).observe(go_to(Screen::Title));
        });
    });
}

/// A game that goes on is counted down to.
fn lead(mut round: ResMut<Round>) {
    if round.game().ending().is_none() {
        round.lead = LEAD_TICKS;
    }
}

/// An observer that begins the same anew, with other pieces.
pub(super) fn start_again(
    _: On<Activated>,
    settings: Res<Persist<Settings>>,
    round: Res<Round>,
    mut commands: Commands,
) {
    let config = tetris_rules::Config { handling: settings.handling, ..*round.game().config() };
    let player = match round.player() {
        Player::Bot(_) => Player::Bot(Bot::new(Bot::STEADY)),
        Player::Person | Player::Replay(_) => Player::Person,
    };
    commands.trigger(Begin { config, player });
}
