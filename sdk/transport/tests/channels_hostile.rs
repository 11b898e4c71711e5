//! An authenticated peer that means harm: no panic, no loop, no memory beyond the budget, and typed errors.

mod channels_pipe;

use allocation_counter::measure;
use channels_pipe::{Lab, Path, message};
use netcord_transport::channels::{Connection, FRAGMENT, MalformedDatagram};
use netcord_transport::{ChannelConfig, ChannelId, ChannelsConfig, PeerId};
use netcord_wire::GameRng;
use std::sync::Arc;
use std::time::Duration;

const NOW: Duration = Duration::from_secs(5);
/// Block forms.
const REST: u8 = 0;
const ONE: u8 = 1 << 5;
const LIST: u8 = 2 << 5;
const RUN: u8 = 3 << 5;
const FRAGMENT_FORM: u8 = 4 << 5;
/// Channels.
const UNRELIABLE: u8 = 0;
const SEQUENCED: u8 = 1;
const UNORDERED: u8 = 2;
const ORDERED: u8 = 3;

fn config() -> ChannelsConfig {
    let small = |channel: ChannelConfig| channel.with_max_message(20_000).with_max_queued(60_000);
    ChannelsConfig::new([
        small(ChannelConfig::unreliable()),
        small(ChannelConfig::unreliable_sequenced()),
        small(ChannelConfig::reliable_unordered()),
        small(ChannelConfig::reliable_ordered()),
    ])
}

fn connection() -> Connection {
    Connection::new(Arc::new(config()), PeerId::new(0, 0)).expect("a valid configuration")
}

/// Bytes of a datagram with packet number `number` and no acks.
fn datagram(number: u16, blocks: &[&[u8]]) -> Vec<u8> {
    let mut bytes = vec![0];
    bytes.extend(number.to_le_bytes());
    bytes.extend(blocks.concat());
    bytes
}

/// A fragment block.
fn fragment(channel: u8, id: u16, index: usize, total: usize) -> Vec<u8> {
    let mut bytes = vec![FRAGMENT_FORM | channel];
    bytes.extend(id.to_le_bytes());
    for mut value in [index, total] {
        while value >= 0x80 {
            bytes.push(value as u8 | 0x80);
            value >>= 7;
        }
        bytes.push(value as u8);
    }
    let length = total.saturating_sub(index * FRAGMENT).min(FRAGMENT);
    bytes.resize(bytes.len() + length, 7);
    bytes
}

#[test]
fn what_makes_no_sense_is_named_and_has_no_effect() {
    use MalformedDatagram as M;
    let (unreliable, ordered) = (ChannelId(UNRELIABLE), ChannelId(ORDERED));
    let plain = |blocks: &[&[u8]]| datagram(1, blocks);
    let cases: Vec<(Vec<u8>, M)> = vec![
        (vec![], M::Truncated),
        (vec![0, 1], M::Truncated),
        (vec![0; 1_201], M::TooLong(1_201)),
        (vec![0, 1, 0], M::Empty),
        (vec![4, 1, 0, 9, 9], M::StrayRanges),
        // Acks: of nothing, of the future, below the first packet, of a range below it.
        (vec![1, 1, 0, 0, 0, 0, 0], M::AckOfUnsent),
        (vec![1, 1, 0, 1, 0, 0, 0], M::AckOfUnsent),
        (vec![1, 1, 0, 255, 255, 0, 0], M::AckOfUnsent),
        (vec![1, 1, 0, 1, 0], M::Truncated),
        (vec![1, 1, 0, 1, 0, 0, 0x80, 0], M::Varint),
        (plain(&[&[5 << 5]]), M::UnknownForm(5)),
        (plain(&[&[7 << 5 | ORDERED]]), M::UnknownForm(7)),
        (plain(&[&[ONE | 4, 1, 7]]), M::UnknownChannel(ChannelId(4))),
        (plain(&[&[REST | 30]]), M::UnknownChannel(ChannelId(30))),
        (plain(&[&[LIST | UNRELIABLE, 0]]), M::NoMessages(unreliable)),
        (plain(&[&[RUN | ORDERED, 0, 0, 0, 1]]), M::NoMessages(ordered)),
        (plain(&[&[ONE | UNRELIABLE, 5, 1, 2, 3, 4]]), M::Truncated),
        (plain(&[&[LIST | UNRELIABLE, 2, 1, 4, 1, 2, 3, 4]]), M::Truncated),
        (plain(&[&[RUN | UNRELIABLE, 3, 2, 1, 2, 3, 4, 5]]), M::Truncated),
        (plain(&[&[RUN | ORDERED, 0]]), M::Truncated),
        (plain(&[&[ONE | UNRELIABLE, 0x85, 0, 1, 2, 3, 4, 5]]), M::Varint),
        (plain(&[&[ONE | UNRELIABLE, 0xff, 0xff, 0xff, 0xff, 0x7f]]), M::Varint),
        (
            plain(&[&[ONE | UNRELIABLE, 0xff, 0xff, 0x7f]]),
            M::TooLarge { channel: unreliable, size: 0x1f_ffff },
        ),
        (plain(&[&[RUN | UNRELIABLE, 255, 0xff, 0x7f]]), M::TooLarge { channel: unreliable, size: 0x3fff }),
        (plain(&[&fragment(ORDERED, 0, 0, 20_001)]), M::TooLarge { channel: ordered, size: 20_001 }),
        (plain(&[&fragment(ORDERED, 0, 0, 100)]), M::Fragment { channel: ordered, index: 0, total: 100 }),
        (plain(&[&fragment(ORDERED, 9, 9, 2_000)]), M::Fragment { channel: ordered, index: 9, total: 2_000 }),
        (plain(&[&fragment(ORDERED, 0, 1, 2_000)]), M::Contradiction(ordered)),
        (plain(&[&fragment(UNRELIABLE, 0, 1, 2_000)]), M::Contradiction(unreliable)),
        (plain(&[&[ONE | ORDERED, 0, 16, 1, 7]]), M::OutOfWindow(ordered)),
        (plain(&[&[ONE | ORDERED, 255, 255, 1, 7]]), M::OutOfWindow(ordered)),
        (plain(&[&[RUN | ORDERED, 255, 15, 2, 0]]), M::OutOfWindow(ordered)),
        // What comes before the bad block has no effect either.
        (plain(&[&[ONE | ORDERED, 0, 0, 1, 7], &[5 << 5]]), M::UnknownForm(5)),
    ];
    for (bytes, expected) in cases {
        let mut connection = connection();
        assert_eq!(connection.receive(&bytes, NOW), Err(expected), "{bytes:?}");
        assert_eq!(connection.next_event(), None, "{bytes:?}");
        assert!(!connection.next_datagram(NOW, &mut Vec::new()), "{bytes:?}: no answer");
    }
}

