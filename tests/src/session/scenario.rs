//! What a seed plays: a network from the grid, the match's rules, and what goes wrong when.

use netcord::session::InputDelay;
use netcord::wire::GameRng;
use std::fmt::{self, Display};
use std::time::Duration;

/// The grid, in percent and milliseconds one way.
const LOSSES: [u32; 7] = [0, 1, 5, 10, 15, 20, 30];
const LATENCIES: [u32; 6] = [0, 20, 50, 100, 150, 250];
/// What goes wrong, in turn.
const PLOTS: [Plot; 13] = [
    Plot::Nothing,
    Plot::ShortCut,
    Plot::CutOneWay,
    Plot::CutOfThreeSeconds,
    Plot::CutAroundTheForfeit,
    Plot::CutPastTheForfeit,
    Plot::CutForGood,
    Plot::Restart,
    Plot::Sleep,
    Plot::Move,
    Plot::CutOfThreeSeconds,
    Plot::Impatience,
    Plot::Storm,
];

/// After how much silence a connection is lost, in seconds.
pub(super) const TIMEOUT_SECONDS: u32 = 2;
const TIMEOUT: Duration = Duration::from_secs(TIMEOUT_SECONDS as u64);

#[derive(Clone, Copy, Debug)]
enum Plot {
    Nothing,
    ShortCut,
    CutOneWay,
    CutOfThreeSeconds,
    CutAroundTheForfeit,
    CutPastTheForfeit,
    CutForGood,
    Restart,
    Sleep,
    Move,
    Impatience,
    Storm,
}

/// All that a seed decides.
#[derive(Clone, Debug)]
pub(super) struct Scenario {
    pub(super) seed: u64,
    /// The network's conditions, towards the guest and towards the host.
    pub(super) networks: [String; 2],
    /// Ticks that may be predicted.
    pub(super) prediction: u8,
    pub(super) delay: InputDelay,
    pub(super) forfeit_after: Duration,
    /// How long a connected player may take to come into the match.
    pub(super) start_timeout: Duration,
    /// The time between two frames of the host, the guest, and the spectator.
    pub(super) frames: [Duration; 3],
    /// When a spectator comes, if one does.
    pub(super) spectator_at: Option<Duration>,
    /// What happens, by the time since the match began.
    pub(super) plan: Vec<(Duration, Turn)>,
    pub(super) ending: Ending,
    /// Who leaves in the end.
    pub(super) leaver: usize,
}

/// Something that happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// Nothing passes between host and guest; if so told, not between host and spectator either.
    Cut { spectator_too: bool },
    /// Nothing passes from this side to the other, but all passes the other way.
    CutOneWay { from: usize },
    /// Everything passes again.
    Heal,
    /// The guest's process dies.
    Kill,
    /// It is started again, with its ticket.
    Restart,
    /// A side's process is not run for so long.
    Sleep { side: usize, length: Duration },
    /// The guest has another address from now on.
    Move,
    /// A side changes its input delay.
    Delay { side: usize, delay: InputDelay },
}

/// How the match must go on after all that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// It goes on: the absence was shorter than the match waits.
    Resume,
    /// It was lost by forfeit, and both know by whose.
    Forfeit,
    /// One or the other, but the same for both: the absence was about as long as the match waits.
    ResumeOrForfeit,
    /// It was lost by forfeit, and the two never meet again.
    ForfeitApart,
}

impl Scenario {
    pub(super) fn of(seed: u64) -> Self {
        let mut rng = GameRng::new(seed);
        let place = seed as usize;
        let (losses, latencies) = (LOSSES.len(), LATENCIES.len());
        let loss = LOSSES[place % losses];
        let latency = LATENCIES[place / losses % latencies];
        // A prime number of plots: each comes to each place of the grid.
        let plot = PLOTS[place % PLOTS.len()];
        let forth = network(loss, latency, &mut rng);
        let back = if rng.below(3) == 0 { network(loss, latency / 2, &mut rng) } else { forth.clone() };
        let frame =
            |rng: &mut GameRng| Duration::from_micros([16_667, 16_667, 6_944, 33_333][rng.below(4) as usize]);
        let mut scenario = Self {
            seed,
            networks: [forth, back],
            prediction: 8 + rng.below(23) as u8,
            delay: delay(&mut rng),
            forfeit_after: Duration::from_secs(60),
            start_timeout: Duration::from_secs(10),
            frames: [frame(&mut rng), frame(&mut rng), frame(&mut rng)],
            spectator_at: (rng.below(3) == 0).then(|| within(&mut rng, 0, 4_000)),
            plan: Vec::new(),
            ending: Ending::Resume,
            leaver: rng.below(2) as usize,
        };
        for _ in 0..rng.below(3) {
            let turn = Turn::Delay { side: rng.below(2) as usize, delay: delay(&mut rng) };
            scenario.plan.push((within(&mut rng, 0, 8_000), turn));
        }
        let at = within(&mut rng, 1_000, 4_000);
        scenario.plot(plot, at, Duration::from_millis(latency.into()), &mut rng);
        scenario.plan.sort_by_key(|(at, _)| *at);
        scenario
    }

