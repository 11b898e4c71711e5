//! Codes a sequence of inputs, one a tick, as runs (STANDARD.md, section 7.1).
//!
//! An input is a fixed number of bytes. Players hold a button for many ticks, so a sequence is tokens of
//! "the same again", "a new one, held" and "all different"; a long input is coded by its changed bytes alone.

use super::Reader;
use crate::{PlayerInput, ProtocolError};
use core::ops::{Deref, DerefMut};

/// The most bytes of an input: eight players of 64 bytes, and a byte that says who is there.
pub(crate) const MAX_WIDTH: usize = 513;
/// Inputs in a sequence, at most.
pub(crate) const MAX_RUN_TICKS: u32 = 128;

const REPEAT: u8 = 0x00;
const LITERALS: u8 = 0x40;
const HELD: u8 = 0x80;
/// The longest repetition and the longest block of literals; a held input runs twice as long.
const SHORT: u8 = 0x40;
const LONG: u8 = 0x80;

/// The bytes of an input, of one player or of all in a row.
#[derive(Clone)]
pub(crate) struct InputBytes {
    bytes: [u8; MAX_WIDTH],
    width: usize,
}

impl InputBytes {
    /// So many zeros, up to [`MAX_WIDTH`].
    pub(crate) fn zeros(width: usize) -> Self {
        Self { bytes: [0; MAX_WIDTH], width: width.min(MAX_WIDTH) }
    }

    pub(crate) fn of<I: PlayerInput>(input: I) -> Self {
        let mut bytes = Self::zeros(I::BYTES);
        input.encode(&mut bytes);
        bytes
    }
}

impl Deref for InputBytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.bytes.get(..self.width).unwrap_or_default()
    }
}

impl DerefMut for InputBytes {
    fn deref_mut(&mut self) -> &mut [u8] {
        self.bytes.get_mut(..self.width).unwrap_or_default()
    }
}

/// Appends a sequence of inputs to a message.
pub(crate) struct RunWriter<'a> {
    out: &'a mut Vec<u8>,
    previous: InputBytes,
    /// Where the token is that may still grow.
    token: Option<usize>,
}

impl<'a> RunWriter<'a> {
    /// Starts a sequence; `base` is the input before the first, which the reader has. Its length is that of
    /// every input.
    pub(crate) fn new(base: InputBytes, out: &'a mut Vec<u8>) -> Self {
        Self { out, previous: base, token: None }
    }

    pub(crate) fn push(&mut self, input: &[u8]) {
        let token = self.token.and_then(|at| self.out.get_mut(at));
        if *input == *self.previous {
            match token {
                Some(token) if *token < REPEAT + SHORT - 1 || (HELD..HELD + (LONG - 1)).contains(token) => {
                    *token += 1;
                }
                _ => self.start(REPEAT),
            }
            return;
        }
        match token {
            // A held input of one tick and a new one become a block of two.
            Some(token) if *token == HELD => *token = LITERALS + 1,
            Some(token) if (LITERALS..LITERALS + SHORT - 1).contains(token) => *token += 1,
            _ => self.start(HELD),
        }
        write_change(&self.previous, input, self.out);
        self.previous.copy_from_slice(input);
    }

    /// Bytes in the message so far.
    pub(crate) fn message_len(&self) -> usize {
        self.out.len()
    }

    fn start(&mut self, token: u8) {
        self.token = Some(self.out.len());
        self.out.push(token);
    }
}

/// Reads a sequence to the end of the message and hands each input to `each`, in order.
pub(crate) fn read_runs(
    base: InputBytes,
    reader: &mut Reader<'_>,
    mut each: impl FnMut(&[u8]) -> Result<(), ProtocolError>,
) -> Result<(), ProtocolError> {
    let mut input = base;
    let mut left = MAX_RUN_TICKS;
    while !reader.is_empty() {
        let token = reader.u8()?;
        let (changes, holds) = match token {
            REPEAT..LITERALS => (0, token - REPEAT + 1),
            LITERALS..HELD => (token - LITERALS + 1, 0),
            HELD.. => (1, token - HELD),
        };
        let ticks = u32::from(changes) + u32::from(holds);
        left = left.checked_sub(ticks).ok_or(ProtocolError::OverLimit {
            what: "the number of inputs",
            value: u64::from(MAX_RUN_TICKS - left + ticks),
            limit: u64::from(MAX_RUN_TICKS),
        })?;
        for _ in 0..changes {
            read_change(&mut input, reader)?;
            each(&input)?;
        }
        for _ in 0..holds {
            each(&input)?;
        }
    }
    Ok(())
}

