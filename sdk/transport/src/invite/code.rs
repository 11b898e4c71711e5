//! The invite code: what one person reads out and another types (STANDARD.md, section 4.3).

use super::addresses::{self, MAX_ADDRESS_BYTES, MAX_ADDRESSES};
use core::fmt;
use core::str::FromStr;
use std::net::SocketAddr;

/// Where a host is and the secret that lets one player in, short enough to be read out.
///
/// A code with one IPv4 address has 32 characters in groups of four. Reading forgives case, spaces and the
/// letters that look like digits; a checksum finds what was mistyped. Whoever has the code can join with it, so
/// [`Debug`](fmt::Debug) hides the secret; [`Display`](fmt::Display) shows it.
///
/// ```
/// use netcord_transport::invite::{InviteCode, InviteCodeError};
///
/// let code = InviteCode::new(&["192.168.1.20:7777".parse()?], *b"ten bytes!")?;
/// let text = code.to_string();
/// assert_eq!(text, "4B0A-G08M-3SGQ-8SBE-41H7-JX35-ECGT-2GX3");
/// assert_eq!(text.to_lowercase().replace('-', " ").parse(), Ok(code));
///
/// let mistyped = text.replacen("G08M", "G0QM", 1).parse::<InviteCode>();
/// assert_eq!(mistyped, Err(InviteCodeError::Mistyped { group: Some(2) }));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct InviteCode {
    addresses: Vec<SocketAddr>,
    secret: [u8; InviteCode::SECRET_BYTES],
}

/// Why a text is no invite code. The texts are meant for the player.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InviteCodeError {
    /// A character that no code has. Show the player where.
    #[error("group {group} has {character:?}, which no invite code has: compare it with the host's")]
    InvalidCharacter {
        /// The character.
        character: char,
        /// The group of four that it is in, from 1.
        group: usize,
    },
    /// Characters are missing. Ask for the whole code.
    #[error(
        "the invite code is too short, at least {missing} characters are missing{}: type all groups of it",
        near(*group)
    )]
    TooShort {
        /// At least how many.
        missing: usize,
        /// The group of four that is short, from 1, where the spacing tells.
        group: Option<usize>,
    },
    /// There are more characters than belong to the code. Ask for the code alone.
    #[error("the invite code is too long by {extra} characters{}: type the code alone", near(*group))]
    TooLong {
        /// How many.
        extra: usize,
        /// The group of four that is long, from 1, where the spacing tells.
        group: Option<usize>,
    },
    /// The checksum does not fit: characters are wrong or swapped. Show the player where, and ask again.
    #[error("the invite code is mistyped{}: compare it with the host's", near(*group))]
    Mistyped {
        /// The group of four that holds the mistake, from 1, where one wrong character or one swap of neighbours
        /// explains it.
        group: Option<usize>,
    },
    /// The code is right, but of a later version of its format. Update the game.
    #[error("the invite code was made by a newer version of the game: update yours")]
    NewerVersion,
    /// An address is one that nobody can reach, or there are none or more than four. The host has to advertise
    /// others.
    #[error("the invite code names no address that can be reached: the host has to advertise another")]
    Unreachable,
}

/// ", in group 3", where the group is known.
fn near(group: Option<usize>) -> String {
    group.map_or(String::new(), |group| format!(" in group {group}"))
}

/// The version of the format that we write, and the only one that we read.
const VERSION: u8 = 1;
/// Every version keeps: the version in the first three bits, the checksum in the last three bytes.
const CHECKSUM_BYTES: usize = 3;
pub(super) const MAX_BYTES: usize = 1 + MAX_ADDRESS_BYTES + InviteCode::SECRET_BYTES + CHECKSUM_BYTES;
const MAX_SYMBOLS: usize = symbols_for(MAX_BYTES);
/// With one IPv4 address.
const MIN_SYMBOLS: usize = symbols_for(1 + 6 + InviteCode::SECRET_BYTES + CHECKSUM_BYTES);
const GROUP: usize = 4;

/// Crockford's base32: no I, L, O, U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// How many base32 characters so many bytes take.
const fn symbols_for(bytes: usize) -> usize {
    (bytes * 8).div_ceil(5)
}

impl InviteCode {
    /// Bytes of the secret: 80 bits.
    pub const SECRET_BYTES: usize = 10;

    /// The code of a host that is reached at `addresses`, for the holder of `secret`. An IPv4 address in IPv6
    /// clothes becomes IPv4; a scope is dropped.
    ///
    /// # Errors
    /// [`InviteCodeError::Unreachable`] unless there are 1 to 4 addresses that others can send to.
    pub fn new(addresses: &[SocketAddr], secret: [u8; Self::SECRET_BYTES]) -> Result<Self, InviteCodeError> {
        let addresses: Vec<_> = addresses.iter().map(addresses::canonical).collect();
        if !addresses::are_reachable(&addresses) {
            return Err(InviteCodeError::Unreachable);
        }
        Ok(Self { addresses, secret })
    }

