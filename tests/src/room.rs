//! Matches in a room: sessions over a transport that loses nothing, takes as many frames as it is told, allocates nothing
//! once it runs, and lets a test say, change and hold back what it likes in the name of any process.
//!
//! It knows links and messages as a session sees them, no datagrams; for those, see the lab.

use crate::mesh::Walk;
use netcord::session::{P2pConfig, P2pSession, PlayerIndex, ROLE_PLAYER, Runner, SessionEvent};
use netcord::transport::{
    ChannelId, ClientId, DisconnectReason, Event, Introduce, IntroductionError, LinkStats, PeerId, Receipt,
    SendError, Transport, TransportError,
};
use netcord::wire::{GameRng, Tick};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

/// The time between two frames; each is a tick long.
pub const FRAME: Duration = Duration::from_micros(16_667);
/// Slots of those who come to a process follow those of whom it comes to.
const COMERS: u32 = 32;

/// A match, and the room that it is played in.
pub struct Party {
    /// The room.
    pub room: Room,
    /// The processes, by number; the first opened the match. `None` for one that is gone.
    pub people: Vec<Option<Person>>,
    config: P2pConfig,
}

/// A process.
pub struct Person {
    /// Its session.
    pub session: P2pSession<u8, RoomTransport>,
    /// What it was told, but for the game's own messages.
    pub events: Vec<SessionEvent>,
    /// Whether its frames are run.
    pub is_awake: bool,
    runner: Runner<Walk>,
    rng: GameRng,
}

impl Party {
    /// A host and `config.players - 1` guests, who come when it runs. A message takes `delay` frames.
    pub fn new(delay: u64, config: P2pConfig) -> Self {
        let room = Room::new(delay);
        let config = P2pConfig { schema: Walk::schema(), ..config };
        let mut party = Self { room, people: Vec::new(), config: config.clone() };
        let host = P2pSession::host(party.room.enter(), config).expect("the configuration is valid");
        party.people.push(Some(Person::new(host, 0)));
        party
    }

    /// A host with all its guests.
    pub fn complete(delay: u64, config: P2pConfig) -> Self {
        let mut party = Self::new(delay, config);
        for _ in 1..party.config.players {
            party.join(0, ROLE_PLAYER);
        }
        party
    }

    /// One more process joins that of `host`; returns its number.
    pub fn join(&mut self, host: usize, role: u8) -> usize {
        let (number, transport) = (self.people.len(), self.room.enter());
        let session = P2pSession::join(transport, self.config.clone()).expect("the configuration is valid");
        self.room.0.borrow_mut().connect(number, host, [role; 2]);
        self.people.push(Some(Person::new(session, number)));
        number
    }

    /// Runs so many frames of all.
    pub fn run(&mut self, frames: u32) {
        for _ in 0..frames {
            let now = self.room.step();
            for person in self.people.iter_mut().flatten().filter(|person| person.is_awake) {
                person.frame(now);
            }
        }
    }

    /// The process of the person dies, and its links break.
    pub fn die(&mut self, number: usize) {
        self.people[number] = None;
        self.room.0.borrow_mut().die(number);
    }

    /// The person leaves; its goodbye is still sent.
    pub fn leave(&mut self, number: usize) {
        if let Some(mut person) = self.people[number].take() {
            person.session.leave(7);
            person.frame(self.room.now());
        }
    }

    /// The person with this number.
    ///
    /// # Panics
    /// When it is gone.
    pub fn person(&self, number: usize) -> &Person {
        self.people[number].as_ref().expect("it is there")
    }

    /// All of these play one match with each other, and their states are equal up to the newest that all have confirmed.
    ///
    /// # Panics
    /// When it is not so.
    pub fn assert_in_step(&self, numbers: &[usize]) {
        let sessions = || numbers.iter().map(|&number| &self.person(number).session);
        let confirmed = sessions().map(|session| session.stats().confirmed_tick);
        let tick = confirmed.reduce(Tick::earliest).expect("somebody");
        let mut first = None;
        for (session, number) in sessions().zip(numbers) {
            assert!(session.local_player().is_some(), "{number} takes no part");
            let match_of = |session: &P2pSession<_, _>| {
                let players = session.players().collect::<Vec<_>>();
                (session.host_term(), session.host_player(), players, session.chained_hash(tick))
            };
            let theirs = match_of(session);
            assert!(theirs.3.is_some(), "{number} is far ahead of tick {tick}");
            assert_eq!(*first.get_or_insert(theirs.clone()), theirs, "{number}, at tick {tick}");
            assert_eq!(session.stats().desyncs, 0, "{number}");
        }
    }
}

