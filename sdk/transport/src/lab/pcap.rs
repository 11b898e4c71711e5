//! Recordings for Wireshark and tcpdump: classic pcap files of raw IP packets.
//!
//! The headers of IP and UDP are made up around what a socket sent and received. Format: "PCAP Capture File Format"
//! (IETF draft-ietf-opsawg-pcap), with nanoseconds and link type 101, LINKTYPE_RAW.

use crate::DatagramSocket;
use core::time::Duration;
use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Writes datagrams to a pcap file.
///
/// Each datagram is two writes, so give it a [`BufWriter`](std::io::BufWriter).
#[derive(Debug)]
pub struct PcapWriter<W>(W);

impl<W: Write> PcapWriter<W> {
    /// Begins a recording with the header of the file.
    ///
    /// # Errors
    /// What `out` says.
    pub fn new(mut out: W) -> io::Result<Self> {
        let mut header = [0; 24];
        header[..4].copy_from_slice(&0xa1b2_3c4d_u32.to_le_bytes());
        header[4..6].copy_from_slice(&2_u16.to_le_bytes());
        header[6..8].copy_from_slice(&4_u16.to_le_bytes());
        header[16..20].copy_from_slice(&(u32::from(u16::MAX) + IPV6 as u32).to_le_bytes());
        header[20..].copy_from_slice(&101_u32.to_le_bytes());
        out.write_all(&header)?;
        Ok(Self(out))
    }

    /// Records one datagram at `at`, the time since 1970 or any other start. An IPv4 address beside an IPv6 one is shown
    /// as mapped into IPv6; a datagram of 64 kB or more, which no UDP packet holds, is cut.
    ///
    /// # Errors
    /// What the writer says.
    pub fn write(
        &mut self,
        at: Duration,
        from: SocketAddr,
        to: SocketAddr,
        datagram: &[u8],
    ) -> io::Result<()> {
        let datagram = &datagram[..datagram.len().min(MAX_DATAGRAM)];
        let mut bytes = [0; RECORD + IPV6 + UDP];
        let (record, packet) = bytes.split_at_mut(RECORD);
        let header = write_headers(packet, from, to, datagram);
        let len = (header + datagram.len()) as u32;
        record[..4].copy_from_slice(&(at.as_secs() as u32).to_le_bytes());
        record[4..8].copy_from_slice(&at.subsec_nanos().to_le_bytes());
        record[8..12].copy_from_slice(&len.to_le_bytes());
        record[12..].copy_from_slice(&len.to_le_bytes());
        self.0.write_all(&bytes[..RECORD + header])?;
        self.0.write_all(datagram)
    }

    /// The file, without anything more to be written.
    pub fn into_inner(self) -> W {
        self.0
    }
}

/// A socket that records what it sends and receives.
///
/// ```
/// use netcord_transport::lab::{Network, PcapSocket, PcapWriter};
/// use netcord_transport::DatagramSocket;
///
/// let network = Network::new(1);
/// let clock = network.clone();
/// let socket = network.socket("10.0.0.1:4000".parse()?)?;
/// let file = PcapWriter::new(Vec::new())?; // or a BufWriter around a File
/// let mut socket = PcapSocket::new(socket, file, move || clock.now());
///
/// socket.send("10.0.0.2:4000".parse()?, b"hello")?;
/// let (_, recorded) = socket.into_parts();
/// assert_eq!(recorded.len(), 24 + 16 + 20 + 8 + 5);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct PcapSocket<S, W> {
    socket: S,
    writer: PcapWriter<W>,
    /// The writer failed; the recording ends there.
    ended: bool,
    clock: Box<dyn FnMut() -> Duration + Send + Sync>,
}

impl<S: DatagramSocket, W: Write> PcapSocket<S, W> {
    /// Records `socket`; `clock` tells the time of each datagram. When the writer fails (a full disk), a warning is
    /// logged, the recording ends, and the socket goes on.
    pub fn new(
        socket: S,
        writer: PcapWriter<W>,
        clock: impl FnMut() -> Duration + Send + Sync + 'static,
    ) -> Self {
        Self { socket, writer, ended: false, clock: Box::new(clock) }
    }

    /// The socket and the recording.
    pub fn into_parts(self) -> (S, W) {
        (self.socket, self.writer.into_inner())
    }

    fn record(&mut self, from: SocketAddr, to: SocketAddr, datagram: &[u8]) {
        if self.ended {
            return;
        }
        if let Err(error) = self.writer.write((self.clock)(), from, to, datagram) {
            tracing::warn!(%error, "the pcap recording ends here");
            self.ended = true;
        }
    }

