//! Every decoder of this module, as a function of bytes that a fuzzer may choose. No part of the API.

use super::addresses;
use super::noise::{Asked, Asking, Keys};
use super::wire::{Answer, REQUEST_BYTES};
use super::{InviteCode, RejoinTicket, protocol_id};
use crate::SecureRng;
use rand_core::SeedableRng;

/// A typed code: what is read is written as it was meant.
pub fn code(text: &str) {
    if let Ok(code) = text.parse::<InviteCode>() {
        assert_eq!(code.to_string().parse(), Ok(code), "a code has one meaning");
    }
}

/// A stored ticket: what is read is written as it was.
pub fn ticket(bytes: &[u8]) {
    if let Ok(ticket) = RejoinTicket::from_bytes(bytes) {
        assert_eq!(ticket.to_bytes(), bytes, "a ticket has one form");
    }
}

/// An introduction: what is read is written as it was, and is still one with another address. A checksum is no
/// obstacle to who wants to do harm, so the bytes are tried with the right one, too.
pub fn introduction(bytes: &[u8]) {
    for bytes in [bytes.to_vec(), InviteCode::with_checksum(bytes)] {
        let Some(code) = InviteCode::from_bytes(&bytes) else { continue };
        assert_eq!(code.to_bytes(), bytes, "an introduction has one form");
        for seen in [([127, 0, 0, 1], 1).into(), ([203, 0, 113, 1], 9).into(), ([0; 16], 0).into()] {
            let vouched = code.clone().seen_at(seen).to_bytes();
            assert!(InviteCode::from_bytes(&vouched).is_some(), "to vouch for one leaves it one");
        }
    }
}

/// A sighting: what is read is written as it was.
pub fn sighting(bytes: &[u8]) {
    if let Some(address) = addresses::read_one(bytes) {
        let canonical = addresses::canonical(&address) == address;
        assert!(!canonical || addresses::write_one(address).as_deref() == Some(bytes), "it has one form");
    }
}

/// A request as it comes: none is authentic.
pub fn request(bytes: &[u8]) {
    let mut rng = SecureRng::seed_from_u64(0);
    let asked = Asked::read(protocol_id("fuzz"), &Keys::of_invite(b"ten bytes!"), bytes, &mut rng);
    assert!(asked.is_none(), "a request was forged");
}

/// An answer as it comes: none is authentic.
pub fn answer(bytes: &[u8]) {
    let mut rng = SecureRng::seed_from_u64(0);
    let mut asking = Asking::new(protocol_id("fuzz"), &Keys::of_invite(b"ten bytes!"), &mut rng);
    assert!(bytes.len() > REQUEST_BYTES || asking.open(bytes).is_none(), "an answer was forged");
}

/// What a decrypted answer says: what is read is written as it was, and its token can be used or is refused.
pub fn answer_payload(bytes: &[u8]) {
    if let Some(answer) = Answer::from_bytes(bytes) {
        assert_eq!(answer.to_bytes().as_slice(), bytes, "an answer has one form");
        if let Answer::Granted(grant) = answer {
            let _ = grant.token.for_host(0, ([127, 0, 0, 1], 1).into());
        }
    }
}
