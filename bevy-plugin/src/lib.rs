//! Networked games in Bevy: peer-to-peer matches with rollback, joined by an invite code.

mod commands;
mod desync;
mod engine;
mod event;
mod fields;
mod guard;
mod identity;
mod link;
mod local;
mod options;
mod progress;
mod plugin;
mod schedule;
mod shuffle;
mod storage;
pub mod testing;
#[cfg(test)]
mod three_peers;

pub use commands::NetCommands;
pub use desync::{Desync, Difference};
pub use event::{MatchError, MatchEvent, MatchState, Seat};
pub use identity::{NetEntities, NetId, Rollback};
pub use netcord;
pub use options::{HostOptions, JoinOptions, NetConfig};
pub use progress::NetSession;
pub use plugin::{NetApp, NetcordPlugins, P2pPlugin};
pub use schedule::{
    LocalInput, LocalInputs, Match, NetInput, NetStart, NetTime, NetUpdate, PlayerInputs, in_match, is_host,
    is_resimulating,
};

/// What most games use.
pub mod prelude {
    pub use crate::{
        HostOptions, JoinOptions, LocalInput, LocalInputs, Match, MatchEvent, MatchState, NetApp,
        NetCommands, NetConfig, NetEntities, NetId, NetInput, NetSession, NetStart, NetTime, NetUpdate, NetcordPlugins,
        PlayerInputs, Rollback, in_match, is_host, is_resimulating,
    };
    pub use netcord::session::{InputStatus, Outcome, PlayerIndex, PlayerInput};
    pub use netcord::wire::{GameRng, NetEntity, Tick};
}
