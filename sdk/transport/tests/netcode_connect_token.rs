//! Standard: "Connect Token".

mod netcode_support;

use core::time::Duration;
use netcode_support::*;
use netcord_transport::ClientId;
use netcord_transport::netcode::{ConnectToken, TokenError, TokenRequest};

const LISTED: [&str; 3] = ["1.2.3.4:258", "[1:203:405:607:809:a0b:c0d:e0f]:772", "[::]:65535"];

fn listed() -> Vec<core::net::SocketAddr> {
    LISTED.map(|address| address.parse().unwrap()).to_vec()
}

/// The addresses of [`LISTED`], as the standard writes them.
const LISTED_BYTES: [u8; 4 + 7 + 19 + 19] = [
    3, 0, 0, 0, // how many
    1, 1, 2, 3, 4, 2, 1, // IPv4, port
    2, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14, 4, 3, // IPv6, port
    2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255,
];

#[test]
fn the_public_part_is_laid_out_as_the_standard_says() {
    let token = token_of(TokenRequest { addresses: &listed(), timeout_seconds: -2, ..request(9) });
    let expected = [
        b"NETCODE 1.02\0".as_slice(),
        &PROTOCOL.to_le_bytes(),
        &UNIX.to_le_bytes(),
        &(UNIX + LIFETIME).to_le_bytes(),
        token.nonce(),
        token.private_data(),
        &(-2_i32).to_le_bytes(),
        &LISTED_BYTES,
        token.client_to_server_key(),
        token.server_to_client_key(),
    ]
    .concat();
    let bytes = token.to_bytes();
    assert_eq!(&bytes[..expected.len()], &expected);
    assert!(bytes[expected.len()..].iter().all(|&byte| byte == 0));
    assert_eq!(bytes.len(), 2048);
}

#[test]
fn the_private_part_is_laid_out_as_the_standard_says() {
    let token = token_of(TokenRequest { addresses: &listed(), timeout_seconds: 300, ..request(9) });
    let expected = [
        9_u64.to_le_bytes().as_slice(),
        &300_u32.to_le_bytes(),
        &LISTED_BYTES,
        token.client_to_server_key(),
        token.server_to_client_key(),
        &USER_DATA,
    ]
    .concat();
    let private =
        open_private(&token).expect("sealed with the private key and the standard's associated data");
    assert_eq!(private.len(), 1024 - 16);
    assert_eq!(&private[..expected.len()], &expected);
    assert!(private[expected.len()..].iter().all(|&byte| byte == 0));
}

#[test]
fn the_private_part_can_list_other_addresses_than_the_public_one() {
    let token =
        token_of(TokenRequest { addresses: &[OTHER_SERVER], internal_addresses: &[SERVER], ..request(9) });
    assert_eq!(token.addresses(), [OTHER_SERVER]);
    assert_eq!(open_private(&token).unwrap()[12..23], [1, 0, 0, 0, 1, 10, 0, 0, 1, 0x40, 0x9c]);
}

#[test]
fn a_token_reads_back_as_it_was_written() {
    let token = token_of(TokenRequest { addresses: &listed(), timeout_seconds: 7, ..request(9) });
    let read = copy(&token);
    assert_eq!(read.to_bytes(), token.to_bytes());
    assert_eq!((read.protocol_id(), read.created(), read.expires()), (PROTOCOL, UNIX, UNIX + LIFETIME));
    assert_eq!(read.addresses(), listed());
    assert_eq!(read.timeout(), Some(Duration::from_secs(7)));
}

#[test]
fn a_negative_timeout_disables_it() {
    assert_eq!(token_of(TokenRequest { timeout_seconds: -1, ..request(9) }).timeout(), None);
    assert_eq!(token_of(TokenRequest { timeout_seconds: i32::MIN, ..request(9) }).timeout(), None);
}

#[test]
fn a_token_lists_1_to_32_addresses() {
    let of = |count, internal| {
        let (addresses, internal_addresses) = (&vec![SERVER; count], &vec![SERVER; internal]);
        ConnectToken::generate(TokenRequest { addresses, internal_addresses, ..request(9) }, &mut rng(1)).map(
            |token| {
                assert_eq!(copy(&token).addresses().len(), count);
            },
        )
    };
    assert_eq!(of(0, 0), Err(TokenError::AddressCount { count: 0 }));
    assert_eq!((of(1, 0), of(32, 32)), (Ok(()), Ok(())));
    assert_eq!(of(33, 1), Err(TokenError::AddressCount { count: 33 }));
    assert_eq!(of(1, 33), Err(TokenError::AddressCount { count: 33 }));
}

#[test]
fn a_token_that_would_never_expire_is_not_made() {
    let request = TokenRequest { lifetime_seconds: u64::MAX, ..request(9) };
    assert_eq!(ConnectToken::generate(request, &mut rng(1)).unwrap_err(), TokenError::Lifetime);
}

#[test]
fn every_token_has_fresh_keys_and_a_fresh_nonce() {
    let mut rng = rng(1);
    let [a, b] = core::array::from_fn(|_| ConnectToken::generate(request(9), &mut rng).unwrap());
    assert_ne!(a.nonce(), b.nonce());
    let keys = [keys(&a).up, keys(&a).down, keys(&b).up, keys(&b).down];
    assert!((1..4).all(|i| !keys[..i].contains(&keys[i])));
}

#[test]
fn malformed_tokens_are_named_for_what_is_wrong() {
    let bytes = token(9).to_bytes();
    let changed = |at: usize, byte: u8| {
        let mut bytes = bytes.clone();
        bytes[at] = byte;
        ConnectToken::from_bytes(&*bytes).unwrap_err()
    };
    let count_at = 13 + 8 + 8 + 8 + 24 + 1024 + 4;
    assert_eq!(changed(11, b'3'), TokenError::Version);
    assert_eq!(changed(12, 1), TokenError::Version);
    assert_eq!(changed(count_at, 0), TokenError::AddressCount { count: 0 });
    assert_eq!(changed(count_at, 33), TokenError::AddressCount { count: 33 });
    assert_eq!(changed(count_at + 3, 0xff), TokenError::AddressCount { count: 0xff00_0001 });
    assert_eq!(changed(count_at + 4, 0), TokenError::AddressType { kind: 0 });
    assert_eq!(changed(count_at + 4, 3), TokenError::AddressType { kind: 3 });
    assert_eq!(changed(2047, 1), TokenError::Padding);
    assert_eq!(ConnectToken::from_bytes(&bytes[..2047]).unwrap_err(), TokenError::Size { size: 2047 });
    assert_eq!(
        ConnectToken::from_bytes(&[&*bytes as &[u8], &[0]].concat()).unwrap_err(),
        TokenError::Size { size: 2049 }
    );
}

#[test]
fn debug_output_holds_no_key() {
    let token = token(0x5e);
    let text = format!("{token:?} {:?} {:?}", request(0x5e), config());
    assert!(text.contains("10.0.0.1:40000"));
    for key in [&PRIVATE_KEY, token.client_to_server_key(), token.server_to_client_key()] {
        assert!(!text.contains(&format!("{:?}", &key[..4]).replace(['[', ']'], "")));
    }
    assert!(text.contains(&format!("{:?}", ClientId(0x5e))));
}
