//! Conditions as text: `latency=100ms,jitter=20ms,loss=5%,burst,dup=1%,reorder=2%`.

use super::{Chance, Conditions, Late};
use core::fmt;
use core::num::NonZeroU32;
use core::str::FromStr;
use core::time::Duration;

/// Networks that have a name, in place of the first word. Typical values for a path to a server in the same region,
/// one way.
const PRESETS: [(&str, &str); 6] = [
    ("perfect", ""),
    ("lan", "latency=500us,jitter=200us"),
    ("wifi", "latency=15ms,jitter=5ms,tail=0.5%:60ms,loss=1%,burst"),
    ("4g", "latency=35ms,jitter=15ms,tail=1%:120ms,loss=1%,burst=4,bandwidth=10mbit,queue=256kB"),
    ("satellite", "latency=300ms,jitter=10ms,loss=1%,burst,bandwidth=5mbit,queue=512kB"),
    (
        "terrible",
        "latency=150ms,jitter=60ms,tail=2%:400ms,loss=15%,burst=5,dup=2%,reorder=5%,corrupt=0.5%,\
         bandwidth=512kbit,queue=64kB",
    ),
];

/// All words, and how each is written.
const WORDS: [(&str, &str); 11] = [
    ("latency", "latency=100ms (one way, at most 60s)"),
    ("jitter", "jitter=20ms (at most 60s)"),
    ("tail", "tail=5%:200ms (at most 60s)"),
    ("loss", "loss=5% (0% to 100%)"),
    ("burst", "burst or burst=4 (1 to 1000)"),
    ("dup", "dup=1% (0% to 100%)"),
    ("reorder", "reorder=2% or reorder=2%:30ms (at most 60s)"),
    ("corrupt", "corrupt=0.1% (0% to 100%)"),
    ("bandwidth", "bandwidth=1mbit (1kbit to 100gbit)"),
    ("queue", "queue=64kB (at most 8MB)"),
    ("mtu", "mtu=1200B (at most 64kB)"),
];

const DEFAULT_BURST: NonZeroU32 = NonZeroU32::new(3).expect("not zero");
/// Two ticks at 60 Hz and a little less, so that one datagram or two overtake.
const DEFAULT_HOLD: Duration = Duration::from_millis(30);

/// A text that names no [`Conditions`]. Show it to whoever wrote the text: it says what is allowed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConditionsError {
    /// A word that means nothing. Correct it.
    #[error("there is no network condition {word:?}; there are {} and, as the first word, {}",
        list(&WORDS, |(_, form)| form), list(&PRESETS, |(name, _)| name))]
    UnknownWord {
        /// The word.
        word: String,
    },
    /// A value that is missing, out of range, or in the wrong unit. Correct it.
    #[error("bad network condition {word:?}; write {form}")]
    BadValue {
        /// The word with its value.
        word: String,
        /// How it is written.
        form: &'static str,
    },
    /// A preset after other words would undo them. Put it first.
    #[error("the network {preset:?} must be the first word; those that follow change it")]
    PresetNotFirst {
        /// The preset's name.
        preset: String,
    },
}

