//! Other implementations of the standard, each side of ours against each side of theirs, over loopback sockets:
//! `netcode-official`, by the standard's author, and renet's `renetcode`.

mod netcode_support;

use core::net::{Ipv4Addr, SocketAddr};
use core::sync::atomic::{AtomicU64, Ordering};
use core::time::Duration;
use netcode_support::{PRIVATE_KEY, PROTOCOL, TIMEOUT, USER_DATA, config, open_private, request, rng};
use netcord_transport::netcode::{Client, ClientState, ConnectToken, Server, ServerConfig, TokenRequest};
use netcord_transport::{ClientId, Endpoint, EndpointEvent};
use std::net::UdpSocket;
use std::time::{SystemTime, UNIX_EPOCH};

const CLIENT: u64 = 42;

/// The official crate reads the system's clock to judge tokens.
fn unix() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

fn socket() -> (UdpSocket, SocketAddr) {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    socket.set_nonblocking(true).unwrap();
    let address = socket.local_addr().unwrap();
    (socket, address)
}

fn our_token(addresses: &[SocketAddr]) -> ConnectToken {
    static SEED: AtomicU64 = AtomicU64::new(0);
    let request = TokenRequest { created: unix(), addresses, ..request(CLIENT) };
    ConnectToken::generate(request, &mut rng(SEED.fetch_add(1, Ordering::Relaxed))).unwrap()
}

/// One side of a connection, in whichever implementation.
trait Party {
    /// Lets a millisecond pass, and takes and sends what there is.
    fn poll(&mut self, now: Duration);
    fn is_connected(&self) -> bool;
    fn send(&mut self, payload: &[u8]);
    /// The payloads that came.
    fn received(&mut self) -> Vec<Vec<u8>>;
    fn disconnect(&mut self);
}

/// Polls both parties until `done`, for at most 20 simulated seconds.
fn until(
    now: &mut Duration,
    server: &mut impl Party,
    client: &mut impl Party,
    mut done: impl FnMut(&mut dyn Party, &mut dyn Party) -> bool,
) {
    for _ in 0..20_000 {
        if done(server, client) {
            return;
        }
        *now += Duration::from_millis(1);
        client.poll(*now);
        server.poll(*now);
        std::thread::yield_now();
    }
    panic!("nothing came of it in 20 seconds");
}

/// Connects, says something of each size each way, and ends the connection from one side.
fn converse(server: &mut impl Party, client: &mut impl Party, server_leaves: bool) {
    let mut now = Duration::from_secs(unix());
    until(&mut now, server, client, |server, client| server.is_connected() && client.is_connected());
    for size in [1, 2, 100, 1_199, 1_200] {
        let (down, up) = (vec![size as u8; size], vec![!(size as u8); size]);
        server.send(&down);
        client.send(&up);
        let (mut came_down, mut came_up) = (Vec::new(), Vec::new());
        until(&mut now, server, client, |server, client| {
            came_up.extend(server.received());
            came_down.extend(client.received());
            !came_up.is_empty() && !came_down.is_empty()
        });
        assert_eq!((came_up, came_down), (vec![up], vec![down]));
    }
    // Longer than the timeout, so that each side's keep-alives are seen to be taken.
    let quiet_until = now + Duration::from_secs(TIMEOUT as u64 + 2);
    let mut passed = now;
    until(&mut now, server, client, |_, _| {
        passed += Duration::from_millis(1);
        passed > quiet_until
    });
    assert!(server.is_connected() && client.is_connected());
    if server_leaves {
        server.disconnect()
    } else {
        client.disconnect()
    }
    until(&mut now, server, client, |server, client| !server.is_connected() && !client.is_connected());
}

/// Ours, over a socket.
struct Ours<E> {
    endpoint: E,
    socket: UdpSocket,
    peer: Option<netcord_transport::PeerId>,
    payloads: Vec<Vec<u8>>,
}

impl<E: Endpoint> Ours<E> {
    fn new(endpoint: E, socket: UdpSocket) -> Self {
        Self { endpoint, socket, peer: None, payloads: Vec::new() }
    }
}

