//! Random traffic over random channels, both ways, until all promises are kept.

use super::Totals;
use super::backend::Backend;
use super::ledger::Ledger;
use super::table::{FRAME, Seen, Table, text};
use netcord::transport::lab::Conditions;
use netcord::transport::{
    ChannelConfig, ChannelId, ChannelKind, ChannelsConfig, Manifest, PeerId, Receipt, SendError,
};
use netcord::wire::GameRng;
use std::collections::HashMap;
use std::fmt::{self, Display};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

/// Frames in which messages are sent.
const BUSY: u32 = 120;
/// Frames of silence in which all that is promised comes.
const PATIENCE: u32 = 60 * 120;
/// Frames of silence after it, in which nothing comes any more.
const AFTERMATH: u32 = 60;

/// Attempts to connect that may fail before one works.
const MAX_FAILED_CONNECTS: u64 = 2;

const KINDS: [ChannelKind; 4] = [
    ChannelKind::Unreliable,
    ChannelKind::UnreliableSequenced,
    ChannelKind::ReliableUnordered,
    ChannelKind::ReliableOrdered,
];

/// What is sent over what.
pub(super) struct Plan {
    pub(super) seed: u64,
    channels: ChannelsConfig,
    /// The most messages that an end sends in a frame.
    rate: u32,
    /// The longest message, in bytes.
    longest: u32,
}

impl Plan {
    pub(super) fn draw(rng: &mut GameRng) -> Self {
        let limit = [16_000_000, 16_000_000, 200_000, 50_000, 8_000][rng.below(5) as usize];
        let longest = [200, 2_000, 8_000][if limit < 10_000 { 0 } else { rng.below(3) as usize }];
        let count = 4 + rng.below(4);
        let mut channel = |index: u32| {
            // Each kind comes up; what is more than four is drawn.
            let kind = KINDS[if index < 4 { index } else { rng.below(4) } as usize];
            let max_queued = if rng.below(4) == 0 { 20_000 } else { 4 << 20 };
            ChannelConfig {
                priority: rng.below(3) as u8,
                max_message: 20_000,
                max_queued,
                receipts: rng.below(4) > 0,
                repetition: if kind.is_reliable() && rng.below(3) == 0 { 3 } else { 1 },
                kind,
            }
        };
        let channels = ChannelsConfig::new((0..count).map(&mut channel).collect::<Vec<_>>());
        Self {
            seed: rng.next_u64(),
            channels: channels.with_max_bytes_per_second(limit),
            rate: 1 + rng.below(4),
            longest,
        }
    }
}

impl Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { channels, rate, longest, .. } = self;
        let (count, limit) = (channels.channels.len(), channels.max_bytes_per_second);
        write!(
            f,
            "{count} channels, {rate} messages a frame of up to {longest} bytes, {limit} bytes a second"
        )
    }
}

/// Plays the plan; returns a hash of all events and of the frames in which they came.
pub(super) fn play<B: Backend>(
    conditions: Conditions,
    plan: &Plan,
    totals: &mut Totals,
) -> Result<u64, String> {
    let mut run = Run::<B>::new(conditions, &plan.channels, plan.seed)?;
    let mut rng = GameRng::new(plan.seed);
    for _ in 0..BUSY {
        for end in 0..2 {
            for _ in 0..rng.below(plan.rate + 1) {
                run.send(end, plan, &mut rng)?;
            }
        }
        run.frame()?;
    }
    let mut waited = 0;
    while let Some(outstanding) = run.outstanding() {
        waited += 1;
        if waited > PATIENCE {
            return Err(format!("missing after two minutes of silence: {outstanding}"));
        }
        run.frame()?;
    }
    for _ in 0..AFTERMATH {
        run.frame()?;
    }
    Ok(run.finish(totals))
}

