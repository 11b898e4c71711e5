//! `cargo xtask pong`: a match on this machine: two windows, or two processes without, an invite code, real UDP, and a
//! verdict.

mod contract;
pub(crate) mod pictures;
mod referee;
mod typist;
mod verdict;
mod view;

use crate::cargo::{self, Build};
use crate::display::{Display, NO_DISPLAY, VirtualDisplay};
use crate::failure::{Failure, Outcome};
use crate::player::Player;
use crate::probe;
use crate::terminal::StatusLine;
use contract::MatchResult;
use referee::{Referee, Side, Step};
use std::path::Path;
use std::process::Command;
use std::sync::mpsc;
use std::time::{Duration, Instant};
use typist::Typist;
use verdict::Verdict;

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Play without windows, bot against bot; so it is, too, where there is no display
    #[arg(long)]
    headless: bool,
    /// Let a bot play in the left window as well
    #[arg(long)]
    bots: bool,
    /// Press real keys in both windows, by xdotool, and let no bot play; without a display, on a virtual one
    #[arg(long, conflicts_with_all = ["bots", "headless"])]
    keys: bool,
    /// End with one JSON object on stdout, and print nothing else there
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    game: Match,
}

/// The match that is played.
#[derive(Clone, clap::Args)]
pub(crate) struct Match {
    /// How long to play, in seconds; default 20, but in windows without --json: until they are closed
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=86_400))]
    pub(crate) seconds: Option<u32>,
    /// What the match and the bots follow from
    #[arg(long, default_value_t = 1, value_name = "N")]
    pub(crate) seed: u64,
    /// What happens to datagrams on the way, e.g. "latency=100ms,jitter=20ms,loss=5%,burst,dup=1%,reorder=2%"
    #[arg(long, value_name = "CONDITIONS")]
    pub(crate) lab: Option<String>,
}

/// How the two sides of a match are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Show {
    /// Not at all: bots play.
    Nothing,
    /// In two windows, side by side, with these before them.
    Windows([Hands; 2]),
}

/// Who plays in a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hands {
    /// Whoever sits before it.
    Person,
    Bot,
    /// [`Typist`]: real keys, pressed by a program.
    Keys,
}

/// How long a player may say nothing at all.
const SILENCE: Duration = Duration::from_secs(30);
/// How long a match lasts, in seconds, if nobody says.
const SECONDS: u32 = 20;

pub(crate) fn run(options: &Options) -> Outcome {
    let mut game = options.game.clone();
    let hands = match options {
        Options { keys: true, .. } => [Hands::Keys; 2],
        Options { bots: true, .. } => [Hands::Bot; 2],
        _ => [Hands::Person, Hands::Bot],
    };
    let mut own_display = None;
    let show = match probe::display() {
        _ if options.headless => Show::Nothing,
        Some(_) => Show::Windows(hands),
        None if options.keys => {
            own_display = Some(virtual_display()?.ok_or_else(|| Failure::new(NO_DISPLAY))?);
            Show::Windows(hands)
        }
        None => {
            eprintln!(
                "there is no display here, so there are no windows: this is the headless match, bot against bot"
            );
            Show::Nothing
        }
    };
    if !matches!(show, Show::Windows([Hands::Person, _])) || options.json {
        game.seconds.get_or_insert(SECONDS);
    }
    let binary = cargo::build_binary("pong", show.build(), options.json)?;
    if let Show::Windows(hands) = show {
        let [left, right] = hands.map(Hands::describe);
        eprintln!(
            "two windows, joined by an invite code: the left one hosts ({left}), the right one joins ({right})"
        );
    }
    let display = own_display.as_ref().map(|own| own.display().clone()).unwrap_or_default();
    let Some(results) = play(&binary, show, &game, &display)? else {
        eprintln!("the windows were closed before a match was over");
        return Ok(());
    };
    let verdict = verdict(&results, show, &game);
    if options.json {
        let summary = serde_json::to_string(&verdict.summary)
            .map_err(|error| Failure::new(format!("can't write the summary as JSON: {error}")))?;
        println!("{summary}");
    } else {
        print!("{}", view::report(&game, &results, &verdict));
    }
    verdict.complaint.map_or(Ok(()), |complaint| Err(Failure::new(complaint)))
}

