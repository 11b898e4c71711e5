//! Networked games in Bevy: peer-to-peer matches of two to eight players, with rollback, joined by an invite code.
//!
//! Every player's machine simulates the whole game. Only inputs go over the network, so a match costs a few kilobytes
//! a second, whatever it shows. Where the others' inputs are not known yet, they are guessed; when a guess was wrong, the
//! game goes back to the tick before and simulates again, in the same frame. The players see their own keys at once.
//!
//! That asks for one thing: the rules must be *deterministic*. This crate does the rest, and helps with that: it names
//! what differs, down to the field, and [`testing`] finds it before your players do.
//!
//! # Quick start
//!
//! A whole game, but for the drawing:
//!
//! ```
//! use bevy_app::prelude::*;
//! use bevy_ecs::prelude::*;
//! use bevy_netcord::prelude::*;
//! use serde::{Deserialize, Serialize};
//!
//! /// What is rolled back: a component of the match's entities, and a resource.
//! #[derive(Component, Clone, Serialize, Deserialize)]
//! struct Runner {
//!     player: u8,
//!     meters: u32,
//! }
//!
//! #[derive(Resource, Clone, Default, Serialize, Deserialize)]
//! struct Winner(Option<u8>);
//!
//! fn main() {
//!     let mut app = App::new();
//!     // After Bevy's `DefaultPlugins`. `u8` is the type of the inputs; see `PlayerInput` for your own.
//!     app.add_plugins(NetcordPlugins::p2p::<u8>(NetConfig::new("sprint")))
//!         .rollback::<Runner>()
//!         .rollback_resource::<Winner>()
//!         .add_systems(NetStart, line_up)
//!         .add_systems(NetInput, read_keys)
//!         .add_systems(NetUpdate, (run, judge).chain())
//!         .add_systems(Startup, |mut commands: Commands| commands.host_match(HostOptions::new()))
//!         .add_systems(Update, show_invite);
//!     # app.update();
//!     # app.update();
//!     // app.run();
//! }
//!
//! /// Once per match, on every peer.
//! fn line_up(mut commands: Commands, current: Res<Match>) {
//!     for player in 0..current.players as u8 {
//!         commands.spawn((Rollback, Runner { player, meters: 0 }));
//!     }
//! }
//!
//! /// Before each new tick, on this machine alone: what does our player do?
//! fn read_keys(mut input: ResMut<LocalInput<u8>>) {
//!     **input = 1; // if keys.pressed(KeyCode::Space) { 1 } else { 0 }
//! }
//!
//! /// Each tick, with everybody's inputs, and again when a tick is replayed.
//! fn run(mut runners: Query<&mut Runner>, inputs: Res<PlayerInputs<u8>>) {
//!     for mut runner in &mut runners {
//!         runner.meters += u32::from(inputs[PlayerIndex(runner.player)]);
//!     }
//! }
//!
//! fn judge(runners: Query<&Runner>, mut winner: ResMut<Winner>) {
//!     if winner.0.is_none() {
//!         winner.0 = runners.iter().filter(|runner| runner.meters >= 600).map(|runner| runner.player).min();
//!     }
//! }
//!
//! fn show_invite(mut events: MessageReader<MatchEvent>) {
//!     for event in events.read() {
//!         match event {
//!             // The friend types it in: `commands.join_match(code)`.
//!             MatchEvent::InviteReady { code, .. } => println!("join with {code}"),
//!             MatchEvent::Desync(desync) => println!("{desync}"),
//!             MatchEvent::Failed(error) => println!("{error}"),
//!             _ => {}
//!         }
//!     }
//! }
//! ```
//!
//! # Where what goes
//!
//! | schedule | runs | for |
//! |---|---|---|
//! | [`NetStart`] | once per match, before its first tick, on every peer | spawning the world of the match |
//! | [`NetInput`] | before each new tick, on this machine only | keys and sticks into [`LocalInput`] |
//! | [`NetUpdate`] | each tick, and again in replays | the rules |
//! | `Update` and the others | each frame | drawing, sound, menus; they read the match and don't write it |
//!
//! All of it happens between `PreUpdate`, where Bevy reads the keys, and `Update`. [`NetUpdate`]'s systems run on one
//! thread. Give those that touch the same data an order (`.chain()`, `.before()`): Bevy warns of those without, because
//! an order that differs between two machines is a desync.
//!
//! # Matches
//!
//! Matches are opened and left by [commands](NetCommands): `host_match`, `join_match`, `local_match`, `leave_match`. What
//! comes of it is the Bevy state [`MatchState`] (for `in_state` and `OnEnter`) and [`MatchEvent`]s. A connection that is
//! lost comes back by itself, and the state of the match with it; meanwhile the match is [paused](MatchState::Paused).
//! In a match of more than two, the others go on without the absent one after a while, and it joins again when it is back.
//!
//! Two to eight play: `HostOptions::new().with_players(4).with_spectators(2)`. The match begins when all players are
//! there, or with fewer: `with_min_players(2)`. For each seat the host is told a code, [`MatchEvent::InviteReady`],
//! which lets one in; when a player is gone, a code for the free seat follows. [`MatchEvent::Paused`] says for whom the
//! match waits, [`MatchEvent::PlayerLeft`] and [`MatchEvent::PlayerJoined`] who takes part, and the [`Connection`]s who
//! is there.
//!
//! A [`Match`] tells the seed for random numbers, what the host set up, and who we are:
//!
//! ```
//! # use bevy_ecs::prelude::*;
//! # use bevy_netcord::prelude::*;
//! # use serde::{Deserialize, Serialize};
//! #[derive(Resource, Clone, Serialize, Deserialize)]
//! struct Dice(GameRng);
//!
//! impl Default for Dice {
//!     fn default() -> Self {
//!         Self(GameRng::new(0))
//!     }
//! }
//!
//! fn shuffle_dice(mut dice: ResMut<Dice>, current: Res<Match>) {
//!     dice.0 = GameRng::new(current.seed);
//! }
//! # let mut app = bevy_app::App::new();
//! # app.add_plugins(NetcordPlugins::p2p::<u8>(NetConfig::new("doc")));
//! app.rollback_resource::<Dice>().add_systems(NetStart, shuffle_dice);
//! ```
//!
//! # On the local network
//!
//! With the feature `lan`, players on one network need no code. The host gives its match a name with
//! `HostOptions::with_lan_name`; it is advertised by mDNS while there are free seats. `commands.browse_lan()` lists such
//! matches in the resource `LanGames`: name, players, version, and the code to join by, or why there is none. Whoever is
//! on the network can come in then; among strangers, keep the code with `HostOptions::with_lan_code(false)`. Where mDNS
//! can't be spoken, `LanGames::failure` and `MatchEvent::LanFailed` say so in words for the player; codes work all the
//! same.
//!
//! # What is rolled back
//!
//! Entities with [`Rollback`], spawned in [`NetStart`] or [`NetUpdate`]. They get a [`NetId`], the same on every peer
//! and in every replay; components name other entities by it, as [`NetEntity`](netcord::wire::NetEntity), and
//! [`NetEntities`] finds them.
//!
//! | | what rollback does to it | test |
//! |---|---|---|
//! | registered components, inserts, removals | restored | `tests/structure.rs` |
//! | registered resources, inserts, removals | restored; each match starts from the value at the start of the app | `tests/structure.rs`, `tests/state_transfer.rs` |
//! | spawns and despawns | taken back; an entity that comes back has the same [`NetId`], and another `Entity` | `tests/structure.rs` |
//! | unregistered components | stay as they are; gone when their entity was gone: add them in an observer of `On<Add<Rollback>>`, which sees all registered ones, also of an entity that comes back | `tests/structure.rs`, `tests/observers.rs` |
//! | hierarchy (`ChildOf`) between entities of the match, and the order of children | restored | `tests/hierarchy.rs` |
//! | children outside of the match | stay, or go with their parent | `tests/hierarchy.rs` |
//! | change ticks | what going back writes is `Changed`; what was not written since then is not. Right for drawing, wrong for rules: don't use `Changed` and `Added` in [`NetUpdate`] | `tests/change_detection.rs` |
//! | order of queries | may differ after going back, and between peers: `query.iter().sort::<&NetId>()` where it matters | `tests/sync_test.rs` |
//! | messages between systems | with [`rollback_message`](NetApp::rollback_message): they live for the rest of their tick; others are seen again in each replay | `tests/rollback_messages.rs` |
//! | observers | run again in each replay, and for what comes back | `tests/observers.rs` |
//! | `Local` | not restored: don't use it in [`NetUpdate`] | `tests/sync_test.rs` |
//! | sounds and other effects | told once: [`EffectWriter`] | `tests/effects.rs` |
//! | messages to peers | not part of it: [`ToPeers`] | `tests/net_messages.rs` |
//!
//! # Effects
//!
//! A sound must not play again because its tick is replayed. Systems of [`NetUpdate`] write effects with an
//! [`EffectWriter`], and systems of `Update` read [`Effect`]s: each is told once, and taken back if it did not happen.
//!
//! # Messages
//!
//! Chat and the like go beside the simulation:
//!
//! ```
//! # use bevy_ecs::prelude::*;
//! # use bevy_netcord::prelude::*;
//! # use serde::{Deserialize, Serialize};
//! #[derive(Message, Serialize, Deserialize)]
//! struct Chat(String);
//!
//! fn greet(mut chat: MessageWriter<ToPeers<Chat>>) {
//!     chat.write(ToPeers::all(Chat("good luck".into())));
//! }
//!
//! fn read(mut chat: MessageReader<FromPeer<Chat>>) {
//!     for FromPeer { player, message: Chat(text), .. } in chat.read() {
//!         println!("{player:?}: {text}");
//!     }
//! }
//! # let mut app = bevy_app::App::new();
//! # app.add_plugins(NetcordPlugins::p2p::<u8>(NetConfig::new("doc")));
//! app.add_net_message::<Chat>(Channel::ReliableOrdered)
//!     .add_systems(bevy_app::Update, read)
//!     .add_systems(bevy_state::state::OnEnter(MatchState::Playing), greet);
//! ```
//!
//! Who we are connected to are entities with [`Connection`] and [`LinkQuality`].
//!
//! # When states differ
//!
//! The peers compare hashes of the final states. When they differ, [`MatchEvent::Desync`] says at which tick, in which
//! entity, component and field, and both values; and it lists what changes in [`NetUpdate`] without being registered,
//! which is the usual cause. [`testing::sync_test`] finds the same on one machine, and [`testing::TestMatch`] plays whole
//! matches between copies of your game over a bad network, in milliseconds:
//!
//! ```
//! use bevy_ecs::prelude::*;
//! use bevy_netcord::prelude::*;
//! use bevy_netcord::testing::{TestMatch, sync_test};
//! # use serde::{Deserialize, Serialize};
//! # #[derive(Resource, Clone, Default, Serialize, Deserialize)]
//! # struct Total(u32);
//! # fn add(mut total: ResMut<Total>, inputs: Res<PlayerInputs<u8>>) {
//! #     total.0 += inputs.iter().map(|(_, input)| u32::from(input)).sum::<u32>();
//! # }
//!
//! fn my_game(app: &mut bevy_app::App) {
//!     app.rollback_resource::<Total>().add_systems(NetUpdate, add);
//! }
//!
//! let mut rng = GameRng::new(1);
//! assert!(sync_test(2, 300, my_game, |_tick, _player| rng.below(2) as u8).is_ok());
//!
//! let conditions = "latency=80ms,jitter=20ms,loss=5%".parse()?;
//! let mut game = TestMatch::<u8>::new(2, conditions, 7, my_game);
//! game.run_until_playing();
//! game.set_input(1, 1);
//! game.frames(120);
//! game.assert_equal();
//! assert!(game.world(0).resource::<Total>().0 > 90);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Read [`pitfalls`] before the first match over a network.
//!
//! # How it runs
//!
//! [`NetStats`] and Bevy's `DiagnosticsStore` ([`NetDiagnostics`]) tell round trip, losses, bytes, how far the game went
//! back and what that cost. Saving, going back and simulating take columns of memory and no more: `cargo run --release
//! -p bevy_netcord --example cost` shows what 1,000 entities cost.
//!
//! # Saves
//!
//! With the feature `save`, `app.persist::<Progress>("progress", policy)` keeps a resource in an encrypted file: loaded
//! before the first frame, saved when it changes, whole whenever the power goes.
#![cfg_attr(feature = "save", doc = "See [`persist`].")]
//!
//! # Highscores
//!
//! With the feature `scores`, runs are handed in to a service that plays them again before they count, and tables and
//! replays come back: in the background, also when the network is gone for a while.
#![cfg_attr(feature = "scores", doc = "See [`scores`].")]
//!
//! # The figures on the screen
//!
//! With the feature `overlay`, `app.add_plugins(NetOverlay::default())` shows them in a corner of the window: at F3, or
//! at the key that the game chooses; font, colours and place are the game's to choose as well. It draws with Bevy's UI
//! and knows no renderer, so an app without one still builds.

