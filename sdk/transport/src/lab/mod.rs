//! The network lab: seeded, simulated networks, in one process or between real ones.
//!
//! - [`Conditions`] say what one direction of a network does; they are written as text, too.
//! - A [`Pipe`] is one such direction: pure, deterministic, the engine of the other two.
//! - A [`Network`] joins [`LabSocket`]s by pipes, under simulated time: partitions, changes of address,
//!   taps and forged datagrams, and one hash that tells whether two runs were equal.
//! - A [`Proxy`] puts the same pipes between real processes that talk over UDP.
//! - A [`PcapSocket`] records what any socket sends and receives, for Wireshark.
//!
//! Two sockets in the lab, 40 ms apart:
//!
//! ```
//! use netcord_transport::{DatagramSocket, lab::Network};
//! use std::time::Duration;
//!
//! let network = Network::new(7);
//! network.set_conditions("latency=40ms,jitter=5ms".parse()?);
//! let mut alice = network.socket("10.0.0.1:4000".parse()?)?;
//! let mut bob = network.socket("[fd00::2]:4000".parse()?)?;
//!
//! alice.send(bob.local_addr()?, b"hello")?;
//! let mut buffer = [0; 2048];
//! network.advance_to(Duration::from_millis(34));
//! assert_eq!(bob.receive(&mut buffer)?, None);
//! network.advance_to(Duration::from_millis(46));
//! assert_eq!(bob.receive(&mut buffer)?, Some((5, alice.local_addr()?)));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod conditions;
mod network;
mod pcap;
mod pipe;
mod proxy;
mod pump;
mod text;

pub use conditions::{Chance, Conditions, Late};
pub use network::{LabSocket, Network, Observed, Tap};
pub use pcap::{PcapSocket, PcapWriter};
pub use pipe::{Pipe, PipeStats};
pub use proxy::{Proxy, ProxyStats};
pub use text::ConditionsError;
