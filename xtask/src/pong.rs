//! `cargo xtask pong`: a whole match on this machine: two processes, an invite code, real UDP, and a verdict.

mod contract;
mod player;
mod referee;
mod verdict;
mod view;

use crate::cargo;
use crate::failure::{Failure, Outcome};
use crate::terminal::StatusLine;
use contract::MatchResult;
use player::Player;
use referee::{Referee, Side, Step};
use std::path::Path;
use std::process::Command;
use std::sync::mpsc;
use std::time::{Duration, Instant};
use verdict::Verdict;

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Play without a window, bot against bot (there is no window yet, so it is always so)
    #[arg(long)]
    headless: bool,
    /// End with one JSON object on stdout, and print nothing else there
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    game: Match,
}

/// The match that is played.
#[derive(Clone, clap::Args)]
pub(crate) struct Match {
    /// How long to play, in seconds
    #[arg(long, default_value_t = 20, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=86_400))]
    pub(crate) seconds: u32,
    /// What the match and the bots follow from
    #[arg(long, default_value_t = 1, value_name = "N")]
    pub(crate) seed: u64,
    /// What happens to datagrams on the way, e.g. "latency=100ms,jitter=20ms,loss=5%,burst,dup=1%,reorder=2%"
    #[arg(long, value_name = "CONDITIONS")]
    pub(crate) lab: Option<String>,
}

/// How long a player may say nothing at all.
const SILENCE: Duration = Duration::from_secs(30);

pub(crate) fn run(options: &Options) -> Outcome {
    if !options.headless {
        eprintln!("there is no window yet: this is the headless match, bot against bot");
    }
    let binary = cargo::build_binary("pong", options.json)?;
    let results = play(&binary, &options.game)?;
    let verdict = Verdict::of(options.game.seed, [&results[0], &results[1]]);
    if options.json {
        let summary = serde_json::to_string(&verdict.summary)
            .map_err(|error| Failure::new(format!("can't write the summary as JSON: {error}")))?;
        println!("{summary}");
    } else {
        print!("{}", view::report(&options.game, &results, &verdict));
    }
    verdict.complaint.map_or(Ok(()), |complaint| Err(Failure::new(complaint)))
}

/// Builds Pong, plays a match, and says what is wrong with it, if anything is. Returns the ticks in step.
pub(crate) fn check(game: &Match) -> Outcome<u64> {
    let results = play(&cargo::build_binary("pong", false)?, game)?;
    let verdict = Verdict::of(game.seed, [&results[0], &results[1]]);
    verdict.complaint.map_or(Ok(verdict.compared_through), |complaint| Err(Failure::new(complaint)))
}

/// Plays a match between two processes of `binary`.
fn play(binary: &Path, game: &Match) -> Outcome<[MatchResult; 2]> {
    let mut host = Command::new(binary);
    host.arg("host");
    if let Some(conditions) = &game.lab {
        host.args(["--lab", conditions]);
    }
    let common = |command: &mut Command, seed: u64| {
        command.args(["--headless", "--bot", "--json", "--seed", &seed.to_string()]);
        command.args(["--seconds", &game.seconds.to_string()]);
    };
    common(&mut host, game.seed);
    // A match that pauses lasts longer than it plays; twice as long, and it is stuck.
    let limit = Duration::from_secs(60) + 2 * Duration::from_secs(game.seconds.into());
    referee_match(&mut host, limit, |code| {
        let mut joiner = Command::new(binary);
        joiner.args(["join", code]);
        common(&mut joiner, game.seed.wrapping_add(1));
        joiner
    })
}

/// Starts the host, starts the joiner with the host's code, and listens to both until they end.
fn referee_match(
    host: &mut Command,
    limit: Duration,
    join: impl Fn(&str) -> Command,
) -> Outcome<[MatchResult; 2]> {
    let (reports, inbox) = mpsc::channel();
    let mut players = [Some(Player::start(Side::Host, host, &reports)?), None];
    let mut referee = Referee::default();
    let mut line = StatusLine::new();
    let deadline = Instant::now() + limit;
    loop {
        line.show(&referee.view());
        let patience = SILENCE.min(deadline.saturating_duration_since(Instant::now()));
        let Ok((side, report)) = inbox.recv_timeout(patience) else {
            return Err(Failure::new(if patience == SILENCE {
                format!("neither player has said anything for {} s", SILENCE.as_secs())
            } else {
                format!("the match was given up after {} s; it should long be over", limit.as_secs())
            }));
        };
        let heard = match report {
            Some(heard) => heard,
            None => match players[side as usize].as_mut().and_then(Player::stream_ended) {
                Some(gone) => gone,
                None => continue,
            },
        };
        match referee.hear(side, heard)? {
            Step::Listen => {}
            Step::Join(code) => {
                players[Side::Joiner as usize] =
                    Some(Player::start(Side::Joiner, &mut join(&code), &reports)?);
            }
            Step::Over => break,
        }
    }
    referee.results().ok_or_else(|| Failure::new("the match is over, but a result is missing"))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    const INVITE: &str = r#"echo '{"event":"invite","code":"AB-CD","role":"player"}';"#;
    const RESULT: &str = r#"echo '{"event":"result","ended":"time","score":[0,0],"peer":{"state_hash":"0",
        "confirmed_ticks":60,"desyncs":0,"lost_inputs":0,"rollbacks":0,"max_rollback":0,"resimulated_ticks":0,
        "bytes_sent_per_second":0,"rtt_ms":0,"ticks_per_second":60,"longest_gap_ms":17},"chain":[[60,"aa"]]}' | tr -d '\n'; echo;"#;
    /// Longer than any test may take: a player that runs this must be killed.
    const FOR_EVER: &str = "exec sleep 100000";

    fn shell(scripts: &[&str]) -> Command {
        let mut shell = Command::new("sh");
        shell.arg("-c").arg(scripts.concat());
        shell
    }

    fn play(host: &[&str], joiner: &[&str], limit: Duration) -> Outcome<[MatchResult; 2]> {
        referee_match(&mut shell(host), limit, |code| {
            assert_eq!(code, "AB-CD");
            shell(joiner)
        })
    }

    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn two_players_that_end_give_two_results() {
        let [host, joiner] = play(&[INVITE, RESULT], &[RESULT], MINUTE).expect("both end");
        assert!(Verdict::of(1, [&host, &joiner]).summary.equal);
    }

    #[test]
    fn when_one_player_fails_the_other_is_killed() {
        let failed = play(&[INVITE, FOR_EVER], &["echo 'error: no such invite' >&2; exit 1"], MINUTE);
        assert_eq!(
            failed.expect_err("the joiner failed").message,
            "the joiner ended with exit code 1: no such invite"
        );
        let failed = play(&[INVITE, "read line; kill -9 $$"], &[FOR_EVER], MINUTE);
        assert_eq!(failed.expect_err("the host is gone").message, "the host was killed");
    }

    #[test]
    fn a_match_that_never_ends_is_given_up() {
        let failed = play(&[FOR_EVER], &[], Duration::ZERO).expect_err("nobody ends");
        assert!(failed.message.starts_with("the match was given up"), "{}", failed.message);
    }

    #[test]
    fn a_program_that_is_not_there_is_named() {
        let missing = referee_match(&mut Command::new("/no/such/pong"), MINUTE, |_| shell(&[]));
        assert!(missing.expect_err("no such program").message.starts_with("can't start /no/such/pong: "));
    }
}
