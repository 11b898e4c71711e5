//! What one client gets: which groups it sees, what it is known to have, and which sections fill its budget.

use super::manifest::Manifest;
use super::{GroupId, SnapshotSender};
use crate::SnapshotError;
use crate::feedback::Feedback;
use crate::message::{HISTORY, MAX_MESSAGE, SectionId};
use crate::tick_set::TickSet;
use netcord_wire::{NetEntity, Tick};
use std::collections::{BTreeMap, VecDeque};

/// How much a client gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ViewConfig {
    /// Bytes of messages a tick, with their [`overhead`](Self::overhead). Where it is less than that of a
    /// [`MAX_MESSAGE`], it is saved up from tick to tick, to so much.
    pub budget: usize,
    /// What a message takes besides its own bytes. In netcord's channels that is up to 4, and about 50 for a datagram,
    /// which small messages share.
    pub overhead: usize,
    /// How many ticks old anything that the client sees may become, as long as the budget allows to send each section
    /// in a third of them. It may become twice as old where messages are lost, or if it goes over to another section
    /// twice meanwhile.
    pub stalest: u32,
}

impl Default for ViewConfig {
    fn default() -> Self {
        Self { budget: 4_000, overhead: 8, stalest: 60 }
    }
}

/// Sections that a client is known to have, of those that it sees.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// How many it has.
    pub held: usize,
    /// How many there are.
    pub all: usize,
}

impl Progress {
    /// The same as a share, 0 to 1; 1 when there are none.
    pub fn share(self) -> f32 {
        if self.all == 0 { 1.0 } else { self.held as f32 / self.all as f32 }
    }
}

/// A message that is on its way.
#[derive(Clone, Copy, Debug)]
struct Sent {
    receipt: u64,
    tick: Tick,
    /// None for the manifest.
    section: Option<SectionId>,
    /// Its receipt has come.
    is_known: bool,
}

/// A section that the client sees.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slot {
    id: SectionId,
    /// Where the sender has it.
    pub(super) index: usize,
    weight: u32,
    /// Since when the client has seen it, or started over with it: what it got before doesn't count.
    pub(super) entered: Tick,
    last_sent: Option<Tick>,
    /// What was sent last is lost.
    lost: bool,
    known: TickSet,
    /// The oldest tick at which the client shows an entity that is here by now, as of the plan.
    shows: Option<Tick>,
}

/// One client of a [`SnapshotSender`].
///
/// Once a tick, after [`SnapshotSender::finish`], messages are taken until there is none; each goes out on an unreliable
/// channel with receipts, and [`sent`](Self::sent) is told its receipt. What the channel says of receipts goes to
/// [`delivered`](Self::delivered) and [`lost`](Self::lost). While messages wait in the channel, because the network is
/// congested, take none: they would queue up, and arrive when they are stale.
#[derive(Debug)]
pub struct View {
    config: ViewConfig,
    groups: BTreeMap<GroupId, u32>,
    groups_changed: bool,
    layout: u64,
    /// The tick whose messages are being taken.
    pub(super) tick: Option<Tick>,
    /// Bytes that may be sent.
    credit: usize,
    /// By id.
    pub(super) slots: Vec<Slot>,
    before: Vec<Slot>,
    pub(super) manifest: Manifest,
    /// Its message of this tick is yet to be taken.
    manifest_is_due: bool,
    unlisted: usize,
    /// What is to be sent, the most urgent last: whether it is overdue, how urgent it is, and the slot.
    order: Vec<(bool, u64, usize)>,
    misfits: usize,
    /// Entities of which the client is told that they have moved, and the ticks at which it shows them until then.
    movers: Vec<(NetEntity, Tick)>,
    /// What was taken last, until its receipt is known.
    taken: Option<(Tick, Option<usize>)>,
    under_way: VecDeque<Sent>,
    /// How long a receipt takes, smoothed, in eighths of a tick.
    delay_eighths: u32,
    pub(super) feedback: Feedback,
    /// When the client's state was last compared.
    pub(super) checked: Option<Tick>,
    pub(super) started_over: u64,
}

/// Sections that don't fit into what is left of the budget, after which no others are tried.
const MAX_MISFITS: usize = 4;
/// Entities that are waited for.
const MAX_MOVERS: usize = 256;

