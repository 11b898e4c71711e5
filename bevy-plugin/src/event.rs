//! What a match is in, and what the game is told of it.

use crate::desync::Desync;
use bevy_ecs::prelude::*;
use bevy_state::state::States;
use core::fmt;
use netcord::session::{Outcome, PlayerGone, PlayerIndex, SessionError};
use netcord::transport::TransportError;
use netcord::transport::invite::{InviteCode, InviteCodeError, InviteError};
use netcord::wire::Tick;

/// What the match is in: a Bevy state, for `in_state`, `OnEnter` and the like.
#[derive(States, Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum MatchState {
    /// There is none.
    #[default]
    Idle,
    /// We host, and wait for the others: show the invite codes.
    Waiting,
    /// We join: the host has not answered yet, or the match has not begun.
    Connecting,
    /// Ticks run.
    Playing,
    /// A player's connection is lost; no tick runs until it is back, or was waited for long enough.
    Paused,
    /// It has ended; its last state stands until [`leave_match`](crate::NetCommands::leave_match) or the next match.
    Over,
}

/// What happened in a match.
#[derive(Message, Debug)]
#[non_exhaustive]
pub enum MatchEvent {
    /// A seat is open: show the code to the one who shall have it. It lets one in, for half an hour. Whose connection is
    /// lost comes back without it. When a player leaves, or an invite expires, another follows for that seat.
    InviteReady {
        /// What to pass on. Its `Display` is what people read out and type.
        code: InviteCode,
        /// What the one who joins by it will be.
        seat: Seat,
    },
    /// An invite lets nobody in any more: it was used, or it expired. Show the code of another.
    InviteClosed {
        /// Which.
        code: InviteCode,
    },
    /// The match begins; [`Match`](crate::Match) says which.
    Started {
        /// Who we are; `None` for a spectator, and for a player who comes late, until its
        /// [`PlayerJoined`](Self::PlayerJoined).
        local: Option<PlayerIndex>,
        /// The first tick: above zero for who comes into a match that runs.
        tick: Tick,
    },
    /// The connection to a player is lost. No tick runs until it is back.
    Paused {
        /// Who is absent.
        player: PlayerIndex,
    },
    /// The absent player is back.
    Resumed {
        /// The first tick.
        tick: Tick,
    },
    /// A player takes part from now on, perhaps ourselves; in matches of more than two.
    PlayerJoined {
        /// Who.
        player: PlayerIndex,
        /// The first tick that its inputs count for.
        tick: Tick,
    },
    /// A player takes no part any more, and the match goes on without; in matches of more than two. All who stay are
    /// told the same tick; from then on [`PlayerInputs::status`](crate::PlayerInputs::status) says so, too.
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
    /// Our state and a peer's differ: a mistake in the game's rules. It says where to look.
    Desync(Box<Desync>),
    /// Somebody watches from now on (host only).
    SpectatorJoined,
    /// Somebody watches no more (host only).
    SpectatorLeft,
    /// Our input delay changed by itself.
    InputDelayChanged {
        /// The new delay.
        ticks: u32,
    },
    /// The match that we host can't be advertised on the local network. It is not harmed: show the invite code.
    #[cfg(feature = "lan")]
    LanFailed(crate::LanFailure),
    /// There is no match, or none any more. The error says why, and what to do.
    Failed(MatchError),
}

/// In words for a log, and for whoever tries a game out in a terminal.
impl fmt::Display for MatchEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InviteReady { code, seat: Seat::Player } => write!(f, "invite code for a player: {code}"),
            Self::InviteReady { code, seat: Seat::Spectator } => {
                write!(f, "invite code for a spectator: {code}")
            }
            Self::InviteClosed { code } => write!(f, "the invite code {code} lets nobody in any more"),
            Self::Started { local: Some(player), tick } => {
                write!(f, "the match begins at tick {tick}; we are {player}")
            }
            Self::Started { local: None, tick } => write!(f, "the match begins at tick {tick}; we watch"),
            Self::Paused { player } => write!(f, "{player} is absent: the match stands still"),
            Self::Resumed { tick } => write!(f, "the match goes on at tick {tick}"),
            Self::PlayerJoined { player, tick } => write!(f, "{player} takes part from tick {tick}"),
            Self::PlayerLeft { player, tick, reason } => {
                write!(f, "{player} is gone from tick {tick}: {reason:?}")
            }
            Self::HostChanged { host } => write!(f, "player {host} hosts from now on"),
            Self::Ended(Outcome::Disconnected(reason)) => write!(f, "the match is over: {reason}"),
            Self::Ended(outcome) => write!(f, "the match is over: {outcome:?}"),
            Self::Desync(desync) => desync.fmt(f),
            Self::SpectatorJoined => f.write_str("somebody watches"),
            Self::SpectatorLeft => f.write_str("somebody watches no more"),
            Self::InputDelayChanged { ticks } => write!(f, "the input delay is {ticks} ticks from now on"),
            #[cfg(feature = "lan")]
            Self::LanFailed(failure) => failure.fmt(f),
            Self::Failed(error) => error.fmt(f),
        }
    }
}

/// What an invite is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seat {
    /// To play.
    Player,
    /// To watch.
    Spectator,
}

/// Why a match can't be opened, or can't go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MatchError {
    /// There is a match already. Leave it with [`leave_match`](crate::NetCommands::leave_match) first.
    #[error("there is a match already: leave it with `commands.leave_match()` before opening another")]
    AlreadyInMatch,
    /// The text is no invite code. Let the player check what was typed.
    #[error("`{code}` is no invite code: {source}")]
    BadCode {
        /// What was typed.
        code: String,
        /// What is wrong with it.
        source: InviteCodeError,
    },
    /// The number of players is out of range. The text says which range.
    #[error("a match of {players} players can't be opened: it takes {range}")]
    Players {
        /// What was asked for.
        players: usize,
        /// What is possible.
        range: &'static str,
    },
    /// The socket can't be opened, or failed. If the port is in use, another copy of the game may run: choose
    /// another port, or port 0.
    #[error("{source}{}", advice(.source))]
    Transport {
        /// What failed.
        #[from]
        source: TransportError,
    },
    /// No invite could be made. The text says what to do.
    #[error(transparent)]
    Invite(#[from] InviteError),
    /// The session can't go on, or was configured wrongly.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// The host began a match in a way that this version can't read. Leave; report it when both have the same version.
    #[error("the host sent a start of the match that can't be read")]
    BadSetup,
}

/// What to do about it.
fn advice(error: &TransportError) -> &'static str {
    match error {
        TransportError::Bind { .. } => {
            "; choose another port, or port 0 to let the system choose, or close the other program (a second copy of \
             the game?)"
        }
        _ => "",
    }
}
