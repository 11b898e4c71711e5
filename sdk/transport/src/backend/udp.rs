//! Real UDP: non-blocking, batched, dual stack, deaf to the noise of the network.

use super::return_path::ReturnPaths;
use crate::{DatagramSocket, TransportError};
use core::time::Duration;
use quinn_udp::{BATCH_SIZE, RecvMeta, Transmit, UdpSockRef, UdpSocketState};
use rustix::event::{PollFd, PollFlags, Timespec};
use socket2::{Domain, Protocol, Socket, Type};
use std::io::{self, ErrorKind, IoSliceMut};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

/// How a [`UdpSocket`] is set up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UdpConfig {
    /// Bytes that the system is asked to keep for us between two calls of `receive`. It may give less.
    pub receive_buffer: usize,
    /// Bytes that the system is asked to keep until the network card has taken them. It may give less.
    pub send_buffer: usize,
}

impl Default for UdpConfig {
    /// 4 MiB each way: a second of 50 busy clients, should a frame take that long.
    fn default() -> Self {
        Self { receive_buffer: 4 << 20, send_buffer: 4 << 20 }
    }
}

/// What a [`UdpSocket`] did not return as an error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UdpStats {
    /// Datagrams that the system had no room for and dropped.
    pub sends_dropped: u64,
    /// Datagrams that the system would not send: no route, too long for the path, a firewall's rule.
    pub sends_refused: u64,
    /// Errors on receiving: mostly that an earlier datagram found a closed port.
    pub receive_errors: u64,
}

/// A UDP socket that never blocks, and that only fails when it is broken for good.
///
/// Errors that other hosts or the path cause (an unreachable host, a closed port, which Windows reports as
/// `ConnectionReset`, a datagram over the path's MTU, a firewall) are the weather, not the socket's state: they
/// are counted in [`stats`](Self::stats) and in the metrics `netcord_udp_ignored_errors_total` and
/// `netcord_udp_sends_dropped_total`, and the link's own timeout decides.
///
/// Datagrams are read in batches and handed out one by one. Nothing is allocated after `bind`; the buffers
/// take up to 2 MiB of address space, of which the system backs what is used.
#[derive(Debug)]
pub struct UdpSocket {
    socket: Socket,
    state: UdpSocketState,
    address: SocketAddr,
    batch: Batch,
    /// Only where the system has a choice of local addresses.
    return_paths: Option<ReturnPaths>,
    stats: UdpStats,
    /// Failed receives since the last one that worked.
    failures: u32,
}

impl UdpSocket {
    /// Binds `address` with the default [`UdpConfig`]. Port 0 lets the system choose.
    ///
    /// `[::]` is bound dual stack: IPv4 peers reach it too, and appear with their IPv4 addresses.
    ///
    /// # Errors
    /// [`TransportError::Bind`], most often because another program has the port.
    pub fn bind(address: SocketAddr) -> Result<Self, TransportError> {
        Self::bind_with(address, &UdpConfig::default())
    }

    /// Binds `port` on all addresses of the machine, IPv6 and IPv4, or IPv4 alone where there is no IPv6.
    ///
    /// # Errors
    /// As [`bind`](Self::bind).
    pub fn bind_any(port: u16) -> Result<Self, TransportError> {
        match Self::bind((Ipv6Addr::UNSPECIFIED, port).into()) {
            Err(TransportError::Bind { source, .. })
                if !matches!(source.kind(), ErrorKind::AddrInUse | ErrorKind::PermissionDenied) =>
            {
                tracing::debug!(%source, "no IPv6 here, so IPv4 alone");
                Self::bind((Ipv4Addr::UNSPECIFIED, port).into())
            }
            result => result,
        }
    }

    /// Binds `address` as [`bind`](Self::bind) does, set up by `config`.
    ///
    /// # Errors
    /// As [`bind`](Self::bind).
    pub fn bind_with(address: SocketAddr, config: &UdpConfig) -> Result<Self, TransportError> {
        Self::open(address, config).map_err(|source| TransportError::Bind { address, source })
    }

    fn open(address: SocketAddr, config: &UdpConfig) -> io::Result<Self> {
        let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
        if address.is_ipv6() {
            socket.set_only_v6(!address.ip().is_unspecified())?;
        }
        socket.bind(&address.into())?;
        let state = UdpSocketState::new(UdpSockRef::from(&socket))?;
        ask_for(config.receive_buffer, |bytes| state.set_recv_buffer_size((&socket).into(), bytes));
        ask_for(config.send_buffer, |bytes| state.set_send_buffer_size((&socket).into(), bytes));
        let address = socket.local_addr()?.as_socket().ok_or(ErrorKind::AddrNotAvailable)?;
        tracing::debug!(
            %address,
            receive_buffer = state.recv_buffer_size((&socket).into()).ok(),
            send_buffer = state.send_buffer_size((&socket).into()).ok(),
            "bound a UDP socket"
        );
        let return_paths = address.ip().is_unspecified().then(ReturnPaths::new);
        let stats = UdpStats::default();
        Ok(Self { socket, state, address, batch: Batch::new(), return_paths, stats, failures: 0 })
    }

