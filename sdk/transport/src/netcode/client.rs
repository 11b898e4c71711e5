//! The client's side (standard: "Client State Machine").

use super::address::same_address;
use super::challenge::CHALLENGE_BYTES;
use super::cipher::PacketCipher;
use super::packet::{self, Kind, Packet, Request};
use super::replay::ReplayWindow;
use super::sequence::{HandshakeSequence, client_start};
use super::token::ConnectToken;
use super::{DISCONNECT_PACKETS, MAX_DATAGRAM, MAX_PAYLOAD, SEND_INTERVAL, TAG_BYTES};
use crate::{
    ClientId, DisconnectReason, Endpoint, EndpointEvent, PeerId, SecureRng, SendError, Transmit,
    TransmitQueue,
};
use core::fmt;
use core::net::SocketAddr;
use core::time::Duration;
use std::collections::{HashSet, VecDeque};

/// The states of a client, with the standard's numbers; the negative ones are errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i8)]
pub enum ClientState {
    /// The token's lifetime passed before a connection was made.
    ConnectTokenExpired = -6,
    /// The token was made later than it expires.
    InvalidConnectToken = -5,
    /// Nothing came from the server for the token's timeout.
    ConnectionTimedOut = -4,
    /// The last server of the token didn't confirm our response.
    ConnectionResponseTimedOut = -3,
    /// The last server of the token didn't answer our request.
    ConnectionRequestTimedOut = -2,
    /// The last server of the token is full.
    ConnectionDenied = -1,
    /// Not begun, or ended by either side.
    Disconnected = 0,
    /// Asking a server for a challenge.
    SendingConnectionRequest = 1,
    /// Returning the challenge.
    SendingConnectionResponse = 2,
    /// Connected.
    Connected = 3,
}

impl ClientState {
    /// Why a client that is in this state is not connected; `None` while it is, or tries to be.
    fn reason(self) -> Option<DisconnectReason> {
        Some(match self {
            Self::ConnectTokenExpired => DisconnectReason::TokenExpired,
            Self::InvalidConnectToken => DisconnectReason::InvalidToken,
            Self::ConnectionTimedOut => DisconnectReason::TimedOut,
            Self::ConnectionResponseTimedOut | Self::ConnectionRequestTimedOut => DisconnectReason::NoAnswer,
            Self::ConnectionDenied => DisconnectReason::Denied,
            Self::Disconnected => DisconnectReason::Left(0),
            Self::SendingConnectionRequest | Self::SendingConnectionResponse | Self::Connected => {
                return None;
            }
        })
    }
}

/// A client that connects, once, to one of the servers of its token.
///
/// It begins with the first [`update`](Endpoint::update). The server is [`Client::SERVER`] to it. Its
/// [`EndpointEvent::Connected`] names the client index as the client's id, since the public part of a token
/// doesn't tell the real one.
pub struct Client {
    token: ConnectToken,
    state: ClientState,
    is_started: bool,
    now: Duration,
    /// When the first server was asked.
    started: Duration,
    /// When this server was asked, or its challenge came.
    state_since: Duration,
    /// Which of the token's addresses is tried, or connected.
    server_index: usize,

    opener: PacketCipher,
    sealer: PacketCipher,
    window: ReplayWindow,
    handshake_sequence: HandshakeSequence,
    next_sequence: u64,
    /// The tags of the challenges and denials that came: each is taken once, whichever server's it seems to be.
    answers: HashSet<[u8; TAG_BYTES]>,
    challenge: [u8; CHALLENGE_BYTES],
    client_index: u32,
    max_clients: u32,

    /// When something was last sent to this server; `None` if nothing was.
    last_sent: Option<Duration>,
    last_received: Duration,
    events: VecDeque<EndpointEvent>,
    transmits: TransmitQueue,
}

impl Client {
    /// The server, to its client.
    pub const SERVER: PeerId = PeerId::new(0, 0);

    /// The most challenges and denials that are taken in a client's life; an honest server sends some ten a second
    /// while it is asked.
    const MAX_ANSWERS: usize = 4_096;

    /// A client that will connect with `token`. `rng` must never have been used for another.
    pub fn new(token: ConnectToken, mut rng: SecureRng) -> Self {
        Self {
            state: ClientState::Disconnected,
            is_started: false,
            now: Duration::ZERO,
            started: Duration::ZERO,
            state_since: Duration::ZERO,
            server_index: 0,
            opener: PacketCipher::new(token.server_to_client_key(), token.protocol_id()),
            sealer: PacketCipher::new(token.client_to_server_key(), token.protocol_id()),
            window: ReplayWindow::default(),
            handshake_sequence: HandshakeSequence::new(&mut rng),
            next_sequence: 0,
            answers: HashSet::new(),
            challenge: [0; CHALLENGE_BYTES],
            client_index: 0,
            max_clients: 0,
            last_sent: None,
            last_received: Duration::ZERO,
            events: VecDeque::new(),
            transmits: TransmitQueue::default(),
            token,
        }
    }

