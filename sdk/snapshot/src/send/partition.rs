//! Which entities are in which section of a group: ranges of ids, split where they outgrow a datagram, merged where
//! two are small.

use super::{SnapshotSender, raw_bits};
use crate::message::{HISTORY, SectionId};
use netcord_wire::{NetEntity, Tick};

/// Ticks that a section, once split or merged, is not merged.
const SETTLED: i32 = 60;
/// Ticks that a section without entities goes on: its messages tell where they went.
const LINGER: i32 = HISTORY as i32;

/// The sections of a group.
#[derive(Debug)]
pub(crate) struct Group {
    /// The first id of each section's range and its place, in ascending order; the first begins at 0.
    ranges: Vec<(u32, usize)>,
    /// Sections that were merged into others, and when.
    dissolved: Vec<(usize, Tick)>,
}

impl Group {
    pub(crate) fn new(index: usize) -> Self {
        Self { ranges: vec![(0, index)], dissolved: Vec::new() }
    }

    pub(crate) fn section_of(&self, entity: NetEntity) -> usize {
        let place = self.ranges.partition_point(|&(first, _)| first <= entity.0);
        self.ranges[place.saturating_sub(1)].1
    }

    pub(crate) fn sections(&self) -> impl Iterator<Item = usize> {
        let dissolved = self.dissolved.iter().map(|&(index, _)| index);
        self.ranges.iter().map(|&(_, index)| index).chain(dissolved)
    }
}

/// Splits and merges the sections of all groups, and ends those that have long been empty.
pub(crate) fn rearrange(sender: &mut SnapshotSender, tick: Tick) {
    let mut groups = std::mem::take(&mut sender.groups);
    groups.retain(|_, group| {
        split(sender, group, tick);
        merge(sender, group, tick);
        group.dissolved.retain(|&(index, since)| {
            let goes_on = tick.since(since) < LINGER;
            if !goes_on {
                sender.remove_section(index, tick);
            }
            goes_on
        });
        let [(_, index)] = group.ranges[..] else { return true };
        let section = sender.sections[index].as_mut().expect("a group's sections are there");
        if section.raw_bits > 0 {
            section.filled = tick;
        }
        let goes_on = tick.since(section.filled) < LINGER || !group.dissolved.is_empty();
        if !goes_on {
            sender.remove_section(index, tick);
        }
        goes_on
    });
    sender.groups = groups;
}

/// Makes as many of a section as are needed.
fn split(sender: &mut SnapshotSender, group: &mut Group, tick: Tick) {
    let mut place = 0;
    while let Some(&(_, index)) = group.ranges.get(place) {
        let limit = sender.section_bytes;
        let SnapshotSender { sections, workshop, .. } = sender;
        let section = sections[index].as_mut().expect("a group's sections are there");
        let entities = section.ring.get(tick).map_or(0, |state| state.len());
        if entities < 2 || section.estimate() <= limit {
            place += 1;
            continue;
        }
        section.measure(workshop, tick);
        let parts = (section.estimate() * 4).div_ceil(limit * 3).min(entities);
        if section.estimate() <= limit || parts < 2 {
            place += 1;
            continue;
        }
        section.formed = tick;
        let keep = entities.div_ceil(parts);
        let new = sender.add_section(tick);
        let first = move_rows(sender, index, new, keep, tick);
        group.ranges.insert(place + 1, (first, new));
        // Both are looked at again: the new one has all the rest.
    }
}

/// Moves the rows of a section from one on to another section, which is empty; returns the first one's id.
fn move_rows(sender: &mut SnapshotSender, from: usize, to: usize, row: usize, tick: Tick) -> u32 {
    let mut target = sender.sections[to].take().expect("it was added just before");
    let source = sender.sections[from].as_mut().expect("a group's sections are there");
    target.measure_as(source);
    let (mut first, mut bits) = (0, 0);
    if let (Some(rows), Some(moved)) = (source.ring.get_mut(tick), target.ring.get_mut(tick)) {
        rows.split_off(row, moved);
        first = moved.entities().next().map_or(0, |(entity, _)| entity.0);
        bits = moved.entities().map(|(_, shape)| raw_bits(&sender.component_bits, shape)).sum::<u64>()
            + moved.blobs.coded_bits();
    }
    source.raw_bits -= bits;
    target.raw_bits = bits;
    sender.sections[to] = Some(target);
    first
}

/// Puts small neighbours together.
fn merge(sender: &mut SnapshotSender, group: &mut Group, tick: Tick) {
    let mut place = 0;
    while let Some(&[(_, one), (_, other)]) = group.ranges.get(place..place + 2) {
        let [Some(left), Some(right)] = [one, other].map(|index| sender.section(index)) else { return };
        let settled = [left, right].iter().all(|section| tick.since(section.formed) >= SETTLED);
        if !settled || left.estimate() + right.estimate() > sender.section_bytes / 2 {
            place += 1;
            continue;
        }
        let mut right = sender.sections[other].take().expect("seen just before");
        let left = sender.sections[one].as_mut().expect("seen just before");
        if let (Some(all), Some(rows)) = (left.ring.get_mut(tick), right.ring.get_mut(tick)) {
            all.append(rows);
        }
        left.raw_bits += std::mem::take(&mut right.raw_bits);
        left.formed = tick;
        sender.sections[other] = Some(right);
        group.ranges.remove(place + 1);
        group.dissolved.push((other, tick));
        place += 1;
    }
}

/// Compares all sections with the tick before: what changed, who left, who came.
pub(crate) fn note_moves(sender: &mut SnapshotSender, tick: Tick) {
    let SnapshotSender { sections, home, .. } = sender;
    for section in sections.iter_mut().flatten() {
        let (Some(before), Some(now)) =
            (section.last.and_then(|last| section.ring.get(last)), section.ring.get(tick))
        else {
            continue;
        };
        if before != now {
            section.changed = tick;
        }
        if before.entities != now.entities {
            for &entity in left_of(&before.entities, &now.entities) {
                let entity = NetEntity(entity);
                section.departures.push_back((tick, entity));
                if home.get(&entity) == Some(&section.id) {
                    home.remove(&entity);
                }
            }
        }
    }
    for section in sections.iter_mut().flatten() {
        let id: SectionId = section.id;
        let before = section.last.and_then(|last| section.ring.get(last));
        let before = before.map_or(&[][..], |before| &before.entities);
        if let Some(now) = section.ring.get(tick)
            && before != now.entities
        {
            for &entity in left_of(&now.entities, before) {
                home.insert(NetEntity(entity), id);
            }
        }
        section.last = Some(tick);
    }
}

/// Those of `one` that are not in `other`; both ascend.
fn left_of<'a>(one: &'a [u32], other: &'a [u32]) -> impl Iterator<Item = &'a u32> {
    let mut others = other.iter().peekable();
    one.iter().filter(move |&&entity| {
        while others.next_if(|&&other| other < entity).is_some() {}
        others.peek().is_none_or(|&&other| other != entity)
    })
}
