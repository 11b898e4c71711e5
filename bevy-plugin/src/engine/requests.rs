//! Does to the world what a session asks for. It knows no match, only the tick at hand.

use crate::diagnostics::NetStats;
use crate::hooks;
use crate::identity::{Mode, NetEntities};
use crate::schedule::{NetTime, NetUpdate, PlayerInputs};
use crate::shuffle;
use crate::storage::Store;
use crate::suspects::Suspects;
use bevy_ecs::prelude::*;
use netcord::session::{PlayerInput, Request, Session, SessionError, Step};
use std::time::Instant;

/// Does what a session asks for.
pub(crate) fn carry_out<I: PlayerInput + Send + Sync>(
    session: &mut impl Session<Input = I>,
    request: Request<I>,
    world: &mut World,
    store: &mut Store,
) -> Result<(), SessionError> {
    let start = Instant::now();
    match request {
        Request::Save { tick } => {
            store.save(world, tick);
            world.resource_mut::<NetStats>().save += start.elapsed();
        }
        Request::Load { tick } => {
            store.load(world, tick)?;
            world.resource_mut::<NetStats>().load += start.elapsed();
        }
        Request::Advance(step) => {
            let looks = !step.resimulating && Suspects::is_due(step.tick);
            let since = looks.then(|| world.increment_change_tick());
            advance(world, step);
            let mut stats = world.resource_mut::<NetStats>();
            stats.resimulated += u32::from(step.resimulating);
            stats.simulate += start.elapsed();
            if let Some(since) = since {
                let mut suspects = core::mem::take(&mut stats.suspects);
                suspects.look(world, store, since);
                world.resource_mut::<NetStats>().suspects = suspects;
            }
        }
        Request::Confirm { tick } => {
            session.confirm(tick, &store.view(tick)?);
            store.confirmed(tick);
            hooks::call(world, |hooks| &hooks.confirmed, tick);
            world.resource_mut::<NetStats>().confirm += start.elapsed();
        }
        Request::Snapshot { tick } => {
            let bytes = store.encode(tick)?;
            session.snapshot(tick, bytes)?;
        }
        Request::Restore { tick, bytes } => store.restore(world, tick, &bytes)?,
    }
    Ok(())
}

/// Simulates one tick.
pub(super) fn advance<I: PlayerInput + Send + Sync>(world: &mut World, step: Step<I>) {
    let mut time = world.resource_mut::<NetTime>();
    (time.tick, time.resimulating) = (step.tick, step.resimulating);
    world.resource_mut::<PlayerInputs<I>>().0 = step.inputs;
    if step.perturbation != 0 {
        shuffle::shuffle(world, step.perturbation);
    }
    hooks::call(world, |hooks| &hooks.before_tick, step.tick);
    simulate(world, |world| world.run_schedule(NetUpdate));
    hooks::call(world, |hooks| &hooks.after_tick, step.tick);
}

/// Runs what all peers do alike.
pub(super) fn simulate(world: &mut World, run: impl FnOnce(&mut World)) {
    world.resource_mut::<NetEntities>().set_mode(Mode::Simulating);
    run(world);
    world.resource_mut::<NetEntities>().set_mode(Mode::Outside);
}
