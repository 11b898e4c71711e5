//! Channels: wire bytes, latency, CPU and bulk, over the same simulated links for all.
//!
//! The scene: both ends send ten reliable, ordered and ten unreliable messages of 64 bytes a tick, 60 ticks a
//! second; 50 ms one way. Bytes on the wire count UDP and IPv4 headers. Peers run with their defaults, with
//! their limits raised where the scene would break them.

mod peers;

use crate::report::{Figure, Report};
use chacha20poly1305::aead::{AeadInOut, KeyInit};
use chacha20poly1305::{ChaCha20Poly1305, Nonce};
use netcord_wire::GameRng;
use peers::{Ends, Laminar, Netcord, Renet, Renet2};
use std::collections::VecDeque;
use std::time::Duration;

const BENCH: &str = "channels";
const MESSAGES: usize = 10;
const LENGTH: usize = 64;
/// UDP and IPv4.
const HEADERS: usize = 28;
const LATENCY_TICKS: u64 = 3;

/// Runs all cases.
pub(crate) fn run(report: &mut Report, quick: bool) {
    let scale = if quick { 10 } else { 1 };
    for loss in [0, 5, 20] {
        scene(report, loss, 6_000 / scale);
    }
    for loss in [0, 5] {
        bulk(report, loss, if quick { 3 } else { 31 });
    }
    cpu(report, if quick { 3 } else { 31 });
}

fn moment(tick: u64) -> Duration {
    Duration::from_nanos(tick * 1_000_000_000 / 60)
}

/// A link with a fixed latency, in ticks, and random loss; what goes over it is counted.
struct Link {
    rng: GameRng,
    loss: u32,
    flying: VecDeque<(u64, Vec<u8>)>,
    bytes: usize,
}

impl Link {
    fn new(loss: u32, seed: u64) -> Self {
        Self { rng: GameRng::new(seed), loss, flying: VecDeque::new(), bytes: 0 }
    }

    fn send(&mut self, tick: u64, datagram: &[u8]) {
        self.bytes += datagram.len() + HEADERS;
        if self.rng.below(100) >= self.loss {
            self.flying.push_back((tick + LATENCY_TICKS, datagram.to_vec()));
        }
    }

    fn arrived(&mut self, tick: u64) -> Option<Vec<u8>> {
        self.flying.pop_front_if(|(at, _)| *at <= tick).map(|(_, datagram)| datagram)
    }
}

/// What a run of the scene shows.
struct Outcome {
    /// Bytes on the wire per message, beyond the message.
    overhead: f64,
    p50: f64,
    p99: f64,
}

/// A figure's name, its unit, and where it is in an outcome.
type Metric = (&'static str, &'static str, fn(&Outcome) -> f64);

/// Runs the scene and measures what was sent in the first `ticks`; then it goes on for ten seconds, so that
/// what was lost may still come. `None` when reliable messages are missing or out of order.
fn play(mut ends: impl Ends, loss: u32, ticks: u64) -> Option<Outcome> {
    let mut links = [Link::new(loss, 1), Link::new(loss, 2)];
    let mut latencies = Vec::new();
    let mut next = [0_u64; 2];
    let mut broken = false;
    let measured = ticks * MESSAGES as u64;
    let mut bytes = 0_usize;
    for tick in 0..ticks + 600 {
        let now = moment(tick);
        for end in 0..2 {
            while let Some(datagram) = links[1 - end].arrived(tick) {
                ends.receive(end, now, &datagram);
            }
            ends.drain(end, |reliable, payload| {
                if reliable {
                    let number = u64::from_le_bytes(payload[..8].try_into().expect("eight bytes"));
                    broken |= number != next[end];
                    next[end] += 1;
                    if number < measured {
                        latencies.push(tick - number / MESSAGES as u64);
                    }
                }
            });
            for message in 0..2 * MESSAGES {
                let mut payload = [7; LENGTH];
                let number = tick * MESSAGES as u64 + message as u64 / 2;
                payload[..8].copy_from_slice(&number.to_le_bytes());
                ends.send(end, message % 2 == 0, &payload);
            }
            ends.flush(end, now, |datagram| links[end].send(tick, datagram));
        }
        if tick < ticks {
            bytes = links.iter().map(|link| link.bytes).sum();
        }
    }
    if broken || next.into_iter().any(|next| next < measured) {
        return None;
    }
    latencies.sort_unstable();
    let quantile = |share: f64| latencies[(latencies.len() as f64 * share) as usize] as f64;
    let messages = ticks as f64 * 4.0 * MESSAGES as f64;
    Some(Outcome {
        overhead: bytes as f64 / messages - LENGTH as f64,
        p50: quantile(0.5),
        p99: quantile(0.99),
    })
}

