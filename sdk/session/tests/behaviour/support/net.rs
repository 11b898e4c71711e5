//! A star of transports around a host on a seeded network: what the channels promise, without their bytes.
//!
//! It stands in for the real transport over the network lab: delivery times, loss, receipts, timeouts and
//! reconnects follow from the seed.

use netcord_session::session_channels;
use netcord_transport::{
    ChannelConfig, ChannelId, ChannelKind, ClientId, DisconnectReason, Event, LinkStats, PeerId, Receipt,
    SendError, Transport, TransportError,
};
use netcord_wire::GameRng;
use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;
use std::time::Duration;

#[derive(Clone, Copy, Debug)]
pub struct Conditions {
    /// One way.
    pub latency: Duration,
    pub jitter: Duration,
    /// Percent of messages that are lost outside of bursts.
    pub loss: u32,
    /// Percent of the time that lies in bursts, in which nearly all is lost.
    pub burst: u32,
    /// Without a sign of life for that long, a connection ends.
    pub timeout: Duration,
}

impl Default for Conditions {
    fn default() -> Self {
        let ms = Duration::from_millis;
        Self { latency: ms(50), jitter: ms(0), loss: 0, burst: 0, timeout: ms(1_000) }
    }
}

#[derive(Clone)]
pub struct Net(Rc<RefCell<World>>);

pub struct FakeTransport {
    world: Rc<RefCell<World>>,
    /// `None` is the host.
    client: Option<usize>,
    /// Of a transport that was replaced, nothing works any more.
    process: u32,
    payload: Vec<u8>,
}

struct World {
    now: Duration,
    conditions: Conditions,
    channels: Vec<ChannelConfig>,
    rng: GameRng,
    clients: Vec<Client>,
    /// By time and order of sending.
    arrivals: BTreeMap<(Duration, u64), Arrival>,
    sequence: u64,
    host_events: VecDeque<Owned>,
    /// A hash over all that was sent, when and by whom.
    trace: u64,
}

struct Client {
    id: u64,
    role: u8,
    process: u32,
    generation: u32,
    connected: bool,
    cut_since: Option<Duration>,
    /// The way to the host, and the way from it.
    ways: [Way; 2],
    events: VecDeque<Owned>,
}

#[derive(Default)]
struct Way {
    receipts: u64,
    /// Per channel, when the newest ordered message arrives.
    ordered: [Duration; 4],
    /// Until when a burst of losses lasts, and when the next one starts.
    burst: (Duration, Duration),
    sent_bytes: u64,
    sent: u64,
    /// Reliable messages that wait for the end of a cut.
    held: Vec<(ChannelId, Vec<u8>, Receipt)>,
}

struct Arrival {
    client: usize,
    generation: u32,
    to_host: bool,
    what: What,
}

enum What {
    Message(ChannelId, Vec<u8>),
    Delivered(Receipt),
    Lost(Receipt),
    Connect,
    Disconnect(DisconnectReason),
}

enum Owned {
    Connected(PeerId, u64, u8),
    Disconnected(PeerId, DisconnectReason),
    Message(PeerId, ChannelId, Vec<u8>),
    Delivered(PeerId, Receipt),
    Lost(PeerId, Receipt),
}

impl Net {
    pub fn new(seed: u64, conditions: Conditions) -> Self {
        Self(Rc::new(RefCell::new(World {
            now: Duration::ZERO,
            conditions,
            channels: session_channels().into_iter().chain([ChannelConfig::reliable_ordered()]).collect(),
            rng: GameRng::new(seed),
            clients: Vec::new(),
            arrivals: BTreeMap::new(),
            sequence: 0,
            host_events: VecDeque::new(),
            trace: 0,
        })))
    }

    pub fn host(&self) -> FakeTransport {
        FakeTransport { world: self.0.clone(), client: None, process: 0, payload: Vec::new() }
    }

    /// Connects a new client, or a new process of a known one.
    pub fn client(&self, id: u64, role: u8) -> FakeTransport {
        let mut world = self.0.borrow_mut();
        let index = world.clients.iter().position(|client| client.id == id).unwrap_or_else(|| {
            world.clients.push(Client {
                id,
                role,
                process: 0,
                generation: 0,
                connected: false,
                cut_since: None,
                ways: Default::default(),
                events: VecDeque::new(),
            });
            world.clients.len() - 1
        });
        let client = &mut world.clients[index];
        client.process += 1;
        client.events.clear();
        client.role = role;
        let process = client.process;
        world.reconnect(index);
        FakeTransport { world: self.0.clone(), client: Some(index), process, payload: Vec::new() }
    }

