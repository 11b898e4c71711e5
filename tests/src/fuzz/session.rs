//! The target of sessions: what the peer of a match can do to it once it is connected.

use super::endpoints;
use super::script::{Script, write_chunk};
use crate::session::{Keys, Match};
use netcord::session::{
    P2pConfig, P2pSession, ROLE_PLAYER, ROLE_SPECTATOR, Runner, SessionError, SessionEvent, session_channels,
};
use netcord::transport::lab::{LabSocket, Network};
use netcord::transport::{
    ChannelId, ChannelsConfig, ClientId, DisconnectReason, Endpoint, Event, LinkStats, Manifest, PeerId,
    Receipt, SecureTransport, SendError, Transport, TransportError,
};
use pong_rules::{Input, Pong};
use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

const FRAME: Duration = Duration::from_micros(16_667);
/// A generous bound: what one frame may make a session say.
const MAX_SENT: usize = 1_000;

/// A host, a guest or a spectator (the first byte chooses) whose peer sends the script's chunks. Nothing that it
/// sends breaks the session, but for a state that the game refuses; the match ends at most twice.
pub(super) fn p2p(script: &[u8]) {
    let mut script = Script(script);
    let Some(role) = script.next() else { return };
    let (wire, config) = (Wire::default(), config());
    let session = match role % 3 {
        0 => P2pSession::host(wire, config),
        1 => P2pSession::join(wire, config),
        _ => P2pSession::spectate(wire, config),
    };
    let mut session = session.expect("the configuration is valid");
    let mut runner = Runner::new(Match(Pong::new(1)));
    session.transport_mut().connect(ROLE_PLAYER);
    let (mut now, mut ends) = (Duration::ZERO, 0);
    while let Some(step) = script.next() {
        match step % 4 {
            0 => {
                now += FRAME * (1 + u32::from(step >> 2));
                let held = if step & 4 == 0 { Input::UP } else { Input::NONE };
                match runner.frame(&mut session, now, |_| Keys(held)) {
                    Ok(()) => {}
                    Err(SessionError::BadState { .. }) => return,
                    Err(error) => panic!("{error}"),
                }
                while let Some(event) = session.next_event() {
                    ends += usize::from(matches!(event, SessionEvent::Ended(_)));
                }
                assert!(ends <= 2, "the match ends, and may be corrected once");
                let sent = session.transport_mut().take_sent();
                assert!(sent.len() <= MAX_SENT, "a flood of {} messages", sent.len());
            }
            1 => session.transport_mut().message(ChannelId(0), script.chunk()),
            2 => session.transport_mut().message(ChannelId(1), script.chunk()),
            _ => match step >> 2 & 1 {
                0 => session.transport_mut().end(DisconnectReason::TimedOut),
                _ => session.transport_mut().connect(step >> 3 & 1),
            },
        }
    }
}

/// What happens in a match that is overheard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mishap {
    /// Nothing; the guest leaves.
    None,
    /// The guest's state changes by itself.
    Desync,
    /// The guest's connection is lost, and comes back.
    Absence,
}

/// What honest peers send to a host (0), a guest (1) or a spectator (2) of a short match, as a script.
fn play(role: u8, mishap: Mishap) -> Vec<u8> {
    let network = Network::new(5);
    let mut host = open(&network, 1, endpoints::host());
    let mut join = |number, role| {
        let code = host.inner.endpoint_mut().invite(role).expect("there is room");
        open(&network, number, endpoints::joiner(&code, number.into()))
    };
    let (guest, spectator) = (join(2, ROLE_PLAYER), join(3, ROLE_SPECTATOR));
    let mut host = P2pSession::host(host, config()).expect("the configuration is valid");
    let mut guest = P2pSession::join(guest, config()).expect("the configuration is valid");
    let mut spectator = P2pSession::spectate(spectator, config()).expect("the configuration is valid");
    let mut runners = [1, 2, 3].map(|seed| Runner::new(Match(Pong::new(seed))));
    for frame in 1..=if mishap == Mishap::Absence { 300 } else { 90 } {
        let now = FRAME * frame;
        network.advance_to(now);
        let held = Keys(if frame / 5 % 2 == 0 { Input::UP } else { Input::DOWN });
        let honest = "honest peers get along";
        runners[0].frame(&mut host, now, |_| held).expect(honest);
        runners[1].frame(&mut guest, now, |_| held).expect(honest);
        runners[2].frame(&mut spectator, now, |_| held).expect(honest);
        match (mishap, frame) {
            (Mishap::None, 80) => guest.leave(7),
            (Mishap::Desync, 40) => *runners[1].state_mut() = Match(Pong::new(99)),
            (Mishap::Absence, 40) => network.partition(&[endpoints::HOST], &[endpoints::CLIENT]),
            (Mishap::Absence, 200) => network.heal(),
            _ => {}
        }
    }
    let script = match role {
        0 => &host.transport().script,
        1 => &guest.transport().script,
        _ => &spectator.transport().script,
    };
    [&[role][..], script].concat()
}

/// The transport of one who takes part, with an ear on it.
fn open<E: Endpoint>(network: &Network, number: u8, endpoint: E) -> Overheard<SecureTransport<E, LabSocket>> {
    let socket = network.socket(endpoints::address(number)).expect("the address is free");
    let channels = ChannelsConfig::new(session_channels());
    let mut inner = SecureTransport::new(endpoint, socket, channels, Manifest::new(), endpoints::UNIX)
        .expect("the channels are valid");
    inner.receive(Duration::ZERO).expect("the lab's sockets don't break");
    Overheard { inner, peer: None, script: Vec::new() }
}

