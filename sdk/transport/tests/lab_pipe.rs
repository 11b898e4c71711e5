//! Each condition against its setting, over many datagrams. Seeds are fixed, so a test that passes once always does;
//! tolerances are four standard deviations of what is counted.

use netcord_transport::lab::{Conditions, Pipe, PipeStats};
use proptest::prelude::*;
use std::time::Duration;

fn conditions(text: &str) -> Conditions {
    text.parse().expect(text)
}

fn us(us: u64) -> Duration {
    Duration::from_micros(us)
}

/// A datagram that arrived.
#[derive(Debug, PartialEq, Eq)]
struct Arrived {
    number: u32,
    /// From sending to arrival.
    after: Duration,
    bytes: Vec<u8>,
}

/// Sends numbered datagrams of `len` bytes through a pipe, one each `spacing`.
fn run(text: &str, seed: u64, count: u32, spacing: Duration, len: usize) -> (Vec<Arrived>, PipeStats) {
    let mut pipe = Pipe::new(conditions(text), seed);
    let mut arrived = Vec::new();
    let mut take = |pipe: &mut Pipe, now: Duration| {
        while let Some(at) = pipe.next_time().filter(|at| *at <= now) {
            let bytes = pipe.pop(now).expect("its time has come").to_vec();
            let number = bytes[..4].try_into().map(u32::from_le_bytes).expect("at least four bytes");
            arrived.push(Arrived { number, after: at.saturating_sub(spacing * number), bytes });
        }
    };
    let mut datagram = vec![0; len];
    for number in 0..count {
        let now = spacing * number;
        take(&mut pipe, now);
        datagram[..4].copy_from_slice(&number.to_le_bytes());
        pipe.push(now, &datagram);
    }
    take(&mut pipe, Duration::MAX);
    let stats = pipe.stats();
    assert_eq!(stats.sent, u64::from(count));
    assert_eq!(stats.delivered, arrived.len() as u64);
    assert_conserved(&stats);
    (arrived, stats)
}

/// Nothing is under way any more, so every datagram is accounted for.
fn assert_conserved(stats: &PipeStats) {
    let gone = stats.lost + stats.cut + stats.too_long + stats.overflowed;
    assert_eq!(stats.sent + stats.duplicated, stats.delivered + gone);
}

/// Whether so many out of `tries` are what `chance` gives, within four standard deviations; `correlation` is by how much
/// the variance is larger than that of independent tries.
#[track_caller]
fn assert_share(count: u64, tries: u64, chance: f64, correlation: f64) {
    let (count, tries) = (count as f64, tries as f64);
    let tolerance = 4.0 * (tries * chance * (1.0 - chance) * correlation).sqrt();
    let off = (count - tries * chance).abs();
    assert!(off <= tolerance, "{count} of {tries} instead of {}, allowed ±{tolerance}", tries * chance);
}

fn mean(delays: impl ExactSizeIterator<Item = Duration>) -> f64 {
    let count = delays.len() as f64;
    delays.map(|delay| delay.as_secs_f64()).sum::<f64>() / count
}

#[test]
fn a_perfect_pipe_delivers_all_at_once_and_unchanged() {
    let (arrived, stats) = run("perfect", 1, 1_000, us(10), 100);
    assert!(arrived.iter().map(|a| a.number).eq(0..1_000));
    assert!(arrived.iter().all(|a| a.after.is_zero() && a.bytes[4..] == [0; 96]));
    assert_eq!(stats.bytes_delivered, 100_000);
}

#[test]
fn plain_loss_takes_its_share_one_by_one() {
    for (text, chance) in [("loss=0.5%", 0.005), ("loss=5%", 0.05), ("loss=30%", 0.3), ("loss=99%", 0.99)] {
        let (arrived, stats) = run(text, 3, 100_000, us(10), 8);
        assert_share(stats.lost, stats.sent, chance, 1.0);
        // Of the datagrams after a lost one, as many are lost as of all.
        let after_loss =
            losses(&arrived, 100_000).iter().filter(|(_, run)| *run > 1).map(|(_, run)| run - 1).sum();
        assert_share(after_loss, stats.lost, chance, 1.0);
    }
}

#[test]
fn all_and_nothing_are_exact() {
    assert_eq!(run("loss=100%", 1, 10_000, us(10), 8).1.lost, 10_000);
    assert_eq!(run("loss=100%,burst=2", 1, 10_000, us(10), 8).1.lost, 10_000);
    assert_eq!(run("loss=0%,burst", 1, 10_000, us(10), 8).1.lost, 0);
    assert_eq!(run("dup=100%", 1, 10_000, us(10), 8).1.duplicated, 10_000);
    assert_eq!(run("corrupt=100%", 1, 10_000, us(10), 8).1.corrupted, 10_000);
}

