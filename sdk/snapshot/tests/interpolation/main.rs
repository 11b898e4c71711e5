//! The render clock under simulated time: whatever the network does, what is shown goes on, and seldom has to guess.

mod network;

use netcord_snapshot::interpolation::{RenderClock, RenderClockConfig};
use netcord_wire::{GameRng, Tick};
use network::{Network, Outcome};
use std::time::Duration;

const SEEDS: u64 = 3;

/// What came out with several seeds, all checked for what must hold on any network.
fn runs(network: Network) -> Vec<Outcome> {
    (0..SEEDS)
        .map(|seed| {
            let outcome = network.run(seed);
            assert_eq!(outcome.backward, 0, "seed {seed}: {network:?} {outcome:?}");
            // Dilation, and drift, which jitter blurs. On a way that becomes longer it may have to wait.
            let (slowest, fastest) = outcome.speeds;
            assert!(slowest > 0.93 || network.detour.is_some(), "seed {seed}: {network:?} {outcome:?}");
            assert!(fastest < 1.075, "seed {seed}: {network:?} {outcome:?}");
            outcome
        })
        .collect()
}

fn mean(outcomes: &[Outcome], of: impl Fn(&Outcome) -> f64) -> f64 {
    outcomes.iter().map(of).sum::<f64>() / outcomes.len() as f64
}

/// Prints the table of the documentation of `interpolation`:
/// `cargo test -p netcord-snapshot --test interpolation table -- --nocapture`.
#[test]
fn few_frames_are_extrapolated_at_about_the_delay_that_the_network_asks_for_table() {
    println!(
        "| snapshots a second | jitter, ms | loss, % | delay asked for, ms | delay, ms | extrapolated, % |"
    );
    println!("|---|---|---|---|---|---|");
    for every in [3, 1] {
        for jitter_ms in [0.0, 20.0, 80.0] {
            for loss in [0.0, 0.05, 0.2] {
                let network = Network { every, jitter_ms, loss, duplicates: 0.05, ..Network::default() };
                let outcomes = runs(network);
                let extrapolated = 100.0 * mean(&outcomes, |outcome| outcome.extrapolated);
                let (asked, delay) = (
                    mean(&outcomes, |outcome| outcome.asked_ms),
                    mean(&outcomes, |outcome| outcome.delay_ms),
                );
                println!(
                    "| {} | {jitter_ms} | {} | {asked:.0} | {delay:.0} | {extrapolated:.2} |",
                    60 / every,
                    100.0 * loss
                );
                assert!(extrapolated < 2.0, "{network:?}");
                let least = f64::from(every) * 2.0 / 60.0 * 1e3;
                assert!(
                    (0.9 * asked..1.3 * asked + 5.0).contains(&delay) || delay - least < 1.0,
                    "{network:?}"
                );
                assert!(outcomes.iter().all(|outcome| outcome.jumps == 0), "{network:?}: {outcomes:?}");
            }
        }
    }
}

#[test]
fn a_clock_that_drifts_is_followed() {
    for drift in [0.01, -0.01] {
        let network = Network { drift, jitter_ms: 20.0, loss: 0.05, ..Network::default() };
        for outcome in runs(network) {
            assert_eq!(outcome.jumps, 0);
            assert!(outcome.extrapolated < 0.02, "{outcome:?}");
            assert!((outcome.drift - drift).abs() < 0.003, "{outcome:?}");
            assert!(outcome.most_behind_ms < outcome.asked_ms * 1.4 + 10.0, "{outcome:?}");
        }
    }
}

#[test]
fn after_an_outage_time_jumps_forward_once_and_says_so() {
    let network = Network { jitter_ms: 20.0, outage: Some((30.0, 33.0)), ..Network::default() };
    for outcome in runs(network) {
        assert_eq!(outcome.jumps, 1, "{outcome:?}");
        // It doesn't make the delay larger.
        assert!(outcome.delay_ms < 110.0, "{outcome:?}");
        // What is known to be old is shown as such, for about the outage less a second.
        assert!((1.5..2.5).contains(&outcome.stale_seconds), "{outcome:?}");
    }
}

