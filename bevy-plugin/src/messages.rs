//! Typed messages between peers, beside the simulation: chat, emotes, votes.

use crate::connection::Connection;
use bevy_app::App;
use bevy_ecs::message::{Message, MessageCursor, Messages};
use bevy_ecs::prelude::*;
use netcord::session::{PlayerIndex, first_game_channel};
use netcord::transport::{ChannelConfig, ChannelId, ChannelKind, PeerId};
use netcord::wire::codec::message;
use netcord::wire::{Schema, varint};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// What a kind of message is promised.
pub use netcord::transport::ChannelKind as Channel;

/// The longest message, encoded, in bytes.
pub const MAX_MESSAGE: usize = 16 << 10;
/// Bytes that may wait for a peer on a channel.
const MAX_QUEUED: usize = 1 << 20;

/// The channels that carry the game's messages, one a kind; types share them, so order is kept between types.
const KINDS: [ChannelKind; 4] = [
    ChannelKind::Unreliable,
    ChannelKind::UnreliableSequenced,
    ChannelKind::ReliableUnordered,
    ChannelKind::ReliableOrdered,
];

/// A message on its way to peers: write it with `MessageWriter<ToPeers<Chat>>`, outside of the simulation, since
/// what is written in [`NetUpdate`](crate::NetUpdate) would be sent again by each replay.
///
/// It is sent in the same frame if it is written before the frame's ticks run, in `PreUpdate`; else in the next.
#[derive(Message, Clone, Debug, PartialEq)]
pub struct ToPeers<M: Send + Sync + 'static> {
    /// To whom.
    pub to: Recipients,
    /// What.
    pub message: M,
}

/// Who gets a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recipients {
    /// Everyone we are connected to.
    All,
    /// One player.
    Player(PlayerIndex),
    /// One [`Connection`], by its entity.
    Connection(Entity),
}

impl<M: Send + Sync + 'static> ToPeers<M> {
    /// To everyone we are connected to.
    pub const fn all(message: M) -> Self {
        Self { to: Recipients::All, message }
    }

    /// To one player.
    pub const fn player(player: PlayerIndex, message: M) -> Self {
        Self { to: Recipients::Player(player), message }
    }

    /// To one [`Connection`], by its entity.
    pub const fn connection(connection: Entity, message: M) -> Self {
        Self { to: Recipients::Connection(connection), message }
    }
}

/// A message that a peer sent: read it with `MessageReader<FromPeer<Chat>>`.
#[derive(Message, Clone, Debug, PartialEq)]
pub struct FromPeer<M: Send + Sync + 'static> {
    /// Over which [`Connection`].
    pub connection: Entity,
    /// Which player sent it; `None` for a spectator. It is the connection that says so, not the message.
    pub player: Option<PlayerIndex>,
    /// What.
    pub message: M,
}

/// All types of messages.
#[derive(Resource, Default)]
pub(crate) struct NetMessages {
    kinds: Vec<Box<dyn Kind>>,
}

/// An encoded message for one peer.
pub(crate) struct Outgoing {
    pub(crate) peer: PeerId,
    pub(crate) channel: ChannelId,
    pub(crate) payload: Vec<u8>,
}

trait Kind: Send + Sync {
    fn name(&self) -> &'static str;
    fn channel(&self) -> ChannelKind;
    /// Encodes what was written since the last time, and tells to whom it goes.
    fn take(&mut self, world: &World, number: u64, each: &mut dyn FnMut(Recipients, ChannelId, &[u8]));
    /// Whether `bytes` were such a message.
    fn receive(
        &self,
        world: &mut World,
        connection: Entity,
        player: Option<PlayerIndex>,
        bytes: &[u8],
    ) -> bool;
}

struct KindOf<M: Send + Sync + 'static> {
    channel: ChannelKind,
    cursor: MessageCursor<ToPeers<M>>,
}

impl NetMessages {
    /// The channels, to follow those of the session.
    pub(crate) fn channels() -> impl Iterator<Item = ChannelConfig> {
        KINDS.into_iter().map(|kind| {
            ChannelConfig::new(kind)
                .with_max_message(MAX_MESSAGE + varint::MAX_LENGTH)
                .with_max_queued(MAX_QUEUED)
        })
    }

