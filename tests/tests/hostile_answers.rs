//! No answer is larger than the request that caused it: whoever can forge an address can't make a host flood it.

mod stack;

use netcord::transport::invite::{InviteHost, InviteHostConfig};
use netcord::transport::lab::Network;
use netcord::transport::{
    DisconnectReason, Endpoint, EndpointEvent, Manifest, PeerId, SecureRng, SecureTransport, SendError,
    Transmit, TransmitQueue, Transport,
};
use rand_core::SeedableRng as _;
use stack::attacker::Attacker;
use stack::{ALICE, BOB, CAROL, FRAME, HOST, MALLORY, UNIX, channels, drain, host_config, join};
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::time::Duration;

/// A host whose books are kept.
struct Audited {
    inner: InviteHost,
    transmits: TransmitQueue,
    /// Addresses that were connected at some time.
    proven: BTreeSet<SocketAddr>,
    /// Bytes in from and out to each address before it was proven.
    books: BTreeMap<SocketAddr, [usize; 2]>,
    /// Datagrams of strangers that were answered, and the largest part of a datagram that an answer was.
    answers: usize,
    largest: f64,
}

impl Audited {
    fn new(config: InviteHostConfig, seed: u64) -> Self {
        Self {
            inner: InviteHost::new(config, SecureRng::seed_from_u64(seed)).expect("the address is reachable"),
            transmits: TransmitQueue::default(),
            proven: BTreeSet::new(),
            books: BTreeMap::new(),
            answers: 0,
            largest: 0.0,
        }
    }

    /// Takes over what the host wants to send, and audits it: `cause` is who sent something, and how much.
    fn audit(&mut self, cause: Option<(SocketAddr, usize)>) {
        let mut answered = 0;
        while let Some(Transmit { to, datagram }) = self.inner.next_transmit() {
            self.transmits.push(to, datagram).expect("there is room");
            if self.proven.contains(&to) {
                continue;
            }
            let Some((from, _)) = cause else { panic!("{to} was sent something unasked") };
            assert_eq!(from, to, "an answer went to another");
            answered += datagram.len();
        }
        let Some((from, length)) = cause else { return };
        assert!(answered <= length, "{answered} bytes answer {length}");
        if !self.proven.contains(&from) {
            let [bytes_in, bytes_out] = self.books.entry(from).or_default();
            *bytes_in += length;
            *bytes_out += answered;
            if answered > 0 {
                self.answers += 1;
                self.largest = self.largest.max(answered as f64 / length as f64);
            }
        }
    }
}

impl Endpoint for Audited {
    const MAX_PAYLOAD: usize = InviteHost::MAX_PAYLOAD;
    const OVERHEAD: usize = InviteHost::OVERHEAD;

    fn update(&mut self, now: Duration, unix: u64) {
        self.inner.update(now, unix);
        self.audit(None);
    }

    fn receive<'d>(&mut self, from: SocketAddr, datagram: &'d mut [u8]) -> Option<(PeerId, &'d [u8])> {
        let length = datagram.len();
        let received = self.inner.receive(from, datagram);
        self.audit(Some((from, length)));
        received
    }

    fn send(&mut self, peer: PeerId, payload: &[u8]) -> Result<usize, SendError> {
        let sent = self.inner.send(peer, payload);
        self.audit(None);
        sent
    }

    fn disconnect(&mut self, peer: PeerId) {
        self.inner.disconnect(peer);
        self.audit(None);
    }

    fn next_event(&mut self) -> Option<EndpointEvent> {
        let event = self.inner.next_event()?;
        if let EndpointEvent::Connected { peer, .. } = event {
            self.proven.extend(self.inner.address(peer));
        }
        Some(event)
    }

    fn next_transmit(&mut self) -> Option<Transmit<'_>> {
        self.transmits.pop()
    }

    fn address(&self, peer: PeerId) -> Option<SocketAddr> {
        self.inner.address(peer)
    }
}

#[test]
fn no_answer_to_a_stranger_is_larger_than_what_it_sent() {
    for seed in 0..4 {
        let network = Network::new(seed);
        network.set_conditions(
            "latency=30ms,jitter=20ms,loss=10%,dup=10%,reorder=5%,corrupt=2%".parse().unwrap(),
        );
        // There is room for one, so that the others are denied.
        let endpoint = Audited::new(InviteHostConfig { max_clients: 1, ..host_config() }, seed);
        let socket = network.socket(HOST).unwrap();
        let manifest = Manifest::new().with("game", 1);
        let mut host = SecureTransport::new(endpoint, socket, channels(), manifest, UNIX).unwrap();
        host.receive(Duration::ZERO).unwrap();
        let invites = [(); 3].map(|()| host.endpoint_mut().inner.invite(0).unwrap());
        host.endpoint_mut().inner.revoke(&invites[2]);
        let mut attacker = Attacker::new(&network, seed, 10, false);
        let places = [ALICE, BOB, CAROL];
        let mut joiners: Vec<_> =
            places.iter().zip(&invites).map(|(at, code)| join(&network, *at, code, channels())).collect();
        let mut now = Duration::ZERO;
        for frame in 0..900 {
            now += FRAME;
            network.advance_to(now);
            host.receive(now).unwrap();
            drain(&mut host);
            for joiner in &mut joiners {
                joiner.receive(now).unwrap();
                drain(joiner);
                joiner.flush(now).unwrap();
            }
            host.flush(now).unwrap();
            if frame == 600 {
                joiners[0].close(&DisconnectReason::Left(0)).unwrap();
            }
            attacker.strike();
        }
        let audited = host.endpoint();
        assert!(audited.books.values().all(|[bytes_in, bytes_out]| bytes_out <= bytes_in));
        assert!(audited.books.contains_key(&MALLORY), "strangers were heard");
        println!(
            "seed {seed}: {} answers to strangers, the largest {:.3} of its cause; in and out: {:?}",
            audited.answers, audited.largest, audited.books
        );
        assert!(audited.answers > 10 && !audited.proven.is_empty());
    }
}
