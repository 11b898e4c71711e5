//! Standard: "Client State Machine".

mod netcode_support;

use core::net::SocketAddr;
use core::time::Duration;
use netcode_support::*;
use netcord_transport::netcode::{Client, ClientState, ConnectToken, ServerConfig, TokenRequest};
use netcord_transport::{ClientId, DisconnectReason, Endpoint, EndpointEvent, SendError};

const STEP: Duration = Duration::from_millis(10);
const SECOND: Duration = Duration::from_secs(1);

/// A client alone, driven in steps of 10 ms.
struct Lonely {
    client: Client,
    keys: Keys,
    now: Duration,
}

impl Lonely {
    fn new(token: ConnectToken) -> Self {
        let keys = keys(&token);
        let mut lonely = Self { client: Client::new(token, rng(1_002)), keys, now: SECOND * 500 };
        lonely.client.update(lonely.now, UNIX);
        lonely
    }

    /// Lets time pass; what the client sent, and where to.
    fn pass(&mut self, time: Duration) -> Vec<(SocketAddr, Vec<u8>)> {
        let mut all = sent(&mut self.client);
        for _ in 0..time.as_millis() / STEP.as_millis() {
            self.now += STEP;
            self.client.update(self.now, UNIX);
            all.extend(sent(&mut self.client));
        }
        all
    }

    fn receive(&mut self, from: SocketAddr, kind: u8, sequence: u64, data: &[u8]) -> Option<Vec<u8>> {
        let datagram = seal(&self.keys.down, kind, sequence, data);
        deliver(&mut self.client, from, &datagram).map(|(_, payload)| payload)
    }

    fn end(&mut self) -> (ClientState, Option<DisconnectReason>) {
        (self.client.state(), disconnect_reason(&events(&mut self.client)))
    }

    fn responding() -> Self {
        let mut lonely = Self::new(token(1));
        lonely.receive(SERVER, CHALLENGE, 1 << 63, &[5; 308]);
        assert_eq!(lonely.client.state(), ClientState::SendingConnectionResponse);
        lonely
    }

    fn connected() -> Self {
        let mut lonely = Self::responding();
        lonely.receive(SERVER, KEEP_ALIVE, 0, &[3, 0, 0, 0, 8, 0, 0, 0]);
        assert_eq!(lonely.client.state(), ClientState::Connected);
        events(&mut lonely.client);
        sent(&mut lonely.client);
        lonely
    }
}

fn two_servers() -> ConnectToken {
    token_of(TokenRequest { addresses: &[SERVER, OTHER_SERVER], ..request(1) })
}

#[test]
fn states_have_the_standards_numbers() {
    let numbers = [
        (ClientState::ConnectTokenExpired, -6),
        (ClientState::InvalidConnectToken, -5),
        (ClientState::ConnectionTimedOut, -4),
        (ClientState::ConnectionResponseTimedOut, -3),
        (ClientState::ConnectionRequestTimedOut, -2),
        (ClientState::ConnectionDenied, -1),
        (ClientState::Disconnected, 0),
        (ClientState::SendingConnectionRequest, 1),
        (ClientState::SendingConnectionResponse, 2),
        (ClientState::Connected, 3),
    ];
    assert!(numbers.iter().all(|&(state, number)| state as i8 == number));
}

// Request Connect Token

#[test]
fn a_client_is_disconnected_until_its_first_update() {
    let mut client = Client::new(token(1), rng(1));
    assert_eq!(client.state(), ClientState::Disconnected);
    assert!(client.next_transmit().is_none());
    client.update(SECOND, UNIX);
    assert_eq!(client.state(), ClientState::SendingConnectionRequest);
    assert!(client.next_transmit().is_some_and(|transmit| transmit.to == SERVER));
}

#[test]
fn a_token_made_after_its_expiry_is_invalid() {
    let mut bytes = token(1).to_bytes();
    bytes[29..37].copy_from_slice(&(UNIX - 1).to_le_bytes());
    let mut lonely = Lonely::new(ConnectToken::from_bytes(&*bytes).unwrap());
    assert_eq!(lonely.end(), (ClientState::InvalidConnectToken, Some(DisconnectReason::InvalidToken)));
    assert!(lonely.pass(SECOND).is_empty());
}

