//! Messages over lossy datagrams: four kinds of channel, fragments, acks, receipts, budgets.
//!
//! A [`Connection`] is the channels to one peer. It knows no socket, no clock and no other peer. The bytes
//! are in STANDARD.md, section 5.
//!
//! How it is built: messages wait in an outgoing half per channel (`reliable_out`, `unreliable_out`), which
//! fills datagrams (`writer`); what each packet carried is remembered until it is acked or lost (`sent`), and
//! tells the channel. What arrives is taken apart and checked (`datagram`), noted for the next ack
//! (`received`), put in order per channel (`reliable_in`, `unreliable_in`) and waits for the game (`inbox`).
//! `budget` says how much may leave.

mod budget;
mod byte_log;
mod config;
mod connection;
mod datagram;
#[doc(hidden)]
pub mod fuzzing;
mod held;
mod inbox;
mod malformed;
mod outgoing;
mod packet_set;
mod received;
mod reliable_in;
mod reliable_out;
mod sent;
mod unreliable_in;
mod unreliable_out;
mod writer;

pub use config::{ChannelConfig, ChannelId, ChannelKind, ChannelsConfig};
pub use connection::{Connection, ConnectionEvent, ConnectionStats};
pub use malformed::MalformedDatagram;

use core::time::Duration;

/// The longest datagram, in bytes: with sealing, UDP and IPv6 headers below the 1,280 bytes that every IPv6
/// path carries.
pub const MAX_DATAGRAM: usize = 1_200;

/// The longest message that travels whole, in bytes; longer ones are sent in fragments of this size.
pub const FRAGMENT: usize = 1_150;

/// How many pieces of a reliable channel may be under way. Seven times as many ids are told apart by 16 bits.
const WINDOW: u64 = 4_096;

/// The longest that a lone datagram waits for its ack.
const MAX_ACK_DELAY: Duration = Duration::from_millis(25);