impl<E: Endpoint> Party for Ours<E> {
    fn poll(&mut self, now: Duration) {
        self.endpoint.update(now, unix());
        let mut buffer = [0; 2_048];
        while let Ok((size, from)) = self.socket.recv_from(&mut buffer) {
            if let Some((_, payload)) = self.endpoint.receive(from, &mut buffer[..size]) {
                self.payloads.push(payload.to_vec());
            }
        }
        while let Some(event) = self.endpoint.next_event() {
            self.peer = match event {
                EndpointEvent::Connected { peer, client, user_data } => {
                    assert!(client == ClientId(CLIENT) && *user_data == USER_DATA || client == ClientId(0));
                    Some(peer)
                }
                EndpointEvent::Disconnected { .. } => None,
            };
        }
        while let Some(transmit) = self.endpoint.next_transmit() {
            self.socket.send_to(transmit.datagram, transmit.to).unwrap();
        }
    }

    fn is_connected(&self) -> bool {
        self.peer.is_some()
    }

    fn send(&mut self, payload: &[u8]) {
        self.endpoint.send(self.peer.unwrap(), payload).unwrap();
    }

    fn received(&mut self) -> Vec<Vec<u8>> {
        core::mem::take(&mut self.payloads)
    }

    fn disconnect(&mut self) {
        self.endpoint.disconnect(self.peer.take().unwrap());
    }
}

fn our_server() -> (Ours<Server>, SocketAddr) {
    let (socket, address) = socket();
    let server = Server::new(ServerConfig { addresses: vec![address], ..config() }, rng(1));
    (Ours::new(server, socket), address)
}

fn our_client(token: ConnectToken) -> Ours<Client> {
    Ours::new(Client::new(token, rng(2)), socket().0)
}

impl Party for netcode::Client {
    fn poll(&mut self, now: Duration) {
        self.update(now.as_secs_f64());
    }

    fn is_connected(&self) -> bool {
        self.state() == netcode::ClientState::Connected
    }

    fn send(&mut self, payload: &[u8]) {
        self.send_packet(payload).unwrap();
    }

    fn received(&mut self) -> Vec<Vec<u8>> {
        core::iter::from_fn(|| self.receive_packet()).map(|(payload, _)| payload).collect()
    }

    fn disconnect(&mut self) {
        self.disconnect();
    }
}

impl Party for netcode::Server {
    fn poll(&mut self, now: Duration) {
        self.update(now.as_secs_f64());
        if self.client_connected(0) {
            assert_eq!((self.client_id(0), self.client_user_data(0)), (CLIENT, Some(&USER_DATA)));
        }
    }

    fn is_connected(&self) -> bool {
        self.client_connected(0)
    }

    fn send(&mut self, payload: &[u8]) {
        self.send_packet(0, payload).unwrap();
    }

    fn received(&mut self) -> Vec<Vec<u8>> {
        core::iter::from_fn(|| self.receive_packet(0)).map(|(payload, _)| payload).collect()
    }

    fn disconnect(&mut self) {
        self.disconnect_client(0);
    }
}

fn official_server() -> (netcode::Server, SocketAddr) {
    let address = (Ipv4Addr::LOCALHOST, 0).into();
    let mut server = netcode::Server::new(address, PROTOCOL, &PRIVATE_KEY, unix() as f64).unwrap();
    server.start(4).unwrap();
    let address = server.address();
    (server, address)
}

fn official_token(addresses: &[SocketAddr]) -> [u8; 2048] {
    netcode::generate_connect_token(
        addresses,
        addresses,
        30,
        TIMEOUT,
        CLIENT,
        PROTOCOL,
        &PRIVATE_KEY,
        &USER_DATA,
    )
    .unwrap()
}

fn official_client(token: &[u8; 2048]) -> netcode::Client {
    let mut client = netcode::Client::new((Ipv4Addr::LOCALHOST, 0).into(), unix() as f64).unwrap();
    client.connect(token).unwrap();
    client
}

/// renetcode, over a socket.
struct Renet<E> {
    endpoint: E,
    socket: UdpSocket,
    now: Duration,
    payloads: Vec<Vec<u8>>,
}

impl<E> Renet<E> {
    fn new(endpoint: E, socket: UdpSocket) -> Self {
        Self { endpoint, socket, now: Duration::from_secs(unix()), payloads: Vec::new() }
    }

    fn pass(&mut self, now: Duration) -> Duration {
        let passed = now.saturating_sub(self.now);
        self.now = now;
        passed
    }
}

impl Party for Renet<renetcode::NetcodeClient> {
    fn poll(&mut self, now: Duration) {
        let mut buffer = [0; 2_048];
        while let Ok((size, _)) = self.socket.recv_from(&mut buffer) {
            self.payloads
                .extend(self.endpoint.process_packet(&mut buffer[..size]).map(|payload| payload.to_vec()));
        }
        let passed = self.pass(now);
        if let Some((datagram, to)) = self.endpoint.update(passed) {
            self.socket.send_to(datagram, to).unwrap();
        }
    }

