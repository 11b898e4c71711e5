//! The target of sessions: what the peer of a match can do to it once it is connected.

use super::pong::{Keys, Match};
use super::script::{Script, write_chunk};
use netcord::session::{P2pConfig, P2pSession, ROLE_PLAYER, Runner, SessionError, SessionEvent};
use netcord::transport::{
    ChannelId, ClientId, DisconnectReason, Event, LinkStats, PeerId, Receipt, SendError, Transport,
    TransportError,
};
use pong_rules::{Input, Pong};
use std::collections::VecDeque;
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

/// What an honest peer sends to a host (0), a guest (1) or a spectator (2), as a script.
pub(super) fn play(role: u8) -> Vec<u8> {
    let host = P2pSession::host(Wire::default(), config()).expect("the configuration is valid");
    let guest = match role {
        2 => P2pSession::spectate(Wire::default(), config()),
        _ => P2pSession::join(Wire::default(), config()),
    };
    let mut sessions = [host, guest.expect("the configuration is valid")];
    let mut runners = [1, 2].map(|seed| Runner::new(Match(Pong::new(seed))));
    sessions.iter_mut().for_each(|session| session.transport_mut().connect(role / 2));
    let observed = usize::from(role != 0);
    let mut script = vec![role];
    for frame in 1..=24_u32 {
        for at in 0..2 {
            let held = if frame / 5 % 2 == 0 { Input::UP } else { Input::DOWN };
            runners[at]
                .frame(&mut sessions[at], FRAME * frame, |_| Keys(held))
                .expect("honest peers get along");
            let sent = sessions[at].transport_mut().take_sent();
            for (channel, message) in sent {
                if at != observed {
                    script.push(1 + channel.0);
                    write_chunk(&mut script, &message);
                }
                sessions[1 - at].transport_mut().message(channel, &message);
            }
        }
        script.push(0);
    }
    script
}

/// The messages of these conversations on one of the session's channels.
pub(super) fn messages(channel: u8) -> Vec<Vec<u8>> {
    let mut messages = Vec::new();
    for role in 0..3 {
        let conversation = play(role);
        let mut script = Script(&conversation[1..]);
        while let Some(step) = script.next() {
            if step != 0 {
                let message = script.chunk();
                if step == 1 + channel {
                    messages.push(message.to_vec());
                }
            }
        }
    }
    messages
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
        if !self.is_connected {
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
        }
    }

    fn stats(&self, _peer: PeerId) -> Option<LinkStats> {
        self.is_connected.then(LinkStats::default)
    }
}
