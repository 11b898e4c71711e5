//! What a network does to datagrams, per direction.

use core::num::NonZeroU32;
use core::time::Duration;

/// What one direction of a network does to the datagrams that go through it. The default is a perfect network.
///
/// The two directions of a link have their own conditions: with `latency` at 100 ms in both, a round trip takes
/// 200 ms. All sizes are those of the UDP payload, without headers.
///
/// A datagram passes in this order: [`mtu`](Self::mtu), [`loss`](Self::loss), [`bandwidth`](Self::bandwidth) with
/// its [`queue`](Self::queue), [`duplicate`](Self::duplicate), and then each copy on its own
/// [`corrupt`](Self::corrupt), [`latency`](Self::latency), [`jitter`](Self::jitter), [`tail`](Self::tail) and
/// [`reorder`](Self::reorder).
///
/// **Order is kept** but for what `reorder` picks out: as in the queues of a real path, a datagram that jitter or
/// the tail makes late holds up those behind it. So the mean delay is a little above `latency` when datagrams
/// follow one another more closely than they jitter.
///
/// Conditions are written as text, too; see [`FromStr`](Self#impl-FromStr-for-Conditions).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conditions {
    /// The time from one end to the other, one way.
    pub latency: Duration,
    /// How far the delay of a datagram is from `latency` at most: uniformly distributed between `latency - jitter`
    /// (but not below zero) and `latency + jitter`.
    pub jitter: Duration,
    /// The long tail: how many datagrams are delayed further, and by how much on average. The further delay
    /// is distributed exponentially.
    pub tail: Late,
    /// How many datagrams are lost.
    pub loss: Chance,
    /// How many datagrams in a row are lost on average; `None` when each is lost or not whatever happened to the
    /// last. The share of losses is `loss` either way (where `loss` is too high for runs so short, they are longer).
    ///
    /// Source: E. N. Gilbert, Capacity of a Burst-Noise Channel, 1960, and E. O. Elliott, 1963, with a good state that
    /// loses nothing and a bad one that delivers nothing.
    pub burst: Option<NonZeroU32>,
    /// How many datagrams arrive twice.
    pub duplicate: Chance,
    /// How many datagrams are held back, and for how long, so that those behind them overtake.
    pub reorder: Late,
    /// How many datagrams arrive with one bit flipped. Real networks catch nearly all of these by a checksum and
    /// make them losses; an attacker's do come.
    pub corrupt: Chance,
    /// The narrowest point's bandwidth in bits a second; `None` is unlimited.
    pub bandwidth: Option<u64>,
    /// The bytes that may wait before the narrowest point, with what it is sending; a datagram that finds no room
    /// is lost. Without `bandwidth`, nothing waits.
    pub queue: usize,
    /// The longest datagram that passes; longer ones are lost.
    pub mtu: Option<usize>,
}

impl Conditions {
    /// Nothing is lost, late, or changed.
    pub const PERFECT: Self = Self {
        latency: Duration::ZERO,
        jitter: Duration::ZERO,
        tail: Late::NEVER,
        loss: Chance::NEVER,
        burst: None,
        duplicate: Chance::NEVER,
        reorder: Late::NEVER,
        corrupt: Chance::NEVER,
        bandwidth: None,
        queue: 64_000,
        mtu: None,
    };
}

impl Default for Conditions {
    fn default() -> Self {
        Self::PERFECT
    }
}

/// How often something happens to a datagram. Exact to one in a million.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Chance(u32);

impl Chance {
    /// It never happens.
    pub const NEVER: Self = Self(0);
    /// It always happens.
    pub const ALWAYS: Self = Self(Self::MILLION);

    const MILLION: u32 = 1_000_000;

    /// So many in a hundred; above 100 is always.
    pub const fn percent(percent: u32) -> Self {
        Self::per_million(percent.saturating_mul(10_000))
    }

    /// So many in a million; above a million is always.
    pub const fn per_million(count: u32) -> Self {
        Self(if count < Self::MILLION { count } else { Self::MILLION })
    }

    /// How many in a million.
    pub const fn in_a_million(self) -> u32 {
        self.0
    }
}

/// How often datagrams are late, and by how much.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Late {
    /// How many datagrams are late.
    pub chance: Chance,
    /// By how much.
    pub by: Duration,
}

impl Late {
    /// None is late.
    pub const NEVER: Self = Self { chance: Chance::NEVER, by: Duration::ZERO };
}
