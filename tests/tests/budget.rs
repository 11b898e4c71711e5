//! What one datagram, or one message, may make us allocate, whoever sent it.
//!
//! | what arrives | budget, in bytes at a time |
//! |---|---|
//! | any datagram on an established connection that its peer did not seal, or has sealed before | 0 |
//! | any datagram of a stranger | 0 |
//! | but a request of an invite that is open or spent, damaged | 2 KiB |
//! | and an exact copy of one | 4 KiB |
//! | a datagram of the handshake, at the host | 8 KiB |
//! | a datagram of the handshake, at the joiner | 16 KiB |
//! | a datagram that the peer has sealed, in the channels: their tables grow by a window at most | 256 KiB |
//! | all of them together, with what has grown for them | what [`ChannelsConfig::receive_budget`] says |
//! | a message of the control channel (8 KiB at most) | 32 KiB |
//! | a message of a session | 32 times its length and 1 KiB |
//! | a connect token, an invite code, a rejoin ticket | 8 KiB |
//! | a state of Pong | 1 KiB |
//!
//! Where a decoder's check writes the value again, that is counted, too. `cargo test -p netcord-tests --test budget --
//! --nocapture` prints what was measured.

mod stack;

use allocation_counter::{AllocationInfo, measure};
use netcord::transport::channels::{Connection, FRAGMENT};
use netcord::transport::{ChannelConfig, ChannelsConfig, PeerId, Transport};
use netcord::wire::{GameRng, varint};
use netcord_tests::fuzz::{self, Mutator, recorded, seeds};
use stack::{ALICE, FRAME, HOST, MALLORY, Pair};
use std::sync::Arc;
use std::time::Duration;

const KIB: u64 = 1_024;
const MUTATIONS: usize = 5_000;
const NOW: Duration = Duration::from_secs(1);

/// The most that was allocated for one input.
#[derive(Default)]
struct Measured {
    inputs: usize,
    at_a_time: u64,
    kept: i64,
}

impl Measured {
    fn add(&mut self, info: AllocationInfo) {
        self.inputs += 1;
        self.at_a_time = self.at_a_time.max(info.bytes_max);
        self.kept = self.kept.max(info.bytes_current);
    }

    fn check(&self, what: &str, budget: u64) {
        let Self { inputs, at_a_time, kept } = self;
        println!("{what:<48} {at_a_time:>7} of {budget:>7} bytes, {kept:>6} kept, {inputs} inputs");
        assert!(*at_a_time <= budget, "{what}: {at_a_time} bytes for one input, over the budget of {budget}");
    }
}

/// Genuine inputs, and mutations of them.
fn with_mutations(mut inputs: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    let (mut mutator, genuine) = (Mutator::new(5), inputs.len());
    for round in 0..MUTATIONS {
        let (input, other) = (&inputs[round % genuine], &inputs[(round + round / genuine) % genuine]);
        inputs.push(mutator.mutate(input, other));
    }
    inputs
}

/// The corpus of a target, with mutations.
fn inputs(target: &str) -> Vec<Vec<u8>> {
    let files = recorded(target).expect("a corpus");
    with_mutations(files.into_iter().chain(seeds(target)).map(|(_, bytes)| bytes).collect())
}

#[test]
fn datagrams_of_strangers_and_of_handshakes_keep_to_their_budgets() {
    let mut pair = Pair::new(1, "latency=10ms");
    let mut tap = pair.network.tap();
    let (mut at_host, mut at_joiner) = (Measured::default(), Measured::default());
    for _ in 0..60 {
        pair.now += FRAME;
        pair.network.advance_to(pair.now);
        at_host.add(measure(|| pair.host.receive(pair.now).unwrap()));
        at_joiner.add(measure(|| pair.joiner.receive(pair.now).unwrap()));
        pair.flush();
    }
    at_host.check("handshake, at the host", 8 * KIB);
    at_joiner.check("handshake, at the joiner", 16 * KIB);

    let genuine: Vec<Vec<u8>> = tap.by_ref().map(|seen| seen.datagram).collect();
    let (requests, others): (Vec<_>, Vec<_>) = genuine.into_iter().partition(|datagram| datagram[0] == 0xf0);
    let (mut damaged, others) = (with_mutations(requests.clone()), with_mutations(others));
    damaged.retain(|datagram| !requests.contains(datagram));
    for (what, from, to, inputs, budget) in [
        ("a copy of a request, at the host", MALLORY, HOST, &requests, 4 * KIB),
        ("a damaged request, at the host", MALLORY, HOST, &damaged, 2 * KIB),
        ("a stranger's, at the host", MALLORY, HOST, &others, 0),
        ("a stranger's, at the joiner", MALLORY, ALICE, &others, 0),
        ("in the peer's name, at the host", ALICE, HOST, &others, 0),
        ("in the host's name, at the joiner", HOST, ALICE, &others, 0),
    ] {
        let mut measured = Measured::default();
        for input in inputs {
            pair.network.inject(from, to, input);
            let receiver: &mut dyn Transport = if to == HOST { &mut pair.host } else { &mut pair.joiner };
            measured.add(measure(|| receiver.receive(pair.now).unwrap()));
        }
        measured.check(what, budget);
    }
}

