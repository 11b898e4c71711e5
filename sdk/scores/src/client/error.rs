//! What can go wrong with a call, and what to do about it.

use crate::api::{Code, Problem};
use std::error::Error;
use std::time::Duration;

/// Why a call came to nothing.
///
/// An [`Outbox`](super::Outbox) deals with all of them; who calls by hand asks [`is_transient`](Self::is_transient).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// The address is none of a service. Ask for another one.
    #[error("{url:?} is no address of a service: {why}")]
    BadUrl {
        /// The address.
        url: String,
        /// What is wrong with it.
        why: &'static str,
    },

    /// The proxy's address is none: correct the setting.
    #[error("{proxy:?} is no proxy: http://host:port or socks5://host:port")]
    BadProxy {
        /// The address.
        proxy: String,
    },

    /// There is no certificate in the text, or one that is damaged: correct the file.
    #[error("no certificates can be read: {why}")]
    BadRoots {
        /// What is wrong with them.
        why: String,
    },

    /// The service can't be reached: this machine is offline, or the service is down. Or the connection broke, and the
    /// service may have done what it was asked. Try again later; show what there is.
    #[error("can't reach {url}: {why}")]
    Unreachable {
        /// The service.
        url: String,
        /// What went wrong, for people.
        why: String,
        /// What the system said, where it did.
        source: Option<Box<dyn Error + Send + Sync>>,
    },

    /// No answer came in time; the service may have done what it was asked. Try again later.
    #[error("{url} did not answer in time ({what})")]
    TimedOut {
        /// The service.
        url: String,
        /// What took so long.
        what: String,
    },

    /// What answers can't prove that it is the service: its certificate has another name, is too old, or was signed by nobody
    /// that this client trusts. In a hotel it may be the network's own page; with a clock that is far off it is any
    /// certificate. Try again later, and tell the player.
    #[error("{url} can't be trusted: {why}")]
    Untrusted {
        /// The service.
        url: String,
        /// What is wrong with it, for people.
        why: String,
        /// What TLS said.
        source: Box<dyn Error + Send + Sync>,
    },

    /// Something answers, but not as a service of scores would: a network's login page, a proxy whose server is down,
    /// another program at this port. Try again later, and tell the player what it is.
    #[error("{url} does not answer as a service of scores: {what}")]
    NotAScoreService {
        /// The service.
        url: String,
        /// What it did.
        what: String,
        /// When to try again, if it said so.
        retry_after: Option<Duration>,
    },

    /// The service refuses, and says why: look at [`Problem::code`]. [`Problem::detail`] is for the player.
    #[error("the service refuses: {}", .0.detail)]
    Problem(Problem),

    /// The system has no randomness, without which nothing can be signed. Try again, then tell the player.
    #[error("the system has no randomness")]
    NoRandomness(#[source] std::io::Error),
}

impl ClientError {
    /// Whether the same call may succeed later.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::BadUrl { .. } | Self::BadProxy { .. } | Self::BadRoots { .. } => false,
            Self::Unreachable { .. }
            | Self::TimedOut { .. }
            | Self::Untrusted { .. }
            | Self::NotAScoreService { .. }
            | Self::NoRandomness(_) => true,
            Self::Problem(problem) => match problem.code {
                // A request that a proxy changed, or that was signed for the service by another of its names, is none that
                // this client can mend; but whoever runs the service can.
                Code::BadSignature | Code::ReplayedRequest | Code::ClockSkew => true,
                Code::TooSoon | Code::TooCostly => true,
                Code::RequestTimeout | Code::RateLimited | Code::Busy | Code::Internal => true,
                Code::Unknown => !matches!(problem.status, 400 | 403..=407 | 409..=422 | 431),
                _ => false,
            },
        }
    }

    /// Which problem the service has with the call, if that is why it failed.
    #[must_use]
    pub fn code(&self) -> Option<Code> {
        match self {
            Self::Problem(problem) => Some(problem.code),
            _ => None,
        }
    }

    /// When the service wants to be asked again.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Problem(problem) => problem.retry_after_millis.map(Duration::from_millis),
            Self::NotAScoreService { retry_after, .. } => *retry_after,
            _ => None,
        }
    }
}