// Sending Connection Request

#[test]
fn requests_are_sent_ten_times_a_second() {
    let mut lonely = Lonely::new(token(1));
    let requests = lonely.pass(SECOND * 2);
    assert_eq!(requests.len(), 21);
    assert!(requests.iter().all(|request| *request == requests[0]));
}

#[test]
fn a_challenge_is_answered_at_once() {
    let mut lonely = Lonely::new(token(1));
    sent(&mut lonely.client);
    lonely.receive(SERVER, CHALLENGE, 1 << 63, &[5; 308]);
    assert_eq!(lonely.client.state(), ClientState::SendingConnectionResponse);
    let response = &sent(&mut lonely.client)[0].1;
    let (kind, sequence, data) = open(&lonely.keys.up, response).unwrap();
    assert_eq!((kind, data), (RESPONSE, vec![5; 308]));
    assert!(sequence >= 1 << 63);
}

#[test]
fn nothing_but_a_challenge_or_a_denial_of_the_server_matters() {
    let mut lonely = Lonely::new(token(1));
    lonely.receive(SERVER, KEEP_ALIVE, 1, &[0; 8]);
    lonely.receive(SERVER, DISCONNECT, 2, &[]);
    assert_eq!(lonely.receive(SERVER, PAYLOAD, 3, b"early"), None);
    lonely.receive(OTHER_SERVER, CHALLENGE, 1 << 63, &[5; 308]);
    lonely.receive(OTHER_SERVER, DENIED, 1 << 63, &[]);
    assert_eq!(lonely.client.state(), ClientState::SendingConnectionRequest);
    assert!(lonely.client.next_event().is_none());
}

#[test]
fn a_denied_request_ends_in_connection_denied() {
    let mut lonely = Lonely::new(token(1));
    lonely.receive(SERVER, DENIED, 1 << 63, &[]);
    assert_eq!(lonely.end(), (ClientState::ConnectionDenied, Some(DisconnectReason::Denied)));
}

#[test]
fn an_unanswered_request_times_out() {
    let mut lonely = Lonely::new(token(1));
    lonely.pass(SECOND * 5);
    assert_eq!(lonely.client.state(), ClientState::SendingConnectionRequest);
    lonely.pass(STEP);
    assert_eq!(lonely.end(), (ClientState::ConnectionRequestTimedOut, Some(DisconnectReason::NoAnswer)));
    assert!(lonely.pass(SECOND).is_empty());
}

#[test]
fn each_failure_goes_on_to_the_next_server() {
    // request denied
    let mut lonely = Lonely::new(two_servers());
    lonely.receive(SERVER, DENIED, 1 << 63, &[]);
    assert_eq!(lonely.client.state(), ClientState::SendingConnectionRequest);
    assert_eq!(lonely.pass(SECOND).last().unwrap().0, OTHER_SERVER);
    // request timed out
    let mut lonely = Lonely::new(two_servers());
    lonely.pass(SECOND * 5 + STEP);
    assert_eq!(lonely.client.state(), ClientState::SendingConnectionRequest);
    assert_eq!(lonely.pass(SECOND).last().unwrap().0, OTHER_SERVER);
    // response denied
    let mut lonely = Lonely::new(two_servers());
    lonely.receive(SERVER, CHALLENGE, 1 << 63, &[5; 308]);
    lonely.receive(SERVER, DENIED, 1 << 63 | 1, &[]);
    assert_eq!(lonely.client.state(), ClientState::SendingConnectionRequest);
    assert_eq!(lonely.pass(SECOND).last().unwrap().0, OTHER_SERVER);
    // response timed out
    let mut lonely = Lonely::new(two_servers());
    lonely.receive(SERVER, CHALLENGE, 1 << 63, &[5; 308]);
    lonely.pass(SECOND * 5 + STEP);
    assert_eq!(lonely.client.state(), ClientState::SendingConnectionRequest);
    let (to, request) = lonely.pass(SECOND).pop().unwrap();
    assert_eq!((to, kind(&request)), (OTHER_SERVER, REQUEST));
    // and the last server's failure is what counts
    lonely.receive(OTHER_SERVER, DENIED, 1 << 63 | 2, &[]);
    assert_eq!(lonely.end(), (ClientState::ConnectionDenied, Some(DisconnectReason::Denied)));
}

