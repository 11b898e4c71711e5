//! A game as it is played in the window: whose keys it gets, and tick after tick what happened.

mod keys;
mod round;
mod touch;

pub(crate) use keys::{Action, Keys};
pub(crate) use round::{Happened, LEAD_TICKS, Player, Purpose, Round, SPEEDS};
pub(crate) use touch::{TouchKey, Touchscreen};

use bevy::prelude::*;

pub(crate) fn plugin(app: &mut App) {
    app.add_plugins((keys::plugin, touch::plugin, round::plugin));
}
