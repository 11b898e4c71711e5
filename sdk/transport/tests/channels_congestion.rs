//! The budget follows what the path bears.

mod channels_pipe;

use channels_pipe::{Lab, Path, message, messages};
use netcord_transport::{ChannelConfig, ChannelId, ChannelsConfig};
use std::time::Duration;

/// What a sender that always has more got through in one second, in bytes, and the longest round trip.
#[derive(Clone, Copy, Debug)]
struct Second {
    arrived: u64,
    round_trip: Duration,
}

fn saturate(path: Path, seconds: usize) -> Vec<Second> {
    let payload = [7; 1_000];
    let mut lab = Lab::new([ChannelConfig::reliable_unordered()], path, 1);
    let second = |_| {
        let (mut arrived, mut round_trip) = (0, Duration::ZERO);
        for _ in 0..60 {
            while lab.ends[0].stats().queued < 3 << 20 {
                lab.ends[0].send(ChannelId(0), &payload).expect("room");
            }
            arrived += messages(&lab.run(1)[1]).map(|message| message.len() as u64).sum::<u64>();
            round_trip = round_trip.max(lab.ends[0].stats().rtt);
        }
        Second { arrived, round_trip }
    };
    (0..seconds).map(second).collect()
}

/// Bytes a second, on average.
fn mean(seconds: &[Second]) -> f64 {
    seconds.iter().map(|second| second.arrived as f64).sum::<f64>() / seconds.len() as f64
}

#[test]
fn the_rate_settles_near_the_capacity_and_the_queue_stays_short() {
    for capacity in [100_000, 250_000, 1_000_000, 5_000_000] {
        for loss in [0, 5] {
            let queue = (capacity / 4) as usize;
            let path = Path { bottleneck: Some((capacity, queue.max(100_000))), ..Path::lossy(loss) };
            let seconds = saturate(path, 20);
            let settled = &seconds[5..];
            let share = mean(settled) / f64::from(capacity);
            let wanted = if loss == 0 { 0.8 } else { 0.7 };
            assert!(share > wanted, "{capacity} B/s, {loss} %: {share:.2} of it is used");
            let longest = settled.iter().map(|second| second.round_trip).max().expect("seconds");
            assert!(longest < Duration::from_millis(300), "{capacity} B/s, {loss} %: {longest:?}");
        }
    }
}

#[test]
fn a_path_without_a_queue_is_not_overrun() {
    let path = Path { bottleneck: Some((1_000_000, 20_000)), ..Path::CLEAN };
    let mut lab = Lab::new([ChannelConfig::reliable_unordered()], path, 1);
    let (payload, mut sent) = ([7; 1_000], 0);
    for tick in 0..1_200 {
        while lab.ends[0].stats().queued < 3 << 20 {
            lab.ends[0].send(ChannelId(0), &payload).expect("room");
        }
        lab.run(1);
        if tick == 300 {
            sent = lab.bytes[0];
        }
    }
    let rate = (lab.bytes[0] - sent) as f64 / 15.0;
    assert!((700_000.0..1_250_000.0).contains(&rate), "{rate} B/s");
}

#[test]
fn random_loss_alone_does_not_bring_the_rate_down() {
    for loss in [5, 20] {
        let seconds = saturate(Path::lossy(loss), 10);
        for (index, second) in seconds.iter().enumerate().skip(1) {
            assert!(second.arrived > 1_000_000, "{loss} %, second {index}: {second:?}");
        }
    }
}

#[test]
fn a_small_game_runs_in_full_whatever_the_path_does() {
    let rough = Path { bottleneck: Some((40_000, 20_000)), ..Path::rough(30) };
    let mut lab = Lab::new([ChannelConfig::unreliable()], rough, 1);
    for _ in 0..1_200 {
        for _ in 0..4 {
            lab.ends[0].send(ChannelId(0), &message(0, 64)).expect("room");
        }
        lab.run(1);
        assert_eq!(lab.ends[0].stats().queued, 0, "everything leaves in the tick in which it is sent");
    }
}

#[test]
fn the_configured_limit_holds_with_headers_counted() {
    let config = ChannelsConfig::new([ChannelConfig::reliable_ordered()]).with_max_bytes_per_second(50_000);
    let mut lab = Lab::with_config(config, Path::CLEAN, 1);
    lab.ends[0].send(ChannelId(0), &message(0, 1 << 20)).expect("room");
    let mut longest = 0;
    for _ in 0..10 {
        let before = lab.bytes[0];
        lab.run(60);
        longest = longest.max(lab.bytes[0] - before);
    }
    assert!(longest <= 50_000 + 6_000, "{longest} bytes in a second");
    assert!(lab.bytes[0] > 480_000, "{} bytes in ten seconds", lab.bytes[0]);
}

#[test]
fn a_silent_path_is_probed_ever_more_rarely_and_recovers() {
    let mut lab = Lab::new([ChannelConfig::reliable_ordered()], Path::CLEAN, 1);
    for tick in 0..60 {
        lab.ends[0].send(ChannelId(0), &message(tick, 200)).expect("room");
        lab.run(1);
    }
    lab.set_path(Path::lossy(100));
    lab.ends[0].send(ChannelId(0), &message(60, 200)).expect("room");
    let before = lab.datagrams[0];
    lab.run(600);
    let probes = lab.datagrams[0] - before;
    assert!((5..30).contains(&probes), "{probes} datagrams in ten seconds of silence");
    lab.set_path(Path::CLEAN);
    let seen = lab.run(90);
    assert_eq!(messages(&seen[1]).count(), 1, "the message arrives once the path is back");
}
