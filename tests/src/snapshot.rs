//! The suite `snapshot`: entities in sections, over real channels and a simulated network, to clients that wander.
//!
//! Each seed draws a game, a network, budgets, an outage and a mishap. Every section that arrives is compared with what
//! the sender had at that tick, field by field; every few ticks, so is each entity that is shown, at the tick that it is
//! shown at; and when the game stands still at last, all that a client sees.

mod client;
mod game;
mod ledger;
mod scenarios;

use crate::suite::Played;
use netcord::transport::lab::Conditions;
use netcord::wire::GameRng;
use serde::Serialize;
use std::ops::AddAssign;

/// What the suite counts over all seeds: each line shows that what is tested for did happen.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Totals {
    /// Ticks that were played.
    pub ticks: u64,
    /// Messages that were sent.
    pub messages: u64,
    /// Bytes of them.
    pub bytes: u64,
    /// Sections that were encoded.
    pub encodes: u64,
    /// Ticks in which there were other sections than before: split, merged, new or gone.
    pub rearranged: u64,
    /// Sections that arrived and were compared with the sender's.
    pub compared: u64,
    /// Rows of them.
    pub rows: u64,
    /// Entities that were compared with the game, each at the tick at which it is shown.
    pub entities: u64,
    /// Entities that entered and left.
    pub entered: u64,
    /// Of those that entered before.
    pub left: u64,
    /// Datagrams that were lost.
    pub lost: u64,
    /// Datagrams that overtook another.
    pub reordered: u64,
    /// Datagrams that came twice.
    pub duplicated: u64,
    /// Messages that were given to the receiver twice.
    pub repeated: u64,
    /// Messages that brought an older state of a section than was there.
    pub late: u64,
    /// Outages.
    pub outages: u64,
    /// Of them, those longer than the sender's history.
    pub long_outages: u64,
    /// Ticks in which the budget was used up.
    pub full_ticks: u64,
    /// Messages that could not be read.
    pub unread: u64,
    /// Receivers that were made anew in the midst of a game.
    pub renewed: u64,
    /// Messages that were forgotten after they had been acknowledged.
    pub forgotten: u64,
    /// Messages that were garbled after they had been acknowledged.
    pub garbled: u64,
    /// Sections, or views, that started over after feedback.
    pub started_over: u64,
    /// Bytes of feedback.
    pub feedback_bytes: u64,
    /// Ticks at a tenth of the budget that the view would use.
    pub starved_ticks: u64,
    /// The stalest that any entity was in them, in ticks, without losses.
    pub stalest: u64,
    /// The same, of entities that crossed from cell to cell twice meanwhile, where that was more than a second.
    pub stalest_of_crossing: u64,
    /// The same, where every twentieth message is lost.
    pub stalest_with_losses: u64,
    /// How many ages those are the most of.
    pub ages: u64,
    /// And how many of them are more than a second.
    pub old_ages: u64,
    /// Joins of 10,000 entities.
    pub joins: u64,
    /// The ticks that the slowest of them took.
    pub slowest_join: u64,
    /// Ticks of joins in which a part of it came.
    pub join_chunks: u64,
}

impl AddAssign for Totals {
    fn add_assign(&mut self, other: Self) {
        self.ticks += other.ticks;
        self.messages += other.messages;
        self.bytes += other.bytes;
        self.encodes += other.encodes;
        self.rearranged += other.rearranged;
        self.compared += other.compared;
        self.rows += other.rows;
        self.entities += other.entities;
        self.entered += other.entered;
        self.left += other.left;
        self.lost += other.lost;
        self.reordered += other.reordered;
        self.duplicated += other.duplicated;
        self.repeated += other.repeated;
        self.late += other.late;
        self.outages += other.outages;
        self.long_outages += other.long_outages;
        self.full_ticks += other.full_ticks;
        self.unread += other.unread;
        self.renewed += other.renewed;
        self.forgotten += other.forgotten;
        self.garbled += other.garbled;
        self.started_over += other.started_over;
        self.feedback_bytes += other.feedback_bytes;
        self.starved_ticks += other.starved_ticks;
        self.stalest = self.stalest.max(other.stalest);
        self.stalest_of_crossing = self.stalest_of_crossing.max(other.stalest_of_crossing);
        self.stalest_with_losses = self.stalest_with_losses.max(other.stalest_with_losses);
        self.ages += other.ages;
        self.old_ages += other.old_ages;
        self.joins += other.joins;
        self.slowest_join = self.slowest_join.max(other.slowest_join);
        self.join_chunks += other.join_chunks;
    }
}

/// Plays one seed.
pub fn play(seed: u64) -> Played<Totals> {
    let mut played = Played::default();
    let mut rng = GameRng::new(seed);
    let network = network(&mut rng);
    let rough = conditions(&network);
    played.case(format_args!("wandering, {network}"), |totals| scenarios::wander(seed, rough, totals));
    let mishap = scenarios::Mishap::of(seed);
    played
        .case(format_args!("{mishap:?}, {network}"), |totals| scenarios::suffer(seed, mishap, rough, totals));
    let (quiet, lossy) = ("latency=50ms,jitter=5ms", "latency=50ms,jitter=5ms,loss=5%");
    if seed.is_multiple_of(4) {
        let has_losses = seed.is_multiple_of(8);
        let network = if has_losses { lossy } else { quiet };
        played.case(format_args!("a tenth of the bandwidth, {network}"), |totals| {
            scenarios::starve(seed, conditions(network), has_losses, totals)
        });
    }
    if seed % 20 == 1 {
        played
            .case(format_args!("a join, {lossy}"), |totals| scenarios::join(seed, conditions(lossy), totals));
    }
    played
}

fn conditions(words: &str) -> Conditions {
    words.parse().expect("the words are in range")
}

/// A network, as the words of [`Conditions`].
fn network(rng: &mut GameRng) -> String {
    let mut within = |least: u32, most: u32| least + rng.below(most + 1 - least);
    let burst = if within(0, 2) == 0 { format!(",burst={}", within(2, 5)) } else { String::new() };
    format!(
        "latency={}ms,jitter={}ms,tail={}%:100ms,loss={}%{burst},dup={}%,reorder={}%:{}ms",
        within(0, 150),
        within(0, 40),
        within(0, 2),
        [0, 2, 5, 20][within(0, 3) as usize],
        within(0, 5),
        within(0, 10),
        within(10, 70),
    )
}
