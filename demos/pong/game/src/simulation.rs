//! Pong's rules as a session sees them: inputs as bytes, states as bytes.

use netcord::session::{PlayerInput, Simulation, Step};
use netcord::wire::codec::message;
use netcord::wire::{FieldSink, Inspect};
use pong_rules::{Input, Pong};

/// The keys of one player.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Keys(pub(crate) Input);

impl PlayerInput for Keys {
    const BYTES: usize = 1;

    fn encode(&self, bytes: &mut [u8]) {
        bytes.copy_from_slice(&[self.0.bits()]);
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let &[bits] = bytes else { return None };
        Input::from_bits(bits).ok().map(Self)
    }
}

/// A match between two players.
#[derive(Clone)]
pub(crate) struct Match {
    pub(crate) pong: Pong,
}

impl Match {
    /// The longest encoded state, in bytes.
    const MAX_BYTES: usize = 1024;

    pub(crate) fn new(seed: u64) -> Self {
        Self { pong: Pong::new(seed) }
    }
}

impl Inspect for Match {
    fn inspect(&self, sink: &mut dyn FieldSink) {
        self.pong.inspect(sink);
    }
}

impl Simulation for Match {
    type Input = Keys;

    fn advance(&mut self, step: &Step<Keys>) {
        if let &[left, right] = step.inputs.values() {
            self.pong.step([left.0, right.0]);
        }
    }

    fn encode(&self, bytes: &mut Vec<u8>) {
        let state = message::encode(&self.pong, Self::MAX_BYTES).expect("Pong's state is small");
        bytes.extend_from_slice(&state);
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        message::decode(bytes, Self::MAX_BYTES).ok().map(|pong| Self { pong })
    }
}
