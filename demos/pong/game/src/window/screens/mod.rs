//! The screens: which there are, and what all have in common.
//!
//! A screen is what [`Screen`] says; in a match, [`Panel`] says what lies over it. Each has a file, which spawns it when
//! it is entered; it is despawned when it is left.

mod countdown;
mod host;
mod hud;
mod join;
mod lan_list;
mod lost;
mod opponent;
mod pause;
mod play_menu;
mod result;
mod settings_menu;
mod title;

use bevy::prelude::*;
use bevy_netcord::NetCommands as _;
use demo_ui::Back;

/// Where the player is.
#[derive(States, Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum Screen {
    #[default]
    Title,
    /// What to play.
    Play,
    /// Against whom on this machine.
    Opponent,
    /// Waiting for the others.
    Host,
    /// Choosing a match on the network, or typing a host's code.
    Join,
    Settings,
    /// In a match.
    Match,
}

/// What lies over a match.
#[derive(States, Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum Panel {
    #[default]
    None,
    Pause,
    Settings,
    Result,
    /// The other player is not heard of.
    Lost,
    /// The match ended early.
    Ended,
}

pub(crate) fn plugin(app: &mut App) {
    app.init_state::<Screen>()
        .init_state::<Panel>()
        .add_systems(Update, go_back.after(demo_ui::FocusSystems))
        .add_systems(OnExit(Screen::Match), leave_match)
        .add_plugins((
            title::plugin,
            play_menu::plugin,
            opponent::plugin,
            settings_menu::plugin,
            hud::plugin,
            countdown::plugin,
            pause::plugin,
            result::plugin,
            host::plugin,
            join::plugin,
            lan_list::plugin,
            lost::plugin,
        ));
}

/// Escape leads a step back, and from a match to its pause.
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
        (Screen::Play | Screen::Settings, _) => next.set(Screen::Title),
        (Screen::Opponent | Screen::Host | Screen::Join, _) => next.set(Screen::Play),
        (Screen::Match, Panel::None) => next_panel.set(Panel::Pause),
        (Screen::Match, Panel::Pause) => next_panel.set(Panel::None),
        (Screen::Match, Panel::Settings) => next_panel.set(Panel::Pause),
        (Screen::Match, Panel::Lost) => {}
        (Screen::Match, Panel::Result | Panel::Ended) => next.set(Screen::Title),
    }
}

fn leave_match(mut panel: ResMut<NextState<Panel>>, mut commands: Commands) {
    panel.set(Panel::None);
    commands.leave_match();
}