#[test]
fn a_short_stall_needs_no_jump() {
    let network = Network { outage: Some((30.0, 30.6)), ..Network::default() };
    for outcome in runs(network) {
        assert_eq!(outcome.jumps, 0, "{outcome:?}");
        assert!(outcome.stale_seconds == 0.0, "{outcome:?}");
    }
}

#[test]
fn a_stall_and_its_burst_leave_no_mark() {
    for every in [3, 1] {
        let stall = Some((30.0, 30.6));
        for outcome in runs(Network { every, jitter_ms: 20.0, stall, ..Network::default() }) {
            assert_eq!(outcome.jumps, 0, "{outcome:?}");
            // Of 50 s.
            assert!(50.0 * outcome.extrapolated < 0.6, "{outcome:?}");
            assert!(
                outcome.delay_ms < outcome.asked_ms.max(f64::from(every) * 2e3 / 60.0) + 2.0,
                "{outcome:?}"
            );
        }
    }
}

#[test]
fn a_longer_way_is_found_out_within_a_second_or_so() {
    for every in [3, 1] {
        for jitter_ms in [0.0, 20.0] {
            let usual = runs(Network { every, jitter_ms, ..Network::default() });
            for longer in [0.2, 0.6] {
                let detour = Some((30.0, longer));
                let outcomes = runs(Network { every, jitter_ms, detour, ..Network::default() });
                for (outcome, usual) in outcomes.iter().zip(&usual) {
                    assert_eq!(outcome.jumps, 0, "{outcome:?}");
                    // Of 50 s. What is on the longer way can't be shown before it comes.
                    assert!(50.0 * outcome.extrapolated < longer + 1.5, "{outcome:?}");
                    assert!(outcome.delay_ms < usual.delay_ms + 3.0, "{outcome:?}");
                }
            }
        }
    }
}

#[test]
fn more_jitter_is_answered_within_seconds_and_forgotten_slowly() {
    let config = RenderClockConfig::new(Duration::from_secs(1) / 60, 3);
    let mut clock = RenderClock::new(config);
    let mut rng = GameRng::new(7);
    let mut delays = Vec::new();
    // 20 s quiet, 20 s with 160 ms of jitter, 60 s quiet again.
    for step in 0..2_000_u32 {
        let (tick, late) = (3 * step, if (400..800).contains(&step) { rng.below(160) } else { 0 });
        let sent = Duration::from_millis(50) * step;
        clock.receive(Tick(tick), sent + Duration::from_millis(u64::from(50 + late)));
        clock.advance(sent + Duration::from_millis(250));
        delays.push((clock.delay().as_secs_f64() * 1e3).round());
    }
    assert_eq!(delays[399], 100.0);
    assert!(delays[460] > 120.0, "3 s later: {} ms", delays[460]);
    assert!(delays[820] > 120.0, "1 s after it: {} ms", delays[820]);
    assert_eq!(delays[1_999], 100.0);
}

#[test]
fn a_sender_that_stands_still_is_waited_for() {
    // Its ticks go on from where they were, 3 s late.
    let (mut clock, second) =
        (RenderClock::new(RenderClockConfig::new(Duration::from_secs(1) / 60, 3)), Duration::from_secs(1));
    let mut last = None;
    for frame in 0..20 * 60_u32 {
        let now = second / 60 * frame;
        let tick = if frame < 600 { frame } else { 600 + frame.saturating_sub(780) };
        if frame.is_multiple_of(3) && !(600..780).contains(&frame) {
            clock.receive(Tick(tick), now);
        }
        let time = clock.advance(now).unwrap();
        assert!(last.is_none_or(|last| time.since(last) >= 0.0), "frame {frame}: {time:?}");
        last = Some(time.tick);
    }
    let behind = f64::from((20 * 60 - 1) - 180) - f64::from(last.unwrap().0);
    assert!((5.0..9.0).contains(&behind), "{behind} ticks");
}

