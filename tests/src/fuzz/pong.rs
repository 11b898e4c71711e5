//! Targets of Pong: inputs and states that a peer sends. And Pong as a session plays it.

use netcord::session::{PlayerInput, Simulation, Step};
use netcord::wire::codec::{file, message};
use netcord::wire::{FieldSink, Inspect, StateHash};
use pong_rules::{Input, Pong};

/// The longest state, in bytes.
const MAX_BYTES: usize = 1_024;
/// Longer than any phase of a match but a rally.
const STEPS: usize = 200;

/// A byte that a peer says is an input.
pub(super) fn input(bytes: &[u8]) {
    let decoded = message::decode::<Input>(bytes, MAX_BYTES);
    if let Ok(input) = decoded {
        assert_eq!(bytes, [input.bits()], "an input has one spelling");
    }
    if let &[bits] = bytes {
        assert_eq!(Input::from_bits(bits).is_ok(), decoded.is_ok());
    }
}

/// A state that a peer sends: when it is taken, it can be played on from, and sent on.
pub(super) fn state(bytes: &[u8]) {
    let states = [message::decode::<Pong>(bytes, MAX_BYTES), file::decode::<Pong>(bytes, MAX_BYTES)];
    for mut pong in states.into_iter().flatten() {
        let again = message::encode(&pong, MAX_BYTES).expect("a state is small");
        assert_eq!(message::decode(&again, MAX_BYTES), Ok(pong));
        for step in 0..STEPS {
            let held = [Input::UP | Input::SERVE, Input::DOWN | Input::SERVE];
            pong.step(if step % 40 < 20 { held } else { [held[1], held[0]] });
            StateHash::of(&pong);
        }
        let again = message::encode(&pong, MAX_BYTES).expect("a state is small");
        assert_eq!(message::decode(&again, MAX_BYTES), Ok(pong), "every state that is reached is taken");
    }
}

/// The keys of one player.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
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

/// A match as a session plays it.
#[derive(Clone, Debug)]
pub struct Match(pub Pong);

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
        message::encode_into(&self.0, bytes, MAX_BYTES).expect("a state is small");
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        message::decode(bytes, MAX_BYTES).ok().map(Self)
    }
}