/// The runs of lost datagrams: where each begins, and its length.
fn losses(arrived: &[Arrived], count: u32) -> Vec<(u32, u64)> {
    let mut there = vec![false; count as usize];
    arrived.iter().for_each(|a| there[a.number as usize] = true);
    let mut runs: Vec<(u32, u64)> = Vec::new();
    for number in (0..count).filter(|number| !there[*number as usize]) {
        match runs.last_mut() {
            Some((start, len)) if u64::from(*start) + *len == u64::from(number) => *len += 1,
            _ => runs.push((number, 1)),
        }
    }
    runs
}

#[test]
fn burst_loss_takes_the_same_share_in_runs_of_the_length_that_is_set() {
    for (loss, chance) in [("1%", 0.01), ("5%", 0.05), ("30%", 0.3)] {
        for (burst, length) in [("burst=1", 1.0), ("burst", 3.0), ("burst=10", 10.0)] {
            let (arrived, stats) = run(&format!("loss={loss},{burst}"), 5, 300_000, us(10), 8);
            // The chain forgets by 1 - leave - enter a step, which makes the count's variance larger by this.
            let keeps: f64 = 1.0 - 1.0 / length / (1.0 - chance);
            assert_share(stats.lost, stats.sent, chance, (1.0 + keeps) / (1.0 - keeps));
            let runs = losses(&arrived, 300_000);
            let measured = stats.lost as f64 / runs.len() as f64;
            // The length of a run is geometric, with this standard deviation.
            let tolerance = 4.0 * (length * (length - 1.0) / runs.len() as f64).sqrt();
            assert!((measured - length).abs() <= tolerance, "runs of {measured} instead of {length}");
        }
    }
}

#[test]
fn a_share_of_losses_too_high_for_short_runs_is_kept() {
    let (_, stats) = run("loss=90%,burst=2", 5, 100_000, us(10), 8);
    assert_share(stats.lost, stats.sent, 0.9, 19.0);
}

#[test]
fn latency_is_one_way_and_exact() {
    let (arrived, _) = run("latency=100ms", 1, 1_000, us(16_667), 8);
    assert!(arrived.iter().all(|a| a.after == us(100_000)));
}

#[test]
fn jitter_is_uniform_around_the_latency() {
    // Datagrams that are further apart than they jitter do not hold each other up.
    let (arrived, _) = run("latency=100ms,jitter=20ms", 1, 20_000, us(50_000), 8);
    let mean = mean(arrived.iter().map(|a| a.after));
    let deviation = 0.020 / 3_f64.sqrt();
    assert!((mean - 0.100).abs() < 4.0 * deviation / 20_000_f64.sqrt(), "{mean}");
    assert!(arrived.iter().all(|a| a.after >= us(80_000) && a.after <= us(120_000)));
    for (from, to) in [(80_000, 90_000), (90_000, 100_000), (100_000, 110_000), (110_000, 120_000)] {
        let within = arrived.iter().filter(|a| a.after >= us(from) && a.after < us(to)).count();
        assert_share(within as u64, 20_000, 0.25, 1.0);
    }
}

#[test]
fn jitter_does_not_go_below_zero() {
    let (arrived, _) = run("latency=5ms,jitter=20ms", 1, 20_000, us(50_000), 8);
    assert_share(arrived.iter().filter(|a| a.after.is_zero()).count() as u64, 20_000, 15.0 / 40.0, 1.0);
}

#[test]
fn the_tail_is_as_frequent_and_as_long_as_set() {
    let (arrived, _) = run("latency=10ms,tail=5%:200ms", 1, 50_000, us(10_000_000), 8);
    let late: Vec<_> =
        arrived.iter().filter(|a| a.after > us(10_000)).map(|a| a.after - us(10_000)).collect();
    assert_share(late.len() as u64, 50_000, 0.05, 1.0);
    let count = late.len() as f64;
    let mean = mean(late.iter().copied());
    assert!((mean - 0.200).abs() < 4.0 * 0.200 / count.sqrt(), "{mean}");
    // What is exponential about it: a share of 1/e is longer than the mean, 1/e³ than three times the mean. The
    // approximation costs up to 6 % of the time, so of the logarithm of the share.
    for times in [1_u32, 3] {
        let longer = late.iter().filter(|late| **late > us(200_000) * times).count() as f64 / count;
        let expected = (-f64::from(times)).exp();
        let off = (longer.ln() / expected.ln() - 1.0).abs();
        assert!(off < 0.15, "{longer} instead of {expected} are over {times} times the mean");
    }
}

