//! What a player types is read as meant, or refused with the place of the mistake.

use netcord_transport::invite::{InviteCode, InviteCodeError};
use proptest::prelude::*;
use std::net::{IpAddr, SocketAddr};

const ALPHABET: &str = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

fn code(addresses: &[&str], secret: [u8; 10]) -> InviteCode {
    let addresses: Vec<_> = addresses.iter().map(|address| address.parse().expect("an address")).collect();
    InviteCode::new(&addresses, secret).expect("reachable")
}

fn sample() -> InviteCode {
    code(&["203.0.113.7:7777"], [0xa5, 0x17, 0x3c, 0x00, 0xff, 0x42, 0x99, 0x01, 0x6e, 0xd0])
}

/// The code's characters without dashes.
fn symbols(code: &InviteCode) -> Vec<char> {
    code.to_string().replace('-', "").chars().collect()
}

fn parse(symbols: &[char]) -> Result<InviteCode, InviteCodeError> {
    symbols.iter().collect::<String>().parse()
}

#[test]
fn one_ipv4_address_makes_32_characters_in_groups_of_four() {
    let text = sample().to_string();
    assert_eq!(symbols(&sample()).len(), 32);
    assert!(text.split('-').all(|group| group.len() == 4) && text.split('-').count() == 8);
}

#[test]
fn case_spacing_and_lookalikes_are_forgiven() {
    let code = code(&["1.1.16.1:4097"], [0; 10]);
    let text = code.to_string();
    assert!(text.contains('0') && text.contains('1'));
    let sloppy = [
        text.to_lowercase(),
        text.replace('-', ""),
        format!("  {}\n", text.replace('-', " ")),
        text.replace('-', " \u{2013} ").replace('0', "o").replace('1', "l"),
        text.replace('0', "O").replace('1', "I"),
    ];
    for sloppy in sloppy {
        assert_eq!(sloppy.parse(), Ok(code.clone()), "{sloppy}");
    }
}

/// Types a code wrongly in every way that `mistakes` knows: how many mistakes there were, and of how many the
/// group was named. A mistake that passes, or that is placed elsewhere, fails.
fn mistakes(
    code: &InviteCode,
    mistakes: impl Fn(&[char], usize) -> Vec<Vec<char>>,
    groups: impl Fn(usize) -> Vec<usize>,
) -> (usize, usize) {
    let right = symbols(code);
    let (mut made, mut named) = (0, 0);
    for at in 0..right.len() {
        for typed in mistakes(&right, at) {
            made += 1;
            match parse(&typed) {
                Err(InviteCodeError::Mistyped { group: Some(group) }) => {
                    assert!(groups(at).contains(&group), "{at} is not in group {group}");
                    named += 1;
                }
                Err(_) => (),
                Ok(other) => panic!("{typed:?} passes as {other:?}"),
            }
        }
    }
    (made, named)
}

#[test]
fn every_wrong_character_is_found_and_its_group_is_named() {
    let substitutes = |right: &[char], at: usize| {
        let others = ALPHABET.chars().filter(|wrong| *wrong != right[at]);
        let substitute = |wrong| {
            let mut typed = right.to_vec();
            typed[at] = wrong;
            typed
        };
        others.map(substitute).collect()
    };
    let both = code(&["[2001:db8::17]:9", "192.168.1.20:65535"], [7; 10]);
    assert_eq!(mistakes(&sample(), substitutes, |at| vec![at / 4 + 1]), (32 * 31, 32 * 31));
    assert_eq!(mistakes(&both, substitutes, |at| vec![at / 4 + 1]), (61 * 31, 61 * 31));
}

#[test]
fn every_swap_of_neighbours_is_found_and_its_group_is_named() {
    let swap = |right: &[char], at: usize| {
        let mut typed = right.to_vec();
        if at + 1 == right.len() || right[at] == right[at + 1] {
            return vec![];
        }
        typed.swap(at, at + 1);
        vec![typed]
    };
    let (mut made, mut named) = (0, 0);
    for seed in 0..40_u8 {
        let code = code(&["198.51.100.23:40001"], [seed.wrapping_mul(37); 10]);
        let counts = mistakes(&code, swap, |at| vec![at / 4 + 1, (at + 1) / 4 + 1]);
        (made, named) = (made + counts.0, named + counts.1);
    }
    assert!(made > 1_000 && named == made, "{named} of {made}");
}

#[test]
fn up_to_four_wrong_characters_in_a_row_are_always_found() {
    let right = symbols(&sample());
    let wrong: Vec<char> = ALPHABET.chars().collect();
    for at in 0..=right.len() - 4 {
        for seed in 1..50_usize {
            let mut typed = right.clone();
            for (offset, symbol) in typed[at..at + 4].iter_mut().enumerate() {
                *symbol = wrong[(seed * (7 + offset * 12) + seed / 32) % 32];
            }
            if typed != right {
                assert!(parse(&typed).is_err());
            }
        }
    }
}