    /// Where the host is said to be, in the order of preference.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    pub(super) fn secret(&self) -> &[u8; Self::SECRET_BYTES] {
        &self.secret
    }

    /// The same code with the address at which the host was seen. It is known to be right at least somewhere, so it
    /// comes first; but for loopback, which is another machine on each machine.
    pub(super) fn seen_at(mut self, address: SocketAddr) -> Self {
        let seen = addresses::canonical(&address);
        if !addresses::is_reachable(&seen) {
            return self;
        }
        self.addresses.retain(|known| *known != seen);
        self.addresses.truncate(MAX_ADDRESSES - 1);
        let at = if seen.ip().is_loopback() { self.addresses.len() } else { 0 };
        self.addresses.insert(at, seen);
        self
    }

    /// What the characters of a code stand for.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(MAX_BYTES);
        bytes.push(VERSION << 5 | addresses::layout(&self.addresses));
        addresses::write(&self.addresses, &mut bytes);
        bytes.extend_from_slice(&self.secret);
        Self::with_checksum(&bytes)
    }

    /// The bytes and their checksum.
    pub(super) fn with_checksum(bytes: &[u8]) -> Vec<u8> {
        let [_, checksum @ ..] = crc24(bytes).to_be_bytes();
        [bytes, &checksum].concat()
    }

    /// Reads what [`to_bytes`](Self::to_bytes) wrote.
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let is_whole = (CHECKSUM_BYTES + 1..=MAX_BYTES).contains(&bytes.len()) && crc24(bytes) == 0;
        is_whole.then(|| Self::from_checked_bytes(bytes).ok()).flatten()
    }

    /// Reads bytes whose checksum is right.
    fn from_checked_bytes(bytes: &[u8]) -> Result<Self, InviteCodeError> {
        let mistyped = InviteCodeError::Mistyped { group: None };
        let (&header, rest) = bytes.split_first().ok_or(mistyped)?;
        match header >> 5 {
            VERSION => (),
            newer if newer > VERSION => return Err(InviteCodeError::NewerVersion),
            _ => return Err(mistyped),
        }
        if Some(bytes.len()) != size(header) {
            return Err(mistyped);
        }
        let (addresses, rest) = addresses::read(header & 0x1f, rest).ok_or(InviteCodeError::Unreachable)?;
        let (&secret, _) = rest.split_first_chunk().ok_or(mistyped)?;
        Ok(Self { addresses, secret })
    }
}

impl fmt::Debug for InviteCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InviteCode").field("addresses", &self.addresses).finish_non_exhaustive()
    }
}

impl fmt::Display for InviteCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.to_bytes();
        let bit = |at: usize| bytes.get(at / 8).map_or(0, |byte| byte >> (7 - at % 8) & 1);
        for at in 0..symbols_for(bytes.len()) {
            if at > 0 && at % GROUP == 0 {
                f.write_str("-")?;
            }
            let value = (at * 5..at * 5 + 5).fold(0, |value, at| value << 1 | bit(at));
            let symbol = ALPHABET.get(usize::from(value)).copied().map_or(' ', char::from);
            write!(f, "{symbol}")?;
        }
        Ok(())
    }
}

impl FromStr for InviteCode {
    type Err = InviteCodeError;

    fn from_str(text: &str) -> Result<Self, InviteCodeError> {
        let typed = Typed::read(text)?;
        let group = typed.uneven_group;
        if typed.count > MAX_SYMBOLS {
            return Err(InviteCodeError::TooLong { extra: typed.count - MAX_SYMBOLS, group });
        }
        let (bytes, padding) = pack(&typed.symbols);
        // A message with its own checksum behind it leaves no remainder.
        let syndrome = padding << 24 | crc24(&bytes);
        if syndrome == 0 && bytes.len() > CHECKSUM_BYTES {
            return Self::from_checked_bytes(&bytes);
        }
        let mistyped = mistyped_group(&typed.symbols, syndrome);
        if mistyped.is_some() {
            return Err(InviteCodeError::Mistyped { group: mistyped });
        }
        // What was typed first is most often right, so the length that the beginning announces counts.
        let announced = bytes.first().and_then(|&header| Some(symbols_for(size(header)?)));
        let expected = announced.unwrap_or(typed.count.max(MIN_SYMBOLS));
        Err(match typed.count {
            count if count < expected => InviteCodeError::TooShort { missing: expected - count, group },
            count if count > expected => InviteCodeError::TooLong { extra: count - expected, group },
            _ => InviteCodeError::Mistyped { group: None },
        })
    }
}

/// A text as typed, reduced to characters of the alphabet.
struct Typed {
    /// Their values, below 32; at most [`MAX_SYMBOLS`] of them.
    symbols: Vec<u8>,
    /// How many there were.
    count: usize,
    /// The only group, from 1, that has not four characters though another follows it.
    uneven_group: Option<usize>,
}

