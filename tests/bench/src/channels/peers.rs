//! The libraries under test behind one face: two ends that exchange messages in datagrams.

use laminar::{Connection as _, ConnectionMessenger, Packet, SocketEvent, VirtualConnection};
use netcord_transport::channels::{Connection, ConnectionEvent};
use netcord_transport::{ChannelConfig, ChannelId, ChannelsConfig, PeerId};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Two connected ends of one library, with an unreliable and a reliable, ordered channel.
pub(crate) trait Ends {
    /// Queues a message at an end.
    fn send(&mut self, end: usize, reliable: bool, payload: &[u8]);
    /// Shows each datagram that an end sends now.
    fn flush(&mut self, end: usize, now: Duration, send: impl FnMut(&[u8]));
    /// Hands a datagram to an end.
    fn receive(&mut self, end: usize, now: Duration, datagram: &[u8]);
    /// Shows each message that arrived at an end, and whether it is a reliable one.
    fn drain(&mut self, end: usize, show: impl FnMut(bool, &[u8]));
}

/// netcord.
pub(crate) struct Netcord([Connection; 2]);

impl Netcord {
    pub(crate) fn new(repetition: u8) -> Self {
        let channels =
            [ChannelConfig::unreliable(), ChannelConfig::reliable_ordered().with_repetition(repetition)];
        let config = Arc::new(ChannelsConfig::new(channels));
        let end = || Connection::new(config.clone(), PeerId::new(0, 0)).expect("a valid configuration");
        Self([end(), end()])
    }
}

impl Ends for Netcord {
    fn send(&mut self, end: usize, reliable: bool, payload: &[u8]) {
        self.0[end].send(ChannelId(reliable.into()), payload).expect("room");
    }

    fn flush(&mut self, end: usize, now: Duration, mut send: impl FnMut(&[u8])) {
        let mut datagram = Vec::with_capacity(1_200);
        while self.0[end].next_datagram(now, &mut datagram) {
            send(&datagram);
            datagram.clear();
        }
    }

    fn receive(&mut self, end: usize, now: Duration, datagram: &[u8]) {
        self.0[end].receive(datagram, now).expect("well-formed");
    }

    fn drain(&mut self, end: usize, mut show: impl FnMut(bool, &[u8])) {
        while let Some(event) = self.0[end].next_event() {
            if let ConnectionEvent::Message { channel, payload } = event {
                show(channel.0 == 1, payload);
            }
        }
    }
}

/// renet 2, with its default channels: a server and a client.
pub(crate) struct Renet {
    server: renet::RenetServer,
    client: renet::RenetClient,
    now: [Duration; 2],
}

impl Renet {
    pub(crate) fn new() -> Self {
        let config = renet::ConnectionConfig::default();
        let mut server = renet::RenetServer::new(config.clone());
        let mut client = renet::RenetClient::new(config);
        server.add_connection(1);
        client.set_connected();
        Self { server, client, now: [Duration::ZERO; 2] }
    }
}

/// What renet and renet2 number their default channels.
const fn renet_channel(reliable: bool) -> u8 {
    if reliable { 2 } else { 0 }
}

impl Ends for Renet {
    fn send(&mut self, end: usize, reliable: bool, payload: &[u8]) {
        let (channel, payload) = (renet_channel(reliable), payload.to_vec());
        match end {
            0 => self.server.send_message(1, channel, payload),
            _ => self.client.send_message(channel, payload),
        }
    }

    fn flush(&mut self, end: usize, now: Duration, mut send: impl FnMut(&[u8])) {
        let elapsed = now - std::mem::replace(&mut self.now[end], now);
        let datagrams = match end {
            0 => {
                self.server.update(elapsed);
                self.server.get_packets_to_send(1).expect("the client is known")
            }
            _ => {
                self.client.update(elapsed);
                self.client.get_packets_to_send()
            }
        };
        datagrams.iter().for_each(|datagram| send(datagram));
    }

    fn receive(&mut self, end: usize, _now: Duration, datagram: &[u8]) {
        match end {
            0 => self.server.process_packet_from(datagram, 1).expect("the client is known"),
            _ => self.client.process_packet(datagram),
        }
    }

    fn drain(&mut self, end: usize, mut show: impl FnMut(bool, &[u8])) {
        for reliable in [false, true] {
            let channel = renet_channel(reliable);
            while let Some(payload) = match end {
                0 => self.server.receive_message(1, channel),
                _ => self.client.receive_message(channel),
            } {
                show(reliable, &payload);
            }
        }
    }
}

/// renet2, a fork of renet, with its default channels: a server and a client.
pub(crate) struct Renet2 {
    server: renet2::RenetServer,
    client: renet2::RenetClient,
    now: [Duration; 2],
}