impl Person {
    fn new(session: P2pSession<u8, RoomTransport>, number: usize) -> Self {
        Self {
            session: session.with_introductions(),
            events: Vec::new(),
            is_awake: true,
            runner: Runner::new(Walk::new(1)),
            rng: GameRng::new(number as u64),
        }
    }

    /// The session refuses nothing that others send, but for a state.
    fn frame(&mut self, now: Duration) {
        let rng = &mut self.rng;
        match self.runner.frame(&mut self.session, now, |_| rng.below(256) as u8) {
            Ok(()) | Err(netcord::session::SessionError::BadState { .. }) => {}
            Err(error) => panic!("{error}"),
        }
        while let Some(event) = self.session.next_event() {
            self.events.push(event);
        }
    }

    /// Whether it was told such a thing.
    pub fn saw(&self, wanted: impl Fn(&SessionEvent) -> bool) -> bool {
        self.events.iter().any(wanted)
    }

    /// Whether its match is over.
    pub fn is_out(&self) -> bool {
        self.saw(|event| matches!(event, SessionEvent::Ended(_)))
    }

    /// Who plays, as it knows.
    pub fn players(&self) -> Vec<u8> {
        self.session.players().map(|PlayerIndex(player)| player).collect()
    }
}

/// What is to become of a message: who sends it to whom, on which channel, and its bytes. `false` drops it, and
/// the sender takes it for delivered.
pub type Tamper = Box<dyn FnMut(usize, usize, ChannelId, &mut Vec<u8>) -> bool>;

/// The links between all processes.
#[derive(Clone)]
pub struct Room(Rc<RefCell<World>>);

struct World {
    frame: u64,
    delay: u64,
    generation: u32,
    processes: Vec<Process>,
    /// Buffers that can be used again.
    spare: Vec<Vec<u8>>,
    tamper: Option<Tamper>,
    /// What a process says is the role of those whom it lets in.
    false_role: Option<(usize, u8)>,
    /// Between whom all is lost: from the one to the other.
    lost: Option<(usize, usize)>,
    messages: u64,
}

#[derive(Default)]
struct Process {
    links: Vec<Link>,
    /// In the order of their arrival, each with its frame.
    arrivals: VecDeque<(u64, Told)>,
    receipts: VecDeque<(u64, Told)>,
}

struct Link {
    peer: PeerId,
    other: usize,
    /// What the other calls us.
    us: PeerId,
    /// The role that both see, of a link that we asked for.
    asked: Option<u8>,
    receipts: u64,
}

enum Told {
    Connected(PeerId, ClientId, u8),
    Disconnected(PeerId, DisconnectReason),
    Message(PeerId, ChannelId, Vec<u8>),
    Delivered(PeerId, Receipt),
}

impl Room {
    fn new(delay: u64) -> Self {
        Self(Rc::new(RefCell::new(World {
            frame: 0,
            delay,
            generation: 0,
            processes: Vec::new(),
            spare: Vec::new(),
            tamper: None,
            false_role: None,
            lost: None,
            messages: 0,
        })))
    }

    fn enter(&self) -> RoomTransport {
        let processes = &mut self.0.borrow_mut().processes;
        processes.push(Process::default());
        RoomTransport { room: self.clone(), number: processes.len() - 1, payload: Vec::new() }
    }

    fn now(&self) -> Duration {
        FRAME * self.0.borrow().frame as u32
    }

    fn step(&self) -> Duration {
        self.0.borrow_mut().frame += 1;
        self.now()
    }

    /// From now on, this decides about all that is sent.
    pub fn tamper(&self, tamper: impl FnMut(usize, usize, ChannelId, &mut Vec<u8>) -> bool + 'static) {
        self.0.borrow_mut().tamper = Some(Box::new(tamper));
    }