/// Reads words, separated by commas, such as `latency=100ms,jitter=20ms,loss=5%,burst,dup=1%,reorder=2%`.
///
/// The first may be a network's name (`perfect`, `lan`, `wifi`, `4g`, `satellite`, `terrible`), which the others
/// then change: `wifi,loss=10%`. Of a word that comes twice, the last counts.
///
/// | word | meaning |
/// |---|---|
/// | `latency=100ms` | [`latency`](Conditions::latency), one way |
/// | `jitter=20ms` | [`jitter`](Conditions::jitter), up to 20 ms earlier or later |
/// | `tail=5%:200ms` | [`tail`](Conditions::tail), 5 % are later by a further 200 ms on average |
/// | `loss=5%` | [`loss`](Conditions::loss) |
/// | `burst`, `burst=4` | [`burst`](Conditions::burst), losses come in runs of 3, or 4, on average |
/// | `dup=1%` | [`duplicate`](Conditions::duplicate) |
/// | `reorder=2%`, `reorder=2%:30ms` | [`reorder`](Conditions::reorder), 2 % are held back, by 30 ms |
/// | `corrupt=0.1%` | [`corrupt`](Conditions::corrupt) |
/// | `bandwidth=1mbit` | [`bandwidth`](Conditions::bandwidth), with a queue of 64 kB |
/// | `queue=64kB` | [`queue`](Conditions::queue) |
/// | `mtu=1200B` | [`mtu`](Conditions::mtu) |
///
/// Times are in `s`, `ms`, `us`, `ns`; sizes in `B`, `kB`, `MB`; rates in `bit`, `kbit`, `mbit`, `gbit` a second.
impl FromStr for Conditions {
    type Err = ConditionsError;

    fn from_str(text: &str) -> Result<Self, ConditionsError> {
        let mut conditions = Self::PERFECT;
        for (place, word) in text.split(',').map(str::trim).enumerate() {
            if let Some((preset, text)) = PRESETS.iter().find(|(name, _)| *name == word) {
                if place > 0 {
                    return Err(ConditionsError::PresetNotFirst { preset: (*preset).to_owned() });
                }
                conditions = text.parse()?;
            } else if !text.trim().is_empty() {
                conditions.change(word)?;
            }
        }
        Ok(conditions)
    }
}

impl Conditions {
    fn change(&mut self, word: &str) -> Result<(), ConditionsError> {
        let (name, value) = word.split_once('=').unwrap_or((word, ""));
        let (_, form) = WORDS
            .iter()
            .find(|(known, _)| *known == name)
            .ok_or_else(|| ConditionsError::UnknownWord { word: word.to_owned() })?;
        self.set(name, value).ok_or_else(|| ConditionsError::BadValue { word: word.to_owned(), form })
    }

    fn set(&mut self, name: &str, value: &str) -> Option<()> {
        match name {
            "latency" => self.latency = time(value)?,
            "jitter" => self.jitter = time(value)?,
            "tail" => self.tail = late(value, None)?,
            "loss" => self.loss = chance(value)?,
            "burst" if value.is_empty() => self.burst = Some(DEFAULT_BURST),
            "burst" => self.burst = Some(value.parse().ok().filter(|run: &NonZeroU32| run.get() <= 1_000)?),
            "dup" => self.duplicate = chance(value)?,
            "reorder" => self.reorder = late(value, Some(DEFAULT_HOLD))?,
            "corrupt" => self.corrupt = chance(value)?,
            "bandwidth" => {
                let bits = read(value, RATE)?;
                self.bandwidth = Some((1_000..=100_000_000_000).contains(&bits).then_some(bits)?);
            }
            "queue" => self.queue = size(value, 8_000_000)?,
            "mtu" => self.mtu = Some(size(value, 64_000)?),
            _ => return None,
        }
        Some(())
    }
}

impl fmt::Display for Conditions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let perfect = Self::PERFECT;
        let mut comma = "";
        let mut word = |shown: bool, word: fmt::Arguments<'_>| {
            if shown {
                write!(f, "{comma}{word}")?;
                comma = ",";
            }
            Ok(())
        };
        word(*self == perfect, format_args!("perfect"))?;
        word(self.latency != perfect.latency, format_args!("latency={}", In(nanos(self.latency), TIME)))?;
        word(self.jitter != perfect.jitter, format_args!("jitter={}", In(nanos(self.jitter), TIME)))?;
        word(self.tail != perfect.tail, format_args!("tail={}", self.tail))?;
        word(self.loss != perfect.loss, format_args!("loss={}", self.loss))?;
        if let Some(run) = self.burst {
            word(true, format_args!("burst={run}"))?;
        }
        word(self.duplicate != perfect.duplicate, format_args!("dup={}", self.duplicate))?;
        word(self.reorder != perfect.reorder, format_args!("reorder={}", self.reorder))?;
        word(self.corrupt != perfect.corrupt, format_args!("corrupt={}", self.corrupt))?;
        if let Some(bits) = self.bandwidth {
            word(true, format_args!("bandwidth={}", In(bits, RATE)))?;
        }
        word(self.queue != perfect.queue, format_args!("queue={}", In(self.queue as u64, SIZE)))?;
        if let Some(bytes) = self.mtu {
            word(true, format_args!("mtu={}", In(bytes as u64, SIZE)))?;
        }
        Ok(())
    }
}

