//! A perfect network inside one process: for local play, tests and benchmarks.

use super::Inbox;
use crate::DatagramSocket;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A network that loses nothing, keeps the order and takes no time. Clones are the same network.
///
/// Only a full inbox (4 MiB, or 16,384 datagrams) loses what comes next. For a network with
/// delay and loss, see [`lab::Network`](crate::lab::Network).
///
/// ```
/// use netcord_transport::{DatagramSocket, backend::MemoryNetwork};
///
/// let network = MemoryNetwork::new();
/// let (mut alice, mut bob) = (network.socket(), network.socket());
/// alice.send(bob.local_addr()?, b"hello")?;
///
/// let mut buffer = [0; 2048];
/// assert_eq!(bob.receive(&mut buffer)?, Some((5, alice.local_addr()?)));
/// assert_eq!(&buffer[..5], b"hello");
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct MemoryNetwork {
    /// One for each socket that was ever made; `None` once it is dropped.
    inboxes: Arc<Mutex<Vec<Option<Inbox>>>>,
}

impl MemoryNetwork {
    /// A network without sockets.
    pub fn new() -> Self {
        Self::default()
    }

    /// A new socket with a made-up address, which is never used for another one.
    pub fn socket(&self) -> MemorySocket {
        let mut inboxes = self.lock();
        inboxes.push(Some(Inbox::default()));
        let index = inboxes.len() - 1;
        drop(inboxes);
        MemorySocket { network: self.clone(), index, address: address_of(index) }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Option<Inbox>>> {
        self.inboxes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One end on a [`MemoryNetwork`].
#[derive(Debug)]
pub struct MemorySocket {
    network: MemoryNetwork,
    index: usize,
    address: SocketAddr,
}

impl DatagramSocket for MemorySocket {
    fn receive(&mut self, buffer: &mut [u8]) -> io::Result<Option<(usize, SocketAddr)>> {
        Ok(self.network.lock().get_mut(self.index).and_then(Option::as_mut).and_then(|i| i.pop(buffer)))
    }

    fn send(&mut self, to: SocketAddr, datagram: &[u8]) -> io::Result<()> {
        if let Some(index) = index_of(to)
            && let Some(Some(inbox)) = self.network.lock().get_mut(index)
        {
            inbox.push(self.address, datagram);
        }
        Ok(())
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}

impl Drop for MemorySocket {
    fn drop(&mut self) {
        if let Some(inbox) = self.network.lock().get_mut(self.index) {
            *inbox = None;
        }
    }
}

/// The port of all made-up addresses.
const PORT: u16 = 1;
/// Made-up addresses count up from here, so that an address tells its inbox without a search.
const FIRST: u32 = Ipv4Addr::new(10, 0, 0, 1).to_bits();

fn address_of(index: usize) -> SocketAddr {
    let offset = u32::try_from(index).expect("a network has fewer than 2^32 sockets");
    SocketAddr::new(Ipv4Addr::from_bits(FIRST.wrapping_add(offset)).into(), PORT)
}

fn index_of(address: SocketAddr) -> Option<usize> {
    match address.ip() {
        IpAddr::V4(ip) if address.port() == PORT => Some(ip.to_bits().wrapping_sub(FIRST) as usize),
        _ => None,
    }
}
