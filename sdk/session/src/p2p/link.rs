//! The connections of a match: who is at the other end, and how far each has come.

use super::delivery::{Delivery, SendPace};
use super::membership::Wanted;
use super::relay::Relay;
use crate::PlayerIndex;
use crate::clock::TimeSync;
use crate::desync::Exchange;
use crate::protocol::Checkpoint;
use core::time::Duration;
use netcord_transport::PeerId;
use netcord_wire::Tick;

/// Who is at the other end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Remote {
    /// A player; to a client, the host is one. It may not take part yet, or not any more.
    Player(PlayerIndex),
    /// To a host: one who watches.
    Spectator,
}

/// How far a connection has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// Connected. A host awaits the client's hello, a client the host's start, two guests each other's word from where on
    /// inputs are lacking.
    Greeting,
    /// The client waits for the match to begin, or for a state that it can be given.
    Queued,
    /// The host waits for its game to give the state at this tick.
    Snapshot(Tick),
    /// The host waits for the client to have loaded the state at this tick.
    Starting(Tick),
    /// The confirmed inputs of all flow to one who watches.
    Watching,
    /// Inputs flow both ways; to a spectator from its host, all of them.
    Live,
}

/// One connection.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) peer: PeerId,
    pub(super) remote: Remote,
    pub(super) stage: Stage,
    /// When the stage was entered.
    pub(super) since: Duration,
    /// When the peer last told something new.
    pub(super) progress_at: Duration,
    pub(super) rtt: Duration,
    pub(super) jitter: Duration,
    /// The end of the newest inputs that came.
    pub(super) heard: Tick,
    /// The tick that the peer was at when it last told.
    pub(super) tick: Tick,
    pub(super) delivery: Delivery,
    pub(super) pace: SendPace,
    pub(super) sync: TimeSync,
    pub(super) exchange: Exchange,
    /// To be told with the next inputs.
    pub(super) checkpoint: Option<Checkpoint>,
    /// When we last said from where on the peer's inputs are lacking.
    pub(super) asked_at: Option<Duration>,
    /// From where on the peer lacks our inputs, when that can't be answered yet.
    pub(super) wanted: Option<Wanted>,
    /// We asked the peer, who hosts, to let us in.
    pub(super) asked_to_join: bool,
    /// To a host: which other inputs the peer needs.
    pub(super) relay: Relay,
}

impl Link {
    pub(super) fn new(peer: PeerId, remote: Remote, now: Duration) -> Self {
        Self {
            peer,
            remote,
            stage: Stage::Greeting,
            since: now,
            progress_at: now,
            rtt: Duration::ZERO,
            jitter: Duration::ZERO,
            heard: Tick(0),
            tick: Tick(0),
            delivery: Delivery::new(Tick(0)),
            pace: SendPace::default(),
            sync: TimeSync::default(),
            exchange: Exchange::new(Tick(0)),
            checkpoint: None,
            asked_at: None,
            wanted: None,
            asked_to_join: false,
            relay: Relay::default(),
        }
    }

    pub(super) fn enter(&mut self, stage: Stage, now: Duration) {
        (self.stage, self.since) = (stage, now);
    }

    /// Inputs flow from `tick` on; ours are there up to `delivered`, the peer's are here up to `heard`.
    pub(super) fn go(&mut self, stage: Stage, tick: Tick, delivered: Tick, heard: Tick, now: Duration) {
        self.enter(stage, now);
        self.progress_at = now;
        (self.heard, self.tick) = (heard, tick);
        self.delivery = Delivery::new(delivered);
        self.pace = SendPace::default();
        self.sync = TimeSync::default();
        self.exchange = Exchange::new(tick);
    }

    pub(super) fn player(&self) -> Option<PlayerIndex> {
        match self.remote {
            Remote::Player(player) => Some(player),
            Remote::Spectator => None,
        }
    }

    /// Whether the peer plays, and inputs flow.
    pub(super) fn plays(&self) -> bool {
        self.stage == Stage::Live && self.remote != Remote::Spectator
    }

    /// Whether the confirmed inputs of all flow to the peer.
    pub(super) fn watches(&self) -> bool {
        self.stage == Stage::Watching
    }

    /// Whether what was sent last should have been acked by now: something is lost, or the peer stands still.
    pub(super) fn is_overdue(&self, now: Duration, patience: Duration) -> bool {
        let wait = self.rtt + 2 * self.jitter + patience;
        self.delivery.waiting_since().is_some_and(|since| now.saturating_sub(since) > wait)
    }
}

/// All connections of a match: to each player one at the most.
#[derive(Debug, Default)]
pub(super) struct Links(Vec<Link>);

impl Links {
    pub(super) fn get(&self, peer: PeerId) -> Option<&Link> {
        self.0.iter().find(|link| link.peer == peer)
    }

    pub(super) fn get_mut(&mut self, peer: PeerId) -> Option<&mut Link> {
        self.0.iter_mut().find(|link| link.peer == peer)
    }

    pub(super) fn player(&self, player: PlayerIndex) -> Option<&Link> {
        self.0.iter().find(|link| link.remote == Remote::Player(player))
    }

    pub(super) fn player_mut(&mut self, player: PlayerIndex) -> Option<&mut Link> {
        self.0.iter_mut().find(|link| link.remote == Remote::Player(player))
    }

    pub(super) fn add(&mut self, link: Link) {
        self.0.push(link);
    }

    pub(super) fn remove(&mut self, peer: PeerId) -> Option<Link> {
        let place = self.0.iter().position(|link| link.peer == peer)?;
        Some(self.0.remove(place))
    }

    pub(super) fn drain(&mut self) -> impl Iterator<Item = Link> + '_ {
        self.0.drain(..)
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// The link in that place, for whoever goes through all of them.
    pub(super) fn at_mut(&mut self, place: usize) -> Option<&mut Link> {
        self.0.get_mut(place)
    }

    pub(super) fn iter(&self) -> core::slice::Iter<'_, Link> {
        self.0.iter()
    }

    pub(super) fn iter_mut(&mut self) -> core::slice::IterMut<'_, Link> {
        self.0.iter_mut()
    }

    pub(super) fn spectators(&self) -> impl Iterator<Item = &Link> {
        self.0.iter().filter(|link| link.remote == Remote::Spectator)
    }
}
