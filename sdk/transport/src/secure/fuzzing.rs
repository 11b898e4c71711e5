//! The decoder of this module, as a function of bytes that a fuzzer may choose. No part of the API.

use super::control::Control;
use crate::Manifest;
use netcord_wire::Schema;

/// A message of the control channel: what is read is within its limits, and is read again from its own encoding.
pub fn control(bytes: &[u8]) {
    let Some(control) = Control::decode(bytes) else { return };
    assert_eq!(Control::decode(&control.encode()).as_ref(), Some(&control), "a message has one meaning");
    if let Control::Schema { name: _, bytes } = &control {
        let schema = Schema::new().with("Ball", &["x", "y"]).with("Paddle", &["y"]);
        let ours = Manifest::new().with_schema("schema", &schema);
        if let Some(difference) = ours.difference("schema", bytes) {
            assert!(difference.to_string().chars().count() < 1_000, "{difference}");
        }
    }
    if let Control::Hello(theirs) = control {
        assert!(theirs.entries().len() <= Manifest::MAX_ENTRIES);
        let ours = Manifest::new().with("game", 1).with("netcord", 1);
        if let Err(mismatch) = ours.check(&theirs) {
            assert_ne!(mismatch.ours, mismatch.theirs, "{mismatch}");
        }
    }
}
