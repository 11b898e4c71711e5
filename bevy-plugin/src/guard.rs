//! Notices what games often get wrong: state that is written outside of the simulation, and inputs that nobody sets.

use crate::schedule::NetInput;
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
    /// Ticks of ours without a sign of a system that sets the input; `None` once there was one, or a warning.
    silent_ticks: Option<u32>,
}

/// Ticks after which somebody should have set the input.
const PATIENCE: u32 = 120;

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

    /// A match begins: somebody has to set the local player's input from now on.
    pub(crate) fn expect_input(&mut self) {
        self.silent_ticks = Some(0);
    }

    /// Warns, once a match, when nobody sets the input. For each new tick, after `NetInput`.
    pub(crate) fn check_input(&mut self, world: &World, has_changed: bool) {
        let Some(ticks) = &mut self.silent_ticks else { return };
        *ticks += 1;
        let has_systems =
            || world.resource::<Schedules>().get(NetInput).is_some_and(|input| input.systems_len() > 0);
        if has_changed {
            self.silent_ticks = None;
        } else if *ticks == PATIENCE {
            self.silent_ticks = None;
            if has_systems() {
                tracing::warn!(
                    "the systems in NetInput did not write LocalInput for {PATIENCE} ticks: let one of them set it \
                     each time it runs, to the default when no key is pressed"
                );
            } else {
                tracing::warn!(
                    "nobody sets the local player's input: add a system to NetInput that reads the keys and writes \
                     ResMut<LocalInput<..>>"
                );
            }
        }
    }
}
