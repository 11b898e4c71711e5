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
//! # More than two players
//!
//! With [`P2pConfig::players`] above two, and a transport that can introduce peers to each other, up to eight play in a
//! full mesh, and come and go while the match runs. Each process has a
//! [`MeshEndpoint`](netcord_transport::invite::MeshEndpoint), and its session
//! [`with_introductions`](P2pSession::with_introductions):
//!
//! ```
//! # use netcord_session::{P2pConfig, P2pSession, ROLE_PLAYER, Runner, SessionEvent, Simulation, Step, session_channels};
//! # use netcord_transport::invite::*;
//! # use netcord_transport::lab::{LabSocket, Network};
//! # use netcord_transport::{ChannelsConfig, Manifest, SecureRng, SecureTransport, Transport};
//! # use netcord_wire::{ComponentId, FieldSink, Inspect, NetEntity, Schema};
//! # use rand_core::SeedableRng as _;
//! # use std::{net::SocketAddr, time::Duration};
//! # #[derive(Clone, Default)]
//! # struct Game { pressed: [i64; 3] }
//! # impl Simulation for Game {
//! #     type Input = u8;
//! #     fn advance(&mut self, step: &Step<u8>) {
//! #         for (count, input) in self.pressed.iter_mut().zip(step.inputs.values()) { *count += i64::from(*input); }
//! #     }
//! #     fn encode(&self, bytes: &mut Vec<u8>) {
//! #         self.pressed.iter().for_each(|count| bytes.extend_from_slice(&count.to_le_bytes()));
//! #     }
//! #     fn decode(bytes: &[u8]) -> Option<Self> {
//! #         let (counts, []) = bytes.as_chunks::<8>() else { return None };
//! #         let counts: Vec<_> = counts.iter().map(|count| i64::from_le_bytes(*count)).collect();
//! #         Some(Self { pressed: counts.try_into().ok()? })
//! #     }
//! # }
//! # impl Inspect for Game {
//! #     fn inspect(&self, sink: &mut dyn FieldSink) {
//! #         sink.component(NetEntity(0), ComponentId(0));
//! #         self.pressed.iter().for_each(|&count| sink.field(count));
//! #     }
//! # }
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let network = Network::new(1);
//! # network.set_conditions("latency=20ms,loss=2%".parse()?);
//! # let address = |process: u8| SocketAddr::from(([10, 0, 0, process], 4000));
//! # let rng = |process: u8| SecureRng::seed_from_u64(process.into());
//! # let protocol = protocol_id("doc");
//! # let schema = || Schema::new().with("Game", &["first", "second", "third"]);
//! # let channels = || ChannelsConfig::new(session_channels());
//! # let transport = |endpoint: MeshEndpoint, process: u8| -> Result<_, Box<dyn std::error::Error>> {
//! #     let socket = network.socket(address(process))?;
//! #     Ok(SecureTransport::new(endpoint, socket, channels(), Manifest::new(), 1_700_000_000)?)
//! # };
//! # // The addresses at which others reach a process.
//! # let at = |process: u8| InviteHostConfig::new(protocol, vec![address(process)]);
//! let config = || P2pConfig { players: 3, min_players: Some(2), schema: schema(), ..P2pConfig::default() };
//! let mut transport_of_host = transport(MeshEndpoint::host(at(1), rng(1))?, 1)?;
//! # transport_of_host.receive(Duration::ZERO)?;
//! let mut peers = Vec::new();
//! for process in [2, 3] {
//!     let code = transport_of_host.endpoint_mut().invite(ROLE_PLAYER)?;
//!     let endpoint = MeshEndpoint::join(&code, InviteJoinerConfig::new(protocol), at(process), rng(process))?;
//!     let guest = P2pSession::join(transport(endpoint, process)?, config())?.with_introductions();
//!     peers.push((guest, Runner::new(Game::default())));
//! }
//! let host = P2pSession::host(transport_of_host, config())?.with_introductions();
//! peers.push((host, Runner::new(Game::default())));
//!
//! let mut now = Duration::ZERO;
//! while now < Duration::from_secs(6) {
//!     now += Duration::from_millis(5);
//!     # network.advance_to(now);
//!     if now == Duration::from_secs(3) {
//!         // The host goes, and the match goes on without it.
//!         let (mut host, mut runner) = peers.pop().expect("three are there");
//!         host.leave(0);
//!         runner.frame(&mut host, now, |_game| 1)?;
//!     }
//!     for (session, runner) in &mut peers {
//!         runner.frame(session, now, |_game| 1)?;
//!         while let Some(event) = session.next_event() {
//!             if let SessionEvent::HostChanged { host } = event {
//!                 println!("{host} hosts now");
//!             }
//!         }
//!     }
//! }
//! let [(one, game), (other, _)] = &peers[..] else { panic!("two stay") };
//! assert_eq!((one.host_term(), one.players().count()), (1, 2));
//! # assert_eq!((one.host_player(), one.local_player()), (other.host_player(), Some(one.host_player())));
//! # assert_eq!((one.stats().desyncs, other.stats().desyncs), (0, 0));
//! assert!(game.state().pressed.iter().all(|&count| count > 100));
//! # Ok(())
//! # }
//! ```
//!
//! **Who decides.** The states are everybody's; who takes part in them is the host's word. It seats those who come,
//! introduces them to each other, hands the state to newcomers, and proposes each change of who takes part, on which all
//! agree. Player 0 opens the match and hosts it, until it is gone. A match of two has none of this: it pauses while
//! one is away, and ends when one leaves.
//!
//! **Inputs** go from each to each. Between two guests who find no way to each other, or as long as nothing comes that
//! way, the host passes them on.
//!
//! **Who leaves** is gone from the same tick on for all: the guests tell the host which of its inputs they know, and the last
//! of them is its last. Meanwhile the match runs as far as prediction goes. One whose connection is lost is waited for, for
//! [`drop_after`](P2pConfig::drop_after), then removed likewise. From then on its input is the default, with
//! [`InputStatus::Disconnected`].
//!
//! **Who comes late**, or comes back after it was removed or its process was restarted, gets the state, watches, and
//! takes part as soon as it has caught up: [`PlayerJoined`](SessionEvent::PlayerJoined), which need not have the tick of
//! [`Started`](SessionEvent::Started). It has its old seat if that is still empty.
//!
//! **When the host is gone**, the guests go on by themselves: at once if it left on purpose, else after
//! [`hand_over_after`](P2pConfig::hand_over_after). The lowest player of those who reach each other takes its place. That
//! takes two guests who are connected: one alone waits for its host, until [`forfeit_after`](P2pConfig::forfeit_after).
//!
//! **In a split** each side of two or more plays on, with the host or with one who took its place. When they meet again, the side
//! of the older host counts: the others give their own match up for the state of that one, and join it. What they played meanwhile
//! is void. A player who is cut off from all others waits.
//!
//! **Spectators** are connected to one host, and see what is confirmed, a fraction of a second after the players. One that
//! fell behind plays up to twice as fast until it has caught up. The host keeps
//! [`spectator_backlog`](P2pConfig::spectator_backlog) ticks for them: who falls further behind is dropped with
//! [`TooSlow`](SpectatorGone::TooSlow), or leaves with [`FellBehind`](Outcome::FellBehind), and may come again. No player
//! ever waits for one. When their host is gone, their match pauses, and ends if it does not come back: watch another.
//!
//! **Whom to trust.** The host is believed about the state and about who takes part. A guest is believed about itself alone: it
//! can refuse to play along, but neither speak for others nor remove them. Two exceptions: while the host's place is empty,
//! whoever takes it is believed; and one who tells two others different inputs makes their states differ. That is found, and
//! reported as a desync, not prevented.
//!
//! # Limits
//!
//! | what | limit |
//! |---|---|
//! | players | 2 to 8 ([`MAX_PLAYERS`]) |
//! | spectators | 8 by default ([`P2pConfig::max_spectators`]) |
//! | an input | 1 to 64 bytes |
//! | prediction | 1 to 32 ticks ([`MAX_PREDICTION`]) |
//! | input delay | 0 to 15 ticks ([`MAX_INPUT_DELAY`]) |
//! | ticks | 1 to 1,000 a second |
//! | a state, to be sent | 1 MiB ([`MAX_STATE`]) |
//! | the setup | 4,096 bytes |
//! | hashes that are kept | 128 ticks |
//! | the game's messages that wait to be read | 4,096 events |
//!
//! # What is where
//!
//! - [`P2pSession`]: a match of two to eight players and spectators, over any
//!   [`Transport`](netcord_transport::Transport): inputs, clock, pauses, who comes and goes, desyncs. [`P2pConfig`] sets
//!   its rules, [`SessionEvent`]s tell what happens.
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
