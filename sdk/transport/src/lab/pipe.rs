//! One direction of a network: datagrams and time in, datagrams out.

use super::{Chance, Conditions, Late};
use core::cmp::Reverse;
use core::ops::AddAssign;
use core::time::Duration;
use netcord_wire::GameRng;
use std::collections::BinaryHeap;

/// One direction of a network: takes datagrams, does to them what its [`Conditions`] say, and hands out those that
/// arrive, when they arrive.
///
/// Pure: the same seed, datagrams and times give the same arrivals, to the byte, on every platform. Memory is
/// bounded by [`MAX_BYTES`](Self::MAX_BYTES) and [`MAX_DATAGRAMS`](Self::MAX_DATAGRAMS) and is reused.
///
/// ```
/// use netcord_transport::lab::Pipe;
/// use std::time::Duration;
///
/// let mut pipe = Pipe::new("latency=50ms".parse()?, 7);
/// pipe.push(Duration::from_millis(10), b"hello");
/// assert_eq!(pipe.next_time(), Some(Duration::from_millis(60)));
/// assert_eq!(pipe.pop(Duration::from_millis(59)), None);
/// assert_eq!(pipe.pop(Duration::from_millis(60)), Some(&b"hello"[..]));
/// # Ok::<(), netcord_transport::lab::ConditionsError>(())
/// ```
#[derive(Debug)]
pub struct Pipe {
    conditions: Conditions,
    rng: GameRng,
    cut: bool,
    /// Whether the last datagram was lost, with burst loss.
    in_burst: bool,
    /// When the narrowest point has sent all that was put into its queue.
    busy_until: Duration,
    /// The latest arrival of those that keep the order; the next one can't be earlier.
    line_end: Duration,
    under_way: BinaryHeap<Reverse<Arrival>>,
    bytes_under_way: usize,
    pushed: u64,
    /// The newest in the order of sending that was handed out.
    newest_out: u64,
    /// What `pop` handed out last.
    out: Vec<u8>,
    /// Memory for datagrams to come.
    spare: Vec<Vec<u8>>,
    stats: PipeStats,
}

/// A datagram under way. Ordered by time, and by the order of sending where that is equal.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Arrival {
    at: Duration,
    number: u64,
    datagram: Vec<u8>,
}

/// What happened on a [`Pipe`] so far. Sizes are those of the UDP payload.
///
/// `sent + duplicated` is `delivered + lost + cut + too_long + overflowed`, and what is still under way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PipeStats {
    /// Datagrams that went in.
    pub sent: u64,
    /// Their bytes.
    pub bytes_sent: u64,
    /// Datagrams that came out, copies included.
    pub delivered: u64,
    /// Their bytes.
    pub bytes_delivered: u64,
    /// Datagrams that [`Conditions::loss`] took.
    pub lost: u64,
    /// Datagrams that were sent while the pipe was cut.
    pub cut: u64,
    /// Datagrams over [`Conditions::mtu`].
    pub too_long: u64,
    /// Datagrams that found a full [`Conditions::queue`], or the pipe's memory full.
    pub overflowed: u64,
    /// Copies that [`Conditions::duplicate`] added.
    pub duplicated: u64,
    /// Datagrams that came out after one that was sent later.
    pub reordered: u64,
    /// Datagrams, or copies, that had a bit flipped.
    pub corrupted: u64,
}

impl Pipe {
    /// The most bytes that are under way at one time.
    pub const MAX_BYTES: usize = 16 << 20;
    /// The most datagrams that are under way at one time.
    pub const MAX_DATAGRAMS: usize = 1 << 14;
    /// Memory of longer datagrams than nearly all is given back instead of reused.
    const MAX_SPARE: usize = 2_048;

    /// A pipe whose chances follow from `seed`.
    pub fn new(conditions: Conditions, seed: u64) -> Self {
        Self {
            conditions,
            rng: GameRng::new(seed),
            cut: false,
            in_burst: false,
            busy_until: Duration::ZERO,
            line_end: Duration::ZERO,
            under_way: BinaryHeap::new(),
            bytes_under_way: 0,
            pushed: 0,
            newest_out: 0,
            out: Vec::new(),
            spare: Vec::new(),
            stats: PipeStats::default(),
        }
    }

