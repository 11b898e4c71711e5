//! A live connection goes on undisturbed while a third party floods both ends with copies of their own datagrams:
//! repeated, redirected, cut, lengthened, damaged, of every kind.

mod stack;

use allocation_counter::measure;
use netcord::transport::{ChannelId, DisconnectReason, PeerId, Receipt, Transport};
use stack::attacker::Attacker;
use stack::{ALICE, BOB, HOST, Pair, RELIABLE, Seen, UNRELIABLE, channels, drain, join};
use std::collections::BTreeMap;

/// Copies for each genuine datagram, at least.
const INTENSITY: usize = 20;
/// Frames with mail, and frames for what is under way after them.
const FRAMES: u32 = 400;
const QUIET: u32 = 120;
/// What a flood may leave in memory, on both sides together: bytes.
const LEFT_BEHIND: i64 = 64 << 10;

/// What one side sent to the other, and what came of it.
#[derive(Default)]
struct Mail {
    sent: u32,
    /// Which messages have which receipts.
    receipts: BTreeMap<Receipt, (ChannelId, u32)>,
    /// The numbers of those that arrived, by channel.
    arrived: [Vec<u32>; 2],
    delivered: Vec<(ChannelId, u32)>,
    lost: usize,
}

impl Mail {
    /// Sends a message on each channel; now and then one that takes several datagrams.
    fn send(&mut self, transport: &mut impl Transport, peer: PeerId) {
        self.sent += 1;
        let length = if self.sent.is_multiple_of(40) { 4_000 } else { 20 + self.sent as usize % 200 };
        for channel in [RELIABLE, UNRELIABLE] {
            let receipt = transport.send(peer, channel, &message(self.sent, length)).expect("connected");
            self.receipts.insert(receipt, (channel, self.sent));
        }
    }

    fn arrive(&mut self, channel: ChannelId, payload: &[u8]) {
        let number = u32::from_le_bytes(*payload.first_chunk().expect("a number"));
        assert_eq!(payload, message(number, payload.len()), "message {number} is damaged");
        self.arrived[usize::from(channel.0)].push(number);
    }

    fn outcome(&mut self, receipt: Receipt, delivered: bool) {
        let (channel, number) = self.receipts.remove(&receipt).expect("each receipt ends once");
        assert!(delivered || channel == UNRELIABLE, "what is reliable is never lost");
        if delivered { self.delivered.push((channel, number)) } else { self.lost += 1 }
    }

    /// Everything that was promised has come true.
    fn check(&self) {
        assert_eq!(self.arrived[0], (1..=self.sent).collect::<Vec<_>>(), "all, once, in order");
        let mut unreliable = self.arrived[1].clone();
        unreliable.sort_unstable();
        unreliable.dedup();
        assert_eq!(unreliable.len(), self.arrived[1].len(), "none twice");
        assert!(self.receipts.is_empty(), "every receipt has ended");
        for (channel, number) in &self.delivered {
            assert!(self.arrived[usize::from(channel.0)].contains(number), "{number} was said to be there");
        }
    }
}

fn message(number: u32, length: usize) -> Vec<u8> {
    let mut message = number.to_le_bytes().to_vec();
    message.resize(length, number as u8);
    message
}

/// A live connection with mail both ways.
struct Talk {
    pair: Pair,
    /// The host's name of the joiner, and the joiner's of the host.
    peers: [PeerId; 2],
    /// From the host, and from the joiner.
    mail: [Mail; 2],
    /// All that either side saw, by frame.
    log: Vec<[Vec<Seen>; 2]>,
    /// How often the host saw somebody else come, speak, and leave.
    of_others: [usize; 3],
}

impl Talk {
    fn new(seed: u64, conditions: &str) -> Self {
        let mut pair = Pair::new(seed, conditions);
        let peers = pair.connect();
        Self { pair, peers, mail: Default::default(), log: Vec::new(), of_others: [0; 3] }
    }

    /// A frame; each side sends if it `talks`.
    fn frame(&mut self, talks: bool) {
        let seen = self.pair.receive();
        for (side, seen) in seen.iter().enumerate() {
            for event in seen {
                let (peer, kind) = match event {
                    Seen::Connected(peer, _) => (peer, 0),
                    Seen::Message(peer, ..) => (peer, 1),
                    Seen::Disconnected(peer, _) => (peer, 2),
                    Seen::Delivered(peer, _) | Seen::Lost(peer, _) => (peer, 3),
                };
                if *peer != self.peers[side] {
                    self.of_others[kind] += 1;
                    continue;
                }
                match event {
                    Seen::Message(_, channel, payload) => self.mail[1 - side].arrive(*channel, payload),
                    Seen::Delivered(_, receipt) => self.mail[side].outcome(*receipt, true),
                    Seen::Lost(_, receipt) => self.mail[side].outcome(*receipt, false),
                    other => panic!("nobody comes or goes: {other:?}"),
                }
            }
        }
        if talks {
            self.mail[0].send(&mut self.pair.host, self.peers[0]);
            self.mail[1].send(&mut self.pair.joiner, self.peers[1]);
        }
        self.pair.flush();
        self.log.push(seen);
    }
}

