//! What an attacker can do to datagrams has no effect: cutting, lengthening, changing and repeating every kind of
//! them, and sending anything else.

mod netcode_support;

use core::time::Duration;
use netcode_support::*;
use netcord_transport::netcode::{Client, ClientState, ServerConfig, fuzzing};
use netcord_transport::{Endpoint, SecureRng};
use rand_core::Rng as _;

/// All that can be told from outside about a pair: what it gave, sent and reported since it was last asked.
#[derive(Debug, PartialEq)]
struct Seen {
    payload: bool,
    sent: usize,
    events: usize,
    connected: usize,
    state: ClientState,
}

/// A pair at the moment before a datagram of one kind arrives, with that datagram.
struct Moment {
    pair: Pair,
    is_up: bool,
    genuine: Vec<u8>,
}

impl Moment {
    fn deliver(&mut self, datagram: &[u8]) -> Seen {
        let payload =
            if self.is_up { self.pair.server_takes(datagram) } else { self.pair.client_takes(datagram) };
        Seen {
            payload: payload.is_some(),
            sent: self.pair.server_sends().len() + self.pair.client_sends().len(),
            events: events(&mut self.pair.server).len() + events(&mut self.pair.client).len(),
            connected: self.pair.server.connected(),
            state: self.pair.client.state(),
        }
    }

    /// What is seen when nothing happens.
    fn quiet(&self) -> Seen {
        Seen {
            payload: false,
            sent: 0,
            events: 0,
            connected: self.pair.server.connected(),
            state: self.pair.client.state(),
        }
    }
}

/// The moments of a connection, one for each kind of datagram that has an effect of its own.
fn moments() -> Vec<(&'static str, Moment)> {
    let mut all = Vec::new();
    // Each step of a handshake, stopped before its datagram arrives.
    for (step, name) in ["request", "challenge", "response", "keep-alive"].into_iter().enumerate() {
        let mut moment = Moment { pair: Pair::new(), is_up: true, genuine: Vec::new() };
        moment.genuine = moment.pair.client_sends().remove(0);
        for _ in 0..step {
            let datagram = moment.genuine.clone();
            if moment.is_up {
                moment.pair.server_takes(&datagram);
                moment.genuine = moment.pair.server_sends().remove(0);
            } else {
                moment.pair.client_takes(&datagram);
                moment.genuine = moment.pair.client_sends().remove(0);
            }
            moment.is_up = !moment.is_up;
        }
        events(&mut moment.pair.server);
        all.push((name, moment));
    }
    for is_up in [true, false] {
        let mut pair = Pair::connected();
        if is_up {
            pair.client.send(Client::SERVER, b"payload")
        } else {
            pair.server.send(pair.peer(), b"payload")
        }
        .unwrap();
        let genuine = [pair.client_sends(), pair.server_sends()].concat().remove(0);
        all.push(("payload", Moment { pair, is_up, genuine }));
    }
    for is_up in [true, false] {
        let pair = Pair::connected();
        let genuine = seal(if is_up { &pair.keys.up } else { &pair.keys.down }, DISCONNECT, 9, &[]);
        all.push(("disconnect", Moment { pair, is_up, genuine }));
    }
    let mut pair = Pair::with(ServerConfig { max_clients: 0, ..config() }, token(1));
    let request = pair.client_sends().remove(0);
    pair.server_takes(&request);
    let genuine = pair.server_sends().remove(0);
    all.push(("denied", Moment { pair, is_up: false, genuine }));
    all
}

#[test]
fn changed_datagrams_of_every_kind_have_no_effect_and_the_genuine_one_works_after_them() {
    for (name, mut moment) in moments() {
        let quiet = moment.quiet();
        let genuine = moment.genuine.clone();
        for size in 0..genuine.len() {
            assert_eq!(moment.deliver(&genuine[..size]), quiet, "{name} cut to {size}");
        }
        for more in [1, 2, 16, 18, 400] {
            for byte in [0, 0xff] {
                let longer = [&genuine[..], &vec![byte; more]].concat();
                assert_eq!(moment.deliver(&longer), quiet, "{name} with {more} more");
            }
        }
        assert_eq!(moment.deliver(&genuine.repeat(2)), quiet, "{name} twice in one");
        for bit in 0..genuine.len() * 8 {
            let mut flipped = genuine.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(moment.deliver(&flipped), quiet, "{name} with bit {bit} flipped");
        }
        assert_ne!(moment.deliver(&genuine), quiet, "{name} as it should be");
    }
}

#[test]
fn repeated_datagrams_of_every_kind_have_no_effect() {
    for (name, mut moment) in moments() {
        let genuine = moment.genuine.clone();
        moment.deliver(&genuine);
        let quiet = moment.quiet();
        for _ in 0..3 {
            let seen = moment.deliver(&genuine);
            if name == "request" {
                assert_eq!(seen, Seen { sent: 1, ..quiet }, "the standard answers each");
                break;
            }
            assert_eq!(seen, quiet, "{name}");
        }
    }
}

