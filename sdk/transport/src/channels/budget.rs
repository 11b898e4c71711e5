//! How many bytes a second go to the peer: the configured limit, and what the path bears.
//!
//! Rate-based, for games: random loss of a radio link is no congestion, a growing round trip is.
//!
//! - At the start the rate more than doubles a round trip, until the path pushes back: its queue grows, or its
//!   delivery no longer does.
//! - Then it follows what is delivered, grows gently while the queue is short, and drains a queue at once.
//! - Loss that radio may explain is borne. For more, the rate is cut to see whether that mends it; if not, it
//!   was no congestion, and so much is borne from then on.
//!
//! The rate never falls below what a small game needs.

use core::time::Duration;

/// The token bucket and the rate that fills it. Bytes are counted as on the wire, with sealing and headers.
#[derive(Debug)]
pub(super) struct Budget {
    /// The configured limit, in bytes a second.
    limit: f64,
    /// What the path is believed to bear, in bytes a second.
    rate: f64,
    /// The share of it that is used while the path's queue drains.
    drain: f64,
    tokens: f64,
    refilled_at: Option<Duration>,
    /// The time between flushes: round trips are uncertain by as much at both ends.
    flush_interval: Duration,
    round: Round,
    /// Whether something waited for the budget in the round before.
    was_limited: bool,
    /// Still looking for the path's capacity.
    start: Option<Start>,
    /// The most that was delivered in a round lately, in bytes a second.
    best_delivery: f64,
    base: BaseRoundTrip,
    loss: Loss,
    /// The peer does not answer.
    silent: bool,
    /// Packets before this one fell into a silence: their loss says nothing about the rate.
    silent_before: u64,
}

/// What happened in one round trip.
#[derive(Debug, Default)]
struct Round {
    /// The round ends when this packet or a later one is acked.
    end: u64,
    started_at: Duration,
    /// Bytes that were acked.
    delivered: u64,
    shortest: Option<Duration>,
    /// Whether something waited for the budget.
    limited: bool,
}

/// The look-out for signs that the start is over.
#[derive(Debug, Default)]
struct Start {
    /// The most that was delivered in a round, in bytes a second, and how many rounds did not beat it.
    best: f64,
    stalled: u32,
    /// Moments in a row whose round trips show a queue, the last of them, and the shortest queue.
    late: u32,
    late_at: Duration,
    late_queue: Duration,
}

/// The shortest round trip of the last one or two [`BASE_WINDOW`]s: the path without a queue.
#[derive(Debug)]
struct BaseRoundTrip {
    shortest: [Duration; 2],
    since: Duration,
}

/// What part of the packets is lost, and whether sending less would mend it.
#[derive(Debug)]
struct Loss {
    /// Share of packets that were lost lately.
    share: f64,
    /// The share that is borne.
    borne: f64,
    trial: Option<Trial>,
}

/// The rate is cut, to see whether less is lost.
#[derive(Debug)]
struct Trial {
    /// The share of lost packets, the rate, and the delivery before.
    loss: f64,
    rate: f64,
    delivery: f64,
    rounds: u32,
    packets: u32,
}

/// UDP and IPv4 headers.
pub(super) const HEADERS: usize = 28;
/// Before the first ack, in bytes a second.
const FIRST_RATE: f64 = 640_000.0;
/// What is always allowed: a small game in full.
const FLOOR: f64 = 32_000.0;
/// How long the budget may be saved up, in seconds: a game that flushes 20 times a second can use all of it.
const BURST: f64 = 0.05;
/// What may be saved up in any case: four full datagrams.
const MIN_BURST: f64 = 4.0 * 1_228.0;
/// Bytes that the rate grows by at the start, for each that is acked and per round trip.
const START_GROWTH: f64 = 2.0;
/// Growth per round trip on an empty queue, afterwards.
const GROWTH: f64 = 0.03;
/// Late round trips in a row that end the start; fewer may be jitter.
const LATE: u32 = 4;
/// Share of the delivery that is used from when the path pushes back.
const YIELD: f64 = 0.95;
/// The time in which a queue should drain, in seconds.
const DRAIN_TIME: f64 = 0.5;
const BASE_WINDOW: Duration = Duration::from_secs(10);
/// The queue that is allowed, beside an eighth of the round trip; more when the ticks of both ends explain
/// it.
const QUEUE: Duration = Duration::from_millis(30);
/// Share of the delivery that is used to see whether loss is congestion.
const TRIAL: f64 = 0.7;
/// A pause between two flushes that is longer than any tick.
const HITCH: Duration = Duration::from_millis(110);
/// Loss that is borne in any case.
const RADIO: f64 = 0.1;
/// Loss beyond what is borne that starts a trial.
const EXCESS: f64 = 0.15;