#[test]
fn fragments_that_contradict_what_is_held_are_refused() {
    let ordered = MalformedDatagram::Contradiction(ChannelId(ORDERED));
    let mut connection = connection();
    // The second of three fragments, of a message that starts with piece 10.
    assert_eq!(connection.receive(&datagram(1, &[&fragment(ORDERED, 11, 1, 3_000)]), NOW), Ok(()));
    let contradictions = [
        fragment(ORDERED, 10, 0, 2_900),
        fragment(ORDERED, 11, 0, 3_000),
        fragment(ORDERED, 11, 1, 2_900),
        fragment(ORDERED, 12, 2, 2_900),
        vec![ONE | ORDERED, 10, 0, 1, 7],
        vec![ONE | ORDERED, 11, 0, 1, 7],
        vec![RUN | ORDERED, 5, 0, 9, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    ];
    for (number, block) in (2..).zip(&contradictions) {
        assert_eq!(connection.receive(&datagram(number, &[block]), NOW), Err(ordered), "{:?}", &block[..6]);
    }
    assert_eq!(connection.receive(&datagram(100, &[&fragment(UNRELIABLE, 11, 1, 3_000)]), NOW), Ok(()));
    let refused = connection.receive(&datagram(101, &[&fragment(UNRELIABLE, 12, 2, 2_900)]), NOW);
    assert_eq!(refused, Err(MalformedDatagram::Contradiction(ChannelId(UNRELIABLE))));
}

#[test]
fn more_than_the_limit_is_not_held_for_its_turn() {
    let mut connection = connection();
    let block = |id: u16| [&[ONE | ORDERED][..], &id.to_le_bytes(), &[0xe8, 7], &[7; 1_000]].concat();
    // Piece 0 never comes.
    for id in 1..=60 {
        assert_eq!(connection.receive(&datagram(id, &[&block(id)]), NOW), Ok(()));
    }
    let refused = connection.receive(&datagram(61, &[&block(61)]), NOW);
    assert_eq!(refused, Err(MalformedDatagram::OverBudget(ChannelId(ORDERED))));
}

#[test]
fn an_unreliable_message_that_was_given_up_is_never_acked_whole() {
    let mut connection = connection();
    // Five messages of two fragments begin; four may be incomplete at a time.
    for message in 0..5 {
        let block = fragment(UNRELIABLE, 2 * message, 0, 2_000);
        assert_eq!(connection.receive(&datagram(1 + message, &[&block]), NOW), Ok(()));
    }
    let mut out = Vec::new();
    assert!(connection.next_datagram(NOW, &mut out));
    assert_eq!(out[3..5], [5, 0], "five packets are acked");
    out.clear();
    // The rest of the first: neither handed out nor acked.
    assert_eq!(connection.receive(&datagram(6, &[&fragment(UNRELIABLE, 1, 1, 2_000)]), NOW), Ok(()));
    assert_eq!(connection.next_event(), None);
    assert!(!connection.next_datagram(NOW + Duration::from_secs(1), &mut out));
    // The rest of the last is.
    assert_eq!(connection.receive(&datagram(7, &[&fragment(UNRELIABLE, 9, 1, 2_000)]), NOW), Ok(()));
    assert!(connection.next_event().is_some());
}

/// Datagrams of a connection that is in use, both directions.
fn real_datagrams() -> Vec<Vec<u8>> {
    let mut lab = Lab::with_config(config(), Path::rough(10), 1);
    lab.recording = true;
    for tick in 0..100 {
        for channel in 0..4 {
            for end in 0..2 {
                let length = if tick % 10 == 0 { 6_000 } else { 60 };
                lab.ends[end].send(ChannelId(channel), &message(tick, length)).expect("room");
            }
        }
        lab.run(1);
    }
    lab.recorded.into_iter().map(|(_, datagram)| datagram).collect()
}

/// Hands `next(round)` to a connection, drains it and lets it answer, `rounds` times; returns the most bytes
/// that it held.
fn attack(rounds: u32, drain: bool, mut next: impl FnMut(u32) -> Vec<u8>) -> usize {
    let mut connection = connection();
    let mut out = Vec::with_capacity(2_000);
    let mut refused = 0;
    let info = measure(|| {
        for round in 0..rounds {
            let mut datagram = Vec::new();
            allocation_counter::opt_out(|| datagram = next(round));
            let now = NOW + Duration::from_millis(u64::from(round));
            refused += u32::from(connection.receive(&datagram, now).is_err());
            while drain && connection.next_event().is_some() {}
            if connection.stats().queued < 1_000 {
                for channel in 0..4 {
                    connection.send(ChannelId(channel), b"our own").expect("room");
                }
            }
            while connection.next_datagram(now, &mut out) {
                out.clear();
            }
            allocation_counter::opt_out(|| drop(datagram));
        }
    });
    // Debug output only: the figure of the attack.
    println!("{refused} of {rounds} refused, {} bytes held at most", info.bytes_max);
    usize::try_from(info.bytes_max).expect("a size")
}

/// What an attacker may make a connection hold: messages within the stated budget, in buffers that double
/// when they grow.
fn allowance() -> usize {
    2 * config().receive_budget()
}

#[test]
fn random_bytes_do_no_harm() {
    let mut rng = GameRng::new(1);
    let held = attack(60_000, true, |_| {
        let length = rng.below(200) as usize;
        (0..length).map(|_| rng.next_u64() as u8).collect()
    });
    assert!(held < allowance(), "{held} bytes");
}

#[test]
fn mutated_datagrams_do_no_harm() {
    let real = real_datagrams();
    let mut rng = GameRng::new(2);
    let held = attack(60_000, true, |round| {
        let mut bytes = real[rng.below(real.len() as u32) as usize].clone();
        // Packet numbers that go on, so that it is not taken for a duplicate.
        bytes[1..3].copy_from_slice(&(round as u16).to_le_bytes());
        for _ in 0..rng.below(4) {
            let place = rng.below(bytes.len() as u32) as usize;
            match rng.below(4) {
                0 => bytes[place] ^= 1 << rng.below(8),
                1 => bytes[place] = rng.next_u64() as u8,
                2 => bytes.truncate(place.max(3)),
                _ => bytes.insert(place, rng.next_u64() as u8),
            }
        }
        bytes
    });
    assert!(held < allowance(), "{held} bytes");
}

#[test]
fn well_formed_floods_stay_within_the_budget() {
    // Messages far ahead of their turn, without bytes and with, fragments of messages that never end.
    let floods: [fn(u32, &mut GameRng) -> Vec<u8>; 5] = [
        |_, rng| [&[RUN | ORDERED][..], &(1 + rng.below(3_800) as u16).to_le_bytes(), &[255, 0]].concat(),
        |_, rng| {
            [&[RUN | ORDERED][..], &(1 + rng.below(4_000) as u16).to_le_bytes(), &[90, 10], &[7; 900]]
                .concat()
        },
        |_, rng| {
            let id = rng.below(u32::from(u16::MAX)) as u16;
            fragment(UNRELIABLE + rng.below(2) as u8, id, 0, 20_000)
        },
        |_, rng| fragment(UNORDERED, 20 * rng.below(200) as u16, 0, 20_000),
        |_, _| vec![LIST | SEQUENCED, 3, 0, 0, 0, RUN | UNRELIABLE, 255, 0, RUN | UNRELIABLE, 255, 0],
    ];
    for (index, flood) in floods.into_iter().enumerate() {
        for drain in [true, false] {
            let mut rng = GameRng::new(3);
            let held = attack(10_000, drain, |round| datagram(round as u16, &[&flood(round, &mut rng)]));
            assert!(held < allowance(), "flood {index}: {held} bytes");
        }
    }
}