/// Inputs of up to two bytes are written whole; longer ones as a bit per byte that changed, and those bytes
/// XORed with what they were.
fn write_change(previous: &[u8], input: &[u8], out: &mut Vec<u8>) {
    if input.len() <= 2 {
        out.extend_from_slice(input);
        return;
    }
    for (new, old) in input.chunks(8).zip(previous.chunks(8)) {
        let changes = || (0..8_u8).zip(new.iter().zip(old)).filter(|(_, (new, old))| new != old);
        out.push(changes().fold(0, |mask, (bit, _)| mask | 1 << bit));
        out.extend(changes().map(|(_, (new, old))| new ^ old));
    }
}

fn read_change(input: &mut [u8], reader: &mut Reader<'_>) -> Result<(), ProtocolError> {
    if input.len() <= 2 {
        input.copy_from_slice(reader.bytes(input.len())?);
        return Ok(());
    }
    for bytes in input.chunks_mut(8) {
        let mask = reader.u8()?;
        if u32::from(mask) >> bytes.len() != 0 {
            return Err(ProtocolError::BadValue("mask of changed bytes"));
        }
        for (bit, byte) in bytes.iter_mut().enumerate() {
            if mask >> bit & 1 == 1 {
                *byte ^= reader.u8()?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn bytes_of(input: &[u8]) -> InputBytes {
        let mut bytes = InputBytes::zeros(input.len());
        bytes.copy_from_slice(input);
        bytes
    }

    fn coded(base: &[u8], inputs: &[Vec<u8>]) -> Vec<u8> {
        let mut out = Vec::new();
        let mut writer = RunWriter::new(bytes_of(base), &mut out);
        for input in inputs {
            writer.push(input);
        }
        out
    }

    fn decoded(base: &[u8], bytes: &[u8]) -> Result<Vec<Vec<u8>>, ProtocolError> {
        let mut inputs = Vec::new();
        read_runs(bytes_of(base), &mut Reader::new(bytes), |input| {
            inputs.push(input.to_vec());
            Ok(())
        })?;
        Ok(inputs)
    }

    #[test]
    fn twenty_equal_inputs_cost_two_bytes_and_one_if_they_are_held_on() {
        assert_eq!(coded(&[0], &vec![vec![5]; 20]), [HELD + 19, 5]);
        assert_eq!(coded(&[5], &vec![vec![5]; 20]), [REPEAT + 19]);
    }

    #[test]
    fn inputs_that_change_every_tick_cost_one_byte_each() {
        let inputs: Vec<_> = (1..=20).map(|value| vec![value]).collect();
        assert_eq!(coded(&[0], &inputs).len(), 21);
    }

    #[test]
    fn one_changed_byte_of_a_long_input_costs_its_mask_and_itself() {
        let mut moved = vec![7; 16];
        moved[9] = 8;
        assert_eq!(coded(&[7; 16], &[moved.clone(), moved]), [HELD + 1, 0, 0b10, 15]);
    }

    #[test]
    fn more_inputs_than_the_limit_are_refused_before_they_are_handed_out() {
        let mut handed = 0;
        let hostile = [0xff, 1, REPEAT];
        let result = read_runs(InputBytes::zeros(1), &mut Reader::new(&hostile), |_| {
            handed += 1;
            Ok(())
        });
        assert!(matches!(result, Err(ProtocolError::OverLimit { value: 129, .. })), "{result:?}");
        assert_eq!(handed, 128);
    }

    proptest! {
        #[test]
        fn sequences_round_trip(
            width in 1_usize..20,
            steps in prop::collection::vec((any::<u8>(), any::<u8>(), 1_usize..30), 0..12),
        ) {
            let base = vec![0; width];
            let mut inputs = Vec::new();
            let mut input = base.clone();
            for (place, value, held) in steps {
                input[usize::from(place) % width] = value;
                inputs.extend(std::iter::repeat_n(input.clone(), held));
            }
            inputs.truncate(MAX_RUN_TICKS as usize);
            prop_assert_eq!(decoded(&base, &coded(&base, &inputs)), Ok(inputs));
        }

        #[test]
        fn hostile_bytes_never_give_more_than_the_limit(bytes in prop::collection::vec(any::<u8>(), 0..300), width in 1_usize..70) {
            let mut handed = 0_u32;
            let _ = read_runs(InputBytes::zeros(width), &mut Reader::new(&bytes), |input| {
                handed += 1;
                assert_eq!(input.len(), width);
                Ok(())
            });
            prop_assert!(handed <= MAX_RUN_TICKS);
        }
    }
}
