//! Keeps account of what was sent in one direction of one channel, and objects when a promise is broken.

use netcord::transport::{ChannelConfig, ChannelKind, Receipt};
use std::collections::{BTreeMap, HashMap};

/// One direction of one channel: what was sent, what was handed out, and what the receipts said.
///
/// A message is known by its bytes; equal ones (very short messages can't all differ) are interchangeable.
pub(super) struct Ledger {
    kind: ChannelKind,
    receipts: bool,
    sent: Vec<Vec<u8>>,
    copies: HashMap<Vec<u8>, Copies>,
    /// Where the order is kept: the place in `sent` behind the last that was handed out.
    next: usize,
    handed_out: usize,
    /// The messages whose receipts have not ended, by their places in `sent`.
    open: BTreeMap<Receipt, usize>,
}

/// The messages of equal bytes.
#[derive(Default)]
struct Copies {
    sent: u32,
    handed_out: u32,
    /// Said to be delivered.
    confirmed: u32,
}

impl Ledger {
    /// An empty account.
    pub(super) fn new(config: &ChannelConfig) -> Self {
        Self {
            kind: config.kind,
            receipts: config.receipts,
            sent: Vec::new(),
            copies: HashMap::new(),
            next: 0,
            handed_out: 0,
            open: BTreeMap::new(),
        }
    }

    /// The shortest message by which the promises can be judged.
    pub(super) fn min_length(&self) -> usize {
        // The receipt of a message that a newer one overtook is judged by the message's place.
        if self.kind == ChannelKind::UnreliableSequenced && self.receipts { 4 } else { 0 }
    }

    /// How many messages were sent.
    pub(super) fn sent(&self) -> usize {
        self.sent.len()
    }

    /// A message was taken for sending.
    pub(super) fn send(&mut self, payload: &[u8], receipt: Receipt) {
        if self.receipts {
            self.open.insert(receipt, self.sent.len());
        }
        self.sent.push(payload.to_vec());
        self.copies.entry(payload.to_vec()).or_default().sent += 1;
    }

    /// A message came out at the other end.
    pub(super) fn hand_out(&mut self, payload: &[u8]) -> Result<(), String> {
        let kind = self.kind;
        let describe = || format!("{kind:?}: a message of {} bytes", payload.len());
        let Some(copies) = self.copies.get_mut(payload) else {
            return Err(format!("{} was never sent", describe()));
        };
        copies.handed_out += 1;
        if copies.handed_out > copies.sent {
            return Err(format!("{} came twice", describe()));
        }
        self.handed_out += 1;
        match self.kind {
            ChannelKind::ReliableOrdered if self.sent[self.next] == payload => self.next += 1,
            ChannelKind::ReliableOrdered => {
                return Err(format!("{} came before number {}", describe(), self.next));
            }
            ChannelKind::UnreliableSequenced => {
                let ahead = self.sent[self.next..].iter().position(|sent| sent == payload);
                let ahead = ahead.ok_or_else(|| format!("{} went back", describe()))?;
                self.next += ahead + 1;
            }
            _ => {}
        }
        Ok(())
    }

    /// A receipt ended in "delivered".
    pub(super) fn delivered(&mut self, receipt: Receipt) -> Result<(), String> {
        let place = self.end(receipt)?;
        let copies = self.copies.entry(self.sent[place].clone()).or_default();
        copies.confirmed += 1;
        let is_there = match self.kind {
            ChannelKind::Unreliable | ChannelKind::ReliableUnordered => copies.confirmed <= copies.handed_out,
            // It is whole at the peer, but others go before it, which are missing yet.
            ChannelKind::ReliableOrdered => true,
            // Or a newer one overtook it.
            ChannelKind::UnreliableSequenced => place < self.next,
        };
        if is_there {
            Ok(())
        } else {
            Err(format!("{:?}: message {place} is said to be delivered and is not", self.kind))
        }
    }

