//! A mesh in the network lab.

use super::{Mesh, Node};
use netcord_transport::invite::MeshEndpoint;
use netcord_transport::lab::{LabSocket, Network};
use std::net::SocketAddr;
use std::time::Duration;

/// A mesh in the lab. Node n is at 10.0.0.n+1:4000.
pub struct Lab {
    pub network: Network,
    pub mesh: Mesh<LabSocket>,
}

pub const BAD: &str = "latency=40ms, jitter=15ms, loss=10%, dup=5%, reorder=5%:50ms";

pub fn address(number: u8) -> SocketAddr {
    SocketAddr::from(([10, 0, 0, number + 1], 4_000))
}

impl Lab {
    pub fn new(seed: u64, conditions: &str) -> Self {
        let network = Network::new(seed);
        network.set_conditions(conditions.parse().expect("conditions"));
        let socket = network.socket(address(0)).expect("free");
        Self { mesh: Mesh::new(seed, socket, vec![address(0)]), network }
    }

    /// A lab with so many peers, all connected.
    pub fn full(seed: u64, conditions: &str, peers: u8) -> Self {
        let mut lab = Self::new(seed, conditions);
        for _ in 1..peers {
            lab.join();
        }
        lab.until(|mesh| mesh.is_full());
        lab
    }

    pub fn join(&mut self) -> u8 {
        let own = address(self.mesh.nodes.len() as u8);
        self.join_advertising(vec![own])
    }

    pub fn join_advertising(&mut self, addresses: Vec<SocketAddr>) -> u8 {
        let socket = self.network.socket(address(self.mesh.nodes.len() as u8)).expect("free");
        self.mesh.join(socket, addresses)
    }

    pub fn frame(&mut self) {
        let network = &self.network;
        self.mesh.frame(|now| network.advance_to(now));
    }

    pub fn run_seconds(&mut self, seconds: u64) {
        let end = self.mesh.now + Duration::from_secs(seconds);
        while self.mesh.now < end {
            self.frame();
        }
    }

    pub fn node(&mut self, number: u8) -> &mut Node<LabSocket> {
        &mut self.mesh.nodes[usize::from(number)]
    }

    pub fn endpoint(&mut self, number: u8) -> &mut MeshEndpoint {
        self.node(number).transport.endpoint_mut()
    }

    /// Runs until it is so, at most a minute.
    pub fn until(&mut self, so: impl Fn(&Mesh<LabSocket>) -> bool) {
        let end = self.mesh.now + Duration::from_secs(60);
        while !so(&self.mesh) {
            let state = || {
                let nodes = self.mesh.nodes.iter();
                nodes.map(|node| {
                    format!("{}: {:?} {:?} {:?}\n", node.number, node.peers, node.ended, node.errors)
                })
            };
            assert!(self.mesh.now < end, "it did not happen:\n{}", state().collect::<String>());
            self.frame();
        }
    }

    pub fn talk(&mut self) {
        self.mesh.talk();
        self.until(Mesh::all_heard);
    }
}
