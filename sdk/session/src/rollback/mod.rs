//! The rollback core: inputs in, requests out. It knows no transport, no clock and no game.
//!
//! A tick is simulated as soon as it is due, with guesses for the inputs that have not arrived. When one
//! arrives that was guessed wrongly, the core asks the game to go back to the tick before and to simulate again.
//! It serves every topology, because it only sees players, ticks and inputs.

mod queue;
mod request;

pub(crate) use queue::CAPACITY;
pub use request::{Request, Step};

use crate::{Inputs, MAX_PLAYERS, PlayerIndex, PlayerInput};
use netcord_wire::Tick;
use queue::{Added, InputQueue};
use std::collections::VecDeque;

/// The longest prediction window, in ticks.
pub const MAX_PREDICTION: u32 = 32;
/// The longest input delay, in ticks.
pub const MAX_INPUT_DELAY: u32 = 15;
/// How far beyond the first unconfirmed tick an input may lie: both players a full window and delay ahead.
pub(crate) const MAX_AHEAD: u32 = 2 * (MAX_PREDICTION + MAX_INPUT_DELAY);

/// Why an input was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InputError {
    /// The player gave another input for this tick before. An honest peer never does.
    #[error("{player} gave two inputs for {tick:?}")]
    Conflict {
        /// Who.
        player: PlayerIndex,
        /// When.
        tick: Tick,
    },
    /// The input before this one is missing. Add inputs in order.
    #[error("{player} skipped an input before {tick:?}")]
    Gap {
        /// Who.
        player: PlayerIndex,
        /// The tick that was given.
        tick: Tick,
    },
    /// The tick is so far ahead that no honest peer can have reached it.
    #[error("{player} gave an input for {tick:?}, too far ahead")]
    TooFarAhead {
        /// Who.
        player: PlayerIndex,
        /// The tick that was given.
        tick: Tick,
    },
    /// There is no such player.
    #[error("there is no {player}")]
    UnknownPlayer {
        /// The player that was named.
        player: PlayerIndex,
    },
}

/// How much was guessed wrongly.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RollbackStats {
    /// How often the game went back.
    pub rollbacks: u64,
    /// The most ticks that it went back at once.
    pub max_rollback: u32,
    /// Ticks that were simulated again.
    pub resimulated_ticks: u64,
}

/// The rollback core for up to [`MAX_PLAYERS`] players.
pub struct Rollback<I> {
    queues: Vec<InputQueue<I>>,
    start: Tick,
    /// The next tick to be simulated.
    current: Tick,
    /// The next state to be reported as final.
    next_final: Tick,
    /// The first simulated tick with a wrong guess.
    first_wrong: Option<Tick>,
    /// No state after this one is final, whatever is known.
    hold: Option<Tick>,
    window: u32,
    stats: RollbackStats,
}

impl<I: PlayerInput> Rollback<I> {
    /// A core for `players` players (1 to 8) whose next tick is `start`, and which may run up to `window` ticks
    /// (0 to [`MAX_PREDICTION`]) past the confirmed one. Values out of range are clamped.
    pub fn new(players: usize, start: Tick, window: u32) -> Self {
        Self {
            queues: (0..players.clamp(1, MAX_PLAYERS)).map(|_| InputQueue::new(start)).collect(),
            start,
            current: start,
            next_final: start,
            first_wrong: None,
            hold: None,
            window: window.min(MAX_PREDICTION),
            stats: RollbackStats::default(),
        }
    }

    /// Forgets all inputs and states and goes on from the state at `start`, with a window of `window` ticks. The
    /// statistics stay.
    pub fn restart(&mut self, start: Tick, window: u32) {
        self.window = window.min(MAX_PREDICTION);
        for queue in &mut self.queues {
            *queue = InputQueue::new(start);
        }
        (self.start, self.current, self.next_final) = (start, start, start);
        (self.first_wrong, self.hold) = (None, None);
    }

    /// The next tick to be simulated.
    pub fn current(&self) -> Tick {
        self.current
    }

    /// The first tick for which an input is missing: the states at ticks up to this one never change again. While
    /// a [`hold`](Self::hold) is set, that tick at the most.
    pub fn confirmed(&self) -> Tick {
        let known = self.known();
        self.hold.map_or(known, |hold| known.earliest(hold))
    }

    /// The first tick for which an input is missing.
    fn known(&self) -> Tick {
        // With nobody left there is nothing to wait for.
        self.queues.iter().filter_map(InputQueue::confirmed).reduce(Tick::earliest).unwrap_or(self.current)
    }

    /// The newest state that was reported by [`Request::Confirm`], or the one to start from.
    pub fn final_tick(&self) -> Tick {
        (self.next_final - 1).latest(self.start)
    }

    /// Until further notice, no state after the one at `tick` counts as confirmed: which players take part from
    /// then on is being agreed upon.
    pub fn hold(&mut self, tick: Option<Tick>) {
        self.hold = tick;
    }

    /// The number of players.
    pub fn players(&self) -> usize {
        self.queues.len()
    }

    /// The first tick for which the player's input is missing.
    pub fn next_input(&self, player: PlayerIndex) -> Tick {
        self.queues.get(player.index()).map_or(self.current, InputQueue::next)
    }

    /// A known input, as long as it is kept: about 100 ticks.
    pub fn input(&self, player: PlayerIndex, tick: Tick) -> Option<I> {
        self.queues.get(player.index())?.get(tick)
    }

    /// Whether the player is known not to take part in a tick, as long as that is kept.
    pub fn is_absent(&self, player: PlayerIndex, tick: Tick) -> bool {
        self.queues.get(player.index()).is_none_or(|queue| queue.is_absent(tick))
    }