#[test]
fn datagrams_of_every_kind_from_elsewhere_have_no_effect() {
    for (name, mut moment) in moments() {
        let quiet = moment.quiet();
        let genuine = moment.genuine.clone();
        if name == "request" {
            continue; // it binds the token to whoever comes first: tested among the server's rules
        }
        if moment.is_up {
            deliver(&mut moment.pair.server, ELSEWHERE, &genuine);
        } else {
            deliver(&mut moment.pair.client, ELSEWHERE, &genuine);
        }
        assert_eq!(moment.deliver(&[]), quiet, "{name}");
        assert_ne!(moment.deliver(&genuine), quiet, "{name} from the right address");
    }
}

#[test]
fn changed_keep_alives_keep_nothing_alive() {
    let mut pair = Pair::connected();
    pair.pass(Duration::from_secs(1));
    let (up, down) = (pair.client_sends(), pair.server_sends());
    for byte in 0..500 {
        pair.pass(Duration::from_millis(10));
        for (datagrams, is_up) in [(&up, true), (&down, false)] {
            let mut datagram = datagrams[byte % datagrams.len()].clone();
            let at = byte % datagram.len();
            datagram[at] ^= 0x41;
            if is_up {
                pair.server_takes(&datagram)
            } else {
                pair.client_takes(&datagram)
            };
        }
    }
    assert_eq!((pair.server.connected(), pair.client.state()), (0, ClientState::ConnectionTimedOut));
}

/// A copy of a datagram, damaged in one of the ways that networks and attackers know.
fn damaged(datagram: &[u8], rng: &mut SecureRng) -> Vec<u8> {
    let mut copy = datagram.to_vec();
    let at = rng.next_u64() as usize % copy.len();
    match rng.next_u64() % 5 {
        0 => copy.truncate(at),
        1 => copy.extend_from_slice(&rng.next_u64().to_le_bytes()),
        2 => copy[at] ^= 1 << (rng.next_u64() % 8),
        3 => copy[at..].rotate_left(1),
        _ => {}
    }
    copy
}

#[test]
fn a_flood_of_damaged_and_repeated_datagrams_does_not_disturb_a_connection() {
    let mut pair = Pair::connected();
    let mut rng = rng(5);
    let mut recorded: Vec<(bool, Vec<u8>)> = Vec::new();
    for round in 0..500_u64 {
        pair.run(Duration::from_millis(10));
        pair.server.send(pair.peer(), &round.to_le_bytes()).unwrap();
        pair.client.send(Client::SERVER, &round.to_le_bytes()).unwrap();
        let (up, down) = (pair.client_sends(), pair.server_sends());
        recorded.extend(up.iter().map(|datagram| (true, datagram.clone())));
        recorded.extend(down.iter().map(|datagram| (false, datagram.clone())));
        // Before its own time no datagram of this round may be delivered whole, so the flood takes older ones.
        let old = recorded.len() - up.len() - down.len();
        for _ in 0..40.min(old) {
            let (is_up, datagram) = &recorded[rng.next_u64() as usize % old];
            let datagram = damaged(datagram, &mut rng);
            let payload = if *is_up { pair.server_takes(&datagram) } else { pair.client_takes(&datagram) };
            assert_eq!(payload, None);
        }
        let payload = Some(round.to_le_bytes().to_vec());
        assert_eq!(pair.server_takes(&up[0]).map(|(_, payload)| payload), payload);
        assert_eq!(pair.client_takes(&down[0]).map(|(_, payload)| payload), payload);
    }
    assert_eq!((pair.server.connected(), pair.client.state()), (1, ClientState::Connected));
    assert!(events(&mut pair.server).is_empty() && events(&mut pair.client).is_empty());
}

#[test]
fn random_bytes_do_nothing_in_any_state() {
    let mut rng = rng(6);
    for (name, mut moment) in moments() {
        let quiet = moment.quiet();
        for _ in 0..500 {
            let mut bytes = vec![0; (rng.next_u64() % 1_500) as usize];
            rng.fill_bytes(&mut bytes);
            if let Some(prefix) = bytes.first_mut() {
                *prefix &= 0x8f; // mostly a known type and a possible sequence number
            }
            moment.is_up = !moment.is_up;
            assert_eq!(moment.deliver(&bytes), quiet, "{name}");
            deliver(&mut moment.pair.server, ELSEWHERE, &bytes);
        }
        assert!(moment.pair.server_sends().is_empty());
    }
}

#[test]
fn no_decoder_panics_on_random_or_damaged_input() {
    const DECODERS: [fn(&[u8]); 8] = [
        fuzzing::connect_token,
        fuzzing::private_token,
        fuzzing::challenge,
        fuzzing::request,
        fuzzing::packet_data,
        fuzzing::sealed_packet,
        fuzzing::sealed_and_opened,
        fuzzing::replay_window,
    ];
    let mut rng = rng(7);
    let token = token(1);
    let private = open_private(&token).unwrap();
    let mut inputs = vec![token.to_bytes().to_vec(), private, vec![4; 9], vec![5; 1_210], vec![2; 317]];
    inputs.extend(moments().into_iter().map(|(_, moment)| moment.genuine));
    for round in 0..3_000 {
        let input = damaged(&inputs[round % inputs.len()], &mut rng);
        for decoder in DECODERS {
            decoder(&input);
        }
    }
}
