//! `cargo xtask test`: every test of the workspace, and a list of what ran and what did not.
//!
//! A part that can't run here is listed with the reason and counts as skipped. Under `CI` it counts as failed:
//! there, nothing may be missing.

mod tally;

use crate::cargo::{self, cargo};
use crate::failure::{Failure, Outcome};
use crate::terminal::table;
use crate::{doctor, page, pong, probe, tetris, torture};
use std::env;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use tally::{Line, Tally};

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Only unit and integration tests, with fewer cases for each property
    #[arg(long)]
    quick: bool,
}

/// A part of the tests.
struct Part {
    name: &'static str,
    run: fn(&Options) -> Outcome<Ran>,
    /// Whether `--quick` runs it.
    quick: bool,
}

/// What became of a part.
enum Ran {
    /// It ran. The text says what there is to know.
    Done(Tally, String),
    /// It could not run here, or was not wanted, for this reason.
    Missing(String),
}

const PARTS: &[Part] = &[
    Part { name: "unit and integration tests", run: tests, quick: true },
    Part { name: "tests of the windows", run: window_tests, quick: false },
    Part { name: "examples in the documentation", run: doctests, quick: false },
    Part { name: "wire and rules without std", run: without_std, quick: false },
    Part { name: "two processes play Pong", run: two_processes, quick: false },
    Part { name: "two windows play Pong", run: two_windows, quick: false },
    Part { name: "games killed while they save", run: killed_games, quick: false },
    Part { name: "forged highscores", run: forged_highscores, quick: false },
    Part { name: "a store of scores whose process is killed", run: killed_store, quick: false },
    Part { name: "a window of Tetris takes keys", run: tetris_window, quick: false },
    Part { name: "curl asks for scores as documented", run: curl, quick: false },
    Part { name: "schemathesis asks for scores", run: schemathesis, quick: false },
    Part { name: "the page of scores in a browser", run: page_in_browser, quick: false },
    Part { name: "licences, sources, bans", run: licences, quick: false },
];

/// What is no part of this command, and what it is a part of.
const ELSEWHERE: &[[&str; 2]] = &[
    [
        "coverage-guided fuzzing",
        "takes as long as it is given: `cargo xtask fuzz` (the corpora are played above)",
    ],
    ["known vulnerabilities", "needs a database from the network: `cargo deny check advisories`"],
    [
        "thousands of seeds in the lab",
        "take minutes: `cargo xtask lab session|channels|mesh|snapshot --seeds 1000`",
    ],
];

pub(crate) fn run(options: &Options) -> Outcome {
    let ci = env::var("CI").is_ok_and(|value| value == "true");
    let mut total = Tally::default();
    let mut rows = Vec::new();
    for part in PARTS {
        let wanted = part.quick || !options.quick;
        if wanted {
            eprintln!("\n== {}", part.name);
        }
        let ran = if wanted { (part.run)(options) } else { Ok(Ran::Missing("left out by --quick".into())) };
        let (state, tally, note) = match ran {
            Ok(Ran::Done(tally, note)) if tally.failed == 0 => ("passed", tally, note),
            Ok(Ran::Done(tally, note)) => ("FAILED", tally, note),
            Ok(Ran::Missing(why)) if ci && wanted => ("FAILED", FAILURE, format!("can't run here: {why}")),
            Ok(Ran::Missing(why)) => ("did not run", Tally { skipped: 1, ..Tally::default() }, why),
            Err(failure) => ("FAILED", FAILURE, failure.message),
        };
        total += tally;
        rows.push([state.into(), part.name.into(), counts(tally), note]);
    }
    if let Err(why) = probe::udp("[::1]:0") {
        rows.push(["note".into(), "IPv6".into(), String::new(), format!("no datagrams on ::1 here: {why}")]);
    }
    if let Err(why) = probe::multicast() {
        let note = format!("not found in earnest: no multicast on loopback here: {why}");
        rows.push(["note".into(), "games on the LAN".into(), String::new(), note]);
    }
    rows.extend(ELSEWHERE.iter().map(|[name, why]| ["not here", name, "", why].map(String::from)));
    println!("\n{}", table(&rows));
    println!("{}", counts(total));
    if total.failed == 0 { Ok(()) } else { Err(Failure::explained(None)) }
}

