//! The side that joins: an exchange for a connect token, the netcode client that it makes, and the way back when
//! the connection is lost.

use super::addresses;
use super::budget::Budget;
use super::code::InviteCode;
use super::noise::{Asking, Keys};
use super::ticket::{RejoinSecret, RejoinTicket};
use super::wire::{ANSWER, Answer, Grant, REQUEST_BYTES};
use crate::netcode::Client;
use crate::{
    ClientId, DisconnectReason, Endpoint, EndpointEvent, PeerId, SecureRng, SendError, Transmit,
    TransmitQueue,
};
use core::fmt;
use core::time::Duration;
use rand_core::SeedableRng;
use std::collections::VecDeque;
use std::net::SocketAddr;

/// How a joiner joins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InviteJoinerConfig {
    /// Which game this is; see [`protocol_id`](super::protocol_id). It must be the host's.
    pub protocol_id: u64,
    /// How long to ask before it is certain enough that nobody answers.
    pub request_timeout: Duration,
    /// For how long to try to come back when the connection is lost; `None` leaves that to the game.
    pub reconnect: Option<Duration>,
}

impl InviteJoinerConfig {
    /// A joiner that asks for 10 seconds, and tries for 60 to come back.
    pub const fn new(protocol_id: u64) -> Self {
        Self {
            protocol_id,
            request_timeout: Duration::from_secs(10),
            reconnect: Some(Duration::from_secs(60)),
        }
    }
}

/// The addresses are asked one after the other, this far apart, so that the preferred one answers first. (The
/// thought is Happy Eyeballs', RFC 8305.)
const STAGGER: Duration = Duration::from_millis(100);
/// An address is asked again after this, and then after twice as long each time, up to the most.
const FIRST_REPEAT: Duration = Duration::from_millis(250);
const LAST_REPEAT: Duration = Duration::from_secs(1);

/// Joins a host by invite.
///
/// An [`Endpoint`] with one peer, the host. It asks all addresses of the code and goes on with the one that answers
/// first; [`Connected`](EndpointEvent::Connected) tells the [`ClientId`] that the host knows us by and, first in the user
/// data, the role that the invite was made for. If nobody
/// answers, it ends in [`Disconnected`](EndpointEvent::Disconnected) with
/// [`NoAnswer`](DisconnectReason::NoAnswer), and with [`InviteSpent`](DisconnectReason::InviteSpent) if the host
/// says that the invite is used up.
///
/// When the connection times out, `Disconnected` says so, and, if [`reconnect`](InviteJoinerConfig::reconnect) is
/// set, the joiner tries by itself to come back, with new keys and as a new [`PeerId`]. It gives up with a last
/// `Disconnected`, which names the peer that never connected.
pub struct InviteJoiner {
    config: InviteJoinerConfig,
    rng: SecureRng,
    now: Duration,
    /// Where to ask, the best first.
    addresses: Vec<SocketAddr>,
    /// What to ask with.
    keys: Keys,
    /// The same, once it is a rejoin secret.
    ticket: Option<RejoinSecret>,
    /// Counts connections and attempts at one.
    generation: u32,
    phase: Phase,
    /// When to stop asking.
    give_up: Duration,
    /// Whether this is the way back rather than the first connection.
    returning: bool,
    /// Whether an answered exchange that led to no connection was tried again.
    asked_again: bool,
    /// Whether a peer told us the addresses, who may have named anybody's.
    is_introduced: bool,
    events: VecDeque<EndpointEvent>,
    transmits: TransmitQueue,
    /// Each answer that claims to be ours costs a Diffie-Hellman.
    answers: Budget,
}

enum Phase {
    /// Nothing was sent yet.
    New,
    Asking(Box<Questions>),
    Joined(Box<Connection>),
    Over,
}

/// An exchange that waits for its answer.
struct Questions {
    exchange: Asking,
    began: Duration,
    /// For each address, when it is asked next and how long after that.
    due: Vec<(Duration, Duration)>,
}

