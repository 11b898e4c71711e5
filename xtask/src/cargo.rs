//! Runs cargo in this workspace.

use crate::failure::{Failure, Outcome};
use crate::probe;
use serde::Deserialize;
use std::env;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

/// The workspace's folder.
pub(crate) fn root() -> PathBuf {
    let xtask = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    let mut root = PathBuf::from(xtask);
    root.pop();
    root
}

/// A cargo command in the workspace, with no stdin: no command of ours asks questions.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments).current_dir(root()).stdin(Stdio::null());
    command
}

/// Starts `command`; says which program could not be started if it can't.
pub(crate) fn spawn(command: &mut Command) -> Outcome<Child> {
    command.spawn().map_err(|error| {
        Failure::new(format!("can't start {}: {error}", command.get_program().to_string_lossy()))
    })
}

/// Runs `command` to its end with our stdout and stderr. It has said what was wrong when it fails.
pub(crate) fn run(command: &mut Command) -> Outcome {
    let status = spawn(command)?.wait().map_err(|error| {
        Failure::new(format!("lost {}: {error}", command.get_program().to_string_lossy()))
    })?;
    if status.success() { Ok(()) } else { Err(Failure::explained(status.code())) }
}

/// Runs the workspace's binary that `target` selects, and tells cargo to be quiet where the output is for a
/// program: `arguments` holds `--json`.
pub(crate) fn run_binary(target: &[&str], name: &str, arguments: &[String]) -> Outcome {
    let mut run = cargo(&["run"]);
    run.args(target);
    if arguments.iter().any(|argument| argument == "--json") {
        run.arg("--quiet");
    }
    eprintln!("building {name} (optimised; the first build takes a few minutes)");
    self::run(run.args(["--", name]).args(arguments))
}

/// How a game is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Build {
    /// Without its window: quick to build, and optimised.
    Headless,
    /// With its window, in the dev profile, which is made for a short first build.
    Windowed,
    /// In the dev profile, of which the tests have most, with these arguments.
    Dev(&'static [&'static str]),
}

/// Builds the binary of `package` and returns where it is.
pub(crate) fn build_binary(package: &str, how: Build, quiet: bool) -> Outcome<PathBuf> {
    /// The part of cargo's build messages that names binaries.
    #[derive(Deserialize)]
    struct Message {
        executable: Option<PathBuf>,
    }

    let mut build = cargo(&["build", "--package", package, "--bins"]);
    match how {
        Build::Headless => {
            eprintln!(
                "building {package} without its window (release; the first build takes a minute or two)"
            );
            build.args(["--release", "--no-default-features"]);
        }
        Build::Windowed => {
            eprintln!(
                "building {package} with its window (the first build takes some minutes: Bevy is large)"
            );
            window_flags(&mut build);
        }
        Build::Dev(arguments) => _ = build.args(arguments),
    }
    build.arg("--message-format=json-render-diagnostics").stdout(Stdio::piped());
    if quiet {
        build.arg("--quiet");
    }
    let mut child = spawn(&mut build)?;
    let mut executable = None;
    for line in child.stdout.take().into_iter().flat_map(|stdout| BufReader::new(stdout).lines()) {
        let message = line.ok().and_then(|line| serde_json::from_str::<Message>(&line).ok());
        executable = message.and_then(|message| message.executable).or(executable);
    }
    let status = child.wait().map_err(|error| Failure::new(format!("lost cargo build: {error}")))?;
    if !status.success() {
        return Err(Failure::explained(status.code()));
    }
    executable.ok_or_else(|| Failure::new(format!("cargo built {package}, but named no binary of it")))
}

/// Adds what a build of Bevy's renderer needs here.
pub(crate) fn window_flags(build: &mut Command) {
    // Its manifests ask for a newer compiler than its code does.
    if !probe::compiler_is_at_least(RENDERER_RUST) {
        build.arg("--ignore-rust-version");
    }
    if probe::alsa() {
        build.args(["--features", "sound"]);
    }
}

/// The Rust version that Bevy's renderer says it needs.
const RENDERER_RUST: &str = "1.97.1";
