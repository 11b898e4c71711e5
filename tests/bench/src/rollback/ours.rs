//! Our side: the session over the whole transport, sealed by an invite's connection, or with nothing sealed.

use super::World;
use super::game::{Field, Player, Script};
use super::wire::{Clock, End, Traffic, wire};
use netcord::session::{
    InputDelay, P2pConfig, P2pSession, ROLE_PLAYER, Runner, SessionStats, session_channels,
};
use netcord::transport::invite::{
    InviteHost, InviteHostConfig, InviteJoiner, InviteJoinerConfig, protocol_id,
};
use netcord::transport::{
    ChannelsConfig, ClientId, Endpoint, EndpointEvent, Manifest, PeerId, SecureRng, SecureTransport,
    SendError, Transmit, TransmitQueue, Transport as _,
};
use rand_core::SeedableRng as _;
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

pub(crate) struct Ours<H: Endpoint, J: Endpoint> {
    clock: Clock,
    host: Side<H>,
    guest: Side<J>,
    traffic: Box<dyn Fn() -> Traffic>,
}

struct Side<E: Endpoint> {
    session: P2pSession<u8, SecureTransport<E, End>>,
    runner: Runner<Field>,
    player: Player,
}

impl Ours<InviteHost, InviteJoiner> {
    pub(crate) fn sealed(clock: &Clock, script: Script) -> Self {
        let [first, second] = wire(clock);
        let protocol = protocol_id("bench");
        let config = InviteHostConfig::new(protocol, vec![first.address()]);
        let host = InviteHost::new(config, SecureRng::seed_from_u64(1)).expect("a host");
        let traffic = Box::new(first.counter());
        let mut host = transport(host, first);
        host.receive(Duration::ZERO).expect("a wire");
        let code = host.endpoint_mut().invite(ROLE_PLAYER).expect("an invite");
        let joiner = InviteJoiner::new(&code, InviteJoinerConfig::new(protocol), SecureRng::seed_from_u64(2));
        Self::new(clock, script, traffic, host, transport(joiner, second))
    }
}

impl Ours<Plain, Plain> {
    pub(crate) fn plain(clock: &Clock, script: Script) -> Self {
        let [first, second] = wire(clock);
        let traffic = Box::new(first.counter());
        let [host, guest] = [first, second].map(|end| transport(Plain::new(end.other()), end));
        Self::new(clock, script, traffic, host, guest)
    }
}

impl<H: Endpoint, J: Endpoint> Ours<H, J> {
    fn new(
        clock: &Clock,
        script: Script,
        traffic: Box<dyn Fn() -> Traffic>,
        host: SecureTransport<H, End>,
        guest: SecureTransport<J, End>,
    ) -> Self {
        let config =
            || P2pConfig { prediction: 12, input_delay: InputDelay::Fixed(0), ..P2pConfig::default() };
        let host = P2pSession::host(host, config()).expect("a session");
        let guest = P2pSession::join(guest, config()).expect("a session");
        Self {
            clock: clock.clone(),
            host: Side::new(host, script, 1),
            guest: Side::new(guest, script, 2),
            traffic,
        }
    }

    fn stats(&self) -> [SessionStats; 2] {
        [self.host.session.stats(), self.guest.session.stats()]
    }
}

impl<E: Endpoint> Side<E> {
    fn new(session: P2pSession<u8, SecureTransport<E, End>>, script: Script, seed: u64) -> Self {
        Self { session, runner: Runner::new(Field::new()), player: Player::new(script, seed) }
    }

    fn frame(&mut self, now: Duration) {
        let player = &self.player;
        self.runner.frame(&mut self.session, now, |field| player.input(field.tick)).expect("a frame");
        while self.session.next_event().is_some() {}
    }
}

impl<H: Endpoint, J: Endpoint> World for Ours<H, J> {
    fn frame(&mut self, peer: usize) {
        let now = self.clock.now();
        if peer == 0 { self.host.frame(now) } else { self.guest.frame(now) }
    }

    fn is_running(&self) -> bool {
        self.host.session.next_tick_in().is_some() && self.guest.session.next_tick_in().is_some()
    }

    fn ticks(&self) -> u64 {
        self.stats().iter().map(|stats| u64::from(stats.current_tick.0)).sum()
    }

    fn rollbacks(&self) -> (u32, u64) {
        let [host, guest] = self.stats();
        (host.max_rollback.max(guest.max_rollback), host.resimulated_ticks + guest.resimulated_ticks)
    }

    fn traffic(&self) -> Traffic {
        (self.traffic)()
    }

    fn desyncs(&self) -> u64 {
        self.stats().iter().map(|stats| stats.desyncs).sum()
    }
}

fn transport<E: Endpoint>(endpoint: E, end: End) -> SecureTransport<E, End> {
    let channels = ChannelsConfig::new(session_channels());
    SecureTransport::new(endpoint, end, channels, Manifest::new(), 1_700_000_000).expect("a transport")
}

/// An endpoint that is connected to one peer from the first and seals nothing.
pub(crate) struct Plain {
    address: SocketAddr,
    transmits: TransmitQueue,
    events: VecDeque<EndpointEvent>,
}

impl Plain {
    const PEER: PeerId = PeerId::new(0, 0);

    fn new(address: SocketAddr) -> Self {
        let user_data = Box::new([ROLE_PLAYER; 256]);
        let connected = EndpointEvent::Connected { peer: Self::PEER, client: ClientId(1), user_data };
        Self { address, transmits: TransmitQueue::default(), events: VecDeque::from([connected]) }
    }
}

impl Endpoint for Plain {
    const MAX_PAYLOAD: usize = InviteHost::MAX_PAYLOAD;
    const OVERHEAD: usize = 0;

    fn update(&mut self, _: Duration, _: u64) {}

    fn receive<'d>(&mut self, _: SocketAddr, datagram: &'d mut [u8]) -> Option<(PeerId, &'d [u8])> {
        Some((Self::PEER, datagram))
    }

    fn send(&mut self, _: PeerId, payload: &[u8]) -> Result<usize, SendError> {
        self.transmits.push(self.address, payload);
        Ok(payload.len())
    }

    fn disconnect(&mut self, _: PeerId) {}

    fn next_event(&mut self) -> Option<EndpointEvent> {
        self.events.pop_front()
    }

    fn next_transmit(&mut self) -> Option<Transmit<'_>> {
        self.transmits.pop()
    }

    fn address(&self, _: PeerId) -> Option<SocketAddr> {
        Some(self.address)
    }
}