/// A part that failed as a whole.
const FAILURE: Tally = Tally { passed: 0, failed: 1, skipped: 0 };

/// A part that passed as a whole.
const SUCCESS: Tally = Tally { passed: 1, failed: 0, skipped: 0 };

fn counts(tally: Tally) -> String {
    format!("{} passed, {} failed, {} skipped", tally.passed, tally.failed, tally.skipped)
}

/// The crates that need Bevy's renderer. Without their windows the rest of the workspace builds in a fraction of the time.
const WINDOWED: [&str; 4] = ["pong", "tetris", "demo-ui", "squares"];

/// Features that are off by default; without those of the plugin that need Bevy's UI.
const FEATURES: &str = "bevy_netcord/lan,bevy_netcord/save,bevy_netcord/scores,netcord-scores/server";

/// What `cargo test` runs besides examples in the documentation.
const TARGETS: [&str; 4] = ["--lib", "--bins", "--tests", "--examples"];

fn tests(options: &Options) -> Outcome<Ran> {
    let mut all = cargo(&["test", "--workspace", "--no-fail-fast"]);
    all.args(["--features", FEATURES]);
    let mut headless = cargo(&["test", "--package", "pong", "--package", "tetris", "--no-fail-fast"]);
    headless.arg("--no-default-features");
    let (mut tally, mut failed) = run_tests(without_windows(&mut all).args(TARGETS), options.quick)?;
    let (more, also_failed) = run_tests(&mut headless, options.quick)?;
    tally += more;
    failed.extend(also_failed);
    done((tally, failed))
}

fn window_tests(options: &Options) -> Outcome<Ran> {
    let mut command = cargo(&["test", "--no-fail-fast"]);
    WINDOWED.iter().for_each(|package| {
        command.args(["--package", package]);
    });
    cargo::window_flags(&mut command);
    done(run_tests(&mut command, options.quick)?)
}

fn doctests(options: &Options) -> Outcome<Ran> {
    let mut command = cargo(&["test", "--workspace", "--no-fail-fast", "--doc"]);
    command.args(["--features", FEATURES]);
    done(run_tests(without_windows(&mut command), options.quick)?)
}

fn done((tally, failed): (Tally, Vec<String>)) -> Outcome<Ran> {
    Ok(Ran::Done(tally, failed.join(", ")))
}

fn without_windows(command: &mut Command) -> &mut Command {
    WINDOWED.iter().fold(command, |command, package| command.args(["--exclude", package]))
}

/// Runs `cargo test`; shows what failed tests print, counts, and names those that failed.
fn run_tests(command: &mut Command, quick: bool) -> Outcome<(Tally, Vec<String>)> {
    command.stdout(Stdio::piped());
    if quick {
        command.env("PROPTEST_CASES", "16");
    }
    let mut child = cargo::spawn(command)?;
    let mut tally = Tally::default();
    let mut failed = Vec::new();
    for line in child.stdout.take().into_iter().flat_map(|stdout| BufReader::new(stdout).lines()) {
        // A test may print what is no text; its lines after that still count.
        let line = line.unwrap_or_default();
        match Line::of(&line) {
            Line::Result(counted) => tally += counted,
            Line::Failed(test) => failed.push(test.to_owned()),
            Line::Quiet => continue,
            Line::Loud => {}
        }
        println!("{line}");
    }
    let status = child.wait().map_err(|error| Failure::new(format!("lost cargo test: {error}")))?;
    if !status.success() && tally.failed == 0 {
        // Nothing compiled, or a test took its whole process down.
        tally.failed = 1;
        failed.push("see the error above".into());
    }
    Ok((tally, failed))
}

fn without_std(_: &Options) -> Outcome<Ran> {
    let mut command =
        cargo(&["build", "--lib", "--no-default-features", "--features", "netcord-wire/derive"]);
    command.args(["netcord-wire", "pong-rules", "tetris-rules"].iter().flat_map(|name| ["--package", name]));
    let note = if probe::target(probe::BARE_TARGET) {
        command.args(["--target", probe::BARE_TARGET]);
        format!("built for {}", probe::BARE_TARGET)
    } else {
        // Still finds a use of std in our own code, not one in a dependency.
        format!("built for this machine only: {} is not installed", probe::BARE_TARGET)
    };
    cargo::run(&mut command).map_err(|_| Failure::new("does not build"))?;
    Ok(Ran::Done(SUCCESS, note))
}