    /// Nothing passes between the client and the host from now on, or everything again.
    pub fn cut(&self, id: u64, cut: bool) {
        let mut world = self.0.borrow_mut();
        let now = world.now;
        let Some(index) = world.clients.iter().position(|client| client.id == id) else { return };
        world.clients[index].cut_since = cut.then_some(now);
        if !cut {
            if !world.clients[index].connected {
                world.reconnect(index);
            }
            for to_host in [true, false] {
                let held = std::mem::take(&mut world.clients[index].ways[usize::from(!to_host)].held);
                for (channel, payload, receipt) in held {
                    world.travel(index, to_host, channel, payload, receipt);
                }
            }
        }
    }

    pub fn set_conditions(&self, conditions: Conditions) {
        self.0.borrow_mut().conditions = conditions;
    }

    pub fn set_now(&self, now: Duration) {
        self.0.borrow_mut().advance(now);
    }

    pub fn trace(&self) -> u64 {
        self.0.borrow().trace
    }
}

impl World {
    fn percent(&mut self, chance: u32) -> bool {
        self.rng.below(100) < chance
    }

    fn delay(&mut self) -> Duration {
        let jitter = self.conditions.jitter.as_micros() as u32;
        self.conditions.latency + Duration::from_micros(u64::from(self.rng.below(jitter + 1)))
    }

    fn is_lost(&mut self, client: usize, to_host: bool) -> bool {
        if self.clients[client].cut_since.is_some() || self.percent(self.conditions.loss) {
            return true;
        }
        if self.conditions.burst == 0 {
            return false;
        }
        let now = self.now;
        let (until, next) = self.clients[client].ways[usize::from(!to_host)].burst;
        if now >= next {
            let length = 20 + u64::from(self.rng.below(60));
            let pause = length * u64::from(100 - self.conditions.burst) / u64::from(self.conditions.burst);
            let pause = pause / 2 + u64::from(self.rng.below(pause as u32 + 1));
            let start = now.max(next);
            let until = start + Duration::from_millis(length);
            self.clients[client].ways[usize::from(!to_host)].burst =
                (until, until + Duration::from_millis(pause));
            return true;
        }
        now < until && !self.percent(10)
    }

    fn schedule(&mut self, at: Duration, client: usize, to_host: bool, what: What) {
        self.sequence += 1;
        let generation = self.clients[client].generation;
        self.arrivals.insert((at, self.sequence), Arrival { client, generation, to_host, what });
    }

    fn reconnect(&mut self, client: usize) {
        self.clients[client].generation += 1;
        self.clients[client].connected = false;
        self.clients[client].ways = Default::default();
        let (now, round_trip) = (self.now, 2 * self.conditions.latency);
        self.schedule(now + round_trip, client, true, What::Connect);
    }

    fn travel(
        &mut self,
        client: usize,
        to_host: bool,
        channel: ChannelId,
        payload: Vec<u8>,
        receipt: Receipt,
    ) {
        let config = self.channels[usize::from(channel.0)].clone();
        let reliable = matches!(config.kind, ChannelKind::ReliableOrdered | ChannelKind::ReliableUnordered);
        let resend = 3 * self.conditions.latency + Duration::from_millis(30);
        if reliable && self.clients[client].cut_since.is_some() {
            self.clients[client].ways[usize::from(!to_host)].held.push((channel, payload, receipt));
            return;
        }
        let mut at = self.now;
        let mut lost = self.is_lost(client, to_host);
        while lost && reliable {
            at += resend;
            lost = self.percent(self.conditions.loss + self.conditions.burst);
        }
        if lost {
            self.schedule(at + resend, client, !to_host, What::Lost(receipt));
            return;
        }
        at += self.delay();
        if config.kind == ChannelKind::ReliableOrdered {
            let newest =
                &mut self.clients[client].ways[usize::from(!to_host)].ordered[usize::from(channel.0)];
            at = at.max(*newest + Duration::from_nanos(1));
            *newest = at;
        }
        self.schedule(at, client, to_host, What::Message(channel, payload));
        if config.receipts {
            let mut acked = at + self.delay();
            while self.percent(self.conditions.loss) {
                acked += Duration::from_millis(50);
            }
            self.schedule(acked, client, !to_host, What::Delivered(receipt));
        }
    }

    fn advance(&mut self, now: Duration) {
        self.now = now;
        let timeout = self.conditions.timeout;
        for index in 0..self.clients.len() {
            let client = &mut self.clients[index];
            if client.connected && client.cut_since.is_some_and(|since| now > since + timeout) {
                self.disconnect(index, DisconnectReason::TimedOut, true);
                self.disconnect(index, DisconnectReason::TimedOut, false);
                self.clients[index].connected = false;
                self.clients[index].generation += 1;
                self.clients[index].ways = Default::default();
            }
        }
        while let Some(entry) = self.arrivals.first_entry().filter(|entry| entry.key().0 <= now) {
            let Arrival { client, generation, to_host, what } = entry.remove();
            if self.clients[client].generation == generation {
                self.arrive(client, to_host, what);
            }
        }
    }

