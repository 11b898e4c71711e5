//! What types that are registered later do around each tick.

use bevy_ecs::prelude::*;
use netcord::wire::Tick;

/// Does something to the world around a tick.
pub(crate) type TickHook = fn(&mut World, Tick);

/// Called in the order of registration.
#[derive(Resource, Default)]
pub(crate) struct Hooks {
    /// Before a match begins.
    pub(crate) begin: Vec<fn(&mut World)>,
    /// Before each `NetUpdate`.
    pub(crate) before_tick: Vec<TickHook>,
    /// After each `NetUpdate`.
    pub(crate) after_tick: Vec<TickHook>,
    /// When all ticks before this one are final.
    pub(crate) confirmed: Vec<TickHook>,
}

/// Calls the hooks that `which` picks.
pub(crate) fn call(world: &mut World, which: fn(&Hooks) -> &Vec<TickHook>, tick: Tick) {
    for index in 0.. {
        let Some(&hook) = which(world.resource::<Hooks>()).get(index) else { return };
        hook(world, tick);
    }
}

/// Calls the hooks of a new match.
pub(crate) fn begin(world: &mut World) {
    for index in 0.. {
        let Some(&hook) = world.resource::<Hooks>().begin.get(index) else { return };
        hook(world);
    }
}
