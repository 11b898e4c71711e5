//! A peer that is authenticated and hostile gets an error, not an effect.

use crate::support::{Conditions, FakeTransport, Net, Peer, Table, ms};
use netcord_session::{Outcome, P2pConfig, ProtocolError, ROLE_PLAYER, SessionEvent};
use netcord_transport::{ChannelId, Event, PeerId, Transport};
use netcord_wire::GameRng;
use std::time::Duration;

const CONTROL: ChannelId = ChannelId(0);
const INPUTS: ChannelId = ChannelId(1);

/// A host, and a guest whose messages the test writes.
struct Duel {
    net: Net,
    now: Duration,
    host: Peer,
    hostile: FakeTransport,
    peer: Option<PeerId>,
    received: Vec<(ChannelId, Vec<u8>)>,
    disconnected: bool,
}

impl Duel {
    fn new() -> Self {
        let net = Net::new(1, Conditions { latency: ms(5), ..Conditions::default() });
        let host = Table::host_on(&net, 1, P2pConfig::default());
        let hostile = net.client(3, ROLE_PLAYER);
        Self { net, now: ms(0), host, hostile, peer: None, received: Vec::new(), disconnected: false }
    }

    /// As far as the host awaits inputs.
    fn started() -> Self {
        let mut duel = Self::new();
        duel.run(ms(50));
        duel.send(CONTROL, &[1, 0]);
        duel.run(ms(50));
        duel.send(CONTROL, &[3, 0, 0, 0, 0]);
        duel.run(ms(500));
        assert!(duel.host.saw(|event| matches!(event, SessionEvent::Started { .. })));
        duel
    }

    fn run(&mut self, time: Duration) {
        let end = self.now + time;
        while self.now < end {
            self.now += ms(1);
            self.net.set_now(self.now);
            self.host.frame_at(self.now);
            while let Some(event) = self.hostile.next_event() {
                match event {
                    Event::Connected { peer, .. } => self.peer = Some(peer),
                    Event::Message { channel, payload, .. } => {
                        self.received.push((channel, payload.to_vec()))
                    }
                    Event::Disconnected { .. } => self.disconnected = true,
                    _ => {}
                }
            }
        }
    }

    fn send(&mut self, channel: ChannelId, bytes: &[u8]) {
        self.hostile.send(self.peer.unwrap(), channel, bytes).unwrap();
    }

    /// Sends a message and returns what the host makes of it.
    #[track_caller]
    fn provoke(mut self, channel: ChannelId, bytes: &[u8]) -> ProtocolError {
        self.send(channel, bytes);
        self.run(ms(50));
        assert!(self.disconnected);
        match self.host.outcome() {
            Some(Outcome::Broken { error: Some(error), .. }) => error.clone(),
            outcome => panic!("{outcome:?}"),
        }
    }
}

#[test]
fn honest_inputs_are_taken_so_the_refusals_below_mean_something() {
    let mut duel = Duel::started();
    duel.send(INPUTS, &[2, 0, 0, 0x80 + 9, 4]);
    duel.run(ms(200));
    assert_eq!(duel.host.outcome(), None);
    assert!(duel.host.stats().confirmed_ticks >= 10);
    assert_eq!(duel.host.told(5, 1), Some(4));
}

#[test]
fn two_inputs_for_one_tick_are_a_contradiction() {
    let mut duel = Duel::started();
    duel.send(INPUTS, &[2, 0, 0, 0x80 + 9, 4]);
    duel.run(ms(50));
    let error = duel.provoke(INPUTS, &[2, 3, 0, 0x80, 5]);
    assert!(error.to_string().contains("two inputs"), "{error}");
}

#[test]
fn inputs_with_a_gap_are_refused() {
    let error = Duel::started().provoke(INPUTS, &[2, 9, 0, 0x80, 5]);
    assert!(error.to_string().contains("skipped"), "{error}");
}