/// A netcode connection, or one in the making.
struct Connection {
    netcode: Client,
    /// Whether the host has let us in.
    is_up: bool,
    client: ClientId,
    role: u8,
    host: SocketAddr,
}

impl InviteJoiner {
    /// Joins with a code. The first [`update`](Endpoint::update) starts it.
    pub fn new(code: &InviteCode, config: InviteJoinerConfig, rng: SecureRng) -> Self {
        Self::with_keys(code.addresses().to_vec(), Keys::of_invite(code.secret()), None, config, rng)
    }

    /// Comes back with a ticket from [`ticket`](Self::ticket), for instance after a restart.
    pub fn rejoin(ticket: &RejoinTicket, config: InviteJoinerConfig, rng: SecureRng) -> Self {
        let keys = Keys::of_rejoin(&*ticket.secret);
        Self::with_keys(ticket.addresses.clone(), keys, Some(ticket.secret.clone()), config, rng)
    }

    /// Meets a peer whose introduction this is. What it says about addresses may be untrue, so once one has answered the
    /// others are forgotten, and there is one deadline for all that comes before the connection.
    pub(super) fn meet(code: &InviteCode, config: InviteJoinerConfig, rng: SecureRng) -> Self {
        Self { is_introduced: true, ..Self::new(code, config, rng) }
    }

    fn with_keys(
        addresses: Vec<SocketAddr>,
        keys: Keys,
        ticket: Option<RejoinSecret>,
        config: InviteJoinerConfig,
        rng: SecureRng,
    ) -> Self {
        Self {
            config,
            rng,
            now: Duration::ZERO,
            addresses,
            keys,
            ticket,
            generation: 0,
            phase: Phase::New,
            give_up: Duration::ZERO,
            returning: false,
            asked_again: false,
            is_introduced: false,
            events: VecDeque::new(),
            transmits: TransmitQueue::default(),
            answers: Budget::new(16, Duration::from_millis(20)),
        }
    }

    /// What brings this client back after a restart, once the host has answered. Each answer brings another and
    /// voids the last, so take it anew after every [`Connected`](EndpointEvent::Connected).
    pub fn ticket(&self) -> Option<RejoinTicket> {
        let secret = self.ticket.clone()?;
        let canonical = self.addresses.iter().map(addresses::canonical);
        let addresses: Vec<_> = canonical.filter(addresses::is_reachable).collect();
        (!addresses.is_empty()).then_some(RejoinTicket { addresses, secret })
    }

    /// The host, connected or not yet.
    const fn peer(&self) -> PeerId {
        PeerId::new(0, self.generation)
    }

    /// Counts connections and attempts at one.
    pub(super) const fn generation(&self) -> u32 {
        self.generation
    }

    /// Whether a datagram from there can be for this joiner, so that it is worth decrypting.
    pub(super) fn may_take(&self, from: SocketAddr, datagram: &[u8]) -> bool {
        match &self.phase {
            Phase::Asking(questions) => questions.exchange.is_echoed_by(datagram),
            Phase::Joined(connection) => {
                addresses::canonical(&connection.host) == addresses::canonical(&from)
            }
            _ => false,
        }
    }

    /// Whether nothing will ever come of it again.
    pub(super) fn is_finished(&self) -> bool {
        matches!(self.phase, Phase::Over) && self.events.is_empty() && self.transmits.is_empty()
    }

    /// Starts an exchange with a fresh key.
    fn ask(&mut self) {
        tracing::debug!(addresses = ?self.addresses, returning = self.returning, "asking the host");
        let exchange = Asking::new(self.config.protocol_id, &self.keys, &mut self.rng);
        let due = (0..)
            .map(|at| (self.now.saturating_add(STAGGER * at), FIRST_REPEAT))
            .take(self.addresses.len())
            .collect();
        self.phase = Phase::Asking(Box::new(Questions { exchange, began: self.now, due }));
    }

