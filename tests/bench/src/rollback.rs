//! `rollback`: two players at 50 ms round trip, beside ggrs.
//!
//! The same game of 1 kB, the same scripted inputs, the same wire for both: a queue that holds each datagram back for
//! 25 ms and counts it. Both run in real time at 60 ticks a second, in one thread, tick about, because ggrs' timers
//! read the machine's clock and can't be given another; a simulated clock would spare it the packets that it sends by
//! time. CPU is the time inside the calls of a peer's frame, with the game's own work, per tick; each figure is the
//! median over windows of a second.
//!
//! Both have a prediction window of 12 ticks, no input delay, and compare hashes every 10 ticks. ggrs' messages are
//! coded as its own UDP socket codes them. ggrs seals nothing: its bytes are compared as they are, and once more as
//! they would be with our sealing.

mod game;
mod ours;
mod theirs;
mod wire;

use crate::report::{Figure, Report};
use game::Script;
use ours::Ours;
use std::time::{Duration, Instant};
use theirs::Theirs;
use wire::{Clock, Traffic};

const TICK: Duration = Duration::from_nanos(16_666_667);
/// UDP and IPv4.
const HEADERS: f64 = 28.0;
/// What netcode's sealing adds to a packet of ours: its prefix, a sequence of two bytes, and the tag.
const SEALING: f64 = 1.0 + 2.0 + 16.0;

/// Two peers that play over a wire.
trait World {
    /// One frame of one of the peers, 0 or 1.
    fn frame(&mut self, peer: usize);
    /// Whether both play.
    fn is_running(&self) -> bool;
    /// Ticks that both peers have simulated, resimulation apart.
    fn ticks(&self) -> u64;
    /// The most ticks that a peer went back at once, and ticks that were simulated again, of both peers.
    fn rollbacks(&self) -> (u32, u64);
    /// What both peers have sent.
    fn traffic(&self) -> Traffic;
    /// States that differed.
    fn desyncs(&self) -> u64;
}

/// The figures of one world.
struct Figures {
    /// Per peer.
    bytes_per_second: f64,
    packets_per_second: f64,
    /// Per peer and tick.
    cpu_ns: f64,
    max_rollback: f64,
    resimulated_per_second: f64,
}

pub(crate) fn run(report: &mut Report, quick: bool) {
    let seconds = if quick { 3 } else { 20 };
    for (case, script) in [("human inputs", Script::Human), ("inputs change every tick", Script::Restless)] {
        let clock = Clock::new();
        let mut worlds: [Box<dyn World>; 3] = [
            Box::new(Ours::sealed(&clock, script)),
            Box::new(Ours::plain(&clock, script)),
            Box::new(Theirs::new(&clock, script)),
        ];
        let [sealed, plain, theirs] = measure(&mut worlds, &clock, seconds);
        let mut row = |metric, unit, ours, theirs| {
            let figure = Figure { bench: "rollback", case, metric, unit };
            report.compare(&figure, Some(ours), "ggrs", Some(theirs));
        };
        row("bytes a peer with UDP/IP, ours sealed", "B/s", sealed.bytes_per_second, theirs.bytes_per_second);
        let sealed_theirs = theirs.bytes_per_second + SEALING * theirs.packets_per_second;
        row("bytes a peer with UDP/IP, both sealed", "B/s", sealed.bytes_per_second, sealed_theirs);
        row("packets a peer", "1/s", sealed.packets_per_second, theirs.packets_per_second);
        row("CPU a tick, sealing apart", "ns", plain.cpu_ns, theirs.cpu_ns);
        row("CPU a tick, ours sealed", "ns", sealed.cpu_ns, theirs.cpu_ns);
        row("deepest rollback", "ticks", sealed.max_rollback, theirs.max_rollback);
        row("resimulation", "ticks/s", sealed.resimulated_per_second, theirs.resimulated_per_second);
    }
}

fn measure(worlds: &mut [Box<dyn World>; 3], clock: &Clock, seconds: usize) -> [Figures; 3] {
    let start = Instant::now();
    let mut frames = 0_u32;
    // One frame of every peer; the time that each world took.
    let mut frame = |worlds: &mut [Box<dyn World>; 3]| {
        frames += 1;
        if let Some(wait) = (start + TICK * frames).checked_duration_since(Instant::now()) {
            std::thread::sleep(wait);
        }
        clock.set(start.elapsed());
        let mut spent = [Duration::ZERO; 3];
        for peer in 0..2 {
            for (world, spent) in worlds.iter_mut().zip(&mut spent) {
                let before = Instant::now();
                world.frame(peer);
                *spent += before.elapsed();
            }
        }
        spent
    };
    while !worlds.iter().all(|world| world.is_running()) {
        frame(worlds);
    }
    (0..60).for_each(|_| _ = frame(worlds));

    let mut windows = [const { Vec::new() }; 3];
    for _ in 0..seconds {
        let before: [_; 3] = std::array::from_fn(|world| Sample::of(&*worlds[world]));
        let mut spent = [Duration::ZERO; 3];
        for _ in 0..60 {
            for (spent, of_frame) in spent.iter_mut().zip(frame(worlds)) {
                *spent += of_frame;
            }
        }
        for ((window, before), (world, spent)) in windows.iter_mut().zip(before).zip(worlds.iter().zip(spent))
        {
            window.push((before.until(&Sample::of(&**world)), spent));
        }
    }
    let mut figures = windows.iter().zip(worlds.iter()).map(|(windows, world)| {
        assert_eq!(world.desyncs(), 0);
        let median_of = |figure: fn(&(Sample, Duration)) -> f64| median(windows.iter().map(figure).collect());
        Figures {
            bytes_per_second: median_of(|(sample, _)| sample.bytes() / 2.0),
            packets_per_second: median_of(|(sample, _)| sample.traffic.packets as f64 / 2.0),
            cpu_ns: median_of(|(sample, spent)| spent.as_nanos() as f64 / sample.ticks as f64),
            max_rollback: f64::from(world.rollbacks().0),
            resimulated_per_second: median_of(|(sample, _)| sample.resimulated as f64 / 2.0),
        }
    });
    std::array::from_fn(|_| figures.next().expect("three worlds"))
}

/// What a world has done so far.
struct Sample {
    ticks: u64,
    resimulated: u64,
    traffic: Traffic,
}

impl Sample {
    fn of(world: &dyn World) -> Self {
        Self { ticks: world.ticks(), resimulated: world.rollbacks().1, traffic: world.traffic() }
    }

    fn until(self, later: &Self) -> Self {
        Self {
            ticks: later.ticks - self.ticks,
            resimulated: later.resimulated - self.resimulated,
            traffic: Traffic {
                packets: later.traffic.packets - self.traffic.packets,
                bytes: later.traffic.bytes - self.traffic.bytes,
            },
        }
    }

    fn bytes(&self) -> f64 {
        self.traffic.bytes as f64 + HEADERS * self.traffic.packets as f64
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
