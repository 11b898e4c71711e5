//! What two transports say to each other on the control channel (STANDARD.md, section 6).

use crate::Manifest;
use netcord_wire::codec::message;
use serde::{Deserialize, Serialize};

/// A message of the control channel.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Control {
    /// The first message both ways: what we run.
    Hello(Manifest),
    /// The sender leaves, and the game's reason.
    Close { code: u32 },
    /// Our schema of this name, for a peer whose hash of it is another.
    Schema { name: String, bytes: Vec<u8> },
}

impl Control {
    /// The longest control message that is taken, in bytes.
    const MAX_BYTES: usize = 40 * 1024;

    pub(super) fn encode(&self) -> Vec<u8> {
        message::encode(self, Self::MAX_BYTES).expect("a manifest within its limits fits a control message")
    }

    /// `None` for anything that is no control message, or over its limits.
    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let control = message::decode(bytes, Self::MAX_BYTES).ok()?;
        match &control {
            Self::Hello(manifest) if !manifest.is_within_limits() => None,
            Self::Schema { name, bytes }
                if name.len() > Manifest::MAX_NAME || bytes.len() > Manifest::MAX_SCHEMA =>
            {
                None
            }
            _ => Some(control),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_manifest_fits() {
        let largest = (0..Manifest::MAX_ENTRIES)
            .fold(Manifest::new(), |manifest, n| manifest.with(&format!("{n:064}"), u64::MAX));
        let hello = Control::Hello(largest);
        assert_eq!(Control::decode(&hello.encode()), Some(hello));
    }

    #[test]
    fn what_is_over_the_limits_is_refused() {
        #[derive(Serialize)]
        enum Forged {
            Hello(Vec<(String, u64)>),
            #[expect(dead_code, reason = "it holds the place of the second")]
            Close,
            Schema(String, Vec<u8>),
        }
        let schema = |name: usize, bytes: usize| Forged::Schema("n".repeat(name), vec![0; bytes]);
        let entries = |count: usize, name: usize| Forged::Hello(vec![("n".repeat(name), 1); count]);
        for (forged, fine) in [
            // A name twice.
            (entries(2, 64), false),
            (entries(65, 1), false),
            (entries(1, 65), false),
            (entries(1, 64), true),
            (schema(64, Manifest::MAX_SCHEMA), true),
            (schema(65, 1), false),
            (schema(1, Manifest::MAX_SCHEMA + 1), false),
        ] {
            let bytes = message::encode(&forged, usize::MAX).unwrap();
            assert_eq!(Control::decode(&bytes).is_some(), fine, "{bytes:?}");
        }
        let mut trailing = Control::Close { code: 7 }.encode();
        trailing.push(0);
        assert_eq!(Control::decode(&trailing), None);
    }
}