    /// The connection with this peer, if it is up.
    fn connection(&mut self, peer: PeerId) -> Option<&mut Connection> {
        let current = self.peer();
        match &mut self.phase {
            Phase::Joined(connection) if connection.is_up && peer == current => Some(connection),
            _ => None,
        }
    }

    /// Runs the timers. `may_ask` tells whether a request may go to an address that never answered; it is asked again
    /// at the next update.
    pub(super) fn advance(&mut self, now: Duration, mut may_ask: impl FnMut() -> bool) {
        self.now = now;
        if let Phase::New = self.phase {
            self.ask_for(self.config.request_timeout);
        }
        if let Phase::Joined(connection) = &mut self.phase {
            connection.netcode.update(now, 0);
            self.pump();
        }
        let waiting = match &self.phase {
            Phase::Asking(_) => true,
            Phase::Joined(connection) => !connection.is_up && (self.returning || self.is_introduced),
            _ => false,
        };
        if waiting && now >= self.give_up {
            self.end(DisconnectReason::NoAnswer);
        }
        if let Phase::Asking(questions) = &self.phase
            && now.saturating_sub(questions.began) >= self.config.request_timeout
        {
            self.ask();
        }
        if let Phase::Asking(questions) = &mut self.phase {
            for (address, (due, repeat)) in self.addresses.iter().zip(&mut questions.due) {
                if *due <= now && (self.returning || may_ask()) {
                    self.transmits.push(*address, questions.exchange.request());
                    *due = now.saturating_add(*repeat);
                    *repeat = (*repeat * 2).min(LAST_REPEAT);
                }
            }
        }
    }

    fn ask_for(&mut self, patience: Duration) {
        self.give_up = self.now.saturating_add(patience);
        self.ask();
    }

    /// Leaves whatever phase it is, and tells a host that may take us for connected.
    fn hang_up(&mut self) {
        if let Phase::Joined(mut connection) = core::mem::replace(&mut self.phase, Phase::Over) {
            connection.netcode.disconnect(Client::SERVER);
            while let Some(farewell) = connection.netcode.next_transmit() {
                self.transmits.push(farewell.to, farewell.datagram);
            }
        }
    }

    fn end(&mut self, reason: DisconnectReason) {
        self.hang_up();
        tracing::debug!(peer = %self.peer(), %reason, "not joined");
        self.events.push_back(EndpointEvent::Disconnected { peer: self.peer(), reason });
    }

    /// Takes what may be the answer of the host.
    fn answered(&mut self, from: SocketAddr, datagram: &[u8]) -> Option<()> {
        let Phase::Asking(questions) = &mut self.phase else { return None };
        let exchange = &mut questions.exchange;
        if datagram.len() > REQUEST_BYTES || !exchange.is_echoed_by(datagram) || !self.answers.take(self.now)
        {
            return None;
        }
        match Answer::from_bytes(&exchange.open(datagram)?)? {
            Answer::Spent => self.end(DisconnectReason::InviteSpent),
            Answer::Granted(grant) => self.connect(from, grant)?,
        }
        Some(())
    }

    /// Goes on as a netcode client. The exchange and its keys are gone with it.
    fn connect(&mut self, host: SocketAddr, grant: Grant) -> Option<()> {
        let Grant { client, role, rejoin, token } = grant;
        tracing::debug!(%host, client = client.0, "the host answered");
        let token = token.for_host(self.config.protocol_id, host)?;
        self.keys = Keys::of_rejoin(&*rejoin);
        self.ticket = Some(rejoin);
        let is_other = |known: &SocketAddr| addresses::canonical(known) != addresses::canonical(&host);
        self.addresses.retain(|known| !self.is_introduced && is_other(known));
        self.addresses.insert(0, host);
        self.addresses.truncate(addresses::MAX_ADDRESSES);
        // The token's times are the host's: whatever our clock says, it was made just now.
        let created = token.created();
        let mut netcode = Client::new(token, SecureRng::from_rng(&mut self.rng));
        netcode.update(self.now, created);
        let connection = Connection { netcode, is_up: false, client, role, host };
        self.phase = Phase::Joined(Box::new(connection));
        Some(())
    }