/// A transport that writes down what it is told of a player, as a script.
struct Overheard<T> {
    inner: T,
    peer: Option<PeerId>,
    script: Vec<u8>,
}

impl<T: Transport> Transport for Overheard<T> {
    fn receive(&mut self, now: Duration) -> Result<(), TransportError> {
        self.inner.receive(now)
    }

    fn next_event(&mut self) -> Option<Event<'_>> {
        let event = self.inner.next_event();
        match &event {
            Some(Event::Connected { peer, user_data, .. }) if user_data[0] == ROLE_PLAYER => {
                self.peer = Some(*peer);
                self.script.push(7);
            }
            Some(Event::Disconnected { peer, .. }) if self.peer == Some(*peer) => self.script.push(3),
            Some(Event::Message { peer, channel, payload }) if self.peer == Some(*peer) => {
                self.script.push(1 + channel.0);
                write_chunk(&mut self.script, payload);
            }
            None => self.script.push(0),
            _ => {}
        }
        event
    }

    fn send(&mut self, peer: PeerId, channel: ChannelId, payload: &[u8]) -> Result<Receipt, SendError> {
        self.inner.send(peer, channel, payload)
    }

    fn flush(&mut self, now: Duration) -> Result<(), TransportError> {
        self.inner.flush(now)
    }

    fn disconnect(&mut self, peer: PeerId, reason: DisconnectReason) {
        self.inner.disconnect(peer, reason);
    }

    fn stats(&self, peer: PeerId) -> Option<LinkStats> {
        self.inner.stats(peer)
    }
}

/// All these conversations.
pub(super) fn matches() -> Vec<Vec<u8>> {
    let mishaps = [Mishap::None, Mishap::Desync, Mishap::Absence];
    (0..3).flat_map(|role| mishaps.map(|mishap| play(role, mishap))).collect()
}

/// The messages of these conversations on one of the session's channels, each once.
pub(super) fn messages(channel: u8) -> Vec<Vec<u8>> {
    let mut messages = BTreeSet::new();
    for conversation in matches() {
        let mut script = Script(&conversation[1..]);
        while let Some(step) = script.next() {
            if matches!(step, 1 | 2) {
                let message = script.chunk();
                if step == 1 + channel {
                    messages.insert(message.to_vec());
                }
            }
        }
    }
    messages.into_iter().collect()
}

fn config() -> P2pConfig {
    P2pConfig { session_id: 5, desync_interval: 2, setup: b"setup".to_vec(), ..P2pConfig::default() }
}

/// A transport with one peer, whose events are written by hand.
#[derive(Default)]
struct Wire {
    /// How often the peer has connected.
    generation: u32,
    is_connected: bool,
    /// Whom the session sends away does not come back: its ticket is void.
    is_sent_away: bool,
    events: VecDeque<Told>,
    sent: Vec<(ChannelId, Vec<u8>)>,
    receipts: u64,
    payload: Vec<u8>,
}

enum Told {
    Connected(PeerId, u8),
    Disconnected(PeerId, DisconnectReason),
    Message(PeerId, ChannelId, Vec<u8>),
    Delivered(PeerId, Receipt),
}

impl Wire {
    fn peer(&self) -> PeerId {
        PeerId::new(0, self.generation)
    }

    fn connect(&mut self, role: u8) {
        if !self.is_connected && !self.is_sent_away {
            self.is_connected = true;
            self.generation += 1;
            self.receipts = 0;
            self.events.push_back(Told::Connected(self.peer(), role));
        }
    }

    fn end(&mut self, reason: DisconnectReason) {
        if core::mem::take(&mut self.is_connected) {
            self.events.push_back(Told::Disconnected(self.peer(), reason));
        }
    }

    fn message(&mut self, channel: ChannelId, payload: &[u8]) {
        if self.is_connected {
            self.events.push_back(Told::Message(self.peer(), channel, payload.to_vec()));
        }
    }

    /// What was sent since the last call; it has all arrived.
    fn take_sent(&mut self) -> Vec<(ChannelId, Vec<u8>)> {
        core::mem::take(&mut self.sent)
    }
}

impl Transport for Wire {
    fn receive(&mut self, _now: Duration) -> Result<(), TransportError> {
        Ok(())
    }

    fn next_event(&mut self) -> Option<Event<'_>> {
        Some(match self.events.pop_front()? {
            Told::Connected(peer, role) => {
                let mut user_data = Box::new([0; 256]);
                user_data[0] = role;
                Event::Connected { peer, client: ClientId(7), user_data }
            }
            Told::Disconnected(peer, reason) => Event::Disconnected { peer, reason },
            Told::Message(peer, channel, payload) => {
                self.payload = payload;
                Event::Message { peer, channel, payload: &self.payload }
            }
            Told::Delivered(peer, receipt) => Event::Delivered { peer, receipt },
        })
    }

    fn send(&mut self, peer: PeerId, channel: ChannelId, payload: &[u8]) -> Result<Receipt, SendError> {
        if !self.is_connected || peer != self.peer() {
            return Err(SendError::NotConnected { peer });
        }
        let receipt = Receipt(self.receipts);
        self.receipts += 1;
        self.sent.push((channel, payload.to_vec()));
        if channel == ChannelId(1) {
            self.events.push_back(Told::Delivered(peer, receipt));
        }
        Ok(receipt)
    }

    fn flush(&mut self, _now: Duration) -> Result<(), TransportError> {
        Ok(())
    }

    fn disconnect(&mut self, peer: PeerId, _reason: DisconnectReason) {
        if peer == self.peer() {
            self.is_connected = false;
            self.is_sent_away = true;
        }
    }

    fn stats(&self, _peer: PeerId) -> Option<LinkStats> {
        self.is_connected.then(LinkStats::default)
    }
}
