//! Compares hashes with one peer, and when they differ, finds out where.

use super::{DesyncReport, Journal};
use crate::protocol::{Checkpoint, Control, MAX_FIELD_BYTES, expand_tick};
use core::time::Duration;
use netcord_transport::PeerId;
use netcord_wire::{FieldLog, Schema, StateHash, Tick};
use std::collections::VecDeque;

/// Checkpoints of ticks that we have not confirmed yet.
const MAX_PENDING: usize = 64;
/// How long to wait for the peer's part of a report.
const PATIENCE: Duration = Duration::from_secs(5);

/// The comparison with one peer.
#[derive(Debug)]
pub(crate) struct Exchange {
    pending: VecDeque<(Tick, u32)>,
    /// The newest tick up to which all is equal.
    agreed: Tick,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    Watching,
    /// A checkpoint differs; our hashes are sent, the peer's are awaited.
    AwaitHashes {
        since: Duration,
        at: Tick,
    },
    /// The tick is known; our fields are sent, the peer's are awaited.
    AwaitFields {
        since: Duration,
        report: Box<DesyncReport>,
    },
    /// Said once; states that have parted do not meet again.
    Reported,
}

/// What a step of the comparison leads to.
#[derive(Debug, Default)]
pub(crate) struct Finding {
    /// To be sent to the peer.
    pub(crate) messages: Vec<Control>,
    /// To be told to the game.
    pub(crate) report: Option<Box<DesyncReport>>,
}

impl Exchange {
    /// A comparison that starts at `tick`, where the peers' states are equal.
    pub(crate) fn new(tick: Tick) -> Self {
        Self { pending: VecDeque::new(), agreed: tick - 1, stage: Stage::Watching }
    }

    /// The peer told its chain.
    pub(crate) fn hear(&mut self, checkpoint: Checkpoint, journal: &Journal) {
        if self.pending.len() == MAX_PENDING {
            self.pending.pop_front();
        }
        self.pending.push_back((expand_tick(checkpoint.tick, journal.next()), checkpoint.chain));
    }

    /// Compares what can be compared by now.
    pub(crate) fn compare(&mut self, now: Duration, journal: &Journal) -> Finding {
        let mut differs: Option<Tick> = None;
        self.pending.retain(|&(tick, theirs)| {
            if !tick.is_before(journal.next()) {
                return true;
            }
            if let Some(ours) = journal.chain(tick) {
                if ours as u32 == theirs {
                    self.agreed = self.agreed.latest(tick);
                } else {
                    differs = Some(differs.map_or(tick, |first| first.earliest(tick)));
                }
            }
            false
        });
        match (differs, &self.stage) {
            (Some(at), Stage::Watching) => {
                self.stage = Stage::AwaitHashes { since: now, at };
                Finding { messages: vec![self.our_hashes(at, journal)], report: None }
            }
            _ => Finding::default(),
        }
    }

    /// The peer told the hashes of single ticks.
    pub(crate) fn on_hashes(
        &mut self,
        now: Duration,
        peer: PeerId,
        first: Tick,
        hashes: &[StateHash],
        journal: &Journal,
    ) -> Finding {
        let last = first + hashes.len() as u32 - 1;
        let mut finding = Finding::default();
        match self.stage {
            Stage::Watching => finding.messages.push(self.our_hashes(last, journal)),
            Stage::AwaitHashes { .. } => {}
            _ => return finding,
        }
        let differs = (0..).map(|offset| first + offset).zip(hashes).find_map(|(tick, &theirs)| {
            journal.hash(tick).filter(|&ours| ours != theirs).map(|ours| (tick, ours, theirs))
        });
        let mut report = DesyncReport {
            tick: last,
            exact: false,
            peer: Some(peer),
            our_hash: None,
            their_hash: None,
            difference: None,
        };
        let Some((tick, ours, theirs)) = differs else {
            // Older than what is kept on either side.
            self.stage = Stage::Reported;
            finding.report = Some(Box::new(report));
            return finding;
        };
        // The first of the list is only known to be the first that differs if the tick before was equal.
        report.exact = tick != first.latest(journal.oldest()) || tick == self.agreed.next();
        (report.tick, report.our_hash, report.their_hash) = (tick, Some(ours), Some(theirs));
        finding.messages.extend(our_fields(tick, journal).map(|fields| Control::Fields { tick, fields }));
        self.stage = Stage::AwaitFields { since: now, report: Box::new(report) };
        finding
    }

    /// The peer told the fields of the first tick that differs.
    pub(crate) fn on_fields(
        &mut self,
        tick: Tick,
        theirs: &FieldLog,
        journal: &Journal,
        schema: &Schema,
    ) -> Finding {
        let Stage::AwaitFields { report, .. } = &mut self.stage else { return Finding::default() };
        if tick == report.tick {
            let ours = our_fields(tick, journal);
            report.difference = ours.and_then(|ours| ours.first_difference(theirs, schema));
        }
        let report = Some(report.clone());
        self.stage = Stage::Reported;
        Finding { messages: Vec::new(), report }
    }

    /// Gives up waiting for a peer that does not answer, and reports what is known.
    pub(crate) fn time_out(
        &mut self,
        now: Duration,
        peer: PeerId,
        journal: &Journal,
    ) -> Option<Box<DesyncReport>> {
        let report = match &self.stage {
            Stage::AwaitHashes { since, at } if now.saturating_sub(*since) > PATIENCE => {
                Box::new(DesyncReport {
                    tick: *at,
                    exact: false,
                    peer: Some(peer),
                    our_hash: journal.hash(*at),
                    their_hash: None,
                    difference: None,
                })
            }
            Stage::AwaitFields { since, report } if now.saturating_sub(*since) > PATIENCE => report.clone(),
            _ => return None,
        };
        self.stage = Stage::Reported;
        Some(report)
    }

    fn our_hashes(&self, last: Tick, journal: &Journal) -> Control {
        let first = self.agreed.next().latest(journal.oldest());
        let hashes = first.until(last.next()).map_while(|tick| journal.hash(tick)).collect();
        Control::Hashes { first, hashes }
    }
}

fn our_fields(tick: Tick, journal: &Journal) -> Option<FieldLog> {
    journal.record(tick).map(|record| FieldLog::of(record, MAX_FIELD_BYTES))
}
