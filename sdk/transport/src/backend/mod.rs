//! What carries datagrams: memory and UDP.
//!
//! Every backend is a [`DatagramSocket`](crate::DatagramSocket) and nothing more; none knows what it carries.

mod inbox;
mod memory;
mod return_path;
mod udp;

pub(crate) use inbox::Inbox;
pub use memory::{MemoryNetwork, MemorySocket};
pub(crate) use udp::wait_for_any;
pub use udp::{UdpConfig, UdpSocket, UdpStats};