/// Sends 1 MiB over a reliable channel.
pub(super) fn mebibyte<B: Backend>(
    conditions: Conditions,
    seed: u64,
    totals: &mut Totals,
) -> Result<(), String> {
    let kind =
        if seed.is_multiple_of(2) { ChannelKind::ReliableOrdered } else { ChannelKind::ReliableUnordered };
    let channels = ChannelsConfig::new([ChannelConfig::new(kind).with_receipts()]);
    let mut run = Run::<B>::new(conditions, &channels, seed)?;
    let from = (seed / 2 % 2) as usize;
    let mut payload = vec![0; 1 << 20];
    fill(&mut payload, &mut GameRng::new(seed));
    let began = run.table.frames();
    let receipt = run.table.end(from).send(run.peers[from], ChannelId(0), &payload).map_err(text)?;
    run.took(from, 0, &payload, receipt);
    while let Some(outstanding) = run.outstanding() {
        if run.table.frames() - began > 60 * 60 {
            return Err(format!("missing after a minute: {outstanding}"));
        }
        run.frame()?;
    }
    let took = u64::from(run.table.frames() - began);
    run.counts.mebibytes = 1;
    run.counts.mebibyte_frames = took;
    run.counts.slowest_mebibyte = took;
    run.finish(totals);
    Ok(())
}

/// A connected table with the accounts of both directions.
struct Run<B: Backend> {
    table: Table<B>,
    peers: [PeerId; 2],
    channels: ChannelsConfig,
    /// By the sending end, then by channel.
    ledgers: [Vec<Ledger>; 2],
    /// Which channel a receipt of an end belongs to.
    receipts: [HashMap<Receipt, usize>; 2],
    meters: [Meter; 2],
    trace: DefaultHasher,
    counts: Totals,
}

impl<B: Backend> Run<B> {
    fn new(conditions: Conditions, channels: &ChannelsConfig, seed: u64) -> Result<Self, String> {
        let (table, peers, failed_connects) = meet(conditions, channels, seed)?;
        let ledgers = || channels.channels.iter().map(Ledger::new).collect();
        Ok(Self {
            table,
            peers,
            channels: channels.clone(),
            ledgers: [ledgers(), ledgers()],
            receipts: [HashMap::new(), HashMap::new()],
            meters: [Meter::new(channels), Meter::new(channels)],
            trace: DefaultHasher::new(),
            counts: Totals { failed_connects, ..Totals::default() },
        })
    }

    /// Sends a random message.
    fn send(&mut self, end: usize, plan: &Plan, rng: &mut GameRng) -> Result<(), String> {
        let channel = rng.below(self.channels.channels.len() as u32) as usize;
        let longest = [40, plan.longest.min(1_200), plan.longest][rng.below(3) as usize];
        let length = (rng.below(longest + 1) as usize).max(self.ledgers[end][channel].min_length());
        let mut payload = vec![0; length];
        fill(&mut payload, rng);
        let number = (self.ledgers[end][channel].sent() as u32).to_le_bytes();
        payload.iter_mut().zip(number).for_each(|(byte, number)| *byte = number);

        let id = ChannelId(channel as u8);
        match self.table.end(end).send(self.peers[end], id, &payload) {
            Ok(receipt) => {
                self.took(end, channel, &payload, receipt);
                Ok(())
            }
            Err(error) => {
                self.counts.refused += 1;
                let config = &self.channels.channels[channel];
                let is_full = |queued: usize| queued + length > config.max_queued;
                match error {
                    SendError::QueueFull { peer, channel, queued }
                        if config.kind.is_reliable()
                            && (peer, channel) == (self.peers[end], id)
                            && is_full(queued) =>
                    {
                        Ok(())
                    }
                    error => Err(format!("{:?} refuses {length} bytes: {error}", config.kind)),
                }
            }
        }
    }

    /// The transport took a message for sending.
    fn took(&mut self, end: usize, channel: usize, payload: &[u8], receipt: Receipt) {
        self.counts.messages += 1;
        self.ledgers[end][channel].send(payload, receipt);
        self.receipts[end].insert(receipt, channel);
    }

    fn frame(&mut self) -> Result<(), String> {
        let seen = self.table.frame()?;
        for (end, seen) in seen.into_iter().enumerate() {
            for seen in seen {
                (self.table.frames(), end, &seen).hash(&mut self.trace);
                self.take(end, &seen)?;
            }
        }
        for (end, meter) in self.meters.iter_mut().enumerate() {
            meter.read(self.table.sent(end))?;
        }
        Ok(())
    }