    fn is_connected(&self) -> bool {
        self.endpoint.is_connected()
    }

    fn send(&mut self, payload: &[u8]) {
        let (to, datagram) = self.endpoint.generate_payload_packet(payload).unwrap();
        self.socket.send_to(datagram, to).unwrap();
    }

    fn received(&mut self) -> Vec<Vec<u8>> {
        core::mem::take(&mut self.payloads)
    }

    fn disconnect(&mut self) {
        let (to, datagram) = self.endpoint.disconnect().unwrap();
        self.socket.send_to(datagram, to).unwrap();
    }
}

impl Party for Renet<renetcode::NetcodeServer> {
    fn poll(&mut self, now: Duration) {
        use renetcode::ServerResult;
        let passed = self.pass(now);
        self.endpoint.update(passed);
        let mut buffer = [0; 2_048];
        while let Ok((size, from)) = self.socket.recv_from(&mut buffer) {
            match self.endpoint.process_packet(from, &mut buffer[..size]) {
                ServerResult::PacketToSend { addr, payload } => {
                    self.socket.send_to(payload, addr).unwrap();
                }
                ServerResult::ClientConnected { client_id, addr, user_data, payload } => {
                    assert_eq!((client_id, *user_data), (CLIENT, USER_DATA));
                    self.socket.send_to(payload, addr).unwrap();
                }
                ServerResult::Payload { payload, .. } => self.payloads.push(payload.to_vec()),
                ServerResult::ClientDisconnected { .. } | ServerResult::None => {}
            }
        }
        if let ServerResult::PacketToSend { addr, payload } = self.endpoint.update_client(CLIENT) {
            self.socket.send_to(payload, addr).unwrap();
        }
    }

    fn is_connected(&self) -> bool {
        self.endpoint.is_client_connected(CLIENT)
    }

    fn send(&mut self, payload: &[u8]) {
        let (to, datagram) = self.endpoint.generate_payload_packet(CLIENT, payload).unwrap();
        self.socket.send_to(datagram, to).unwrap();
    }

    fn received(&mut self) -> Vec<Vec<u8>> {
        core::mem::take(&mut self.payloads)
    }

    fn disconnect(&mut self) {
        let result = self.endpoint.disconnect(CLIENT);
        let renetcode::ServerResult::ClientDisconnected { addr, payload: Some(datagram), .. } = result else {
            panic!("was not connected")
        };
        self.socket.send_to(datagram, addr).unwrap();
    }
}

fn renet_server() -> (Renet<renetcode::NetcodeServer>, SocketAddr) {
    let (socket, address) = socket();
    let server = renetcode::NetcodeServer::new(renetcode::ServerConfig {
        current_time: Duration::from_secs(unix()),
        max_clients: 4,
        protocol_id: PROTOCOL,
        public_addresses: vec![address],
        authentication: renetcode::ServerAuthentication::Secure { private_key: PRIVATE_KEY },
    });
    (Renet::new(server, socket), address)
}

fn renet_token(addresses: &[SocketAddr]) -> renetcode::ConnectToken {
    let (now, addresses) = (Duration::from_secs(unix()), addresses.to_vec());
    renetcode::ConnectToken::generate(
        now,
        PROTOCOL,
        30,
        CLIENT,
        TIMEOUT,
        addresses,
        Some(&USER_DATA),
        &PRIVATE_KEY,
    )
    .unwrap()
}

fn renet_client(connect_token: renetcode::ConnectToken) -> Renet<renetcode::NetcodeClient> {
    let authentication = renetcode::ClientAuthentication::Secure { connect_token };
    let client = renetcode::NetcodeClient::new(Duration::from_secs(unix()), authentication).unwrap();
    Renet::new(client, socket().0)
}

/// renetcode writes the client's id before a token, and no padding behind it.
fn from_renet(token: &renetcode::ConnectToken) -> ConnectToken {
    let mut bytes = Vec::new();
    token.write(&mut bytes).unwrap();
    bytes.drain(..8);
    bytes.resize(2_048, 0);
    ConnectToken::from_bytes(&bytes).unwrap()
}

fn to_renet(token: &ConnectToken) -> renetcode::ConnectToken {
    let bytes = [&CLIENT.to_le_bytes(), &*token.to_bytes() as &[u8]].concat();
    renetcode::ConnectToken::read(&mut &bytes[..]).unwrap()
}

