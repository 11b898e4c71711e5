//! What a seed plays: how many, over which networks, and what goes wrong when.

use netcord::session::InputDelay;
use netcord::wire::GameRng;
use std::fmt::{self, Display};
use std::time::Duration;

/// After how much silence a connection is lost, in seconds.
pub(super) const TIMEOUT_SECONDS: u32 = 2;

/// The grid: players, loss in percent, milliseconds one way.
const PLAYERS: [u8; 5] = [3, 4, 8, 3, 5];
const LOSSES: [u32; 4] = [0, 2, 5, 10];
const LATENCIES: [u32; 5] = [5, 20, 50, 80, 120];

/// What goes wrong, in turn.
const PLOTS: [Plot; 17] = [
    Plot::Nothing,
    Plot::Leave,
    Plot::Crash,
    Plot::Rejoin,
    Plot::LateJoin,
    Plot::CutBetweenGuests,
    Plot::Split,
    Plot::HostLeaves,
    Plot::HostCrashes,
    Plot::Watch,
    Plot::ShortIsolation,
    Plot::LongIsolation,
    Plot::NoWay,
    Plot::HostLeavesThenAnother,
    Plot::LeaveAndCrash,
    Plot::ShortSplit,
    Plot::Storm,
];

#[derive(Clone, Copy, Debug)]
enum Plot {
    Nothing,
    Leave,
    Crash,
    Rejoin,
    LateJoin,
    CutBetweenGuests,
    Split,
    HostLeaves,
    HostCrashes,
    Watch,
    ShortIsolation,
    LongIsolation,
    NoWay,
    HostLeavesThenAnother,
    LeaveAndCrash,
    ShortSplit,
    Storm,
}

/// All that a seed decides.
#[derive(Clone, Debug)]
pub(super) struct Scenario {
    pub(super) seed: u64,
    pub(super) players: u8,
    /// The network's conditions, between all.
    pub(super) network: String,
    pub(super) prediction: u8,
    pub(super) delay: InputDelay,
    pub(super) drop_after: Duration,
    pub(super) hand_over_after: Duration,
    /// Who comes later, or never finds a way to each other.
    pub(super) late: Option<usize>,
    pub(super) no_way: Option<(usize, usize)>,
    /// What happens, by the time since the match began.
    pub(super) plan: Vec<(Duration, Turn)>,
}

/// Something that happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    Leave(usize),
    Crash(usize),
    Restart(usize),
    Join(usize),
    Watch,
    /// The spectator's process stands still for so long.
    HoldUp(Duration),
    /// Nothing passes between the first and the second.
    Cut(Vec<usize>, Vec<usize>),
    /// Everything passes again.
    Heal,
}

impl Scenario {
    pub(super) fn of(seed: u64) -> Self {
        let mut rng = GameRng::new(seed);
        let place = seed as usize;
        let players = PLAYERS[place % PLAYERS.len()];
        let loss = LOSSES[place / PLAYERS.len() % LOSSES.len()];
        let latency = LATENCIES[place / (PLAYERS.len() * LOSSES.len()) % LATENCIES.len()];
        // A prime number of plots: each comes to each place of the grid.
        let plot = PLOTS[place % PLOTS.len()];
        let mut scenario = Self {
            seed,
            players,
            network: network(loss, latency, &mut rng),
            prediction: 10 + rng.below(15) as u8,
            delay: delay(&mut rng),
            drop_after: within(&mut rng, 0, 4_000),
            hand_over_after: within(&mut rng, 0, 4_000),
            late: None,
            no_way: None,
            plan: Vec::new(),
        };
        let at = within(&mut rng, 1_000, 4_000);
        scenario.plot(plot, at, &mut rng);
        scenario.plan.sort_by_key(|(at, _)| *at);
        scenario
    }

