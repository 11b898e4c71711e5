//! What a player can set besides what all games have. It lasts as long as the program.

use bevy::prelude::*;
use bevy_netcord::NetCommands as _;
use bevy_netcord::netcord::session::InputDelay;

/// The settings.
#[derive(Resource, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Settings {
    /// Ticks by which own keys wait, so that others' have time to arrive; none: as the connection demands.
    pub(crate) input_delay: Option<u8>,
}

impl Settings {
    /// The longest input delay to choose, in ticks.
    pub(crate) const MAX_INPUT_DELAY: u8 = 8;
}

pub(crate) fn plugin(app: &mut App) {
    app.init_resource::<Settings>().add_systems(Update, apply);
}

fn apply(settings: Res<Settings>, mut commands: Commands) {
    if settings.is_changed() {
        commands.set_input_delay(settings.input_delay.map_or(InputDelay::Auto { max: 3 }, InputDelay::Fixed));
    }
}
