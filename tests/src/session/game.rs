//! Pong's rules as a session sees them, and a bot as the player.

use netcord::session::{PlayerInput, Simulation, Step};
use netcord::wire::codec::message;
use netcord::wire::{FieldSink, Inspect};
use pong_rules::{Input, Pong};

/// What a player holds down in a tick.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Keys(pub Input);

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

/// A match of Pong.
#[derive(Clone)]
pub struct Match(pub Pong);

impl Match {
    /// The longest encoded state, in bytes.
    const MAX_BYTES: usize = 1_024;
}

impl Inspect for Match {
    fn inspect(&self, sink: &mut dyn FieldSink) {
        self.0.inspect(sink);
    }
}

impl Simulation for Match {
    type Input = Keys;

    fn advance(&mut self, step: &Step<Keys>) {
        if let &[left, right] = step.inputs.values() {
            self.0.step([left.0, right.0]);
        }
    }

    fn encode(&self, bytes: &mut Vec<u8>) {
        bytes.extend(message::encode(&self.0, Self::MAX_BYTES).expect("Pong's state is small"));
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        message::decode(bytes, Self::MAX_BYTES).ok().map(Self)
    }
}
