//! Secure links, channels over them, backends, and the network lab.
//!
//! Three layers, each pure and each testable alone:
//!
//! - An [`Endpoint`] turns datagrams into authenticated payloads of peers and back: [`netcode`] and [`invite`].
//! - [`channels`] turn payloads into messages of four kinds, with acks, fragments, receipts and a byte budget.
//! - [`Transport`] is what a game holds: [`SecureTransport`] drives an endpoint and the channels over any
//!   [`DatagramSocket`]: real UDP, memory, or the simulated network of the [`lab`]. One that can [`Introduce`] makes
//!   the guests of a host a full mesh.
//!
//! Nothing here knows components, ticks of a simulation or game state.

pub mod backend;
pub mod channels;
mod endpoint;
mod error;
mod identity;
mod introduce;
pub mod invite;
pub mod lab;
#[cfg(feature = "lan")]
pub mod lan;
pub mod manifest;
pub mod netcode;
mod secure;
mod socket;
mod transport;

pub use channels::{ChannelConfig, ChannelId, ChannelKind, ChannelsConfig};
pub use endpoint::{Endpoint, EndpointEvent, Transmit, TransmitQueue};
pub use error::{SendError, TransportError};
pub use identity::{ClientId, PeerId, Receipt, SecureRng, UserData, secure_rng};
pub use introduce::{Introduce, IntroductionError, MAX_INTRODUCTION, MAX_SIGHTING};
pub use manifest::{Manifest, ManifestMismatch};
#[doc(hidden)]
pub use secure::fuzzing;
pub use secure::{SecureTransport, unix_time};
pub use socket::DatagramSocket;
pub use transport::{DisconnectReason, Event, LinkStats, Transport};