    /// Blocks until a datagram waits, at most for `timeout`, and tells whether one does. It may return early
    /// with nothing there.
    ///
    /// For a game without a window: it sleeps until the next tick is due, or wakes up for what arrives.
    ///
    /// # Errors
    /// The socket is broken for good.
    pub fn wait(&self, timeout: Duration) -> io::Result<bool> {
        wait(&mut [self.poll_fd()], if self.batch.is_empty() { timeout } else { Duration::ZERO })
            .map(|readable| readable || !self.batch.is_empty())
    }

    /// What went wrong so far without being an error.
    pub const fn stats(&self) -> UdpStats {
        self.stats
    }

    fn poll_fd(&self) -> PollFd<'_> {
        PollFd::new(&self.socket, PollFlags::IN)
    }

    /// Reads what waits into the batch, and tells whether anything did.
    fn fill(&mut self) -> io::Result<bool> {
        // One closed port can leave an error for each datagram that was sent to it. They are skipped in portions,
        // so that no flood of them keeps a frame from ending.
        for _ in 0..64 {
            match self.batch.fill(&self.state, &self.socket) {
                Err(error) if error.kind() != ErrorKind::WouldBlock => {
                    self.stats.receive_errors += 1;
                    ignored("receive", &error);
                    self.failures += 1;
                    if self.failures >= Self::HOPELESS || is_broken(&error) {
                        return Err(error);
                    }
                }
                result => {
                    self.failures = 0;
                    return Ok(result.is_ok());
                }
            }
        }
        Ok(false)
    }

    /// So many failures in a row are no weather.
    const HOPELESS: u32 = 1 << 10;

    fn transmit(&mut self, to: SocketAddr, datagram: &[u8]) -> io::Result<()> {
        let src_ip = self.return_paths.as_mut().and_then(|paths| paths.recall(to));
        let destination = match to {
            SocketAddr::V4(v4) if self.address.is_ipv6() => (v4.ip().to_ipv6_mapped(), v4.port()).into(),
            _ => to,
        };
        let mut transmit =
            Transmit { destination, ecn: None, contents: datagram, segment_size: None, src_ip };
        let sent = self.state.try_send((&self.socket).into(), &transmit);
        if let Err(error) = &sent
            && error.kind() != ErrorKind::WouldBlock
            && let (Some(_), Some(paths)) = (src_ip, &mut self.return_paths)
        {
            // The address is gone (another Wi-Fi), or was a broadcast's. The system finds another.
            paths.forget(to);
            transmit.src_ip = None;
            return self.state.try_send((&self.socket).into(), &transmit);
        }
        sent
    }
}

impl DatagramSocket for UdpSocket {
    fn receive(&mut self, buffer: &mut [u8]) -> io::Result<Option<(usize, SocketAddr)>> {
        if self.batch.is_empty() && !self.fill()? {
            return Ok(None);
        }
        let Some((datagram, meta)) = self.batch.pop() else { return Ok(None) };
        let len = datagram.len().min(buffer.len());
        buffer[..len].copy_from_slice(&datagram[..len]);
        let from = canonical(meta.addr);
        if let (Some(paths), Some(local)) = (&mut self.return_paths, meta.dst_ip) {
            paths.remember(from, local);
        }
        Ok(Some((len, from)))
    }

    fn send(&mut self, to: SocketAddr, datagram: &[u8]) -> io::Result<()> {
        match self.transmit(to, datagram) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                self.stats.sends_dropped += 1;
                metrics::counter!("netcord_udp_sends_dropped_total").increment(1);
            }
            Err(error) if is_broken(&error) => return Err(error),
            Err(error) => {
                self.stats.sends_refused += 1;
                ignored("send", &error);
            }
        }
        Ok(())
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}

/// Blocks until one of the sockets is readable, at most for `timeout`.
pub(crate) fn wait_for_any<'a>(
    sockets: impl Iterator<Item = &'a UdpSocket>,
    timeout: Duration,
) -> io::Result<bool> {
    wait(&mut sockets.map(UdpSocket::poll_fd).collect::<Vec<_>>(), timeout)
}

