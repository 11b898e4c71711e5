//! Standard: "Challenge Token", "Packets", "Reading Encrypted Packets", "Replay Protection".

mod netcode_support;

use netcode_support::*;
use netcord_transport::netcode::{ClientState, MAX_DATAGRAM};
use netcord_transport::{Endpoint, SendError};

/// A pair that went as far as the challenge, with the challenge packet.
fn challenged() -> (Pair, Vec<u8>) {
    let mut pair = Pair::new();
    let request = pair.client_sends().remove(0);
    pair.server_takes(&request);
    let challenge = pair.server_sends().remove(0);
    pair.client_takes(&challenge);
    (pair, challenge)
}

// Challenge Token

#[test]
fn challenge_tokens_are_numbered_from_zero() {
    let mut pair = Pair::new();
    let request = pair.client_sends().remove(0);
    for number in 0..300_u64 {
        pair.server_takes(&request);
        let datagram = pair.server_sends().remove(0);
        let (_, _, data) = open(&pair.keys.down, &datagram).unwrap();
        assert_eq!(data[..8], number.to_le_bytes());
        assert_eq!(data.len(), 8 + 300);
    }
}

#[test]
fn a_changed_challenge_token_is_ignored() {
    let (mut pair, challenge) = challenged();
    let (_, _, data) = open(&pair.keys.down, &challenge).unwrap();
    for at in 0..data.len() {
        let mut data = data.clone();
        data[at] ^= 0x10;
        pair.server_takes(&seal(&pair.keys.up, RESPONSE, at as u64, &data));
        assert!(pair.server.connected() == 0 && pair.server_sends().is_empty());
    }
    pair.server_takes(&seal(&pair.keys.up, RESPONSE, 1_000, &data));
    assert_eq!(pair.server.connected(), 1);
}

#[test]
fn the_challenge_token_carries_id_and_user_data_to_the_connection() {
    let mut pair = Pair::new();
    pair.exchange();
    let events = events(&mut pair.server);
    let netcord_transport::EndpointEvent::Connected { client, ref user_data, .. } = events[0] else {
        panic!()
    };
    assert_eq!((client.0, **user_data), (1, USER_DATA));
}

// Packets

#[test]
fn a_request_is_laid_out_as_the_standard_says() {
    let token = token(1);
    let expected = [
        &[0],
        b"NETCODE 1.02\0".as_slice(),
        &PROTOCOL.to_le_bytes(),
        &(UNIX + LIFETIME).to_le_bytes(),
        token.nonce(),
        token.private_data(),
    ]
    .concat();
    assert_eq!(expected.len(), 1078);
    assert_eq!(Pair::with(config(), token).client_sends(), [expected]);
}

#[test]
fn each_packet_decrypts_to_what_the_standard_says() {
    let mut pair = Pair::new();
    let traffic = pair.exchange();
    assert_eq!(kinds(&traffic.up), [REQUEST, RESPONSE, KEEP_ALIVE]);
    assert_eq!(kinds(&traffic.down), [CHALLENGE, KEEP_ALIVE]);
    let challenge = open(&pair.keys.down, &traffic.down[0]).unwrap();
    let response = open(&pair.keys.up, &traffic.up[1]).unwrap();
    assert_eq!(response.2, challenge.2, "a response returns number and token as they came");
    let keep_alive = [0, 0, 0, 0, 4, 0, 0, 0];
    assert_eq!(open(&pair.keys.down, &traffic.down[1]), Some((KEEP_ALIVE, 0, keep_alive.to_vec())));
    assert_eq!(open(&pair.keys.up, &traffic.up[2]), Some((KEEP_ALIVE, 0, keep_alive.to_vec())));

    let peer = pair.peer();
    pair.server.send(peer, b"down").unwrap();
    pair.client.send(peer, b"up").unwrap();
    pair.server.disconnect(peer);
    let down = pair.server_sends();
    assert_eq!(open(&pair.keys.down, &down[0]), Some((PAYLOAD, 1, b"down".to_vec())));
    assert_eq!(open(&pair.keys.down, &down[1]), Some((DISCONNECT, 2, vec![])));
    let up = pair.client_sends();
    assert_eq!(open(&pair.keys.up, &up[0]), Some((PAYLOAD, 1, b"up".to_vec())));
}

#[test]
fn a_denial_has_no_data() {
    let mut pair =
        Pair::with(netcord_transport::netcode::ServerConfig { max_clients: 0, ..config() }, token(1));
    let traffic = pair.exchange();
    assert!(matches!(open(&pair.keys.down, &traffic.down[0]), Some((DENIED, _, data)) if data.is_empty()));
}