    /// The socket's own address, in the peer's family where it is bound to all addresses of both.
    fn local(&self, peer: SocketAddr) -> io::Result<SocketAddr> {
        let local = self.socket.local_addr()?;
        Ok(match (local.ip(), peer) {
            (IpAddr::V6(Ipv6Addr::UNSPECIFIED), SocketAddr::V4(_)) => {
                (Ipv4Addr::UNSPECIFIED, local.port()).into()
            }
            _ => local,
        })
    }
}

impl<S: core::fmt::Debug, W> core::fmt::Debug for PcapSocket<S, W> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("PcapSocket").field("socket", &self.socket).finish_non_exhaustive()
    }
}

impl<S: DatagramSocket, W: Write> DatagramSocket for PcapSocket<S, W> {
    fn receive(&mut self, buffer: &mut [u8]) -> io::Result<Option<(usize, SocketAddr)>> {
        let Some((len, from)) = self.socket.receive(buffer)? else { return Ok(None) };
        let to = self.local(from)?;
        self.record(from, to, &buffer[..len.min(buffer.len())]);
        Ok(Some((len, from)))
    }

    fn send(&mut self, to: SocketAddr, datagram: &[u8]) -> io::Result<()> {
        let from = self.local(to)?;
        self.record(from, to, datagram);
        self.socket.send(to, datagram)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }
}

/// The bytes of each header.
const RECORD: usize = 16;
const IPV4: usize = 20;
const IPV6: usize = 40;
const UDP: usize = 8;
const MAX_DATAGRAM: usize = u16::MAX as usize - IPV4 - UDP;
/// The protocol number of UDP.
const PROTOCOL: u8 = 17;
const TTL: u8 = 64;

/// Writes the headers of IP (RFC 791, RFC 8200) and UDP (RFC 768) and tells their length.
fn write_headers(out: &mut [u8], from: SocketAddr, to: SocketAddr, datagram: &[u8]) -> usize {
    let udp_len = (UDP + datagram.len()) as u16;
    let (ip, ends) = match (from.ip(), to.ip()) {
        (IpAddr::V4(from), IpAddr::V4(to)) => {
            out[0] = 0x45;
            out[2..4].copy_from_slice(&(IPV4 as u16 + udp_len).to_be_bytes());
            out[6] = 0x40;
            out[8] = TTL;
            out[9] = PROTOCOL;
            out[12..16].copy_from_slice(&from.octets());
            out[16..20].copy_from_slice(&to.octets());
            let checksum = checksum(&[&out[..IPV4]]);
            out[10..12].copy_from_slice(&checksum.to_be_bytes());
            (IPV4, 12..20)
        }
        (from, to) => {
            out[0] = 0x60;
            out[4..6].copy_from_slice(&udp_len.to_be_bytes());
            out[6] = PROTOCOL;
            out[7] = TTL;
            out[8..24].copy_from_slice(&in_ipv6(from));
            out[24..40].copy_from_slice(&in_ipv6(to));
            (IPV6, 8..40)
        }
    };
    let (ip_header, udp) = out.split_at_mut(ip);
    udp[..2].copy_from_slice(&from.port().to_be_bytes());
    udp[2..4].copy_from_slice(&to.port().to_be_bytes());
    udp[4..6].copy_from_slice(&udp_len.to_be_bytes());
    let pseudo = [[0, PROTOCOL], udp_len.to_be_bytes()];
    let sum = checksum(&[&ip_header[ends], pseudo.as_flattened(), &udp[..UDP], datagram]);
    // A sum of zero is sent as its other form; zero itself says that there is none.
    udp[6..8].copy_from_slice(&(if sum == 0 { u16::MAX } else { sum }).to_be_bytes());
    ip + UDP
}

fn in_ipv6(ip: IpAddr) -> [u8; 16] {
    match ip {
        IpAddr::V4(ip) => ip.to_ipv6_mapped().octets(),
        IpAddr::V6(ip) => ip.octets(),
    }
}

