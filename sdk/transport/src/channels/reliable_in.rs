//! The receiving half of a reliable channel: each message once, in order or as soon as it is whole.

use super::datagram::{Block, Body, Fragment, Messages, expand, fragments};
use super::held::{Held, HeldPieces};
use super::inbox::Inbox;
use super::{ChannelConfig, ChannelId, ChannelKind, MalformedDatagram, WINDOW};
use std::collections::VecDeque;

#[derive(Debug)]
pub(super) struct ReliableIn {
    channel: ChannelId,
    ordered: bool,
    /// Bytes that may be held.
    limit: usize,
    held_bytes: usize,
    /// The first piece that was not handed out.
    base: u64,
    /// What is known of the pieces from `base` on.
    slots: VecDeque<Slot>,
    /// Where `base` was after which packet, some time ago.
    mark: (u64, u64),
    /// This packet and older ones carry nothing new, whatever ids they seem to have: ids wrap.
    stale_through: u64,
}

/// What is known of one piece.
#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    state: State,
    held: Held,
    /// Bytes of the message that the piece is a fragment of, or starts; 0 while it is known of neither.
    total: u32,
    index: u16,
    /// Fragments that are here of the message that this piece starts.
    here: u16,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Missing,
    Held,
    HandedOut,
}

impl ReliableIn {
    pub(super) fn new(channel: ChannelId, config: &ChannelConfig) -> Self {
        let ordered = config.kind == ChannelKind::ReliableOrdered;
        Self {
            channel,
            ordered,
            limit: config.max_queued,
            held_bytes: 0,
            base: 0,
            slots: VecDeque::new(),
            mark: (0, 0),
            stale_through: 0,
        }
    }

    /// Checks a block of packet `number` before anything of its datagram is applied.
    pub(super) fn check(&self, block: &Block<'_>, number: u64) -> Result<(), MalformedDatagram> {
        if number <= self.stale_through {
            return Ok(());
        }
        let first = self.expand(block.id)?;
        match &block.body {
            Body::Messages(messages) => {
                let end = first + u64::from(messages.count);
                if end > self.base + WINDOW {
                    return Err(MalformedDatagram::OutOfWindow(self.channel));
                }
                if self.ordered && first > self.base {
                    let pieces = (first..).zip(messages.lengths());
                    let new = pieces.filter(|&(id, _)| self.slot(id).state == State::Missing);
                    self.check_budget(new.map(|(_, length)| length).sum())?;
                }
                let known = self.base + self.slots.len() as u64;
                (first.max(self.base)..end.min(known)).try_for_each(|id| self.check_whole(id))
            }
            Body::Fragment(fragment) => self.check_fragment(first, *fragment),
        }
    }

    /// Whether the piece may be a whole message.
    fn check_whole(&self, id: u64) -> Result<(), MalformedDatagram> {
        let slot = self.slot(id);
        let fragment = slot.total > 0 && slot.state != State::HandedOut;
        if fragment { Err(MalformedDatagram::Contradiction(self.channel)) } else { Ok(()) }
    }

    /// Whether the piece may be this fragment.
    fn check_fragment(&self, id: u64, fragment: Fragment<'_>) -> Result<(), MalformedDatagram> {
        if id < self.base || self.slot(id).state == State::HandedOut {
            return Ok(());
        }
        let Some(start) = id.checked_sub(u64::from(fragment.index)).filter(|&start| start >= self.base)
        else {
            return Err(MalformedDatagram::Contradiction(self.channel));
        };
        let agrees = |slot: Slot, index| match slot.state {
            State::Missing => slot.total == 0 || slot.total == fragment.total && index == 0,
            State::Held => slot.total == fragment.total && slot.index == index,
            State::HandedOut => false,
        };
        if !agrees(self.slot(id), fragment.index) || !agrees(self.slot(start), 0) {
            return Err(MalformedDatagram::Contradiction(self.channel));
        }
        match self.slot(id).state {
            State::Missing => self.check_budget(fragment.bytes.len()),
            _ => Ok(()),
        }
    }

    /// Whether so many bytes more may be held.
    fn check_budget(&self, bytes: usize) -> Result<(), MalformedDatagram> {
        let over = self.held_bytes + bytes > self.limit;
        if over { Err(MalformedDatagram::OverBudget(self.channel)) } else { Ok(()) }
    }

