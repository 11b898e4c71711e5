//! A session whose every frame goes back by the same number of ticks, as if a late input had come in each.

use netcord::session::{InputStatus, Inputs, Request, Session, SessionError, Step};
use netcord::wire::{Inspect, StateHash, Tick};
use netcord_plugin_bench_peer::scene::DEPTH;
use std::collections::VecDeque;

pub(crate) struct FixedDepth {
    /// The next tick.
    tick: Tick,
    requests: VecDeque<Request<u8>>,
    inputs: VecDeque<u8>,
    /// Whether confirmed states are hashed, as a session does to find desyncs.
    hashes: bool,
    hash: StateHash,
}

impl FixedDepth {
    pub(crate) fn new(hashes: bool) -> Self {
        Self {
            tick: Tick(0),
            requests: VecDeque::new(),
            inputs: VecDeque::new(),
            hashes,
            hash: StateHash::default(),
        }
    }

    /// Asks for the way back, the ticks that were there, and a new one.
    pub(crate) fn frame(&mut self, input: u8) {
        let again = self.inputs.len().min(DEPTH as usize) as u32;
        let first = self.tick - again;
        if again > 0 {
            self.requests.push_back(Request::Load { tick: first });
        }
        self.inputs.push_back(input);
        if self.inputs.len() > DEPTH as usize + 1 {
            self.inputs.pop_front();
        }
        let kept = self.inputs.len();
        for (age, tick) in first.until(self.tick.next()).enumerate() {
            if age > 0 || again == 0 {
                self.requests.push_back(Request::Save { tick });
            }
            let mut inputs = Inputs::new();
            inputs.push(self.inputs[kept - 1 - again as usize + age], InputStatus::Confirmed);
            let resimulating = tick != self.tick;
            self.requests.push_back(Request::Advance(Step { tick, inputs, resimulating, perturbation: 0 }));
        }
        self.requests.push_back(Request::Confirm { tick: first });
        self.tick += 1;
    }
}

impl Session for FixedDepth {
    type Input = u8;

    fn next_request(&mut self) -> Option<Request<u8>> {
        self.requests.pop_front()
    }

    fn confirm(&mut self, _: Tick, state: &dyn Inspect) {
        if self.hashes {
            self.hash = StateHash::of(state);
        }
    }

    fn snapshot(&mut self, _: Tick, _: Vec<u8>) -> Result<(), SessionError> {
        Ok(())
    }
}
