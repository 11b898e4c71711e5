//! The bytes are those of the standard.

mod channels_pipe;

use channels_pipe::{Lab, Path};
use netcord_transport::channels::{Connection, ConnectionEvent, MAX_DATAGRAM};
use netcord_transport::{ChannelConfig, ChannelId, ChannelsConfig, PeerId};
use std::sync::Arc;
use std::time::Duration;

const STANDARD: &str = include_str!("../../../STANDARD.md");
const NOW: Duration = Duration::from_secs(9);

fn connection() -> Connection {
    let channels = [ChannelConfig::unreliable(), ChannelConfig::reliable_ordered()];
    Connection::new(Arc::new(ChannelsConfig::new(channels)), PeerId::new(0, 0))
        .expect("a valid configuration")
}

fn next_datagram(connection: &mut Connection, now: Duration) -> Vec<u8> {
    let mut datagram = Vec::new();
    assert!(connection.next_datagram(now, &mut datagram));
    datagram
}

/// A datagram that carries an empty message on channel 0.
fn packet(number: u8) -> [u8; 4] {
    [0, number, 0, 0]
}

/// The bytes of a vector of the standard, which are its indented lines.
fn vector(number: usize) -> Vec<u8> {
    let vectors = STANDARD.split_once("Channel vectors").expect("the section has vectors").1;
    let vector = vectors.split(&format!("\n{number}. ")).nth(1).expect("the vector is there");
    let lines = vector.lines().skip_while(|line| !line.starts_with("       "));
    let hex: String = lines.take_while(|line| line.starts_with("       ")).collect();
    let digits: Vec<_> = hex.chars().filter(|c| !c.is_whitespace()).collect();
    digits
        .chunks(2)
        .map(|pair| u8::from_str_radix(&pair.iter().collect::<String>(), 16).expect("hexadecimal"))
        .collect()
}

#[test]
fn the_first_vector_is_an_ack_and_a_lone_message() {
    let mut connection = connection();
    for number in [1, 2] {
        connection.receive(&packet(number), NOW).expect("well-formed");
    }
    connection.send(ChannelId(1), b"hi").expect("room");
    assert_eq!(next_datagram(&mut connection, NOW + Duration::from_millis(5)), vector(1));
}

#[test]
fn the_second_vector_is_ack_ranges_a_run_and_a_list() {
    let mut connection = connection();
    connection.send(ChannelId(1), b"first").expect("room");
    next_datagram(&mut connection, NOW);
    for number in [1, 2, 4, 7] {
        connection.receive(&packet(number), NOW).expect("well-formed");
    }
    for payload in ["12", "34", "56"] {
        connection.send(ChannelId(0), payload.as_bytes()).expect("room");
    }
    for payload in ["abc", "def", "x"] {
        connection.send(ChannelId(1), payload.as_bytes()).expect("room");
    }
    assert_eq!(next_datagram(&mut connection, NOW), vector(2));
}

#[test]
fn the_third_vector_is_a_last_fragment() {
    let mut connection = connection();
    connection.send(ChannelId(1), &[0; 1_190]).expect("room");
    next_datagram(&mut connection, NOW);
    connection.send(ChannelId(0), b"end").expect("room");
    assert_eq!(next_datagram(&mut connection, NOW), vector(3));
}

#[test]
fn the_vectors_are_understood() {
    let mut connection = connection();
    for end in ["one", "two"] {
        connection.send(ChannelId(0), end.as_bytes()).expect("room");
        next_datagram(&mut connection, NOW);
    }
    connection.receive(&vector(1), NOW).expect("well-formed");
    let event = connection.next_event();
    assert_eq!(event, Some(ConnectionEvent::Message { channel: ChannelId(1), payload: b"hi" }));
}

#[test]
fn a_tick_of_small_messages_is_one_datagram_with_few_bytes_beside_them() {
    let mut lab = Lab::new([ChannelConfig::unreliable(), ChannelConfig::reliable_ordered()], Path::CLEAN, 1);
    lab.recording = true;
    for _ in 0..60 {
        for end in 0..2 {
            lab.ends[end].send(ChannelId(0), &[1; 20]).expect("room");
            lab.ends[end].send(ChannelId(1), &[2; 30]).expect("room");
        }
        lab.run(1);
    }
    assert_eq!(lab.recorded.len(), 120, "one datagram an end and tick");
    // Flags, packet, ack, block with length, block with id.
    assert!(lab.recorded.iter().all(|(_, datagram)| datagram.len() <= 3 + 4 + 2 + 20 + 3 + 30));
}

#[test]
fn an_end_with_nothing_to_say_sends_nothing_and_acks_do_not_answer_acks() {
    let mut lab = Lab::new([ChannelConfig::unreliable()], Path::CLEAN, 1);
    lab.run(60);
    assert_eq!(lab.datagrams, [0, 0]);
    lab.ends[0].send(ChannelId(0), b"one").expect("room");
    lab.run(300);
    assert_eq!(lab.datagrams, [1, 1], "a message, and its ack");
}

#[test]
fn a_datagram_is_filled_to_the_last_byte_and_never_beyond() {
    let mut connection = connection();
    for number in 0..1_800_usize {
        connection.send(ChannelId(number as u8 % 2), &vec![3; number % 700]).expect("room");
    }
    let (mut now, mut longest) = (NOW, 0);
    for _ in 0..300 {
        let mut datagram = Vec::new();
        while connection.next_datagram(now, &mut datagram) {
            longest = longest.max(datagram.len());
            assert!(datagram.len() <= MAX_DATAGRAM);
            datagram.clear();
        }
        now += Duration::from_millis(16);
    }
    assert!(longest > MAX_DATAGRAM - 3, "{longest}");
}
