//! Calls to a service, and the queue of what could not be sent yet.

mod error;
mod exchange;
mod options;
mod score_client;

pub use error::ClientError;
pub use options::{ClientOptions, ProxyChoice, Roots};
pub use score_client::{ScoreClient, Season};
