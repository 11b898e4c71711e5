//! The screens: which there are, and the way back from each.
//!
//! A screen is what [`Screen`] says; in a game, [`Panel`] says what lies over it. Each has a file, which spawns it when
//! it is entered; it is despawned when it is left.

mod enter_name;
mod hud;
mod modes;
mod pause;
mod result;
mod scores;
mod settings_menu;
mod title;
mod watch;

use super::launch::Orders;
use super::play::{Purpose, Round};
use crate::highscores::Highscores;
use bevy::prelude::*;
use demo_ui::Back;
use tetris_rules::{Mode, TICKS_PER_SECOND};

/// Where the player is.
#[derive(States, Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum Screen {
    #[default]
    Title,
    /// What to play.
    Modes,
    Settings,
    /// The highscores.
    Scores,
    /// In a game.
    Play,
    /// Watching a replay.
    Watch,
}

/// What lies over a game.
#[derive(States, Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum Panel {
    #[default]
    None,
    Pause,
    Settings,
    Result,
    /// The name for a highscore.
    Name,
}

pub(crate) fn plugin(app: &mut App) {
    app.init_state::<Screen>()
        .init_state::<Panel>()
        .add_systems(Update, go_back.after(demo_ui::FocusSystems))
        .add_systems(OnExit(Screen::Play), |mut panel: ResMut<NextState<Panel>>| panel.set(Panel::None))
        .add_systems(OnEnter(Screen::Title), show_backdrop)
        .add_systems(OnEnter(Screen::Scores), show_backdrop)
        .add_plugins((
            title::plugin,
            modes::plugin,
            settings_menu::plugin,
            scores::plugin,
            hud::plugin,
            pause::plugin,
            result::plugin,
            enter_name::plugin,
            watch::plugin,
        ));
}

/// A bot plays when nobody else does.
fn show_backdrop(mut round: ResMut<Round>, orders: Res<Orders>) {
    if round.purpose() != Purpose::Backdrop {
        *round = Round::backdrop(orders.next_seed());
    }
}

/// Escape leads a step back, and from a game to its pause.
fn go_back(
    mut back: MessageReader<Back>,
    screen: Res<State<Screen>>,
    panel: Res<State<Panel>>,
    mut next: ResMut<NextState<Screen>>,
    mut next_panel: ResMut<NextState<Panel>>,
) {
    if back.read().count() == 0 {
        return;
    }
    match (screen.get(), panel.get()) {
        (Screen::Title, _) => {}
        (Screen::Settings, Panel::Name) => next_panel.set(Panel::None),
        (Screen::Modes | Screen::Settings | Screen::Scores, _) => next.set(Screen::Title),
        (Screen::Watch, _) => next.set(Screen::Scores),
        (Screen::Play, Panel::None | Panel::Settings) => next_panel.set(Panel::Pause),
        (Screen::Play, Panel::Pause) => next_panel.set(Panel::None),
        (Screen::Play, Panel::Name) => next_panel.set(Panel::Result),
        (Screen::Play, Panel::Result) => next.set(Screen::Title),
    }
}

/// What a mode is called on screen.
fn mode_name(mode: Mode) -> &'static str {
    match mode {
        Mode::Marathon => "Marathon",
        Mode::Endless => "Endless",
        Mode::Sprint => "Sprint, 40 lines",
        Mode::Ultra => "Ultra, 2 minutes",
    }
}

/// A time in minutes and seconds, with tenths if wanted.
pub(super) fn clock(ticks: u32, with_tenths: bool) -> String {
    let (seconds, rest) = (ticks / TICKS_PER_SECOND, ticks % TICKS_PER_SECOND);
    let tenths = rest * 10 / TICKS_PER_SECOND;
    let (minutes, seconds) = (seconds / 60, seconds % 60);
    if with_tenths { format!("{minutes}:{seconds:02}.{tenths}") } else { format!("{minutes}:{seconds:02}") }
}

/// A time in minutes, seconds and hundredths, as it stands in a table.
fn exact_clock(ticks: u32) -> String {
    let hundredths = ticks % TICKS_PER_SECOND * 100 / TICKS_PER_SECOND;
    format!("{}.{hundredths:02}", clock(ticks, false))
}

/// The best result in a mode; nothing where there is none.
pub(super) fn best(scores: &Highscores, mode: Mode) -> String {
    scores.table(mode).first().map_or(String::new(), |entry| match mode {
        Mode::Sprint => exact_clock(entry.ticks),
        Mode::Marathon | Mode::Endless | Mode::Ultra => entry.score.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_in_minutes_and_seconds() {
        assert_eq!(clock(61 * TICKS_PER_SECOND + 30, true), "1:01.5");
        assert_eq!(clock(600 * TICKS_PER_SECOND, false), "10:00");
        assert_eq!(exact_clock(TICKS_PER_SECOND + 59), "0:01.98");
    }
}