    /// The whole id, if the window allows it.
    fn expand(&self, id: u16) -> Result<u64, MalformedDatagram> {
        let allowed = |id: &u64| *id < self.base + WINDOW;
        expand(id, self.base).filter(allowed).ok_or(MalformedDatagram::OutOfWindow(self.channel))
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
        if number <= self.stale_through {
            return Ok(());
        }
        let first = self.expand(block.id)?;
        match &block.body {
            Body::Messages(messages) if self.slots.is_empty() && first <= self.base => {
                self.receive_next(first, messages, inbox);
            }
            Body::Messages(messages) => self.receive_messages(first, messages, held, inbox)?,
            Body::Fragment(fragment) => self.receive_fragment(first, *fragment, held, inbox)?,
        }
        // A packet from before the mark has no piece that is a window above it; and as long as no packet from
        // before the mark before that is taken, all ids lie within seven windows, and can be told apart.
        if self.base >= self.mark.0 + 2 * WINDOW {
            self.stale_through = self.mark.1;
            self.mark = (self.base, number);
        }
        Ok(())
    }

    /// Hands out messages whose turn it is, less those that were handed out before.
    fn receive_next(&mut self, first: u64, messages: &Messages<'_>, inbox: &mut Inbox) {
        let known = (self.base - first) as usize;
        let skipped = messages.lengths().take(known).sum();
        let bytes = messages.bytes.get(skipped..).unwrap_or_default();
        inbox.messages(self.channel, messages.lengths().skip(known), bytes);
        self.base = self.base.max(first + u64::from(messages.count));
    }

    fn receive_messages(
        &mut self,
        first: u64,
        messages: &Messages<'_>,
        held: &mut HeldPieces,
        inbox: &mut Inbox,
    ) -> Result<(), MalformedDatagram> {
        let mut rest = messages.bytes;
        for (id, length) in (first..).zip(messages.lengths()) {
            let (payload, after) = rest.split_at_checked(length).ok_or(MalformedDatagram::Truncated)?;
            rest = after;
            if id < self.base {
                continue;
            }
            self.check_whole(id)?;
            if self.slot(id).state != State::Missing {
                continue;
            }
            if self.ordered && id > self.base {
                *self.slot_mut(id) =
                    Slot { state: State::Held, held: held.store(payload), ..Slot::default() };
                self.held_bytes += length;
            } else {
                self.slot_mut(id).state = State::HandedOut;
                inbox.messages(self.channel, core::iter::once(length), payload);
                self.advance(held, inbox);
            }
        }
        Ok(())
    }

    fn receive_fragment(
        &mut self,
        id: u64,
        fragment: Fragment<'_>,
        held: &mut HeldPieces,
        inbox: &mut Inbox,
    ) -> Result<(), MalformedDatagram> {
        self.check_fragment(id, fragment)?;
        if id < self.base || self.slot(id).state != State::Missing {
            return Ok(());
        }
        let Fragment { index, total, bytes } = fragment;
        let slot = self.slot_mut(id);
        *slot = Slot { state: State::Held, held: held.store(bytes), total, index, here: slot.here };
        self.held_bytes += bytes.len();
        let start = id - u64::from(index);
        let head = self.slot_mut(start);
        head.total = total;
        head.here += 1;
        let whole = head.here == fragment.count();
        if whole && !self.ordered {
            self.hand_out(start, held, inbox);
        }
        self.advance(held, inbox);
        Ok(())
    }

    /// Hands out what is next in order, and moves on past all that was handed out.
    fn advance(&mut self, held: &mut HeldPieces, inbox: &mut Inbox) {
        while let Some(&front) = self.slots.front() {
            match front.state {
                State::HandedOut => {
                    self.slots.pop_front();
                    self.base += 1;
                }
                State::Held
                    if self.ordered
                        && (front.total == 0 || front.here == fragments(front.total as usize)) =>
                {
                    self.hand_out(self.base, held, inbox);
                }
                _ => break,
            }
        }
    }

    /// Hands out the held message that starts with piece `start`, all of which is here.
    fn hand_out(&mut self, start: u64, held: &mut HeldPieces, inbox: &mut Inbox) {
        let count = fragments(self.slot(start).total as usize);
        let mut length = 0;
        for id in start..start + u64::from(count) {
            let slot =
                core::mem::replace(self.slot_mut(id), Slot { state: State::HandedOut, ..Slot::default() });
            held.take(slot.held, |bytes| inbox.append(bytes));
            length += slot.held.length();
        }
        self.held_bytes -= length;
        inbox.message(self.channel, length);
    }

    fn slot(&self, id: u64) -> Slot {
        self.slots.get((id - self.base) as usize).copied().unwrap_or_default()
    }

    /// The slot of a piece that the window allows.
    fn slot_mut(&mut self, id: u64) -> &mut Slot {
        let place = (id - self.base) as usize;
        if place >= self.slots.len() {
            self.slots.resize(place + 1, Slot::default());
        }
        &mut self.slots[place]
    }
}
