//! The title, over a match between bots.

use super::Screen;
use crate::window::play::{Mode, Table};
use bevy::prelude::*;
use demo_ui::{Activated, FocusFirst, Quit, Role, Veil, column, game_name, go_to, hint, menu_button, screen};

pub(super) fn plugin(app: &mut App) {
    app.add_systems(OnEnter(Screen::Title), (attract, enter)).add_systems(OnEnter(Screen::Play), attract);
}

/// Bots take the table when nobody else has it.
fn attract(mut table: ResMut<Table>, time: Res<Time<Real>>) {
    if table.mode != Mode::Attract {
        *table = Table::attract(time.elapsed().as_millis() as u64);
    }
}

fn enter(mut commands: Commands) {
    commands.spawn((screen(), DespawnOnExit(Screen::Title))).with_children(|root| {
        root.spawn(Veil(0.62));
        root.spawn(game_name(&[("PONG", Role::Accent(0))], "two paddles, any distance"));
        root.spawn(column(360.0)).with_children(|menu| {
            menu.spawn((menu_button("Play", 1), FocusFirst)).observe(go_to(Screen::Play));
            menu.spawn(menu_button("Settings", 2)).observe(go_to(Screen::Settings));
            menu.spawn(menu_button("Quit", 3)).observe(|_: On<Activated>, mut quit: MessageWriter<Quit>| {
                quit.write(Quit);
            });
        });
        root.spawn(hint(&["arrows or W S to choose", "Enter to take", "or click, or touch"]));
    });
}
