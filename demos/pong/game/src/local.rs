//! Pong without a network: as fast as the machine plays it.

use crate::cli::PlayOptions;
use crate::failure::Failure;
use crate::figures::{Samples, result, score};
use crate::report::Reporter;
use crate::simulation::{Keys, Match};
use netcord::session::{Runner, SessionStats, SyncTestConfig, SyncTestSession};
use netcord::transport::LinkStats;
use netcord::wire::{StateHash, Tick};
use pong_rules::{Bot, Pong, Side, Skill, TICKS_PER_SECOND};
use std::time::{Duration, Instant};

/// No match lasts longer, in ticks: two bots that never miss must not play for ever.
const MAX_TICKS: u32 = 60 * 60 * TICKS_PER_SECOND;

/// Two bots of the same skill; every tick is simulated several times over, and compared.
pub(crate) fn both_sides(options: &PlayOptions) -> Result<(), Failure> {
    let config = SyncTestConfig { seed: options.seed, schema: Pong::schema(), ..SyncTestConfig::default() };
    let mut session = SyncTestSession::new(config)?;
    let mut runner = Runner::new(Match::new(options.seed));
    play(options, options.skill, |inputs| {
        session.advance(&inputs);
        runner.run(&mut session)?;
        match session.report() {
            Some(report) => Err(Failure::SyncTest(report.to_string())),
            None => Ok(runner.state().clone()),
        }
    })
}

/// A bot in the person's place against the bot; plain rules.
pub(crate) fn against_bot(options: &PlayOptions) -> Result<(), Failure> {
    let mut state = Match::new(options.seed);
    play(options, Skill::default(), |inputs| {
        state.pong.step(inputs.map(|keys| keys.0));
        Ok(state.clone())
    })
}

/// Plays with `step` until the match or the time is over.
fn play(
    options: &PlayOptions,
    opponent: Skill,
    mut step: impl FnMut([Keys; 2]) -> Result<Match, Failure>,
) -> Result<(), Failure> {
    let started = Instant::now();
    let mut state = Match::new(options.seed);
    let mut bots = [Bot::new(options.seed, options.skill), Bot::new(options.seed.wrapping_add(1), opponent)];
    let ticks = options.seconds.map_or(MAX_TICKS, |seconds| seconds * TICKS_PER_SECOND);
    let mut played = 0;
    while played < ticks && (options.seconds.is_some() || state.pong.winner().is_none()) {
        let [left, right] = &mut bots;
        state =
            step([Keys(left.input(&state.pong, Side::Left)), Keys(right.input(&state.pong, Side::Right))])?;
        played += 1;
    }
    let stats = SessionStats {
        current_tick: Tick(played),
        confirmed_tick: Tick(played),
        confirmed_ticks: played.into(),
        state_hash: StateHash::of(&state),
        ticks_per_second: f64::from(played) / started.elapsed().as_secs_f64().max(1e-9),
        ..SessionStats::default()
    };
    let ended = if state.pong.winner().is_some() { "match" } else { "time" };
    let report = result(
        ended,
        score(&state.pong),
        &stats,
        &LinkStats::default(),
        Duration::ZERO,
        Samples::default(),
        None,
    );
    Reporter::new(options.json).tell(&report);
    Ok(())
}
