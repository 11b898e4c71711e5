//! Receipts tell the truth, and each message has exactly one.

mod channels_pipe;

use channels_pipe::{Lab, Path, Seen, message, number};
use netcord_transport::{ChannelConfig, ChannelId, ChannelKind, Receipt};
use netcord_wire::GameRng;
use std::collections::{BTreeMap, BTreeSet};

/// What became of 600 messages with receipts: numbers that arrived, receipts by number.
struct Fates {
    arrived: BTreeSet<u32>,
    delivered: BTreeSet<u32>,
    lost: BTreeSet<u32>,
}

fn fates(kind: ChannelKind, path: Path, seed: u64) -> Fates {
    let mut lab = Lab::new([ChannelConfig::new(kind).with_receipts()], path, seed);
    let mut rng = GameRng::new(seed);
    let mut numbers = BTreeMap::new();
    let mut fates = Fates { arrived: BTreeSet::new(), delivered: BTreeSet::new(), lost: BTreeSet::new() };
    for tick in 0..800 {
        for index in 0..3 {
            if tick < 200 {
                let length = if rng.below(30) == 0 { 5_000 } else { 4 + rng.below(100) as usize };
                let number = tick * 3 + index;
                let receipt = lab.ends[0].send(ChannelId(0), &message(number, length)).expect("room");
                numbers.insert(receipt, number);
            }
        }
        let [sender, receiver] = lab.run(1);
        for seen in receiver {
            if let Seen::Message(_, payload) = seen {
                fates.arrived.insert(number(&payload));
            }
        }
        for seen in sender {
            let (set, receipt) = match seen {
                Seen::Delivered(receipt) => (&mut fates.delivered, receipt),
                Seen::Lost(receipt) => (&mut fates.lost, receipt),
                Seen::Message(..) => panic!("the receiver sends nothing"),
            };
            assert!(set.insert(numbers[&receipt]), "seed {seed}: {receipt:?} came twice");
        }
    }
    assert!(fates.delivered.is_disjoint(&fates.lost), "seed {seed}: delivered and lost");
    assert_eq!(fates.delivered.len() + fates.lost.len(), 600, "seed {seed}: each message has a receipt");
    fates
}

#[test]
fn what_is_delivered_did_arrive_and_what_arrived_is_delivered_on_a_path_that_keeps_order() {
    for (loss, seed) in [0, 5, 20, 30].into_iter().flat_map(|loss| (0..10).map(move |seed| (loss, seed))) {
        let fates = fates(ChannelKind::Unreliable, Path::lossy(loss), seed);
        assert_eq!(fates.delivered, fates.arrived, "{loss} % loss, seed {seed}");
    }
}

#[test]
fn what_is_delivered_did_arrive_on_a_path_that_reorders() {
    for (loss, seed) in [0, 5, 20, 30].into_iter().flat_map(|loss| (0..10).map(move |seed| (loss, seed))) {
        let fates = fates(ChannelKind::Unreliable, Path::rough(loss), seed);
        assert!(fates.delivered.is_subset(&fates.arrived), "{loss} % loss, seed {seed}");
        let late = fates.arrived.intersection(&fates.lost).count();
        assert!(late <= 30, "{loss} % loss, seed {seed}: {late} messages were only late");
    }
}

#[test]
fn every_message_of_a_reliable_channel_is_delivered() {
    for kind in [ChannelKind::ReliableUnordered, ChannelKind::ReliableOrdered] {
        for seed in 0..10 {
            let fates = fates(kind, Path::rough(20), seed);
            assert_eq!(fates.delivered.len(), 600, "{kind:?}, seed {seed}");
            assert_eq!(fates.arrived.len(), 600, "{kind:?}, seed {seed}");
        }
    }
}

#[test]
fn the_last_message_before_silence_has_its_receipt_too() {
    let mut lab = Lab::new([ChannelConfig::unreliable().with_receipts()], Path::CLEAN, 1);
    lab.ends[0].send(ChannelId(0), b"first").expect("room");
    lab.run(30);
    lab.set_path(Path::lossy(100));
    let last = lab.ends[0].send(ChannelId(0), b"last").expect("room");
    lab.run(1);
    lab.set_path(Path::CLEAN);
    assert_eq!(lab.run(120)[0], [Seen::Lost(last)]);
}

#[test]
fn an_ack_that_comes_after_the_loss_was_told_is_ignored() {
    let mut lab = Lab::new([ChannelConfig::unreliable().with_receipts()], Path::CLEAN, 1);
    lab.recording = true;
    let late = lab.ends[0].send(ChannelId(0), b"late").expect("room");
    let (now, mut held_back) = (lab.now, Vec::new());
    assert!(lab.ends[0].next_datagram(now, &mut held_back));
    let mut receipts = Vec::new();
    for tick in 0..60 {
        lab.ends[0].send(ChannelId(0), b"on time").expect("room");
        receipts.extend(lab.run(1)[0].clone());
        if tick == 40 {
            lab.ends[1].receive(&held_back, lab.now).expect("well-formed");
        }
    }
    let of_the_late: Vec<_> = receipts
        .iter()
        .filter(|seen| matches!(seen, Seen::Delivered(receipt) | Seen::Lost(receipt) if *receipt == late))
        .collect();
    assert_eq!(of_the_late, [&Seen::Lost(late)]);
}

#[test]
fn channels_without_receipts_give_none() {
    let mut lab =
        Lab::new([ChannelConfig::unreliable(), ChannelConfig::reliable_ordered()], Path::rough(20), 1);
    for tick in 0..100 {
        for channel in 0..2 {
            let receipt = lab.ends[0].send(ChannelId(channel), b"no receipt").expect("room");
            assert_eq!(receipt, Receipt(2 * tick + u64::from(channel)), "receipts count all messages");
        }
        assert!(lab.run(1)[0].is_empty());
    }
    assert!(lab.run(200)[0].is_empty());
}