/// A receive timeout on the socket would need no crate, but Linux rounds it up to its scheduler's tick, which
/// costs up to 10 ms. `poll` is exact to the microsecond there, to the millisecond elsewhere.
fn wait(sockets: &mut [PollFd<'_>], timeout: Duration) -> io::Result<bool> {
    let timeout = Timespec::try_from(timeout).ok();
    match rustix::event::poll(sockets, timeout.as_ref()) {
        Ok(ready) => Ok(ready > 0),
        Err(rustix::io::Errno::INTR) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Datagrams that were read in one call of the system. Neighbours of one sender may share a buffer (GRO).
#[derive(Debug)]
struct Batch {
    buffers: Box<[u8]>,
    metas: [RecvMeta; BATCH_SIZE],
    /// Buffers that hold something.
    filled: usize,
    /// Where the next datagram is: its buffer, and its start in it.
    next: (usize, usize),
}

impl Batch {
    /// No datagram is longer, and no run of merged ones either.
    const BUFFER: usize = 1 << 16;

    fn new() -> Self {
        let buffers = vec![0; Self::BUFFER * BATCH_SIZE].into();
        Self { buffers, metas: [RecvMeta::default(); BATCH_SIZE], filled: 0, next: (0, 0) }
    }

    const fn is_empty(&self) -> bool {
        self.next.0 >= self.filled
    }

    fn fill(&mut self, state: &UdpSocketState, socket: &Socket) -> io::Result<()> {
        (self.filled, self.next) = (0, (0, 0));
        let mut buffers = self.buffers.chunks_exact_mut(Self::BUFFER);
        let mut slices: [IoSliceMut<'_>; BATCH_SIZE] =
            core::array::from_fn(|_| IoSliceMut::new(buffers.next().unwrap_or_default()));
        self.filled = state.recv(socket.into(), &mut slices, &mut self.metas)?;
        Ok(())
    }

    fn pop(&mut self) -> Option<(&[u8], &RecvMeta)> {
        let (index, start) = self.next;
        let meta = self.metas[..self.filled].get(index)?;
        let end = meta.len.min(start + meta.stride.max(1));
        self.next = if end < meta.len { (index, end) } else { (index + 1, 0) };
        let buffer = index * Self::BUFFER;
        Some((self.buffers.get(buffer + start..buffer + end)?, meta))
    }
}

/// Asks for a buffer size, and for less where the system refuses instead of giving what it has.
fn ask_for(bytes: usize, set: impl Fn(usize) -> io::Result<()>) {
    let mut bytes = bytes;
    while set(bytes).is_err() && bytes > 1 << 16 {
        bytes /= 2;
    }
}

/// The one form in which an address is compared: IPv4 as IPv4, and no flow label.
fn canonical(address: SocketAddr) -> SocketAddr {
    match address {
        SocketAddr::V6(v6) => match v6.ip().to_ipv4_mapped() {
            Some(v4) => (v4, v6.port()).into(),
            None => std::net::SocketAddrV6::new(*v6.ip(), v6.port(), 0, v6.scope_id()).into(),
        },
        v4 => v4,
    }
}

/// What iOS says of a socket that it took away while the app was suspended.
fn is_broken(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotConnected | ErrorKind::BrokenPipe)
}

fn ignored(direction: &'static str, error: &io::Error) {
    metrics::counter!("netcord_udp_ignored_errors_total", "direction" => direction).increment(1);
    tracing::trace!(%error, direction, "ignored an error of the UDP socket");
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Puts runs of merged datagrams into a batch, as the system would: each a length and a stride.
    fn batch(runs: &[(usize, usize)]) -> Batch {
        let mut batch = Batch {
            buffers: (0..Batch::BUFFER * runs.len()).map(|place| (place % 251) as u8).collect(),
            metas: [RecvMeta::default(); BATCH_SIZE],
            filled: runs.len().min(BATCH_SIZE),
            next: (0, 0),
        };
        for (meta, (len, stride)) in batch.metas.iter_mut().zip(runs) {
            (meta.len, meta.stride) = (*len, *stride);
        }
        batch
    }

    /// Where each datagram begins in its buffer, and its length.
    fn datagrams(mut batch: Batch) -> Vec<(usize, usize)> {
        let buffers = batch.buffers.as_ptr() as usize;
        std::iter::from_fn(move || {
            let (datagram, _) = batch.pop()?;
            Some(((datagram.as_ptr() as usize - buffers) % Batch::BUFFER, datagram.len()))
        })
        .collect()
    }

    #[test]
    fn merged_datagrams_are_told_apart() {
        assert_eq!(datagrams(batch(&[(25, 10)])), [(0, 10), (10, 10), (20, 5)]);
        assert_eq!(datagrams(batch(&[(20, 10)])), [(0, 10), (10, 10)]);
        assert_eq!(datagrams(batch(&[(10, 10)])), [(0, 10)]);
        assert_eq!(datagrams(batch(&[(0, 0)])), [(0, 0)]);
        assert_eq!(datagrams(batch(&[])), []);
    }

    #[test]
    fn a_stride_of_zero_does_not_loop_for_ever() {
        assert_eq!(datagrams(batch(&[(3, 0)])), [(0, 1), (1, 1), (2, 1)]);
    }

    #[test]
    fn an_address_has_one_form_however_the_system_spells_it() {
        let same: [(&str, &str); 3] = [
            ("[::ffff:192.0.2.1]:7", "192.0.2.1:7"),
            ("[2001:db8::1]:7", "[2001:db8::1]:7"),
            ("[fe80::1%3]:7", "[fe80::1%3]:7"),
        ];
        for (spelled, form) in same {
            assert_eq!(canonical(spelled.parse().unwrap()), form.parse().unwrap());
        }
        let labelled = std::net::SocketAddrV6::new(Ipv6Addr::LOCALHOST, 7, 99, 0);
        assert_eq!(canonical(labelled.into()), "[::1]:7".parse().unwrap());
    }
}
