//! What carries a conformance run: pairs of sockets of every backend, under the same simulated conditions.

use netcord::transport::backend::{MemoryNetwork, MemorySocket, UdpSocket};
use netcord::transport::lab::{Conditions, LabSocket, Network, Pipe};
use netcord::transport::{DatagramSocket, TransportError};
use std::collections::VecDeque;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

/// Two sockets that reach each other, and the time that passes between them.
pub trait Backend: Sized {
    /// The backend's name in reports.
    const NAME: &'static str;
    /// What the transports hold.
    type Socket: DatagramSocket;

    /// Opens two sockets with these conditions in both directions.
    ///
    /// # Errors
    /// The sockets can't be had.
    fn open(conditions: Conditions, seed: u64) -> Result<(Self, [Self::Socket; 2]), TransportError>;

    /// Lets time pass: what has arrived by `now` can be received from then on.
    ///
    /// # Errors
    /// A socket is broken, or something was lost that the conditions did not take.
    fn advance_to(&mut self, now: Duration, sockets: [&mut Self::Socket; 2]) -> io::Result<()>;

    /// How many datagrams and how many bytes a socket has sent to its peer.
    fn sent(&self, socket: &Self::Socket) -> (u64, u64);
}

/// The lab's own network.
pub struct Lab(Network);

impl Lab {
    const ADDRESSES: [SocketAddr; 2] = [
        SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1)), 4_000),
        SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::new(10, 0, 0, 2)), 4_000),
    ];
}

impl Backend for Lab {
    const NAME: &'static str = "lab";
    type Socket = LabSocket;

    fn open(conditions: Conditions, seed: u64) -> Result<(Self, [LabSocket; 2]), TransportError> {
        let network = Network::new(seed);
        network.set_conditions(conditions);
        let [one, other] = Self::ADDRESSES;
        let sockets = [network.socket(one)?, network.socket(other)?];
        Ok((Self(network), sockets))
    }

    fn advance_to(&mut self, now: Duration, _: [&mut LabSocket; 2]) -> io::Result<()> {
        self.0.advance_to(now);
        Ok(())
    }

    fn sent(&self, socket: &LabSocket) -> (u64, u64) {
        let [one, other] = Self::ADDRESSES;
        let is_one = socket.local_addr().is_ok_and(|address| address == one);
        let stats = if is_one { self.0.stats(one, other) } else { self.0.stats(other, one) };
        (stats.sent, stats.bytes_sent)
    }
}

/// A socket whose network can't be told what to do: the conditions act before it.
pub trait Uncontrolled: DatagramSocket + Sized {
    /// The backend's name in reports.
    const NAME: &'static str;

    /// Two sockets that reach each other.
    ///
    /// # Errors
    /// The sockets can't be had.
    fn pair() -> Result<[Self; 2], TransportError>;

    /// Waits until a datagram is there, at most for `timeout`; whether one may be.
    ///
    /// # Errors
    /// The socket is broken.
    fn wait(&self, timeout: Duration) -> io::Result<bool>;
}

impl Uncontrolled for MemorySocket {
    const NAME: &'static str = "memory";

    fn pair() -> Result<[Self; 2], TransportError> {
        let network = MemoryNetwork::new();
        Ok([network.socket(), network.socket()])
    }

    fn wait(&self, _: Duration) -> io::Result<bool> {
        Ok(false)
    }
}

impl Uncontrolled for UdpSocket {
    const NAME: &'static str = "udp";

    fn pair() -> Result<[Self; 2], TransportError> {
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Ok([Self::bind(any)?, Self::bind(any)?])
    }

    fn wait(&self, timeout: Duration) -> io::Result<bool> {
        UdpSocket::wait(self, timeout)
    }
}

/// Sockets of such a backend, each behind a pipe.
pub struct Real<S>(std::marker::PhantomData<S>);

impl<S: Uncontrolled> Backend for Real<S> {
    const NAME: &'static str = S::NAME;
    type Socket = Impaired<S>;

    fn open(conditions: Conditions, seed: u64) -> Result<(Self, [Impaired<S>; 2]), TransportError> {
        let [one, other] = S::pair()?;
        let addresses = [one.local_addr()?, other.local_addr()?];
        let one = Impaired::new(one, addresses[1], Pipe::new(conditions, seed));
        let other = Impaired::new(other, addresses[0], Pipe::new(conditions, !seed));
        Ok((Self(std::marker::PhantomData), [one, other]))
    }

    fn advance_to(&mut self, now: Duration, [one, other]: [&mut Impaired<S>; 2]) -> io::Result<()> {
        loop {
            let there = one.release(now)?;
            other.collect(there)?;
            let back = other.release(now)?;
            one.collect(back)?;
            if there == 0 && back == 0 {
                return Ok(());
            }
        }
    }

    fn sent(&self, socket: &Impaired<S>) -> (u64, u64) {
        (socket.pipe.stats().sent, socket.pipe.stats().bytes_sent)
    }
}

/// A socket behind a pipe in simulated time: what is sent goes through the pipe, and over the real socket when
/// it comes out. Every datagram is accounted for, so a run is deterministic even where the system carries it.
pub struct Impaired<S> {
    inner: S,
    peer: SocketAddr,
    pipe: Pipe,
    now: Duration,
    arrived: VecDeque<Vec<u8>>,
}

/// Datagrams that go out before the other end reads: few enough for any system's receive buffer.
const BATCH: usize = 32;
/// How long a datagram may take that a socket has sent to another on the same machine.
const PATIENCE: Duration = Duration::from_secs(5);

impl<S: Uncontrolled> Impaired<S> {
    fn new(inner: S, peer: SocketAddr, pipe: Pipe) -> Self {
        Self { inner, peer, pipe, now: Duration::ZERO, arrived: VecDeque::new() }
    }

    /// Sends what has come through the pipe by `now`, up to a batch; returns how many datagrams that were.
    fn release(&mut self, now: Duration) -> io::Result<usize> {
        self.now = now;
        for count in 0..BATCH {
            let Some(datagram) = self.pipe.pop(now) else { return Ok(count) };
            self.inner.send(self.peer, datagram)?;
        }
        Ok(BATCH)
    }

    /// Receives exactly `count` datagrams of the peer.
    fn collect(&mut self, count: usize) -> io::Result<()> {
        let mut buffer = [0; 2_048];
        let mut missing = count;
        while missing > 0 {
            match self.inner.receive(&mut buffer)? {
                Some((length, from)) if from == self.peer => {
                    self.arrived.push_back(buffer[..length].to_vec());
                    missing -= 1;
                }
                // Somebody else on this machine.
                Some(_) => {}
                None if self.inner.wait(PATIENCE)? => {}
                None => {
                    let complaint = format!("{missing} of {count} datagrams got lost in the backend");
                    return Err(io::Error::new(io::ErrorKind::TimedOut, complaint));
                }
            }
        }
        Ok(())
    }
}

impl<S: Uncontrolled> DatagramSocket for Impaired<S> {
    fn receive(&mut self, buffer: &mut [u8]) -> io::Result<Option<(usize, SocketAddr)>> {
        Ok(self.arrived.pop_front().map(|datagram| {
            let length = datagram.len().min(buffer.len());
            buffer[..length].copy_from_slice(&datagram[..length]);
            (length, self.peer)
        }))
    }

    fn send(&mut self, to: SocketAddr, datagram: &[u8]) -> io::Result<()> {
        if to == self.peer {
            self.pipe.push(self.now, datagram);
        }
        Ok(())
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.inner.local_addr()
    }
}
