//! One peer of a [`SecureTransport`](super::SecureTransport): its greeting, its channels, its end.

use super::control::Control;
use crate::channels::Connection;
use crate::{ClientId, DisconnectReason, Manifest, ManifestMismatch, PeerId, UserData};
use core::time::Duration;

/// How long a peer may take to say what it runs.
const GREETING_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a refused peer is kept so that it hears from us what differs, and we from it.
const REFUSAL_LINGER: Duration = Duration::from_secs(3);

/// An authenticated peer with its channels.
pub(super) struct Peer {
    pub(super) id: PeerId,
    pub(super) connection: Connection,
    pub(super) traffic: Traffic,
    stage: Stage,
    /// Whether it waits in the transport's list of peers with something to tell.
    pub(super) is_listed: bool,
}

/// What went over the wire, with sealing.
#[derive(Default)]
pub(super) struct Traffic {
    pub(super) bytes_sent: u64,
    pub(super) bytes_received: u64,
    pub(super) packets_sent: u64,
    pub(super) packets_received: u64,
}

enum Stage {
    /// Hellos are under way; the game knows nothing of the peer yet.
    Greeting { until: Duration, agreed: bool, identity: (ClientId, Box<UserData>) },
    /// The game knows the peer.
    Established,
    /// The peer has another schema; the game is told once the peer has said which.
    Comparing { until: Duration, mismatch: ManifestMismatch },
    /// The game was told that the peer runs something else; the link lives on until our hello has told it, too.
    Refused { until: Duration },
}

/// What a peer's control messages lead to.
pub(super) enum Progress {
    /// Hellos were exchanged and agree: tell the game.
    Established(ClientId, Box<UserData>),
    /// The peer runs something else: tell the game, and let the peer linger.
    Refused(DisconnectReason),
    /// The peer left or broke the protocol: end the link, and tell the game what it does not know yet.
    Ended(DisconnectReason),
}

impl Peer {
    /// Greets a peer that the endpoint has just authenticated.
    pub(super) fn new(
        id: PeerId,
        identity: (ClientId, Box<UserData>),
        mut connection: Connection,
        manifest: &Manifest,
        now: Duration,
    ) -> Self {
        // The queue of a new connection is empty, and a hello within its limits fits it.
        let _ = connection.send_control(&Control::Hello(manifest.clone()).encode());
        let stage = Stage::Greeting { until: now + GREETING_TIMEOUT, agreed: false, identity };
        Self { id, connection, traffic: Traffic::default(), stage, is_listed: false }
    }

    /// Whether the game knows the peer and may talk to it.
    pub(super) fn is_established(&self) -> bool {
        matches!(self.stage, Stage::Established)
    }

    /// Whether the game was told that the peer is refused.
    pub(super) fn is_refused(&self) -> bool {
        matches!(self.stage, Stage::Refused { .. })
    }

    /// Why the peer is gone, if the link ends now with this reason: what differs says more than how it ended.
    pub(super) fn reason(&self, reason: DisconnectReason) -> DisconnectReason {
        match &self.stage {
            Stage::Comparing { mismatch, .. } => DisconnectReason::Incompatible(mismatch.clone()),
            _ => reason,
        }
    }

    /// Why the peer must go now because of time, if so.
    pub(super) fn overdue(&self, now: Duration) -> Option<DisconnectReason> {
        match self.stage {
            Stage::Greeting { until, .. } if now >= until => Some(DisconnectReason::NoAnswer),
            Stage::Comparing { until, .. } if now >= until => Some(DisconnectReason::Left(0)),
            Stage::Refused { until } if now >= until || self.connection.control_is_delivered() => {
                Some(DisconnectReason::Left(0))
            }
            _ => None,
        }
    }

    /// Reads the control messages that wait.
    pub(super) fn advance(&mut self, manifest: &Manifest, now: Duration) -> Option<Progress> {
        while let Some(message) = self.connection.next_control() {
            match (Control::decode(message), &mut self.stage) {
                (Some(Control::Hello(theirs)), Stage::Greeting { agreed, .. }) if !*agreed => {
                    let Err(mismatch) = manifest.check(&theirs) else {
                        *agreed = true;
                        continue;
                    };
                    let until = now + REFUSAL_LINGER;
                    let schemas: Vec<_> = manifest.schemas_unlike(&theirs).collect();
                    for (name, schema) in schemas {
                        let control = Control::Schema { name: name.into(), bytes: schema.to_vec() };
                        // What the queue has no room for is not explained.
                        let _ = self.connection.send_control(&control.encode());
                    }
                    if mismatch.theirs.is_none() || manifest.schema(&mismatch.name).is_none() {
                        self.stage = Stage::Refused { until };
                        return Some(Progress::Refused(DisconnectReason::Incompatible(mismatch)));
                    }
                    self.stage = Stage::Comparing { until, mismatch };
                }
                (Some(Control::Schema { name, bytes }), Stage::Comparing { until, mismatch }) => {
                    if name != mismatch.name {
                        continue;
                    }
                    mismatch.difference = manifest.difference(&name, &bytes).map(Box::new);
                    let reason = DisconnectReason::Incompatible(mismatch.clone());
                    self.stage = Stage::Refused { until: *until };
                    return Some(Progress::Refused(reason));
                }
                // Of another entry, which is not the first that differs.
                (Some(Control::Schema { .. }), Stage::Refused { .. }) => {}
                (Some(Control::Close { code }), _) => {
                    return Some(Progress::Ended(DisconnectReason::Left(code)));
                }
                _ => return Some(Progress::Ended(DisconnectReason::ProtocolError)),
            }
        }
        // A peer talks only to those whose hello it has, so a message from it proves as much as an ack.
        let heard = self.connection.control_is_delivered() || self.connection.has_events();
        if !heard || !matches!(self.stage, Stage::Greeting { agreed: true, .. }) {
            return None;
        }
        match std::mem::replace(&mut self.stage, Stage::Established) {
            Stage::Greeting { identity: (client, user_data), .. } => {
                Some(Progress::Established(client, user_data))
            }
            _ => None,
        }
    }

    /// Queues the word that we leave.
    pub(super) fn say_goodbye(&mut self, code: u32) {
        // Best effort: a peer that reads nothing falls back on its timeout.
        let _ = self.connection.send_control(&Control::Close { code }.encode());
    }
}
