//! How keys become moves: delayed auto shift and auto repeat, in ticks.

use crate::input::Input;
use crate::piece::Turn;
use netcord_wire::serde::{Deserialize, Serialize};

/// How shifts repeat while their key is held, and how fast a soft drop is. A player's taste; part of a replay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(crate = "netcord_wire::serde", default)]
pub struct Handling {
    /// Delayed auto shift (DAS): ticks from the first shift to the second; 0 is as 1.
    pub auto_shift_delay: u8,
    /// Auto repeat rate (ARR): ticks between further shifts; 0 goes to the wall at once.
    pub auto_repeat: u8,
    /// How many times as fast as gravity a soft drop is; 0 is as 1. The guideline's is 20.
    pub soft_drop: u8,
}

impl Default for Handling {
    /// A sixth of a second, then thirty cells a second; soft drop at 20 times gravity.
    fn default() -> Self {
        Self { auto_shift_delay: 10, auto_repeat: 2, soft_drop: 20 }
    }
}

/// What the keys of one tick ask for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Command {
    pub(crate) hold: bool,
    pub(crate) turn: Option<Turn>,
    /// Columns to the right, or to the left if negative.
    pub(crate) shift: i8,
    pub(crate) soft_drop: bool,
    pub(crate) hard_drop: bool,
}

/// The keys of the tick before, and how far the auto shift is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Controls {
    pub(crate) held: Input,
    /// -1, 0 or 1: the way of the auto shift.
    pub(crate) direction: i8,
    /// Ticks until the next shift.
    pub(crate) wait: u8,
}

impl Controls {
    pub(crate) fn step(&mut self, input: Input, handling: Handling) -> Command {
        let pressed = input.since(self.held);
        self.held = input;
        let turn = match (pressed.holds(Input::CLOCKWISE), pressed.holds(Input::COUNTERCLOCKWISE)) {
            (true, false) => Some(Turn::Clockwise),
            (false, true) => Some(Turn::Counterclockwise),
            _ => None,
        };
        Command {
            hold: pressed.holds(Input::HOLD),
            turn,
            shift: self.shift(input, pressed, handling),
            soft_drop: input.holds(Input::SOFT_DROP),
            hard_drop: pressed.holds(Input::HARD_DROP),
        }
    }

    /// Of two keys that are held, the later one counts; when it is let go, the other counts as pressed anew.
    fn shift(&mut self, input: Input, pressed: Input, handling: Handling) -> i8 {
        let direction = match (input.holds(Input::LEFT), input.holds(Input::RIGHT)) {
            (true, false) => -1,
            (false, true) => 1,
            (false, false) => 0,
            (true, true) => match (pressed.holds(Input::LEFT), pressed.holds(Input::RIGHT)) {
                (true, false) => -1,
                (false, true) => 1,
                (true, true) => 0,
                (false, false) => self.direction,
            },
        };
        let key = if direction < 0 { Input::LEFT } else { Input::RIGHT };
        if direction != self.direction || direction != 0 && pressed.holds(key) {
            self.direction = direction;
            self.wait = handling.auto_shift_delay.max(1);
            return direction;
        }
        if direction == 0 {
            return 0;
        }
        self.wait -= 1;
        if self.wait > 0 {
            return 0;
        }
        self.wait = handling.auto_repeat.max(1);
        if handling.auto_repeat == 0 { direction * crate::WIDTH } else { direction }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HANDLING: Handling = Handling { auto_shift_delay: 4, auto_repeat: 2, soft_drop: 20 };

    /// The shifts that these inputs give.
    fn shifts<const N: usize>(handling: Handling, inputs: [Input; N]) -> [i8; N] {
        let mut controls = Controls::default();
        inputs.map(|input| controls.step(input, handling).shift)
    }

    #[test]
    fn a_held_key_shifts_waits_and_repeats() {
        assert_eq!(shifts(HANDLING, [Input::LEFT; 10]), [-1, 0, 0, 0, -1, 0, -1, 0, -1, 0]);
        let instant = Handling { auto_repeat: 0, ..HANDLING };
        assert_eq!(shifts(instant, [Input::RIGHT; 6]), [1, 0, 0, 0, 10, 10]);
        let fastest = Handling { auto_shift_delay: 0, auto_repeat: 1, ..HANDLING };
        assert_eq!(shifts(fastest, [Input::RIGHT; 4]), [1; 4]);
    }

    #[test]
    fn of_two_keys_the_later_counts_and_then_the_other_anew() {
        let (left, right) = (Input::LEFT, Input::RIGHT);
        let both = left | right;
        assert_eq!(
            shifts(HANDLING, [left, both, both, left, left, left, left, left]),
            [-1, 1, 0, -1, 0, 0, 0, -1]
        );
        assert_eq!(shifts(HANDLING, [both, both, left]), [0, 0, -1]);
    }

    #[test]
    fn turns_drops_and_hold_happen_once() {
        let mut controls = Controls::default();
        let keys = Input::CLOCKWISE | Input::HARD_DROP | Input::HOLD | Input::SOFT_DROP;
        let first = controls.step(keys, HANDLING);
        let second = controls.step(keys, HANDLING);
        assert_eq!(
            first,
            Command { hold: true, turn: Some(Turn::Clockwise), shift: 0, soft_drop: true, hard_drop: true }
        );
        assert_eq!(second, Command { soft_drop: true, ..Command::default() });
        let both = Input::CLOCKWISE | Input::COUNTERCLOCKWISE;
        assert_eq!(Controls::default().step(both, HANDLING).turn, None);
    }
}
