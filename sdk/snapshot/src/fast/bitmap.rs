//! Which of some rows are meant, as bits: the few that are, or the few that aren't, or a bit for each.
//!
//! It knows places in a list, not what is listed.

use crate::bits::PackedBits;

/// The bits that say which [`Form`] a bitmap has.
const FORM_BITS: u32 = 2;

/// How a bitmap is written.
#[derive(Clone, Copy, PartialEq)]
enum Form {
    /// Nothing is set.
    None,
    /// A bit for each byte that is not 0, and those bytes.
    Few,
    /// The same of its complement.
    Most,
    /// All bytes.
    Any,
}

const FORMS: [Form; 1 << FORM_BITS] = [Form::None, Form::Few, Form::Most, Form::Any];

/// A set of places in a list.
#[derive(Clone, Debug, Default)]
pub(super) struct Bitmap {
    words: Vec<u64>,
    places: usize,
}

impl Bitmap {
    /// Becomes the set of those places, of so many, of which `is_set` is true.
    #[inline(always)]
    pub(super) fn fill(&mut self, places: usize, mut is_set: impl FnMut(usize) -> bool) {
        self.places = places;
        self.words.clear();
        for start in (0..places).step_by(64) {
            let end = (start + 64).min(places);
            let flag = |place: usize| u64::from(is_set(place)) << (place - start);
            self.words.push((start..end).map(flag).fold(0, |word, flag| word | flag));
        }
    }

    /// Becomes the empty set of so many places.
    pub(super) fn clear(&mut self, places: usize) {
        self.places = places;
        self.words.clear();
        self.words.resize(places.div_ceil(64), 0);
    }

    /// The words, of 64 places each.
    pub(super) fn words(&mut self) -> &mut [u64] {
        &mut self.words
    }

    /// Codes which places are set. A decoder ignores which were.
    pub(super) fn code<B: PackedBits>(&mut self, mut bits: B) -> B {
        if self.places == 0 {
            return bits;
        }
        let form = if B::DECODES { Form::None } else { self.best_form() };
        let form = FORMS[bits.take(form as u64, FORM_BITS) as usize % FORMS.len()];
        match form {
            Form::None => self.words.fill(0),
            Form::Any => {
                let mut left = self.places;
                for word in &mut self.words {
                    let [low, high] = [left.min(32), left.saturating_sub(32).min(32)];
                    left = left.saturating_sub(64);
                    let lower = bits.take(*word & u64::from(u32::MAX), low as u32);
                    *word = lower | bits.take(*word >> 32, high as u32) << 32;
                }
            }
            Form::Few => bits = self.code_few(bits),
            Form::Most => {
                self.invert();
                bits = self.code_few(bits);
                self.invert();
            }
        }
        bits
    }

    fn code_few<B: PackedBits>(&mut self, mut bits: B) -> B {
        let mut left = self.places;
        for words in self.words.chunks_mut(4) {
            let flags = words.iter().rev().fold(0, |flags, &word| flags << 8 | bytes_in_use(word));
            let mut flags = bits.take(flags, left.div_ceil(8).min(32) as u32);
            if B::DECODES {
                words.fill(0);
            }
            while flags != 0 {
                let place = flags.trailing_zeros() as usize;
                flags &= flags - 1;
                let (index, shift) = (place / 8, 8 * (place % 8));
                let byte = words[index] >> shift & 0xff;
                let byte = bits.take(byte, (left - 8 * place).min(8) as u32);
                if B::DECODES {
                    words[index] |= byte << shift;
                }
            }
            left = left.saturating_sub(256);
        }
        bits
    }

    /// Becomes its complement.
    fn invert(&mut self) {
        self.words.iter_mut().for_each(|word| *word = !*word);
        if let Some(last) = self.words.last_mut() {
            *last &= last_mask(self.places);
        }
    }

    /// The form that takes the fewest bits.
    fn best_form(&self) -> Form {
        let last = self.words.len() - 1;
        let (mut few, mut most) = (0, 0);
        for (index, word) in self.words.iter().enumerate() {
            let all = if index == last { last_mask(self.places) } else { u64::MAX };
            few += bytes_in_use(*word).count_ones() as usize;
            most += bytes_in_use(!word & all).count_ones() as usize;
        }
        match (few, most) {
            (0, _) => Form::None,
            _ if self.places.div_ceil(8) + 8 * few.min(most) >= self.places => Form::Any,
            _ if few <= most => Form::Few,
            _ => Form::Most,
        }
    }

    /// Puts those of a list whose places are set, or those whose places are not, in the place of `out`.
    #[inline]
    pub(super) fn select(&self, list: impl Fn(usize) -> u32, is_set: bool, out: &mut Vec<u32>) {
        out.clear();
        let last = self.words.len().saturating_sub(1);
        for (index, &word) in self.words.iter().enumerate() {
            let all = if index == last { last_mask(self.places) } else { u64::MAX };
            let mut word = if is_set { word } else { !word & all };
            while word != 0 {
                out.push(list(64 * index + word.trailing_zeros() as usize));
                word &= word - 1;
            }
        }
    }
}

/// All places of the last word.
fn last_mask(places: usize) -> u64 {
    u64::MAX >> (places.wrapping_neg() % 64)
}

/// A bit for each byte of a word that is not 0.
#[inline]
fn bytes_in_use(word: u64) -> u64 {
    const LOW: u64 = 0x7f7f_7f7f_7f7f_7f7f;
    // The highest bit of each byte, and those gathered.
    let highest = (((word & LOW) + LOW) | word) & !LOW;
    (highest >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56
}
