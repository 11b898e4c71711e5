//! Every decoder of this module, as a function of bytes that a fuzzer may choose. No part of the API.

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
