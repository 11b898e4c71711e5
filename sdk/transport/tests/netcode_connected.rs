//! Standard: "Connected Clients".

mod netcode_support;

use core::time::Duration;
use netcode_support::*;
use netcord_transport::netcode::{Client, ClientState, ServerConfig};
use netcord_transport::{ClientId, DisconnectReason, Endpoint, EndpointEvent, PeerId, SendError};

const STEP: Duration = Duration::from_millis(10);
const SECOND: Duration = Duration::from_secs(1);

/// A pair whose client is connected at the server, and doesn't know it.
fn unconfirmed() -> Pair {
    let mut pair = Pair::new();
    let request = pair.client_sends().remove(0);
    pair.server_takes(&request);
    let challenge = pair.server_sends().remove(0);
    pair.client_takes(&challenge);
    let response = pair.client_sends().remove(0);
    pair.server_takes(&response);
    assert_eq!(kinds(&pair.server_sends()), [KEEP_ALIVE]);
    pair
}

#[test]
fn a_client_is_found_by_peer_id_and_address() {
    let mut pair = Pair::new();
    pair.exchange();
    let [EndpointEvent::Connected { peer, client, user_data }] = &events(&mut pair.server)[..] else {
        panic!()
    };
    assert_eq!((*client, **user_data), (ClientId(1), USER_DATA));
    assert_eq!(pair.server.client(*peer), Some(ClientId(1)));
    assert_eq!(pair.server.peer_of(ClientId(1)), Some(*peer));
    assert_eq!(pair.server.address(*peer), Some(HOME));
    let stranger = PeerId::new(peer.slot() as u32, peer.generation() + 1);
    assert_eq!((pair.server.client(stranger), pair.server.address(stranger)), (None, None));
    assert_eq!(pair.server.send(stranger, b"x"), Err(SendError::NotConnected { peer: stranger }));
}

#[test]
fn payloads_to_an_unconfirmed_client_have_a_keep_alive_before_them() {
    let mut pair = unconfirmed();
    let peer = pair.peer();
    pair.server.send(peer, b"first").unwrap();
    pair.server.send(peer, b"second").unwrap();
    let datagrams = pair.server_sends();
    assert_eq!(kinds(&datagrams), [KEEP_ALIVE, PAYLOAD, KEEP_ALIVE, PAYLOAD]);
    assert!(pair.client_takes(&datagrams[0]).is_none());
    assert_eq!(pair.client_takes(&datagrams[1]), Some((peer, b"first".to_vec())));

    let confirmation = pair.client_sends().remove(0);
    pair.server_takes(&confirmation);
    pair.server.send(peer, b"third").unwrap();
    assert_eq!(kinds(&pair.server_sends()), [PAYLOAD]);
}

#[test]
fn a_payload_confirms_as_well() {
    let mut pair = unconfirmed();
    let payload = seal(&pair.keys.up, PAYLOAD, 3, b"x");
    assert!(pair.server_takes(&payload).is_some());
    pair.server.send(pair.peer(), b"x").unwrap();
    assert_eq!(kinds(&pair.server_sends()), [PAYLOAD]);
}

#[test]
fn a_lost_keep_alive_is_made_up_for() {
    let mut pair = unconfirmed();
    assert_eq!(pair.client.state(), ClientState::SendingConnectionResponse);
    pair.run(Duration::from_millis(100));
    assert_eq!(pair.client.state(), ClientState::Connected);
}

#[test]
fn keep_alives_are_sent_ten_times_a_second_when_nothing_else_is() {
    let mut pair = Pair::connected();
    pair.pass(SECOND);
    assert_eq!(kinds(&pair.server_sends()), [KEEP_ALIVE; 10]);
    for _ in 0..30 {
        pair.server.send(pair.peer(), b"x").unwrap();
        pair.pass(Duration::from_millis(90));
        assert_eq!(kinds(&pair.server_sends()), [PAYLOAD]);
    }
}

#[test]
fn silence_times_a_client_out() {
    let mut pair = Pair::connected();
    let peer = pair.peer();
    pair.pass(SECOND * 4);
    pair.server_takes(&seal(&pair.keys.up, KEEP_ALIVE, 100, &[0; 8]));
    pair.pass(SECOND * 4);
    pair.server_takes(&seal(&pair.keys.up, PAYLOAD, 101, b"x"));
    pair.pass(SECOND * 5);
    assert_eq!(pair.server.connected(), 1);
    pair.pass(STEP);
    let [EndpointEvent::Disconnected { peer: gone, reason }] = &events(&mut pair.server)[..] else {
        panic!()
    };
    assert_eq!((*gone, reason), (peer, &DisconnectReason::TimedOut));
    assert_eq!((pair.server.connected(), pair.server.peer_of(ClientId(1))), (0, None));
    pair.server_sends();
    pair.pass(SECOND);
    assert!(pair.server_sends().is_empty(), "nothing is sent to who is gone");
}