/// Builds Pong, plays a headless match, and says what is wrong with it, if anything is. Returns the ticks in step.
pub(crate) fn check(game: &Match) -> Outcome<u64> {
    judge(&cargo::build_binary("pong", Build::Headless, false)?, Show::Nothing, game, &Display::default())
}

/// The same in two windows on a virtual display, with real keys.
pub(crate) fn check_windows(game: &Match) -> Outcome<u64> {
    let display = virtual_display()?.ok_or_else(|| Failure::new(NO_DISPLAY))?;
    let binary = cargo::build_binary("pong", Build::Windowed, false)?;
    judge(&binary, Show::Windows([Hands::Keys; 2]), game, display.display())
}

/// Room for two windows; `None` where Xvfb is not installed.
fn virtual_display() -> Outcome<Option<VirtualDisplay>> {
    VirtualDisplay::start(2 * WINDOW.0, WINDOW.1)
}

fn judge(binary: &Path, show: Show, game: &Match, display: &Display) -> Outcome<u64> {
    let results = play(binary, show, game, display)?;
    let results = results.ok_or_else(|| Failure::new("the match ended without results"))?;
    let verdict = verdict(&results, show, game);
    verdict.complaint.map_or(Ok(verdict.compared_through), |complaint| Err(Failure::new(complaint)))
}

fn verdict(results: &[MatchResult; 2], show: Show, game: &Match) -> Verdict {
    let mut verdict = Verdict::of(game.seed, [&results[0], &results[1]]);
    if show == Show::Windows([Hands::Keys; 2])
        && let Some(idle) = results.iter().position(|result| result.peer.input_changes == 0)
    {
        let side = [Side::Host, Side::Joiner][idle];
        verdict.complaint.get_or_insert(format!("keys were pressed, but the {side} saw none of them"));
    }
    verdict
}

impl Hands {
    fn describe(self) -> &'static str {
        match self {
            Self::Person => "yours: W and S, or the arrows",
            Self::Bot => "a bot plays",
            Self::Keys => "keys are pressed",
        }
    }
}

/// The size of a window, in pixels: two fit side by side on most screens.
const WINDOW: (u32, u32) = (640, 480);

impl Show {
    fn build(self) -> Build {
        match self {
            Self::Nothing => Build::Headless,
            Self::Windows(_) => Build::Windowed,
        }
    }

    /// What a side's process is told about it.
    fn tell(self, command: &mut Command, side: Side, game: &Match) {
        match self {
            Self::Nothing => {
                command.args(["--headless", "--bot"]);
            }
            Self::Windows(hands) => {
                if hands[side as usize] == Hands::Bot {
                    command.arg("--bot");
                }
                if game.seconds.is_none() {
                    command.arg("--stay");
                }
                let left = if side == Side::Host { 0 } else { WINDOW.0 };
                command.args(["--position", &format!("{left},0")]);
                command.args(["--size", &format!("{}x{}", WINDOW.0, WINDOW.1)]);
            }
        }
    }
}

/// Plays a match between two processes of `binary`; `None` when people closed their windows before it was over.
fn play(binary: &Path, show: Show, game: &Match, display: &Display) -> Outcome<Option<[MatchResult; 2]>> {
    let player = |side: Side, what: &[&str]| {
        let mut command = Command::new(binary);
        command.args(what).arg("--json");
        let seed = game.seed.wrapping_add(side as u64);
        command.args(["--seed", &seed.to_string()]);
        if let Some(seconds) = game.seconds {
            command.args(["--seconds", &seconds.to_string()]);
        }
        show.tell(&mut command, side, game);
        display.lend(&mut command);
        command
    };
    let mut host = player(Side::Host, &["host"]);
    if show != Show::Nothing {
        // Nobody on the network is meant to join.
        host.arg("--private");
    }
    if let Some(conditions) = &game.lab {
        host.args(["--lab", conditions]);
    }
    // A match that pauses lasts longer than it plays; twice as long, and it is stuck.
    let limit = game.seconds.map(|seconds| Duration::from_secs(60) + 2 * Duration::from_secs(seconds.into()));
    let mut typist = None;
    let joined = |players| {
        if show == Show::Windows([Hands::Keys; 2]) {
            typist = Some(Typist::start(display, players, game.seed));
        }
    };
    let results = referee_match(&mut host, limit, |code| player(Side::Joiner, &["join", code]), joined)?;
    typist.map(Typist::stop).transpose()?;
    Ok(results)
}

