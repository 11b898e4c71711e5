//! What of our inputs has arrived at a peer, and when to send again.

use core::time::Duration;
use netcord_transport::Receipt;
use netcord_wire::Tick;
use std::collections::VecDeque;

/// Input messages whose fate is awaited.
const MAX_IN_FLIGHT: usize = 256;
/// Messages after a change of input that are sent tick by tick: the one with the change, and two more.
const CHANGE_REPEATS: u32 = 3;
/// Ticks between two samples for the time sync.
const SAMPLE_INTERVAL: u32 = 8;

/// Which of the inputs that were sent have arrived. Receipts tell; there are no acks of our own.
#[derive(Debug)]
pub(super) struct Delivery {
    /// The first tick that may be missing at the peer.
    undelivered: Tick,
    /// Messages that may bring news, oldest first.
    in_flight: VecDeque<InFlight>,
    /// A message was lost since the last one that was sent.
    lost: bool,
}

#[derive(Debug)]
struct InFlight {
    receipt: Receipt,
    /// The tick after the last that is in the message.
    end: Tick,
    sent_at: Duration,
}

impl Delivery {
    pub(super) fn new(undelivered: Tick) -> Self {
        Self { undelivered, in_flight: VecDeque::new(), lost: false }
    }

    pub(super) fn undelivered(&self) -> Tick {
        self.undelivered
    }

    pub(super) fn sent(&mut self, receipt: Receipt, end: Tick, now: Duration) {
        if self.in_flight.len() == MAX_IN_FLIGHT {
            self.in_flight.pop_front();
        }
        self.in_flight.push_back(InFlight { receipt, end, sent_at: now });
        self.lost = false;
    }

    /// Returns whether the receipt was one of ours.
    pub(super) fn delivered(&mut self, receipt: Receipt) -> bool {
        let Ok(index) = self.in_flight.binary_search_by_key(&receipt, |sent| sent.receipt) else {
            return false;
        };
        if let Some(sent) = self.in_flight.get(index) {
            self.undelivered = self.undelivered.latest(sent.end);
        }
        while self.in_flight.front().is_some_and(|sent| !sent.end.is_after(self.undelivered)) {
            self.in_flight.pop_front();
        }
        true
    }

    pub(super) fn lost(&mut self, receipt: Receipt) -> bool {
        let Ok(index) = self.in_flight.binary_search_by_key(&receipt, |sent| sent.receipt) else {
            return false;
        };
        self.in_flight.remove(index);
        self.lost = true;
        true
    }

    pub(super) fn has_lost(&self) -> bool {
        self.lost
    }

    /// When the oldest message was sent that would bring news.
    pub(super) fn waiting_since(&self) -> Option<Duration> {
        self.in_flight.front().map(|sent| sent.sent_at)
    }
}

/// When the next input message is due. The peer predicts that inputs repeat, so what repeats can wait.
#[derive(Debug, Default)]
pub(super) struct SendPace {
    /// Ticks since the last message.
    since_sent: u32,
    since_sample: u32,
    /// Messages that a change of input still calls for.
    hot: u32,
    due: bool,
    sent_at: Duration,
}

impl SendPace {
    /// A tick ran, in which the own input changed or not.
    pub(super) fn tick(&mut self, changed: bool, interval: u32) {
        self.since_sent += 1;
        self.since_sample += 1;
        if changed {
            self.hot = CHANGE_REPEATS;
        }
        self.due |= self.hot > 0 || self.since_sent >= interval;
    }

    pub(super) fn is_due(&self) -> bool {
        self.due
    }

    /// Whether the last message is that long ago.
    pub(super) fn is_silent(&self, now: Duration, for_long: Duration) -> bool {
        now.saturating_sub(self.sent_at) >= for_long
    }

    pub(super) fn wants_sample(&self) -> bool {
        self.since_sample >= SAMPLE_INTERVAL
    }

    pub(super) fn sent(&mut self, now: Duration, with_sample: bool) {
        self.since_sent = 0;
        self.hot = self.hot.saturating_sub(1);
        self.due = false;
        self.sent_at = now;
        if with_sample {
            self.since_sample = 0;
        }
    }
}

/// What is counted.
#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) confirmed: u64,
    pub(super) desyncs: u64,
    pub(super) lost_inputs: u64,
    pub(super) input_changes: u64,
    pub(super) ticks: u64,
    pub(super) running: Duration,
    pub(super) longest_gap: Duration,
}