/// The Internet checksum (RFC 1071) of parts that are each of even length, but for the last.
fn checksum(parts: &[&[u8]]) -> u16 {
    let words = parts.iter().flat_map(|part| part.chunks(2));
    let sum: u32 =
        words.map(|word| u32::from(word[0]) << 8 | word.get(1).map_or(0, |low| u32::from(*low))).sum();
    let folded = (sum & 0xffff) + (sum >> 16);
    !((folded & 0xffff) + (folded >> 16)) as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recorded_ipv4_datagram_is_these_bytes() {
        let mut writer = PcapWriter::new(Vec::new()).unwrap();
        let (from, to) = ("192.0.2.1:4000".parse().unwrap(), "198.51.100.2:53".parse().unwrap());
        writer.write(Duration::new(5, 678), from, to, b"abc").unwrap();
        #[rustfmt::skip]
        let expected = [
            // The file: magic number with nanoseconds, version 2.4, longest packet, raw IP.
            0x4d, 0x3c, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x27, 0, 1, 0, 101, 0, 0, 0,
            // The record: seconds, nanoseconds, length here, length on the wire.
            5, 0, 0, 0, 0xa6, 2, 0, 0, 31, 0, 0, 0, 31, 0, 0, 0,
            // IPv4: 31 bytes, not to be fragmented, checksum.
            0x45, 0, 0, 31, 0, 0, 0x40, 0, 64, 17, 0x4e, 0x97, 192, 0, 2, 1, 198, 51, 100, 2,
            // UDP: ports, 11 bytes, checksum.
            0x0f, 0xa0, 0, 53, 0, 11, 0x3f, 0x69,
            b'a', b'b', b'c',
        ];
        assert_eq!(writer.into_inner(), expected);
    }

    #[test]
    fn a_recorded_ipv6_datagram_is_these_bytes() {
        let mut writer = PcapWriter::new(Vec::new()).unwrap();
        let (from, to) = ("[2001:db8::1]:4000".parse().unwrap(), "[2001:db8::2]:53".parse().unwrap());
        writer.write(Duration::ZERO, from, to, b"hi").unwrap();
        #[rustfmt::skip]
        let expected = [
            0x60, 0, 0, 0, 0, 10, 17, 64,
            0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,
            0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2,
            0x0f, 0xa0, 0, 53, 0, 10, 0x2c, 0x27,
            b'h', b'i',
        ];
        assert_eq!(writer.into_inner()[24 + RECORD..], expected);
    }

    #[test]
    fn a_datagram_that_no_packet_holds_is_cut() {
        let mut writer = PcapWriter::new(Vec::new()).unwrap();
        let ends: [SocketAddr; 2] = ["[::1]:1".parse().unwrap(), "127.0.0.1:2".parse().unwrap()];
        writer.write(Duration::ZERO, ends[0], ends[1], &[1; 100_000]).unwrap();
        assert_eq!(writer.into_inner().len(), 24 + RECORD + IPV6 + UDP + MAX_DATAGRAM);
    }

    /// A disk that is full after so many bytes.
    struct Full(usize);

    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 = self.0.checked_sub(bytes.len()).ok_or(io::ErrorKind::StorageFull)?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_full_disk_ends_the_recording_and_not_the_game() {
        let network = crate::backend::MemoryNetwork::new();
        let (a, mut b) = (network.socket(), network.socket());
        let mut a = PcapSocket::new(a, PcapWriter::new(Full(100)).unwrap(), || Duration::ZERO);
        for n in 0..5 {
            a.send(b.local_addr().unwrap(), &[n; 20]).unwrap();
            assert_eq!(b.receive(&mut [0; 2_048]).unwrap(), Some((20, a.local_addr().unwrap())));
        }
        assert!(a.ended);
    }

    #[test]
    fn a_dual_stack_socket_shows_in_the_family_of_its_peer() {
        let socket = crate::backend::UdpSocket::bind_any(0).unwrap();
        let mut socket = PcapSocket::new(socket, PcapWriter::new(Vec::new()).unwrap(), || Duration::ZERO);
        socket.send("127.0.0.1:9".parse().unwrap(), b"four").unwrap();
        assert_eq!(socket.into_parts().1[24 + RECORD], 0x45);
    }

    #[test]
    fn both_directions_are_recorded_with_the_time_of_the_clock() {
        let network = crate::backend::MemoryNetwork::new();
        let (a, mut b) = (network.socket(), network.socket());
        let mut ticks = 0;
        let clock = move || {
            ticks += 1;
            Duration::from_secs(ticks)
        };
        let mut a = PcapSocket::new(a, PcapWriter::new(Vec::new()).unwrap(), clock);
        let (a_addr, b_addr) = (a.local_addr().unwrap(), b.local_addr().unwrap());
        a.send(b_addr, b"to b").unwrap();
        b.send(a_addr, b"to a").unwrap();
        a.receive(&mut [0; 2_048]).unwrap();
        let mut expected = PcapWriter::new(Vec::new()).unwrap();
        expected.write(Duration::from_secs(1), a_addr, b_addr, b"to b").unwrap();
        expected.write(Duration::from_secs(2), b_addr, a_addr, b"to a").unwrap();
        assert_eq!(a.into_parts().1, expected.into_inner());
    }
}