fn scene(report: &mut Report, loss: u32, ticks: u64) {
    let theirs = [
        ("renet", play(Renet::new(), loss, ticks)),
        ("renet2", play(Renet2::new(), loss, ticks)),
        ("laminar", play(Laminar::new(), loss, ticks)),
    ];
    let metrics: [Metric; 3] = [
        ("wire overhead per message", "B", |outcome| outcome.overhead),
        ("reliable latency p50", "ticks", |outcome| outcome.p50),
        ("reliable latency p99", "ticks", |outcome| outcome.p99),
    ];
    for repetition in 1..=if loss == 0 { 1 } else { 3 } {
        let ours = play(Netcord::new(repetition), loss, ticks);
        let mut case = format!("{loss} % loss");
        let mut metrics = metrics.as_slice();
        if repetition > 1 {
            case += &format!(", repetition {repetition}");
            // Peers have no such option: its price stands alone.
            metrics = &metrics[1..];
            let overhead = ours.as_ref().map_or(f64::NAN, |ours| ours.overhead);
            report.note(format!("{case}: {overhead:.1} B of wire overhead per message"));
        }
        for &(metric, unit, value) in metrics {
            let figure = Figure { bench: BENCH, case: &case, metric, unit };
            for (peer, theirs) in &theirs {
                report.compare(&figure, ours.as_ref().map(value), peer, theirs.as_ref().map(value));
            }
        }
    }
}

/// Ticks until a message of 1 MB is there; `None` when it takes over ten seconds.
fn transfer(mut ends: impl Ends, loss: u32, seed: u64) -> Option<f64> {
    let mut links = [Link::new(loss, 2 * seed), Link::new(loss, 2 * seed + 1)];
    let payload: Vec<u8> = (0..1_000_000_u32).map(|byte| byte as u8).collect();
    ends.send(0, true, &payload);
    for tick in 0..600 {
        let mut arrived = false;
        for end in 0..2 {
            while let Some(datagram) = links[1 - end].arrived(tick) {
                ends.receive(end, moment(tick), &datagram);
            }
            ends.drain(end, |_, message| arrived |= message == payload);
            ends.flush(end, moment(tick), |datagram| links[end].send(tick, datagram));
        }
        if arrived {
            return Some(tick as f64);
        }
    }
    None
}

fn bulk(report: &mut Report, loss: u32, seeds: u64) {
    let typical = |run: &dyn Fn(u64) -> Option<f64>| (0..seeds).map(run).collect::<Option<_>>().map(median);
    let ours = typical(&|seed| transfer(Netcord::new(1), loss, seed));
    let theirs = [
        ("renet", typical(&|seed| transfer(Renet::new(), loss, seed))),
        ("renet2", typical(&|seed| transfer(Renet2::new(), loss, seed))),
        ("laminar", typical(&|seed| transfer(Laminar::new(), loss, seed))),
    ];
    let case = format!("1 MB reliable, {loss} % loss");
    let figure = Figure { bench: BENCH, case: &case, metric: "time", unit: "ticks" };
    for (peer, theirs) in theirs {
        report.compare(&figure, ours, peer, theirs);
    }
}

/// Seals datagrams as netcode does: a byte of prefix, three of sequence, 16 of tag.
struct Seal {
    cipher: ChaCha20Poly1305,
    sequence: u64,
}

impl Seal {
    fn new() -> Self {
        Self { cipher: ChaCha20Poly1305::new(&[9; 32].into()), sequence: 0 }
    }