mod commands;
mod connection;
mod desync;
mod diagnostics;
mod effects;
mod engine;
mod event;
mod fields;
mod guard;
mod hooks;
mod hosting;
mod identity;
#[cfg(feature = "lan")]
mod lan;
mod link;
mod local;
mod messages;
mod options;
#[cfg(feature = "overlay")]
pub mod overlay;
#[cfg(feature = "save")]
pub mod persist;
pub mod pitfalls;
mod plugin;
mod progress;
mod schedule;
#[cfg(feature = "scores")]
pub mod scores;
mod shuffle;
mod storage;
mod suspects;
pub mod testing;
#[cfg(test)]
mod three_peers;

pub use commands::NetCommands;
pub use connection::{Connection, LinkQuality};
pub use desync::{Desync, Difference};
pub use diagnostics::{NetDiagnostics, NetStats};
pub use effects::{Effect, EffectLog, EffectWriter};
pub use event::{MatchError, MatchEvent, MatchState, Seat};
pub use identity::{NetEntities, NetId, Rollback};
#[cfg(feature = "lan")]
pub use lan::{LanFailure, LanGame, LanGames, NotJoinable};
pub use messages::{Channel, FromPeer, MAX_MESSAGE, Recipients, ToPeers};
pub use netcord;
pub use options::{HostOptions, JoinOptions, NetConfig};
pub use plugin::{NetApp, NetcordPlugins, P2pPlugin};
pub use progress::NetSession;
pub use schedule::{
    LocalInput, LocalInputs, Match, NetInput, NetStart, NetTime, NetUpdate, PlayerInputs, in_match, is_host,
    is_resimulating,
};

/// What most games use.
pub mod prelude {
    pub use crate::{
        Channel, Connection, Effect, EffectWriter, FromPeer, HostOptions, JoinOptions, LocalInput,
        LocalInputs, Match, MatchEvent, MatchState, NetApp, NetCommands, NetConfig, NetEntities, NetId,
        NetInput, NetSession, NetStart, NetTime, NetUpdate, NetcordPlugins, PlayerInputs, Rollback, ToPeers,
        in_match, is_host, is_resimulating,
    };
    #[cfg(feature = "lan")]
    pub use crate::{LanGame, LanGames};
    pub use netcord::session::{InputStatus, Outcome, PlayerIndex, PlayerInput};
    pub use netcord::wire::{GameRng, NetEntity, Tick};
}
