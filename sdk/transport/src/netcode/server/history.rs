//! The connect tokens that were used (standard: "Processing Connection Requests").

use crate::netcode::MAX_REMEMBERED_TOKENS;
use core::cmp::Reverse;
use core::net::SocketAddr;
use std::collections::BinaryHeap;
use std::collections::hash_map::{Entry, HashMap};

/// Names a token: the tag of its private data.
pub(super) type TokenTag = [u8; 16];

/// The tokens seen, each until it expires. One that gave a connection is spent: a second connection would use
/// its keys with the sequence numbers of the first.
#[derive(Default)]
pub(super) struct TokenHistory {
    uses: HashMap<TokenTag, Use>,
    expiries: BinaryHeap<Reverse<(u64, TokenTag)>>,
}

struct Use {
    from: SocketAddr,
    spent: bool,
}

/// How a token may be used.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Claim {
    /// To start a handshake, even in the place of an older one.
    First,
    /// To go on with the handshake that it started.
    Again,
    /// Not at all: by another address, spent, or not to be remembered.
    Refused(&'static str),
}

impl TokenHistory {
    /// Claims a token for an address. The token must not have expired.
    pub(super) fn claim(&mut self, token: TokenTag, from: SocketAddr, expires: u64) -> Claim {
        let full = self.uses.len() >= MAX_REMEMBERED_TOKENS;
        match self.uses.entry(token) {
            Entry::Occupied(known) if known.get().spent => {
                Claim::Refused("the token was used for a connection")
            }
            Entry::Occupied(known) if known.get().from != from => {
                Claim::Refused("the token was used from another address")
            }
            Entry::Occupied(_) => Claim::Again,
            Entry::Vacant(_) if full => Claim::Refused("too many tokens to remember"),
            Entry::Vacant(unknown) => {
                unknown.insert(Use { from, spent: false });
                self.expiries.push(Reverse((expires, token)));
                Claim::First
            }
        }
    }

    /// Notes that a token gave a connection.
    pub(super) fn spend(&mut self, token: &TokenTag) {
        if let Some(known) = self.uses.get_mut(token) {
            known.spent = true;
        }
    }

    /// Forgets the tokens that have expired; requests with them are refused for that.
    pub(super) fn forget_expired(&mut self, unix: u64) {
        while let Some(Reverse((expires, token))) = self.expiries.peek()
            && *expires <= unix
        {
            self.uses.remove(token);
            self.expiries.pop();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FROM: SocketAddr = SocketAddr::new(core::net::IpAddr::V4(core::net::Ipv4Addr::LOCALHOST), 1);

    fn tag(number: usize) -> TokenTag {
        (number as u128).to_le_bytes()
    }

    #[test]
    fn a_full_history_refuses_rather_than_forgets() {
        let mut history = TokenHistory::default();
        for number in 0..MAX_REMEMBERED_TOKENS {
            assert_eq!(history.claim(tag(number), FROM, 10 + number as u64), Claim::First);
        }
        history.spend(&tag(0));
        let new = tag(MAX_REMEMBERED_TOKENS);
        assert!(matches!(history.claim(new, FROM, 1_000), Claim::Refused(_)));
        assert!(matches!(history.claim(tag(0), FROM, 10), Claim::Refused(_)), "still spent");
        assert_eq!(history.claim(tag(1), FROM, 11), Claim::Again);

        history.forget_expired(9);
        assert!(matches!(history.claim(new, FROM, 1_000), Claim::Refused(_)));
        history.forget_expired(10);
        assert_eq!(history.claim(new, FROM, 1_000), Claim::First);
        assert_eq!(history.uses.len(), MAX_REMEMBERED_TOKENS);
        assert_eq!(history.expiries.len(), MAX_REMEMBERED_TOKENS);
    }
}
