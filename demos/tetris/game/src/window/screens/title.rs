//! The title, over a game of a bot.

use super::Screen;
use crate::window::kept::Trouble;
use bevy::prelude::*;
use demo_ui::{
    Activated, FocusFirst, Quit, Role, Veil, column, game_name, go_to, hint, label, menu_button, screen,
};

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
    app.add_systems(OnEnter(Screen::Title), enter).add_systems(Update, tell.run_if(in_state(Screen::Title)));
}

/// What is wrong with the saves.
#[derive(Component, Clone, Copy, Debug)]
struct Notice;

fn tell(trouble: Res<Trouble>, mut notices: Query<&mut Text, With<Notice>>) {
    for mut notice in &mut notices {
        if notice.0 != trouble.0 {
            notice.0.clone_from(&trouble.0);
        }
    }
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
        root.spawn((Notice, label("", 16.0, Role::Warning), Node { max_width: Val::Px(760.0), ..default() }));
        root.spawn(hint(&["arrows or W S to choose", "Enter to take", "or click, or touch"]));
    });
}
