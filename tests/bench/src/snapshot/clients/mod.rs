//! The top-down game for 1 to 1,000 clients: bytes a client, and what a server's tick costs, beside two ways without
//! sharing (`peers`).
//!
//! Either all clients see all, or each sees the 3 by 3 cells of 64 around an entity of its own, about an eighth of the
//! world. The links are simulated: 60 ticks a second, 5 % of the messages are lost, and receipts come after a round
//! trip of 100 ms. CPU is all that a server does in a tick, from the game's rows to messages in a client's buffer, with
//! the receipts that came in; the median over ticks, in which ours and the peers take turns. Bytes are those of
//! messages, without the headers of channels and datagrams. The first client decodes what it gets, and compares.

mod peers;

use super::{median, micros, topdown};
use crate::channels::cpu_time;
use crate::report::{Figure, Report};
use netcord::wire::{GameRng, NetEntity, Tick};
use netcord_snapshot::{
    GroupId, Mode, ReceiverLimits, SenderConfig, Shape, SnapshotReceiver, SnapshotSender, View, ViewConfig,
};
use peers::{Copied, Unshared};
use topdown::{COLUMNS, SIDE, World};

/// Cells on a side, each a group.
const CELLS: u32 = 8;
/// Of 1,000 messages.
const LOSS: u32 = 50;
/// Ticks from a message to its receipt.
const ROUND_TRIP: usize = 6;
/// Ticks after which a message without a receipt is taken for lost.
const GIVEN_UP: usize = 9;
/// Ticks before the figures count: all clients join at once.
const WARM_UP: u32 = 60;
/// More clients would take the peer that encodes for each too long.
const MOST_UNSHARED: usize = 100;

/// An entity of the game: who, in which cell, and its values.
type Row = (NetEntity, u32, [i32; COLUMNS]);

#[derive(Clone, Copy, Debug, PartialEq)]
enum Views {
    /// All clients see all.
    Shared,
    /// Each sees what is around an entity of its own.
    Distinct,
}

/// What each tick took.
#[derive(Default)]
struct Samples {
    cpu: Vec<f64>,
    bytes: usize,
    messages: u64,
}

pub(crate) fn run(report: &mut Report, quick: bool) {
    for views in [Views::Shared, Views::Distinct] {
        for mode in [Mode::Compact, Mode::Fast] {
            report.note(format!(
                "top-down, {views:?} views, {mode:?}:\n{:>8} {:>13} {:>11} {:>10} {:>9} {:>9} {:>8} {:>12}",
                "clients",
                "bytes/client",
                "CPU us/tick",
                "us/client",
                "messages",
                "encodes",
                "share",
                "decode us"
            ));
            for clients in [1, 10, 100, 1_000] {
                let ticks = if clients > 100 { 120 } else { 300 };
                compare(report, views, mode, clients, if quick { ticks / 10 } else { ticks });
            }
        }
    }
}

fn compare(report: &mut Report, views: Views, mode: Mode, clients: usize, ticks: u32) {
    let mut world = World::new(3);
    let mut ours = Ours::new(views, mode, clients);
    let mut copied = Copied::new(clients);
    let mut unshared = (clients <= MOST_UNSHARED).then(|| Unshared::new(mode, clients));
    for tick in (1..=WARM_UP + ticks).map(Tick) {
        world.step();
        let rows: Vec<Row> = world.rows().map(|(entity, at, values)| (entity, cell(at), values)).collect();
        ours.tick(tick, &rows);
        copied.tick(&rows, &ours.clients);
        if let Some(unshared) = &mut unshared {
            unshared.tick(tick, &rows, &ours.clients);
        }
        if tick.0 == WARM_UP {
            ours.begin_to_count();
            copied.samples = Samples::default();
            unshared.iter_mut().for_each(|unshared| unshared.samples = Samples::default());
        }
    }
    let per_client = |samples: &Samples| samples.bytes as f64 / (f64::from(ticks) * clients as f64);
    let case = format!("top-down {views:?} {mode:?} {clients}").to_lowercase().replace(' ', "-");
    let (bytes, cpu) = (per_client(&ours.samples), median(ours.samples.cpu.clone()));
    let unshared = unshared.as_ref().map(|unshared| ("delta per client", &unshared.samples));
    for (peer, theirs) in [("full state copied", &copied.samples)].into_iter().chain(unshared) {
        let mut row = |metric, unit, ours, theirs| {
            let figure = Figure { bench: "snapshot", case: &case, metric, unit };
            report.compare(&figure, Some(ours), peer, Some(theirs));
        };
        row("bytes_per_client_per_tick", "bytes", bytes, per_client(theirs));
        row("server_cpu_per_tick", "us", cpu, median(theirs.cpu.clone()));
    }
    let ticks = f64::from(ticks);
    let encodes = (ours.sender.encodes() - ours.encodes_before) as f64 / ticks;
    let messages = ours.samples.messages as f64 / ticks;
    report.note(format!(
        "{clients:>8} {bytes:>13.1} {cpu:>11.1} {:>10.2} {messages:>9.1} {encodes:>9.1} {:>8.4} {:>12.2}",
        cpu / clients as f64,
        encodes / messages,
        median(ours.decoding.clone()),
    ));
}

/// The sender and its clients.
struct Ours {
    views: Views,
    /// All entities have all components.
    whole: Shape,
    sender: SnapshotSender,
    clients: Vec<Client>,
    /// The first client's.
    receiver: SnapshotReceiver,
    /// What it took to receive all of a tick.
    decoding: Vec<f64>,
    samples: Samples,
    encodes_before: u64,
}

