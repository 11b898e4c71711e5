//! A mesh of real UDP sockets on this machine, under simulated time.

mod mesh_world;

use mesh_world::*;
use netcord_transport::DatagramSocket;
use netcord_transport::backend::UdpSocket;
use netcord_transport::invite::local_addresses;
use std::net::SocketAddr;
use std::time::Duration;

/// The sockets of a mesh, each with the addresses that its peer advertises.
fn play(mut sockets: impl Iterator<Item = (UdpSocket, Vec<SocketAddr>)>) {
    let (socket, addresses) = sockets.next().expect("a host");
    let mut mesh = Mesh::new(1, socket, addresses);
    for (socket, addresses) in sockets {
        mesh.join(socket, addresses);
    }
    let run_until = |mesh: &mut Mesh<UdpSocket>, so: &dyn Fn(&Mesh<UdpSocket>) -> bool| {
        for _ in 0..2_000 {
            if so(mesh) {
                return;
            }
            mesh.frame(|_| ());
            // What was sent is there at once; in case it is not, the host lets the system do its work.
            let _ = mesh.nodes[0].transport.socket().wait(Duration::from_millis(1));
        }
        panic!("it did not happen");
    };
    run_until(&mut mesh, &|mesh| mesh.is_full());
    mesh.talk();
    run_until(&mut mesh, &|mesh| mesh.all_heard());
}

#[test]
fn four_peers_on_loopback_become_a_mesh() {
    play((0..4).map(|_| {
        let socket = UdpSocket::bind("127.0.0.1:0".parse().expect("an address")).expect("a free port");
        let own = socket.local_addr().expect("it is bound");
        (socket, vec![own])
    }));
}

#[test]
fn four_peers_that_advertise_what_the_system_tells_become_a_mesh() {
    play((0..4).map(|_| {
        let socket = UdpSocket::bind_any(0).expect("a free port");
        let port = socket.local_addr().expect("it is bound").port();
        (socket, local_addresses(port).expect("interfaces"))
    }));
}

#[test]
fn guests_that_know_no_address_of_theirs_are_met_where_the_host_sees_them() {
    play((0..4).map(|number| {
        let socket = UdpSocket::bind("127.0.0.1:0".parse().expect("an address")).expect("a free port");
        let own = socket.local_addr().expect("it is bound");
        let nowhere = "192.0.2.1:9".parse().expect("an address");
        (socket, vec![if number == 0 { own } else { nowhere }])
    }));
}
