//! What carries datagrams: the one seam between protocol and I/O.

use std::io;
use std::net::SocketAddr;

/// Sends and receives datagrams without ever blocking.
///
/// Real UDP, memory, a simulated network and any foreign transport (with made-up addresses) implement this;
/// wrappers such as a pcap writer compose.
pub trait DatagramSocket {
    /// Copies the next datagram into `buffer` and tells its length and sender; `None` when none waits.
    /// A datagram that is longer than `buffer` is dropped or cut; callers pass at least 2,048 bytes.
    ///
    /// # Errors
    /// The socket is broken for good. Passing noise (an ICMP error, `ConnectionReset` on Windows) is no error.
    fn receive(&mut self, buffer: &mut [u8]) -> io::Result<Option<(usize, SocketAddr)>>;

    /// Sends one datagram; one that the system can't take now is lost, as on the wire.
    ///
    /// # Errors
    /// The socket is broken for good.
    fn send(&mut self, to: SocketAddr, datagram: &[u8]) -> io::Result<()>;

    /// The address that the socket is bound to.
    ///
    /// # Errors
    /// The socket is broken for good.
    fn local_addr(&self) -> io::Result<SocketAddr>;
}