impl View {
    /// The view of a client that sees nothing yet.
    pub fn new(config: ViewConfig) -> Self {
        Self {
            config,
            groups: BTreeMap::new(),
            groups_changed: true,
            layout: 0,
            tick: None,
            credit: 0,
            slots: Vec::new(),
            before: Vec::new(),
            manifest: Manifest::new(),
            manifest_is_due: false,
            unlisted: 0,
            order: Vec::new(),
            misfits: 0,
            movers: Vec::new(),
            taken: None,
            under_way: VecDeque::new(),
            delay_eighths: 96,
            feedback: Feedback::default(),
            checked: None,
            started_over: 0,
        }
    }

    /// Changes how much it gets.
    pub fn configure(&mut self, config: ViewConfig) {
        self.config = config;
    }

    /// Lets the client see a group from the next tick on, or changes its weight, at least 1: one of twice the weight
    /// is sent twice as often, when the budget is short.
    pub fn show(&mut self, group: GroupId, weight: u32) {
        self.groups_changed |= self.groups.insert(group, weight.max(1)) != Some(weight.max(1));
    }

    /// Hides a group from the next tick on.
    pub fn hide(&mut self, group: GroupId) {
        self.groups_changed |= self.groups.remove(&group).is_some();
    }

    /// How far a join has come.
    pub fn progress(&self) -> Progress {
        let held = self.slots.iter().filter(|slot| slot.known.newest().is_some()).count();
        Progress { held, all: self.slots.len() }
    }

    /// How many sections the client sees in vain. There is room for 1,118, or as few as half of that where they are a
    /// small part of all: a byte for each, two where 128 or more are passed over. Show fewer groups.
    pub fn unlisted(&self) -> usize {
        self.unlisted
    }

