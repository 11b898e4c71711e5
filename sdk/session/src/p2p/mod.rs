//! A match of two to eight players and spectators, over any transport.
//!
//! All that is known of a match is in [`state`]; each other file is one thing that happens to it. Of two players, it takes
//! [`connect`], [`start`], [`play`], [`inputs`] and [`ending`]; of more also who takes part ([`membership`],
//! [`agreement`], [`change`], [`seats`]), who hosts ([`handover`]), and how guests meet ([`introduce`]) or do without a link
//! ([`relay`]). Who watches is served by [`stream`] and [`log`]. STANDARD.md, section 7, says what the peers owe each other.
#![cfg_attr(not(test), deny(clippy::indexing_slicing, clippy::unwrap_used))]

mod agreement;
mod change;
mod config;
mod connect;
mod delivery;
mod ending;
mod event;
mod handover;
mod inputs;
mod introduce;
mod introducer;
mod link;
mod log;
mod membership;
mod play;
mod relay;
mod seats;
mod start;
mod state;
mod stream;

pub use config::{MAX_STATE, OnDesync, P2pConfig, first_game_channel, session_channels};
pub use event::{Outcome, PlayerGone, SessionEvent, SpectatorGone};

use crate::delay::InputDelay;
use crate::simulation::{PacedSession, Session};
use crate::{PlayerIndex, PlayerInput, Request, SessionError, SessionStats};
use config::{CONTROL, INPUTS};
use core::time::Duration;
use introducer::Introducer;
use netcord_transport::{ChannelId, PeerId, Receipt, SendError, Transport};
use netcord_wire::{Inspect, StateHash, Tick};
use state::{Match, Out, Role};

/// The first byte of the user data of a client that plays.
pub const ROLE_PLAYER: u8 = 0;
/// The first byte of the user data of a client that watches.
pub const ROLE_SPECTATOR: u8 = 1;

/// A match of two to eight players, one of whom hosts, and any spectators, in which every peer simulates the game
/// from the players' inputs.
///
/// Once a frame: [`update`](PacedSession::update); while [`tick_due`](PacedSession::tick_due), take the player's
/// input to [`advance`](PacedSession::advance); execute [`next_request`](Session::next_request) after each of
/// them until there is none; read [`next_event`](Self::next_event); [`flush`](PacedSession::flush). A
/// [`Runner`](crate::Runner) does all but the events.
///
/// The connection to an absent player is awaited, not made: the transport reconnects. In a match of two, no tick runs
/// meanwhile. A larger one waits for a while, then goes on without; who comes back joins again.
pub struct P2pSession<I, T> {
    transport: T,
    state: Match<I>,
    introducer: Option<Introducer<T>>,
    /// The message that is being written.
    message: Vec<u8>,
}

impl<I: PlayerInput, T: Transport> P2pSession<I, T> {
    /// Hosts a match on a transport that takes clients. The match begins when as many players are there as
    /// [`P2pConfig::min_players`] says; they are known by their client ids from then on.
    ///
    /// # Errors
    /// [`SessionError::Config`] when a value is out of range.
    pub fn host(transport: T, config: P2pConfig) -> Result<Self, SessionError> {
        Self::new(transport, config, Role::Host)
    }

    /// Takes part in a match, on a transport that connects to its host: plays, or watches if the invite is for
    /// [`ROLE_SPECTATOR`].
    ///
    /// # Errors
    /// [`SessionError::Config`] when a value is out of range.
    pub fn join(transport: T, config: P2pConfig) -> Result<Self, SessionError> {
        Self::new(transport, config, Role::Guest)
    }

    /// Watches a match, on a transport that connects to its host with [`ROLE_SPECTATOR`] but does not know it, as a
    /// plain netcode client does not.
    ///
    /// # Errors
    /// [`SessionError::Config`] when a value is out of range.
    pub fn spectate(transport: T, config: P2pConfig) -> Result<Self, SessionError> {
        Self::new(transport, config, Role::Spectator)
    }

    fn new(transport: T, config: P2pConfig, role: Role) -> Result<Self, SessionError> {
        const { assert!(I::BYTES >= 1 && I::BYTES <= 64, "an input is 1 to 64 bytes") };
        config.check()?;
        Ok(Self { transport, state: Match::new(role, config), introducer: None, message: Vec::new() })
    }

    /// What has happened, oldest first.
    pub fn next_event(&mut self) -> Option<SessionEvent> {
        self.state.events.pop_front()
    }

    /// When the next tick is due, in the time of the last [`update`](PacedSession::update), if the match runs;
    /// zero when it is due now or waits for others' inputs.
    pub fn next_tick_in(&self) -> Option<Duration> {
        self.state.next_tick_in()
    }

    /// How long no tick could run because others' inputs did not come: after half a second or so, tell the player.
    pub fn stalled_for(&self) -> Duration {
        self.state.stalled_for()
    }

    /// Changes our input delay, up to [`MAX_INPUT_DELAY`](crate::MAX_INPUT_DELAY), from the next tick on. Where
    /// it grows, the last input is held; where it shrinks, a few inputs are skipped.
    ///
    /// # Errors
    /// [`SessionError::Config`] when the delay is out of range.
    pub fn set_input_delay(&mut self, delay: InputDelay) -> Result<(), SessionError> {
        if !delay.is_valid() {
            return Err(SessionError::Config("input_delay is at most 15 ticks"));
        }
        self.state.delay.change(delay);
        Ok(())
    }