#[test]
fn payloads_have_1_to_1200_bytes() {
    let mut pair = Pair::connected();
    let peer = pair.peer();
    for size in [1, 1_199, 1_200] {
        pair.server.send(peer, &vec![9; size]).unwrap();
        let datagram = pair.server_sends().remove(0);
        assert!(datagram.len() <= MAX_DATAGRAM);
        assert_eq!(pair.client_takes(&datagram), Some((peer, vec![9; size])));
        pair.client.send(peer, &vec![8; size]).unwrap();
        let datagram = pair.client_sends().remove(0);
        assert_eq!(pair.server_takes(&datagram), Some((peer, vec![8; size])));
    }
    let too_large = Err(SendError::TooLarge { size: 1_201, limit: 1_200 });
    assert_eq!(pair.server.send(peer, &[0; 1_201]), too_large);
    assert_eq!(pair.client.send(peer, &[0; 1_201]), too_large);
    assert_eq!((pair.server.send(peer, &[]), pair.client.send(peer, &[])), (Ok(0), Ok(0)));
    assert!(pair.server_sends().is_empty() && pair.client_sends().is_empty());
}

// Reading Encrypted Packets, in the order of its steps

#[test]
fn less_than_18_bytes_are_ignored() {
    let mut pair = Pair::connected();
    let peer = pair.peer();
    let disconnect = seal(&pair.keys.up, DISCONNECT, 100, &[]);
    assert_eq!(disconnect.len(), 18, "the smallest packet there is");
    for size in 0..18 {
        pair.server_takes(&disconnect[..size]);
        assert_eq!(pair.server.client(peer).map(|client| client.0), Some(1));
    }
    pair.server_takes(&disconnect);
    assert_eq!(pair.server.connected(), 0);
}

#[test]
fn types_of_7_and_above_are_ignored() {
    let mut pair = Pair::connected();
    for kind in 7..16 {
        for data in [&[][..], &[1; 8], &[2; 308]] {
            let datagram = seal(&pair.keys.up, kind, 100, data);
            assert_eq!(pair.server_takes(&datagram), None);
            let datagram = seal(&pair.keys.down, kind, 100, data);
            assert_eq!(pair.client_takes(&datagram), None);
        }
    }
    assert!(pair.server_sends().is_empty() && pair.client_sends().is_empty());
    assert!(pair.server.next_event().is_none() && pair.client.next_event().is_none());
}

#[test]
fn a_server_ignores_challenges_and_a_client_requests_and_responses() {
    let mut pair = Pair::connected();
    for (kind, data) in
        [(REQUEST, &[1; 308][..]), (CHALLENGE, &[1; 308]), (RESPONSE, &[1; 308]), (DENIED, &[])]
    {
        let datagram = seal(&pair.keys.up, kind, 100, data);
        assert_eq!(pair.server_takes(&datagram), None);
        let datagram = seal(&pair.keys.down, kind, 100, data);
        assert_eq!(pair.client_takes(&datagram), None);
    }
    let request = Pair::new().client_sends().remove(0);
    assert_eq!(pair.client_takes(&request), None);
    assert!(pair.server_sends().is_empty() && pair.client_sends().is_empty());
    assert_eq!((pair.server.connected(), pair.client.state()), (1, ClientState::Connected));
}

#[test]
fn sequence_numbers_of_0_or_more_than_8_bytes_are_ignored() {
    let mut pair = Pair::connected();
    for bytes in (0..16_u8).filter(|bytes| !(1..=8).contains(bytes)) {
        let datagram = seal_with(&pair.keys.up, PROTOCOL, bytes << 4 | PAYLOAD, 0x50, b"payload data");
        assert_eq!(pair.server_takes(&datagram), None);
    }
}

#[test]
fn a_sequence_number_may_have_more_bytes_than_it_needs() {
    let mut pair = Pair::connected();
    let peer = pair.peer();
    for bytes in 1..=8_u8 {
        let number = 0x50 + u64::from(bytes);
        let datagram = seal_with(&pair.keys.up, PROTOCOL, bytes << 4 | PAYLOAD, number, b"payload");
        assert_eq!(pair.server_takes(&datagram), Some((peer, b"payload".to_vec())));
    }
}

#[test]
fn a_packet_without_room_for_its_tag_is_ignored() {
    let mut pair = Pair::connected();
    for bytes in 1..=8_u8 {
        let mut datagram = vec![bytes << 4 | DISCONNECT; 1 + usize::from(bytes) + 15];
        datagram[0] = bytes << 4 | DISCONNECT;
        assert_eq!(pair.server_takes(&datagram), None);
    }
    assert_eq!(pair.server.connected(), 1);
}

