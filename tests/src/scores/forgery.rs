//! Forgeries: a service that is handed in honest runs of Tetris, and with each a forged one.
//!
//! Each honest run has to be accepted, whatever was forged before with its ticket; each forgery has to be refused for its own
//! reason. What is left in the end has to be the honest runs, and they alone. It all follows from the seed: what is
//! called time is simulated, and only the CPU is measured.

mod bodies;
mod honest;
mod kinds;
mod replays;
mod signatures;
mod stage;
mod tickets;
mod world;

use kinds::{AN_HOUR, KINDS, Kind, When};
use netcord::wire::GameRng;
use netcord::wire::serde::Serialize;
use netcord_scores::api::{Code, History, Players, Submission, Submitted};
use netcord_scores::identity::PlayerKey;
use netcord_scores::model::BoardId;
use stage::{Played, Stage};
use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;
use tetris_rules::{Mode, Replay};
use tetris_scores::board_id;
use world::World;

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(crate = "netcord::wire::serde")]
pub struct Totals {
    /// Forgeries that were handed in.
    pub forgeries: u64,
    /// Those of them that were accepted.
    pub accepted: u64,
    /// Honest runs that were accepted.
    pub honest: u64,
    /// Honest runs that were refused.
    pub honest_refused: u64,
    /// Forgeries that were refused, by reason.
    pub refused: BTreeMap<String, u64>,
    /// Those of them that were refused for a reason which is another kind's.
    pub wrong_reason: u64,
    /// Attempts that turned out to be the honest run, in other words: a key pressed that does nothing. They are no
    /// forgeries, and were not handed in.
    pub without_effect: u64,
    /// What is wrong of what the service has in the end.
    pub misrecorded: u64,
    /// Honest runs that a core verifies and records in a second.
    pub runs_per_second_per_core: f64,
    /// Ticks of them.
    pub ticks_per_second_per_core: f64,
    /// Milliseconds of CPU that half of the forgeries took no more than.
    pub forgery_median_ms: f64,
    /// Milliseconds of CPU that the costliest forgery took.
    pub forgery_worst_ms: f64,
    /// Which kind that was.
    pub forgery_worst: String,
    /// Ticks that were played of the forgery of which most were.
    pub forgery_most_ticks: u64,
    /// The first faults, in words.
    #[serde(skip)]
    pub faults: Vec<String>,
    #[serde(skip)]
    costs: Vec<(Duration, &'static str)>,
    /// Honest runs whose CPU was measured.
    #[serde(skip)]
    measured: u64,
    #[serde(skip)]
    honest_cpu: Duration,
    #[serde(skip)]
    honest_ticks: u64,
}

impl Totals {
    /// Whether the honest were believed and the forgers not.
    pub fn is_clean(&self) -> bool {
        let wrong = [self.accepted, self.honest_refused, self.wrong_reason, self.misrecorded];
        wrong == [0; 4] && self.faults.is_empty()
    }

    fn fault(&mut self, fault: impl FnOnce() -> String) {
        if self.faults.len() < 20 {
            self.faults.push(fault());
        }
    }

    fn add(&mut self, other: Self) {
        self.forgeries += other.forgeries;
        self.accepted += other.accepted;
        self.honest += other.honest;
        self.honest_refused += other.honest_refused;
        self.wrong_reason += other.wrong_reason;
        self.without_effect += other.without_effect;
        self.misrecorded += other.misrecorded;
        self.measured += other.measured;
        self.honest_cpu += other.honest_cpu;
        self.honest_ticks += other.honest_ticks;
        self.forgery_most_ticks = self.forgery_most_ticks.max(other.forgery_most_ticks);
        self.faults.extend(other.faults);
        self.costs.extend(other.costs);
        for (reason, count) in other.refused {
            *self.refused.entry(reason).or_default() += count;
        }
    }

    fn measure(&mut self) {
        let cpu = self.honest_cpu.as_secs_f64().max(1e-9);
        self.runs_per_second_per_core = self.measured as f64 / cpu;
        self.ticks_per_second_per_core = self.honest_ticks as f64 / cpu;
        self.costs.sort_unstable();
        let millis = |cost: Option<&(Duration, _)>| cost.map_or(0.0, |(cost, _)| cost.as_secs_f64() * 1e3);
        self.forgery_median_ms = millis(self.costs.get(self.costs.len() / 2));
        self.forgery_worst_ms = millis(self.costs.last());
        self.forgery_worst = self.costs.last().map_or("", |(_, kind)| kind).to_owned();
    }
}

impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { forgeries, accepted, honest, honest_refused, wrong_reason, misrecorded, .. } = self;
        writeln!(f, "{honest} honest runs accepted, {honest_refused} refused")?;
        writeln!(f, "{forgeries} forgeries, {accepted} accepted, {wrong_reason} refused for a wrong reason")?;
        for (reason, count) in &self.refused {
            writeln!(f, "{count:>8} {reason}")?;
        }
        writeln!(f, "{misrecorded} scores recorded otherwise than handed in")?;
        let (runs, ticks) = (self.runs_per_second_per_core, self.ticks_per_second_per_core);
        writeln!(f, "{runs:.0} runs of {ticks:.0} ticks a second and core")?;
        let (median, worst, kind) = (self.forgery_median_ms, self.forgery_worst_ms, &self.forgery_worst);
        write!(f, "a forgery takes {median:.2} ms of CPU; the worst {worst:.2} ms ({kind})")
    }
}

