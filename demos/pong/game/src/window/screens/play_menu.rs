//! What to play, and with whom.

use super::Screen;
use crate::window::play::{Table, begin};
use bevy::prelude::*;
use demo_ui::{Activated, FocusFirst, Veil, column, go_to, heading, hint, menu_button, screen};

pub(super) fn plugin(app: &mut App) {
    app.add_systems(OnEnter(Screen::Play), enter);
}

fn enter(mut commands: Commands) {
    commands.spawn((screen(), DespawnOnExit(Screen::Play))).with_children(|root| {
        root.spawn(Veil(0.78));
        root.spawn(heading("PLAY"));
        root.spawn(column(420.0)).with_children(|menu| {
            menu.spawn((menu_button("Host a match", 0), FocusFirst)).observe(go_to(Screen::Host));
            menu.spawn(menu_button("Join a match", 1)).observe(go_to(Screen::Join));
            menu.spawn(menu_button("Against the bot", 2)).observe(go_to(Screen::Opponent));
            menu.spawn(menu_button("Two players, one keyboard", 3)).observe(two_players);
            menu.spawn(menu_button("Back", 4)).observe(go_to(Screen::Title));
        });
        root.spawn(hint(&["Escape leads back"]));
    });
}

fn two_players(_: On<Activated>, time: Res<Time<Real>>, mut commands: Commands) {
    begin(Table::two_players(time.elapsed().as_micros() as u64), &mut commands);
}