    fn arrive(&mut self, index: usize, to_host: bool, what: What) {
        let client = &mut self.clients[index];
        let at_host = PeerId::new(index as u32, client.generation);
        let at_client = PeerId::new(0, client.generation);
        if let What::Connect = what {
            if client.cut_since.is_none() {
                client.connected = true;
                client.events.push_back(Owned::Connected(at_client, 0, 0));
                self.host_events.push_back(Owned::Connected(at_host, client.id, client.role));
            }
            return;
        }
        if !client.connected {
            return;
        }
        let (queue, peer) =
            if to_host { (&mut self.host_events, at_host) } else { (&mut client.events, at_client) };
        match what {
            What::Message(channel, payload) => queue.push_back(Owned::Message(peer, channel, payload)),
            What::Delivered(receipt) => queue.push_back(Owned::Delivered(peer, receipt)),
            What::Lost(receipt) => queue.push_back(Owned::Lost(peer, receipt)),
            What::Connect => {}
            What::Disconnect(reason) => {
                let again = reason == DisconnectReason::TimedOut;
                queue.push_back(Owned::Disconnected(peer, reason));
                client.connected = false;
                if again {
                    self.reconnect(index);
                }
            }
        }
    }

    fn disconnect(&mut self, index: usize, reason: DisconnectReason, at_host: bool) {
        let client = &mut self.clients[index];
        if at_host {
            let peer = PeerId::new(index as u32, client.generation);
            self.host_events.push_back(Owned::Disconnected(peer, reason));
        } else {
            client.events.push_back(Owned::Disconnected(PeerId::new(0, client.generation), reason));
        }
    }
}

impl FakeTransport {
    fn find(&self, peer: PeerId) -> Option<usize> {
        let world = self.world.borrow();
        let index = self.client.unwrap_or(peer.slot());
        let client = world.clients.get(index)?;
        let alive = self.client.is_none() || client.process == self.process;
        (alive && client.connected && client.generation == peer.generation()).then_some(index)
    }
}

impl Transport for FakeTransport {
    fn receive(&mut self, _: Duration) -> Result<(), TransportError> {
        Ok(())
    }

    fn next_event(&mut self) -> Option<Event<'_>> {
        let mut world = self.world.borrow_mut();
        let event = match self.client {
            None => world.host_events.pop_front()?,
            Some(index) if world.clients[index].process == self.process => {
                world.clients[index].events.pop_front()?
            }
            Some(_) => return None,
        };
        Some(match event {
            Owned::Connected(peer, id, role) => {
                let mut user_data = Box::new([0; 256]);
                user_data[0] = role;
                Event::Connected { peer, client: ClientId(id), user_data }
            }
            Owned::Disconnected(peer, reason) => Event::Disconnected { peer, reason },
            Owned::Message(peer, channel, payload) => {
                self.payload = payload;
                Event::Message { peer, channel, payload: &self.payload }
            }
            Owned::Delivered(peer, receipt) => Event::Delivered { peer, receipt },
            Owned::Lost(peer, receipt) => Event::Lost { peer, receipt },
        })
    }

    fn send(&mut self, peer: PeerId, channel: ChannelId, payload: &[u8]) -> Result<Receipt, SendError> {
        let index = self.find(peer).ok_or(SendError::NotConnected { peer })?;
        let mut world = self.world.borrow_mut();
        let limit = world.channels[usize::from(channel.0)].max_message;
        if payload.len() > limit {
            return Err(SendError::TooLarge { size: payload.len(), limit });
        }
        let to_host = self.client.is_some();
        let way = &mut world.clients[index].ways[usize::from(!to_host)];
        way.receipts += 1;
        way.sent += 1;
        way.sent_bytes += payload.len() as u64;
        let receipt = Receipt(way.receipts);
        let words = [world.now.as_nanos() as u64, index as u64, u64::from(to_host), u64::from(channel.0)];
        for word in words.into_iter().chain(payload.iter().map(|&byte| u64::from(byte))) {
            world.trace = GameRng::new(world.trace ^ word).next_u64();
        }
        world.travel(index, to_host, channel, payload.to_vec(), receipt);
        Ok(receipt)
    }

    fn flush(&mut self, _: Duration) -> Result<(), TransportError> {
        Ok(())
    }

    fn disconnect(&mut self, peer: PeerId, reason: DisconnectReason) {
        let Some(index) = self.find(peer) else { return };
        let mut world = self.world.borrow_mut();
        let at = world.now + world.conditions.latency;
        let to_host = self.client.is_some();
        world.schedule(at, index, to_host, What::Disconnect(reason));
    }

    fn stats(&self, peer: PeerId) -> Option<LinkStats> {
        let index = self.find(peer)?;
        let world = self.world.borrow();
        let way = &world.clients[index].ways[usize::from(self.client.is_none())];
        Some(LinkStats {
            rtt: 2 * world.conditions.latency + world.conditions.jitter,
            jitter: world.conditions.jitter / 2,
            bytes_sent: way.sent_bytes,
            packets_sent: way.sent,
            ..LinkStats::default()
        })
    }
}