#[test]
fn inputs_of_a_far_future_are_refused() {
    let mut duel = Duel::started();
    duel.send(INPUTS, &[2, 0, 0, 0x80 + 69, 4]);
    duel.run(ms(5));
    let error = duel.provoke(INPUTS, &[2, 70, 0, 0x80 + 59, 4]);
    assert!(error.to_string().contains("too far ahead"), "{error}");
}

#[test]
fn inputs_of_a_distant_past_are_ignored() {
    let mut duel = Duel::started();
    duel.send(INPUTS, &[2, 0xf0, 0xff, 0x80, 4]);
    duel.run(ms(100));
    assert_eq!(duel.host.outcome(), None);
}

#[test]
fn malformed_messages_end_the_match_with_their_reason() {
    for message in [&[][..], &[0], &[9, 1], &[3, 0], &[1, 2], &[5, 0, 0, 0, 0, 1], &[6, 0, 0, 0, 0, 2]] {
        Duel::started().provoke(CONTROL, message);
    }
    for message in [&[][..], &[0x40, 0, 0], &[0x80, 0, 0, 1, 1], &[0, 0, 0, 0xff, 1, 0xff], &[0, 0, 0, 0x80]]
    {
        Duel::started().provoke(INPUTS, message);
    }
}

#[test]
fn messages_out_of_place_are_refused() {
    for message in [&[1, 0][..], &[3, 0, 0, 0, 0], &[2; 100], &[4, 1, 0, 0, 0, 0, 0]] {
        Duel::started().provoke(CONTROL, message);
    }
}

#[test]
fn one_who_breaks_the_protocol_before_the_start_does_not_cost_the_host_its_match() {
    let mut duel = Duel::new();
    duel.run(ms(50));
    duel.send(INPUTS, &[2, 0, 0, 0x80, 5]);
    duel.run(ms(50));
    assert!(duel.disconnected);
    assert!(duel.host.events.is_empty());
}

#[test]
fn lies_about_hashes_cost_one_report_and_nothing_else() {
    let mut duel = Duel::started();
    let mut inputs = vec![0xc0 | 2, 0, 0, 0];
    inputs.extend_from_slice(&[0, 0, 1, 2, 3, 4]);
    inputs.extend_from_slice(&[0x80 + 30, 1]);
    for _ in 0..20 {
        duel.send(INPUTS, &inputs);
        duel.send(CONTROL, &[5, 0xff, 0xff, 0xff, 0x7f]);
        duel.send(CONTROL, &[6, 0, 0, 0, 0, 0]);
        duel.run(ms(100));
    }
    assert_eq!(duel.host.outcome(), None);
    assert_eq!(duel.host.stats().desyncs, 1);
    // One list of hashes is all the answer there is.
    let answers =
        duel.received.iter().filter(|(channel, bytes)| *channel == CONTROL && bytes[0] != 2).count();
    assert!(answers <= 2, "{answers}");
}

#[test]
fn random_and_mutated_messages_never_panic_and_never_stop_the_host() {
    let mut rng = GameRng::new(77);
    for round in 0..300_u32 {
        let mut duel = if round % 3 == 0 { Duel::new() } else { Duel::started() };
        duel.run(ms(30));
        for _ in 0..4 {
            let mut bytes = match rng.below(4) {
                0 => vec![2, 0, 0, 0x80 + 9, 4],
                1 => [&[1, 1][..], &[0; 8], &[0; 4], &[0, 0, 0, 0, 2, 0, 0x80, 1]].concat(),
                2 => vec![5, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8],
                _ => (0..rng.below(64)).map(|_| rng.below(256) as u8).collect(),
            };
            for _ in 0..rng.below(3) {
                if !bytes.is_empty() {
                    let place = rng.below(bytes.len() as u32) as usize;
                    bytes[place] = rng.below(256) as u8;
                }
            }
            let channel = ChannelId(rng.below(2) as u8);
            if !duel.disconnected {
                let _ = duel.hostile.send(duel.peer.unwrap(), channel, &bytes);
                duel.run(ms(20));
            }
        }
        duel.run(ms(20));
    }
}