#[test]
fn a_packet_that_does_not_decrypt_is_ignored_and_moves_no_window() {
    let mut pair = Pair::connected();
    let peer = pair.peer();
    let wrong = [
        seal(&pair.keys.down, PAYLOAD, 1_000, b"wrong key"),
        seal_with(&pair.keys.up, PROTOCOL + 1, 0x25, 1_000, b"wrong protocol"),
        {
            let mut other_type = seal(&pair.keys.up, PAYLOAD, 1_000, &[0; 8]);
            other_type[0] = other_type[0] & 0xf0 | KEEP_ALIVE;
            other_type
        },
        {
            let mut other_sequence = seal(&pair.keys.up, PAYLOAD, 1_000, b"payload");
            other_sequence[1] ^= 1;
            other_sequence
        },
    ];
    for datagram in &wrong {
        assert_eq!(pair.server_takes(datagram), None);
    }
    let old = seal(&pair.keys.up, PAYLOAD, 20, b"still in the window");
    assert_eq!(pair.server_takes(&old), Some((peer, b"still in the window".to_vec())));
}

#[test]
fn the_window_moves_before_the_size_of_the_data_is_checked() {
    let mut pair = Pair::connected();
    for (kind, sizes) in [
        (KEEP_ALIVE, &[0, 1, 7, 9][..]),
        (PAYLOAD, &[0, 1_201]),
        (DISCONNECT, &[1, 8]),
        (RESPONSE, &[0, 307, 309]),
    ] {
        for &size in sizes {
            let datagram = seal(&pair.keys.up, kind, 1_000 + size as u64, &vec![0; size]);
            assert_eq!(pair.server_takes(&datagram), None);
        }
    }
    assert_eq!(pair.server.connected(), 1);
    let old = seal(&pair.keys.up, PAYLOAD, 20, b"now too old");
    assert_eq!(pair.server_takes(&old), None);
}

#[test]
fn a_challenge_of_the_wrong_size_is_ignored() {
    let mut pair = Pair::new();
    for size in [0, 307, 309] {
        pair.client_takes(&seal(&pair.keys.down, CHALLENGE, 1 << 63, &vec![0; size]));
        assert_eq!(pair.client.state(), ClientState::SendingConnectionRequest);
    }
    pair.client_takes(&seal(&pair.keys.down, CHALLENGE, 1 << 63, &[0; 308]));
    assert_eq!(pair.client.state(), ClientState::SendingConnectionResponse);
}

// Replay Protection (its window is tested number by number beside its code)

#[test]
fn packets_of_a_connection_are_taken_once_in_each_direction() {
    let mut pair = Pair::connected();
    let peer = pair.peer();
    for number in [600, 400, 599, 345] {
        let up = seal(&pair.keys.up, PAYLOAD, number, b"up");
        let down = seal(&pair.keys.down, PAYLOAD, number, b"down");
        assert_eq!(pair.server_takes(&up), Some((peer, b"up".to_vec())), "{number}");
        assert_eq!(pair.client_takes(&down), Some((peer, b"down".to_vec())), "{number}");
        assert_eq!((pair.server_takes(&up), pair.client_takes(&down)), (None, None), "{number}");
    }
    let old = [seal(&pair.keys.up, PAYLOAD, 344, b"up"), seal(&pair.keys.down, PAYLOAD, 344, b"down")];
    assert_eq!((pair.server_takes(&old[0]), pair.client_takes(&old[1])), (None, None));
}

#[test]
fn keep_alives_and_disconnects_are_protected_too() {
    let mut pair = Pair::connected();
    pair.server_takes(&seal(&pair.keys.up, PAYLOAD, 600, b"newest"));
    pair.server_takes(&seal(&pair.keys.up, DISCONNECT, 300, &[]));
    assert_eq!(pair.server.connected(), 1, "too old");
    pair.server_takes(&seal(&pair.keys.up, DISCONNECT, 600, &[]));
    assert_eq!(pair.server.connected(), 1, "a number that was used");
    // A repeated keep-alive does not keep a connection alive.
    let repeated = seal(&pair.keys.up, KEEP_ALIVE, 601, &[0; 8]);
    for _ in 0..7 {
        pair.pass(core::time::Duration::from_secs(1));
        pair.server_takes(&repeated);
    }
    assert_eq!(pair.server.connected(), 0);
}

#[test]
fn the_last_sequence_numbers_there_are_work() {
    let mut pair = Pair::connected();
    let peer = pair.peer();
    for number in [u64::MAX - 255, u64::MAX, u64::MAX - 1, u64::MAX - 254] {
        let datagram = seal(&pair.keys.up, PAYLOAD, number, b"up");
        assert_eq!(pair.server_takes(&datagram), Some((peer, b"up".to_vec())), "{number}");
        assert_eq!(pair.server_takes(&datagram), None, "{number}");
    }
    let old = seal(&pair.keys.up, PAYLOAD, u64::MAX - 256, b"up");
    assert_eq!(pair.server_takes(&old), None);
}
