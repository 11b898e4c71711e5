//! A sender, a network and a player's screen under simulated time.

use netcord_snapshot::interpolation::{Bracket, Freshness, RenderClock, RenderClockConfig};
use netcord_wire::{GameRng, Tick};
use std::time::Duration;

/// What is left out of the figures: the first seconds, in which the clock gets to know the network.
const WARM_UP: f64 = 10.0;
const SECONDS: f64 = 60.0;
const TICKS_PER_SECOND: f64 = 60.0;
const FRAMES_PER_SECOND: f64 = 144.0;
/// Ticks wrap in the midst of it.
const FIRST_TICK: Tick = Tick(u32::MAX - 1_000);

#[derive(Clone, Copy, Debug)]
pub(crate) struct Network {
    /// Ticks from one snapshot to the next.
    pub(crate) every: u32,
    /// Up to so much, evenly, on top of a constant latency. More than the interval reorders.
    pub(crate) jitter_ms: f64,
    pub(crate) loss: f64,
    pub(crate) duplicates: f64,
    /// By which share the sender's clock is fast.
    pub(crate) drift: f64,
    /// Nothing sent between these seconds arrives.
    pub(crate) outage: Option<(f64, f64)>,
    /// What comes in between these seconds comes all together at their end.
    pub(crate) stall: Option<(f64, f64)>,
    /// From a second on, the way is longer by so many seconds.
    pub(crate) detour: Option<(f64, f64)>,
}

impl Default for Network {
    fn default() -> Self {
        Self {
            every: 3,
            jitter_ms: 0.0,
            loss: 0.0,
            duplicates: 0.0,
            drift: 0.0,
            outage: None,
            stall: None,
            detour: None,
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    /// The share of frames that two snapshots were not enough for.
    pub(crate) extrapolated: f64,
    pub(crate) stale_seconds: f64,
    /// Frames whose render time was before that of the last.
    pub(crate) backward: u32,
    /// Jumps after the start.
    pub(crate) jumps: u32,
    /// Render time's slowest and fastest speed, jumps and outages apart.
    pub(crate) speeds: (f64, f64),
    pub(crate) delay_ms: f64,
    /// In hindsight: the age that the newest snapshot had, for 98 % of those that followed it, less the median transit.
    pub(crate) asked_ms: f64,
    /// The most that render time was behind the sender's time less the median transit, outages apart.
    pub(crate) most_behind_ms: f64,
    pub(crate) drift: f64,
}

impl Network {
    pub(crate) fn run(self, seed: u64) -> Outcome {
        let arrivals = self.arrivals(&mut GameRng::new(seed));
        let (asked_ms, transit) = self.hindsight(&arrivals);
        let config = RenderClockConfig::new(Duration::from_secs(1) / TICKS_PER_SECOND as u32, self.every);
        let mut clock = RenderClock::new(config);
        let (mut held, mut waiting) = (Vec::new(), arrivals.iter().peekable());
        let mut last = None::<netcord_snapshot::interpolation::RenderTime>;
        let mut outcome = Outcome {
            extrapolated: 0.0,
            stale_seconds: 0.0,
            backward: 0,
            jumps: 0,
            speeds: (1.0, 1.0),
            delay_ms: 0.0,
            asked_ms,
            most_behind_ms: 0.0,
            drift: 0.0,
        };
        let mut counted = 0.0;
        for frame in 0..(SECONDS * FRAMES_PER_SECOND) as u32 {
            let now = f64::from(frame) / FRAMES_PER_SECOND;
            while let Some(&(at, index)) = waiting.next_if(|&&(at, _)| at <= now) {
                clock.receive(FIRST_TICK + index * self.every, Duration::from_secs_f64(at));
                held.push(FIRST_TICK + index * self.every);
            }
            let Some(time) = clock.advance(Duration::from_secs_f64(now)) else { continue };
            let recent = held.iter().rev().take(64).copied();
            let freshness =
                Bracket::find(&time, &config.limits, recent).expect("snapshots are held").freshness;
            let out = self.outage.is_some_and(|(from, to)| now > from && now < to + 10.0);
            if let Some(last) = last {
                let went = f64::from(time.since(last.tick)) - f64::from(last.fraction);
                outcome.backward += u32::from(went < 0.0);
                outcome.jumps += u32::from(time.jumped);
                if !time.jumped && !out && now > WARM_UP {
                    let speed = went * FRAMES_PER_SECOND / TICKS_PER_SECOND;
                    outcome.speeds = (outcome.speeds.0.min(speed), outcome.speeds.1.max(speed));
                }
            }
            last = Some(time);
            if freshness == Freshness::Stale {
                outcome.stale_seconds += 1.0 / FRAMES_PER_SECOND;
            }
            if now > WARM_UP {
                counted += 1.0;
                outcome.extrapolated += f64::from(u32::from(freshness != Freshness::Interpolated));
                outcome.delay_ms += clock.delay().as_secs_f64() * 1e3;
                if !out {
                    let sender = (now - transit) * (1.0 + self.drift) * TICKS_PER_SECOND;
                    let behind = (sender - f64::from(time.since(FIRST_TICK))) / TICKS_PER_SECOND * 1e3;
                    outcome.most_behind_ms = outcome.most_behind_ms.max(behind);
                }
            }
        }
        outcome.extrapolated /= counted;
        outcome.delay_ms /= counted;
        outcome.drift = clock.drift();
        outcome
    }

    /// When each snapshot comes in, in the order in which they do.
    fn arrivals(&self, rng: &mut GameRng) -> Vec<(f64, u32)> {
        let mut share = || rng.next_u64() as f64 / u64::MAX as f64;
        let mut arrivals = Vec::new();
        for index in 0..(SECONDS * TICKS_PER_SECOND / f64::from(self.every)) as u32 {
            let sent = self.sent(index);
            let lost = share() < self.loss || self.outage.is_some_and(|(from, to)| sent > from && sent < to);
            let copies = 1 + usize::from(share() < self.duplicates);
            for _ in 0..if lost { 0 } else { copies } {
                let detour = self.detour.filter(|&(from, _)| sent > from).map_or(0.0, |(_, longer)| longer);
                let at = sent + 0.05 + detour + self.jitter_ms / 1e3 * share();
                let stalled = self.stall.filter(|&(from, to)| at > from && at < to);
                arrivals.push((stalled.map_or(at, |(_, to)| to), index));
            }
        }
        arrivals.sort_by(|a, b| a.0.total_cmp(&b.0));
        arrivals
    }

    fn sent(&self, index: u32) -> f64 {
        f64::from(index * self.every) / TICKS_PER_SECOND / (1.0 + self.drift)
    }

    /// The delay that would have covered 98 % of the snapshots that came in as the newest, in milliseconds, and those
    /// snapshots' median transit in seconds.
    fn hindsight(&self, arrivals: &[(f64, u32)]) -> (f64, f64) {
        let (mut ages, mut transits, mut newest) = (Vec::new(), Vec::new(), 0);
        for &(at, index) in arrivals.iter().filter(|&&(at, _)| at > WARM_UP) {
            if index > newest {
                if newest > 0 {
                    ages.push(at - self.sent(newest));
                    transits.push(at - self.sent(index));
                }
                newest = index;
            }
        }
        ages.sort_by(f64::total_cmp);
        transits.sort_by(f64::total_cmp);
        let transit = transits[transits.len() / 2];
        ((ages[ages.len() * 98 / 100] - transit) * 1e3, transit)
    }
}
