//! A session that is watched: which inputs went in, which were simulated, and which states became final.

use super::game::Keys;
use netcord::session::{
    InputStatus, Inputs, P2pSession, PacedSession, PlayerIndex, Request, Session, SessionError,
};
use netcord::transport::Transport;
use netcord::wire::{Inspect, StateHash, Tick};
use std::collections::BTreeMap;
use std::time::Duration;

/// What a peer lived through, over all its processes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Diary {
    /// The final states, by tick.
    pub(super) states: BTreeMap<u32, StateHash>,
    /// The inputs of both players with which a final state was made, by the tick that they were for.
    pub(super) inputs: BTreeMap<u32, [Keys; 2]>,
    /// What the own player pressed, by the tick that it was for.
    pressed: BTreeMap<u32, Keys>,
    /// The last tick that a press was for.
    last_press: Option<u32>,
    /// What each tick was simulated with last.
    simulated: BTreeMap<u32, [Keys; 2]>,
    /// When the last new state became final.
    pub(super) progress_at: Duration,
    /// The first thing that was wrong.
    pub(super) objection: Option<String>,
}

impl Diary {
    /// The process dies. What was pressed and is not known to the host, which has final states through `newest`,
    /// dies with it, and with that what followed from it.
    pub(super) fn die(&mut self, newest: u32) {
        self.pressed.clear();
        self.simulated.clear();
        self.states.split_off(&newest.saturating_add(1));
        self.inputs.split_off(&newest);
    }

    /// The newest final state's tick.
    pub(super) fn newest(&self) -> Option<u32> {
        self.states.last_key_value().map(|(tick, _)| *tick)
    }

    /// What this peer's player pressed and the match was decided without, given the inputs that were final.
    pub(super) fn lost_input(&self, player: PlayerIndex, truth: &Self) -> Option<String> {
        self.pressed.iter().find_map(|(tick, pressed)| {
            let decided = truth.inputs.get(tick)?[player.index()];
            (decided != *pressed)
                .then(|| format!("{player} pressed {pressed:?} for tick {tick}, not {decided:?}"))
        })
    }

    /// Where this peer and another remember different things.
    pub(super) fn difference(&self, other: &Self) -> Option<String> {
        let states = self.states.iter().find_map(|(tick, ours)| {
            let theirs = other.states.get(tick)?;
            (ours != theirs).then(|| format!("the states differ at tick {tick}: {ours} and {theirs}"))
        });
        states.or_else(|| {
            self.inputs.iter().find_map(|(tick, ours)| {
                let theirs = other.inputs.get(tick)?;
                (ours != theirs).then(|| format!("the inputs differ at tick {tick}: {ours:?} and {theirs:?}"))
            })
        })
    }

    fn press(&mut self, tick: u32, keys: Keys) {
        // What is pressed for a tick that has its input already (after a pause, or when the delay shrank) is
        // skipped, as documented.
        if self.last_press.is_none_or(|last| tick > last) {
            self.pressed.insert(tick, keys);
            self.last_press = Some(tick);
        }
    }

    fn simulate(&mut self, tick: Tick, inputs: &Inputs<Keys>) {
        match inputs.values() {
            &[left, right] => {
                self.simulated.insert(tick.0, [left, right]);
            }
            other => self.object(format!("tick {tick} has the inputs of {} players", other.len())),
        }
        if inputs.statuses().contains(&InputStatus::Disconnected) {
            self.object(format!("a player is out of the match at tick {tick}"));
        }
    }

    fn confirm(&mut self, tick: Tick, hash: StateHash, now: Duration) {
        match self.states.insert(tick.0, hash) {
            None => self.progress_at = now,
            Some(before) if before == hash => {}
            Some(_) => self.object(format!("the final state at tick {tick} changed")),
        }
        let decided = tick.0.checked_sub(1).and_then(|tick| Some((tick, *self.simulated.get(&tick)?)));
        if let Some((tick, inputs)) = decided
            && self.inputs.insert(tick, inputs).is_some_and(|before| before != inputs)
        {
            self.object(format!("the final inputs for tick {tick} changed"));
        }
    }

