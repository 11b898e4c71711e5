//! When something is sent again: soon after it is lost, and not because it is late.

mod channels_pipe;

use channels_pipe::{Lab, Path, messages, number};
use netcord_transport::{ChannelConfig, ChannelId};
use std::time::Duration;

/// Sends a message a tick from each end and returns the ticks that each of the first end's took, in order.
fn latencies(config: ChannelConfig, path: Path, ticks: u32) -> Vec<u32> {
    let mut lab = Lab::new([config], path, 1);
    let mut latencies = Vec::new();
    for tick in 0..ticks + 60 {
        lab.deliver();
        let seen = lab.drain(1);
        latencies.extend(messages(&seen).map(|message| tick - number(message)));
        lab.drain(0);
        for end in 0..2 {
            lab.ends[end].send(ChannelId(0), &channels_pipe::message(tick, 20)).expect("room");
        }
        lab.flush();
    }
    latencies
}

fn quantile(mut latencies: Vec<u32>, percent: usize) -> u32 {
    latencies.sort_unstable();
    latencies[latencies.len() * percent / 100]
}

#[test]
fn what_is_lost_is_there_a_round_trip_later() {
    let latencies = latencies(ChannelConfig::reliable_ordered(), Path::lossy(5), 5_000);
    assert_eq!(latencies.iter().min(), Some(&3), "50 ms");
    assert!(quantile(latencies.clone(), 50) <= 4);
    // Three ticks there, one more until the gap shows, three back, three there again.
    assert!(quantile(latencies, 99) <= 11);
}

#[test]
fn repetition_bears_losses_in_a_row_without_a_round_trip() {
    let config = ChannelConfig::reliable_ordered().with_repetition(3);
    assert!(quantile(latencies(config, Path::lossy(5), 5_000), 99) <= 5);
}

#[test]
fn repetition_carries_a_lone_message_too() {
    let mut lab = Lab::new([ChannelConfig::reliable_ordered().with_repetition(3)], Path::lossy(100), 1);
    lab.ends[0].send(ChannelId(0), &channels_pipe::message(1, 20)).expect("room");
    lab.run(2);
    lab.set_path(Path::CLEAN);
    assert_eq!(messages(&lab.run(4)[1]).count(), 1, "the third flush carries it");
}

#[test]
fn a_lone_message_that_is_lost_is_sent_again_after_silence() {
    let mut lab = Lab::new([ChannelConfig::reliable_ordered()], Path::CLEAN, 1);
    for _ in 0..20 {
        lab.ends[0].send(ChannelId(0), &channels_pipe::message(0, 20)).expect("room");
        lab.run(10);
    }
    lab.set_path(Path::lossy(100));
    lab.ends[0].send(ChannelId(0), &channels_pipe::message(1, 20)).expect("room");
    lab.run(1);
    lab.set_path(Path::CLEAN);
    // A round trip with some patience, and the way there.
    assert_eq!(messages(&lab.run(15)[1]).map(number).collect::<Vec<_>>(), [1]);
}

#[test]
fn what_is_late_is_taken_for_lost_only_until_the_path_is_known() {
    let sent = |jitter| {
        let path = Path { jitter: Duration::from_millis(jitter), ..Path::CLEAN };
        let mut lab = Lab::new([ChannelConfig::reliable_ordered()], path, 1);
        let mut before = 0;
        for tick in 0..1_200 {
            for end in 0..2 {
                lab.ends[end].send(ChannelId(0), &[7; 500]).expect("room");
            }
            lab.run(1);
            if tick == 300 {
                before = lab.bytes[0];
            }
        }
        lab.bytes[0] - before
    };
    let (steady, jittery) = (sent(0), sent(40));
    let extra = jittery as f64 / steady as f64 - 1.0;
    assert!(extra < 0.03, "{:.1} % of the bytes are sent again for nothing", extra * 100.0);
}

#[test]
fn a_hitch_of_either_end_costs_no_messages_and_not_the_rate() {
    for end in 0..2 {
        let mut lab = Lab::new([ChannelConfig::reliable_ordered()], Path::CLEAN, 1);
        let payload = [7; 1_000];
        let mut arrived = 0;
        for tick in 0..600 {
            while lab.ends[0].stats().queued < 2 << 20 {
                lab.ends[0].send(ChannelId(0), &payload).expect("room");
            }
            // Half a second without a frame, every two seconds.
            lab.frozen = (tick % 120 < 30).then_some(end);
            arrived += messages(&lab.run(1)[1]).count();
        }
        assert!(arrived > 10_000, "end {end}: {arrived} kB in ten seconds");
    }
}