    /// The oldest tick for which the player's input is kept.
    pub(crate) fn oldest_input(&self, player: PlayerIndex) -> Tick {
        self.queues.get(player.index()).map_or(self.current, InputQueue::oldest)
    }

    /// How much was guessed wrongly so far.
    pub fn stats(&self) -> RollbackStats {
        self.stats
    }

    /// Takes a player's input for a tick. Inputs come in order; one that is known is checked and ignored.
    ///
    /// # Errors
    /// See [`InputError`]; nothing has changed then.
    pub fn add_input(&mut self, player: PlayerIndex, tick: Tick, input: I) -> Result<(), InputError> {
        self.add(player, tick, Some(input))
    }

    /// Takes a player's input for a tick, `None` if it takes no part in it.
    ///
    /// # Errors
    /// See [`InputError`]; nothing has changed then.
    pub(crate) fn add(
        &mut self,
        player: PlayerIndex,
        tick: Tick,
        input: Option<I>,
    ) -> Result<(), InputError> {
        let floor = self.known().earliest(self.current);
        let queue = self.queues.get_mut(player.index()).ok_or(InputError::UnknownPlayer { player })?;
        if tick.since(floor) > MAX_AHEAD as i32 {
            return Err(InputError::TooFarAhead { player, tick });
        }
        match queue.add(tick, input, self.current) {
            Added::New | Added::Known => Ok(()),
            Added::Mispredicted => {
                self.first_wrong = Some(self.first_wrong.map_or(tick, |first| first.earliest(tick)));
                Ok(())
            }
            Added::Conflict => Err(InputError::Conflict { player, tick }),
            Added::Gap => Err(InputError::Gap { player, tick }),
        }
    }

    /// Replaces a player's history: `inputs` are known from `first` on, `None` where the player took no part. For a
    /// peer that starts from a snapshot.
    pub(crate) fn preload(
        &mut self,
        player: PlayerIndex,
        first: Tick,
        inputs: impl Iterator<Item = Option<I>>,
    ) {
        if let Some(queue) = self.queues.get_mut(player.index()) {
            queue.preload(first, inputs);
        }
    }

    /// From `tick` on (the final tick at the earliest) the player is gone: its input is the default, and nobody
    /// waits for it. All peers must agree on the tick.
    pub fn remove_player(&mut self, player: PlayerIndex, tick: Tick) {
        let tick = tick.latest(self.final_tick());
        if let Some(queue) = self.queues.get_mut(player.index()) {
            queue.leave(tick);
            if tick.is_before(self.current) {
                self.first_wrong = Some(self.first_wrong.map_or(tick, |first| first.earliest(tick)));
            }
        }
    }

    /// A player who was removed takes part again, from `tick` on (the final tick at the earliest). All peers must agree
    /// on the tick.
    pub fn add_player(&mut self, player: PlayerIndex, tick: Tick) {
        let tick = tick.latest(self.final_tick());
        if let Some(queue) = self.queues.get_mut(player.index()) {
            queue.come_back(tick);
            if tick.is_before(self.current) {
                self.first_wrong = Some(self.first_wrong.map_or(tick, |first| first.earliest(tick)));
            }
        }
    }

    /// Whether the next tick may run: the prediction window is not used up.
    pub fn can_advance(&self) -> bool {
        self.current.since(self.confirmed()) < self.window as i32
    }

    /// Corrects wrong guesses, simulates the next tick if the window allows, and reports the states that became
    /// final. Returns whether a new tick ran.
    pub fn advance(&mut self, requests: &mut VecDeque<Request<I>>) -> bool {
        self.correct(requests);
        let runs = self.can_advance();
        if runs {
            requests.push_back(Request::Save { tick: self.current });
            self.simulate(self.current, false, requests);
            self.current += 1;
        }
        self.report_final(requests);
        runs
    }

    /// Corrects wrong guesses and reports the states that became final, without a new tick.
    pub fn settle(&mut self, requests: &mut VecDeque<Request<I>>) {
        self.correct(requests);
        self.report_final(requests);
    }

    /// Goes back to the newest final state. Inputs stay known.
    pub fn rewind(&mut self, requests: &mut VecDeque<Request<I>>) {
        let tick = self.final_tick();
        if tick.is_before(self.current) {
            requests.push_back(Request::Load { tick });
            self.current = tick;
        }
        self.first_wrong = None;
    }

    fn correct(&mut self, requests: &mut VecDeque<Request<I>>) {
        let Some(first) = self.first_wrong.take() else { return };
        requests.push_back(Request::Load { tick: first });
        for tick in first.until(self.current) {
            if tick != first {
                requests.push_back(Request::Save { tick });
            }
            self.simulate(tick, true, requests);
        }
        let depth = self.current.since(first).unsigned_abs();
        self.stats.rollbacks += 1;
        self.stats.max_rollback = self.stats.max_rollback.max(depth);
        self.stats.resimulated_ticks += u64::from(depth);
        metrics::counter!("netcord_session_rollbacks").increment(1);
        metrics::counter!("netcord_session_resimulated_ticks").increment(u64::from(depth));
    }

    fn simulate(&mut self, tick: Tick, resimulating: bool, requests: &mut VecDeque<Request<I>>) {
        let mut inputs = Inputs::new();
        for queue in &mut self.queues {
            let (input, status) = queue.use_at(tick);
            inputs.push(input, status);
        }
        requests.push_back(Request::Advance(Step { tick, inputs, resimulating, perturbation: 0 }));
    }

    fn report_final(&mut self, requests: &mut VecDeque<Request<I>>) {
        let confirmed = self.confirmed();
        while self.next_final.is_before(self.current) && !self.next_final.is_after(confirmed) {
            requests.push_back(Request::Confirm { tick: self.next_final });
            self.next_final = self.next_final.next();
        }
    }
}
