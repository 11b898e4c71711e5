//! Executes a session's requests for a game whose state is a value.

use crate::{PlayerInput, Request, SessionError, Step};
use core::time::Duration;
use netcord_wire::{Inspect, Tick};

/// A session as the one who executes its requests sees it.
pub trait Session {
    /// What players do in a tick.
    type Input: PlayerInput;

    /// The next thing to do; execute it before asking again.
    fn next_request(&mut self) -> Option<Request<Self::Input>>;

    /// Answers [`Request::Confirm`]: `state` is the final state at `tick`.
    fn confirm(&mut self, tick: Tick, state: &dyn Inspect);

    /// Answers [`Request::Snapshot`]: `bytes` are the state at `tick`, at most [`MAX_STATE`](crate::MAX_STATE).
    ///
    /// # Errors
    /// [`SessionError::StateTooLarge`]: the state can't be transferred. Encode less.
    fn snapshot(&mut self, tick: Tick, bytes: Vec<u8>) -> Result<(), SessionError>;
}

/// A session that also says when ticks are due.
pub trait PacedSession: Session {
    /// Takes in what has arrived and runs the timers. `now` is monotonic, from any epoch.
    ///
    /// # Errors
    /// The session can't go on; see [`SessionError`].
    fn update(&mut self, now: Duration) -> Result<(), SessionError>;

    /// Whether a tick is to be run now.
    fn tick_due(&self) -> bool;

    /// Runs a tick with the local player's input; a spectator's is ignored.
    fn advance(&mut self, input: Self::Input);

    /// Sends what waits.
    ///
    /// # Errors
    /// The session can't go on; see [`SessionError`].
    fn flush(&mut self, now: Duration) -> Result<(), SessionError>;
}

/// A game whose whole state is a value.
///
/// The same state and step must give the same state on every machine: integers or fixed point only, no hash
/// maps' order, no clock, no randomness from outside.
pub trait Simulation: Clone + Inspect {
    /// What players do in a tick.
    type Input: PlayerInput;

    /// Simulates one tick.
    fn advance(&mut self, step: &Step<Self::Input>);

    /// Appends the whole state as bytes.
    fn encode(&self, bytes: &mut Vec<u8>);

    /// Reads a state that [`encode`](Self::encode) wrote on a peer. `None` refuses bytes that are no state.
    fn decode(bytes: &[u8]) -> Option<Self>;
}

/// The last saved states, by tick. States are overwritten in place, so a state of vectors allocates no more
/// once the ring is full.
pub struct StateRing<S> {
    slots: Vec<Option<(Tick, S)>>,
}

impl<S: Clone> StateRing<S> {
    /// A ring that serves a prediction window of `window` ticks.
    pub fn new(window: u32) -> Self {
        // A power of two, so that slots go on in order where the tick wraps.
        Self { slots: (0..(window + 2).next_power_of_two()).map(|_| None).collect() }
    }

    /// Keeps a copy of `state`; the oldest goes.
    pub fn save(&mut self, tick: Tick, state: &S) {
        let slot = self.slot(tick);
        match &mut self.slots[slot] {
            Some((saved, copy)) => {
                *saved = tick;
                copy.clone_from(state);
            }
            empty => *empty = Some((tick, state.clone())),
        }
    }

    /// The state that was saved at `tick`, if it is still there.
    pub fn get(&self, tick: Tick) -> Option<&S> {
        self.slots[self.slot(tick)].as_ref().filter(|(saved, _)| *saved == tick).map(|(_, state)| state)
    }

    fn slot(&self, tick: Tick) -> usize {
        tick.0 as usize % self.slots.len()
    }
}

/// A game's state with the ring of saved ones: all that a simple game needs around its rules.
pub struct Runner<S> {
    state: S,
    saved: StateRing<S>,
}

impl<S: Simulation> Runner<S> {
    /// A runner for a game that starts from `state`, in sessions of any prediction window.
    pub fn new(state: S) -> Self {
        Self { state, saved: StateRing::new(crate::MAX_PREDICTION) }
    }

    /// The current state; predicted, in part.
    pub fn state(&self) -> &S {
        &self.state
    }

    /// The current state, to be changed behind the session's back: in tests.
    pub fn state_mut(&mut self) -> &mut S {
        &mut self.state
    }

    /// Executes all requests that wait.
    ///
    /// # Errors
    /// [`SessionError::BadState`] when a peer sent bytes that are no state: leave the session.
    pub fn run(&mut self, session: &mut impl Session<Input = S::Input>) -> Result<(), SessionError> {
        while let Some(request) = session.next_request() {
            match request {
                Request::Save { tick } => self.saved.save(tick, &self.state),
                Request::Load { tick } => {
                    let saved = self.saved.get(tick).ok_or(SessionError::NotSaved { tick })?;
                    self.state.clone_from(saved);
                }
                Request::Advance(step) => self.state.advance(&step),
                Request::Confirm { tick } => {
                    session.confirm(tick, self.saved.get(tick).ok_or(SessionError::NotSaved { tick })?);
                }
                Request::Snapshot { tick } => {
                    let mut bytes = Vec::new();
                    self.saved.get(tick).ok_or(SessionError::NotSaved { tick })?.encode(&mut bytes);
                    session.snapshot(tick, bytes)?;
                }
                Request::Restore { tick, bytes } => {
                    self.state = S::decode(&bytes).ok_or(SessionError::BadState { tick })?;
                }
            }
        }
        Ok(())
    }

    /// One frame: takes in what has arrived, runs the ticks that are due, sends what waits. `input` is asked
    /// once a tick.
    ///
    /// # Errors
    /// See [`run`](Self::run) and [`PacedSession::update`].
    pub fn frame(
        &mut self,
        session: &mut impl PacedSession<Input = S::Input>,
        now: Duration,
        mut input: impl FnMut(&S) -> S::Input,
    ) -> Result<(), SessionError> {
        session.update(now)?;
        self.run(session)?;
        while session.tick_due() {
            session.advance(input(&self.state));
            self.run(session)?;
        }
        session.flush(now)
    }
}
