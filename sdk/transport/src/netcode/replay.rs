//! Replay protection (standard: "Replay Protection"): which sequence numbers were received.

/// How far behind the newest a packet may come and still be taken.
const WINDOW: u64 = 256;

/// The packets received of the last 256 sequence numbers.
#[derive(Clone, Default)]
pub(super) struct ReplayWindow {
    /// The highest sequence number received, or 0 while there is none.
    newest: u64,
    /// Bit `sequence % 256`, for the 256 sequence numbers up to `newest`.
    received: [u64; 4],
}

impl ReplayWindow {
    /// Whether a packet is a repetition, or too old to tell.
    pub(super) fn is_replay(&self, sequence: u64) -> bool {
        // Not `sequence + WINDOW <= newest`, which overflows (IMPLEMENTERS.md, 1).
        if self.newest.checked_sub(WINDOW).is_some_and(|oldest| sequence <= oldest) {
            return true;
        }
        sequence <= self.newest
            && self.received.get(word(sequence)).is_some_and(|bits| bits & bit(sequence) != 0)
    }

    /// Notes an authentic packet that [`is_replay`](Self::is_replay) let pass.
    pub(super) fn advance(&mut self, sequence: u64) {
        if let Some(ahead) = sequence.checked_sub(self.newest) {
            // What lies between was not received; its places in the ring hold numbers that are too old now.
            for skipped in (1..=ahead.min(WINDOW)).map(|offset| self.newest.wrapping_add(offset)) {
                if let Some(bits) = self.received.get_mut(word(skipped)) {
                    *bits &= !bit(skipped);
                }
            }
            self.newest = sequence;
        }
        if let Some(bits) = self.received.get_mut(word(sequence)) {
            *bits |= bit(sequence);
        }
    }
}

const fn word(sequence: u64) -> usize {
    (sequence % WINDOW / 64) as usize
}

const fn bit(sequence: u64) -> u64 {
    1 << (sequence % 64)
}