    /// Sends a datagram at `now`, which never goes back.
    pub fn push(&mut self, now: Duration, datagram: &[u8]) {
        self.stats.sent += 1;
        self.stats.bytes_sent += datagram.len() as u64;
        if self.cut {
            self.stats.cut += 1;
        } else if self.conditions.mtu.is_some_and(|mtu| datagram.len() > mtu) {
            self.stats.too_long += 1;
        } else if self.loses() {
            self.stats.lost += 1;
        } else if let Some(through) = self.squeeze(now, datagram.len()) {
            self.schedule(through, datagram);
            if self.happens(self.conditions.duplicate) {
                self.stats.duplicated += 1;
                self.schedule(through, datagram);
            }
        } else {
            self.stats.overflowed += 1;
        }
    }

    /// The next datagram that has arrived by `now`.
    pub fn pop(&mut self, now: Duration) -> Option<&[u8]> {
        if self.next_time()? > now {
            return None;
        }
        let Reverse(arrival) = self.under_way.pop()?;
        self.bytes_under_way -= arrival.datagram.len();
        self.stats.delivered += 1;
        self.stats.bytes_delivered += arrival.datagram.len() as u64;
        self.stats.reordered += u64::from(arrival.number < self.newest_out);
        self.newest_out = self.newest_out.max(arrival.number);
        let used = core::mem::replace(&mut self.out, arrival.datagram);
        if used.capacity() <= Self::MAX_SPARE {
            self.spare.push(used);
        }
        Some(&self.out)
    }

    /// When the next datagram arrives.
    pub fn next_time(&self) -> Option<Duration> {
        self.under_way.peek().map(|Reverse(arrival)| arrival.at)
    }

    /// What the pipe does to datagrams.
    pub const fn conditions(&self) -> &Conditions {
        &self.conditions
    }

    /// Changes what the pipe does to datagrams that are sent from now on.
    pub const fn set_conditions(&mut self, conditions: Conditions) {
        self.conditions = conditions;
        self.in_burst = false;
    }

    /// Cuts the pipe, or mends it. While it is cut, all that is sent is lost; what is under way arrives.
    pub const fn set_cut(&mut self, cut: bool) {
        self.cut = cut;
    }

    /// Whether the pipe is cut.
    pub const fn is_cut(&self) -> bool {
        self.cut
    }

    /// What happened so far.
    pub const fn stats(&self) -> PipeStats {
        self.stats
    }

    fn loses(&mut self) -> bool {
        let Some(run) = self.conditions.burst else { return self.happens(self.conditions.loss) };
        let change = if self.in_burst {
            leave_burst(self.conditions.loss, run.get())
        } else {
            enter_burst(self.conditions.loss, run.get())
        };
        self.in_burst ^= self.rng.next_u64() >> 32 < change;
        self.in_burst
    }

    /// When a datagram has gone through the narrowest point; `None` when the queue before it is full.
    fn squeeze(&mut self, now: Duration, len: usize) -> Option<Duration> {
        let Some(bits_per_second) = self.conditions.bandwidth else { return Some(now) };
        let rate = u128::from(bits_per_second.max(1));
        let backlog = self.busy_until.saturating_sub(now);
        let queued = in_nanos(backlog) * rate / (8 * NANOS_PER_SECOND);
        if queued + len as u128 > self.conditions.queue as u128 {
            return None;
        }
        let takes = len as u128 * 8 * NANOS_PER_SECOND / rate;
        let through = now.saturating_add(backlog).saturating_add(nanos(takes));
        self.busy_until = through;
        Some(through)
    }

