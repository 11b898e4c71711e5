//! What is played with a seed.

use super::Totals;
use super::client::{Client, Faults};
use super::game::{CELLS, Game};
use netcord::snapshot::{HISTORY, Mode, SenderConfig};
use netcord::transport::lab::Conditions;
use netcord::wire::{GameRng, Tick};
use std::time::Duration;

const TICK: Duration = Duration::from_nanos(16_666_667);
/// Ticks that a client wanders, and then rests.
const WANDERS: u32 = 360;
const RESTS: u32 = 240;

/// Two clients wander; one is cut off for a while.
pub(super) fn wander(seed: u64, conditions: Conditions, totals: &mut Totals) -> Result<(), String> {
    let mut rng = GameRng::new(seed ^ 0x5eed);
    let mode = if rng.below(2) == 0 { Mode::Compact } else { Mode::Fast };
    let config = SenderConfig { mode, ..SenderConfig::default() };
    let first = Tick(u32::MAX - rng.below(2 * WANDERS));
    let things = 50 + rng.below(700);
    let turnover = rng.below(5);
    let mut game = Game::new(seed, things, turnover, config, first);
    let mut clients = [0, 1].map(|place| {
        let budget = [800, 2_000, 10_000][rng.below(3) as usize];
        let mut client = Client::new(seed ^ (place << 40), conditions, budget);
        (0..6).for_each(|_| client.show(rng.below(CELLS), 1 + rng.below(3)));
        client
    });
    let outage = rng.below(WANDERS / 2);
    let outage = outage..outage + [0, 20, 150, 300][rng.below(4) as usize];
    let out = outage.end.min(WANDERS) - outage.start;
    totals.outages += u64::from(out > 0);
    totals.long_outages += u64::from(out > HISTORY);
    for tick in 0..WANDERS + RESTS {
        let at_rest = tick >= WANDERS;
        game.step(at_rest);
        if tick == outage.start || tick == outage.end.min(WANDERS) {
            clients[1].cut(tick == outage.start && !outage.is_empty());
        }
        for client in &mut clients {
            let cell = rng.below(CELLS);
            match rng.below(15) {
                0 if !at_rest => client.show(cell, 1 + rng.below(3)),
                1 if !at_rest => client.hide(cell),
                _ => {}
            }
            client.step(&mut game, TICK * tick, totals)?;
        }
    }
    finish(&game, &clients, WANDERS + RESTS, totals)
}

/// What befalls a client after messages were acknowledged.
#[derive(Clone, Copy, Debug)]
pub(super) enum Mishap {
    /// Its receiver is made anew.
    Renewed,
    /// It forgets messages.
    Forgetful,
    /// Messages are garbled in its memory.
    Garbled,
}

impl Mishap {
    pub(super) fn of(seed: u64) -> Self {
        match seed % 3 {
            0 => Self::Renewed,
            1 => Self::Forgetful,
            _ => Self::Garbled,
        }
    }
}

/// A client can't use what it acknowledged; in the end it has all the same.
pub(super) fn suffer(
    seed: u64,
    mishap: Mishap,
    conditions: Conditions,
    totals: &mut Totals,
) -> Result<(), String> {
    const SUFFERS: u32 = 150;
    let mut rng = GameRng::new(seed ^ 0xbad);
    let mode = if rng.below(2) == 0 { Mode::Compact } else { Mode::Fast };
    let config = SenderConfig { mode, ..SenderConfig::default() };
    let mut game = Game::new(seed, 50 + rng.below(300), rng.below(5), config, Tick(u32::MAX - SUFFERS));
    let mut client = Client::new(seed, conditions, [2_000, 10_000][rng.below(2) as usize]);
    (0..6).for_each(|_| client.show(rng.below(CELLS), 1));
    match mishap {
        Mishap::Renewed => {}
        Mishap::Forgetful => client.faults.forgotten = 20 + rng.below(100),
        Mishap::Garbled => (client.faults.garbled, client.sound) = (10 + rng.below(50), false),
    }
    let renewals = [SUFFERS / 3 + rng.below(SUFFERS / 3), SUFFERS - 1];
    let mut rests = RESTS;
    let mut tick = 0;
    while tick < SUFFERS + rests {
        let at_rest = tick >= SUFFERS;
        game.step(at_rest);
        if tick == SUFFERS {
            client.faults = Faults::default();
            if let Mishap::Garbled | Mishap::Forgetful = mishap {
                // Until each section was checked, even if what says so is lost again and again.
                rests += 4 * 32 * (client.receiver.sections().count() as u32 + 2);
            }
        }
        if let Mishap::Renewed = mishap
            && renewals.contains(&tick)
        {
            client.renew_receiver();
            totals.renewed += 1;
        }
        let cell = rng.below(CELLS);
        match rng.below(15) {
            0 if !at_rest => client.show(cell, 1 + rng.below(3)),
            1 if !at_rest => client.hide(cell),
            _ => {}
        }
        client.step(&mut game, TICK * tick, totals)?;
        tick += 1;
    }
    finish(&game, &[client], SUFFERS + rests, totals)
}

