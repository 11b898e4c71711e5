//! The render clock: from when snapshots arrive, which moment of the sender's time to show now.
//!
//! It knows ticks and local time, no contents of snapshots.

use super::arrivals::{Arrivals, Estimate};
use super::bracket::ExtrapolationLimits;
use netcord_wire::Tick;
use std::time::Duration;

/// So many snapshots in a row have to agree on another time of the sender before they are believed.
const AGREEING: u32 = 4;

/// How a [`RenderClock`] trades latency for smoothness.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RenderClockConfig {
    /// How long a tick of the sender is meant to last.
    pub tick: Duration,
    /// The least delay behind the sender. One interval between snapshots would do on a perfect network.
    pub min_delay: Duration,
    /// The most delay: on a network that asks for more, frames are extrapolated.
    pub max_delay: Duration,
    /// The share of snapshots that shall come before their predecessor has been shown to its end. The delay adapts so
    /// that they do.
    pub covered: f64,
    /// By which share render time goes faster or slower than the sender's, at most, to change the delay; 0 to 0.5.
    pub max_dilation: f64,
    /// By how much the delay shrinks in a second, when less would do. It grows at once.
    pub shrink_per_second: Duration,
    /// If render time is behind by more, it jumps.
    pub jump_above: Duration,
    /// How far render time goes beyond the newest snapshot, in ticks.
    pub limits: ExtrapolationLimits,
}

impl RenderClockConfig {
    /// What serves most games whose sender sends a snapshot every so many ticks: a delay from 2 intervals to 0.5 s that
    /// covers 98 % of the snapshots; 5 % dilation; 10 ms a second of shrinking; jumps above 0.25 s; extrapolation for
    /// 0.25 s, stale after 1 s.
    pub fn new(tick: Duration, ticks_between_snapshots: u32) -> Self {
        let tick = tick.max(Duration::from_micros(1));
        let min_delay = tick.saturating_mul(ticks_between_snapshots.max(1)).saturating_mul(2);
        let in_ticks = |seconds: f64| (seconds / tick.as_secs_f64()) as f32;
        Self {
            tick,
            min_delay,
            max_delay: min_delay.max(Duration::from_millis(500)),
            covered: 0.98,
            max_dilation: 0.05,
            shrink_per_second: Duration::from_millis(10),
            jump_above: Duration::from_millis(250),
            limits: ExtrapolationLimits { extrapolate: in_ticks(0.25), stale_after: in_ticks(1.0) },
        }
    }
}

/// A moment of the sender's time, to be shown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RenderTime {
    /// The tick in which it lies.
    pub tick: Tick,
    /// How far into the tick, from 0 to below 1.
    pub fraction: f32,
    /// The newest snapshot that the clock believes in. Newer ones, with ticks far ahead of all others, are not used.
    pub newest: Tick,
    /// Whether this is no continuation of the moment before: at the start, after an outage, or when the sender's own
    /// time has started anew. Effects that follow motion, such as trails, sounds and cameras, should start anew too.
    pub jumped: bool,
}

impl RenderTime {
    /// Ticks since a tick; negative before it.
    pub fn since(&self, tick: Tick) -> f32 {
        (f64::from(self.tick.since(tick)) + f64::from(self.fraction)) as f32
    }
}

/// Says which moment to show, from when snapshots arrive: one clock for each sender.
///
/// See [`interpolation`](super) for how it works and what comes out.
#[derive(Clone, Debug)]
pub struct RenderClock {
    config: RenderClockConfig,
    /// The configuration's times, in ticks.
    min_delay: f64,
    max_delay: f64,
    stale_after: f64,
    arrivals: Arrivals,
    sender: Option<Sender>,
    /// The last that disagreed with all before: its tick, its offset, how many in a row agree with it.
    doubted: Option<(Tick, f64, u32)>,
    delay: f64,
    /// When time was last told, and what it was.
    shown: Option<(f64, f64)>,
}

/// What is known of the sender.
#[derive(Clone, Copy, Debug)]
struct Sender {
    newest: Tick,
    /// The same without wrapping. All times of the sender are counted like this.
    newest_count: f64,
    newest_at: f64,
    estimate: Estimate,
}

impl RenderClock {
    /// A clock that has not seen a snapshot. Settings out of range are brought into it.
    pub fn new(mut config: RenderClockConfig) -> Self {
        let sane = |number: f64, most: f64| if number.is_finite() { number.clamp(0.0, most) } else { 0.0 };
        config.tick = config.tick.max(Duration::from_micros(1));
        config.max_dilation = sane(config.max_dilation, 0.5);
        config.covered = sane(config.covered, 1.0);
        let in_ticks = |time: Duration| time.as_secs_f64() / config.tick.as_secs_f64();
        let min_delay = in_ticks(config.min_delay);
        Self {
            min_delay,
            max_delay: in_ticks(config.max_delay).max(min_delay),
            stale_after: sane(config.limits.stale_after.into(), 1e9).max(1.0),
            arrivals: Arrivals::new(),
            sender: None,
            doubted: None,
            delay: min_delay,
            shown: None,
            config,
        }
    }

