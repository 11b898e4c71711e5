//! A set of recent packet numbers, one bit each.

/// Which of [`SPAN`](Self::SPAN) consecutive packet numbers are in the set. The caller knows where the span
/// lies; a number outside of it shares its bit with one inside.
#[derive(Debug)]
pub(super) struct PacketSet {
    words: [u64; Self::WORDS],
}

impl Default for PacketSet {
    fn default() -> Self {
        Self { words: [0; Self::WORDS] }
    }
}

impl PacketSet {
    const WORDS: usize = 64;
    /// How many consecutive numbers fit.
    pub(super) const SPAN: u64 = 64 * Self::WORDS as u64;

    pub(super) fn contains(&self, number: u64) -> bool {
        self.words[word(number)] & bit(number) != 0
    }

    pub(super) fn insert(&mut self, number: u64) {
        self.words[word(number)] |= bit(number);
    }

    pub(super) fn remove(&mut self, number: u64) {
        self.words[word(number)] &= !bit(number);
    }

    /// Takes out all numbers from `lowest` to `highest`.
    pub(super) fn remove_range(&mut self, lowest: u64, highest: u64) {
        if highest.saturating_sub(lowest) >= Self::SPAN {
            self.words = [0; Self::WORDS];
            return;
        }
        let mut number = lowest;
        while number <= highest {
            let last = (number | 63).min(highest);
            let mask = (!0 << (number % 64)) & (!0 >> (63 - last % 64));
            self.words[word(number)] &= !mask;
            number = last + 1;
        }
    }

    /// How many numbers from `highest` down to `lowest` are in the set (or are not) before the first that is
    /// not (or is).
    pub(super) fn run_down(&self, highest: u64, lowest: u64, present: bool) -> u64 {
        let mut number = highest;
        loop {
            let matching = if present { self.words[word(number)] } else { !self.words[word(number)] };
            let below = number % 64;
            // The bits of the word from `number` downwards, at the top.
            let run = u64::from((!(matching << (63 - below))).leading_zeros()).min(below + 1);
            let end = number - run.min(number);
            if run <= below || number <= lowest + below || number < 64 {
                let counted = highest - number + run;
                return counted.min(highest - lowest + 1);
            }
            number = end;
        }
    }

    /// The lowest number in the set from `lowest` to `highest`.
    pub(super) fn first_in(&self, lowest: u64, highest: u64) -> Option<u64> {
        let mut number = lowest;
        while number <= highest {
            let rest = self.words[word(number)] >> (number % 64);
            if rest != 0 {
                let found = number + u64::from(rest.trailing_zeros());
                return (found <= highest).then_some(found);
            }
            number = (number | 63) + 1;
        }
        None
    }
}

const fn word(number: u64) -> usize {
    (number / 64) as usize % PacketSet::WORDS
}

const fn bit(number: u64) -> u64 {
    1 << (number % 64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use netcord_wire::GameRng;

    #[test]
    fn runs_and_searches_agree_with_counting_one_by_one() {
        let mut rng = GameRng::new(5);
        for round in 0..2_000 {
            let base = rng.next_u64() >> (20 + round % 40);
            let mut set = PacketSet::default();
            let density = 1 + rng.below(99);
            let members: Vec<bool> = (0..400).map(|_| rng.below(100) < density).collect();
            for (offset, _) in members.iter().enumerate().filter(|(_, member)| **member) {
                set.insert(base + offset as u64);
            }
            let (a, b) = (rng.below(400) as usize, rng.below(400) as usize);
            let (low, high) = (a.min(b), a.max(b));
            for present in [true, false] {
                let expected = (low..=high).rev().take_while(|&offset| members[offset] == present).count();
                let counted = set.run_down(base + high as u64, base + low as u64, present);
                assert_eq!(counted, expected as u64, "round {round}, {low} to {high} from {base}");
            }
            let expected = (low..=high).find(|&offset| members[offset]).map(|offset| base + offset as u64);
            assert_eq!(set.first_in(base + low as u64, base + high as u64), expected, "round {round}");
            set.remove_range(base + low as u64, base + high as u64);
            for (offset, &member) in members.iter().enumerate() {
                let expected = member && !(low..=high).contains(&offset);
                assert_eq!(set.contains(base + offset as u64), expected, "round {round}, {offset}");
            }
        }
    }
}