    /// Differs when the types, their order or their kinds differ.
    pub(crate) fn hash(&self) -> u64 {
        let add = |schema: Schema, kind: &dyn Kind| {
            let channel = match kind.channel() {
                ChannelKind::Unreliable => "unreliable",
                ChannelKind::UnreliableSequenced => "unreliable, sequenced",
                ChannelKind::ReliableUnordered => "reliable, unordered",
                ChannelKind::ReliableOrdered => "reliable, ordered",
            };
            schema.with(kind.name(), &[channel])
        };
        self.kinds.iter().map(|kind| &**kind).fold(Schema::new(), add).hash()
    }

    /// What was written since the last time, for each peer.
    pub(crate) fn take(&mut self, world: &mut World) -> Vec<Outgoing> {
        let mut outgoing = Vec::new();
        if self.kinds.is_empty() {
            return outgoing;
        }
        let connections: Vec<(Entity, Connection)> = world
            .query::<(Entity, &Connection)>()
            .iter(world)
            .map(|(entity, &connection)| (entity, connection))
            .collect();
        for (number, kind) in (0..).zip(&mut self.kinds) {
            kind.take(world, number, &mut |to, channel, payload| {
                let is_meant = |(entity, connection): &&(Entity, Connection)| match to {
                    Recipients::All => true,
                    Recipients::Player(player) => connection.player == Some(player),
                    Recipients::Connection(meant) => *entity == meant,
                };
                outgoing.extend(connections.iter().filter(is_meant).map(|(_, connection)| Outgoing {
                    peer: connection.peer,
                    channel,
                    payload: payload.to_vec(),
                }));
            });
        }
        outgoing
    }

    /// Hands a message that came from a peer to the game.
    pub(crate) fn receive(
        &self,
        world: &mut World,
        connection: Entity,
        player: Option<PlayerIndex>,
        channel: ChannelId,
        mut bytes: &[u8],
    ) {
        let kind = varint::read(&mut bytes)
            .ok()
            .and_then(|number| self.kinds.get(usize::try_from(number).ok()?))
            .filter(|kind| id_of(kind.channel()) == channel);
        match kind {
            Some(kind) if kind.receive(world, connection, player, bytes) => {}
            Some(kind) => tracing::warn!(?player, "a message is dropped: it is no {}", kind.name()),
            None => tracing::warn!(?player, "a message of no known type is dropped"),
        }
    }
}

/// Adds messages of type `M` to the app.
pub(crate) fn register<M>(app: &mut App, channel: ChannelKind)
where
    M: Message + Serialize + DeserializeOwned,
{
    app.add_message::<ToPeers<M>>().add_message::<FromPeer<M>>();
    let mut messages = app.world_mut().get_resource_or_init::<NetMessages>();
    let kind = KindOf::<M> { channel, cursor: MessageCursor::default() };
    assert!(
        messages.kinds.iter().all(|known| known.name() != kind.name()),
        "{} is added as a net message twice: keep one of the calls",
        kind.name()
    );
    messages.kinds.push(Box::new(kind));
}

fn id_of(kind: ChannelKind) -> ChannelId {
    let place = KINDS.iter().position(|known| *known == kind).unwrap_or(0);
    ChannelId(first_game_channel().0 + place as u8)
}

impl<M> Kind for KindOf<M>
where
    M: Message + Serialize + DeserializeOwned,
{
    fn name(&self) -> &'static str {
        core::any::type_name::<M>()
    }

    fn channel(&self) -> ChannelKind {
        self.channel
    }

    fn take(&mut self, world: &World, number: u64, each: &mut dyn FnMut(Recipients, ChannelId, &[u8])) {
        let Some(messages) = world.get_resource::<Messages<ToPeers<M>>>() else { return };
        let mut payload = Vec::new();
        for written in self.cursor.read(messages) {
            payload.clear();
            varint::write(&mut payload, number);
            match message::encode_into(&written.message, &mut payload, MAX_MESSAGE) {
                Ok(()) => each(written.to, id_of(self.channel), &payload),
                Err(error) => tracing::error!(
                    "a {} is not sent: {error}; messages take at most {MAX_MESSAGE} bytes",
                    core::any::type_name::<M>()
                ),
            }
        }
    }

    fn receive(
        &self,
        world: &mut World,
        connection: Entity,
        player: Option<PlayerIndex>,
        bytes: &[u8],
    ) -> bool {
        let Ok(message) = message::decode::<M>(bytes, MAX_MESSAGE) else { return false };
        world.write_message(FromPeer { connection, player, message });
        true
    }
}
