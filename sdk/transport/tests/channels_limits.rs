//! Every queue has a limit and a policy for when it is full; what is refused says why.

mod channels_pipe;

use channels_pipe::{Lab, Path, Seen, message, messages, number};
use netcord_transport::channels::Connection;
use netcord_transport::{
    ChannelConfig, ChannelId, ChannelKind, ChannelsConfig, PeerId, SendError, TransportError,
};
use netcord_wire::GameRng;
use std::sync::Arc;

const PEER: PeerId = PeerId::new(3, 1);

fn small(config: ChannelConfig) -> ChannelConfig {
    config.with_max_message(1_000).with_max_queued(10_000)
}

fn connection(channels: impl Into<Vec<ChannelConfig>>) -> Connection {
    Connection::new(Arc::new(ChannelsConfig::new(channels)), PEER).expect("a valid configuration")
}

#[test]
fn a_channel_that_does_not_exist_is_refused() {
    let mut connection = connection([ChannelConfig::unreliable()]);
    for channel in [1, 30, 32, 255].map(ChannelId) {
        assert_eq!(connection.send(channel, b"lost"), Err(SendError::UnknownChannel { channel }));
    }
    assert!(connection.send(ChannelId::CONTROL, b"always there").is_ok());
}

#[test]
fn a_message_over_the_limit_is_refused() {
    let mut connection = connection([small(ChannelConfig::unreliable())]);
    assert!(connection.send(ChannelId(0), &[0; 1_000]).is_ok());
    let refused = connection.send(ChannelId(0), &[0; 1_001]);
    assert_eq!(refused, Err(SendError::TooLarge { size: 1_001, limit: 1_000 }));
    let refused = connection.send(ChannelId::CONTROL, &[0; 40_961]);
    assert_eq!(refused, Err(SendError::TooLarge { size: 40_961, limit: 40_960 }));
}

#[test]
fn a_full_reliable_queue_refuses_and_takes_again_when_the_peer_has_caught_up() {
    let mut lab = Lab::new([small(ChannelConfig::reliable_ordered())], Path::CLEAN, 1);
    for index in 0..10 {
        lab.ends[0].send(ChannelId(0), &message(index, 1_000)).expect("room");
    }
    let refused = lab.ends[0].send(ChannelId(0), b"more");
    let peer = PeerId::new(0, 0);
    assert_eq!(refused, Err(SendError::QueueFull { peer, channel: ChannelId(0), queued: 10_000 }));
    assert_eq!(messages(&lab.run(60)[1]).map(number).collect::<Vec<_>>(), (0..10).collect::<Vec<_>>());
    assert!(lab.ends[0].send(ChannelId(0), b"more").is_ok());
}

#[test]
fn messages_without_bytes_fill_a_queue_too() {
    for kind in [ChannelConfig::reliable_ordered(), ChannelConfig::reliable_unordered()] {
        let mut connection = connection([kind]);
        let taken = (0..100_000).take_while(|_| connection.send(ChannelId(0), &[]).is_ok()).count();
        assert_eq!(taken, 1 << 15);
    }
}

#[test]
fn a_full_unreliable_queue_drops_its_oldest_and_says_so() {
    let mut lab = Lab::new([small(ChannelConfig::unreliable()).with_receipts()], Path::CLEAN, 1);
    let receipts: Vec<_> = (0..25)
        .map(|index| lab.ends[0].send(ChannelId(0), &message(index, 1_000)).expect("never full"))
        .collect();
    let [sender, receiver] = lab.run(60);
    assert_eq!(messages(&receiver).map(number).collect::<Vec<_>>(), (15..25).collect::<Vec<_>>());
    let (lost, delivered) = receipts.split_at(15);
    let expected = lost.iter().copied().map(Seen::Lost).chain(delivered.iter().copied().map(Seen::Delivered));
    assert_eq!(sender, expected.collect::<Vec<_>>());
}

#[test]
fn a_long_message_that_is_dropped_half_sent_is_lost_and_the_next_ones_arrive() {
    let config = ChannelConfig::unreliable().with_max_message(40_000).with_max_queued(60_000).with_receipts();
    let config = ChannelsConfig::new([config]).with_max_bytes_per_second(60_000);
    let mut lab = Lab::with_config(config, Path::CLEAN, 1);
    let receipts: Vec<_> = (0..6)
        .map(|index| {
            let receipt = lab.ends[0].send(ChannelId(0), &message(index, 40_000)).expect("never full");
            lab.run(2);
            receipt
        })
        .collect();
    let [sender, receiver] = lab.run(120);
    assert_eq!(messages(&receiver).map(number).collect::<Vec<_>>(), [5]);
    assert_eq!(sender.last(), Some(&Seen::Delivered(receipts[5])));
}