/// Adds up what happened, and compares what all see.
fn finish(game: &Game, clients: &[Client], ticks: u32, totals: &mut Totals) -> Result<(), String> {
    totals.ticks += u64::from(ticks);
    totals.encodes += game.sender.encodes();
    totals.rearranged += game.rearranged;
    clients.iter().for_each(|client| client.count(totals));
    clients.iter().try_for_each(|client| client.compare(game))
}

/// One client that sees all gets a tenth of what it wants. Nothing gets older than a second. Twice as old may be what
/// crosses from cell to cell twice within that, as it may miss both sections, and all where messages are lost, as the
/// budget is too small to send a section a third time at once.
pub(super) fn starve(
    seed: u64,
    conditions: Conditions,
    has_losses: bool,
    totals: &mut Totals,
) -> Result<(), String> {
    const WARM_UP: u32 = 300;
    const MEASURED: u32 = 100;
    const SECOND: i32 = 60;
    let run = |budget: usize, totals: &mut Totals| -> Result<(usize, [i32; 2]), String> {
        let mut game = Game::new(seed, 800, 0, SenderConfig::default(), Tick(0));
        let mut client = Client::new(seed, conditions, budget);
        (0..CELLS).for_each(|cell| client.show(cell, 1 + 9 * (cell % 2)));
        // Of what crosses twice, and of all else.
        let (mut stalest, mut before) = ([0; 2], 0);
        for tick in 0..WARM_UP + MEASURED {
            game.step(false);
            client.step(&mut game, TICK * tick, totals)?;
            if tick < WARM_UP {
                before = client.bytes;
                continue;
            }
            for (id, shown, age) in client.ages_in_sight(game.tick)? {
                let crosses = age > SECOND && game.crossings(id, shown) > 1;
                let stalest = &mut stalest[usize::from(!crosses)];
                *stalest = age.max(*stalest);
                totals.ages += 1;
                totals.old_ages += u64::from(age > SECOND);
            }
        }
        Ok(((client.bytes - before) / MEASURED as usize, stalest))
    };
    let (wanted, _) = run(1 << 20, totals)?;
    let (_, [of_crossing, stalest]) = run(wanted / 10, totals)?;
    totals.starved_ticks += u64::from(MEASURED);
    if has_losses {
        let stalest = stalest.max(of_crossing);
        totals.stalest_with_losses = totals.stalest_with_losses.max(stalest as u64);
    } else {
        totals.stalest = totals.stalest.max(stalest as u64);
        totals.stalest_of_crossing = totals.stalest_of_crossing.max(of_crossing as u64);
    }
    let most = if has_losses { 2 * SECOND } else { SECOND };
    if stalest > most || of_crossing > 2 * SECOND {
        Err(format!("something is {} ticks old", stalest.max(of_crossing)))
    } else {
        Ok(())
    }
}

/// A client comes to a world of 10,000 entities.
pub(super) fn join(seed: u64, conditions: Conditions, totals: &mut Totals) -> Result<(), String> {
    const THINGS: usize = 10_000;
    const BUDGET: usize = 4_000;
    let mut game = Game::new(seed, THINGS as u32, 0, SenderConfig::default(), Tick(9));
    let mut client = Client::new(seed, conditions, BUDGET);
    (0..CELLS).for_each(|cell| client.show(cell, 1));
    let (mut ticks, mut share) = (0, 0.0);
    // Things walk about, and others stand still.
    while client.receiver.entities() < THINGS || client.receiver.progress().share() < 1.0 {
        game.step(seed % 40 == 1);
        let before = (client.bytes, client.receiver.entities());
        client.step(&mut game, TICK * ticks, totals)?;
        if client.bytes - before.0 > BUDGET {
            return Err(format!("{} bytes in a tick of {BUDGET}", client.bytes - before.0));
        }
        totals.join_chunks += u64::from(client.receiver.entities() > before.1);
        let progress = client.receiver.progress();
        // Nothing is listed at first.
        if progress.all > 0 && seed % 40 == 1 {
            if progress.share() < share {
                return Err(format!("a join goes back to {progress:?}"));
            }
            share = progress.share();
        }
        ticks += 1;
        if ticks > 600 {
            return Err(format!("after {ticks} ticks there are {progress:?}"));
        }
    }
    totals.joins += 1;
    totals.slowest_join = totals.slowest_join.max(ticks.into());
    client.count(totals);
    Ok(())
}