    /// The process tells those whom it lets in that their role is another.
    pub fn let_in_as(&self, number: usize, role: u8) {
        self.0.borrow_mut().false_role = Some((number, role));
    }

    /// What the one sends to the other is lost from now on, and neither is told.
    pub fn lose(&self, from: usize, to: usize) {
        self.0.borrow_mut().lost = Some((from, to));
    }

    /// Says something in the name of a process to another; `false` when they have no link.
    pub fn say(&self, from: usize, to: usize, channel: ChannelId, payload: &[u8]) -> bool {
        let mut world = self.0.borrow_mut();
        let link = world.processes[from].links.iter().find(|link| link.other == to);
        let Some(us) = link.map(|link| link.us) else { return false };
        let due = world.frame + world.delay;
        world.processes[to].arrivals.push_back((due, Told::Message(us, channel, payload.to_vec())));
        true
    }

    /// Breaks the link between two; who asked for it comes back.
    pub fn break_link(&self, one: usize, other: usize) {
        let mut world = self.0.borrow_mut();
        let link = world.processes[one].links.iter().find(|link| link.other == other);
        if let Some(peer) = link.map(|link| link.peer) {
            let due = world.frame + world.delay;
            let told = Told::Disconnected(peer, DisconnectReason::TimedOut);
            world.processes[one].arrivals.push_back((due, told));
            world.end(one, peer, DisconnectReason::TimedOut);
        }
    }

    /// How many messages were sent so far.
    pub fn messages(&self) -> u64 {
        self.0.borrow().messages
    }
}

impl World {
    /// The comer gets a link to the maker; the first of the roles is what the comer is told.
    fn connect(&mut self, comer: usize, maker: usize, roles: [u8; 2]) -> PeerId {
        self.generation += 1;
        let due = self.frame + 2 * self.delay;
        let at_comer = PeerId::new(maker as u32, self.generation);
        let at_maker = PeerId::new(COMERS + comer as u32, self.generation);
        let ends = [(comer, at_comer, maker, at_maker), (maker, at_maker, comer, at_comer)];
        for ((number, peer, other, us), role) in ends.into_iter().zip(roles) {
            let asked = (number == comer).then_some(roles[1]);
            let process = &mut self.processes[number];
            process.links.push(Link { peer, other, us, asked, receipts: 0 });
            process.arrivals.push_back((due, Told::Connected(peer, ClientId(other as u64), role)));
        }
        at_comer
    }

    /// A process ends a link, and the other is told; if it is given up, who asked for it comes back.
    fn end(&mut self, number: usize, peer: PeerId, reason: DisconnectReason) {
        let Some(place) = self.processes[number].links.iter().position(|link| link.peer == peer) else {
            return;
        };
        let ours = self.processes[number].links.remove(place);
        let due = self.frame + self.delay;
        let other = &mut self.processes[ours.other];
        let Some(place) = other.links.iter().position(|link| link.peer == ours.us) else { return };
        let theirs = other.links.remove(place);
        let comes_back = reason == DisconnectReason::TimedOut;
        other.arrivals.push_back((due, Told::Disconnected(ours.us, reason)));
        match (ours.asked, theirs.asked) {
            (Some(role), _) if comes_back => drop(self.connect(number, ours.other, [role; 2])),
            (_, Some(role)) if comes_back => drop(self.connect(ours.other, number, [role; 2])),
            _ => {}
        }
    }

    fn die(&mut self, number: usize) {
        for link in std::mem::take(&mut self.processes[number].links) {
            let due = self.frame + self.delay;
            let other = &mut self.processes[link.other];
            other.links.retain(|theirs| theirs.peer != link.us);
            other.arrivals.push_back((due, Told::Disconnected(link.us, DisconnectReason::TimedOut)));
        }
    }

    fn next(&mut self, number: usize) -> Option<Told> {
        let (frame, process) = (self.frame, &mut self.processes[number]);
        let due = |queue: &mut VecDeque<(u64, Told)>| {
            queue.pop_front_if(|(due, _)| *due <= frame).map(|(_, told)| told)
        };
        due(&mut process.arrivals).or_else(|| due(&mut process.receipts))
    }
}

