//! Why a match could not be played, in words that say what to do.

use netcord::session::SessionError;
use netcord::transport::invite::InviteError;
use netcord::transport::{DisconnectReason, TransportError};
use std::io;

/// Why the program ends with an error.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[cfg(feature = "window")]
    #[error(transparent)]
    NoWindow(#[from] demo_ui::NoWindow),
    #[cfg(not(feature = "window"))]
    #[error("this Pong was built without its window: add --headless --bot, and a bot plays")]
    NoWindow,
    #[error("without a window nobody can press a key: add --bot, and a bot plays")]
    NoKeys,
    #[error("more than two play in windows only: leave --headless out (with --bot, a bot plays there, too)")]
    TwoAtMost,
    #[error(
        "nobody joined within {0} s. The other one runs `pong join CODE` with the code above; if both of you host, \
         one must join instead"
    )]
    NobodyJoined(u32),
    #[error("{}", advice(.0))]
    Disconnected(DisconnectReason),
    #[error("the match ended early: {0}")]
    Broken(String),
    #[error("{0}{hint}", hint = port_hint(.0))]
    Transport(#[from] TransportError),
    #[error(transparent)]
    Session(#[from] SessionError),
    #[error(transparent)]
    Invite(#[from] InviteError),
    #[error("the same tick gave different states when it was simulated again:\n{0}")]
    SyncTest(String),
}

impl Failure {
    pub(crate) fn socket(source: io::Error) -> Self {
        Self::Transport(TransportError::Socket(source))
    }
}

fn port_hint(error: &TransportError) -> &'static str {
    match error {
        TransportError::Bind { source, .. } if source.kind() == io::ErrorKind::AddrInUse => {
            ". Another program, maybe another Pong, has this port: leave --port out, and a free one is chosen"
        }
        _ => "",
    }
}

/// What to do about a connection that could not be made, or ended for good.
pub(crate) fn advice(reason: &DisconnectReason) -> String {
    let advice = match reason {
        DisconnectReason::NoAnswer => {
            "is the host still waiting, and is the code its newest? If so, a firewall or router is in the way: the host's \
             UDP port must be open (a fixed --port, forwarded, and --advertise with the public address)"
        }
        DisconnectReason::InviteSpent => "ask the host for a new code: each is good for one player",
        DisconnectReason::TimedOut => {
            "the network is gone, or the other program; start again when it is back"
        }
        DisconnectReason::Denied => "ask the host to make room",
        DisconnectReason::Incompatible(_) => "both must run the same version of Pong",
        _ => "start again",
    };
    format!("{reason}: {advice}")
}
