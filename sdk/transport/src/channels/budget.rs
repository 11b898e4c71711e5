//! How many bytes a second go to the peer: the configured limit, and what the path bears.
//!
//! Rate-based, for games: random loss of a radio link is no congestion, a growing round trip is. The rate
//! doubles about once a round trip until the path pushes back (a queue that grows, a delivery that no longer does, or
//! loss that no radio explains), then follows what was delivered. It never falls below what a small game needs.

use core::time::Duration;

/// The token bucket and the rate that fills it. Bytes are counted with UDP and IPv4 headers.
#[derive(Debug)]
pub(super) struct Budget {
    /// The configured limit, in bytes a second.
    limit: f64,
    /// What the path is believed to bear, in bytes a second.
    rate: f64,
    tokens: f64,
    refilled_at: Option<Duration>,
    /// The time between flushes: round trips are uncertain by as much at both ends.
    flush_interval: Duration,
    /// Still looking for the path's capacity.
    starting: bool,
    round: Round,
    /// Whether something waited for the budget in the round before.
    was_limited: bool,
    /// The most that was delivered in a round of the start, and how many rounds did not beat it.
    best_delivery: f64,
    stalled: u32,
    /// The shortest round trip of this and the last [`BASE_WINDOW`].
    shortest: [Duration; 2],
    shortest_since: Duration,
    /// Share of packets that were lost lately.
    loss: f32,
}

/// What happened in one round trip.
#[derive(Debug, Default)]
struct Round {
    /// The round ends when this packet or a later one is acked.
    end: u64,
    started_at: Duration,
    /// Bytes that were acked.
    delivered: u64,
    acked: u32,
    lost: u32,
    shortest: Option<Duration>,
    /// Whether something waited for the budget.
    limited: bool,
}

/// UDP and IPv4 headers.
pub(super) const HEADERS: usize = 28;
/// Before the first ack, in bytes a second.
const FIRST_RATE: f64 = 640_000.0;
/// What is always allowed: a small game in full.
const FLOOR: f64 = 32_000.0;
/// How long the budget may be saved up: a game that flushes 20 times a second can use all of it.
const BURST: f64 = 0.05;
/// Full datagrams that may be saved up in any case.
const MIN_BURST: f64 = 4.0 * 1_228.0;
/// For how long a shortest round trip counts, at least.
const BASE_WINDOW: Duration = Duration::from_secs(10);
/// The queue that a path may build up before the rate yields, beside an eighth of the round trip and what
/// the ticks of both ends explain.
const QUEUE: Duration = Duration::from_millis(30);
/// Loss above this share is congestion, whatever else it is.
const HEAVY_LOSS: f64 = 0.35;
/// Packets in a round from which its loss means something.
const ENOUGH: u32 = 20;

impl Budget {
    pub(super) fn new(limit: u32) -> Self {
        let limit = f64::from(limit);
        let rate = FIRST_RATE.min(limit);
        Self {
            limit,
            rate,
            tokens: (rate * BURST).max(MIN_BURST),
            refilled_at: None,
            flush_interval: Duration::ZERO,
            starting: true,
            round: Round::default(),
            was_limited: false,
            best_delivery: 0.0,
            stalled: 0,
            shortest: [Duration::MAX; 2],
            shortest_since: Duration::ZERO,
            loss: 0.0,
        }
    }

    /// What is allowed now, in bytes a second.
    pub(super) fn bytes_per_second(&self) -> u32 {
        self.rate as u32
    }

    /// The share of packets that were lost lately, 0 to 1.
    pub(super) fn loss(&self) -> f32 {
        self.loss
    }

    /// Adds what was earned since the last flush.
    pub(super) fn refill(&mut self, now: Duration) {
        let since = now.saturating_sub(self.refilled_at.replace(now).unwrap_or(now));
        let burst = (self.rate * BURST).max(MIN_BURST);
        self.tokens = (self.tokens + self.rate * since.as_secs_f64()).min(burst);
        self.flush_interval = (self.flush_interval * 7 + since.min(Duration::from_millis(100))) / 8;
    }

    /// Whether another datagram of messages may be sent; noted when not.
    pub(super) fn allows(&mut self) -> bool {
        let allowed = self.tokens > 0.0;
        self.round.limited |= !allowed;
        allowed
    }

    /// Pays for a datagram.
    pub(super) fn spend(&mut self, bytes: usize) {
        self.tokens -= bytes as f64;
    }

    pub(super) fn acked(&mut self, bytes: u16) {
        self.round.delivered += u64::from(bytes);
        self.round.acked += 1;
        self.loss -= self.loss / 64.0;
    }

    pub(super) fn lost(&mut self) {
        self.round.lost += 1;
        self.loss += (1.0 - self.loss) / 64.0;
    }

    /// The peer has been silent for several probes: start over, carefully.
    pub(super) fn silent(&mut self) {
        self.rate = (self.rate / 2.0).max(FLOOR.min(self.limit));
        self.starting = true;
        self.best_delivery = 0.0;
        self.stalled = 0;
    }

    /// Takes what an ack tells: the highest packet that is acked, `acked` bytes in all, and the round trip.
    pub(super) fn ack_ends(
        &mut self,
        highest: u64,
        next: u64,
        acked: u64,
        sample: Option<Duration>,
        smoothed: Duration,
        now: Duration,
    ) {
        if let Some(sample) = sample {
            self.round.shortest = Some(self.round.shortest.map_or(sample, |shortest| shortest.min(sample)));
            if now.saturating_sub(self.shortest_since) >= BASE_WINDOW {
                self.shortest = [self.shortest[1], Duration::MAX];
                self.shortest_since = now;
            }
            self.shortest[1] = self.shortest[1].min(sample);
        }
        if self.starting && (self.round.limited || self.was_limited) && smoothed > Duration::ZERO {
            self.set_rate(self.rate + 2.0 * acked as f64 / smoothed.as_secs_f64());
        }
        if highest >= self.round.end {
            self.end_round(now);
            self.was_limited = self.round.limited;
            self.round = Round { end: next, started_at: now, ..Round::default() };
        }
    }

    fn end_round(&mut self, now: Duration) {
        let Round { delivered, acked, lost, shortest, limited, started_at, .. } = self.round;
        let (Some(shortest), base) = (shortest, self.shortest[0].min(self.shortest[1])) else { return };
        let took = now.saturating_sub(started_at).max(Duration::from_millis(1));
        let delivery = delivered as f64 / took.as_secs_f64();
        let queue = shortest.saturating_sub(base);
        let patience = QUEUE.max(self.flush_interval * 2) + base / 8;
        let loss = f64::from(lost) / f64::from((acked + lost).max(1));
        let pushed_back = queue > patience || loss > HEAVY_LOSS && acked + lost >= ENOUGH;
        if pushed_back && (limited || delivery > self.rate / 2.0) {
            self.starting = false;
            self.set_rate(self.rate.min(delivery) * 0.85);
        } else if limited && self.starting {
            if delivery > self.best_delivery * 1.25 {
                self.best_delivery = delivery;
                self.stalled = 0;
            } else {
                self.stalled += 1;
            }
            if self.stalled >= 3 {
                self.starting = false;
                self.set_rate(delivery);
            }
        } else if limited {
            self.set_rate(self.rate * 1.05);
        }
    }

    fn set_rate(&mut self, rate: f64) {
        self.rate = rate.max(FLOOR).min(self.limit);
    }
}