    /// The state.
    pub const fn state(&self) -> ClientState {
        self.state
    }

    /// Our slot at the server; 0 before the connection.
    pub const fn client_index(&self) -> u32 {
        self.client_index
    }

    /// How many clients the server takes; 0 before the connection.
    pub const fn max_clients(&self) -> u32 {
        self.max_clients
    }

    /// The server that is tried, or connected.
    fn server(&self) -> Option<SocketAddr> {
        self.token.addresses().get(self.server_index).copied()
    }

    /// Begins to connect, if the token makes sense (standard: "Request Connect Token").
    fn start(&mut self, now: Duration, unix: u64) {
        self.is_started = true;
        self.now = now;
        self.started = now;
        self.next_sequence = client_start(self.token.created(), unix);
        if self.token.created() > self.token.expires() {
            self.end(ClientState::InvalidConnectToken);
        } else {
            self.ask();
        }
    }

    /// Begins to connect to the server at `server_index`.
    fn ask(&mut self) {
        self.state = ClientState::SendingConnectionRequest;
        self.state_since = self.now;
        self.last_sent = None;
        // Another server counts its packets anew.
        self.window = ReplayWindow::default();
    }

    /// Goes on to the token's next server, or ends with `error` if there is none.
    fn give_server_up(&mut self, error: ClientState) {
        self.server_index = self.server_index.saturating_add(1);
        if self.server().is_some() {
            tracing::debug!(state = ?error, server = self.server_index, "trying the token's next server");
            self.ask();
        } else {
            self.end(error);
        }
    }

    fn end(&mut self, state: ClientState) {
        self.state = state;
        if let Some(reason) = state.reason() {
            tracing::debug!(%reason, "not connected");
            self.events.push_back(EndpointEvent::Disconnected { peer: Self::SERVER, reason });
        }
    }

    /// Gives up what took too long. Timeouts are judged by the last update's time: what waited in the socket while
    /// the program was stalled has been received since.
    fn check_timeouts(&mut self, now: Duration, last_update: Duration) {
        let timeout = self.token.timeout();
        let passed_since =
            |since| timeout.is_some_and(|timeout| last_update.saturating_sub(since) >= timeout);
        match self.state {
            ClientState::SendingConnectionRequest | ClientState::SendingConnectionResponse => {
                let lifetime = self.token.expires().saturating_sub(self.token.created());
                if now.saturating_sub(self.started) >= Duration::from_secs(lifetime) {
                    self.end(ClientState::ConnectTokenExpired);
                } else if passed_since(self.state_since) {
                    self.give_server_up(if self.state == ClientState::SendingConnectionRequest {
                        ClientState::ConnectionRequestTimedOut
                    } else {
                        ClientState::ConnectionResponseTimedOut
                    });
                }
            }
            ClientState::Connected if passed_since(self.last_received) => {
                self.end(ClientState::ConnectionTimedOut);
            }
            _ => {}
        }
    }

    /// Sends what this state sends at 10 Hz.
    fn send_state(&mut self) {
        let Some(server) = self.server() else { return };
        self.last_sent = Some(self.now);
        match self.state {
            ClientState::SendingConnectionRequest => {
                self.transmits.push_with(server, |out| Request::encode(&self.token, out));
            }
            ClientState::SendingConnectionResponse => {
                let sequence = self.handshake_sequence.next();
                self.transmits.push_with(server, |out| {
                    packet::seal(out, &self.sealer, Kind::Response, sequence, &self.challenge)
                });
            }
            ClientState::Connected => {
                self.send_packet(Kind::KeepAlive, &packet::keep_alive(self.client_index, self.max_clients));
            }
            _ => {}
        }
    }

    /// Sends a packet of the connection.
    fn send_packet(&mut self, kind: Kind, body: &[u8]) -> usize {
        let Some(server) = self.server() else { return 0 };
        let sequence = self.next_sequence;
        // Taken even if the queue drops the packet. A connection does not live to see 2^63 of them.
        self.next_sequence = sequence.wrapping_add(1);
        self.last_sent = Some(self.now);
        let queued =
            self.transmits.push_with(server, |out| packet::seal(out, &self.sealer, kind, sequence, body));
        queued.unwrap_or(0)
    }

