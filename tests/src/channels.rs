//! The suite `channels`: one conformance run for every backend, at 0, 5, 20 and 30 % loss, with reordering and
//! duplication.
//!
//! Each seed draws the channels, their limits, the network and the traffic, plays it on each backend through the
//! whole transport, and keeps account of every message and receipt. `memory` and `udp` get the same conditions
//! from the same pipes, so they must also behave the same, event by event.

mod backend;
mod ledger;
mod refusals;
mod table;
mod traffic;

pub use backend::{Backend, Impaired, Lab, Real, Uncontrolled};

use crate::suite::Played;
use netcord::transport::backend::{MemorySocket, UdpSocket};
use netcord::transport::lab::Conditions;
use netcord::wire::GameRng;
use serde::Serialize;
use std::ops::AddAssign;
use traffic::Plan;

/// The losses that each seed plays at, in percent.
const LOSSES: [u32; 4] = [0, 5, 20, 30];

/// What the suite counts over all seeds.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Totals {
    /// Runs over one backend.
    pub runs: u64,
    /// Simulated time, in frames of a sixtieth of a second.
    pub frames: u64,
    /// Datagrams that were sent, both ways.
    pub datagrams: u64,
    /// Messages that were sent.
    pub messages: u64,
    /// Messages that were handed out at the other end.
    pub handed_out: u64,
    /// Receipts that ended in "delivered".
    pub delivered: u64,
    /// Receipts that ended in "lost".
    pub lost: u64,
    /// Messages that a full queue refused.
    pub refused: u64,
    /// Attempts to connect that failed, and were repeated with another invite.
    pub failed_connects: u64,
    /// Mebibytes that were sent at 5 % loss.
    pub mebibytes: u64,
    /// How long they took, in frames.
    pub mebibyte_frames: u64,
    /// The longest that one took, in frames.
    pub slowest_mebibyte: u64,
}

impl AddAssign for Totals {
    fn add_assign(&mut self, other: Self) {
        self.runs += other.runs;
        self.frames += other.frames;
        self.datagrams += other.datagrams;
        self.messages += other.messages;
        self.handed_out += other.handed_out;
        self.delivered += other.delivered;
        self.lost += other.lost;
        self.refused += other.refused;
        self.failed_connects += other.failed_connects;
        self.mebibytes += other.mebibytes;
        self.mebibyte_frames += other.mebibyte_frames;
        self.slowest_mebibyte = self.slowest_mebibyte.max(other.slowest_mebibyte);
    }
}

/// Plays one seed on all backends.
pub fn play(seed: u64) -> Played<Totals> {
    let mut played = Played::default();
    for loss in LOSSES {
        let mut rng = GameRng::new(seed ^ (u64::from(loss) << 32));
        let network = network(loss, &mut rng);
        let case = Case {
            network: &network,
            conditions: network.parse().expect("the words are in range"),
            loss,
            plan: &Plan::draw(&mut rng),
        };
        let memory = conform::<Real<MemorySocket>>(&mut played, &case);
        let udp = conform::<Real<UdpSocket>>(&mut played, &case);
        conform::<Lab>(&mut played, &case);
        if let (Some(memory), Some(udp)) = (memory, udp) {
            played.case(&network, |_| {
                if memory == udp { Ok(()) } else { Err("memory and udp behave differently".to_owned()) }
            });
        }
    }
    played
}

/// What every backend is asked to bear.
struct Case<'a> {
    network: &'a str,
    conditions: Conditions,
    loss: u32,
    plan: &'a Plan,
}

/// Plays all that is asked of a backend; returns a hash of what happened when.
fn conform<B: Backend>(played: &mut Played<Totals>, case: &Case<'_>) -> Option<u64> {
    let &Case { network, conditions, loss, plan } = case;
    let name = B::NAME;
    let trace = played.case(format_args!("{name}, {network}, {plan}"), |totals| {
        traffic::play::<B>(conditions, plan, totals)
    });
    if loss == 5 {
        played.case(format_args!("a mebibyte over {name}, {network}"), |totals| {
            traffic::mebibyte::<B>(conditions, plan.seed, totals)
        });
    }
    if loss == 0 {
        played.case(format_args!("refusals over {name}"), |_| refusals::play::<B>(plan.seed));
    }
    trace
}

/// A network with this loss, and with reordering and duplication, as the words of [`Conditions`].
fn network(loss: u32, rng: &mut GameRng) -> String {
    let mut within = |least: u32, most: u32| least + rng.below(most + 1 - least);
    let burst = if within(0, 2) == 0 { format!(",burst={}", within(2, 5)) } else { String::new() };
    let corrupt = if within(0, 3) == 0 { ",corrupt=0.5%" } else { "" };
    format!(
        "latency={}ms,jitter={}ms,tail={}%:100ms,loss={loss}%{burst},dup={}%,reorder={}%:{}ms{corrupt}",
        within(0, 150),
        within(0, 40),
        within(0, 2),
        within(1, 10),
        within(1, 10),
        within(10, 70),
    )
}
