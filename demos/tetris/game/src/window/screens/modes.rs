//! What to play.

use super::{Screen, best, mode_name};
use crate::highscores::Highscores;
use crate::window::kept::Settings;
use crate::window::play::Player;
use crate::window::ranking::Begin;
use bevy::prelude::*;
use bevy_netcord::persist::Persist;
use demo_ui::{
    Activated, Chosen, FocusFirst, SlideIn, Veil, choice, column, entry, go_to, heading, hint, menu_button,
    screen,
};
use tetris_rules::{Config, Mode};

/// A button that begins a game.
#[derive(Component, Clone, Copy, Debug)]
struct Begins(Mode);

pub(super) fn plugin(app: &mut App) {
    app.add_systems(OnEnter(Screen::Modes), enter);
}

fn enter(mut commands: Commands, settings: Res<Persist<Settings>>, scores: Res<Persist<Highscores>>) {
    let levels = (1..=Config::MAX_START_LEVEL).map(|level| level.to_string()).collect();
    commands.spawn((screen(), DespawnOnExit(Screen::Modes))).with_children(|root| {
        root.spawn(Veil(0.8));
        root.spawn(heading("PLAY"));
        root.spawn(column(460.0)).with_children(|menu| {
            for (index, mode) in Mode::ALL.into_iter().enumerate() {
                let best = match best(&scores, mode) {
                    none if none.is_empty() => none,
                    best => format!("best {best}"),
                };
                let slide = SlideIn::new(Vec2::new(-60.0, 0.0), 0.05 * index as f32);
                let mut button = menu.spawn((entry(mode_name(mode), best), slide, Begins(mode)));
                button.observe(begin);
                if mode == Mode::Marathon {
                    button.insert(FocusFirst);
                }
            }
            let level = usize::from(settings.start_level.clamp(1, Config::MAX_START_LEVEL)) - 1;
            menu.spawn(choice("First level", levels, level)).observe(
                |chosen: On<Chosen>, mut settings: ResMut<Persist<Settings>>| {
                    settings.start_level = chosen.at as u8 + 1
                },
            );
            menu.spawn(menu_button("Back", 5)).observe(go_to(Screen::Title));
        });
        root.spawn(hint(&["the first level is that of a marathon and of an endless game"]));
    });
}

fn begin(
    activated: On<Activated>,
    buttons: Query<&Begins>,
    settings: Res<Persist<Settings>>,
    mut commands: Commands,
) {
    let Ok(&Begins(mode)) = buttons.get(activated.entity) else { return };
    commands.trigger(Begin { config: settings.config(mode), player: Player::Person });
}