#[test]
fn missing_and_surplus_characters_are_counted_and_placed() {
    let text = sample().to_string();
    let short = |group| InviteCodeError::TooShort { missing: 1, group };
    let long = |group| InviteCodeError::TooLong { extra: 1, group };
    let mut missing = text.clone();
    missing.remove(11);
    assert_eq!(missing.parse::<InviteCode>(), Err(short(Some(3))));
    assert_eq!(missing.replace('-', "").parse::<InviteCode>(), Err(short(None)));
    let mut surplus = text.clone();
    surplus.insert(11, 'Q');
    assert_eq!(surplus.parse::<InviteCode>(), Err(long(Some(3))));
    assert_eq!(text[..4].parse::<InviteCode>(), Err(InviteCodeError::TooShort { missing: 28, group: None }));
    assert_eq!("".parse::<InviteCode>(), Err(InviteCodeError::TooShort { missing: 32, group: None }));
    assert!(matches!("7".repeat(1_000_000).parse::<InviteCode>(), Err(InviteCodeError::TooLong { .. })));
}

#[test]
fn a_foreign_character_is_named_with_its_group() {
    let mut text = sample().to_string();
    text.replace_range(6..7, "U");
    let error = text.parse::<InviteCode>().expect_err("no U in any code");
    assert_eq!(error, InviteCodeError::InvalidCharacter { character: 'U', group: 2 });
    assert_eq!(error.to_string(), "group 2 has 'U', which no invite code has: compare it with the host's");
}

#[test]
fn a_code_of_a_newer_version_says_so() {
    // Version 2 in the first three bits and the checksum of all that precedes: made by hand.
    assert_eq!(
        "89P6-2X35-E8G7-CSBJ-EDMP-YVKK-QTYM-2".parse::<InviteCode>().err().map(|error| error.to_string()),
        Some("the invite code was made by a newer version of the game: update yours".into())
    );
}

#[test]
fn addresses_that_nobody_can_reach_are_refused() {
    let unreachable =
        ["0.0.0.0:1", "[::]:1", "192.0.2.1:0", "255.255.255.255:9", "224.0.0.1:9", "[fe80::1]:9"];
    for address in unreachable {
        let addresses: [SocketAddr; 1] = [address.parse().expect("an address")];
        assert_eq!(InviteCode::new(&addresses, [0; 10]), Err(InviteCodeError::Unreachable), "{address}");
    }
    let reachable: SocketAddr = "192.0.2.1:1".parse().expect("an address");
    assert_eq!(InviteCode::new(&[], [0; 10]), Err(InviteCodeError::Unreachable));
    assert_eq!(InviteCode::new(&[reachable; 5], [0; 10]), Err(InviteCodeError::Unreachable));
    assert!(InviteCode::new(&[reachable; 4], [0; 10]).is_ok());
}

#[test]
fn the_secret_is_not_in_debug_output() {
    let code = code(&["192.0.2.1:1"], [0xab; 10]);
    assert_eq!(format!("{code:?}"), "InviteCode { addresses: [192.0.2.1:1], .. }");
}

fn addresses() -> impl Strategy<Value = Vec<SocketAddr>> {
    let ipv4 = (1..=223_u8, any::<[u8; 3]>()).prop_map(|(a, [b, c, d])| IpAddr::from([a, b, c, d]));
    let ipv6 = any::<[u8; 14]>().prop_map(|tail| {
        let mut octets = [0x20; 16];
        octets[2..].copy_from_slice(&tail);
        IpAddr::from(octets)
    });
    proptest::collection::vec((prop_oneof![ipv4, ipv6], 1..=u16::MAX).prop_map(SocketAddr::from), 1..=4)
}

proptest! {
    #[test]
    fn what_is_read_is_what_was_written(addresses in addresses(), secret: [u8; 10]) {
        let code = InviteCode::new(&addresses, secret).expect("reachable");
        prop_assert_eq!(code.addresses(), &addresses[..]);
        prop_assert_eq!(code.to_string().parse(), Ok(code));
    }

    #[test]
    fn any_text_is_read_without_a_panic(text in ".{0,200}") {
        let _ = text.parse::<InviteCode>();
    }

    #[test]
    fn any_characters_of_the_alphabet_are_read_without_a_panic(text in "[0-9A-Za-z -]{0,300}") {
        if let Ok(code) = text.parse::<InviteCode>() {
            prop_assert_eq!(code.to_string().parse(), Ok(code));
        }
    }

    #[test]
    fn a_wrong_character_never_makes_another_code(
        addresses in addresses(),
        secret: [u8; 10],
        at: prop::sample::Index,
        wrong in 1..32_usize,
    ) {
        let code = InviteCode::new(&addresses, secret).expect("reachable");
        let mut typed = symbols(&code);
        let symbol = at.get_mut(&mut typed);
        let was = ALPHABET.find(*symbol).expect("of the alphabet");
        *symbol = ALPHABET.as_bytes()[(was + wrong) % 32].into();
        prop_assert!(parse(&typed).is_err());
    }
}
