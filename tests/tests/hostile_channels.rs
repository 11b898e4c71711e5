//! What fuzzing found in the channels: an authenticated peer that means harm, and an honest one that was taken for it.

use netcord::transport::channels::{Connection, ConnectionEvent};
use netcord::transport::{ChannelConfig, ChannelId, ChannelsConfig, PeerId};
use std::sync::Arc;
use std::time::Duration;

const ORDERED: ChannelId = ChannelId(0);
const NOW: Duration = Duration::from_secs(1);

/// Two ends of one ordered channel that holds no more than one message of this size.
fn ends(size: usize) -> [Connection; 2] {
    let channel = ChannelConfig::reliable_ordered().with_max_message(size).with_max_queued(size);
    let config = Arc::new(ChannelsConfig::new([channel]));
    [(); 2].map(|()| Connection::new(config.clone(), PeerId::new(0, 0)).unwrap())
}

/// All that a connection has to say now, a datagram each.
fn flush(connection: &mut Connection, now: Duration) -> Vec<Vec<u8>> {
    let mut datagrams = Vec::new();
    let mut datagram = Vec::new();
    while connection.next_datagram(now, &mut datagram) {
        datagrams.push(std::mem::take(&mut datagram));
    }
    datagrams
}

fn messages(connection: &mut Connection) -> Vec<Vec<u8>> {
    let mut messages = Vec::new();
    while let Some(event) = connection.next_event() {
        if let ConnectionEvent::Message { payload, .. } = event {
            messages.push(payload.to_vec());
        }
    }
    messages
}

#[test]
fn a_packet_numbered_before_the_first_is_ignored() {
    for number in [0xffff_u16, 0xfffe, 0x8002] {
        let [mut here, mut there] = ends(1_000);
        let [low, high] = number.to_le_bytes();
        const PING: u8 = 2;
        here.receive(&[PING, low, high], NOW).unwrap();
        assert_eq!(flush(&mut here, NOW), [[0; 0]; 0], "packet {number:#x} gets no ack");
        there.send(ORDERED, b"hello").unwrap();
        for datagram in flush(&mut there, NOW) {
            here.receive(&datagram, NOW).unwrap();
        }
        assert_eq!(messages(&mut here), [b"hello"]);
    }
}

#[test]
fn repeated_fragments_of_a_message_that_fills_the_channel_are_no_breach() {
    let [mut here, mut there] = ends(3_000);
    here.send(ORDERED, &[7; 3_000]).unwrap();
    let first = flush(&mut here, NOW);
    assert_eq!(first.len(), 3, "fragments of 1,100, 1,100 and 800 bytes");
    first[..2].iter().for_each(|datagram| there.receive(datagram, NOW).unwrap());
    // No ack arrives, so all of it is sent again, in new packets.
    let mut now = NOW;
    for _ in 0..600 {
        now += Duration::from_millis(17);
        for datagram in flush(&mut here, now) {
            there.receive(&datagram, now).unwrap();
        }
    }
    assert_eq!(messages(&mut there), [[7; 3_000]]);
}

#[test]
fn repeated_messages_that_fill_the_channel_are_no_breach() {
    let [mut here, mut there] = ends(4_000);
    let sent = [(0, 300), (1, 1_000), (2, 1_000), (3, 1_000), (4, 700)].map(|(byte, size)| vec![byte; size]);
    sent.iter().for_each(|message| assert!(here.send(ORDERED, message).is_ok()));
    let first = flush(&mut here, NOW);
    assert_eq!(first.len(), sent.len(), "a datagram each");
    first[1..].iter().for_each(|datagram| there.receive(datagram, NOW).unwrap());
    let mut now = NOW;
    for _ in 0..600 {
        now += Duration::from_millis(17);
        // The first message is lost again and again until the others have come twice.
        for datagram in flush(&mut here, now) {
            let is_first = datagram.windows(8).any(|bytes| bytes == [0; 8]);
            if !is_first || now > NOW + Duration::from_secs(5) {
                there.receive(&datagram, now).unwrap();
            }
        }
    }
    assert_eq!(messages(&mut there), sent);
}