#[test]
fn the_next_server_has_the_whole_timeout() {
    let mut lonely = Lonely::new(two_servers());
    lonely.pass(SECOND * 5 + STEP);
    lonely.pass(SECOND * 5);
    assert_eq!(lonely.client.state(), ClientState::SendingConnectionRequest);
    lonely.pass(STEP);
    assert_eq!(lonely.end(), (ClientState::ConnectionRequestTimedOut, Some(DisconnectReason::NoAnswer)));
}

#[test]
fn answers_of_one_server_do_not_work_as_anothers() {
    let mut lonely = Lonely::new(two_servers());
    let challenge = seal(&lonely.keys.down, CHALLENGE, 1 << 63, &[5; 308]);
    let second = seal(&lonely.keys.down, CHALLENGE, 1 << 63 | 1, &[6; 308]);
    let denied = seal(&lonely.keys.down, DENIED, 1 << 63 | 2, &[]);
    for datagram in [&challenge, &second, &denied] {
        deliver(&mut lonely.client, SERVER, datagram);
    }
    for datagram in [&challenge, &second, &denied] {
        deliver(&mut lonely.client, OTHER_SERVER, datagram);
        assert_eq!(lonely.client.state(), ClientState::SendingConnectionRequest);
    }
    lonely.receive(OTHER_SERVER, CHALLENGE, 1 << 63, &[7; 308]);
    assert_eq!(
        lonely.client.state(),
        ClientState::SendingConnectionResponse,
        "another server may count alike"
    );
}

#[test]
fn a_disabled_timeout_waits_until_the_token_expires() {
    let mut lonely = Lonely::new(token_of(TokenRequest { timeout_seconds: -1, ..request(1) }));
    lonely.pass(SECOND * 29);
    assert_eq!(lonely.client.state(), ClientState::SendingConnectionRequest);
    lonely.pass(SECOND);
    assert_eq!(lonely.end(), (ClientState::ConnectTokenExpired, Some(DisconnectReason::TokenExpired)));
}

// Sending Challenge Response

#[test]
fn responses_are_sent_ten_times_a_second_and_all_differ() {
    let mut lonely = Lonely::responding();
    let packets: Vec<_> =
        lonely.pass(SECOND).into_iter().filter(|(_, datagram)| kind(datagram) == RESPONSE).collect();
    assert_eq!(packets.len(), 11);
    let sequences: Vec<u64> = packets.iter().map(|(_, datagram)| sequence(datagram).0).collect();
    assert!(sequences.is_sorted_by(|a, b| a < b));
}

#[test]
fn another_challenge_does_not_replace_the_first() {
    let mut lonely = Lonely::responding();
    lonely.receive(SERVER, CHALLENGE, 1 << 63 | 1, &[6; 308]);
    let responses = lonely.pass(SECOND);
    let (_, _, data) = open(&lonely.keys.up, &responses.last().unwrap().1).unwrap();
    assert_eq!(data, [5; 308]);
}

#[test]
fn payloads_before_the_connection_are_discarded() {
    let mut lonely = Lonely::responding();
    assert_eq!(lonely.receive(SERVER, PAYLOAD, 0, b"early"), None);
    assert_eq!(lonely.client.state(), ClientState::SendingConnectionResponse);
    assert_eq!(
        lonely.client.send(Client::SERVER, b"early"),
        Err(SendError::NotConnected { peer: Client::SERVER })
    );
}

