//! The receiving half of an unreliable channel: whole messages pass through, fragments meet in a few places.
//!
//! Duplicates don't come this far: a packet is taken once, and carries an unreliable message once.

use super::datagram::{Block, Body, Fragment, expand};
use super::held::{Held, HeldPieces};
use super::inbox::Inbox;
use super::{ChannelConfig, ChannelId, ChannelKind, MalformedDatagram};

#[derive(Debug)]
pub(super) struct UnreliableIn {
    channel: ChannelId,
    sequenced: bool,
    /// Bytes that may be held.
    limit: usize,
    held_bytes: usize,
    /// The newest packet that a message was handed out of; on a sequenced channel, older ones are dropped.
    newest: u64,
    /// Near this are the ids of fragments that come next.
    next_id: u64,
    /// Messages that start below this are given up, but for those in `assemblies`.
    given_up: u64,
    /// Messages of which some fragments are here.
    assemblies: Vec<Assembly>,
    /// Tables of former assemblies, to be used again.
    spare: Vec<Vec<Option<Held>>>,
}

#[derive(Debug)]
struct Assembly {
    /// The id of the message's first fragment.
    start: u64,
    total: u32,
    here: u16,
    /// The newest packet that carried a part: the one with the last fragment, once all are here.
    packet: u64,
    parts: Vec<Option<Held>>,
}

/// How many messages may be incomplete at a time; then the oldest is given up.
const ASSEMBLIES: usize = 4;

impl UnreliableIn {
    pub(super) fn new(channel: ChannelId, config: &ChannelConfig) -> Self {
        Self {
            channel,
            sequenced: config.kind == ChannelKind::UnreliableSequenced,
            limit: config.max_queued,
            held_bytes: 0,
            newest: 0,
            next_id: 0,
            given_up: 0,
            assemblies: Vec::new(),
            spare: Vec::new(),
        }
    }

    /// Checks a block before anything of its datagram is applied. `false` for a fragment of a message that
    /// was given up: then the datagram must be dropped unacked, so that nobody takes the message for
    /// delivered.
    pub(super) fn check(&self, block: &Block<'_>) -> Result<bool, MalformedDatagram> {
        let Body::Fragment(fragment) = &block.body else { return Ok(true) };
        let start = self.start(block.id, *fragment)?;
        match self.assemblies.iter().find(|assembly| assembly.start == start) {
            Some(assembly) if assembly.total != fragment.total => {
                Err(MalformedDatagram::Contradiction(self.channel))
            }
            Some(_) => Ok(true),
            None => Ok(start >= self.given_up),
        }
    }

    /// The id of the fragment's message.
    fn start(&self, id: u16, fragment: Fragment<'_>) -> Result<u64, MalformedDatagram> {
        let start = expand(id, self.next_id).and_then(|id| id.checked_sub(u64::from(fragment.index)));
        start.ok_or(MalformedDatagram::Contradiction(self.channel))
    }

    /// Takes a block of packet `number` that was checked. It fails only when an earlier block of the same
    /// datagram contradicts it.
    pub(super) fn receive(
        &mut self,
        block: &Block<'_>,
        number: u64,
        held: &mut HeldPieces,
        inbox: &mut Inbox,
    ) -> Result<(), MalformedDatagram> {
        match &block.body {
            Body::Messages(messages) => {
                if !self.sequenced || number >= self.newest {
                    self.newest = number;
                    inbox.messages(self.channel, messages.lengths(), messages.bytes);
                }
                Ok(())
            }
            Body::Fragment(fragment) => {
                if !self.check(block)? {
                    return Ok(());
                }
                let start = self.start(block.id, *fragment)?;
                self.receive_fragment(start, *fragment, number, held, inbox);
                Ok(())
            }
        }
    }

    fn receive_fragment(
        &mut self,
        start: u64,
        fragment: Fragment<'_>,
        number: u64,
        held: &mut HeldPieces,
        inbox: &mut Inbox,
    ) {
        let Fragment { index, total, bytes } = fragment;
        self.next_id = self.next_id.max(start + u64::from(index) + 1);
        let known = self.assemblies.iter().position(|assembly| assembly.start == start);
        let place = known.unwrap_or_else(|| {
            if self.assemblies.len() == ASSEMBLIES {
                self.give_up_oldest(held);
            }
            let mut parts = self.spare.pop().unwrap_or_default();
            parts.resize(usize::from(fragment.count()), None);
            self.assemblies.push(Assembly { start, total, here: 0, packet: 0, parts });
            self.assemblies.len() - 1
        });
        let assembly = &mut self.assemblies[place];
        let Some(part) = assembly.parts.get_mut(usize::from(index)).filter(|part| part.is_none()) else {
            return;
        };
        *part = Some(held.store(bytes));
        assembly.here += 1;
        assembly.packet = assembly.packet.max(number);
        self.held_bytes += bytes.len();
        if assembly.here == fragment.count() {
            // A newer message out of the same packet has gone ahead, unless this packet is what we are in.
            let packet = assembly.packet;
            let stale = packet < self.newest || packet == self.newest && packet != number;
            let wanted = !(self.sequenced && stale);
            self.remove(place, held, |bytes| {
                if wanted {
                    inbox.append(bytes);
                }
            });
            if wanted {
                self.newest = self.newest.max(packet);
                inbox.message(self.channel, total as usize);
            }
        }
        while self.held_bytes > self.limit {
            self.give_up_oldest(held);
        }
    }

    fn give_up_oldest(&mut self, held: &mut HeldPieces) {
        let oldest = (0..self.assemblies.len()).min_by_key(|&place| self.assemblies[place].start);
        if let Some(place) = oldest {
            self.given_up = self.given_up.max(self.assemblies[place].start + 1);
            self.remove(place, held, |_| {});
        }
    }

    /// Ends an assembly and shows its parts.
    fn remove(&mut self, place: usize, held: &mut HeldPieces, mut visit: impl FnMut(&[u8])) {
        let mut assembly = self.assemblies.swap_remove(place);
        for part in assembly.parts.drain(..).flatten() {
            self.held_bytes -= part.length();
            held.take(part, &mut visit);
        }
        self.spare.push(assembly.parts);
    }
}