impl Typed {
    fn read(text: &str) -> Result<Self, InviteCodeError> {
        let mut typed = Self { symbols: Vec::with_capacity(MAX_SYMBOLS), count: 0, uneven_group: None };
        let (mut group, mut in_group, mut uneven_groups) = (1, 0, 0);
        for character in text.chars() {
            if is_separator(character) {
                if in_group > 0 {
                    if in_group != GROUP {
                        uneven_groups += 1;
                        typed.uneven_group = (uneven_groups == 1).then_some(group);
                    }
                    (group, in_group) = (group + 1, 0);
                }
                continue;
            }
            let symbol = symbol(character)
                .ok_or(InviteCodeError::InvalidCharacter { character, group: typed.count / GROUP + 1 })?;
            if typed.symbols.len() < MAX_SYMBOLS {
                typed.symbols.push(symbol);
            }
            typed.count += 1;
            in_group += 1;
        }
        Ok(typed)
    }
}

/// Spaces and all the dashes that keyboards and chat programs make of one.
fn is_separator(character: char) -> bool {
    character.is_whitespace() || matches!(character, '-' | '_' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

/// The value of the character that a player means by this one.
fn symbol(character: char) -> Option<u8> {
    let meant = match u8::try_from(character).ok()?.to_ascii_uppercase() {
        b'O' => b'0',
        b'I' | b'L' => b'1',
        other => other,
    };
    (0..).zip(ALPHABET).find(|(_, symbol)| **symbol == meant).map(|(value, _)| value)
}

/// How many bytes a code with this first byte has, when it is one of our version.
fn size(header: u8) -> Option<usize> {
    let addresses = addresses::size(header & 0x1f)?;
    (header >> 5 == VERSION).then_some(1 + addresses + InviteCode::SECRET_BYTES + CHECKSUM_BYTES)
}

/// The bytes that symbols of five bits make, and the bits that are left over.
fn pack(symbols: &[u8]) -> (Vec<u8>, u32) {
    let mut bytes = Vec::with_capacity(MAX_BYTES);
    let (mut bits, mut count) = (0_u32, 0);
    for &symbol in symbols {
        bits = bits << 5 | u32::from(symbol);
        count += 5;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    (bytes, bits)
}

/// The group that holds the mistake, from 1, when exactly one group does under the assumption that one character
/// is wrong or two neighbours were swapped. A checksum is linear: what a mistake does to it depends on which bits
/// it flips alone, so each is tried without another look at the rest.
fn mistyped_group(symbols: &[u8], syndrome: u32) -> Option<usize> {
    // What a flipped bit does, from the last bit on: first those that are left over, then the bytes'.
    let left_over = (0..symbols.len() * 5 % 8).map(|bit| 1 << (24 + bit));
    let mut flips =
        left_over.chain(core::iter::successors(Some(crc24_shift(1 << 23)), |&r| Some(crc24_shift(r))));
    let mut found = None;
    let mut next: Option<(u8, [u32; 5])> = None;
    for (at, &symbol) in symbols.iter().enumerate().rev() {
        let bits: [u32; 5] = core::array::from_fn(|_| flips.next().unwrap_or_default());
        let is_wrong = (1..32).any(|flipped| effect(&bits, flipped) == syndrome);
        let is_swapped = next.is_some_and(|(next, next_bits)| {
            let flipped = symbol ^ next;
            effect(&bits, flipped) ^ effect(&next_bits, flipped) == syndrome
        });
        next = Some((symbol, bits));
        let group = at / GROUP + 1;
        if (is_wrong || is_swapped) && found.replace(group).is_some_and(|other| other != group) {
            return None;
        }
    }
    found
}

/// What it does to the checksum to flip these of a symbol's bits.
fn effect(bits: &[u32; 5], flipped: u8) -> u32 {
    (0..).zip(bits).filter(|(at, _)| flipped >> at & 1 == 1).fold(0, |effect, (_, bit)| effect ^ bit)
}

/// CRC-24 as OpenPGP has it (RFC 9580, section 6.1.1). It finds every error that spans up to 24 bits: any one
/// wrong character, any swap of neighbours, and up to four wrong characters in a row.
fn crc24(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x00b7_04ce, |remainder, &byte| {
        (0..8).fold(remainder ^ u32::from(byte) << 16, |remainder, _| crc24_shift(remainder))
    })
}

/// The remainder of one more bit.
const fn crc24_shift(remainder: u32) -> u32 {
    let shifted = remainder << 1;
    if shifted & 1 << 24 == 0 { shifted } else { shifted ^ 0x0186_4cfb }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_openpgps() {
        // The check value of CRC-24/OPENPGP in the catalogue of parametrised CRC algorithms.
        assert_eq!(crc24(b"123456789"), 0x21_cf02);
    }
}
