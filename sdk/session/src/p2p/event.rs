//! What a session tells the game.

use crate::{DesyncReport, PlayerIndex, ProtocolError};
use netcord_transport::{ChannelId, DisconnectReason, PeerId};
use netcord_wire::Tick;

/// Something that happened in a match.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum SessionEvent {
    /// The match begins, or a spectator or a player who knows nothing comes into it. Who comes into a match that runs
    /// watches until its own [`PlayerJoined`](Self::PlayerJoined).
    Started {
        /// Who we are; `None` for a spectator, and for a player who watches until it can join.
        local: Option<PlayerIndex>,
        /// The first tick.
        tick: Tick,
        /// What the host's game said to all, [`P2pConfig::setup`](crate::P2pConfig::setup).
        setup: Vec<u8>,
    },
    /// The connection to a player (to a spectator: to the host) is lost. No tick runs until it is back, or, where
    /// more than two play, until it is dropped.
    Paused {
        /// Who is absent.
        player: PlayerIndex,
    },
    /// The match goes on: the absent player is back, or was dropped.
    Resumed {
        /// The first tick; some ticks before the pause may run once more.
        tick: Tick,
    },
    /// A player takes part from now on, perhaps ourselves; in matches of more than two.
    PlayerJoined {
        /// Who.
        player: PlayerIndex,
        /// The first tick that its inputs count for.
        tick: Tick,
    },
    /// A player takes no part any more, and the match goes on without; in matches of more than two. All who stay say
    /// the same tick.
    PlayerLeft {
        /// Who.
        player: PlayerIndex,
        /// The first tick without its inputs.
        tick: Tick,
        /// Why.
        reason: PlayerGone,
    },
    /// Another player hosts from now on; in matches of more than two.
    HostChanged {
        /// Who; perhaps ourselves.
        host: PlayerIndex,
    },
    /// The match is over. One more may follow when a verdict that was not authoritative is corrected by the host.
    Ended(Outcome),
    /// Our state and a peer's differ, though both had the same inputs: a bug of the game, or a forged game.
    Desync(Box<DesyncReport>),
    /// Someone watches from now on (host only).
    SpectatorJoined {
        /// The connection.
        peer: PeerId,
    },
    /// A spectator is gone (host only).
    SpectatorLeft {
        /// The connection.
        peer: PeerId,
        /// Why.
        reason: SpectatorGone,
    },
    /// Our input delay changed by itself.
    InputDelayChanged {
        /// The new delay.
        ticks: u32,
    },
    /// A message on one of the game's own channels.
    Message {
        /// Who sent it.
        peer: PeerId,
        /// The channel.
        channel: ChannelId,
        /// The bytes.
        payload: Vec<u8>,
    },
}

/// How a match ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// A player was absent for longer than the match waits. Of two, the other has won; of more, all others are gone, or
    /// we were cut off from them.
    Forfeit {
        /// Who was absent.
        absent: PlayerIndex,
        /// Whether the host said so. In a true partition each side sees the other absent; the host's view counts,
        /// and is told as soon as the two meet again. A host that was suspended for so long was absent itself.
        authoritative: bool,
    },
    /// A player left on purpose, perhaps ourselves, and nobody is left to play with.
    Left {
        /// Who.
        player: PlayerIndex,
        /// The code that was given to [`leave`](crate::P2pSession::leave).
        code: u32,
    },
    /// The states differ, and the match was to end then.
    Desync,
    /// A player without whom there is no match sent what no honest peer sends: the other of two, or the host.
    Broken {
        /// Who.
        player: PlayerIndex,
        /// What; `None` when it was the host that saw it.
        error: Option<ProtocolError>,
    },
    /// The connection ended for good, or never came about. The reason says what to do.
    Disconnected(DisconnectReason),
    /// We watched, and fell further behind than the host keeps inputs. Watch again.
    FellBehind,
}

/// Why a player takes no part any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PlayerGone {
    /// It left on purpose.
    Left {
        /// The code that was given to [`leave`](crate::P2pSession::leave).
        code: u32,
    },
    /// Its connection was lost for too long, or its game was started anew.
    Lost,
    /// It broke the protocol.
    Broken,
}

/// Why a spectator is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SpectatorGone {
    /// The connection ended.
    Disconnected(DisconnectReason),
    /// It took in less than the match brought forth.
    TooSlow,
    /// It did not start in time.
    NoStart,
    /// It broke the protocol.
    Broken(ProtocolError),
}
