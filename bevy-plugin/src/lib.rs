//! Networked games in Bevy: peer-to-peer matches with rollback, joined by an invite code.

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
mod identity;
mod link;
mod local;
mod messages;
mod options;
mod plugin;
mod progress;
mod schedule;
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
    pub use netcord::session::{InputStatus, Outcome, PlayerIndex, PlayerInput};
    pub use netcord::wire::{GameRng, NetEntity, Tick};
}