    /// A snapshot of `tick` has arrived. Duplicates and those that others have overtaken may be told too.
    pub fn receive(&mut self, tick: Tick, arrival: Duration) {
        let at = self.in_ticks(arrival);
        let Some(sender) = self.sender else { return self.restart(tick, f64::from(tick.0), at) };
        let gap = f64::from(tick.since(sender.newest));
        let count = sender.newest_count + gap;
        let offset = count - at;
        if (offset - sender.estimate.offset(at)).abs() > self.stale_after {
            let agreeing = match self.doubted {
                Some((before, expected, agreeing)) if (offset - expected).abs() <= self.stale_after => {
                    agreeing + u32::from(tick.is_after(before))
                }
                _ => 1,
            };
            self.doubted = Some((tick, offset, agreeing));
            if agreeing >= AGREEING && (at - sender.newest_at).abs() > self.stale_after {
                self.restart(tick, count, at);
            }
            return;
        }
        self.doubted = None;
        if gap > 0.0 {
            self.accept(tick, count, at, gap);
        }
    }

    /// The moment to show at a local time; nothing before the first snapshot. To be asked once a frame.
    ///
    /// It goes on with the sender's speed, up to [`max_dilation`](RenderClockConfig::max_dilation) faster or slower.
    /// It stands still rather than be ahead of the sender. It never goes back, except with
    /// [`jumped`](RenderTime::jumped) when the sender's own ticks have.
    pub fn advance(&mut self, now: Duration) -> Option<RenderTime> {
        let sender = self.sender?;
        let now = self.in_ticks(now);
        let elapsed = self.shown.map_or(0.0, |(before, _)| (now - before).max(0.0));
        self.adapt_delay(&sender.estimate, elapsed);

        let ceiling = sender.newest_count + self.stale_after + 1.0;
        let target = (now + sender.estimate.offset(now) - self.delay).min(ceiling);
        let continued = self.shown.and_then(|(_, before)| {
            // Of a time that the sender has left.
            if before > ceiling {
                return None;
            }
            let natural = elapsed * (1.0 + sender.estimate.drift);
            let behind = target - (before + natural);
            if behind > self.in_ticks(self.config.jump_above) {
                return None;
            }
            // Ahead of the sender itself, which has stood still: waits for it.
            if behind < -self.delay {
                return Some(before);
            }
            // Half of the way in a third of a second, as far as dilation allows.
            let settled = (elapsed / self.in_ticks(Duration::from_millis(500))).min(1.0);
            let most = self.config.max_dilation * elapsed;
            Some(before + (natural + (behind * settled).clamp(-most, most)).max(0.0))
        });
        let count = continued.map_or(target, |count| count.min(ceiling));
        self.shown = Some((now, count));

        let whole = (count - sender.newest_count).floor();
        Some(RenderTime {
            tick: Tick(sender.newest.0.wrapping_add(whole as i64 as u32)),
            fraction: ((count - sender.newest_count - whole) as f32).min(1.0 - f32::EPSILON),
            newest: sender.newest,
            jumped: continued.is_none(),
        })
    }

    /// How far behind the sender's time render time is meant to be at present. The sender's time is what its snapshots
    /// say when they come in without being late, so half a round trip more has passed there.
    pub fn delay(&self) -> Duration {
        self.in_time(self.delay)
    }

    /// How late snapshots come compared with the median, at the quantile [`covered`](RenderClockConfig::covered).
    pub fn jitter(&self) -> Duration {
        self.in_time(self.sender.map_or(0.0, |sender| sender.estimate.jitter))
    }

    /// By which share the sender's clock goes faster than the local one; negative if it goes slower.
    pub fn drift(&self) -> f64 {
        self.sender.map_or(0.0, |sender| sender.estimate.drift)
    }

    fn in_ticks(&self, time: Duration) -> f64 {
        time.as_secs_f64() / self.config.tick.as_secs_f64()
    }

    fn in_time(&self, ticks: f64) -> Duration {
        Duration::try_from_secs_f64(ticks * self.config.tick.as_secs_f64()).unwrap_or(Duration::MAX)
    }

    /// Forgets what was known of the sender's time.
    fn restart(&mut self, tick: Tick, count: f64, at: f64) {
        self.doubted = None;
        self.arrivals = Arrivals::new();
        self.accept(tick, count, at, 0.0);
    }

    fn accept(&mut self, tick: Tick, count: f64, at: f64, gap: f64) {
        self.arrivals.push(at, count - at, gap);
        let mut estimate = self.arrivals.estimate(self.config.covered);
        if self.arrivals.forget_before_shift(&estimate) {
            estimate = self.arrivals.estimate(self.config.covered);
            // It has grown by what looked like jitter.
            self.delay = self.min_delay;
        }
        self.sender = Some(Sender { newest: tick, newest_count: count, newest_at: at, estimate });
    }

    /// Up at once, down slowly.
    fn adapt_delay(&mut self, estimate: &Estimate, elapsed: f64) {
        let wanted = estimate.age.clamp(self.min_delay, self.max_delay);
        let shrunk = self.delay - elapsed * self.config.shrink_per_second.as_secs_f64();
        self.delay = shrunk.max(wanted);
    }
}