#[test]
fn neither_side_sees_a_difference_between_calm_and_a_flood_of_copies_of_what_has_arrived() {
    for (seed, conditions) in [(1, "latency=30ms"), (2, "latency=40ms,jitter=20ms,dup=2%,reorder=5%")] {
        let [calm, flooded] = [false, true].map(|is_flooded| {
            let mut talk = Talk::new(seed, conditions);
            let mut attacker = Attacker::new(&talk.pair.network, seed, INTENSITY, false);
            for frame in 0..FRAMES + QUIET {
                talk.frame(frame < FRAMES);
                if is_flooded {
                    attacker.strike();
                }
            }
            assert!(!is_flooded || attacker.injected >= 10 * attacker.observed, "a flood");
            talk.mail.iter().for_each(Mail::check);
            let sent = [(HOST, ALICE), (ALICE, HOST)].map(|(from, to)| talk.pair.network.stats(from, to));
            (talk.log, sent)
        });
        assert!(calm == flooded, "seed {seed}: a difference");
    }
}

#[test]
fn all_mail_arrives_though_copies_overtake_it_and_others_come_and_go() {
    for seed in 0..3 {
        let mut talk = Talk::new(seed, "latency=40ms,jitter=20ms,loss=5%,burst,dup=1%,reorder=2%,corrupt=1%");
        let network = talk.pair.network.clone();
        let mut attacker = Attacker::new(&network, seed, INTENSITY, true);
        let (mut bob, mut bobs) = (None, 0);
        for frame in 0..FRAMES + QUIET {
            // Bob comes with an invite of his own, says something, and leaves: all kinds of datagram are in the air.
            if frame % 130 == 10 {
                let code = talk.pair.host.endpoint_mut().invite(1).expect("there is room");
                bob = Some(join(&network, BOB, &code, channels()));
            }
            if let Some(joiner) = &mut bob {
                joiner.receive(network.now()).expect("the lab's sockets don't break");
                for seen in drain(joiner) {
                    match seen {
                        Seen::Connected(host, _) => {
                            bobs += 1;
                            joiner.send(host, RELIABLE, b"hello").expect("connected");
                        }
                        Seen::Delivered(..) => {}
                        other => panic!("seed {seed}: Bob was disturbed: {other:?}"),
                    }
                }
                if frame % 130 == 125 {
                    joiner.close(&DisconnectReason::Left(3)).expect("the lab's sockets don't break");
                    bob = None;
                } else {
                    joiner.flush(network.now()).expect("the lab's sockets don't break");
                }
            }
            talk.frame(frame < FRAMES);
            attacker.strike();
        }
        assert!(attacker.injected >= 10 * attacker.observed, "a flood");
        talk.mail.iter().for_each(Mail::check);
        assert!(talk.mail.iter().any(|mail| mail.lost > 0), "the network is a bad one");
        assert_eq!(
            (bobs, talk.of_others),
            (4, [4, 4, 4]),
            "seed {seed}: Bob came, spoke, and left, each time"
        );
    }
}

#[test]
fn a_flood_leaves_next_to_nothing_in_memory() {
    let mut talk = Talk::new(9, "latency=30ms");
    let mut attacker = Attacker::new(&talk.pair.network, 9, INTENSITY, true);
    let mut left_behind = 0;
    for frame in 0..2 * FRAMES {
        if frame == FRAMES {
            left_behind = 0; // queues and tables have grown to what they need
        }
        talk.pair.now += stack::FRAME;
        talk.pair.network.advance_to(talk.pair.now);
        let now = talk.pair.now;
        left_behind +=
            measure(|| talk.pair.host.receive(now).expect("the lab's sockets don't break")).bytes_current;
        left_behind +=
            measure(|| talk.pair.joiner.receive(now).expect("the lab's sockets don't break")).bytes_current;
        drain(&mut talk.pair.host);
        drain(&mut talk.pair.joiner);
        talk.mail[0].send(&mut talk.pair.host, talk.peers[0]);
        talk.mail[1].send(&mut talk.pair.joiner, talk.peers[1]);
        talk.pair.flush();
        attacker.strike();
    }
    println!("{} datagrams left {left_behind} bytes behind", attacker.injected);
    assert!(left_behind <= LEFT_BEHIND, "{left_behind} bytes are left");
}
