//! The target of the whole transport: what a peer can do to it once it is authenticated.

use super::channels::config;
use super::endpoints::{CLIENT, HOST};
use super::script::{Script, write_chunk};
use netcord::transport::lab::{LabSocket, Network};
use netcord::transport::{
    ChannelId, ChannelsConfig, ClientId, Endpoint, EndpointEvent, Event, Manifest, PeerId, SecureTransport,
    SendError, Transmit, TransmitQueue, Transport,
};
use std::net::SocketAddr;
use std::time::Duration;

const FRAME: Duration = Duration::from_micros(16_667);
const PEER: PeerId = PeerId::new(0, 0);

/// A transport whose peer sends the script's chunks as payloads. The peer is disconnected at most once, and nothing
/// is heard of it before it is connected or after it is gone.
pub(super) fn transport(script: &[u8]) {
    let network = Network::new(0);
    let mut transport = open(&network, HOST, CLIENT);
    let (mut now, mut is_connected, mut is_gone) = (Duration::ZERO, false, false);
    let mut script = Script(script);
    while let Some(step) = script.next() {
        match step % 4 {
            0 => {
                let length = usize::from(script.number()) % 8_000;
                let _ = transport.send(PEER, ChannelId(step >> 2 & 3), &vec![step; length]);
            }
            1 => {
                now += FRAME * (1 + u32::from(script.byte()));
                transport.receive(now).expect("the lab's sockets don't break");
                while let Some(event) = transport.next_event() {
                    assert!(!is_gone, "nothing comes after the end");
                    match event {
                        Event::Connected { .. } => {
                            assert!(!is_connected, "connected twice");
                            is_connected = true;
                        }
                        Event::Disconnected { .. } => is_gone = true,
                        _ => assert!(is_connected, "nothing comes before the connection"),
                    }
                }
                transport.flush(now).expect("the lab's sockets don't break");
            }
            _ => network.inject(CLIENT, HOST, script.chunk()),
        }
    }
}

/// What an honest peer sends in a conversation with this transport, as a script.
pub(super) fn conversation() -> Vec<u8> {
    let network = Network::new(0);
    let (mut ours, mut theirs) = (open(&network, HOST, CLIENT), open(&network, CLIENT, HOST));
    let (mut tap, mut script) = (network.tap(), Vec::new());
    for frame in 1..=12_u8 {
        let now = FRAME * u32::from(frame);
        network.advance_to(now);
        script.extend_from_slice(&[1, 0]);
        for transport in [&mut ours, &mut theirs] {
            transport.receive(now).expect("the lab's sockets don't break");
            while transport.next_event().is_some() {}
        }
        for channel in 0..4 {
            let length = if frame == 8 { 3_000 } else { usize::from(frame) * 7 };
            let _ = theirs.send(PEER, ChannelId(channel), &vec![frame; length]);
        }
        if frame == 12 {
            theirs.disconnect(PEER, netcord::transport::DisconnectReason::Left(7));
        }
        for transport in [&mut ours, &mut theirs] {
            transport.flush(now).expect("the lab's sockets don't break");
        }
        for sent in tap.by_ref().filter(|sent| sent.to == HOST) {
            script.push(2);
            write_chunk(&mut script, &sent.datagram);
        }
    }
    script.extend_from_slice(&[1, 0]);
    script
}

/// The datagrams of that conversation alone.
pub(super) fn datagrams() -> Vec<Vec<u8>> {
    let conversation = conversation();
    let (mut script, mut datagrams) = (Script(&conversation), Vec::new());
    while let Some(step) = script.next() {
        match step {
            1 => drop(script.byte()),
            _ => datagrams.push(script.chunk().to_vec()),
        }
    }
    datagrams
}

fn open(network: &Network, here: SocketAddr, there: SocketAddr) -> SecureTransport<Open, LabSocket> {
    let socket = network.socket(here).expect("the address is free");
    let manifest = Manifest::new().with("game", 1);
    let channels: ChannelsConfig = config();
    SecureTransport::new(Open::to(there), socket, channels, manifest, 0).expect("the channels are valid")
}

/// An endpoint without security: its one peer is connected from the start, and its datagrams are payloads.
struct Open {
    peer: SocketAddr,
    is_connected: bool,
    events: Vec<EndpointEvent>,
    transmits: TransmitQueue,
}

impl Open {
    fn to(peer: SocketAddr) -> Self {
        let connected =
            EndpointEvent::Connected { peer: PEER, client: ClientId(0), user_data: Box::new([0; 256]) };
        Self { peer, is_connected: true, events: vec![connected], transmits: TransmitQueue::default() }
    }
}

impl Endpoint for Open {
    const MAX_PAYLOAD: usize = 1_200;
    const OVERHEAD: usize = 0;

    fn update(&mut self, _now: Duration, _unix: u64) {}

    fn receive<'d>(&mut self, from: SocketAddr, datagram: &'d mut [u8]) -> Option<(PeerId, &'d [u8])> {
        (self.is_connected && from == self.peer && !datagram.is_empty()).then_some((PEER, datagram))
    }

    fn send(&mut self, peer: PeerId, payload: &[u8]) -> Result<usize, SendError> {
        if !self.is_connected {
            return Err(SendError::NotConnected { peer });
        }
        Ok(self.transmits.push(self.peer, payload).unwrap_or_default())
    }

    fn disconnect(&mut self, _peer: PeerId) {
        self.is_connected = false;
    }

    fn next_event(&mut self) -> Option<EndpointEvent> {
        self.events.pop()
    }

    fn next_transmit(&mut self) -> Option<Transmit<'_>> {
        self.transmits.pop()
    }

    fn address(&self, _peer: PeerId) -> Option<SocketAddr> {
        self.is_connected.then_some(self.peer)
    }
}