impl fmt::Display for Chance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", In(u64::from(self.in_a_million()), CHANCE))
    }
}

impl fmt::Display for Late {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.chance, In(nanos(self.by), TIME))
    }
}

/// A quantity's units, the largest first, each a power of ten of what is stored.
type Units = &'static [(&'static str, u64)];

/// In nanoseconds.
const TIME: Units = &[("s", 1_000_000_000), ("ms", 1_000_000), ("us", 1_000), ("ns", 1)];
/// In parts per million.
const CHANCE: Units = &[("%", 10_000)];
/// In bits a second.
const RATE: Units = &[("gbit", 1_000_000_000), ("mbit", 1_000_000), ("kbit", 1_000), ("bit", 1)];
/// In bytes.
const SIZE: Units = &[("MB", 1_000_000), ("kB", 1_000), ("B", 1)];

/// Reads a decimal number with a unit, exactly or not at all.
fn read(text: &str, units: Units) -> Option<u64> {
    units.iter().find_map(|(unit, scale)| {
        let (number, suffix) = text.split_at_checked(text.len().checked_sub(unit.len())?)?;
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let digits = |digits: &str| digits.bytes().all(|digit| digit.is_ascii_digit());
        if !suffix.eq_ignore_ascii_case(unit) || whole.is_empty() || !digits(whole) || !digits(fraction) {
            return None;
        }
        let step = scale.checked_div(10_u64.checked_pow(fraction.len().try_into().ok()?)?)?;
        let fraction: u64 = if fraction.is_empty() { 0 } else { fraction.parse().ok()? };
        let exact = step > 0 || fraction == 0;
        exact.then_some(whole.parse::<u64>().ok()?.checked_mul(*scale)?.checked_add(fraction * step)?)
    })
}

/// Shows a number in the largest unit of which it has one, exactly.
struct In(u64, Units);

impl fmt::Display for In {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(number, units) = *self;
        let Some((unit, scale)) = units.iter().find(|(_, scale)| number >= *scale).or(units.last()) else {
            return Ok(());
        };
        let (whole, rest) = (number / scale, number % scale);
        if rest == 0 {
            return write!(f, "{whole}{unit}");
        }
        let fraction = format!("{rest:0width$}", width = scale.ilog10() as usize);
        write!(f, "{whole}.{}{unit}", fraction.trim_end_matches('0'))
    }
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

fn time(text: &str) -> Option<Duration> {
    read(text, TIME).map(Duration::from_nanos).filter(|time| *time <= Duration::from_secs(60))
}

fn chance(text: &str) -> Option<Chance> {
    let count = u32::try_from(read(text, CHANCE)?).ok()?;
    (count <= Chance::ALWAYS.in_a_million()).then(|| Chance::per_million(count))
}

fn late(text: &str, by: Option<Duration>) -> Option<Late> {
    match text.split_once(':') {
        Some((share, by)) => Some(Late { chance: chance(share)?, by: time(by)? }),
        None => Some(Late { chance: chance(text)?, by: by? }),
    }
}

fn size(text: &str, limit: u64) -> Option<usize> {
    read(text, SIZE).filter(|bytes| *bytes <= limit)?.try_into().ok()
}

fn list<T: Copy>(items: &[T], name: impl Fn(T) -> &'static str) -> String {
    items.iter().map(|item| name(*item)).collect::<Vec<_>>().join(", ")
}
