//! Standard: "Processing Connection Requests" and "Processing Connection Response Packets": the server's rules, one
//! by one, in their order; then what we add to them.

mod netcode_support;

use core::net::SocketAddr;
use core::time::Duration;
use netcode_support::*;
use netcord_transport::netcode::{ConnectToken, MAX_PENDING, Server, ServerConfig, TokenRequest};
use netcord_transport::{ClientId, Endpoint};

/// A server, at second 1,000 of its clock.
struct Lonely {
    server: Server,
    now: Duration,
    unix: u64,
}

impl Lonely {
    fn new(config: ServerConfig) -> Self {
        let mut lonely =
            Self { server: Server::new(config, rng(1_001)), now: Duration::from_secs(1_000), unix: UNIX };
        lonely.server.update(lonely.now, lonely.unix);
        lonely
    }

    fn pass(&mut self, seconds: u64) {
        for _ in 0..seconds * 100 {
            self.now += Duration::from_millis(10);
            self.server.update(self.now, self.unix);
        }
        self.unix += seconds;
        self.server.update(self.now, self.unix);
        sent(&mut self.server);
    }

    /// Hands a datagram over; the answers.
    fn take(&mut self, from: SocketAddr, datagram: &[u8]) -> Vec<Vec<u8>> {
        assert_eq!(deliver(&mut self.server, from, datagram), None);
        sent(&mut self.server)
            .into_iter()
            .map(|(to, answer)| {
                assert_eq!(to, from, "answers go to the one who asked");
                answer
            })
            .collect()
    }

    /// Hands a request over; whether it was answered by a challenge, which is returned, by a denial, or not.
    fn ask(&mut self, from: SocketAddr, token: &ConnectToken) -> Answer {
        match self.take(from, &request_of(token)).as_slice() {
            [] => Answer::None,
            [datagram] => match open(&keys(token).down, datagram) {
                Some((CHALLENGE, _, data)) => Answer::Challenge(data),
                Some((DENIED, _, _)) => Answer::Denied,
                other => panic!("unexpected answer {other:?}"),
            },
            more => panic!("{} answers", more.len()),
        }
    }

    /// Returns a challenge; the answer's type.
    fn respond(&mut self, from: SocketAddr, token: &ConnectToken, challenge: &[u8]) -> Option<u8> {
        let answers = self.take(from, &seal(&keys(token).up, RESPONSE, 7, challenge));
        assert!(answers.len() <= 1);
        answers.first().map(|answer| open(&keys(token).down, answer).expect("sealed for the client").0)
    }

    fn connect(&mut self, from: SocketAddr, token: &ConnectToken) {
        let Answer::Challenge(challenge) = self.ask(from, token) else { panic!("no challenge") };
        assert_eq!(self.respond(from, token, &challenge), Some(KEEP_ALIVE));
    }