    fn connected(&mut self, client_index: u32, max_clients: u32) {
        self.client_index = client_index;
        self.max_clients = max_clients;
        self.state = ClientState::Connected;
        self.send_state(); // the server waits for it, to stop repeating its own
        self.events.push_back(EndpointEvent::Connected {
            peer: Self::SERVER,
            client: ClientId(client_index.into()),
            user_data: Box::new([0; 256]),
        });
    }
}

impl Endpoint for Client {
    const MAX_PAYLOAD: usize = MAX_PAYLOAD;
    const OVERHEAD: usize = MAX_DATAGRAM - MAX_PAYLOAD;

    /// Of `unix` only the low 16 bits of its distance to the token's creation matter: the standard measures the
    /// token's lifetime from the first update, so that the client's clock may be wrong.
    fn update(&mut self, now: Duration, unix: u64) {
        if !self.is_started {
            self.start(now, unix);
        }
        let last_update = self.now;
        self.now = now.max(last_update);
        self.check_timeouts(self.now, last_update);
        if self.last_sent.is_none_or(|last| self.now.saturating_sub(last) >= SEND_INTERVAL) {
            self.send_state();
        }
    }

    fn receive<'d>(&mut self, from: SocketAddr, datagram: &'d mut [u8]) -> Option<(PeerId, &'d [u8])> {
        if !self.server().is_some_and(|server| same_address(server, from)) {
            return None;
        }
        let state = self.state;
        let takes = |kind| match state {
            ClientState::SendingConnectionRequest => matches!(kind, Kind::Challenge | Kind::Denied),
            ClientState::SendingConnectionResponse => {
                matches!(kind, Kind::Challenge | Kind::Denied | Kind::KeepAlive)
            }
            ClientState::Connected => matches!(kind, Kind::KeepAlive | Kind::Payload | Kind::Disconnect),
            _ => false,
        };
        let tag = *datagram.last_chunk()?;
        let packet = packet::open(datagram, &self.opener, &mut self.window, takes)?;
        if matches!(packet, Packet::Challenge(_) | Packet::Denied) {
            // Replay protection, which the standard has not for these: a server's answer would else work again,
            // sent from the address of the token's next server.
            if self.answers.len() >= Self::MAX_ANSWERS || !self.answers.insert(tag) {
                return None;
            }
        } else {
            self.last_received = self.now;
        }
        match packet {
            Packet::Challenge(challenge) if state == ClientState::SendingConnectionRequest => {
                self.challenge = *challenge;
                self.state = ClientState::SendingConnectionResponse;
                self.state_since = self.now;
                self.send_state();
            }
            Packet::Denied => self.give_server_up(ClientState::ConnectionDenied),
            Packet::KeepAlive { client_index, max_clients } if state != ClientState::Connected => {
                self.connected(client_index, max_clients);
            }
            Packet::Disconnect => self.end(ClientState::Disconnected),
            Packet::Payload(payload) => return Some((Self::SERVER, payload)),
            _ => {}
        }
        None
    }

    /// An empty payload can't be expressed in netcode: nothing is sent.
    fn send(&mut self, peer: PeerId, payload: &[u8]) -> Result<usize, SendError> {
        if peer != Self::SERVER || self.state != ClientState::Connected {
            return Err(SendError::NotConnected { peer });
        }
        if payload.len() > MAX_PAYLOAD {
            return Err(SendError::TooLarge { size: payload.len(), limit: MAX_PAYLOAD });
        }
        Ok(if payload.is_empty() { 0 } else { self.send_packet(Kind::Payload, payload) })
    }

    /// Also ends the attempt to connect.
    fn disconnect(&mut self, peer: PeerId) {
        if peer != Self::SERVER {
            return;
        }
        // Before the response there is nothing that the server could have connected.
        if matches!(self.state, ClientState::SendingConnectionResponse | ClientState::Connected) {
            for _ in 0..DISCONNECT_PACKETS {
                self.send_packet(Kind::Disconnect, &[]);
            }
        }
        self.is_started = true;
        self.state = ClientState::Disconnected;
    }

    fn next_event(&mut self) -> Option<EndpointEvent> {
        self.events.pop_front()
    }

    fn next_transmit(&mut self) -> Option<Transmit<'_>> {
        self.transmits.pop()
    }

    fn address(&self, peer: PeerId) -> Option<SocketAddr> {
        (peer == Self::SERVER && self.state == ClientState::Connected).then(|| self.server()).flatten()
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("state", &self.state)
            .field("token", &self.token)
            .finish_non_exhaustive()
    }
}
