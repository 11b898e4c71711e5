//! Seeded mutations: what a fuzzer would try first, without a fuzzer.

use netcord::wire::GameRng;

/// Numbers that lengths, counts and sequence numbers are wrong at.
const EXTREMES: [u64; 12] =
    [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fff_ffff, 0xffff_ffff, 1 << 63, u64::MAX - 1, u64::MAX];

/// Variable-length numbers that are long, too long, or not in their shortest form.
const VARINTS: [&[u8]; 5] = [
    &[0xff, 0xff, 0x03],
    &[0xff, 0xff, 0xff, 0xff, 0x0f],
    &[0x80, 0x80, 0x80, 0x80, 0x00],
    &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
    &[0x80, 0x00],
];

/// Makes damaged copies. The same seed gives the same copies.
#[derive(Debug)]
pub struct Mutator(GameRng);

impl Mutator {
    /// A mutator that follows from `seed`.
    pub fn new(seed: u64) -> Self {
        Self(GameRng::new(seed))
    }

    /// A copy of `input` with one to three mutations; parts of `other` may be spliced in.
    pub fn mutate(&mut self, input: &[u8], other: &[u8]) -> Vec<u8> {
        let mut bytes = input.to_vec();
        for _ in 0..=self.below(3) {
            self.once(&mut bytes, other);
        }
        bytes
    }

    fn once(&mut self, bytes: &mut Vec<u8>, other: &[u8]) {
        let at = self.below(bytes.len() + 1);
        let until = at + self.below(bytes.len() - at + 1);
        let extreme = EXTREMES[self.below(EXTREMES.len())];
        match self.below(11) {
            0 => self.flip(bytes, at),
            1 => bytes.truncate(at),
            2 => bytes.extend(std::iter::repeat_n(extreme as u8, 1 + at % 40)),
            3 => overwrite(bytes, at, &extreme.to_le_bytes()[..1 << (until % 4)]),
            4 => overwrite(bytes, at, &extreme.to_be_bytes()[8 - (1 << (until % 4))..]),
            5 => {
                // A length that is right but for a little.
                let length = (bytes.len() as u16).wrapping_add(self.below(5) as u16).wrapping_sub(2);
                overwrite(bytes, at, &length.to_le_bytes()[..1 + until % 2]);
            }
            6 => overwrite(bytes, at, VARINTS[until % VARINTS.len()]),
            7 => drop(bytes.drain(at..until)),
            8 => {
                let repeated = bytes[at..until].to_vec();
                bytes.splice(until..until, repeated);
            }
            9 => {
                let from = self.below(other.len() + 1);
                bytes.truncate(at);
                bytes.extend_from_slice(&other[from..]);
            }
            _ => overwrite(bytes, at, &self.0.next_u64().to_le_bytes()),
        }
    }

    fn flip(&mut self, bytes: &mut [u8], at: usize) {
        if let Some(byte) = bytes.get_mut(at) {
            *byte ^= 1 << self.below(8);
        }
    }

    /// A number below `bound`, which is small.
    fn below(&mut self, bound: usize) -> usize {
        self.0.below(bound as u32) as usize
    }
}

/// Overwrites as much as there is.
fn overwrite(bytes: &mut [u8], at: usize, with: &[u8]) {
    for (to, from) in bytes.iter_mut().skip(at).zip(with) {
        *to = *from;
    }
}
