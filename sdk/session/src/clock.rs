//! When the next tick is due, and how both peers keep to the same tick without ever jumping.
//!
//! All integers: the same arrivals give the same schedule on every machine.

use core::time::Duration;

/// Fractions of a tick that lags are measured in.
const UNIT: i32 = 256;
/// Ticks that may follow a late one at once; what was missed beyond that is made up for little by little.
const MAX_BACKLOG: u32 = 3;
/// How much faster or slower than nominal a player's ticks may run, in millionths.
const MAX_SLEW: i32 = 25_000;
/// The slew for each tick that the peers are apart, in millionths.
const SLEW_PER_TICK: i32 = 8_000;
/// How much faster ticks run while lost time is made up for, in millionths.
const REPAY: i32 = 10_000;
/// The most lost time that is made up for.
const MAX_DEBT: Duration = Duration::from_millis(500);
/// Arrivals that the measured lag is averaged over.
const LAG_WINDOW: i32 = 16;

/// The schedule of ticks.
#[derive(Debug)]
pub(crate) struct TickClock {
    /// The nominal interval, in nanoseconds.
    interval: u64,
    /// How much faster than nominal ticks run, in millionths.
    rate: i32,
    due: Duration,
    last: Option<Duration>,
    /// The tick that is due could not run; those that were to follow are not made up for at once.
    stalled: bool,
    /// Time that was lost to stalls and hitches, to be made up for little by little.
    debt: Duration,
}

impl TickClock {
    pub(crate) fn new(tick_rate: u16) -> Self {
        let interval = 1_000_000_000 / u64::from(tick_rate.max(1));
        Self { interval, rate: 0, due: Duration::MAX, last: None, stalled: false, debt: Duration::ZERO }
    }

    pub(crate) fn interval(&self) -> Duration {
        Duration::from_nanos(self.interval)
    }

    /// The first tick is due at `at`; `Duration::MAX` leaves it open.
    pub(crate) fn start(&mut self, at: Duration) {
        *self = Self {
            interval: self.interval,
            rate: 0,
            due: at,
            last: None,
            stalled: false,
            debt: Duration::ZERO,
        };
    }

    /// Whether it is open when the first tick is due.
    pub(crate) fn is_open(&self) -> bool {
        self.due == Duration::MAX
    }

    /// Whether ticks have run since the start.
    pub(crate) fn has_run(&self) -> bool {
        self.last.is_some()
    }

    /// Ticks until the first one is due, rounded up; zero once it ran.
    pub(crate) fn lead_in(&self, now: Duration) -> u32 {
        if self.has_run() || self.is_open() { 0 } else { self.ticks_in(self.due.saturating_sub(now)) }
    }

    /// Ticks that take so long, rounded up.
    pub(crate) fn ticks_in(&self, time: Duration) -> u32 {
        (time.as_nanos() as u64).div_ceil(self.interval) as u32
    }

    pub(crate) fn due(&self) -> Duration {
        self.due
    }

    pub(crate) fn is_due(&self, now: Duration) -> bool {
        now >= self.due
    }

    /// A tick is due and can't run; returns whether that is news.
    pub(crate) fn stall(&mut self) -> bool {
        !core::mem::replace(&mut self.stalled, true)
    }

    pub(crate) fn set_rate(&mut self, millionths: i32) {
        self.rate = millionths;
    }

    /// A tick ran; returns the time since the one before.
    pub(crate) fn ran(&mut self, now: Duration) -> Option<Duration> {
        let interval = self.slewed();
        let planned = self.due + interval;
        self.due = if core::mem::take(&mut self.stalled) {
            planned.max(now + interval)
        } else {
            planned.max(now.saturating_sub(interval * (MAX_BACKLOG - 1)))
        };
        let lost = self.due - planned;
        let repaid = self.interval().saturating_sub(interval);
        self.debt = (self.debt + lost).saturating_sub(repaid).min(MAX_DEBT);
        self.last.replace(now).map(|last| now.saturating_sub(last))
    }

    /// Ticks since the last one ran, up to one, in 256ths.
    pub(crate) fn fraction(&self, now: Duration) -> i32 {
        let since = self.last.map_or(Duration::ZERO, |last| now.saturating_sub(last));
        let since = (since.as_nanos() as u64).min(self.interval);
        (since * UNIT as u64 / self.interval) as i32
    }

    fn slewed(&self) -> Duration {
        let rate = self.rate + if self.debt.is_zero() { 0 } else { REPAY };
        Duration::from_nanos(self.interval * 1_000_000 / (1_000_000 + i64::from(rate)) as u64)
    }
}

/// How far this peer is ahead of the other.
///
/// Each side measures how far its own tick is past the newest that it heard of; that is the true lead plus the
/// time on the way. Each tells the other, and half the difference is the lead, as long as both ways take the same
/// time; where they don't, both get the same share of predicted ticks, which is as fair.
#[derive(Debug, Default)]
pub(crate) struct TimeSync {
    /// Ours, averaged, in 256ths of a tick.
    lag: Option<i32>,
    /// The other's, in 256ths of a tick.
    remote: Option<i32>,
}

impl TimeSync {
    /// A message arrived that left when the other was at tick `remote`, while we are `fraction` (256ths) past
    /// `own` ticks; `ahead` is the difference of both ticks.
    pub(crate) fn observe(&mut self, ahead: i32, fraction: i32) {
        let lag = ahead.clamp(-1_000, 1_000) * UNIT + fraction;
        self.lag = Some(self.lag.map_or(lag, |mean| mean + (lag - mean) / LAG_WINDOW));
    }

    /// The other told its lag, in quarters of a tick.
    pub(crate) fn hear(&mut self, sample: i8) {
        self.remote = Some(i32::from(sample) * (UNIT / 4));
    }

    /// Our lag, for the other.
    pub(crate) fn sample(&self) -> Option<i8> {
        let quarters = self.lag? / (UNIT / 4);
        Some(quarters.clamp(i8::MIN.into(), i8::MAX.into()) as i8)
    }

    /// How far we are ahead, in 256ths of a tick.
    pub(crate) fn lead(&self) -> i32 {
        match (self.lag, self.remote) {
            (Some(lag), Some(remote)) => (lag - remote) / 2,
            _ => 0,
        }
    }

    /// How much faster to run, in millionths; negative when we are ahead.
    pub(crate) fn rate(&self) -> i32 {
        (-self.lead() * SLEW_PER_TICK / UNIT).clamp(-MAX_SLEW, MAX_SLEW)
    }
}