#[test]
fn a_sender_that_starts_anew_is_believed_after_a_second() {
    let mut clock = RenderClock::new(RenderClockConfig::new(Duration::from_secs(1) / 60, 1));
    let mut jumps = Vec::new();
    for frame in 0..1_200_u32 {
        let now = Duration::from_secs(1) / 60 * frame;
        clock.receive(if frame < 600 { Tick(5_000_000 + frame) } else { Tick(frame - 600) }, now);
        if clock.advance(now).unwrap().jumped {
            jumps.push(frame);
        }
    }
    assert!(matches!(jumps[..], [0, 650..680]), "{jumps:?}");
    let time = clock.advance(Duration::from_secs(20)).unwrap();
    assert!((590..=600).contains(&time.tick.0), "{time:?}");
}

#[test]
fn lone_ticks_from_nowhere_change_nothing() {
    let config = RenderClockConfig::new(Duration::from_secs(1) / 60, 3);
    let (mut clock, mut disturbed) = (RenderClock::new(config), RenderClock::new(config));
    let mut rng = GameRng::new(3);
    for frame in 0..6_000_u32 {
        let now = Duration::from_secs(1) / 60 * frame;
        if frame.is_multiple_of(3) {
            clock.receive(Tick(frame), now);
            disturbed.receive(Tick(frame), now);
        }
        let far = frame.wrapping_add(1_000 + rng.below(u32::MAX - 2_000));
        disturbed.receive(Tick(far), now);
        assert_eq!(clock.advance(now), disturbed.advance(now));
    }
}

#[test]
fn no_tick_and_no_time_does_harm() {
    for seed in 0..200 {
        let mut rng = GameRng::new(seed);
        let any_time = |rng: &mut GameRng| match rng.below(8) {
            0 => Duration::MAX,
            1 => Duration::ZERO,
            2 => Duration::from_nanos(rng.next_u64()),
            _ => Duration::from_millis(rng.below(100_000).into()),
        };
        let any_float = |rng: &mut GameRng| f64::from_bits(rng.next_u64());
        let mut config = RenderClockConfig::new(any_time(&mut rng), rng.next_u64() as u32);
        config.min_delay = any_time(&mut rng);
        config.max_delay = any_time(&mut rng);
        config.shrink_per_second = any_time(&mut rng);
        config.jump_above = any_time(&mut rng);
        (config.covered, config.max_dilation) = (any_float(&mut rng), any_float(&mut rng));
        config.limits.stale_after = any_float(&mut rng) as f32;
        let mut clock = RenderClock::new(config);
        for _ in 0..500 {
            clock.receive(Tick(rng.next_u64() as u32), any_time(&mut rng));
            let time = clock.advance(any_time(&mut rng)).unwrap();
            assert!((0.0..1.0).contains(&time.fraction), "seed {seed}: {time:?}");
            let _ = (clock.delay(), clock.jitter());
            assert!(clock.drift().is_finite());
        }
    }
    // A single wrong time is forgotten within seconds.
    let mut clock = RenderClock::new(RenderClockConfig::new(Duration::from_secs(1) / 60, 3));
    clock.receive(Tick(0), Duration::MAX);
    clock.advance(Duration::MAX);
    let mut time = None;
    for frame in 0..600 {
        let now = Duration::from_secs(1) / 60 * frame;
        clock.receive(Tick(frame), now);
        time = clock.advance(now);
    }
    assert!((-9.0..=0.0).contains(&time.unwrap().since(Tick(599))), "{time:?}");
}

#[test]
fn nothing_is_allocated() {
    let mut clock = RenderClock::new(RenderClockConfig::new(Duration::from_secs(1) / 60, 3));
    let allocated = allocation_counter::measure(|| {
        for frame in 0..600 {
            let now = Duration::from_secs(1) / 60 * frame;
            clock.receive(Tick(frame), now);
            clock.advance(now);
        }
    });
    assert_eq!(allocated.count_total, 0);
}