    /// A receipt ended in "lost".
    pub(super) fn lost(&mut self, receipt: Receipt) -> Result<(), String> {
        let place = self.end(receipt)?;
        if self.kind.is_reliable() {
            return Err(format!("{:?}: message {place} is said to be lost", self.kind));
        }
        Ok(())
    }

    fn end(&mut self, receipt: Receipt) -> Result<usize, String> {
        self.open.remove(&receipt).ok_or_else(|| format!("{:?}: {receipt:?} is not open", self.kind))
    }

    /// What is still to come, if anything is: messages of a reliable channel, and receipts.
    pub(super) fn outstanding(&self) -> Option<String> {
        let missing = self.sent.len() - self.handed_out;
        if self.kind.is_reliable() && missing > 0 {
            return Some(format!("{:?}: {missing} of {} messages", self.kind, self.sent.len()));
        }
        (!self.open.is_empty()).then(|| format!("{:?}: {} receipts", self.kind, self.open.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An account of these messages, with the receipts 0, 1, 2, …
    fn ledger(kind: ChannelKind, sent: &[&[u8]]) -> Ledger {
        let mut ledger = Ledger::new(&ChannelConfig::new(kind).with_receipts());
        for (receipt, payload) in (0..).map(Receipt).zip(sent) {
            ledger.send(payload, receipt);
        }
        ledger
    }

    #[test]
    fn what_is_kept_is_fine() {
        for kind in [ChannelKind::ReliableOrdered, ChannelKind::ReliableUnordered] {
            let mut ledger = ledger(kind, &[b"a", b"", b""]);
            for payload in [&b"a"[..], b"", b""] {
                assert!(ledger.outstanding().is_some());
                ledger.hand_out(payload).expect("in order");
            }
            for receipt in [2, 0, 1] {
                assert!(ledger.outstanding().is_some());
                ledger.delivered(Receipt(receipt)).expect("it is there");
            }
            assert_eq!(ledger.outstanding(), None);
        }
    }

    #[test]
    fn what_comes_twice_or_from_nowhere_is_noticed() {
        for kind in [ChannelKind::Unreliable, ChannelKind::ReliableUnordered] {
            let mut ledger = ledger(kind, &[b"a", b"a", b"b"]);
            assert!(ledger.hand_out(b"c").is_err());
            assert_eq!((ledger.hand_out(b"a"), ledger.hand_out(b"a")), (Ok(()), Ok(())));
            assert!(ledger.hand_out(b"a").is_err());
        }
    }

    #[test]
    fn a_broken_order_is_noticed() {
        assert!(ledger(ChannelKind::ReliableOrdered, &[b"a", b"b"]).hand_out(b"b").is_err());
        let mut sequenced = ledger(ChannelKind::UnreliableSequenced, &[b"a", b"b", b"c"]);
        assert_eq!(sequenced.hand_out(b"b"), Ok(()));
        assert!(sequenced.hand_out(b"a").is_err());
    }

    #[test]
    fn a_false_receipt_is_noticed() {
        for kind in
            [ChannelKind::Unreliable, ChannelKind::ReliableUnordered, ChannelKind::UnreliableSequenced]
        {
            assert!(ledger(kind, &[b"a"]).delivered(Receipt(0)).is_err(), "it is not there");
        }
        let mut overtaken = ledger(ChannelKind::UnreliableSequenced, &[b"a", b"b"]);
        assert_eq!((overtaken.hand_out(b"b"), overtaken.delivered(Receipt(0))), (Ok(()), Ok(())));
        let mut told_twice = ledger(ChannelKind::Unreliable, &[b"a"]);
        assert_eq!(told_twice.lost(Receipt(0)), Ok(()));
        assert!(told_twice.lost(Receipt(0)).is_err());
        assert!(ledger(ChannelKind::ReliableOrdered, &[b"a"]).lost(Receipt(0)).is_err());
    }
}
