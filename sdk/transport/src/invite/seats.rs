//! Who may come in: the seats that invites gave away, and the secrets and tokens that lead to them.
//!
//! A seat has one current secret: the invite's at first, then the rejoin secret of its last connection. An
//! exchange on it makes a grant, which carries the next secret. The first sign that the joiner holds a grant, be it
//! its connection or a request with its next secret, makes that secret the current one and spends all others. Spent
//! secrets are remembered for a while, so that whoever comes with one can be told.
//!
//! It knows no sockets, no ciphers, no netcode.

use super::budget::Budget;
use super::noise::Keys;
use super::wire::Hint;
use crate::{ClientId, PeerId};
use core::time::Duration;
use std::collections::{BTreeMap, HashMap, VecDeque};
use zeroize::Zeroizing;

/// How many exchanges one secret may start. Each means that the joiner started over without an answer.
const MAX_GRANTS: usize = 16;
/// How long and how many spent secrets are remembered.
const REMEMBER_SPENT: Duration = Duration::from_secs(600);
const MAX_SPENT: usize = 256;
/// Requests that are looked at, per secret, so that those who overheard its hint can keep no other joiner out.
const REQUESTS: Budget = Budget::new(32, Duration::from_millis(20));

/// The nonce of a connect token: it names the token in a connection request.
pub(super) type TokenNonce = [u8; 24];

pub(super) struct Seats {
    seats: BTreeMap<ClientId, Seat>,
    secrets: HashMap<Hint, Secret>,
    /// Connect tokens that no connection came of yet.
    tokens: HashMap<TokenNonce, ClientId>,
    /// Spent secrets, and until when they are remembered; the oldest first.
    spent: VecDeque<(Duration, Hint)>,
    last_client: u64,
    last_grant: u64,
}

/// One player's place.
pub(super) struct Seat {
    /// What the game said it is for.
    pub(super) role: u8,
    /// Its invite's secret.
    invite: Hint,
    current: Hint,
    /// What was granted on the current secret.
    grants: Vec<Grant>,
    state: SeatState,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum SeatState {
    /// Nobody sat here yet. Until when somebody may.
    Open(Duration),
    Connected(PeerId),
    /// The client lost its connection or left. Until when it may come back.
    Away(Duration),
}

/// One answered exchange.
pub(super) struct Grant {
    /// Tells it from all others of this host.
    pub(super) serial: u64,
    /// The joiner's ephemeral key.
    pub(super) ephemeral: [u8; 32],
    /// The datagram that answers, again and again if need be.
    pub(super) answer: Vec<u8>,
    /// The secret that the answer carries.
    pub(super) next: Keys,
    pub(super) token: TokenNonce,
    /// What opens the token's sealed part.
    pub(super) token_key: Zeroizing<[u8; 32]>,
}

struct Secret {
    keys: Keys,
    /// The seat that it leads to; `None` once it is spent.
    seat: Option<ClientId>,
    requests: Budget,
}

/// What a hint of a request leads to.
pub(super) enum Standing {
    Leads(ClientId),
    Spent,
}

impl Seats {
    pub(super) fn new() -> Self {
        Self {
            seats: BTreeMap::new(),
            secrets: HashMap::new(),
            tokens: HashMap::new(),
            spent: VecDeque::new(),
            last_client: 0,
            last_grant: 0,
        }
    }

    /// How many seats nobody has taken yet.
    pub(super) fn open(&self) -> usize {
        self.seats.values().filter(|seat| matches!(seat.state, SeatState::Open(_))).count()
    }

    /// How many sit here for this.
    pub(super) fn connected(&self, role: u8) -> usize {
        self.seats.values().filter(|seat| seat.role == role && seat.peer().is_some()).count()
    }

    /// Makes a seat for whoever knows the secret, until `expires`.
    pub(super) fn invite(&mut self, keys: Keys, role: u8, expires: Duration) -> ClientId {
        self.last_client += 1;
        let client = ClientId(self.last_client);
        let (invite, state) = (keys.hint, SeatState::Open(expires));
        let seat = Seat { role, invite, current: invite, grants: Vec::new(), state };
        self.seats.insert(client, seat);
        self.admit(keys, client);
        client
    }

    /// The seat that the invite with this hint leads to, if nobody has sat there yet.
    pub(super) fn invited(&self, hint: &Hint) -> Option<ClientId> {
        let open = |seat: &Seat| seat.invite == *hint && matches!(seat.state, SeatState::Open(_));
        self.seats.iter().find(|(_, seat)| open(seat)).map(|(client, _)| *client)
    }

    /// The keys for a request with this hint, unless too many of them come.
    pub(super) fn keys(&mut self, hint: &Hint, now: Duration) -> Option<Keys> {
        let secret = self.secrets.get_mut(hint)?;
        secret.requests.take(now).then(|| secret.keys.clone())
    }

    /// Where an authenticated request leads. If it came with a secret out of a grant, the joiner has that grant.
    pub(super) fn follow(&mut self, hint: &Hint, now: Duration) -> Option<Standing> {
        let Some(client) = self.secrets.get(hint)?.seat else { return Some(Standing::Spent) };
        let seat = self.seats.get_mut(&client)?;
        if seat.current != *hint {
            self.advance(client, *hint, now);
        }
        Some(Standing::Leads(client))
    }

