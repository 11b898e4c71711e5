//! Targets of Pong: inputs and states that a peer sends.

use netcord::wire::StateHash;
use netcord::wire::codec::{file, message};
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