#[test]
fn a_keep_alive_connects_and_tells_the_index() {
    let mut lonely = Lonely::responding();
    sent(&mut lonely.client);
    assert_eq!(lonely.client.address(Client::SERVER), None);
    lonely.receive(SERVER, KEEP_ALIVE, 0, &[3, 0, 0, 0, 8, 0, 0, 0]);
    assert_eq!(lonely.client.state(), ClientState::Connected);
    assert_eq!((lonely.client.client_index(), lonely.client.max_clients()), (3, 8));
    assert_eq!(lonely.client.address(Client::SERVER), Some(SERVER));
    let [EndpointEvent::Connected { peer, client, user_data }] = &events(&mut lonely.client)[..] else {
        panic!()
    };
    assert_eq!((*peer, *client, **user_data), (Client::SERVER, ClientId(3), [0; 256]));
    assert_eq!(kind(&sent(&mut lonely.client)[0].1), KEEP_ALIVE, "at once, so that the server knows");
}

#[test]
fn a_denied_response_ends_in_connection_denied() {
    let mut lonely = Lonely::responding();
    lonely.receive(SERVER, DENIED, 1 << 63 | 1, &[]);
    assert_eq!(lonely.end(), (ClientState::ConnectionDenied, Some(DisconnectReason::Denied)));
}

#[test]
fn an_unanswered_response_times_out() {
    let mut lonely = Lonely::responding();
    lonely.pass(SECOND * 5);
    assert_eq!(lonely.client.state(), ClientState::SendingConnectionResponse);
    lonely.pass(STEP);
    assert_eq!(lonely.end(), (ClientState::ConnectionResponseTimedOut, Some(DisconnectReason::NoAnswer)));
}

// Connect Token Expired

#[test]
fn a_token_expires_by_its_lifetime_across_servers() {
    let servers: Vec<_> = (1..=20).map(address).collect();
    let mut lonely = Lonely::new(token_of(TokenRequest { addresses: &servers, ..request(1) }));
    let packets = lonely.pass(SECOND * 30 - STEP);
    assert_eq!(lonely.client.state(), ClientState::SendingConnectionRequest);
    assert_eq!(packets.last().unwrap().0, address(6), "5 seconds for each server");
    lonely.pass(STEP);
    assert_eq!(lonely.end(), (ClientState::ConnectTokenExpired, Some(DisconnectReason::TokenExpired)));
    assert!(lonely.pass(SECOND).is_empty());
}

#[test]
fn the_clients_clock_may_be_wrong() {
    for unix in [0, UNIX - 10_000, UNIX + 10_000, u64::MAX] {
        let mut pair = Pair::new();
        pair.client = Client::new(token(1), rng(1));
        pair.client.update(pair.now, unix);
        pair.exchange();
        assert_eq!(pair.client.state(), ClientState::Connected);
    }
}

#[test]
fn a_connection_outlives_its_token() {
    let mut pair = Pair::connected();
    pair.run(SECOND * 40);
    assert_eq!((pair.client.state(), pair.server.connected()), (ClientState::Connected, 1));
}

// Connected

#[test]
fn keep_alives_are_sent_ten_times_a_second_when_nothing_else_is() {
    let mut lonely = Lonely::connected();
    let packets = lonely.pass(SECOND);
    assert_eq!(packets.len(), 10);
    assert!(packets.iter().all(|(to, datagram)| *to == SERVER && kind(datagram) == KEEP_ALIVE));
    for _ in 0..30 {
        lonely.client.send(Client::SERVER, b"x").unwrap();
        let packets = lonely.pass(Duration::from_millis(90));
        assert_eq!(packets.len(), 1);
        assert_eq!(kind(&packets[0].1), PAYLOAD);
    }
}

#[test]
fn silence_times_a_connection_out() {
    let mut lonely = Lonely::connected();
    lonely.pass(SECOND * 4);
    lonely.receive(SERVER, KEEP_ALIVE, 1, &[0; 8]);
    lonely.pass(SECOND * 4);
    assert!(lonely.receive(SERVER, PAYLOAD, 2, b"x").is_some());
    lonely.pass(SECOND * 5);
    assert_eq!(lonely.client.state(), ClientState::Connected);
    lonely.pass(STEP);
    assert_eq!(lonely.end(), (ClientState::ConnectionTimedOut, Some(DisconnectReason::TimedOut)));
    assert!(lonely.pass(SECOND).is_empty());
}