    fn plot(&mut self, plot: Plot, at: Duration, latency: Duration, rng: &mut GameRng) {
        match plot {
            Plot::Nothing => self.plan.push((at, Turn::Heal)),
            Plot::ShortCut => {
                let length = within(rng, 50, 2_900);
                self.cut(at, length, rng);
            }
            Plot::CutOfThreeSeconds => self.cut(at, Duration::from_secs(3), rng),
            Plot::CutOneWay => {
                self.plan.push((at, Turn::CutOneWay { from: rng.below(2) as usize }));
                self.plan.push((at + within(rng, 1_000, 6_000), Turn::Heal));
            }
            Plot::CutAroundTheForfeit => {
                self.forfeit_after = within(rng, 1_000, 4_000);
                self.ending = Ending::ResumeOrForfeit;
                let length = TIMEOUT + self.forfeit_after - within(rng, 0, 1_000) + within(rng, 0, 1_000);
                self.cut(at, length, rng);
            }
            Plot::CutPastTheForfeit => {
                // Long enough that no side can hear of the other before it has waited for so long.
                self.forfeit_after = within(rng, 500, 4_000);
                self.ending = Ending::Forfeit;
                let length = TIMEOUT + self.forfeit_after + within(rng, 1_500, 6_000);
                self.cut(at, length, rng);
            }
            Plot::CutForGood => {
                self.forfeit_after = within(rng, 500, 4_000);
                self.ending = Ending::ForfeitApart;
                self.plan.push((at, Turn::Cut { spectator_too: rng.below(2) == 0 }));
            }
            Plot::Restart => self.restart(at, rng),
            Plot::Sleep => {
                let length = within(rng, 300, 10_000);
                self.plan.push((at, Turn::Sleep { side: rng.below(2) as usize, length }));
            }
            Plot::Impatience => {
                // Shorter than what a start takes where much is lost: it is tried again until it works.
                self.start_timeout = within(rng, 500, 1_500) + 4 * latency;
                self.cut(at, Duration::from_secs(3), rng);
            }
            Plot::Move => self.plan.push((at, Turn::Move)),
            Plot::Storm => {
                let mut at = at;
                for _ in 0..4 {
                    match rng.below(4) {
                        0 => {
                            let length = within(rng, 100, 3_000);
                            self.cut(at, length, rng);
                        }
                        1 => self.restart(at, rng),
                        2 => {
                            let length = within(rng, 100, 3_000);
                            self.plan.push((at, Turn::Sleep { side: rng.below(2) as usize, length }));
                        }
                        _ => self.plan.push((at, Turn::Move)),
                    }
                    // The next comes while this one is being recovered from, or after.
                    at += within(rng, 3_200, 8_000);
                }
            }
        }
    }

    fn cut(&mut self, at: Duration, length: Duration, rng: &mut GameRng) {
        self.plan.push((at, Turn::Cut { spectator_too: rng.below(2) == 0 }));
        self.plan.push((at + length, Turn::Heal));
    }

    fn restart(&mut self, at: Duration, rng: &mut GameRng) {
        self.plan.push((at, Turn::Kill));
        self.plan.push((at + within(rng, 100, 3_000), Turn::Restart));
    }
}

impl Display for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [forth, back] = &self.networks;
        write!(f, "{forth}")?;
        if back != forth {
            write!(f, " (back: {back})")?;
        }
        let Self { prediction, delay, forfeit_after, start_timeout, frames, .. } = self;
        write!(f, ", prediction {prediction}, delay {delay:?}, forfeit after {forfeit_after:?}")?;
        write!(f, ", start within {start_timeout:?}, frames {frames:?}")?;
        if let Some(at) = self.spectator_at {
            write!(f, ", a spectator at {at:?}")?;
        }
        for (at, turn) in &self.plan {
            write!(f, "; at {at:?} {turn:?}")?;
        }
        write!(f, "; must end in {:?}", self.ending)
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

/// One direction, as the words of conditions.
fn network(loss: u32, latency: u32, rng: &mut GameRng) -> String {
    let mut words =
        format!("latency={latency}ms,jitter={}ms,loss={loss}%", rng.below(1 + (latency / 2).min(50)));
    for (one_in, word) in [
        (3, ",burst"),
        (2, ",dup=2%"),
        (2, ",reorder=5%"),
        (4, ",tail=2%:150ms"),
        (8, ",corrupt=0.5%"),
        (5, ",bandwidth=256kbit,queue=16kB"),
    ] {
        if rng.below(one_in) == 0 {
            words += word;
        }
    }
    words
}