#[test]
fn datagrams_of_strangers_keep_to_their_budget_before_there_is_a_connection() {
    let mut pair = Pair::new(2, "latency=200ms");
    pair.receive();
    pair.flush();
    let targets = ["netcode_request", "netcode_sealed_packet", "invite_request", "invite_answer"];
    for (what, from, to) in [("asking, at the host", MALLORY, HOST), ("asking, at the joiner", HOST, ALICE)] {
        let mut measured = Measured::default();
        for input in targets.iter().flat_map(|target| inputs(target)) {
            pair.network.inject(from, to, &input);
            let receiver: &mut dyn Transport = if to == HOST { &mut pair.host } else { &mut pair.joiner };
            measured.add(measure(|| receiver.receive(pair.now).unwrap()));
        }
        measured.check(what, 0);
    }
}

fn kinds() -> [ChannelConfig; 4] {
    [
        ChannelConfig::unreliable(),
        ChannelConfig::unreliable_sequenced(),
        ChannelConfig::reliable_unordered(),
        ChannelConfig::reliable_ordered(),
    ]
}

#[test]
fn datagrams_of_the_peer_keep_to_their_budget() {
    let config = Arc::new(ChannelsConfig::new(kinds()));
    let new = || Connection::new(config.clone(), PeerId::new(0, 0)).unwrap();
    let (mut connection, mut measured) = (new(), Measured::default());
    let mut rng = GameRng::new(6);
    let hostile = (0..20_000).map(|number| hostile_fragment(&mut rng, number, 1 << 20));
    for datagram in inputs("channels_datagram").into_iter().chain(hostile) {
        let mut taken = Ok(());
        measured.add(measure(|| taken = connection.receive(&datagram, NOW)));
        while connection.next_event().is_some() {}
        if taken.is_err() {
            connection = new();
        }
    }
    measured.check("sealed by the peer, in the channels", 256 * KIB);
}

/// A datagram with a fragment of any message of all that may be under way on any of four channels.
fn hostile_fragment(rng: &mut GameRng, number: u32, longest: usize) -> Vec<u8> {
    const FORM: u8 = 4 << 5;
    let total = longest - rng.below(longest as u32 / 2) as usize;
    let index = rng.below(total.div_ceil(FRAGMENT) as u32) as usize;
    let start = if rng.below(2) == 0 { 0 } else { rng.below(4_096) as usize };
    let mut datagram = vec![0];
    datagram.extend_from_slice(&(number as u16).to_le_bytes());
    datagram.push(FORM | rng.below(4) as u8);
    datagram.extend_from_slice(&((start + index) as u16).to_le_bytes());
    varint::write(&mut datagram, index as u64);
    varint::write(&mut datagram, total as u64);
    datagram.resize(datagram.len() + FRAGMENT.min(total - index * FRAGMENT), 7);
    datagram
}

#[test]
fn a_connection_holds_no_more_than_its_receive_budget_whatever_the_peer_sends() {
    const LONGEST: usize = 200_000;
    let kinds = kinds().map(|channel| channel.with_max_message(LONGEST).with_max_queued(LONGEST));
    let config = Arc::new(ChannelsConfig::new(kinds));
    for (seed, is_drained) in [(1, true), (2, false)] {
        let mut rng = GameRng::new(seed);
        let datagrams: Vec<_> =
            (1..60_000).map(|number| hostile_fragment(&mut rng, number, LONGEST)).collect();
        let mut taken = 0;
        let info = measure(|| {
            let mut connection = Connection::new(config.clone(), PeerId::new(0, 0)).unwrap();
            for datagram in &datagrams {
                // A contradiction would end the connection; this peer takes care.
                taken += usize::from(connection.receive(datagram, NOW).is_ok());
                while is_drained && connection.next_event().is_some() {}
            }
        });
        println!("{taken} datagrams taken, {} of {} bytes held", info.bytes_max, config.receive_budget());
        assert!(taken > 1_000 && info.bytes_max <= config.receive_budget() as u64);
    }
}

#[test]
fn messages_and_texts_keep_to_their_budgets() {
    for (target, budget) in [
        ("control_message", 32 * KIB),
        ("netcode_connect_token", 8 * KIB),
        ("invite_code", 8 * KIB),
        ("invite_ticket", 8 * KIB),
        ("invite_answer_payload", 8 * KIB),
        ("pong_state", KIB),
    ] {
        let mut measured = Measured::default();
        for input in inputs(target) {
            measured.add(measure(|| fuzz::run(target, &input)));
        }
        measured.check(target, budget);
    }
    for target in ["session_control", "session_inputs", "tetris_replay"] {
        let mut measured = Measured::default();
        for input in inputs(target) {
            let info = measure(|| fuzz::run(target, &input));
            let budget = 32 * input.len() as u64 + KIB;
            assert!(info.bytes_max <= budget, "{target}: {} bytes for {}", info.bytes_max, input.len());
            measured.add(info);
        }
        measured.check(target, 256 * KIB);
    }
}