    /// Seals a datagram and opens it again at the other end.
    fn pass(&mut self, datagram: &[u8], buffer: &mut Vec<u8>) {
        self.sequence += 1;
        let mut nonce = Nonce::default();
        nonce[4..].copy_from_slice(&self.sequence.to_le_bytes());
        let associated = [1; 22];
        buffer.clear();
        buffer.extend_from_slice(datagram);
        let sealed = self.cipher.encrypt_inout_detached(&nonce, &associated, buffer.as_mut_slice().into());
        let tag = sealed.expect("a datagram is short enough");
        let opened =
            self.cipher.decrypt_inout_detached(&nonce, &associated, buffer.as_mut_slice().into(), &tag);
        opened.expect("the tag fits");
    }
}

/// Two ends that talk over memory, measured in slices.
struct Talk<E> {
    ends: E,
    tick: u64,
    seal: Option<Seal>,
    /// Datagrams on their way, one after the other, and where each ends.
    bytes: Vec<u8>,
    cuts: Vec<usize>,
    buffer: Vec<u8>,
}

impl<E: Ends> Talk<E> {
    fn new(ends: E, sealed: bool) -> Self {
        let seal = sealed.then(Seal::new);
        Self { ends, tick: 0, seal, bytes: Vec::new(), cuts: Vec::new(), buffer: Vec::new() }
    }

    /// CPU nanoseconds per message over some ticks.
    fn measure(&mut self, ticks: u64) -> f64 {
        let payload = [7; LENGTH];
        let before = cpu_time();
        let mut seen = 0;
        for _ in 0..ticks {
            self.tick += 1;
            let now = moment(self.tick);
            for end in 0..2 {
                for message in 0..2 * MESSAGES {
                    self.ends.send(end, message % 2 == 0, &payload);
                }
                self.ends.flush(end, now, |datagram| {
                    self.bytes.extend_from_slice(datagram);
                    self.cuts.push(self.bytes.len());
                });
                let mut start = 0;
                for &cut in &self.cuts {
                    let mut datagram = &self.bytes[start..cut];
                    start = cut;
                    if let Some(seal) = &mut self.seal {
                        seal.pass(datagram, &mut self.buffer);
                        datagram = &self.buffer;
                    }
                    self.ends.receive(1 - end, now, datagram);
                }
                self.bytes.clear();
                self.cuts.clear();
                self.ends.drain(1 - end, |_, payload| seen += payload.len() / LENGTH);
            }
        }
        let took = cpu_time() - before;
        assert_eq!(seen as u64, ticks * 4 * MESSAGES as u64, "nothing is lost in memory");
        took.as_nanos() as f64 / seen as f64
    }
}

/// The thread's CPU time; where the system doesn't tell it, the time of day.
pub(crate) fn cpu_time() -> Duration {
    #[cfg(unix)]
    {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
        Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
    }
    #[cfg(not(unix))]
    {
        static EPOCH: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
        EPOCH.get_or_init(std::time::Instant::now).elapsed()
    }
}

fn cpu(report: &mut Report, repetitions: usize) {
    for sealed in [false, true] {
        let mut netcord = Talk::new(Netcord::new(1), sealed);
        let mut renet = Talk::new(Renet::new(), sealed);
        let mut renet2 = Talk::new(Renet2::new(), sealed);
        let mut laminar = Talk::new(Laminar::new(), sealed);
        let mut figures: [Vec<f64>; 4] = Default::default();
        for repetition in 0..=repetitions {
            let slices =
                [netcord.measure(4_000), renet.measure(2_000), renet2.measure(2_000), laminar.measure(500)];
            // The first slice warms up.
            if repetition > 0 {
                figures.iter_mut().zip(slices).for_each(|(figures, slice)| figures.push(slice));
            }
        }
        let [ours, renet, renet2, laminar] = figures.map(median);
        let case = if sealed { "memory, with AEAD" } else { "memory" };
        for (peer, theirs) in [("renet", renet), ("renet2", renet2), ("laminar", laminar)] {
            let metric = "CPU per message, both ends";
            let figure = Figure { bench: BENCH, case, metric, unit: "ns" };
            report.compare(&figure, Some(ours), peer, Some(theirs));
        }
    }
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
