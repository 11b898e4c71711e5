//! A mesh that plays costs no allocation: neither links that one asked for nor those by invite.

use allocation_counter::measure;
use netcord_transport::invite::{InviteHostConfig, InviteJoinerConfig, MeshEndpoint, protocol_id};
use netcord_transport::{Endpoint, EndpointEvent, PeerId, SecureRng};
use rand_core::SeedableRng;
use std::net::SocketAddr;
use std::time::Duration;

const PEERS: usize = 4;

struct Mesh {
    endpoints: Vec<MeshEndpoint>,
    /// All connections of each peer.
    peers: Vec<Vec<PeerId>>,
    now: Duration,
    buffer: Vec<u8>,
}

fn address(number: usize) -> SocketAddr {
    SocketAddr::from(([10, 0, 0, number as u8], 4_000))
}

impl Mesh {
    /// Everybody asked all who have a higher number.
    fn new() -> Self {
        let game = protocol_id("mesh");
        let config = |number| InviteHostConfig::new(game, vec![address(number)]);
        let rng = |number: usize| SecureRng::seed_from_u64(number as u64);
        let mut endpoints = vec![MeshEndpoint::host(config(0), rng(0)).expect("reachable")];
        for number in 1..PEERS {
            let code = endpoints[0].invite(0).expect("there is room");
            let joiner = InviteJoinerConfig::new(game);
            endpoints
                .push(MeshEndpoint::join(&code, joiner, config(number), rng(number)).expect("reachable"));
        }
        for comer in 1..PEERS {
            for maker in comer + 1..PEERS {
                let introduction = endpoints[maker].introduction(0).expect("there is room");
                endpoints[comer].meet(&introduction).expect("genuine");
            }
        }
        let peers = vec![Vec::new(); PEERS];
        let mut mesh = Self { endpoints, peers, now: Duration::ZERO, buffer: vec![0; 2_048] };
        for _ in 0..100 {
            mesh.step();
            for (endpoint, peers) in mesh.endpoints.iter_mut().zip(&mut mesh.peers) {
                while let Some(event) = endpoint.next_event() {
                    let EndpointEvent::Connected { peer, .. } = event else { panic!("{event:?}") };
                    peers.push(peer);
                }
            }
        }
        assert!(mesh.peers.iter().all(|peers| peers.len() == PEERS - 1));
        mesh
    }

    /// Hands everything that waits to whom it is for; how many payloads came of it.
    fn step(&mut self) -> usize {
        self.now += Duration::from_millis(16);
        let mut payloads = 0;
        for endpoint in &mut self.endpoints {
            endpoint.update(self.now, 0);
        }
        for from in 0..PEERS {
            while let Some(transmit) = self.endpoints[from].next_transmit() {
                let length = transmit.datagram.len();
                self.buffer[..length].copy_from_slice(transmit.datagram);
                let to = (0..PEERS).find(|&to| address(to) == transmit.to).expect("a peer");
                let received = self.endpoints[to].receive(address(from), &mut self.buffer[..length]);
                payloads += usize::from(received.is_some_and(|(_, payload)| payload == [7; 100]));
            }
        }
        payloads
    }

    fn play(&mut self, rounds: usize) {
        for _ in 0..rounds {
            for (endpoint, peers) in self.endpoints.iter_mut().zip(&self.peers) {
                for &peer in peers {
                    endpoint.send(peer, &[7; 100]).expect("connected");
                }
            }
            assert_eq!(self.step(), PEERS * (PEERS - 1));
        }
    }
}

#[test]
fn a_mesh_that_plays_costs_no_allocation() {
    let mut mesh = Mesh::new();
    mesh.play(200);
    assert_eq!(measure(|| mesh.play(1_000)).count_total, 0);
}