    /// Ends the match for us, and all connections; the others are told the code. Of two, the other's match ends, too; of
    /// more, theirs goes on without us.
    pub fn leave(&mut self, code: u32) {
        self.state.leave(code);
    }

    /// Sends a message on one of the game's own channels; it leaves with the next
    /// [`flush`](PacedSession::flush).
    ///
    /// # Errors
    /// See [`SendError`]; the session's own channels are unknown here.
    pub fn send(&mut self, peer: PeerId, channel: ChannelId, payload: &[u8]) -> Result<Receipt, SendError> {
        if channel < first_game_channel() {
            return Err(SendError::UnknownChannel { channel });
        }
        self.transport.send(peer, channel, payload)
    }

    /// Who we are in the match; `None` for a spectator, and before it has begun.
    pub fn local_player(&self) -> Option<PlayerIndex> {
        self.state.local
    }

    /// The player who hosts the match.
    pub fn host_player(&self) -> PlayerIndex {
        self.state.seats.host()
    }

    /// How often the host's role was handed over.
    pub fn host_term(&self) -> u32 {
        self.state.seats.lineage.term
    }

    /// Who takes part in the match now.
    pub fn players(&self) -> impl Iterator<Item = PlayerIndex> + '_ {
        self.state.seats.live.iter()
    }

    /// The connection to a player, while there is one. Where there is none, the host passes the inputs on.
    pub fn peer_of(&self, player: PlayerIndex) -> Option<PeerId> {
        self.state.links.player(player).map(|link| link.peer)
    }

    /// The connection to the host, or on the host of a match of two to the other player, while there is one.
    pub fn opponent(&self) -> Option<PeerId> {
        self.state.counterpart_link().map(|link| link.peer)
    }

    /// The connections of the spectators; of those who are connected to us, as the host.
    pub fn spectators(&self) -> impl Iterator<Item = PeerId> + '_ {
        self.state.links.spectators().map(|link| link.peer)
    }

    /// The hash of the confirmed state at `tick`; `None` when `tick` is not confirmed yet, or longer ago than the
    /// 128 ticks that are kept.
    pub fn confirmed_hash(&self, tick: Tick) -> Option<StateHash> {
        self.state.journal.hash(tick)
    }

    /// A hash over all confirmed states through `tick`, to compare with a peer's: equal means equal at every tick so
    /// far. `None` when `tick` is not confirmed yet, or longer ago than the 128 ticks that are kept.
    pub fn chained_hash(&self, tick: Tick) -> Option<u64> {
        self.state.journal.chain(tick)
    }

    /// How the match went so far.
    pub fn stats(&self) -> SessionStats {
        self.state.stats()
    }

    /// The transport.
    pub fn transport(&self) -> &T {
        &self.transport
    }

    /// The transport: to connect, or for the game's own use. The session takes its events.
    pub fn transport_mut(&mut self) -> &mut T {
        &mut self.transport
    }

    fn send_inputs(&mut self) {
        self.state.drop_slow_watchers();
        for place in 0..self.state.links.len() {
            self.message.clear();
            let written = match self.state.write_inputs(place, &mut self.message) {
                None => self.state.write_stream(place, &mut self.message),
                written => written,
            };
            if let Some((peer, end)) = written
                && let Ok(receipt) = self.transport.send(peer, INPUTS, &self.message)
            {
                self.state.sent(peer, receipt, end);
            }
        }
    }

    fn empty_outbox(&mut self) {
        while let Some(out) = self.state.outbox.pop_front() {
            match out {
                Out::Control(peer, bytes) => match self.transport.send(peer, CONTROL, &bytes) {
                    // The event of its end is on the way.
                    Ok(_) | Err(SendError::NotConnected { .. }) => {}
                    Err(error) => {
                        tracing::warn!(%peer, %error, "a control message was refused");
                        self.state.on_refused(peer);
                    }
                },
                Out::Disconnect(peer, reason) => self.transport.disconnect(peer, reason),
                Out::Introduction(task) => {
                    if let Some(introducer) = self.introducer {
                        let made = introducer(&mut self.transport, &task);
                        self.state.on_introduced(&task, made);
                    }
                }
            }
        }
    }
}

impl<I: PlayerInput, T: Transport> Session for P2pSession<I, T> {
    type Input = I;

    fn next_request(&mut self) -> Option<Request<I>> {
        self.state.requests.pop_front()
    }

    fn confirm(&mut self, tick: Tick, state: &dyn Inspect) {
        self.state.confirm(tick, state);
    }

    fn snapshot(&mut self, tick: Tick, bytes: Vec<u8>) -> Result<(), SessionError> {
        self.state.snapshot(tick, bytes)
    }
}

impl<I: PlayerInput, T: Transport> PacedSession for P2pSession<I, T> {
    fn update(&mut self, now: Duration) -> Result<(), SessionError> {
        self.state.set_now(now);
        self.transport.receive(now)?;
        while let Some(event) = self.transport.next_event() {
            self.state.on_event(event);
        }
        self.state.run_timers(|peer| self.transport.stats(peer));
        Ok(())
    }

    fn tick_due(&self) -> bool {
        self.state.tick_due()
    }

    fn advance(&mut self, input: I) {
        self.state.advance(input);
    }

    fn flush(&mut self, now: Duration) -> Result<(), SessionError> {
        self.send_inputs();
        self.empty_outbox();
        self.transport.flush(now)?;
        Ok(())
    }
}
