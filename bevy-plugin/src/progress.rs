//! What a game may ask about the match that runs: how far it is, how it went, whether it agrees.

use crate::engine::Engine;
use bevy_ecs::prelude::*;
use bevy_ecs::system::SystemParam;
use core::time::Duration;
use netcord::session::{PlayerInput, SessionStats};
use netcord::transport::{LinkStats, Transport as _};
use netcord::wire::{StateHash, Tick};

/// The match that runs, to look at.
///
/// ```
/// # use bevy_ecs::prelude::*;
/// # use bevy_netcord::prelude::*;
/// # fn system<Keys: PlayerInput + Send + Sync>(
/// #     session: NetSession<Keys>
/// # ) {
/// // Draw between the last two ticks, so that motion is smooth at any frame rate.
/// let between = session.between_ticks();
/// # }
/// ```
#[derive(SystemParam)]
pub struct NetSession<'w, I: PlayerInput + Send + Sync> {
    engine: Res<'w, Engine<I>>,
}

impl<I: PlayerInput + Send + Sync> NetSession<'_, I> {
    /// How much of the time from the last tick to the next has passed: 0 to 1. Without a match, 1.
    pub fn between_ticks(&self) -> f32 {
        self.engine.between_ticks()
    }

    /// How the match went so far.
    pub fn stats(&self) -> SessionStats {
        self.engine.stats()
    }

    /// How the connection to the other player or the host is; `None` while there is none.
    pub fn link(&self) -> Option<LinkStats> {
        let session = self.engine.session()?;
        session.transport().stats(session.opponent()?)
    }

    /// How long no tick could run because another player's inputs did not come: after half a second or so, tell the
    /// player.
    pub fn stalled_for(&self) -> Duration {
        self.engine.session().map_or(Duration::ZERO, |session| session.stalled_for())
    }

    /// The hash of the confirmed state at `tick`; `None` when it is not confirmed yet, or too long ago.
    pub fn confirmed_hash(&self, tick: Tick) -> Option<StateHash> {
        self.engine.session()?.confirmed_hash(tick)
    }

    /// A hash over all confirmed states through `tick`: equal on two peers means equal at every tick so far. `None` when
    /// it is not confirmed yet, or too long ago.
    pub fn chained_hash(&self, tick: Tick) -> Option<u64> {
        self.engine.session()?.chained_hash(tick)
    }
}
