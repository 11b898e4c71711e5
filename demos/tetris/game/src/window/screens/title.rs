//! The title, over a game of a bot.

use super::Screen;
use bevy::prelude::*;
use demo_ui::{Activated, FocusFirst, Quit, Role, Veil, column, game_name, go_to, hint, menu_button, screen};

/// Each letter has the colour of a piece.
const NAME: [(&str, Role); 6] = [
    ("T", Role::Accent(3)),
    ("E", Role::Accent(0)),
    ("T", Role::Accent(2)),
    ("R", Role::Accent(1)),
    ("I", Role::Accent(4)),
    ("S", Role::Accent(6)),
];

pub(super) fn plugin(app: &mut App) {
    app.add_systems(OnEnter(Screen::Title), enter);
}

fn enter(mut commands: Commands) {
    commands.spawn((screen(), DespawnOnExit(Screen::Title))).with_children(|root| {
        root.spawn(Veil(0.66));
        root.spawn(game_name(&NAME, "seven pieces, ten columns"));
        root.spawn(column(360.0)).with_children(|menu| {
            menu.spawn((menu_button("Play", 1), FocusFirst)).observe(go_to(Screen::Modes));
            menu.spawn(menu_button("Highscores", 2)).observe(go_to(Screen::Scores));
            menu.spawn(menu_button("Settings", 3)).observe(go_to(Screen::Settings));
            menu.spawn(menu_button("Quit", 4)).observe(|_: On<Activated>, mut quit: MessageWriter<Quit>| {
                quit.write(Quit);
            });
        });
        root.spawn(hint(&["arrows or W S to choose", "Enter to take", "or click, or touch"]));
    });
}
