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

#[cfg(test)]
mod tests {
    use super::*;

    fn window_at(sequence: u64) -> ReplayWindow {
        let mut window = ReplayWindow::default();
        assert!(!window.is_replay(sequence));
        window.advance(sequence);
        window
    }

    #[test]
    fn nothing_is_a_replay_at_first() {
        let window = ReplayWindow::default();
        assert!([0, 1, 255, 256, 1 << 63, u64::MAX].iter().all(|&sequence| !window.is_replay(sequence)));
    }

    #[test]
    fn the_first_sequence_number_is_taken_once() {
        let window = window_at(0);
        assert!(window.is_replay(0) && !window.is_replay(1));
    }

    #[test]
    fn the_window_is_256_wide_wherever_it_stands() {
        for newest in [256, 257, 1_000, 1 << 32, (1 << 63) + 5, u64::MAX - 256, u64::MAX - 255, u64::MAX] {
            let window = window_at(newest);
            assert!(window.is_replay(newest), "{newest} was received");
            assert!(!window.is_replay(newest - 1) && !window.is_replay(newest - 255), "below {newest}");
            assert!(window.is_replay(newest - 256), "too far below {newest}");
            assert!(newest == u64::MAX || !window.is_replay(newest + 1), "above {newest}");
        }
    }

    #[test]
    fn a_low_window_reaches_down_to_zero() {
        let window = window_at(255);
        assert!(!window.is_replay(0));
        let window = window_at(256);
        assert!(window.is_replay(0) && !window.is_replay(1));
    }

    #[test]
    fn a_jump_forgets_what_it_skips_and_keeps_what_stays_in_the_window() {
        for jump in [1, 63, 64, 65, 255, 256, 257, 1 << 40] {
            let mut window = window_at(1_000);
            window.advance(900);
            window.advance(1_000 + jump);
            assert!(window.is_replay(1_000), "received, or too old");
            for skipped in (1_001..1_000 + jump).rev().take(255) {
                assert!(!window.is_replay(skipped), "{skipped} was never received (jump of {jump})");
            }
        }
    }

    #[test]
    fn it_agrees_with_the_plain_rule() {
        let mut state = 1_u64;
        for base in [0, 1 << 63, u64::MAX - 600] {
            let sequences: Vec<u8> = (0..2_000)
                .flat_map(|_| {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                    (base + (state >> 33) % 600).to_le_bytes()
                })
                .collect();
            super::super::fuzzing::replay_window(&sequences);
        }
    }
}