    /// Takes over what happened to the connection.
    fn pump(&mut self) {
        while let Phase::Joined(connection) = &mut self.phase
            && let Some(event) = connection.netcode.next_event()
        {
            match event {
                EndpointEvent::Connected { mut user_data, .. } => {
                    connection.is_up = true;
                    let client = connection.client;
                    // As the host sees it: a netcode client can't read its token's user data.
                    if let Some(role) = user_data.first_mut() {
                        *role = connection.role;
                    }
                    (self.returning, self.asked_again) = (false, false);
                    self.events.push_back(EndpointEvent::Connected { peer: self.peer(), client, user_data });
                }
                EndpointEvent::Disconnected { reason, .. } => {
                    let connected = connection.is_up;
                    self.ended(connected, reason);
                }
            }
        }
    }

    fn come_back(&mut self, patience: Duration) {
        self.generation = self.generation.wrapping_add(1);
        self.returning = true;
        self.ask_for(patience);
    }

    fn ended(&mut self, connected: bool, reason: DisconnectReason) {
        use DisconnectReason::{NoAnswer, TimedOut, TokenExpired};
        let lost = matches!(reason, TimedOut | NoAnswer | TokenExpired);
        if connected {
            let way_back = self.config.reconnect.filter(|_| lost);
            self.end(reason);
            if let Some(patience) = way_back {
                self.come_back(patience);
            }
        } else if lost && self.returning {
            self.ask();
        } else if lost && !core::mem::replace(&mut self.asked_again, true) {
            // Another may have used the invite first: the host will tell.
            self.ask_for(self.config.request_timeout);
        } else {
            self.end(if lost { NoAnswer } else { reason });
        }
    }
}

impl fmt::Debug for InviteJoiner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InviteJoiner")
            .field("peer", &self.peer())
            .field("addresses", &self.addresses)
            .finish_non_exhaustive()
    }
}

impl Endpoint for InviteJoiner {
    const MAX_PAYLOAD: usize = Client::MAX_PAYLOAD;
    const OVERHEAD: usize = Client::OVERHEAD;

    fn update(&mut self, now: Duration, _unix: u64) {
        self.advance(now, || true);
    }

    fn receive<'d>(&mut self, from: SocketAddr, datagram: &'d mut [u8]) -> Option<(PeerId, &'d [u8])> {
        if datagram.first() == Some(&ANSWER) {
            self.answered(from, datagram);
            return None;
        }
        let peer = self.peer();
        let Phase::Joined(connection) = &mut self.phase else { return None };
        let received = connection.netcode.receive(from, datagram);
        self.pump();
        received.map(|(_, payload)| (peer, payload))
    }

    fn send(&mut self, peer: PeerId, payload: &[u8]) -> Result<usize, SendError> {
        let connection = self.connection(peer).ok_or(SendError::NotConnected { peer })?;
        connection.netcode.send(Client::SERVER, payload)
    }

    /// As [`Endpoint::disconnect`]; it also ends any attempt to connect or to come back.
    fn disconnect(&mut self, peer: PeerId) {
        if peer == self.peer() {
            self.hang_up();
        }
    }

    fn abandon(&mut self, peer: PeerId) {
        if self.connection(peer).is_none() {
            return;
        }
        self.phase = Phase::Over;
        if let Some(patience) = self.config.reconnect {
            self.come_back(patience);
        }
    }

    fn next_event(&mut self) -> Option<EndpointEvent> {
        self.events.pop_front()
    }

    fn next_transmit(&mut self) -> Option<Transmit<'_>> {
        match &mut self.phase {
            Phase::Joined(connection) if self.transmits.is_empty() => connection.netcode.next_transmit(),
            _ => self.transmits.pop(),
        }
    }

    fn address(&self, peer: PeerId) -> Option<SocketAddr> {
        match &self.phase {
            Phase::Joined(connection) if connection.is_up && peer == self.peer() => Some(connection.host),
            _ => None,
        }
    }
}