#[test]
fn order_is_kept_when_nothing_reorders() {
    let text = "latency=50ms,jitter=40ms,tail=5%:100ms,loss=10%,burst,dup=5%,bandwidth=10mbit,corrupt=0%";
    let (arrived, stats) = run(text, 9, 50_000, us(1_000), 200);
    assert!(arrived.is_sorted_by_key(|a| a.number));
    assert_eq!(stats.reordered, 0);
}

#[test]
fn reordering_holds_back_its_share_and_the_others_overtake() {
    let (arrived, stats) = run("latency=50ms,reorder=2%:30ms", 4, 100_000, us(10_000), 8);
    let held: Vec<_> = arrived.iter().filter(|a| a.after == us(80_000)).collect();
    assert!(arrived.iter().all(|a| a.after == us(50_000) || a.after == us(80_000)));
    assert_share(held.len() as u64, 100_000, 0.02, 1.0);
    // Held back by three spacings: it is overtaken unless the next three are held back as well.
    assert!(stats.reordered <= held.len() as u64 && stats.reordered + 2 >= held.len() as u64);
    let late = arrived.windows(2).filter(|pair| pair[0].number > pair[1].number).count();
    assert!(late > 1_500, "{late}");
}

#[test]
fn duplicates_come_as_often_as_set_and_right_behind() {
    let (arrived, stats) = run("latency=50ms,dup=3%", 4, 100_000, us(100), 8);
    assert_share(stats.duplicated, 100_000, 0.03, 1.0);
    let twice = arrived.windows(2).filter(|pair| pair[0] == pair[1]).count();
    assert_eq!(twice as u64, stats.duplicated);
}

#[test]
fn corruption_flips_exactly_one_bit_anywhere() {
    let (arrived, stats) = run("latency=1ms,corrupt=10%", 4, 50_000, us(100), 12);
    assert_share(stats.corrupted, 50_000, 0.1, 1.0);
    let mut flips = [0_u64; 96];
    let mut corrupted = 0;
    for (number, arrived) in arrived.iter().enumerate() {
        let mut sent = [0; 12];
        sent[..4].copy_from_slice(&(number as u32).to_le_bytes());
        let flipped: Vec<_> =
            (0..96).filter(|bit| (sent[bit / 8] ^ arrived.bytes[bit / 8]) & (1 << (bit % 8)) != 0).collect();
        assert!(flipped.len() <= 1);
        flipped.iter().for_each(|bit| flips[*bit] += 1);
        corrupted += flipped.len() as u64;
    }
    assert_eq!(corrupted, stats.corrupted);
    flips.iter().for_each(|count| assert_share(*count, corrupted, 1.0 / 96.0, 1.0));
}

#[test]
fn a_bandwidth_cap_lets_its_rate_through_and_the_queue_adds_its_delay() {
    // 2 Mbit/s into 1 Mbit/s: half is lost, and what comes through has waited behind a full queue of 64 kB.
    let (arrived, stats) = run("bandwidth=1mbit,queue=64kB,latency=10ms", 1, 50_000, us(4_000), 1_000);
    let last = arrived.last().expect("half of them");
    let seconds = (last.after + us(4_000) * last.number).as_secs_f64();
    let rate = stats.bytes_delivered as f64 * 8.0 / seconds;
    assert!((rate / 1e6 - 1.0).abs() < 0.001, "{rate} bit/s");
    assert!(last.after > us(10_000 + 504_000) && last.after <= us(10_000 + 512_000), "{:?}", last.after);
    assert_eq!(arrived[0].after, us(10_000 + 8_000), "the first waits for nothing but its own 8 ms");
    assert_eq!(stats.delivered + stats.overflowed, 50_000);
}

#[test]
fn under_the_cap_nothing_is_lost_and_nothing_waits() {
    let (arrived, stats) = run("bandwidth=1mbit", 1, 1_000, us(8_000), 1_000);
    assert_eq!(stats.overflowed, 0);
    assert!(arrived.iter().all(|a| a.after == us(8_000)));
}

#[test]
fn datagrams_over_the_mtu_are_lost() {
    assert_eq!(run("mtu=1200B", 1, 10, us(1), 1_200).1.too_long, 0);
    assert_eq!(run("mtu=1200B", 1, 10, us(1), 1_201).1.too_long, 10);
}

