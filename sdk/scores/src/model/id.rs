//! What things are called. Each id is a string in JSON and in addresses.

use data_encoding::HEXLOWER;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use std::fmt;
use std::str::FromStr;

/// Which board: 1 to 32 small letters, digits and hyphens, with a letter or a digit at both ends. `tetris-marathon`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BoardId(String);

/// Which player: the public ed25519 key that their requests are signed with, 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PlayerId(pub [u8; 32]);

/// Which ticket, 32 hexadecimal digits. Random, so that nobody guesses another's.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TicketId(pub [u8; 16]);

/// Which score: a store counts them up from 1, in the order in which it accepts them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ScoreId(pub u64);

/// Why a string is no id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not {expected}")]
pub struct InvalidId {
    /// What one looks like.
    expected: &'static str,
}

impl BoardId {
    /// The longest that an id is, in bytes.
    pub const MAX_LENGTH: usize = 32;

    /// The board of this id.
    ///
    /// # Errors
    /// [`InvalidId`] when it isn't spelled as one.
    pub fn new(id: impl Into<String>) -> Result<Self, InvalidId> {
        let id = id.into();
        let spelled = id.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
        if spelled && (1..=Self::MAX_LENGTH).contains(&id.len()) && !id.starts_with('-') && !id.ends_with('-')
        {
            Ok(Self(id))
        } else {
            Err(InvalidId { expected: "a board: 1 to 32 of a-z, 0-9 and hyphens, no hyphen at an end" })
        }
    }

    /// The id as it is spelled.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for BoardId {
    type Err = InvalidId;
    fn from_str(id: &str) -> Result<Self, InvalidId> {
        Self::new(id)
    }
}

impl TryFrom<String> for BoardId {
    type Error = InvalidId;
    fn try_from(id: String) -> Result<Self, InvalidId> {
        Self::new(id)
    }
}

impl From<BoardId> for String {
    fn from(id: BoardId) -> Self {
        id.0
    }
}

impl fmt::Display for BoardId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for ScoreId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Bytes that are spelled in hexadecimal digits, small ones only, so that an id has one spelling; in formats that nobody
/// reads they are the bytes.
macro_rules! hexadecimal {
    ($id:ident, $expected:literal) => {
        impl FromStr for $id {
            type Err = InvalidId;
            fn from_str(digits: &str) -> Result<Self, InvalidId> {
                let mut bytes = Self([0; _]);
                let fits = HEXLOWER.decode_len(digits.len()) == Ok(bytes.0.len());
                if fits && HEXLOWER.decode_mut(digits.as_bytes(), &mut bytes.0).is_ok() {
                    Ok(bytes)
                } else {
                    Err(InvalidId { expected: $expected })
                }
            }
        }

        impl Serialize for $id {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                if serializer.is_human_readable() {
                    serializer.collect_str(self)
                } else {
                    self.0.serialize(serializer)
                }
            }
        }

        impl<'de> Deserialize<'de> for $id {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                if deserializer.is_human_readable() {
                    String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
                } else {
                    Deserialize::deserialize(deserializer).map(Self)
                }
            }
        }

        impl fmt::Display for $id {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&HEXLOWER.encode(&self.0))
            }
        }

        impl fmt::Debug for $id {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
    };
}

hexadecimal!(PlayerId, "a player: 64 of 0-9 and a-f");
hexadecimal!(TicketId, "a ticket: 32 of 0-9 and a-f");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_board_is_spelled_with_small_letters_digits_and_hyphens() {
        for id in ["a", "tetris-marathon", "7", &"x".repeat(32)] {
            assert_eq!(id.parse::<BoardId>().unwrap().as_str(), id);
        }
        for id in ["", "-a", "a-", "A", "a b", "a/b", "ä", &"x".repeat(33)] {
            assert!(id.parse::<BoardId>().is_err(), "{id:?}");
        }
    }

    #[test]
    fn bytes_have_one_spelling() {
        let id: TicketId = "00112233445566778899aabbccddeeff".parse().unwrap();
        assert_eq!(id.0[1], 0x11);
        assert_eq!(id.to_string(), "00112233445566778899aabbccddeeff");
        for id in ["", "00", "00112233445566778899AABBCCDDEEFF", "00112233445566778899aabbccddeeff0"] {
            assert!(id.parse::<TicketId>().is_err(), "{id:?}");
        }
    }
}