    /// The next message of the sender's tick, at most [`MAX_MESSAGE`] bytes; none when nothing more is due, or fits
    /// into the budget. It counts as not sent unless [`sent`](Self::sent) is called after it.
    ///
    /// # Errors
    /// [`SnapshotError`] for what can't be sent: [`OutOfRange`](SnapshotError::OutOfRange) values, which keep back the
    /// section that they are in, an entity that is [`TooLarge`](SnapshotError::TooLarge), and
    /// [`TooManySections`](SnapshotError::TooManySections). Each is told once, to the view that comes to it first, and
    /// again when it has changed. It is left out: call again for the other messages.
    pub fn next_message<'a>(
        &'a mut self,
        sender: &'a mut SnapshotSender,
    ) -> Result<Option<&'a [u8]>, SnapshotError> {
        self.taken = None;
        let Some(tick) = sender.tick() else { return Ok(None) };
        if self.tick != Some(tick) {
            let unlisted = self.unlisted;
            self.plan(sender, tick);
            self.manifest.encode(tick)?;
            self.manifest_is_due = !self.manifest.message().is_empty();
            if self.unlisted > 0 && self.unlisted != unlisted {
                let (listed, unlisted) = (self.slots.len(), self.unlisted);
                return Err(SnapshotError::TooManySections { listed, unlisted });
            }
        }
        let bytes = self.manifest.message().len().saturating_add(self.config.overhead);
        if std::mem::take(&mut self.manifest_is_due) && bytes <= self.credit {
            self.credit -= bytes;
            self.taken = Some((tick, None));
            return Ok(Some(self.manifest.message()));
        }
        while let Some((overdue, _, place)) = self.order.pop() {
            let slot = &self.slots[place];
            let Some(message) = sender.encode(slot.index, &slot.known)? else { continue };
            let bytes = message.len().saturating_add(self.config.overhead);
            if bytes > self.credit {
                self.misfits += 1;
                // What is overdue waits for the credit; others must not use it up.
                if overdue || self.misfits >= MAX_MISFITS {
                    self.order.clear();
                }
                continue;
            }
            self.credit -= bytes;
            self.taken = Some((tick, Some(place)));
            self.note_movers(sender, place, tick);
            let message = &mut sender.workshop.messages[message];
            message[0] = tick.since(self.manifest.changed).clamp(0, 254) as u8;
            return Ok(Some(message));
        }
        Ok(None)
    }

    /// The message that was taken last is on its way, and the channel will tell of it by this receipt. Receipts rise.
    pub fn sent(&mut self, receipt: u64) {
        let Some((tick, place)) = self.taken.take() else { return };
        let slot = place.and_then(|place| self.slots.get_mut(place));
        let section = slot.map(|slot| {
            (slot.last_sent, slot.lost) = (Some(tick), false);
            slot.id
        });
        if section.is_none() {
            self.manifest.sent(tick);
        }
        self.under_way.push_back(Sent { receipt, tick, section, is_known: false });
    }

    /// A message arrived.
    pub fn delivered(&mut self, receipt: u64) {
        let Some(Sent { tick, section, .. }) = self.settle(receipt) else { return };
        if let Some(now) = self.tick {
            self.delay_eighths = (7 * self.delay_eighths).div_ceil(8) + now.since(tick).clamp(1, 60) as u32;
        }
        match section {
            None => self.manifest.delivered(tick),
            Some(section) => {
                if let Some(slot) = self.slot_mut(section).filter(|slot| !tick.is_before(slot.entered)) {
                    slot.known.insert(tick);
                }
            }
        }
    }

    /// A message is lost, as far as the channel can tell.
    pub fn lost(&mut self, receipt: u64) {
        let Some(Sent { tick, section, .. }) = self.settle(receipt) else { return };
        match section {
            None => self.manifest.lost(tick),
            Some(section) => {
                if let Some(slot) = self.slot_mut(section).filter(|slot| slot.last_sent == Some(tick)) {
                    slot.lost = true;
                }
            }
        }
    }

    /// Ends the wait for a receipt.
    fn settle(&mut self, receipt: u64) -> Option<Sent> {
        let place = self.under_way.partition_point(|sent| sent.receipt < receipt);
        let sent = self.under_way.get_mut(place).filter(|sent| sent.receipt == receipt && !sent.is_known)?;
        sent.is_known = true;
        let sent = *sent;
        while self.under_way.front().is_some_and(|sent| sent.is_known) {
            self.under_way.pop_front();
        }
        Some(sent)
    }

    pub(super) fn slot(&self, section: SectionId) -> Option<&Slot> {
        let place = self.slots.binary_search_by_key(&section, |slot| slot.id).ok()?;
        self.slots.get(place)
    }

    pub(super) fn slot_mut(&mut self, section: SectionId) -> Option<&mut Slot> {
        let place = self.slots.binary_search_by_key(&section, |slot| slot.id).ok()?;
        self.slots.get_mut(place)
    }

    /// Decides what is to be sent in a tick.
    fn plan(&mut self, sender: &SnapshotSender, tick: Tick) {
        let first = self.tick.is_none();
        if first {
            self.manifest.start_over(tick);
        }
        self.tick = Some(tick);
        if self.groups_changed || self.layout != sender.layout || first {
            self.find_sections(sender, tick, first);
        }
        while self.under_way.front().is_some_and(|sent| tick.since(sent.tick) >= HISTORY as i32) {
            self.under_way.pop_front();
        }
        let ViewConfig { budget, overhead, .. } = self.config;
        self.credit =
            self.credit.saturating_add(budget).min(budget.max(overhead.saturating_add(MAX_MESSAGE)));
        self.misfits = 0;
        self.order.clear();
        self.find_movers(sender);
        for (place, slot) in self.slots.iter_mut().enumerate() {
            if slot.known.newest().is_some_and(|newest| tick.since(newest) >= HISTORY as i32) {
                slot.known = TickSet::default();
            }
            let Some(section) = sender.section(slot.index) else { continue };
            let urgency =
                slot.urgency(section.changed, tick, self.config.stalest, 2 * self.delay_eighths / 8);
            self.order.extend(urgency.map(|(overdue, urgency)| (overdue, urgency, place)));
        }
        self.order.sort_unstable();
    }

    /// A client that is told late that entities have left a section shows them as they were there until it has the
    /// section that they are in by then, which must not be late, too.
    fn note_movers(&mut self, sender: &SnapshotSender, place: usize, tick: Tick) {
        let Slot { id, index, known, .. } = self.slots[place];
        let (Some(section), Some(shown)) = (sender.section(index), known.newest()) else { return };
        if tick.since(shown) <= self.config.stalest as i32 / 4 {
            return;
        }
        let departures = section.departures.iter().rev().take_while(|(left, _)| left.is_after(shown));
        for &(_, entity) in departures {
            let has_moved = sender.home.get(&entity).is_some_and(|&home| home != id);
            let is_new = || self.movers.iter().all(|&(mover, _)| mover != entity);
            if has_moved && self.movers.len() < MAX_MOVERS && is_new() {
                self.movers.push((entity, shown));
            }
        }
    }

    /// Notes in each slot since when the client has waited for an entity that is there now.
    fn find_movers(&mut self, sender: &SnapshotSender) {
        self.slots.iter_mut().for_each(|slot| slot.shows = None);
        let Self { movers, slots, .. } = self;
        movers.retain(|&(entity, shown)| {
            let Some(home) = sender.home.get(&entity) else { return false };
            let Ok(place) = slots.binary_search_by_key(home, |slot| slot.id) else { return false };
            let slot = &mut slots[place];
            let newest = slot.known.newest().filter(|newest| newest.is_after(shown));
            let state = newest.and_then(|newest| sender.section(slot.index)?.ring.get(newest));
            let waits = state.is_none_or(|state| state.row_of(entity).is_none());
            if waits {
                slot.shows = Some(slot.shows.map_or(shown, |oldest| oldest.earliest(shown)));
            }
            waits
        });
    }

    /// Finds the sections of the groups that it sees. What is known of those that it saw before is kept.
    fn find_sections(&mut self, sender: &SnapshotSender, tick: Tick, first: bool) {
        std::mem::swap(&mut self.slots, &mut self.before);
        self.slots.clear();
        for (group, &weight) in &self.groups {
            for index in sender.groups.get(group).into_iter().flat_map(|group| group.sections()) {
                let Some(section) = sender.section(index) else { continue };
                let before = self.before.binary_search_by_key(&section.id, |slot| slot.id).ok();
                let before = before.map(|place| self.before[place]);
                // A section of the same id may have been another one.
                let slot = match before.filter(|slot| !slot.entered.is_before(section.born)) {
                    Some(slot) => Slot { weight, ..slot },
                    None => Slot {
                        id: section.id,
                        index,
                        weight,
                        entered: tick,
                        last_sent: None,
                        lost: false,
                        known: TickSet::default(),
                        shows: None,
                    },
                };
                self.slots.push(slot);
            }
        }
        self.slots.sort_unstable_by_key(|slot| slot.id);
        let same = |(one, other): (&Slot, &Slot)| one.id == other.id;
        let sections = self.slots.len();
        if first || sections != self.before.len() || !self.slots.iter().zip(&self.before).all(same) {
            let listed = self.manifest.list(tick, self.slots.iter().map(|slot| slot.id));
            self.unlisted = sections - listed;
            self.slots.truncate(listed);
        }
        (self.groups_changed, self.layout) = (false, sender.layout);
    }
}

