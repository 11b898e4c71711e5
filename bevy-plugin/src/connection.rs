//! The peers that this app is connected to, as entities.

use crate::event::Seat;
use bevy_ecs::prelude::*;
use core::time::Duration;
use netcord::session::PlayerIndex;
use netcord::transport::{LinkStats, PeerId};

/// A peer that we are connected to. Its entity is spawned when the connection is made and despawned when it ends, so
/// observers of `On<Add<Connection>>` and `On<Remove<Connection>>` tell of both.
#[derive(Component, Clone, Copy, Debug, PartialEq, Eq)]
#[require(LinkQuality)]
pub struct Connection {
    pub(crate) peer: PeerId,
    /// Which player it is; `None` for a spectator.
    pub player: Option<PlayerIndex>,
    /// What it does in the match.
    pub seat: Seat,
}

/// How the link to a peer does, smoothed over the last seconds.
#[derive(Component, Clone, Copy, Debug, Default, PartialEq)]
pub struct LinkQuality {
    /// Round trip.
    pub rtt: Duration,
    /// Mean deviation of the round trip.
    pub jitter: Duration,
    /// Share of our datagrams that were lost, 0 to 1.
    pub loss: f32,
    /// Bytes a second that we send, without UDP and IP headers.
    pub sent_per_second: f32,
    /// Bytes a second that we get, without UDP and IP headers.
    pub received_per_second: f32,
    /// Bytes of messages that wait to be sent or to be acked.
    pub queued: usize,
    /// The counts at the start of the span that is measured.
    since: (Duration, u64, u64),
}

/// How long bytes are counted for a rate.
const SPAN: Duration = Duration::from_millis(500);

impl LinkQuality {
    fn update(&mut self, stats: &LinkStats, now: Duration) {
        (self.rtt, self.jitter, self.loss, self.queued) = (stats.rtt, stats.jitter, stats.loss, stats.queued);
        let (then, sent, received) = self.since;
        let passed = now.saturating_sub(then);
        if passed >= SPAN {
            let rate = |bytes: u64| bytes as f32 / passed.as_secs_f32();
            if then > Duration::ZERO {
                self.sent_per_second = rate(stats.bytes_sent.saturating_sub(sent));
                self.received_per_second = rate(stats.bytes_received.saturating_sub(received));
            }
            self.since = (now, stats.bytes_sent, stats.bytes_received);
        }
    }
}

/// A peer as the session names it.
pub(crate) struct Connected {
    pub(crate) peer: PeerId,
    pub(crate) player: Option<PlayerIndex>,
    pub(crate) seat: Seat,
    pub(crate) stats: Option<LinkStats>,
}

/// Brings the entities in line with who is connected now.
pub(crate) fn update(
    world: &mut World,
    known: &mut Vec<(PeerId, Entity)>,
    now: Duration,
    peers: &[Connected],
) {
    known.retain(|&(peer, entity)| {
        let stays = peers.iter().any(|connected| connected.peer == peer);
        if !stays {
            world.try_despawn(entity).ok();
        }
        stays
    });
    for &Connected { peer, player, seat, ref stats } in peers {
        let entity = match known.iter().find(|(known, _)| *known == peer) {
            Some(&(_, entity)) => entity,
            None => {
                let entity = world.spawn(Connection { peer, player, seat }).id();
                known.push((peer, entity));
                entity
            }
        };
        if let (Some(mut quality), Some(stats)) = (world.get_mut::<LinkQuality>(entity), stats) {
            quality.update(stats, now);
        }
        if let Some(mut connection) = world.get_mut::<Connection>(entity)
            && connection.player != player
        {
            connection.player = player;
        }
    }
}
