//! Finds out whether a game is deterministic, without a network.

use crate::desync::Record;
use crate::simulation::Session;
use crate::{
    DesyncReport, InputStatus, Inputs, MAX_PLAYERS, MAX_PREDICTION, PlayerInput, Request, SessionError, Step,
};
use netcord_wire::{FieldLog, GameRng, Inspect, Schema, StateHash, Tick};
use std::collections::{BTreeMap, VecDeque};

/// How a [`SyncTestSession`] tests.
#[derive(Clone, Debug)]
pub struct SyncTestConfig {
    /// Players, 1 to 8. Default 2.
    pub players: usize,
    /// The most ticks that are simulated again after each tick, 1 to 32; how many is random. Default 8.
    pub depth: u32,
    /// Whether some of the ways back go through [`Request::Snapshot`] and [`Request::Restore`], as a state
    /// transfer would. Default true.
    pub snapshots: bool,
    /// The seed of all that is random.
    pub seed: u64,
    /// The names that a report uses.
    pub schema: Schema,
}

impl Default for SyncTestConfig {
    fn default() -> Self {
        Self { players: 2, depth: 8, snapshots: true, seed: 0, schema: Schema::new() }
    }
}

/// Simulates every tick several times, from saved and from transferred states, and compares: what comes out
/// differently is named. Each [`Step`] that is simulated again carries a
/// [`perturbation`](Step::perturbation), by which a game shuffles what must not matter.
pub struct SyncTestSession<I> {
    config: SyncTestConfig,
    current: Tick,
    /// The inputs of the last ticks.
    inputs: VecDeque<Inputs<I>>,
    requests: VecDeque<Request<I>>,
    /// What each tick was like the first time.
    first: BTreeMap<u32, (StateHash, Record)>,
    again: Record,
    rng: GameRng,
    report: Option<Box<DesyncReport>>,
}

impl<I: PlayerInput> SyncTestSession<I> {
    /// A test of a game that starts at tick 0.
    ///
    /// # Errors
    /// [`SessionError::Config`] when a value is out of range.
    pub fn new(config: SyncTestConfig) -> Result<Self, SessionError> {
        if !(1..=MAX_PLAYERS).contains(&config.players) {
            return Err(SessionError::Config("players is 1 to 8"));
        }
        if !(1..=MAX_PREDICTION).contains(&config.depth) {
            return Err(SessionError::Config("depth is 1 to 32 ticks"));
        }
        Ok(Self {
            current: Tick(0),
            inputs: VecDeque::new(),
            requests: VecDeque::new(),
            first: BTreeMap::new(),
            again: Record::default(),
            rng: GameRng::new(config.seed),
            report: None,
            config,
        })
    }

    /// Simulates the next tick with these inputs, one a player (missing ones are the default), and some of the
    /// last ticks again.
    pub fn advance(&mut self, inputs: &[I]) {
        let mut taken = Inputs::new();
        for player in 0..self.config.players {
            taken.push(inputs.get(player).copied().unwrap_or_default(), InputStatus::Confirmed);
        }
        self.inputs.push_back(taken);
        if self.inputs.len() > self.config.depth as usize {
            self.inputs.pop_front();
        }
        if self.current == Tick(0) {
            self.requests.push_back(Request::Save { tick: self.current });
        }
        self.simulate(self.current, false);
        self.current += 1;

        let depth = 1 + self.rng.below(self.inputs.len() as u32);
        let from = self.current - depth;
        if self.config.snapshots && self.rng.below(4) == 0 {
            // The answer brings the rest.
            self.requests.push_back(Request::Snapshot { tick: from });
        } else {
            self.requests.push_back(Request::Load { tick: from });
            self.simulate_again(from);
        }
        let oldest = (self.current - (MAX_PREDICTION + 1)).0;
        self.first.remove(&oldest);
    }

    /// The first difference that was found.
    pub fn report(&self) -> Option<&DesyncReport> {
        self.report.as_deref()
    }

    fn simulate_again(&mut self, from: Tick) {
        for tick in from.until(self.current) {
            self.simulate(tick, true);
        }
    }

    fn simulate(&mut self, tick: Tick, resimulating: bool) {
        let back = self.current.since(tick).unsigned_abs() as usize;
        let newest = self.inputs.len() - usize::from(!resimulating);
        let Some(&inputs) = self.inputs.get(newest.saturating_sub(back)) else { return };
        let perturbation = if resimulating { self.rng.next_u64() | 1 } else { 0 };
        self.requests.push_back(Request::Advance(Step { tick, inputs, resimulating, perturbation }));
        self.requests.push_back(Request::Save { tick: tick.next() });
        self.requests.push_back(Request::Confirm { tick: tick.next() });
    }
}

impl<I: PlayerInput> Session for SyncTestSession<I> {
    type Input = I;

    fn next_request(&mut self) -> Option<Request<I>> {
        self.requests.pop_front()
    }

    fn confirm(&mut self, tick: Tick, state: &dyn Inspect) {
        let hash = self.again.take(state);
        let Some((first_hash, first)) = self.first.get(&tick.0) else {
            self.first.insert(tick.0, (hash, self.again.clone()));
            return;
        };
        if *first_hash == hash || self.report.is_some() {
            return;
        }
        let [ours, theirs] = [first, &self.again].map(|record| FieldLog::of(record, usize::MAX));
        self.report = Some(Box::new(DesyncReport {
            tick,
            exact: true,
            peer: None,
            our_hash: Some(*first_hash),
            their_hash: Some(hash),
            difference: ours.first_difference(&theirs, &self.config.schema),
        }));
    }

    fn snapshot(&mut self, tick: Tick, bytes: Vec<u8>) -> Result<(), SessionError> {
        self.requests.push_back(Request::Restore { tick, bytes });
        self.simulate_again(tick);
        Ok(())
    }
}
