//! Datagrams of every kind, repeated, cut, lengthened or with a bit flipped, change nothing: no event, no answer.

mod stack;

use netcord::transport::lab::Observed;
use netcord::transport::{DisconnectReason, Transport};
use stack::{ALICE, BOB, CAROL, HOST, Pair, RELIABLE, channels, drain, join};
use std::collections::BTreeMap;
use std::net::SocketAddr;

/// Datagrams of each kind that are tried.
const SAMPLES: usize = 4;

/// What a datagram is for, by its first byte: netcode's packet type, or an invite's request (0xf0) or answer (0xf1).
fn kind(datagram: &[u8]) -> u8 {
    match datagram[0] {
        first @ 0xf0.. => first,
        first => first & 0x0f,
    }
}

const CONNECTION_REQUEST: u8 = 0;
const REQUEST: u8 = 0xf0;
/// Bytes in the answer that says that an invite is spent.
const SPENT: usize = 58;

/// A conversation in which each kind of datagram was sent, as it was seen by a third party; Alice is still there.
fn conversation(seed: u64) -> (Pair, Vec<Observed>) {
    let mut pair = Pair::new(seed, "latency=20ms");
    let mut tap = pair.network.tap();
    let [alice, host] = pair.connect();
    let mut invited = |at| {
        let code = pair.host.endpoint_mut().invite(1).expect("there is room");
        join(&pair.network, at, &code, channels())
    };
    // The host has room for Bob, but not for Carol.
    let (mut bob, mut carol) = (invited(BOB), invited(CAROL));
    for frame in 0..90 {
        pair.receive();
        if frame % 10 == 0 {
            pair.host.send(alice, RELIABLE, b"down").expect("connected");
            pair.joiner.send(host, RELIABLE, b"up").expect("connected");
        }
        pair.flush();
        bob.receive(pair.now).expect("the lab's sockets don't break");
        drain(&mut bob);
        if frame > 15 {
            carol.receive(pair.now).expect("the lab's sockets don't break");
            drain(&mut carol);
        }
        if frame == 60 {
            bob.close(&DisconnectReason::Left(0)).expect("the lab's sockets don't break");
        }
        bob.flush(pair.now).expect("the lab's sockets don't break");
    }
    let recorded: Vec<Observed> = tap.by_ref().collect();
    // What is under way arrives.
    for _ in 0..4 {
        pair.receive();
    }
    (pair, recorded)
}

/// Some of each kind and direction.
fn samples(recorded: &[Observed]) -> Vec<Observed> {
    let mut samples: BTreeMap<(u8, bool), Vec<Observed>> = BTreeMap::new();
    for observed in recorded {
        samples.entry((kind(&observed.datagram), observed.to == HOST)).or_default().push(observed.clone());
    }
    let kinds: Vec<(u8, bool)> = samples.keys().copied().collect();
    assert_eq!(
        kinds,
        [
            (0, true),  // connection request
            (1, false), // denial
            (2, false), // challenge
            (3, true),  // response
            (4, false), // keep-alive
            (4, true),
            (5, false), // payload
            (5, true),
            (6, false), // disconnect
            (6, true),
            (0xf0, true),
            (0xf1, false),
        ],
        "every kind was sent"
    );
    samples
        .into_values()
        .flat_map(|all| all.into_iter().step_by(7).take(SAMPLES).collect::<Vec<_>>())
        .collect()
}

/// Hands a datagram to whoever it is for, at a moment in which nothing else happens; what comes back, in bytes.
fn deliver(pair: &mut Pair, from: SocketAddr, to: SocketAddr, datagram: &[u8]) -> usize {
    let mut tap = pair.network.tap();
    pair.network.inject(from, to, datagram);
    let seen = if to == HOST {
        pair.host.receive(pair.now).expect("the lab's sockets don't break");
        drain(&mut pair.host)
    } else {
        pair.joiner.receive(pair.now).expect("the lab's sockets don't break");
        drain(&mut pair.joiner)
    };
    assert_eq!(
        seen,
        [],
        "an event came of a {:#x} of {} bytes",
        kind(&[datagram, &[0]].concat()),
        datagram.len()
    );
    tap.by_ref().map(|answer| answer.datagram.len()).sum()
}

/// All datagrams are tried from where they came and, but for Bob's, to where they went.
fn receiver(observed: &Observed) -> SocketAddr {
    if observed.to == HOST { HOST } else { ALICE }
}

#[test]
fn repeated_datagrams_change_nothing() {
    let (mut pair, recorded) = conversation(1);
    for observed in &recorded {
        for from in [observed.from, stack::MALLORY, ALICE, BOB] {
            let answered = deliver(&mut pair, from, receiver(observed), &observed.datagram);
            let expected = match kind(&observed.datagram) {
                // Carol was told to come back later, so what she asks is answered as often as it is asked.
                REQUEST | CONNECTION_REQUEST if observed.from == CAROL => 0..=observed.datagram.len(),
                // Who has a spent invite, or a copy of what its holder said, learns that it is spent.
                REQUEST => 0..=SPENT,
                _ => 0..=0,
            };
            assert!(expected.contains(&answered), "{answered} bytes answer a {:#x}", observed.datagram[0]);
        }
    }
    assert_undisturbed(&mut pair);
}

#[test]
fn damaged_datagrams_change_nothing() {
    let (mut pair, recorded) = conversation(2);
    for observed in samples(&recorded) {
        let Observed { from, ref datagram, .. } = observed;
        let mut copies: Vec<Vec<u8>> = Vec::new();
        copies.extend((0..datagram.len()).map(|length| datagram[..length].to_vec()));
        copies.extend([1, 2, 16, 100].map(|more| [&datagram[..], &vec![0; more]].concat()));
        copies.extend([1, 2, 16, 100].map(|more| [&datagram[..], &vec![0xff; more]].concat()));
        copies.push(datagram.repeat(2));
        copies.extend((0..datagram.len() * 8).map(|bit| {
            let mut flipped = datagram.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            flipped
        }));
        for copy in copies {
            let answered = deliver(&mut pair, from, receiver(&observed), &copy);
            assert_eq!(answered, 0, "a damaged {:#x} was answered", datagram[0]);
        }
    }
    assert_undisturbed(&mut pair);
}

/// The connection stands, and what is sent arrives.
fn assert_undisturbed(pair: &mut Pair) {
    let mut arrived = 0;
    for frame in 0..60 {
        arrived += pair
            .receive()
            .iter()
            .flatten()
            .filter(|seen| matches!(seen, stack::Seen::Message(_, RELIABLE, text) if text == b"still here"))
            .count();
        if frame == 0 {
            let peers = [0, 1].map(|_| netcord::transport::PeerId::new(0, 0));
            pair.host.send(peers[0], RELIABLE, b"still here").expect("connected");
            pair.joiner.send(peers[1], RELIABLE, b"still here").expect("connected");
        }
        pair.flush();
    }
    assert_eq!(arrived, 2);
}