/// Hands in as many honest runs as forgeries, in `services` threads with a service each.
pub fn torture(forgeries: u64, seed: u64, services: u64) -> Totals {
    let mut totals = Totals::default();
    std::thread::scope(|scope| {
        let attacks: Vec<_> = (0..services)
            .map(|service| {
                let share = forgeries / services + u64::from(service < forgeries % services);
                scope.spawn(move || attack(share, seed.wrapping_mul(1_000).wrapping_add(service)))
            })
            .collect();
        for attack in attacks {
            totals.add(attack.join().expect("a service doesn't panic"));
        }
    });
    totals.measure();
    totals
}

/// Attacks one service.
fn attack(forgeries: u64, seed: u64) -> Totals {
    let mut attack = Attack {
        world: World::new(seed, 40),
        totals: Totals::default(),
        recorded: Vec::new(),
        earlier: BTreeMap::new(),
    };
    for mode in Mode::ALL {
        attack.round(mode, None);
    }
    for round in 0..forgeries {
        let kind = match round {
            0 => &AN_HOUR,
            _ => &KINDS[round as usize % KINDS.len()],
        };
        // One pass through the kinds after the other, each on another board.
        let mode = Mode::ALL[(round as usize / KINDS.len() + 1) % Mode::ALL.len()];
        attack.round(mode, Some(kind));
    }
    attack.audit();
    attack.totals
}

struct Attack {
    world: World,
    totals: Totals,
    /// What the service has to have in the end.
    recorded: Vec<(PlayerKey, Played)>,
    /// The last run of each board that was accepted.
    earlier: BTreeMap<BoardId, Played>,
}

impl Attack {
    /// A player fetches a ticket, plays and hands in the run; a forger tries something at one of these moments.
    fn round(&mut self, mode: Mode, kind: Option<&Kind>) {
        let at = self.world.rng.below(self.world.players.len() as u32) as usize;
        let player = self.world.players[at].clone();
        self.world.wait(Duration::from_secs(5));
        let ticket = self.world.tickets(&player, mode, 1).remove(0);
        let replay = honest::play(mode, ticket.seed, &mut GameRng::new(ticket.seed));
        let run = Played::new(ticket, replay);
        let played_at = self.world.now.after(world::duration(run.claim.ticks));
        let forge = |attack: &mut Self, when, accepted| {
            if let Some(kind) = kind.filter(|kind| kind.when == when) {
                attack.forge(kind, &player, mode, &run, accepted);
            }
        };
        forge(self, When::Early, None);
        let hitch = Duration::from_millis(self.world.rng.below(2_000).into());
        self.world.now = self.world.now.max(played_at.after(hitch));
        forge(self, When::Played, None);
        let request = self.world.submission(&player, &board_id(mode), &run.submission());
        self.hand_in(&player, &run, &request);
        forge(self, When::Accepted, Some(request));
        self.earlier.insert(board_id(mode), run);
    }

    /// Hands in an honest run.
    fn hand_in(&mut self, player: &PlayerKey, run: &Played, request: &http::Request<Vec<u8>>) {
        let handed_in = self.world.send::<Submitted>(request);
        self.totals.measured += 1;
        self.totals.honest_cpu += handed_in.cpu;
        self.totals.honest_ticks += handed_in.ticks;
        match handed_in.answer {
            Ok(Submitted { entry, repeated: false, .. })
                if (entry.points, entry.ticks) == (run.claim.points, run.claim.ticks) =>
            {
                self.totals.honest += 1;
                self.recorded.push((player.clone(), run.clone()));
            }
            other => {
                self.totals.honest_refused += 1;
                self.totals.fault(|| format!("an honest run of {}: {other:?}", run.ticket.board));
            }
        }
    }