    fn object(&mut self, what: String) {
        self.objection.get_or_insert(what);
    }
}

/// A session and the diary of what it does.
pub(super) struct Witness<T> {
    pub(super) session: P2pSession<Keys, T>,
    pub(super) diary: Diary,
    pub(super) now: Duration,
}

impl<T: Transport> Session for Witness<T> {
    type Input = Keys;

    fn next_request(&mut self) -> Option<Request<Keys>> {
        let request = self.session.next_request();
        match &request {
            Some(Request::Advance(step)) => self.diary.simulate(step.tick, &step.inputs),
            // What led to a state that was transferred, the host simulated.
            Some(Request::Restore { .. }) => self.diary.simulated.clear(),
            _ => {}
        }
        request
    }

    fn confirm(&mut self, tick: Tick, state: &dyn Inspect) {
        self.diary.confirm(tick, StateHash::of(state), self.now);
        self.session.confirm(tick, state);
    }

    fn snapshot(&mut self, tick: Tick, bytes: Vec<u8>) -> Result<(), SessionError> {
        self.session.snapshot(tick, bytes)
    }
}

impl<T: Transport> PacedSession for Witness<T> {
    fn update(&mut self, now: Duration) -> Result<(), SessionError> {
        self.now = now;
        self.session.update(now)
    }

    fn tick_due(&self) -> bool {
        self.session.tick_due()
    }

    fn advance(&mut self, input: Keys) {
        if self.session.local_player().is_some() {
            let stats = self.session.stats();
            self.diary.press((stats.current_tick + stats.input_delay).0, input);
        }
        self.session.advance(input);
    }

    fn flush(&mut self, now: Duration) -> Result<(), SessionError> {
        self.session.flush(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pong_rules::Input;

    const UP: Keys = Keys(Input::UP);
    const NONE: Keys = Keys(Input::NONE);

    fn step(diary: &mut Diary, tick: u32, inputs: [Keys; 2], state: u64) {
        let mut all = Inputs::new();
        inputs.into_iter().for_each(|input| all.push(input, InputStatus::Confirmed));
        diary.simulate(Tick(tick), &all);
        diary.confirm(Tick(tick + 1), StateHash(state), Duration::ZERO);
    }

    #[test]
    fn different_states_and_inputs_are_noticed_where_both_know_them() {
        let [mut ours, mut theirs] = [Diary::default(), Diary::default()];
        step(&mut ours, 1, [UP, UP], 10);
        step(&mut theirs, 2, [NONE, NONE], 20);
        assert_eq!(ours.difference(&theirs), None);
        step(&mut ours, 2, [NONE, UP], 20);
        assert!(ours.difference(&theirs).is_some_and(|what| what.contains("inputs differ at tick 2")));
        step(&mut theirs, 1, [UP, UP], 11);
        assert!(ours.difference(&theirs).is_some_and(|what| what.contains("states differ at tick 2")));
    }

    #[test]
    fn a_final_state_that_changes_is_noticed() {
        let mut diary = Diary::default();
        step(&mut diary, 1, [UP, UP], 10);
        step(&mut diary, 1, [UP, UP], 10);
        assert_eq!(diary.objection, None);
        step(&mut diary, 1, [UP, UP], 11);
        assert!(diary.objection.is_some());
    }

    #[test]
    fn a_press_that_the_match_was_decided_without_is_noticed() {
        let mut diary = Diary::default();
        diary.press(1, UP);
        // The delay shrank: nothing is pressed for a tick that has its input.
        diary.press(1, NONE);
        diary.press(2, NONE);
        step(&mut diary, 1, [UP, NONE], 10);
        assert_eq!(diary.lost_input(PlayerIndex(0), &diary), None);
        step(&mut diary, 2, [UP, NONE], 20);
        assert!(diary.lost_input(PlayerIndex(0), &diary).is_some());
    }
}
