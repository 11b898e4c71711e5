//! Inputs, clock sync, rollback and state transfer over a netcord transport.
//!
//! Every peer simulates the whole game from the players' inputs. The network is slower than a tick, so a peer guesses
//! the others' inputs (what is held is held on), goes on, and when a guess was wrong, goes back and simulates
//! again. A session asks the game for that with values, [`Request`]s; it calls nothing back, reads no clock and knows
//! no game.
//!
//! # Quick start
//!
//! A game is a state that can be cloned, advanced by a tick, shown ([`Inspect`](netcord_wire::Inspect)) and turned
//! into bytes. A [`Runner`] keeps the copies and executes the requests; a frame is one call.
//!
//! ```
//! use netcord_session::{
//!     P2pConfig, P2pSession, PlayerIndex, Runner, SessionEvent, Simulation, Step, session_channels,
//! };
//! use netcord_wire::{ComponentId, FieldSink, Inspect, NetEntity, Schema};
//! # use netcord_session::ROLE_PLAYER;
//! # use netcord_transport::invite::*;
//! # use netcord_transport::{ChannelsConfig, Manifest, SecureRng, SecureTransport, Transport, lab::Network};
//! # use rand_core::SeedableRng as _;
//! # use std::time::Duration;
//!
//! /// Two players count how long they press a button.
//! #[derive(Clone, Default)]
//! struct Game {
//!     pressed: [i64; 2],
//! }
//!
//! impl Simulation for Game {
//!     type Input = u8;
//!
//!     fn advance(&mut self, step: &Step<u8>) {
//!         for (count, player) in self.pressed.iter_mut().zip([0, 1].map(PlayerIndex)) {
//!             *count += i64::from(step.inputs[player] != 0);
//!         }
//!     }
//!
//!     fn encode(&self, bytes: &mut Vec<u8>) {
//!         self.pressed.iter().for_each(|count| bytes.extend_from_slice(&count.to_le_bytes()));
//!     }
//!
//!     fn decode(bytes: &[u8]) -> Option<Self> {
//!         let (first, second) = bytes.split_first_chunk()?;
//!         Some(Self { pressed: [i64::from_le_bytes(*first), i64::from_le_bytes(second.try_into().ok()?)] })
//!     }
//! }
//!
//! impl Inspect for Game {
//!     fn inspect(&self, sink: &mut dyn FieldSink) {
//!         sink.component(NetEntity(0), ComponentId(0));
//!         self.pressed.iter().for_each(|&count| sink.field(count));
//!     }
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let network = Network::new(1);
//! # network.set_conditions("latency=50ms,loss=5%".parse()?);
//! # let addresses = ["10.0.0.1:4000".parse()?, "10.0.0.2:4000".parse()?];
//! # let protocol = protocol_id("doc");
//! # let host = InviteHost::new(InviteHostConfig::new(protocol, vec![addresses[0]]), SecureRng::seed_from_u64(1))?;
//! # let socket = network.socket(addresses[0])?;
//! # let channels = || ChannelsConfig::new(session_channels());
//! # let mut transport_of_host = SecureTransport::new(host, socket, channels(), Manifest::new(), 1_700_000_000)?;
//! # transport_of_host.receive(Duration::ZERO)?;
//! # let code = transport_of_host.endpoint_mut().invite(ROLE_PLAYER)?;
//! # let guest = InviteJoiner::new(&code, InviteJoinerConfig::new(protocol), SecureRng::seed_from_u64(2));
//! # let socket = network.socket(addresses[1])?;
//! # let transport_of_guest = SecureTransport::new(guest, socket, channels(), Manifest::new(), 1_700_000_000)?;
//! // Two transports with the channels that `session_channels` lists, connected by an invite.
//! let config = P2pConfig { schema: Schema::new().with("Game", &["first", "second"]), ..P2pConfig::default() };
//! let mut host = P2pSession::host(transport_of_host, config.clone())?;
//! let mut guest = P2pSession::join(transport_of_guest, config)?;
//! let (mut at_host, mut at_guest) = (Runner::new(Game::default()), Runner::new(Game::default()));
//!
//! # let mut now = Duration::ZERO;
//! # while now < Duration::from_secs(3) {
//! #     now += Duration::from_millis(5);
//! #     network.advance_to(now);
//! // In each one's frame:
//! at_host.frame(&mut host, now, |_game| 1)?;
//! while let Some(event) = host.next_event() {
//!     if let SessionEvent::Paused { player } = event {
//!         println!("waiting for {player}");
//!     }
//! }
//! #     at_guest.frame(&mut guest, now, |_game| 0)?;
//! # }
//! # assert!(at_guest.state().pressed[0] > 100 && at_guest.state().pressed[1] == 0);
//! # assert_eq!((host.stats().desyncs, guest.stats().lost_inputs), (0, 0));
//! # Ok(())
//! # }
//! ```
//!
//! # What is where
//!
//! - [`P2pSession`]: a match of two players and spectators, over any [`Transport`](netcord_transport::Transport):
//!   inputs, clock, pauses, desyncs. [`P2pConfig`] sets its rules, [`SessionEvent`]s tell what happens.
//! - [`SyncTestSession`]: finds out whether a game is deterministic, without a network. Run it in your tests.
//! - [`rollback`]: the core alone, for up to eight players and any topology.
//! - [`DesyncReport`]: the first tick at which two peers differ, and the field.
//!
//! # Pitfalls
//!
//! - Floats differ between machines, hash maps between runs. Use integers and ordered maps in what is simulated; the
//!   sync test finds what depends on order.
//! - A tick may be simulated many times. Play sounds only where [`Step::resimulating`] is false, or key them by the
//!   tick.
//! - [`Simulation::encode`] must hold the *whole* state, the random generator too: a player who comes back gets
//!   nothing else. The sync test goes through it.
//! - Ask for the input when a tick is due, not when a key is pressed: a key that is pressed and let go between two
//!   ticks is else never seen.
//! - The transport must reconnect by itself if a match is to survive a lost connection.
//!
//! The bytes are in STANDARD.md, section 7.
pub mod rollback;

mod clock;
mod delay;
mod desync;
mod error;
#[doc(hidden)]
pub mod fuzzing;
mod input;
mod p2p;
mod player_set;
mod protocol;
mod simulation;
mod stats;
mod sync_test;

pub use delay::InputDelay;
pub use desync::DesyncReport;
pub use error::{ProtocolError, SessionError};
pub use input::{InputStatus, Inputs, MAX_PLAYERS, PlayerIndex, PlayerInput};
pub use p2p::{
    MAX_STATE, OnDesync, Outcome, P2pConfig, P2pSession, PlayerGone, ROLE_PLAYER, ROLE_SPECTATOR,
    SessionEvent, SpectatorGone, first_game_channel, session_channels,
};
pub use rollback::{MAX_INPUT_DELAY, MAX_PREDICTION, Request, Step};
pub use simulation::{PacedSession, Runner, Session, Simulation, StateRing};
pub use stats::SessionStats;
pub use sync_test::{SyncTestConfig, SyncTestSession};