#[test]
fn a_server_that_slept_reads_what_waits_before_it_gives_clients_up() {
    let mut pair = Pair::connected();
    pair.now += SECOND * 60;
    pair.update();
    let waited = seal(&pair.keys.up, PAYLOAD, 100, b"waited in the socket");
    assert!(pair.server_takes(&waited).is_some());
    pair.pass(SECOND * 5);
    assert_eq!(pair.server.connected(), 1);
    pair.pass(STEP);
    assert_eq!(pair.server.connected(), 0);
}

#[test]
fn a_client_that_leaves_frees_its_slot() {
    let mut pair = Pair::connected();
    let peer = pair.peer();
    pair.client.disconnect(Client::SERVER);
    pair.exchange();
    let [EndpointEvent::Disconnected { peer: gone, reason }] = &events(&mut pair.server)[..] else {
        panic!()
    };
    assert_eq!((*gone, reason), (peer, &DisconnectReason::Left(0)));
    assert_eq!(pair.server.connected(), 0);
}

#[test]
fn a_client_thrown_out_is_told_ten_times() {
    let mut pair = Pair::connected();
    let peer = pair.peer();
    pair.server.disconnect(peer);
    pair.server.disconnect(peer);
    assert!(events(&mut pair.server).is_empty());
    let datagrams = pair.server_sends();
    assert_eq!(kinds(&datagrams), [DISCONNECT; 10]);
    let mut numbers: Vec<u64> = datagrams.iter().map(|datagram| sequence(datagram).0).collect();
    numbers.dedup();
    assert_eq!(numbers.len(), 10);
    pair.client_takes(&datagrams[9]);
    assert_eq!(pair.client.state(), ClientState::Disconnected);
    assert_eq!(disconnect_reason(&events(&mut pair.client)), Some(DisconnectReason::Left(0)));
}

#[test]
fn a_connection_works_only_from_its_address() {
    let mut pair = Pair::connected();
    let peer = pair.peer();
    pair.client.send(Client::SERVER, b"up").unwrap();
    let datagram = pair.client_sends().remove(0);
    assert_eq!(deliver(&mut pair.server, ELSEWHERE, &datagram), None);
    assert_eq!(pair.server_takes(&datagram), Some((peer, b"up".to_vec())));
    pair.server.send(peer, b"down").unwrap();
    let datagram = pair.server_sends().remove(0);
    assert_eq!(deliver(&mut pair.client, OTHER_SERVER, &datagram), None);
    assert_eq!(pair.client_takes(&datagram), Some((peer, b"down".to_vec())));
}

#[test]
fn many_clients_come_and_go() {
    let count = 40_u64;
    let mut pair = Pair::with(ServerConfig { max_clients: count as usize, ..config() }, token(1));
    let from = |client: u64| core::net::SocketAddr::new(HOME.ip(), 1_000 + client as u16);
    let mut clients: Vec<Client> =
        (1..=count).map(|client| Client::new(token(client), rng(client))).collect();
    let mut heard = 0_usize;
    for round in 0..100 {
        pair.now += STEP;
        pair.server.update(pair.now, UNIX);
        for (number, client) in (1..).zip(&mut clients) {
            client.update(pair.now, UNIX);
            if client.state() == ClientState::Connected {
                client.send(Client::SERVER, &u64::to_le_bytes(number)).unwrap();
            }
            // Half of the clients crash, a quarter leave.
            if round == 50 && number % 4 == 0 {
                client.disconnect(Client::SERVER);
            }
            for (_, datagram) in sent(client).into_iter().filter(|_| round < 60 || number % 2 == 0) {
                if let Some((peer, payload)) = deliver(&mut pair.server, from(number), &datagram) {
                    assert_eq!(payload, number.to_le_bytes());
                    assert_eq!(pair.server.client(peer), Some(ClientId(number)));
                    heard += 1;
                }
            }
        }
        for (to, datagram) in sent(&mut pair.server) {
            deliver(&mut clients[usize::from(to.port()) - 1_001], SERVER, &datagram);
        }
    }
    assert!(heard > 2_000);
    assert_eq!(pair.server.connected() as u64, count - count / 4);
    for _ in 0..600 {
        pair.now += STEP;
        pair.server.update(pair.now, UNIX);
        for (number, client) in (1..).zip(&mut clients).filter(|(number, _)| number % 2 == 0) {
            client.update(pair.now, UNIX);
            for (_, datagram) in sent(client) {
                deliver(&mut pair.server, from(number), &datagram);
            }
        }
        sent(&mut pair.server);
    }
    assert_eq!(pair.server.connected() as u64, count / 4);
    assert!((1..=count).all(|client| pair.server.peer_of(ClientId(client)).is_some() == (client % 4 == 2)));
}