    pub(super) fn seat(&self, client: ClientId) -> Option<&Seat> {
        self.seats.get(&client)
    }

    /// Numbers a grant.
    pub(super) fn next_grant(&mut self) -> u64 {
        self.last_grant += 1;
        self.last_grant
    }

    /// Adds what was granted on the seat's current secret.
    pub(super) fn grant(&mut self, client: ClientId, grant: Grant) {
        let Some(seat) = self.seats.get_mut(&client) else { return };
        let next = grant.next.clone();
        self.tokens.insert(grant.token, client);
        seat.grants.push(grant);
        self.admit(next, client);
    }

    /// The key of a token that was granted and that no connection came of yet.
    pub(super) fn token_key(&self, token: &TokenNonce) -> Option<&[u8; 32]> {
        let seat = self.seats.get(self.tokens.get(token)?)?;
        seat.grants.iter().find(|grant| grant.token == *token).map(|grant| &*grant.token_key)
    }

    /// A connection came of the grant with this number; whether the grant still stands.
    pub(super) fn connect(&mut self, client: ClientId, serial: u64, peer: PeerId, now: Duration) -> bool {
        let Some(seat) = self.seats.get_mut(&client) else { return false };
        let Some(grant) = seat.grants.iter().find(|grant| grant.serial == serial) else { return false };
        let next = grant.next.hint;
        seat.state = SeatState::Connected(peer);
        self.advance(client, next, now);
        true
    }

    /// The peer's connection ended; its client may come back until `expires`. At most `limit` clients may be away;
    /// the one that would be forgotten next makes room.
    pub(super) fn leave(&mut self, peer: PeerId, expires: Duration, limit: usize, now: Duration) {
        let Some(client) = self.client(peer) else { return };
        if let Some(seat) = self.seats.get_mut(&client) {
            seat.state = SeatState::Away(expires);
        }
        let away = |(client, seat): (&ClientId, &Seat)| match seat.state {
            SeatState::Away(expires) => Some((expires, *client)),
            _ => None,
        };
        if self.seats.iter().filter_map(away).count() > limit
            && let Some((_, first)) = self.seats.iter().filter_map(away).min()
        {
            self.close(first, now);
        }
    }

    /// Who sits where this peer is connected.
    pub(super) fn client(&self, peer: PeerId) -> Option<ClientId> {
        self.seats
            .iter()
            .find(|(_, seat)| seat.state == SeatState::Connected(peer))
            .map(|(client, _)| *client)
    }

    /// Takes a seat away: nothing leads to it any more.
    pub(super) fn close(&mut self, client: ClientId, now: Duration) {
        let Some(seat) = self.seats.remove(&client) else { return };
        self.spend(seat.current, now);
        self.void(seat.grants, now);
    }

    /// Forgets what has expired.
    pub(super) fn sweep(&mut self, now: Duration) {
        let expired = |seat: &Seat| match seat.state {
            SeatState::Open(expires) | SeatState::Away(expires) => expires <= now,
            SeatState::Connected(_) => false,
        };
        while let Some((&client, _)) = self.seats.iter().find(|(_, seat)| expired(seat)) {
            self.close(client, now);
        }
        while self.spent.front().is_some_and(|(until, _)| *until <= now) {
            self.forget_oldest_spent();
        }
    }

    /// Makes the next secret out of a grant the current one, and spends the others.
    fn advance(&mut self, client: ClientId, next: Hint, now: Duration) {
        let Some(seat) = self.seats.get_mut(&client) else { return };
        let spent = core::mem::replace(&mut seat.current, next);
        let mut voided = core::mem::take(&mut seat.grants);
        for grant in voided.extract_if(.., |grant| grant.next.hint == next) {
            self.tokens.remove(&grant.token);
        }
        self.spend(spent, now);
        self.void(voided, now);
    }

    fn void(&mut self, grants: Vec<Grant>, now: Duration) {
        for grant in grants {
            self.tokens.remove(&grant.token);
            self.spend(grant.next.hint, now);
        }
    }

    fn admit(&mut self, keys: Keys, client: ClientId) {
        self.secrets.insert(keys.hint, Secret { keys, seat: Some(client), requests: REQUESTS });
    }

    fn spend(&mut self, hint: Hint, now: Duration) {
        if let Some(secret) = self.secrets.get_mut(&hint) {
            secret.seat = None;
            self.spent.push_back((now.saturating_add(REMEMBER_SPENT), hint));
        }
        if self.spent.len() > MAX_SPENT {
            self.forget_oldest_spent();
        }
    }

    fn forget_oldest_spent(&mut self) {
        if let Some((_, hint)) = self.spent.pop_front() {
            self.secrets.remove(&hint);
        }
    }
}

impl Seat {
    /// The connection of whoever sits here.
    pub(super) fn peer(&self) -> Option<PeerId> {
        match self.state {
            SeatState::Connected(peer) => Some(peer),
            _ => None,
        }
    }

    /// The answer that this joiner's key was given before.
    pub(super) fn answer_to(&self, ephemeral: &[u8; 32]) -> Option<&[u8]> {
        let grant = self.grants.iter().find(|grant| grant.ephemeral == *ephemeral)?;
        Some(&grant.answer)
    }

    /// Whether the current secret is good for another exchange.
    pub(super) fn may_grant(&self) -> bool {
        self.grants.len() < MAX_GRANTS
    }
}