    /// Puts one copy of a datagram under way.
    fn schedule(&mut self, sent: Duration, datagram: &[u8]) {
        let jitter = self.conditions.jitter;
        let late = self.up_to(jitter.saturating_mul(2)).saturating_add(self.tail());
        let delay = self.conditions.latency.saturating_add(late).saturating_sub(jitter);
        let mut at = sent.saturating_add(delay);
        let Late { chance, by } = self.conditions.reorder;
        if self.happens(chance) {
            at = at.saturating_add(by);
        } else {
            at = at.max(self.line_end);
            self.line_end = at;
        }

        let full = self.under_way.len() >= Self::MAX_DATAGRAMS;
        if full || self.bytes_under_way + datagram.len() > Self::MAX_BYTES {
            self.stats.overflowed += 1;
            return;
        }
        let mut copy = self.spare.pop().unwrap_or_default();
        copy.clear();
        copy.reserve_exact(datagram.len());
        copy.extend_from_slice(datagram);
        if self.happens(self.conditions.corrupt) && !copy.is_empty() {
            let bit = self.rng.below((copy.len() * 8) as u32);
            copy[bit as usize / 8] ^= 1 << (bit % 8);
            self.stats.corrupted += 1;
        }
        self.bytes_under_way += copy.len();
        self.pushed += 1;
        self.under_way.push(Reverse(Arrival { at, number: self.pushed, datagram: copy }));
    }

    fn happens(&mut self, chance: Chance) -> bool {
        self.rng.below(Chance::ALWAYS.in_a_million()) < chance.in_a_million()
    }

    /// A time between zero and `limit`, uniformly distributed.
    fn up_to(&mut self, limit: Duration) -> Duration {
        nanos((u128::from(self.rng.next_u64()) * (in_nanos(limit) + 1)) >> 64)
    }

    fn tail(&mut self) -> Duration {
        let Late { chance, by } = self.conditions.tail;
        if self.happens(chance) { exponential(self.rng.next_u64(), by) } else { Duration::ZERO }
    }
}

const NANOS_PER_SECOND: u128 = 1_000_000_000;

fn nanos(nanos: u128) -> Duration {
    Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
}

/// At most 64 bits of them (585 years), so that what is multiplied here does not overflow.
fn in_nanos(time: Duration) -> u128 {
    time.as_nanos().min(u128::from(u64::MAX))
}

/// What is certain, where chances are fractions of 2^32.
const CERTAIN: u64 = 1 << 32;

/// The chance that a run of losses ends, such that runs are `run` long on average: 1/run. Only where the share
/// of losses is so high that even single deliveries between runs are too many, it is lower.
fn leave_burst(loss: Chance, run: u32) -> u64 {
    let (lost, delivered) = odds(loss);
    (CERTAIN / u64::from(run)).min((CERTAIN * delivered).checked_div(lost).unwrap_or(CERTAIN))
}

/// The chance that a run of losses begins, such that the share of losses, which is enter / (enter + leave), is `loss`.
fn enter_burst(loss: Chance, run: u32) -> u64 {
    let (lost, delivered) = odds(loss);
    (leave_burst(loss, run) * lost).checked_div(delivered).unwrap_or(CERTAIN)
}

fn odds(loss: Chance) -> (u64, u64) {
    let lost = u64::from(loss.in_a_million());
    (lost, u64::from(Chance::ALWAYS.in_a_million()) - lost)
}

/// An exponentially distributed time from a uniformly distributed `word`, in integers alone, so that every platform
/// agrees: the logarithm is exact at the powers of two and a straight line between (at most 6 % off).
fn exponential(word: u64, mean: Duration) -> Duration {
    let zeros = word.leading_zeros();
    // The 32 bits behind the leading one: where the word is between its powers of two.
    let between = u128::from(word.unbounded_shl(zeros + 1) >> 32);
    let logarithm = ((u128::from(zeros) + 1) << 32) - between;
    // Its mean is one and a half.
    nanos((in_nanos(mean) * logarithm * 2 / 3) >> 32)
}

impl AddAssign for PipeStats {
    fn add_assign(&mut self, other: Self) {
        self.sent += other.sent;
        self.bytes_sent += other.bytes_sent;
        self.delivered += other.delivered;
        self.bytes_delivered += other.bytes_delivered;
        self.lost += other.lost;
        self.cut += other.cut;
        self.too_long += other.too_long;
        self.overflowed += other.overflowed;
        self.duplicated += other.duplicated;
        self.reordered += other.reordered;
        self.corrupted += other.corrupted;
    }
}