struct Client {
    view: View,
    /// The cell in the middle of what it sees; none for one that sees all.
    centre: Option<u32>,
    /// A bit for each cell that it sees.
    cells: u64,
    link: Link,
    /// What goes to its socket.
    out: Vec<u8>,
}

/// The fates of what was sent: by tick, receipts and whether they are good news.
struct Link {
    rng: GameRng,
    due: [Vec<(u64, bool)>; GIVEN_UP + 1],
    receipt: u64,
}

impl Link {
    fn new(seed: u64) -> Self {
        Self { rng: GameRng::new(seed), due: Default::default(), receipt: 0 }
    }

    /// Sends a message; returns its receipt, and whether it arrives.
    fn send(&mut self, tick: Tick) -> (u64, bool) {
        self.receipt += 1;
        let [arrives, acknowledged] = [0; 2].map(|_| self.rng.below(1_000) >= LOSS);
        let delay = match (arrives, acknowledged) {
            (false, _) => GIVEN_UP,
            (true, true) => ROUND_TRIP,
            // The next packet says it, too.
            (true, false) => ROUND_TRIP + 1,
        };
        self.due[(tick.0 as usize + delay) % (GIVEN_UP + 1)].push((self.receipt, arrives));
        (self.receipt, arrives)
    }

    /// What comes in at this tick.
    fn news(&mut self, tick: Tick) -> impl Iterator<Item = (u64, bool)> {
        self.due[tick.0 as usize % (GIVEN_UP + 1)].drain(..)
    }
}

impl Ours {
    fn new(views: Views, mode: Mode, clients: usize) -> Self {
        let schema = topdown::schema();
        let config = SenderConfig { mode, ..SenderConfig::default() };
        let client = |seed| {
            let mut view = View::new(ViewConfig { budget: 1 << 20, ..ViewConfig::default() });
            if views == Views::Shared {
                view.show(GroupId(0), 1);
            }
            Client { view, centre: None, cells: u64::MAX, link: Link::new(seed), out: Vec::new() }
        };
        Self {
            views,
            whole: schema.whole(),
            sender: SnapshotSender::new(schema.clone(), config),
            clients: (0..clients as u64).map(client).collect(),
            receiver: SnapshotReceiver::new(schema, ReceiverLimits::default()),
            decoding: Vec::new(),
            samples: Samples::default(),
            encodes_before: 0,
        }
    }

    fn begin_to_count(&mut self) {
        (self.samples, self.encodes_before) = (Samples::default(), self.sender.encodes());
        self.decoding.clear();
    }

    fn tick(&mut self, tick: Tick, rows: &[Row]) {
        let mut arrived = Vec::new();
        let start = cpu_time();
        self.sender.begin(tick);
        for (entity, cell, values) in rows {
            let group = GroupId(if self.views == Views::Shared { 0 } else { *cell });
            let row = self.sender.write(*entity, group, self.whole).expect("ids ascend");
            row.copy_from_slice(values);
        }
        self.sender.finish();
        for (number, client) in self.clients.iter_mut().enumerate() {
            if self.views == Views::Distinct {
                client.look_about(rows[number % rows.len()].1);
            }
            for (receipt, arrives) in client.link.news(tick) {
                if arrives { client.view.delivered(receipt) } else { client.view.lost(receipt) }
            }
            client.out.clear();
            while let Some(message) = client.view.next_message(&mut self.sender).expect("values are in range")
            {
                client.out.extend_from_slice(message);
                let (receipt, arrives) = client.link.send(tick);
                if number == 0 && arrives {
                    arrived.push(message.to_vec());
                }
                client.view.sent(receipt);
                self.samples.messages += 1;
            }
            self.samples.bytes += client.out.len();
        }
        self.samples.cpu.push(micros(cpu_time() - start));
        self.receive(&arrived);
    }

    fn receive(&mut self, messages: &[Vec<u8>]) {
        let start = cpu_time();
        for message in messages {
            self.receiver.receive(message).expect("it has all baselines");
        }
        self.decoding.push(micros(cpu_time() - start));
        for (section, tick) in self.receiver.sections() {
            let sent = self.sender.state(section, tick);
            assert!(sent.is_none_or(|sent| self.receiver.state(section, tick) == Some(sent)), "{section:?}");
        }
    }
}

impl Client {
    /// Sees what is around a cell.
    fn look_about(&mut self, centre: u32) {
        if self.centre == Some(centre) {
            return;
        }
        let before = self.centre.replace(centre).map_or(0, |_| self.cells);
        self.cells =
            (0..CELLS * CELLS).filter(|&cell| is_near(cell, centre)).fold(0, |all, cell| all | 1 << cell);
        for cell in 0..CELLS * CELLS {
            match (before >> cell & 1, self.cells >> cell & 1) {
                (0, 1) => self.view.show(GroupId(cell), 1),
                (1, 0) => self.view.hide(GroupId(cell)),
                _ => {}
            }
        }
    }
}

fn cell([x, y]: [i32; 2]) -> u32 {
    let cells = [x, y].map(|at| at as u32 / (SIDE as u32 / CELLS));
    cells[1] * CELLS + cells[0]
}

fn is_near(one: u32, other: u32) -> bool {
    (one % CELLS).abs_diff(other % CELLS) <= 1 && (one / CELLS).abs_diff(other / CELLS) <= 1
}
