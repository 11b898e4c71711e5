//! The suite `snapshot`: entities in sections, over real channels and a simulated network, to clients that wander.
//!
//! Each seed draws a game, a network, budgets and an outage. Every section that arrives is compared with what the
//! sender had at that tick; when the game stands still at last, so is all that a client sees.

mod client;
mod game;

use crate::suite::Played;
use client::Client;
use game::{CELLS, Game};
use netcord::snapshot::{Mode, SenderConfig};
use netcord::transport::lab::Conditions;
use netcord::wire::{GameRng, Tick};
use serde::Serialize;
use std::ops::AddAssign;
use std::time::Duration;

const TICK: Duration = Duration::from_nanos(16_666_667);
/// Ticks that a client wanders, and then rests.
const WANDERS: u32 = 360;
const RESTS: u32 = 240;

/// What the suite counts over all seeds.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Totals {
    /// Ticks that were played.
    pub ticks: u64,
    /// Messages that were sent, and their bytes.
    pub messages: u64,
    /// Bytes of them.
    pub bytes: u64,
    /// Sections that were encoded.
    pub encodes: u64,
    /// Sections that arrived and were compared.
    pub compared: u64,
    /// Messages that needed what the client had dropped as out of sight.
    pub missing_baselines: u64,
    /// The stalest that anything was while the budget was a tenth of what the view wants, in ticks.
    pub stalest: u64,
}

impl AddAssign for Totals {
    fn add_assign(&mut self, other: Self) {
        self.ticks += other.ticks;
        self.messages += other.messages;
        self.bytes += other.bytes;
        self.encodes += other.encodes;
        self.compared += other.compared;
        self.missing_baselines += other.missing_baselines;
        self.stalest = self.stalest.max(other.stalest);
    }
}

/// Plays one seed.
pub fn play(seed: u64) -> Played<Totals> {
    let mut played = Played::default();
    let mut rng = GameRng::new(seed);
    let network = network(&mut rng);
    let conditions = network.parse().expect("the words are in range");
    played.case(format_args!("wandering, {network}"), |totals| wander(seed, conditions, totals));
    if seed.is_multiple_of(4) {
        let network = "latency=50ms,jitter=5ms,loss=5%";
        let conditions = network.parse().expect("the words are in range");
        played.case(format_args!("a tenth of the bandwidth, {network}"), |totals| {
            starve(seed, conditions, totals)
        });
    }
    played
}

/// Two clients wander; one is cut off for a while.
fn wander(seed: u64, conditions: Conditions, totals: &mut Totals) -> Result<(), String> {
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
    totals.ticks += u64::from(WANDERS + RESTS);
    totals.encodes += game.sender.encodes();
    clients.iter().try_for_each(|client| client.compare(&game))
}

/// One client that sees all gets a tenth of what it wants.
fn starve(seed: u64, conditions: Conditions, totals: &mut Totals) -> Result<(), String> {
    const WARM_UP: u32 = 150;
    let run = |budget: usize, totals: &mut Totals| -> Result<(u64, i32), String> {
        let mut game = Game::new(seed, 800, 0, SenderConfig::default(), Tick(0));
        let mut client = Client::new(seed, conditions, budget);
        (0..CELLS).for_each(|cell| client.show(cell, 1 + 9 * (cell % 2)));
        let (mut stalest, mut missing, mut before) = (0, 0, 0);
        for tick in 0..2 * WARM_UP + 100 {
            game.step(false);
            client.step(&mut game, TICK * tick, totals)?;
            if tick < 2 * WARM_UP {
                before = totals.bytes;
                continue;
            }
            match client.staleness(game.tick) {
                Some(age) => (stalest, missing) = (stalest.max(age), 0),
                // What is new is not there at once.
                None => missing += 1,
            }
            if missing > 60 {
                return Err(format!("something is missing for {missing} ticks"));
            }
        }
        Ok(((totals.bytes - before) / 100, stalest))
    };
    let (wanted, _) = run(1 << 20, totals)?;
    let (_, stalest) = run(wanted as usize / 10, totals)?;
    totals.stalest = totals.stalest.max(stalest as u64);
    if stalest > 60 { Err(format!("something is {stalest} ticks old")) } else { Ok(()) }
}

/// A network, as the words of [`Conditions`].
fn network(rng: &mut GameRng) -> String {
    let mut within = |least: u32, most: u32| least + rng.below(most + 1 - least);
    let burst = if within(0, 2) == 0 { format!(",burst={}", within(2, 5)) } else { String::new() };
    format!(
        "latency={}ms,jitter={}ms,tail={}%:100ms,loss={}%{burst},dup={}%,reorder={}%:{}ms",
        within(0, 150),
        within(0, 40),
        within(0, 2),
        [0, 2, 5, 20][within(0, 3) as usize],
        within(0, 5),
        within(0, 10),
        within(10, 70),
    )
}