impl Budget {
    pub(super) fn new(limit: u32) -> Self {
        let limit = f64::from(limit);
        let rate = FIRST_RATE.min(limit);
        Self {
            limit,
            rate,
            drain: 1.0,
            tokens: (rate * BURST).max(MIN_BURST),
            refilled_at: None,
            flush_interval: Duration::ZERO,
            round: Round::default(),
            was_limited: false,
            start: Some(Start::default()),
            best_delivery: 0.0,
            base: BaseRoundTrip { shortest: [Duration::MAX; 2], since: Duration::ZERO },
            loss: Loss { share: 0.0, borne: RADIO, trial: None },
            silent: false,
            silent_before: 0,
        }
    }

    /// What is allowed now, in bytes a second.
    pub(super) fn bytes_per_second(&self) -> u32 {
        self.allowed() as u32
    }

    fn allowed(&self) -> f64 {
        let rate = if self.silent { 0.0 } else { self.rate * self.drain };
        rate.max(FLOOR).min(self.limit)
    }

    /// The share of packets that were lost lately, 0 to 1.
    pub(super) fn loss(&self) -> f32 {
        self.loss.share as f32
    }

    /// Adds what was earned since the last flush.
    pub(super) fn refill(&mut self, now: Duration) {
        let since = now.saturating_sub(self.refilled_at.replace(now).unwrap_or(now));
        let allowed = self.allowed();
        self.tokens = (self.tokens + allowed * since.as_secs_f64()).min((allowed * BURST).max(MIN_BURST));
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
        self.loss.note(0.0);
    }

    pub(super) fn lost(&mut self, number: u64) {
        if number >= self.silent_before {
            self.loss.note(1.0);
        }
    }

    /// The peer has been silent for another probe: the least goes out until it answers, and then a new start
    /// is made from half the rate.
    pub(super) fn peer_is_silent(&mut self) {
        self.silent = true;
        self.rate = (self.rate / 2.0).max(FLOOR);
        self.start = Some(Start::default());
        self.loss.trial = None;
    }

    /// Takes what an ack tells: the highest packet in it, the number of the next to be sent, how many bytes
    /// it acked, the round trip that it shows, and the smoothed one.
    pub(super) fn ack_ends(
        &mut self,
        highest: u64,
        next: u64,
        acked: u64,
        sample: Option<Duration>,
        smoothed: Duration,
        now: Duration,
    ) {
        if core::mem::take(&mut self.silent) {
            self.silent_before = next;
        }
        // After a hitch of our own, acks have waited for us, not for the path.
        let hitch = self.refilled_at.is_some_and(|at| now.saturating_sub(at) > HITCH);
        if let Some(sample) = sample.filter(|_| !hitch) {
            self.take_round_trip(sample, now);
        }
        let limited = self.round.limited || self.was_limited;
        if self.start.is_some() && limited && smoothed > Duration::ZERO && self.loss.trial.is_none() {
            self.set_rate(self.rate + START_GROWTH * acked as f64 / smoothed.as_secs_f64());
        }
        let overrun = self.start.as_ref().filter(|start| start.late >= LATE).map(|start| start.late_queue);
        if let Some(queue) = overrun.filter(|_| limited) {
            self.end_round(now);
            self.yield_to(queue);
            self.round = Round { end: next, started_at: now, ..Round::default() };
        } else if highest >= self.round.end {
            self.end_round(now);
            self.was_limited = self.round.limited;
            self.round = Round { end: next, started_at: now, ..Round::default() };
        }
    }

