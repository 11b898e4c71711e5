//! One connection: how far it has come, what of our inputs has arrived there, and when to send again.

use crate::clock::TimeSync;
use crate::desync::Exchange;
use crate::protocol::Checkpoint;
use core::time::Duration;
use netcord_transport::{PeerId, Receipt};
use netcord_wire::Tick;
use std::collections::VecDeque;

/// Input messages whose fate is awaited.
const MAX_IN_FLIGHT: usize = 256;
/// Messages after a change of input that are sent tick by tick: the one with the change, and two more.
const CHANGE_REPEATS: u32 = 3;
/// Ticks between two samples for the time sync.
const SAMPLE_INTERVAL: u32 = 8;

/// How far a connection has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// Connected. A host awaits the client's hello, a client the host's start.
    Greeting,
    /// A spectator that waits for the match to begin.
    Queued,
    /// The host waits for its game to give the state at this tick.
    Snapshot(Tick),
    /// The host waits for the client to have loaded the state at this tick.
    Starting(Tick),
    /// Inputs flow.
    Live,
}

/// One connection.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) peer: PeerId,
    pub(super) stage: Stage,
    /// When the stage was entered.
    pub(super) since: Duration,
    /// When the peer last told something new.
    pub(super) progress_at: Duration,
    pub(super) rtt: Duration,
    pub(super) jitter: Duration,
    /// The end of the newest inputs that came.
    pub(super) heard: Tick,
    pub(super) delivery: Delivery,
    pub(super) pace: SendPace,
    pub(super) sync: TimeSync,
    pub(super) exchange: Exchange,
    /// To be told with the next inputs.
    pub(super) checkpoint: Option<Checkpoint>,
}

/// All connections of a match.
#[derive(Debug, Default)]
pub(super) struct Links {
    /// The other player's; on a client, the host's.
    pub(super) opponent: Option<Link>,
    /// On a host, those of the spectators.
    pub(super) spectators: Vec<Link>,
}

/// Names a link of [`Links`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Which {
    /// The other player's; on a client, the host's.
    Opponent,
    /// A spectator's, by its place.
    Spectator(usize),
}

impl Links {
    pub(super) fn which(&self, peer: PeerId) -> Option<Which> {
        if self.opponent.as_ref().is_some_and(|link| link.peer == peer) {
            return Some(Which::Opponent);
        }
        self.spectators.iter().position(|link| link.peer == peer).map(Which::Spectator)
    }

    pub(super) fn get_mut(&mut self, which: Which) -> Option<&mut Link> {
        match which {
            Which::Opponent => self.opponent.as_mut(),
            Which::Spectator(index) => self.spectators.get_mut(index),
        }
    }

    /// The names of all places, taken or not.
    pub(super) fn all(&self) -> impl Iterator<Item = Which> + use<> {
        [Which::Opponent].into_iter().chain((0..self.spectators.len()).map(Which::Spectator))
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Link> {
        self.opponent.iter().chain(&self.spectators)
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Link> {
        self.opponent.iter_mut().chain(&mut self.spectators)
    }
}

impl Link {
    pub(super) fn new(peer: PeerId, now: Duration) -> Self {
        Self {
            peer,
            stage: Stage::Greeting,
            since: now,
            progress_at: now,
            rtt: Duration::ZERO,
            jitter: Duration::ZERO,
            heard: Tick(0),
            delivery: Delivery::new(Tick(0)),
            pace: SendPace::default(),
            sync: TimeSync::default(),
            exchange: Exchange::new(Tick(0)),
            checkpoint: None,
        }
    }

    pub(super) fn enter(&mut self, stage: Stage, now: Duration) {
        (self.stage, self.since) = (stage, now);
    }

    /// Inputs flow from `tick` on; ours are there up to `delivered`, the peer's are here up to `heard`.
    pub(super) fn go_live(&mut self, tick: Tick, delivered: Tick, heard: Tick, now: Duration) {
        self.enter(Stage::Live, now);
        self.progress_at = now;
        self.heard = heard;
        self.delivery = Delivery::new(delivered);
        self.pace = SendPace::default();
        self.sync = TimeSync::default();
        self.exchange = Exchange::new(tick);
    }

    /// Whether what was sent last should have been acked by now: something is lost, or the peer stands still.
    pub(super) fn is_overdue(&self, now: Duration, patience: Duration) -> bool {
        let wait = self.rtt + 2 * self.jitter + patience;
        self.delivery.waiting_since().is_some_and(|since| now.saturating_sub(since) > wait)
    }
}

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
    fn waiting_since(&self) -> Option<Duration> {
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