    fn forge(
        &mut self,
        kind: &Kind,
        player: &PlayerKey,
        mode: Mode,
        run: &Played,
        accepted: Option<http::Request<Vec<u8>>>,
    ) {
        // The first runs of all have none before them, and nobody forges them.
        let Some(earlier) = self.earlier.get(&run.ticket.board).cloned() else { return };
        for _ in 0..1_000 {
            let mut stage = Stage {
                world: &mut self.world,
                player: player.clone(),
                mode,
                run: run.clone(),
                accepted: accepted.clone(),
                earlier: &earlier,
                honest: Vec::new(),
            };
            let request = (kind.forge)(&mut stage);
            let honest = stage.honest;
            self.totals.honest += honest.len() as u64;
            self.recorded.extend(honest);
            if kind.changes_inputs && is_the_run(&request, run) {
                self.totals.without_effect += 1;
                continue;
            }
            return self.judge(kind, &request, run);
        }
        self.totals.fault(|| format!("{}: no forgery in a thousand attempts", kind.name));
    }

    /// Hands in a forgery.
    fn judge(&mut self, kind: &Kind, request: &http::Request<Vec<u8>>, run: &Played) {
        let judged = self.world.send::<serde_json::Value>(request);
        let totals = &mut self.totals;
        totals.forgeries += 1;
        totals.costs.push((judged.cpu, kind.name));
        totals.forgery_most_ticks = totals.forgery_most_ticks.max(judged.ticks);
        match judged.answer {
            Ok(answer) => {
                totals.accepted += 1;
                totals.fault(|| format!("{} on {}: accepted: {answer}", kind.name, run.ticket.board));
            }
            Err(code) => {
                *totals.refused.entry(reason(code)).or_default() += 1;
                if !kind.codes.contains(&code) {
                    totals.wrong_reason += 1;
                    totals.fault(|| format!("{} on {}: refused as {code:?}", kind.name, run.ticket.board));
                }
            }
        }
        // Whoever lets the service play for a minute has waited for a minute.
        let waited = self.world.now.since(run.ticket.issued) + Duration::from_secs(1);
        let least = world::duration(u32::try_from(judged.ticks).unwrap_or(u32::MAX)) * 98 / 100;
        if least > waited {
            totals.fault(|| format!("{}: {} ticks were played after {waited:?}", kind.name, judged.ticks));
        }
    }

    /// Compares what the service has with what it has to have.
    fn audit(&mut self) {
        let mut expected: BTreeMap<_, _> = self
            .recorded
            .iter()
            .map(|(player, run)| ((run.ticket.board.clone(), player.id(), run.ticket.id), run.claim))
            .collect();
        let mut players: Vec<_> = self.recorded.iter().map(|(player, _)| player.id()).collect();
        players.extend(self.world.players.iter().chain([&self.world.banned]).map(PlayerKey::id));
        players.sort_unstable();
        players.dedup();
        for player in players {
            for board in Mode::ALL.map(board_id) {
                let path = format!("/v1/boards/{board}/players/{player}/scores");
                let mut before = String::new();
                loop {
                    self.world.wait(Duration::from_secs(1));
                    let history: History = self.world.get(&format!("{path}?{before}"));
                    for score in history.scores {
                        let claim = expected.remove(&(board.clone(), player, score.ticket));
                        let recorded = (score.points, score.ticks, score.state_hash);
                        if claim.map(|claim| (claim.points, claim.ticks, claim.state_hash)) != Some(recorded)
                        {
                            self.totals.misrecorded += 1;
                            self.totals.fault(|| format!("recorded: {score:?}"));
                        }
                    }
                    let Some(next) = history.next else { break };
                    before = format!("before={next}");
                }
            }
        }
        self.totals.misrecorded += expected.len() as u64;
        for lost in expected.into_keys() {
            self.totals.fault(|| format!("not recorded: {lost:?}"));
        }
        let renamed: Players = self.world.get("/v1/players?name=Mallory");
        if !renamed.players.is_empty() {
            self.totals.fault(|| "a player was renamed by another".into());
        }
    }
}

/// Whether a submission comes to what the run does, claim and all. It is played by the rules alone, not by what is tested.
fn is_the_run(request: &http::Request<Vec<u8>>, run: &Played) -> bool {
    let submission: Submission = serde_json::from_slice(request.body()).expect("only the replay is forged");
    let Ok(replay) = Replay::from_bytes(&submission.replay) else { return false };
    let game = replay.play();
    submission.claim == run.claim
        && replay.seed() == run.replay.seed()
        && replay.ticks() == game.ticks()
        && game == run.replay.play()
}

/// A reason as programs read it.
fn reason(code: Code) -> String {
    serde_json::to_value(code).ok().and_then(|code| code.as_str().map(str::to_owned)).unwrap_or_default()
}