/// A process's way to the others.
pub struct RoomTransport {
    room: Room,
    number: usize,
    payload: Vec<u8>,
}

impl Transport for RoomTransport {
    fn receive(&mut self, _now: Duration) -> Result<(), TransportError> {
        Ok(())
    }

    fn next_event(&mut self) -> Option<Event<'_>> {
        let mut world = self.room.0.borrow_mut();
        Some(match world.next(self.number)? {
            Told::Connected(peer, client, role) => {
                let mut user_data = Box::new([0; 256]);
                user_data[0] = role;
                Event::Connected { peer, client, user_data }
            }
            Told::Disconnected(peer, reason) => Event::Disconnected { peer, reason },
            Told::Message(peer, channel, payload) => {
                world.spare.push(std::mem::replace(&mut self.payload, payload));
                Event::Message { peer, channel, payload: &self.payload }
            }
            Told::Delivered(peer, receipt) => Event::Delivered { peer, receipt },
        })
    }

    fn send(&mut self, peer: PeerId, channel: ChannelId, payload: &[u8]) -> Result<Receipt, SendError> {
        let world = &mut *self.room.0.borrow_mut();
        let link = world.processes[self.number].links.iter_mut().find(|link| link.peer == peer);
        let link = link.ok_or(SendError::NotConnected { peer })?;
        let (other, us, receipt) = (link.other, link.us, Receipt(link.receipts));
        link.receipts += 1;
        world.messages += 1;
        let mut message = world.spare.pop().unwrap_or_default();
        message.clear();
        message.extend_from_slice(payload);
        let due = world.frame + world.delay;
        if world.lost == Some((self.number, other)) {
            return Ok(receipt);
        }
        if channel == ChannelId(1) {
            let delivered = (due + world.delay, Told::Delivered(peer, receipt));
            world.processes[self.number].receipts.push_back(delivered);
        }
        let passes = match &mut world.tamper {
            Some(tamper) => tamper(self.number, other, channel, &mut message),
            None => true,
        };
        if passes {
            world.processes[other].arrivals.push_back((due, Told::Message(us, channel, message)));
        }
        Ok(receipt)
    }

    fn flush(&mut self, _now: Duration) -> Result<(), TransportError> {
        Ok(())
    }

    fn disconnect(&mut self, peer: PeerId, reason: DisconnectReason) {
        self.room.0.borrow_mut().end(self.number, peer, reason);
    }

    fn stats(&self, peer: PeerId) -> Option<LinkStats> {
        let world = self.room.0.borrow();
        let is_there = world.processes[self.number].links.iter().any(|link| link.peer == peer);
        let rtt = FRAME * 2 * world.delay as u32;
        is_there.then(|| LinkStats { rtt, ..LinkStats::default() })
    }
}

/// An introduction is the number of the process that made it, and the role.
impl Introduce for RoomTransport {
    fn introduction(&mut self, role: u8) -> Result<Vec<u8>, IntroductionError> {
        Ok(vec![self.number as u8, role])
    }

    fn vouch(&self, _peer: PeerId, introduction: &[u8]) -> Result<Vec<u8>, IntroductionError> {
        let is_one =
            matches!(introduction, [maker, _] if usize::from(*maker) < self.room.0.borrow().processes.len());
        is_one.then(|| introduction.to_vec()).ok_or(IntroductionError::Malformed)
    }

    fn meet(&mut self, introduction: &[u8]) -> Result<PeerId, IntroductionError> {
        let mut world = self.room.0.borrow_mut();
        let &[maker, role] = introduction else { return Err(IntroductionError::Malformed) };
        if usize::from(maker) == self.number || usize::from(maker) >= world.processes.len() {
            return Err(IntroductionError::Malformed);
        }
        let told =
            world.false_role.filter(|(liar, _)| *liar == usize::from(maker)).map_or(role, |(_, role)| role);
        Ok(world.connect(self.number, maker.into(), [told, role]))
    }

    fn sighting(&self, _peer: PeerId) -> Option<Vec<u8>> {
        Some(vec![0])
    }

    fn expect(&mut self, _sighting: &[u8]) -> Result<(), IntroductionError> {
        Ok(())
    }
}