impl Slot {
    /// The client has nothing of it, whatever it got before `tick`.
    pub(super) fn start_over(&mut self, tick: Tick) {
        (self.entered, self.known, self.lost) = (tick, TickSet::default(), true);
    }

    /// Whether it is overdue, and how urgent it is to send it; none when it can wait.
    fn urgency(&self, changed: Tick, tick: Tick, stalest: u32, patience: u32) -> Option<(bool, u64)> {
        let stalest = stalest.max(4) as i32;
        let newest = self.known.newest().unwrap_or(self.entered);
        let age = tick.since(self.shows.map_or(newest, |shown| shown.earliest(newest)));
        let waited = match self.last_sent {
            Some(last) if !self.lost => tick.since(last),
            _ => i32::MAX,
        };
        // Early enough for two to be lost in a row.
        if age > 3 * stalest / 10 && waited > stalest / 5 {
            return Some((true, age as u64));
        }
        let patience = patience as i32;
        let can_wait = match self.known.newest() {
            // It knows that it rests: it has the last change, and a tick after it, lest it goes on by itself.
            Some(known) if known.is_after(changed) => true,
            // That is under way.
            Some(_) => self.last_sent.is_some_and(|last| last.is_after(changed)) && waited < patience,
            // All of it is under way.
            None => waited < patience,
        };
        let since_sent = tick.since(self.last_sent.unwrap_or(self.entered)).max(0) as u64 + 1;
        (!can_wait).then_some((false, u64::from(self.weight) * since_sent))
    }
}