    fn take_round_trip(&mut self, sample: Duration, now: Duration) {
        self.round.shortest = Some(self.round.shortest.map_or(sample, |shortest| shortest.min(sample)));
        if now.saturating_sub(self.base.since) >= BASE_WINDOW {
            self.base = BaseRoundTrip { shortest: [self.base.shortest[1], Duration::MAX], since: now };
            if self.start.is_none() {
                // A queue that always stands would pass for the path itself.
                self.drain = self.drain.min(0.5);
            }
        }
        self.base.shortest[1] = self.base.shortest[1].min(sample);
        let (queue, patience) = (self.queue(sample), self.patience());
        let Some(start) = &mut self.start else { return };
        if queue <= patience {
            start.late = 0;
        } else if start.late == 0 || start.late_at != now {
            start.late_queue = if start.late == 0 { queue } else { queue.min(start.late_queue) };
            start.late += 1;
            start.late_at = now;
        }
    }

    /// The path's queue is too long: use what it delivers, less what drains the queue.
    fn yield_to(&mut self, queue: Duration) {
        self.start = None;
        self.set_rate(self.rate.min(self.best_delivery) * YIELD);
        self.drain = (1.0 - queue.as_secs_f64() / DRAIN_TIME).max(0.25);
    }

    fn base(&self) -> Duration {
        self.base.shortest[0].min(self.base.shortest[1])
    }

    /// How long the path's queue is, by this round trip.
    fn queue(&self, round_trip: Duration) -> Duration {
        round_trip.saturating_sub(self.base())
    }

    /// How long it may be.
    fn patience(&self) -> Duration {
        QUEUE.max(self.flush_interval * 2) + self.base() / 8
    }

    fn end_round(&mut self, now: Duration) {
        let Round { delivered, shortest, limited, started_at, .. } = self.round;
        let Some(shortest) = shortest else { return };
        let took = now.saturating_sub(started_at).max(Duration::from_millis(1));
        let delivery = delivered as f64 / took.as_secs_f64();
        self.best_delivery = delivery.max(self.best_delivery * 0.9);
        let (queue, patience) = (self.queue(shortest), self.patience());
        if queue > patience && (limited || delivery > self.rate / 2.0) {
            return self.yield_to(queue);
        }
        self.drain = 1.0;
        if !limited || self.judge_loss() {
            return;
        }
        match &mut self.start {
            Some(start) if delivery > start.best * 1.25 => {
                *start = Start { best: delivery, ..Start::default() }
            }
            Some(start) if start.stalled < 2 => start.stalled += 1,
            Some(_) => {
                self.start = None;
                self.set_rate(self.best_delivery);
            }
            None => {
                let free = 1.0 - queue.as_secs_f64() / patience.as_secs_f64();
                self.set_rate(self.rate * (1.0 + GROWTH * free.max(0.0)));
            }
        }
    }

    /// Starts or ends a trial of sending less than what was delivered; `true` while one runs.
    fn judge_loss(&mut self) -> bool {
        let Loss { share, borne, trial } = &mut self.loss;
        *borne += (RADIO - *borne) / 128.0;
        match trial {
            None if *share <= *borne + EXCESS => return false,
            None => {
                let (rate, delivery) = (self.rate, self.best_delivery);
                *trial = Some(Trial { loss: *share, rate, delivery, rounds: 0, packets: 0 });
                self.set_rate(rate.min(delivery) * TRIAL);
            }
            Some(trial) if trial.rounds < 3 || trial.packets < 128 => trial.rounds += 1,
            Some(Trial { loss, rate, delivery, .. }) => {
                // A path that was overrun loses next to nothing now; one of bad radio as much as before.
                let (mended, rate, delivery) = (*share < *loss / 2.0, *rate, *delivery);
                *trial = None;
                if mended {
                    self.start = None;
                    self.set_rate(delivery * YIELD);
                } else {
                    *borne = *share;
                    self.set_rate(rate);
                }
            }
        }
        true
    }

    fn set_rate(&mut self, rate: f64) {
        self.rate = rate.max(FLOOR).min(self.limit.max(FLOOR));
    }
}

impl Loss {
    /// Takes one packet's fate: 1 for lost.
    fn note(&mut self, lost: f64) {
        self.share += (lost - self.share) / 64.0;
        if let Some(trial) = &mut self.trial {
            trial.packets += 1;
        }
    }
}