#[test]
fn our_client_and_an_official_server_understand_each_other() {
    for server_leaves in [false, true] {
        let (mut server, address) = official_server();
        converse(&mut server, &mut our_client(our_token(&[address])), server_leaves);
    }
}

#[test]
fn an_official_client_and_our_server_understand_each_other() {
    for server_leaves in [false, true] {
        let (mut server, address) = our_server();
        converse(&mut server, &mut official_client(&our_token(&[address]).to_bytes()), server_leaves);
    }
}

#[test]
fn our_client_and_a_renetcode_server_understand_each_other() {
    for server_leaves in [false, true] {
        let (mut server, address) = renet_server();
        converse(&mut server, &mut our_client(our_token(&[address])), server_leaves);
    }
}

#[test]
fn a_renetcode_client_and_our_server_understand_each_other() {
    for server_leaves in [false, true] {
        let (mut server, address) = our_server();
        converse(&mut server, &mut renet_client(to_renet(&our_token(&[address]))), server_leaves);
    }
}

#[test]
fn tokens_that_others_made_work_with_ours() {
    let (mut server, address) = our_server();
    let token = ConnectToken::from_bytes(&official_token(&[address])).unwrap();
    converse(&mut server, &mut our_client(token), false);

    let (mut server, address) = our_server();
    converse(&mut server, &mut our_client(from_renet(&renet_token(&[address]))), false);
}

#[test]
fn tokens_of_others_say_the_same_to_us() {
    let addresses: Vec<SocketAddr> =
        vec!["192.0.2.7:1".parse().unwrap(), "[2001:db8::5:6]:65535".parse().unwrap()];
    let official = ConnectToken::from_bytes(&official_token(&addresses)).unwrap();
    // renetcode writes the bytes of IPv6 addresses in an order of its own, so it is asked about IPv4 only.
    let renet = from_renet(&renet_token(&addresses[..1]));
    for (token, addresses) in [(&official, &addresses[..]), (&renet, &addresses[..1])] {
        assert_eq!(token.addresses(), addresses);
        assert_eq!(token.protocol_id(), PROTOCOL);
        assert_eq!(token.expires() - token.created(), 30);
        assert_eq!(token.timeout(), Some(Duration::from_secs(TIMEOUT as u64)));
        let (theirs, ours) = (open_private(token).unwrap(), open_private(&our_token(addresses)).unwrap());
        let keys = 16 + if addresses.len() == 2 { 7 + 19 } else { 7 };
        assert_eq!(theirs[..keys], ours[..keys], "id, timeout and addresses");
        assert_eq!(theirs[keys..keys + 32], *token.client_to_server_key());
        assert_eq!(theirs[keys + 32..keys + 64], *token.server_to_client_key());
        assert_eq!(theirs[keys + 64..], ours[keys + 64..], "user data and padding");
    }
    let back = to_renet(&renet);
    assert_eq!((back.server_addresses[0], back.timeout_seconds), (Some(addresses[0]), TIMEOUT));
}

/// A client that did not reach the token's first server starts anywhere but at zero with the second, and so does
/// our server, and others take it.
#[test]
fn the_second_address_of_a_token_works_with_others_too() {
    let (_nobody, dead) = socket();
    let (mut server, address) = our_server();
    converse(&mut server, &mut official_client(&our_token(&[dead, address]).to_bytes()), true);
    let (mut server, address) = our_server();
    converse(&mut server, &mut renet_client(to_renet(&our_token(&[dead, address]))), true);
    let (mut server, address) = official_server();
    let mut client = our_client(our_token(&[dead, address]));
    converse(&mut server, &mut client, true);
    assert_eq!(client.endpoint.state(), ClientState::Disconnected);
}

#[test]
fn a_full_server_denies_across_implementations() {
    let (socket, address) = socket();
    let full = Server::new(ServerConfig { addresses: vec![address], max_clients: 0, ..config() }, rng(1));
    let (mut full, mut now) = (Ours::new(full, socket), Duration::from_secs(unix()));
    let mut client = official_client(&our_token(&[address]).to_bytes());
    for _ in 0..1_000 {
        now += Duration::from_millis(1);
        client.poll(now);
        full.poll(now);
    }
    assert_eq!(client.state(), netcode::ClientState::ConnectionDenied);
    let mut client = renet_client(to_renet(&our_token(&[address])));
    for _ in 0..1_000 {
        now += Duration::from_millis(1);
        client.poll(now);
        full.poll(now);
    }
    assert_eq!(client.endpoint.disconnect_reason(), Some(renetcode::DisconnectReason::ConnectionDenied));
}