    fn take(&mut self, end: usize, seen: &Seen) -> Result<(), String> {
        match seen {
            Seen::Message(channel, payload) => {
                self.counts.handed_out += 1;
                let ledger = self.ledgers[1 - end].get_mut(usize::from(channel.0));
                ledger.ok_or_else(|| format!("a message on {channel:?}"))?.hand_out(payload)
            }
            Seen::Delivered(receipt) => {
                self.counts.delivered += 1;
                self.ledger_of(end, *receipt)?.delivered(*receipt)
            }
            Seen::Lost(receipt) => {
                self.counts.lost += 1;
                self.ledger_of(end, *receipt)?.lost(*receipt)
            }
            other => Err(format!("unexpected: {other:?}")),
        }
    }

    fn ledger_of(&mut self, end: usize, receipt: Receipt) -> Result<&mut Ledger, String> {
        let channel = self.receipts[end].get(&receipt).copied();
        let channel = channel.ok_or_else(|| format!("{receipt:?} was never given"))?;
        Ok(&mut self.ledgers[end][channel])
    }

    fn outstanding(&self) -> Option<String> {
        self.ledgers.iter().flatten().find_map(Ledger::outstanding)
    }

    /// Adds up what happened; returns the hash of all events.
    fn finish(mut self, totals: &mut Totals) -> u64 {
        self.counts.runs = 1;
        self.counts.frames = self.table.frames().into();
        self.counts.datagrams = self.table.sent(0).0 + self.table.sent(1).0;
        *totals += self.counts;
        self.trace.finish()
    }
}

/// Joins two ends. On the worst of networks a greeting may fail, which a game answers with another invite.
fn meet<B: Backend>(
    conditions: Conditions,
    channels: &ChannelsConfig,
    seed: u64,
) -> Result<(Table<B>, [PeerId; 2], u64), String> {
    let mut failed = 0;
    loop {
        let manifests = [Manifest::new().with("conformance", 1), Manifest::new().with("conformance", 1)];
        let mut table = Table::new(conditions, channels, manifests, seed.wrapping_add(failed))?;
        match table.connect() {
            Ok(peers) => return Ok((table, peers, failed)),
            Err(why) if failed == MAX_FAILED_CONNECTS => return Err(why),
            Err(_) => failed += 1,
        }
    }
}

fn fill(payload: &mut [u8], rng: &mut GameRng) {
    for chunk in payload.chunks_mut(8) {
        chunk.copy_from_slice(&rng.next_u64().to_le_bytes()[..chunk.len()]);
    }
}

/// Watches that an end keeps to its byte budget: in every second, and from the first datagram on.
struct Meter {
    limit: f64,
    /// What was sent by the end of each frame: datagrams and bytes.
    readings: Vec<(u64, u64)>,
}

impl Meter {
    /// UDP and IPv4 headers, which the limit counts.
    const HEADERS: u64 = 28;
    /// What may be sent at once after a rest: a twentieth of a second's worth, or some full datagrams, and the one
    /// that overdraws the budget.
    const BURST: f64 = 6.0 * 1_228.0;

    fn new(channels: &ChannelsConfig) -> Self {
        Self { limit: channels.max_bytes_per_second.into(), readings: Vec::new() }
    }

    fn read(&mut self, sent: (u64, u64)) -> Result<(), String> {
        self.readings.push(sent);
        let last = self.readings.len() - 1;
        for first in [0, last.saturating_sub(60)] {
            let (datagrams, bytes) = self.readings[first];
            let used = (sent.1 - bytes + Self::HEADERS * (sent.0 - datagrams)) as f64;
            let seconds = FRAME.as_secs_f64() * (last - first) as f64;
            if used > self.limit * seconds + (self.limit / 20.0).max(Self::BURST) {
                let limit = self.limit;
                return Err(format!("{used} bytes within {seconds:.2} s at a limit of {limit} a second"));
            }
        }
        Ok(())
    }
}
