//! What a transport must refuse, each as the error that says so.

use super::backend::Backend;
use super::table::{Seen, Table, text};
use netcord::transport::lab::Conditions;
use netcord::transport::{
    ChannelConfig, ChannelId, ChannelsConfig, Manifest, PeerId, SendError, TransportError,
};
use std::time::Duration;

/// Loses nothing and keeps the order: what is refused is the transport's doing.
const NETWORK: Conditions = Conditions { latency: Duration::from_millis(40), ..Conditions::PERFECT };
const RELIABLE: ChannelId = ChannelId(0);
const UNRELIABLE: ChannelId = ChannelId(1);
const LIMIT: usize = 1_000;
const QUEUE: usize = 10_000;

/// Checks all refusals on this backend.
pub(super) fn play<B: Backend>(seed: u64) -> Result<(), String> {
    let channel =
        |config: ChannelConfig| config.with_max_message(LIMIT).with_max_queued(QUEUE).with_receipts();
    let channels = ChannelsConfig::new([
        channel(ChannelConfig::reliable_ordered()),
        channel(ChannelConfig::unreliable()),
    ]);
    sends::<B>(&channels, seed)?;
    difference::<B>(&channels, seed)?;
    contradiction::<B>(seed)
}

/// Messages that no transport takes.
fn sends<B: Backend>(channels: &ChannelsConfig, seed: u64) -> Result<(), String> {
    let manifest = Manifest::new();
    let mut table = Table::<B>::new(NETWORK, channels, [manifest.clone(), manifest], seed)?;
    let early = PeerId::new(0, 0);
    expect(&mut table, early, RELIABLE, 1, SendError::NotConnected { peer: early })?;
    let [peer, of_joiner] = table.connect()?;

    let stranger = PeerId::new(peer.slot() as u32, peer.generation() + 1);
    expect(&mut table, stranger, RELIABLE, 1, SendError::NotConnected { peer: stranger })?;
    for channel in [ChannelId(2), ChannelId(30), ChannelId::CONTROL, ChannelId(32), ChannelId(255)] {
        expect(&mut table, peer, channel, 1, SendError::UnknownChannel { channel })?;
    }
    for channel in [RELIABLE, UNRELIABLE] {
        let error = SendError::TooLarge { size: LIMIT + 1, limit: LIMIT };
        expect(&mut table, peer, channel, LIMIT + 1, error)?;
    }

    // A reliable channel refuses what it has no room for, and has room again when the peer has taken some.
    for _ in 0..QUEUE / LIMIT {
        table.end(0).send(peer, RELIABLE, &[1; LIMIT]).map_err(text)?;
    }
    expect(&mut table, peer, RELIABLE, 1, SendError::QueueFull { peer, channel: RELIABLE, queued: QUEUE })?;
    // An unreliable one drops its oldest instead, and says so.
    let oldest = table.end(0).send(peer, UNRELIABLE, &[2; LIMIT]).map_err(text)?;
    for _ in 0..QUEUE / LIMIT {
        table.end(0).send(peer, UNRELIABLE, &[3; LIMIT]).map_err(text)?;
    }
    let mut told = Vec::new();
    let (mut at_host, mut at_joiner) = (0, 0);
    for _ in 0..60 * 10 {
        let [host, joiner] = table.frame()?;
        at_host += host.len();
        at_joiner += joiner.len();
        told.extend(host);
    }
    let lost = told.iter().filter(|seen| matches!(seen, Seen::Lost(_))).collect::<Vec<_>>();
    if lost != [&Seen::Lost(oldest)] || (at_host, at_joiner) != (21, 20) {
        return Err(format!("a full unreliable channel: {at_joiner} messages came, and {told:?}"));
    }
    table.end(0).send(peer, RELIABLE, &[4; LIMIT]).map_err(text)?;

    let reason = table.part(peer)?;
    if reason != "the peer left (code 9)" {
        return Err(format!("the reason of the end came as: {reason}"));
    }
    expect(&mut table, peer, RELIABLE, 1, SendError::NotConnected { peer })?;
    match table.end(1).send(of_joiner, RELIABLE, &[0]) {
        Err(SendError::NotConnected { peer }) if peer == of_joiner => Ok(()),
        other => Err(format!("after the end, the joiner's send gives {other:?}")),
    }
}

fn expect<B: Backend>(
    table: &mut Table<B>,
    peer: PeerId,
    channel: ChannelId,
    size: usize,
    expected: SendError,
) -> Result<(), String> {
    match table.end(0).send(peer, channel, &vec![0; size]) {
        Err(error) if error == expected => Ok(()),
        other => Err(format!("{size} bytes to {peer} on {channel:?} give {other:?}, not {expected:?}")),
    }
}

/// Two ends that run different things hear what differs.
fn difference<B: Backend>(channels: &ChannelsConfig, seed: u64) -> Result<(), String> {
    let manifests = [1, 2].map(|version| Manifest::new().with("game", 7).with("rules", version));
    let mut table = Table::<B>::new(NETWORK, channels, manifests, seed)?;
    let mut told = [Vec::new(), Vec::new()];
    for _ in 0..60 * 20 {
        for (told, seen) in told.iter_mut().zip(table.frame()?) {
            told.extend(seen);
        }
    }
    let named = |ours: u32, theirs: u32| {
        let reason = format!("the peer runs another rules: we have {ours:016x}, it has {theirs:016x}");
        vec![Seen::Disconnected(reason)]
    };
    if told == [named(1, 2), named(2, 1)] { Ok(()) } else { Err(format!("a difference is told as {told:?}")) }
}

/// A configuration that contradicts itself is refused before there is a connection.
fn contradiction<B: Backend>(seed: u64) -> Result<(), String> {
    let bad = [
        ChannelConfig::unreliable().with_max_message(0),
        ChannelConfig::reliable_ordered().with_max_message(ChannelsConfig::MAX_MESSAGE + 1),
        ChannelConfig::reliable_ordered().with_max_queued(10),
        ChannelConfig::unreliable().with_repetition(2),
        ChannelConfig::reliable_ordered().with_repetition(9),
    ];
    for channel in bad {
        let channels = ChannelsConfig::new([channel]);
        let complaint = match channels.validate() {
            Err(TransportError::Config(complaint)) => TransportError::Config(complaint).to_string(),
            other => return Err(format!("{channels:?} is judged {other:?}")),
        };
        match Table::<B>::new(NETWORK, &channels, [Manifest::new(), Manifest::new()], seed) {
            Err(refusal) if refusal == complaint => {}
            Err(refusal) => return Err(format!("{channels:?} is refused as {refusal}, not {complaint}")),
            Ok(_) => return Err(format!("{channels:?} is taken")),
        }
    }
    Ok(())
}