impl Renet2 {
    pub(crate) fn new() -> Self {
        let config = renet2::ConnectionConfig::from_shared_channels(renet2::DefaultChannel::config());
        let mut server = renet2::RenetServer::new(config.clone());
        let mut client = renet2::RenetClient::new(config, false);
        server.add_connection(1, false);
        client.set_connected();
        Self { server, client, now: [Duration::ZERO; 2] }
    }
}

impl Ends for Renet2 {
    fn send(&mut self, end: usize, reliable: bool, payload: &[u8]) {
        let (channel, payload) = (renet_channel(reliable), payload.to_vec());
        match end {
            0 => self.server.send_message(1, channel, payload),
            _ => self.client.send_message(channel, payload),
        }
    }

    fn flush(&mut self, end: usize, now: Duration, mut send: impl FnMut(&[u8])) {
        let elapsed = now - std::mem::replace(&mut self.now[end], now);
        let datagrams = match end {
            0 => {
                self.server.update(elapsed);
                self.server.get_packets_to_send(1).expect("the client is known")
            }
            _ => {
                self.client.update(elapsed);
                self.client.get_packets_to_send()
            }
        };
        datagrams.iter().for_each(|datagram| send(datagram));
    }

    fn receive(&mut self, end: usize, _now: Duration, datagram: &[u8]) {
        match end {
            0 => self.server.process_packet_from(datagram, 1).expect("the client is known"),
            _ => self.client.process_packet(datagram),
        }
    }

    fn drain(&mut self, end: usize, mut show: impl FnMut(bool, &[u8])) {
        for reliable in [false, true] {
            let channel = renet_channel(reliable);
            while let Some(payload) = match end {
                0 => self.server.receive_message(1, channel),
                _ => self.client.receive_message(channel),
            } {
                show(reliable, &payload);
            }
        }
    }
}

/// laminar's connections, driven without its socket.
pub(crate) struct Laminar {
    ends: [LaminarEnd; 2],
    /// laminar takes an `Instant`: this and the simulated time.
    epoch: Instant,
}

struct LaminarEnd {
    connection: VirtualConnection,
    messenger: Messenger,
    now: Instant,
}

#[derive(Default)]
struct Messenger {
    config: laminar::Config,
    datagrams: Vec<Vec<u8>>,
    events: Vec<SocketEvent>,
}

impl ConnectionMessenger<SocketEvent> for Messenger {
    fn config(&self) -> &laminar::Config {
        &self.config
    }

    fn send_event(&mut self, _address: &SocketAddr, event: SocketEvent) {
        self.events.push(event);
    }

    fn send_packet(&mut self, _address: &SocketAddr, payload: &[u8]) {
        self.datagrams.push(payload.to_vec());
    }
}

const LAMINAR_ADDRESS: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 1);

impl Laminar {
    pub(crate) fn new() -> Self {
        let epoch = Instant::now();
        let end = || {
            // A link of 20 messages a tick and 6 ticks of round trip would be dropped with the default of 512
            // in flight once a few packets are lost.
            let config = laminar::Config {
                max_packets_in_flight: u16::MAX,
                max_packet_size: 255 * 1_024,
                max_fragments: 255,
                ..laminar::Config::default()
            };
            let mut messenger = Messenger { config, ..Messenger::default() };
            let connection = VirtualConnection::create_connection(&mut messenger, LAMINAR_ADDRESS, epoch);
            LaminarEnd { connection, messenger, now: epoch }
        };
        Self { ends: [end(), end()], epoch }
    }
}

impl Ends for Laminar {
    fn send(&mut self, end: usize, reliable: bool, payload: &[u8]) {
        let packet = match reliable {
            true => Packet::reliable_ordered(LAMINAR_ADDRESS, payload.to_vec(), None),
            false => Packet::unreliable(LAMINAR_ADDRESS, payload.to_vec()),
        };
        let LaminarEnd { connection, messenger, now } = &mut self.ends[end];
        connection.process_event(messenger, packet, *now);
    }

    fn flush(&mut self, end: usize, now: Duration, mut send: impl FnMut(&[u8])) {
        let LaminarEnd { connection, messenger, now: time } = &mut self.ends[end];
        *time = self.epoch + now;
        connection.update(messenger, *time);
        messenger.datagrams.drain(..).for_each(|datagram| send(&datagram));
    }

    fn receive(&mut self, end: usize, now: Duration, datagram: &[u8]) {
        let LaminarEnd { connection, messenger, now: time } = &mut self.ends[end];
        *time = self.epoch + now;
        connection.process_packet(messenger, datagram, *time);
    }

    fn drain(&mut self, end: usize, mut show: impl FnMut(bool, &[u8])) {
        for event in self.ends[end].messenger.events.drain(..) {
            if let SocketEvent::Packet(packet) = event {
                let reliable = packet.delivery_guarantee() == laminar::DeliveryGuarantee::Reliable;
                show(reliable, packet.payload());
            }
        }
    }
}