#[test]
fn a_cut_pipe_loses_what_is_sent_and_delivers_what_is_under_way() {
    let mut pipe = Pipe::new(conditions("latency=10ms"), 1);
    pipe.push(us(0), b"before");
    pipe.set_cut(true);
    pipe.push(us(1_000), b"during");
    pipe.set_cut(false);
    pipe.push(us(2_000), b"after");
    assert_eq!(pipe.pop(us(20_000)), Some(&b"before"[..]));
    assert_eq!(pipe.pop(us(20_000)), Some(&b"after"[..]));
    assert_eq!(pipe.pop(us(20_000)), None);
    assert_eq!(pipe.stats().cut, 1);
}

#[test]
fn changed_conditions_hold_for_what_is_sent_after_and_keep_the_order() {
    let mut pipe = Pipe::new(conditions("latency=100ms"), 1);
    pipe.push(us(0), b"slow");
    pipe.set_conditions(conditions("latency=1ms"));
    pipe.push(us(1_000), b"fast");
    assert_eq!(pipe.pop(us(99_999)), None);
    assert_eq!(pipe.pop(us(100_000)), Some(&b"slow"[..]));
    assert_eq!(pipe.pop(us(100_000)), Some(&b"fast"[..]));
}

#[test]
fn memory_is_bounded_by_bytes_and_by_datagrams() {
    let mut pipe = Pipe::new(conditions("latency=60s"), 1);
    for _ in 0..Pipe::MAX_DATAGRAMS + 10 {
        pipe.push(us(0), b"");
    }
    assert_eq!(pipe.stats().overflowed, 10);

    let mut pipe = Pipe::new(conditions("latency=60s"), 1);
    let fit = (Pipe::MAX_BYTES / 60_000) as u64;
    for _ in 0..fit + 10 {
        pipe.push(us(0), &[0; 60_000]);
    }
    assert_eq!(pipe.stats().overflowed, 10);
    assert_eq!(std::iter::from_fn(|| pipe.pop(Duration::MAX).map(<[u8]>::len)).count() as u64, fit);
    pipe.push(us(0), b"room again");
    assert_eq!(pipe.stats().overflowed, 10);
}

#[test]
fn absurd_conditions_saturate() {
    use netcord_transport::lab::{Chance, Late};
    let never = Late { chance: Chance::ALWAYS, by: Duration::MAX };
    let absurd = Conditions {
        latency: Duration::MAX,
        jitter: Duration::MAX,
        tail: never,
        reorder: never,
        bandwidth: Some(0),
        queue: usize::MAX,
        ..Conditions::PERFECT
    };
    for conditions in [absurd, Conditions { bandwidth: Some(u64::MAX), ..absurd }] {
        let mut pipe = Pipe::new(conditions, 1);
        pipe.push(us(0), &[0; 60_000]);
        pipe.push(Duration::MAX, &[0; 60_000]);
        assert_eq!(std::iter::from_fn(|| pipe.pop(Duration::MAX).map(<[u8]>::len)).count(), 2);
    }
}

const EVERYTHING: &str = "latency=30ms,jitter=20ms,tail=5%:50ms,loss=10%,burst,dup=5%,reorder=5%,corrupt=5%,\
                          bandwidth=2mbit,queue=16kB,mtu=1000B";

#[test]
fn the_same_seed_gives_the_same_run_and_another_seed_another() {
    let first = run(EVERYTHING, 42, 5_000, us(2_000), 600);
    assert_eq!(run(EVERYTHING, 42, 5_000, us(2_000), 600), first);
    assert_ne!(run(EVERYTHING, 43, 5_000, us(2_000), 600), first);
}

proptest! {
    #[test]
    fn whatever_is_sent_whenever_is_accounted_for(
        seed: u64,
        sends in prop::collection::vec((0..50_000_u64, 0..1_100_usize), 0..300),
    ) {
        let mut pipe = Pipe::new(conditions(EVERYTHING), seed);
        let mut now = Duration::ZERO;
        let mut last = Duration::ZERO;
        for (wait, len) in sends {
            now += us(wait);
            pipe.push(now, &vec![7; len]);
            while let Some(at) = pipe.next_time() {
                prop_assert!(at >= last, "arrivals are in the order of time");
                if pipe.pop(now).is_none() {
                    prop_assert!(at > now);
                    break;
                }
                last = at;
            }
        }
        while pipe.pop(Duration::MAX).is_some() {}
        assert_conserved(&pipe.stats());
    }
}