#[test]
fn a_game_that_does_not_drain_its_events_holds_the_peer_up_and_loses_nothing_reliable() {
    let channel = ChannelConfig::reliable_ordered().with_max_message(1_000).with_max_queued(8 << 20);
    let mut lab = Lab::new([channel], Path::CLEAN, 1);
    for index in 0..6_000 {
        lab.ends[0].send(ChannelId(0), &message(index, 1_000)).expect("room");
    }
    for _ in 0..600 {
        lab.deliver();
        lab.flush();
    }
    let waiting = lab.drain(1);
    let bytes: usize = messages(&waiting).map(<[_]>::len).sum();
    assert!((1_000_000..1_200_000).contains(&bytes), "{bytes} bytes wait for the game");
    let rest = lab.run(900);
    let arrived: Vec<_> = messages(&waiting).chain(messages(&rest[1])).map(number).collect();
    assert!(arrived.iter().copied().eq(0..6_000), "{} arrived", arrived.len());
}

#[test]
fn a_bad_configuration_is_named() {
    let fine = ChannelConfig::reliable_ordered();
    let bad = [
        (ChannelsConfig::new(vec![fine.clone(); 32]), "31 channels"),
        (ChannelsConfig::new([fine.clone()]).with_max_bytes_per_second(7_999), "max_bytes_per_second"),
        (ChannelsConfig::new([fine.clone().with_max_message(0)]), "max_message"),
        (
            ChannelsConfig::new([fine.clone().with_max_message(5 << 20).with_max_queued(5 << 20)]),
            "max_message",
        ),
        (ChannelsConfig::new([fine.clone().with_max_queued(1_000)]), "max_queued"),
        (ChannelsConfig::new([fine.clone().with_max_queued(usize::MAX)]), "max_queued"),
        (ChannelsConfig::new([fine.clone().with_repetition(0)]), "repetition"),
        (ChannelsConfig::new([fine.with_repetition(9)]), "repetition"),
        (ChannelsConfig::new([ChannelConfig::unreliable().with_repetition(2)]), "reliable channels"),
    ];
    for (config, word) in bad {
        match Connection::new(Arc::new(config), PEER) {
            Err(TransportError::Config(complaint)) => assert!(complaint.contains(word), "{complaint}"),
            other => panic!("{word}: {other:?}"),
        }
    }
    assert!(ChannelsConfig::new(vec![ChannelConfig::unreliable(); 31]).validate().is_ok());
}

#[test]
fn the_hash_differs_where_the_ends_could_not_talk() {
    let hash = |channel: ChannelConfig| ChannelsConfig::new([channel]).hash();
    let ours = hash(ChannelConfig::reliable_ordered());
    assert_ne!(ours, hash(ChannelConfig::reliable_unordered()));
    assert_ne!(ours, hash(ChannelConfig::reliable_ordered().with_max_message(9)));
    assert_ne!(ours, hash(ChannelConfig::reliable_ordered().with_max_queued(5 << 20)));
    assert_ne!(ours, ChannelsConfig::new([]).hash());
    assert_eq!(
        ours,
        hash(ChannelConfig::reliable_ordered().with_priority(7).with_receipts().with_repetition(3))
    );
}

#[test]
fn a_queue_that_is_always_full_breaks_no_limit_of_the_receiver() {
    for kind in [ChannelKind::ReliableOrdered, ChannelKind::ReliableUnordered] {
        for seed in 0..5 {
            let channel = ChannelConfig::new(kind).with_max_message(5_000).with_max_queued(10_000);
            let mut lab = Lab::new([channel], Path::rough(30), seed);
            let mut rng = GameRng::new(seed);
            let (mut sent, mut arrived) = (0, 0);
            for _ in 0..600 {
                loop {
                    let length = 4 + rng.below(if sent % 5 == 0 { 4_996 } else { 300 }) as usize;
                    if lab.ends[0].send(ChannelId(0), &message(sent, length)).is_err() {
                        break;
                    }
                    sent += 1;
                }
                // The lab makes sure that nothing is taken for malformed.
                arrived += messages(&lab.run(1)[1]).count();
            }
            assert!(arrived > 200, "{kind:?}, seed {seed}: {arrived}");
        }
    }
}
