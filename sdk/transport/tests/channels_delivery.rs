//! Each kind of channel keeps its promise, whatever the path does.

mod channels_pipe;

use channels_pipe::{Lab, Path, Seen, message, messages, number};
use netcord_transport::{ChannelConfig, ChannelId, ChannelKind};
use netcord_wire::GameRng;

const LOSSES: [u32; 4] = [0, 5, 20, 30];

/// Sends 600 messages of all sizes over 200 ticks, then nothing; returns their numbers in the order of
/// arrival.
fn arrivals(config: ChannelConfig, path: Path, seed: u64) -> Vec<u32> {
    let mut lab = Lab::new([config], path, seed);
    let mut rng = GameRng::new(seed);
    let mut seen = Vec::new();
    for tick in 0..200 {
        for index in 0..3 {
            let length = match rng.below(20) {
                0 => 1_000 + rng.below(6_000) as usize,
                _ => 4 + rng.below(120) as usize,
            };
            lab.ends[0].send(ChannelId(0), &message(tick * 3 + index, length)).expect("room");
        }
        seen.extend(lab.run(1)[1].clone());
    }
    seen.extend(lab.run(600)[1].clone());
    assert!(seen.iter().all(|seen| matches!(seen, Seen::Message(ChannelId(0), _))), "seed {seed}");
    messages(&seen).map(number).collect()
}

fn sorted(mut numbers: Vec<u32>) -> Vec<u32> {
    numbers.sort_unstable();
    numbers
}

#[test]
fn a_reliable_ordered_channel_delivers_all_in_order_to_the_last_before_silence() {
    for (loss, seed) in LOSSES.into_iter().flat_map(|loss| (0..10).map(move |seed| (loss, seed))) {
        for repetition in [1, 3] {
            let config = ChannelConfig::reliable_ordered().with_repetition(repetition);
            let arrived = arrivals(config, Path::rough(loss), seed);
            assert!(arrived.iter().copied().eq(0..600), "{loss} % loss, seed {seed}: {arrived:?}");
        }
    }
}

#[test]
fn a_reliable_unordered_channel_delivers_all_once_and_does_not_wait_for_what_is_lost() {
    for (loss, seed) in LOSSES.into_iter().flat_map(|loss| (0..10).map(move |seed| (loss, seed))) {
        let arrived = arrivals(ChannelConfig::reliable_unordered(), Path::rough(loss), seed);
        assert!(!arrived.is_sorted(), "{loss} % loss, seed {seed}: something overtakes");
        assert!(sorted(arrived).into_iter().eq(0..600), "{loss} % loss, seed {seed}");
    }
}

#[test]
fn an_unreliable_channel_delivers_no_message_twice_and_most_of_them() {
    for (loss, seed) in LOSSES.into_iter().flat_map(|loss| (0..10).map(move |seed| (loss, seed))) {
        let arrived = arrivals(ChannelConfig::unreliable(), Path::rough(loss), seed);
        let expected = if loss == 0 { 600 } else { 600 * (95 - loss as usize) / 100 - 60 };
        let unique = sorted(arrived.clone());
        assert!(unique.is_sorted_by(|a, b| a < b), "{loss} % loss, seed {seed}: a duplicate");
        assert!(arrived.len() >= expected, "{loss} % loss, seed {seed}: {} arrived", arrived.len());
    }
}

#[test]
fn a_sequenced_channel_never_goes_back() {
    for (loss, seed) in LOSSES.into_iter().flat_map(|loss| (0..10).map(move |seed| (loss, seed))) {
        let arrived = arrivals(ChannelConfig::unreliable_sequenced(), Path::rough(loss), seed);
        assert!(arrived.is_sorted_by(|a, b| a < b), "{loss} % loss, seed {seed}: {arrived:?}");
        assert!(arrived.len() > 100, "{loss} % loss, seed {seed}: {} arrived", arrived.len());
    }
}

#[test]
fn channels_do_not_wait_for_one_another() {
    let channels = [ChannelConfig::reliable_ordered(), ChannelConfig::reliable_ordered().with_priority(1)];
    let mut lab = Lab::new(channels, Path::CLEAN, 1);
    lab.ends[0].send(ChannelId(0), &message(0, 1 << 20)).expect("room");
    lab.run(10);
    lab.ends[0].send(ChannelId(1), &message(1, 100)).expect("room");
    let seen = lab.run(5);
    assert_eq!(messages(&seen[1]).map(number).collect::<Vec<_>>(), [1]);
}

#[test]
fn channels_of_one_priority_share_the_budget() {
    let channels = [ChannelConfig::reliable_ordered(), ChannelConfig::reliable_ordered()];
    let mut lab = Lab::new(channels, Path::CLEAN, 1);
    for channel in 0..2 {
        lab.ends[0].send(ChannelId(channel), &message(0, 1 << 20)).expect("room");
        lab.ends[0].send(ChannelId(channel), &message(1, 1 << 20)).expect("room");
    }
    let seen = lab.run(60);
    let order = seen[1].iter().map(|seen| match seen {
        Seen::Message(channel, payload) => (number(payload), channel.0),
        _ => panic!("no receipts are wanted"),
    });
    assert_eq!(order.map(|(number, _)| number).collect::<Vec<_>>(), [0, 0, 1, 1]);
}

#[test]
fn a_mebibyte_arrives_at_five_percent_loss() {
    for seed in 0..30 {
        let mut lab = Lab::new([ChannelConfig::reliable_ordered()], Path::lossy(5), seed);
        lab.ends[0].send(ChannelId(0), &message(7, 1 << 20)).expect("room");
        let ticks = (1..).find(|_| !lab.run(1)[1].is_empty()).expect("it arrives");
        assert!(ticks <= 45, "seed {seed}: {ticks} ticks");
    }
}

#[test]
fn a_long_unreliable_message_arrives_whole_or_not_at_all() {
    for kind in [ChannelKind::Unreliable, ChannelKind::UnreliableSequenced] {
        for loss in [0, 5] {
            let mut lab = Lab::new([ChannelConfig::new(kind)], Path::rough(loss), 3);
            let mut arrived = Vec::new();
            for tick in 0..100 {
                lab.ends[0].send(ChannelId(0), &message(tick, 8_000)).expect("room");
                arrived.extend(messages(&lab.run(1)[1]).map(number));
            }
            arrived.extend(messages(&lab.run(60)[1]).map(number));
            let expected = if loss == 0 && kind == ChannelKind::Unreliable { 100 } else { 30 };
            assert!(arrived.len() >= expected, "{kind:?} at {loss} %: {}", arrived.len());
        }
    }
}