#[test]
fn a_client_that_slept_reads_what_waits_before_it_gives_up() {
    let mut lonely = Lonely::connected();
    lonely.now += SECOND * 60;
    lonely.client.update(lonely.now, UNIX + 60);
    lonely.receive(SERVER, PAYLOAD, 1, b"waited in the socket");
    lonely.pass(SECOND * 5);
    assert_eq!(lonely.client.state(), ClientState::Connected);
    lonely.now += SECOND * 60;
    lonely.client.update(lonely.now, UNIX + 125);
    lonely.pass(STEP);
    assert_eq!(lonely.client.state(), ClientState::ConnectionTimedOut);
}

#[test]
fn a_disabled_timeout_never_times_out() {
    let mut pair = Pair::with(config(), token_of(TokenRequest { timeout_seconds: -1, ..request(1) }));
    pair.exchange();
    pair.pass(SECOND * 600);
    assert_eq!((pair.client.state(), pair.server.connected()), (ClientState::Connected, 1));
}

#[test]
fn a_disconnect_packet_ends_the_connection() {
    let mut lonely = Lonely::connected();
    lonely.receive(SERVER, DISCONNECT, 1, &[]);
    assert_eq!(lonely.end(), (ClientState::Disconnected, Some(DisconnectReason::Left(0))));
    assert_eq!(
        lonely.client.send(Client::SERVER, b"late"),
        Err(SendError::NotConnected { peer: Client::SERVER })
    );
    assert!(lonely.pass(SECOND).is_empty());
}

#[test]
fn leaving_is_told_ten_times_and_is_no_event() {
    let mut lonely = Lonely::connected();
    lonely.client.disconnect(netcord_transport::PeerId::new(0, 1));
    assert_eq!(lonely.client.state(), ClientState::Connected, "that is nobody");
    lonely.client.disconnect(Client::SERVER);
    assert_eq!(lonely.end(), (ClientState::Disconnected, None));
    let packets = lonely.pass(SECOND);
    assert_eq!(packets.len(), 10);
    assert!(packets.iter().all(|(_, datagram)| open(&lonely.keys.up, datagram).unwrap().0 == DISCONNECT));
    lonely.client.disconnect(Client::SERVER);
    assert!(lonely.pass(SECOND).is_empty());
}

#[test]
fn an_attempt_can_be_given_up_in_each_state() {
    let mut lonely = Lonely::new(token(1));
    lonely.pass(SECOND);
    lonely.client.disconnect(Client::SERVER);
    assert_eq!(lonely.end(), (ClientState::Disconnected, None));
    assert!(lonely.pass(SECOND).is_empty());

    let mut client = Client::new(token(1), rng(1));
    client.disconnect(Client::SERVER);
    client.update(SECOND, UNIX);
    assert_eq!(client.state(), ClientState::Disconnected);
    assert!(sent(&mut client).is_empty());
}

#[test]
fn an_attempt_given_up_leaves_no_connection_behind() {
    let mut pair = Pair::new();
    let request = pair.client_sends().remove(0);
    pair.server_takes(&request);
    let challenge = pair.server_sends().remove(0);
    pair.client_takes(&challenge);
    pair.client.disconnect(Client::SERVER);
    pair.exchange();
    assert_eq!(pair.server.connected(), 0, "the response came first, then the client left");
    assert!(matches!(disconnect_reason(&events(&mut pair.server)), Some(DisconnectReason::Left(0))));
}

#[test]
fn a_server_later_in_the_token_is_reached() {
    let token = token_of(TokenRequest { addresses: &[OTHER_SERVER, address(3), SERVER], ..request(1) });
    let mut pair = Pair::with(ServerConfig { addresses: vec![address(9), SERVER], ..config() }, token);
    let traffic = pair.run(SECOND * 11);
    assert_eq!(pair.client.state(), ClientState::Connected);
    assert_eq!(pair.client.address(Client::SERVER), Some(SERVER));
    let first = traffic.down.iter().find(|datagram| kind(datagram) == KEEP_ALIVE).unwrap();
    assert_eq!(sequence(first).0, 2 << 40, "apart from those of the token's other servers");
}