fn two_processes(_: &Options) -> Outcome<Ran> {
    let conditions = "latency=40ms,jitter=10ms,loss=5%";
    let ticks = pong::check(&pong::Match { seconds: Some(5), seed: 1, lab: Some(conditions.into()) })?;
    Ok(Ran::Done(SUCCESS, format!("in step through tick {ticks}, over {conditions}")))
}

fn two_windows(_: &Options) -> Outcome<Ran> {
    if let Some(missing) = no_fingers() {
        return Ok(missing);
    }
    let ticks = pong::check_windows(&pong::Match { seconds: Some(5), seed: 1, lab: None })?;
    Ok(Ran::Done(SUCCESS, format!("real keys pressed; in step through tick {ticks}")))
}

fn killed_games(_: &Options) -> Outcome<Ran> {
    torture::check()?;
    Ok(Ran::Done(SUCCESS, "no save lost or torn; `cargo xtask torture save --kills 2000` does more".into()))
}

fn killed_store(_: &Options) -> Outcome<Ran> {
    torture::check_scores_kill()?;
    Ok(Ran::Done(
        SUCCESS,
        "none lost, none twice; `cargo xtask torture scores-kill --kills 1000` does more".into(),
    ))
}

fn forged_highscores(_: &Options) -> Outcome<Ran> {
    torture::check_scores()?;
    Ok(Ran::Done(SUCCESS, "none accepted; `cargo xtask torture scores --forgeries 10000` does more".into()))
}

fn tetris_window(_: &Options) -> Outcome<Ran> {
    match no_fingers() {
        Some(missing) => Ok(missing),
        None => Ok(Ran::Done(SUCCESS, tetris::check_window()?)),
    }
}

fn curl(options: &Options) -> Outcome<Ran> {
    let tools = [("curl", "--version"), ("openssl", "version")];
    match tools.into_iter().find(|(tool, argument)| probe::output(tool, &[argument]).is_none()) {
        Some((tool, _)) => Ok(Ran::Missing(format!("no {tool}"))),
        None => score_tools("curl", options),
    }
}

fn schemathesis(options: &Options) -> Outcome<Ran> {
    let Some(version) = doctor::schemathesis() else {
        return Ok(Ran::Missing(format!("no schemathesis: `{}`", doctor::GET_SCHEMATHESIS)));
    };
    Ok(match score_tools("schemathesis", options)? {
        Ran::Done(tally, failed) if failed.is_empty() => Ran::Done(tally, version),
        ran => ran,
    })
}

/// What another program makes of a server of scores.
fn score_tools(tool: &str, options: &Options) -> Outcome<Ran> {
    let mut command = cargo(&["test", "--package", "netcord-scores", "--features", "server"]);
    done(run_tests(command.args(["--test", "tools", tool]), options.quick)?)
}

fn page_in_browser(_: &Options) -> Outcome<Ran> {
    if let Some(missing) = page::missing() {
        return Ok(Ran::Missing(missing));
    }
    let passed = page::check(None)?;
    let note = "server, bots, Chromium, Vite; live rows, replays, restart, keys, phone";
    Ok(Ran::Done(Tally { passed, ..Tally::default() }, note.into()))
}

/// What is missing here to press keys in a window.
fn no_fingers() -> Option<Ran> {
    let tools = [("Xvfb", "-help"), ("xdotool", "--version")];
    let (missing, _) =
        tools.into_iter().find(|(tool, argument)| probe::output(tool, &[argument]).is_none())?;
    Some(Ran::Missing(format!("no {missing}: `cargo xtask doctor` says how to get it")))
}

fn licences(_: &Options) -> Outcome<Ran> {
    let Some(version) = doctor::cargo_deny() else {
        return Ok(Ran::Missing("no cargo-deny: `cargo install --locked cargo-deny`".into()));
    };
    let mut command = cargo(&["deny", "--log-level", "error", "--all-features", "--locked"]);
    cargo::run(command.args(["check", "licenses", "sources", "bans"]))
        .map_err(|_| Failure::new("see deny.toml, and the error above"))?;
    Ok(Ran::Done(SUCCESS, version))
}