/// Starts the host, starts the joiner with the host's code, and listens to both until they end. `joined` is told the
/// numbers of their processes.
fn referee_match(
    host: &mut Command,
    limit: Option<Duration>,
    join: impl Fn(&str) -> Command,
    mut joined: impl FnMut([u32; 2]),
) -> Outcome<Option<[MatchResult; 2]>> {
    let (reports, inbox) = mpsc::channel();
    let mut players = [Some(Player::start(Side::Host, host, &reports)?), None];
    let mut referee = if limit.is_some() { Referee::default() } else { Referee::of_people() };
    let mut line = StatusLine::new();
    let deadline = limit.map(|limit| (limit, Instant::now() + limit));
    loop {
        line.show(&referee.view());
        let (side, report) = match deadline {
            // People may take as long as they like. The players' threads keep the channel open.
            None => inbox.recv().map_err(|_| Failure::new("both players are gone"))?,
            Some((limit, deadline)) => {
                let patience = SILENCE.min(deadline.saturating_duration_since(Instant::now()));
                inbox.recv_timeout(patience).map_err(|_| {
                    Failure::new(if patience == SILENCE {
                        format!("neither player has said anything for {} s", SILENCE.as_secs())
                    } else {
                        format!("the match was given up after {} s; it should long be over", limit.as_secs())
                    })
                })?
            }
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
                let joiner = Player::start(Side::Joiner, &mut join(&code), &reports)?;
                if let Some(host) = &players[Side::Host as usize] {
                    joined([host.pid(), joiner.pid()]);
                }
                players[Side::Joiner as usize] = Some(joiner);
            }
            Step::Over => break,
        }
    }
    match referee.results() {
        None if limit.is_some() => Err(Failure::new("the match is over, but a result is missing")),
        results => Ok(results),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    const INVITE: &str = r#"echo '{"event":"invite","code":"AB-CD","role":"player"}';"#;
    const RESULT: &str = r#"echo '{"event":"result","ended":"time","score":[0,0],"peer":{"state_hash":"0",
        "confirmed_ticks":60,"desyncs":0,"lost_inputs":0,"input_changes":0,"rollbacks":0,"max_rollback":0,"resimulated_ticks":0,
        "bytes_sent_per_second":0,"rtt_ms":0,"ticks_per_second":60,"longest_gap_ms":17},"chain":[[60,"aa"]]}' | tr -d '\n'; echo;"#;
    /// Longer than any test may take: a player that runs this must be killed.
    const FOR_EVER: &str = "exec sleep 100000";

    fn shell(scripts: &[&str]) -> Command {
        let mut shell = Command::new("sh");
        shell.arg("-c").arg(scripts.concat());
        shell
    }

    fn play(host: &[&str], joiner: &[&str], limit: Option<Duration>) -> Outcome<Option<[MatchResult; 2]>> {
        let join = |code: &str| {
            assert_eq!(code, "AB-CD");
            shell(joiner)
        };
        referee_match(&mut shell(host), limit, join, |[host, joiner]| assert_ne!(host, joiner))
    }

    const MINUTE: Option<Duration> = Some(Duration::from_secs(60));

    #[test]
    fn two_players_that_end_give_two_results() {
        let results = play(&[INVITE, RESULT], &[RESULT], MINUTE).expect("both end");
        let [host, joiner] = results.expect("both told a result");
        assert!(Verdict::of(1, [&host, &joiner]).summary.equal);
    }

    #[test]
    fn windows_that_people_close_before_the_end_are_no_failure() {
        assert!(play(&[INVITE], &[], None).expect("both end").is_none());
        assert!(play(&[INVITE], &[], MINUTE).is_err(), "with a time to play, a result is due");
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
        let failed = play(&[FOR_EVER], &[], Some(Duration::ZERO)).expect_err("nobody ends");
        assert!(failed.message.starts_with("the match was given up"), "{}", failed.message);
    }

    #[test]
    fn a_program_that_is_not_there_is_named() {
        let missing = referee_match(&mut Command::new("/no/such/pong"), MINUTE, |_| shell(&[]), |_| {});
        assert!(missing.expect_err("no such program").message.starts_with("can't start /no/such/pong: "));
    }
}
