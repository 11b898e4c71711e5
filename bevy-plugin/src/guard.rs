//! Notices systems that write the match's state outside of the simulation, where the other peers do not.

use crate::storage::Store;
use bevy_ecs::change_detection::Tick as ChangeTick;
use bevy_ecs::prelude::*;

/// Watches what is registered between two frames of the engine.
#[derive(Default)]
pub(crate) struct Guard {
    /// What is written later is written outside.
    since: Option<ChangeTick>,
    /// What was warned of.
    named: Vec<&'static str>,
}

impl Guard {
    /// From now on, until [`check`](Self::check), nothing that is registered may be written.
    pub(crate) fn watch(&mut self, world: &mut World) {
        self.since = Some(world.increment_change_tick());
    }

    /// Warns, once for each type, of what was written.
    pub(crate) fn check(&mut self, world: &mut World, store: &mut Store) {
        let Some(since) = self.since.take() else { return };
        for name in store.changed_since(world, since) {
            if !self.named.contains(&name) {
                self.named.push(name);
                tracing::warn!(
                    "{name} is registered for rollback but was written outside of NetUpdate, which the other peers \
                     did not do: move the system that writes it from Update (or wherever it is) to NetUpdate"
                );
            }
        }
    }
}