    fn leave(&mut self, from: SocketAddr, token: &ConnectToken) {
        assert!(self.take(from, &seal(&keys(token).up, DISCONNECT, 1 << 20, &[])).is_empty());
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Answer {
    None,
    Challenge(Vec<u8>),
    Denied,
}

impl Answer {
    fn is_challenge(&self) -> bool {
        matches!(self, Self::Challenge(_))
    }
}

/// The request packet for a token.
fn request_of(token: &ConnectToken) -> Vec<u8> {
    let mut client = netcord_transport::netcode::Client::new(copy(token), rng(0));
    client.update(Duration::ZERO, UNIX);
    sent(&mut client).remove(0).1
}

/// A second token for the same client, with other keys.
fn another(client: u64) -> ConnectToken {
    ConnectToken::generate(request(client), &mut rng(client + 5_000)).unwrap()
}

// Processing Connection Requests, in the order of its steps

#[test]
fn a_request_of_another_size_is_ignored() {
    let mut lonely = Lonely::new(config());
    let packet = request_of(&token(1));
    for size in [1, 2, 18, 1_077] {
        assert!(lonely.take(HOME, &packet[..size]).is_empty());
    }
    assert!(lonely.take(HOME, &[&packet[..], &[0]].concat()).is_empty());
    assert_eq!(lonely.take(HOME, &packet).len(), 1);
}

#[test]
fn a_request_of_another_version_is_ignored() {
    let mut lonely = Lonely::new(config());
    for at in 1..14 {
        let mut packet = request_of(&token(1));
        packet[at] ^= 1;
        assert!(lonely.take(HOME, &packet).is_empty());
    }
}

#[test]
fn a_request_for_another_protocol_is_ignored() {
    let mut lonely = Lonely::new(config());
    let foreign = token_of(TokenRequest { protocol_id: PROTOCOL + 1, ..request(1) });
    assert!(lonely.take(HOME, &request_of(&foreign)).is_empty());
}

#[test]
fn a_token_works_until_the_second_before_it_expires() {
    let mut lonely = Lonely::new(config());
    lonely.pass(LIFETIME - 1);
    assert!(lonely.ask(HOME, &token(1)).is_challenge());
    lonely.pass(1);
    assert_eq!(lonely.ask(HOME, &token(1)), Answer::None);
    assert_eq!(lonely.ask(ELSEWHERE, &token(2)), Answer::None);
}

#[test]
fn a_token_of_another_issuer_is_ignored() {
    let mut lonely = Lonely::new(config());
    let foreign = token_of(TokenRequest { private_key: &[1; 32], ..request(1) });
    assert!(lonely.take(HOME, &request_of(&foreign)).is_empty());
}

#[test]
fn what_surrounds_the_private_data_is_authentic_too() {
    let mut lonely = Lonely::new(config());
    let packet = request_of(&token(1));
    for at in 1..packet.len() {
        let mut packet = packet.clone();
        packet[at] ^= 0x80;
        assert!(lonely.take(HOME, &packet).is_empty(), "byte {at}");
    }
    let mut postponed = packet.clone();
    postponed[22..30].copy_from_slice(&(UNIX + LIFETIME + 1).to_le_bytes());
    assert!(lonely.take(HOME, &postponed).is_empty());
    assert_eq!(lonely.take(HOME, &packet).len(), 1);
}

#[test]
fn private_data_that_can_not_be_read_is_ignored() {
    let mut lonely = Lonely::new(config());
    let plain = open_private(&token(1)).unwrap();
    let packet = |plain: &[u8]| request_packet(PROTOCOL, UNIX + LIFETIME, &[9; 24], plain);
    let changed = |at: usize, byte: u8| {
        let mut plain = plain.clone();
        plain[at] = byte;
        packet(&plain)
    };
    assert!(lonely.take(HOME, &changed(12, 0)).is_empty(), "no address");
    assert!(lonely.take(HOME, &changed(12, 33)).is_empty(), "too many addresses");
    assert!(lonely.take(HOME, &changed(15, 0xff)).is_empty(), "far too many addresses");
    assert!(lonely.take(HOME, &changed(16, 0)).is_empty(), "address type 0");
    assert!(lonely.take(HOME, &changed(16, 3)).is_empty(), "address type 3");
    assert!(lonely.take(HOME, &changed(1_007, 1)).is_empty(), "padding");
    assert_eq!(lonely.take(HOME, &packet(&plain)).len(), 1);
}

#[test]
fn a_token_for_other_servers_is_ignored() {
    let mut lonely = Lonely::new(config());
    let other_port = SocketAddr::new(SERVER.ip(), SERVER.port() + 1);
    let foreign = token_of(TokenRequest { addresses: &[OTHER_SERVER, other_port], ..request(1) });
    assert_eq!(lonely.ask(HOME, &foreign), Answer::None);
    let one_is_ours = token_of(TokenRequest { addresses: &[OTHER_SERVER, SERVER], ..request(2) });
    assert!(lonely.ask(HOME, &one_is_ours).is_challenge());
    let internal = TokenRequest { addresses: &[OTHER_SERVER], internal_addresses: &[SERVER], ..request(3) };
    assert!(lonely.ask(ELSEWHERE, &token_of(internal)).is_challenge());
}

#[test]
fn any_of_the_servers_addresses_will_do() {
    let v6: SocketAddr = "[2001:db8::1]:40000".parse().unwrap();
    let scoped: SocketAddr = "[fe80::1%3]:40000".parse().unwrap();
    let unscoped: SocketAddr = "[fe80::1]:40000".parse().unwrap();
    let mapped: SocketAddr = "[::ffff:10.0.0.9]:40000".parse().unwrap();
    let addresses = vec![SERVER, v6, scoped, mapped];
    let mut lonely = Lonely::new(ServerConfig { addresses, max_clients: 9, ..config() });
    for (client, listed) in [(1, SERVER), (2, v6), (3, unscoped), (4, address(9))] {
        let token = token_of(TokenRequest { addresses: &[listed], ..request(client) });
        assert!(lonely.ask(address(100 + client as u8), &token).is_challenge(), "{listed}");
    }
}

#[test]
fn a_connected_address_can_not_ask_again() {
    let mut lonely = Lonely::new(config());
    lonely.connect(HOME, &token(1));
    assert_eq!(lonely.ask(HOME, &token(2)), Answer::None);
    assert_eq!(lonely.ask(HOME, &token(1)), Answer::None);
    assert!(lonely.ask(ELSEWHERE, &token(2)).is_challenge(), "nor was the token noted as used from there");
}

#[test]
fn a_connected_client_can_not_ask_again() {
    let mut lonely = Lonely::new(config());
    lonely.connect(HOME, &token(1));
    assert_eq!(lonely.ask(ELSEWHERE, &another(1)), Answer::None);
    lonely.leave(HOME, &token(1));
    assert!(lonely.ask(ELSEWHERE, &another(1)).is_challenge());
}

#[test]
fn a_token_is_bound_to_the_address_that_used_it_first() {
    let mut lonely = Lonely::new(config());
    assert!(lonely.ask(HOME, &token(1)).is_challenge());
    let other_port = SocketAddr::new(HOME.ip(), HOME.port() + 1);
    assert_eq!(lonely.ask(ELSEWHERE, &token(1)), Answer::None);
    assert_eq!(lonely.ask(other_port, &token(1)), Answer::None);
    lonely.pass(TIMEOUT as u64 + 1);
    assert_eq!(lonely.ask(ELSEWHERE, &token(1)), Answer::None, "even when the handshake has ended");
    assert!(lonely.ask(HOME, &token(1)).is_challenge());
}

#[test]
fn a_full_server_denies() {
    let mut lonely = Lonely::new(ServerConfig { max_clients: 1, ..config() });
    lonely.connect(HOME, &token(1));
    assert_eq!(lonely.ask(ELSEWHERE, &token(2)), Answer::Denied);
    assert_eq!(lonely.ask(address(103), &token(2)), Answer::None, "the token was noted before the denial");
    lonely.leave(HOME, &token(1));
    assert!(lonely.ask(ELSEWHERE, &token(2)).is_challenge());
}

#[test]
fn a_handshake_ends_after_the_tokens_timeout() {
    let mut lonely = Lonely::new(config());
    let Answer::Challenge(challenge) = lonely.ask(HOME, &token(1)) else { panic!() };
    let Answer::Challenge(late) = lonely.ask(ELSEWHERE, &token(2)) else { panic!() };
    lonely.pass(TIMEOUT as u64 - 1);
    assert_eq!(lonely.respond(HOME, &token(1), &challenge), Some(KEEP_ALIVE));
    lonely.pass(1);
    assert_eq!(lonely.respond(ELSEWHERE, &token(2), &late), None);
}

#[test]
fn a_handshake_without_timeout_ends_too() {
    let mut lonely = Lonely::new(config());
    let [a, b] = [1, 2].map(|client| token_of(TokenRequest { timeout_seconds: -1, ..request(client) }));
    let (Answer::Challenge(in_time), Answer::Challenge(late)) =
        (lonely.ask(HOME, &a), lonely.ask(ELSEWHERE, &b))
    else {
        panic!()
    };
    lonely.pass(59);
    assert_eq!(lonely.respond(HOME, &a, &in_time), Some(KEEP_ALIVE));
    lonely.pass(1);
    assert_eq!(lonely.respond(ELSEWHERE, &b, &late), None);
}

#[test]
fn each_request_gets_a_challenge_of_its_own() {
    let mut lonely = Lonely::new(config());
    let challenges: Vec<_> = (0..5).map(|_| lonely.ask(HOME, &token(1))).collect();
    assert!(challenges.iter().all(Answer::is_challenge));
    assert!((1..5).all(|i| !challenges[..i].contains(&challenges[i])));
}

// Processing Connection Response Packets, in the order of its steps

#[test]
fn a_response_to_no_challenge_is_ignored() {
    let mut lonely = Lonely::new(config());
    assert!(lonely.ask(HOME, &token(1)).is_challenge());
    assert_eq!(lonely.respond(HOME, &token(1), &[1; 308]), None);
    assert_eq!(lonely.server.connected(), 0);
}

#[test]
fn only_the_holder_of_the_token_can_respond() {
    let mut lonely = Lonely::new(config());
    let Answer::Challenge(challenge) = lonely.ask(HOME, &token(1)) else { panic!() };
    assert_eq!(lonely.respond(HOME, &token(2), &challenge), None);
    assert_eq!(lonely.respond(ELSEWHERE, &token(1), &challenge), None);
    assert_eq!(lonely.respond(HOME, &token(1), &challenge), Some(KEEP_ALIVE));
}

#[test]
fn a_repeated_response_is_ignored() {
    let mut lonely = Lonely::new(config());
    let Answer::Challenge(challenge) = lonely.ask(HOME, &token(1)) else { panic!() };
    assert_eq!(lonely.respond(HOME, &token(1), &challenge), Some(KEEP_ALIVE));
    assert_eq!(lonely.respond(HOME, &token(1), &challenge), None, "the address is connected");
    lonely.leave(HOME, &token(1));
    assert_eq!(lonely.respond(HOME, &token(1), &challenge), None, "and its handshake is over");
    assert_eq!(lonely.server.connected(), 0);
}

#[test]
fn a_server_that_filled_up_meanwhile_denies_the_response() {
    let mut lonely = Lonely::new(ServerConfig { max_clients: 1, ..config() });
    let Answer::Challenge(first) = lonely.ask(HOME, &token(1)) else { panic!() };
    let Answer::Challenge(second) = lonely.ask(ELSEWHERE, &token(2)) else { panic!() };
    assert_eq!(lonely.respond(HOME, &token(1), &first), Some(KEEP_ALIVE));
    assert_eq!(lonely.respond(ELSEWHERE, &token(2), &second), Some(DENIED));
    assert_eq!(lonely.server.connected(), 1);
}

#[test]
fn a_response_takes_a_free_slot_and_is_answered_by_a_keep_alive() {
    let mut lonely = Lonely::new(config());
    for client in 1..=3 {
        lonely.connect(address(100 + client as u8), &token(client));
    }
    let slots = [1, 2, 3].map(|client| lonely.server.peer_of(ClientId(client)).unwrap());
    assert_eq!(slots.map(|peer| peer.slot()), [0, 1, 2]);
    assert_eq!(slots.map(|peer| lonely.server.address(peer).unwrap()), [101, 102, 103].map(address));
    lonely.leave(address(102), &token(2));
    lonely.connect(address(104), &token(4));
    let reused = lonely.server.peer_of(ClientId(4)).unwrap();
    assert_eq!((reused.slot(), reused.generation()), (1, slots[1].generation() + 1));
    assert_eq!(lonely.server.client(slots[1]), None, "the peer that left is nobody now");
    assert_eq!(lonely.server.connected(), 3);
}

// What we add: our STANDARD.md, section 3

#[test]
fn nothing_is_taken_before_the_first_update() {
    let mut server = Server::new(config(), rng(1));
    deliver(&mut server, HOME, &request_of(&token(1)));
    assert!(server.next_transmit().is_none());
}

#[test]
fn a_token_that_gave_a_connection_is_spent() {
    let mut lonely = Lonely::new(config());
    lonely.connect(HOME, &token(1));
    lonely.leave(HOME, &token(1));
    assert_eq!(lonely.ask(HOME, &token(1)), Answer::None, "after the client left");

    lonely.connect(HOME, &token(2));
    let peer = lonely.server.peer_of(ClientId(2)).unwrap();
    lonely.server.disconnect(peer);
    sent(&mut lonely.server);
    assert_eq!(lonely.ask(HOME, &token(2)), Answer::None, "after it was thrown out");

    lonely.connect(HOME, &token(3));
    lonely.pass(TIMEOUT as u64 + 1);
    assert_eq!(lonely.server.connected(), 0);
    assert_eq!(lonely.ask(HOME, &token(3)), Answer::None, "after it timed out");
    assert!(lonely.ask(HOME, &another(3)).is_challenge());
}

#[test]
fn a_clock_that_goes_back_revives_no_token() {
    let mut lonely = Lonely::new(config());
    lonely.connect(HOME, &token(1));
    lonely.leave(HOME, &token(1));
    lonely.pass(LIFETIME);
    lonely.unix = UNIX;
    lonely.pass(1);
    assert_eq!(lonely.ask(HOME, &token(1)), Answer::None);
}

#[test]
fn a_restarted_server_ignores_the_tokens_of_its_predecessor() {
    let config = ServerConfig { token_lifetime: Some(LIFETIME as u32), ..config() };
    let mut before = Lonely::new(config.clone());
    before.pass(2);
    let early = token_of(TokenRequest { created: UNIX + 1, ..request(1) });
    let late = token_of(TokenRequest { created: UNIX + 4, ..request(2) });
    before.connect(HOME, &early);

    let mut after = Lonely { server: Server::new(config, rng(1_003)), ..before };
    after.unix = UNIX + 3;
    after.server.update(after.now, after.unix);
    assert_eq!(after.ask(HOME, &early), Answer::None);
    assert!(after.ask(ELSEWHERE, &late).is_challenge());
}

#[test]
fn a_challenge_proves_only_the_address_that_it_went_to() {
    let mut lonely = Lonely::new(config());
    let (mine, spoofed) = (token(1), another(1));
    // A client with two tokens gets a challenge, then asks with the address of a victim, whose challenge it
    // can't see, and tries the one that it has.
    let Answer::Challenge(own) = lonely.ask(HOME, &mine) else { panic!() };
    assert!(lonely.ask(ELSEWHERE, &spoofed).is_challenge());
    assert_eq!(lonely.respond(ELSEWHERE, &spoofed, &own), None);
    // Nor can it get a newer one while the handshake in the victim's name is open.
    assert_eq!(lonely.ask(HOME, &mine), Answer::None);
    // And a friend's challenge is no help.
    let Answer::Challenge(friends) = lonely.ask(address(103), &token(3)) else { panic!() };
    assert_eq!(lonely.respond(ELSEWHERE, &spoofed, &friends), None);
    assert_eq!(lonely.server.connected(), 0);
}

#[test]
fn a_new_token_displaces_the_clients_older_handshake_but_a_replayed_one_does_not() {
    let mut lonely = Lonely::new(config());
    let (old, new) = (token(1), another(1));
    assert!(lonely.ask(HOME, &old).is_challenge());
    let Answer::Challenge(challenge) = lonely.ask(ELSEWHERE, &new) else {
        panic!("a restarted game waits in vain")
    };
    assert_eq!(lonely.ask(HOME, &old), Answer::None);
    assert_eq!(lonely.respond(ELSEWHERE, &new, &challenge), Some(KEEP_ALIVE));

    let mut lonely = Lonely::new(config());
    assert!(lonely.ask(HOME, &token(1)).is_challenge());
    let Answer::Challenge(challenge) = lonely.ask(HOME, &token(2)) else {
        panic!("the same address, a new token")
    };
    assert_eq!(lonely.ask(HOME, &token(1)), Answer::None);
    assert_eq!(lonely.respond(HOME, &token(2), &challenge), Some(KEEP_ALIVE));
}

#[test]
fn handshakes_are_limited_and_new_ones_wait() {
    let mut lonely = Lonely::new(ServerConfig { max_clients: 10_000, ..config() });
    let from = |number: usize| SocketAddr::new(HOME.ip(), 1 + number as u16);
    let Answer::Challenge(first) = lonely.ask(from(0), &token(0)) else { panic!() };
    for number in 1..MAX_PENDING {
        assert!(lonely.ask(from(number), &token(number as u64)).is_challenge());
    }
    let more = token(MAX_PENDING as u64);
    assert_eq!(lonely.ask(from(MAX_PENDING), &more), Answer::None);
    assert!(lonely.ask(from(7), &token(7)).is_challenge(), "those under way go on");
    assert_eq!(lonely.respond(from(0), &token(0), &first), Some(KEEP_ALIVE));
    assert!(lonely.ask(from(MAX_PENDING), &more).is_challenge());
}

#[test]
fn no_answer_is_larger_than_what_it_answers() {
    let mut lonely = Lonely::new(ServerConfig { max_clients: 1, ..config() });
    let (first, second) = (token(1), token(2));
    let answers = lonely.take(HOME, &request_of(&first));
    assert!(answers.len() == 1 && answers[0].len() < 1078);
    let (_, _, challenge) = open(&keys(&first).down, &answers[0]).unwrap();
    let Answer::Challenge(late) = lonely.ask(ELSEWHERE, &second) else { panic!() };

    let response = seal(&keys(&first).up, RESPONSE, 0, &challenge);
    let answers = lonely.take(HOME, &response);
    assert!(answers.len() == 1 && answers[0].len() < response.len());
    let response = seal(&keys(&second).up, RESPONSE, 0, &late);
    let answers = lonely.take(ELSEWHERE, &response);
    assert!(answers.len() == 1 && answers[0].len() < response.len());
    assert_eq!(lonely.ask(ELSEWHERE, &second), Answer::Denied);
}