    fn plot(&mut self, plot: Plot, at: Duration, rng: &mut GameRng) {
        let guests = u32::from(self.players) - 1;
        let guest = 1 + rng.below(guests) as usize;
        let other = 1 + (guest - 1 + 1 + rng.below(guests - 1) as usize) % guests as usize;
        let later = at + within(rng, 100, 6_000);
        match plot {
            Plot::Nothing => self.plan.push((at, Turn::Heal)),
            Plot::Leave => self.plan.push((at, Turn::Leave(guest))),
            Plot::Crash => self.plan.push((at, Turn::Crash(guest))),
            Plot::Rejoin => self.rejoin(guest, at, rng),
            Plot::LateJoin => {
                self.players = self.players.max(4);
                self.late = Some(usize::from(self.players) - 1);
                self.plan.push((at, Turn::Join(usize::from(self.players) - 1)));
            }
            Plot::CutBetweenGuests => {
                self.plan.push((at, Turn::Cut(vec![guest], vec![other])));
                self.plan.push((later, Turn::Heal));
            }
            Plot::Split => self.split(at, within(rng, 9_000, 20_000), rng),
            Plot::ShortSplit => self.split(at, within(rng, 100, 9_000), rng),
            Plot::HostLeaves => self.plan.push((at, Turn::Leave(0))),
            Plot::HostCrashes => self.plan.push((at, Turn::Crash(0))),
            Plot::Watch => {
                self.plan.push((within(rng, 0, 2_000), Turn::Watch));
                self.plan.push((at, Turn::Leave(guest)));
                // Short of a lost connection, or not; before or after the change.
                self.plan.push((within(rng, 2_500, 6_000), Turn::HoldUp(within(rng, 300, 5_000))));
            }
            Plot::ShortIsolation => self.isolate(guest, at, within(rng, 100, 4_000)),
            Plot::LongIsolation => self.isolate(guest, at, within(rng, 4_000, 15_000)),
            Plot::NoWay => {
                self.no_way = Some((guest, other));
                self.plan.push((at, Turn::Heal));
            }
            Plot::HostLeavesThenAnother => {
                self.plan.push((at, Turn::Leave(0)));
                if guests > 2 {
                    self.plan.push((later, Turn::Leave(1)));
                }
            }
            Plot::LeaveAndCrash => {
                if guests > 2 {
                    self.plan.push((at, Turn::Leave(guest)));
                    self.plan.push((at + within(rng, 0, 300), Turn::Crash(other)));
                } else {
                    self.plan.push((at, Turn::Leave(guest)));
                }
            }
            Plot::Storm => {
                let mut at = at;
                for _ in 0..3 {
                    match rng.below(3) {
                        0 => self.isolate(guest, at, within(rng, 100, 6_000)),
                        1 => {
                            self.plan.push((at, Turn::Cut(vec![guest], vec![other])));
                            self.plan.push((at + within(rng, 100, 6_000), Turn::Heal));
                        }
                        _ => self.split(at, within(rng, 100, 6_000), rng),
                    }
                    at += within(rng, 6_100, 12_000);
                }
            }
        }
    }

    fn rejoin(&mut self, guest: usize, at: Duration, rng: &mut GameRng) {
        self.plan.push((at, Turn::Crash(guest)));
        self.plan.push((at + within(rng, 100, 9_000), Turn::Restart(guest)));
    }

    fn isolate(&mut self, guest: usize, at: Duration, length: Duration) {
        let others = (0..self.players.into()).filter(|other| *other != guest).collect();
        self.plan.push((at, Turn::Cut(vec![guest], others)));
        self.plan.push((at + length, Turn::Heal));
    }

    fn split(&mut self, at: Duration, length: Duration, rng: &mut GameRng) {
        let mut sides = [vec![], vec![]];
        for person in 0..usize::from(self.players) {
            sides[rng.below(2) as usize].push(person);
        }
        let [these, those] = sides;
        self.plan.push((at, Turn::Cut(these, those)));
        self.plan.push((at + length, Turn::Heal));
    }
}

impl Display for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { players, network, prediction, delay, drop_after, hand_over_after, .. } = self;
        write!(f, "{players} players, {network}, prediction {prediction}, delay {delay:?}, ")?;
        write!(f, "drop after {drop_after:?}, hand over after {hand_over_after:?}")?;
        if let Some((one, other)) = self.no_way {
            write!(f, ", no way between {one} and {other}")?;
        }
        for (at, turn) in &self.plan {
            write!(f, "; at {at:?} {turn:?}")?;
        }
        Ok(())
    }
}

/// A time between two numbers of milliseconds.
fn within(rng: &mut GameRng, least: u32, most: u32) -> Duration {
    Duration::from_millis(u64::from(least + rng.below(most - least + 1)))
}

fn delay(rng: &mut GameRng) -> InputDelay {
    match rng.below(4) {
        0 => InputDelay::Auto { max: 1 + rng.below(8) as u8 },
        _ => InputDelay::Fixed(rng.below(7) as u8),
    }
}

/// Conditions in words.
fn network(loss: u32, latency: u32, rng: &mut GameRng) -> String {
    let mut words =
        format!("latency={latency}ms,jitter={}ms,loss={loss}%", rng.below(1 + (latency / 2).min(30)));
    for (one_in, word) in
        [(4, ",burst"), (2, ",dup=2%"), (2, ",reorder=5%"), (4, ",tail=2%:150ms"), (8, ",corrupt=0.5%")]
    {
        if rng.below(one_in) == 0 {
            words += word;
        }
    }
    words
}
