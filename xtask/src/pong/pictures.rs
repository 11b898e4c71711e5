//! `cargo xtask screenshots`: takes the pictures of Pong in the documents, anew, from real windows on a virtual display.

use super::contract::Event;
use super::player::{Player, Report};
use super::referee::{Heard, Side};
use super::{NO_DISPLAY, WINDOW};
use crate::cargo::{self, Build};
use crate::display::{Display, VirtualDisplay};
use crate::failure::{Failure, Outcome};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Where the pictures go
    #[arg(long, default_value = "assets/screenshots", value_name = "FOLDER")]
    out: PathBuf,
}

/// The size of a window that has a picture for itself, in pixels.
const LARGE: (u32, u32) = (960, 540);
/// How many colours a picture has: enough for flat art with glow.
const COLORS: u16 = 128;
/// How long a scene takes to unfold: menus slide in, letters settle.
const UNFOLD: Duration = Duration::from_secs(3);
/// How long a match may take to come to what is waited for.
const PATIENCE: Duration = Duration::from_secs(180);
/// An address that is nobody's (RFC 5737), for the invite code in a picture. Nobody joins by it.
const EXAMPLE_ADDRESS: &str = "203.0.113.7:7777";

pub(crate) fn run(options: &Options) -> Outcome {
    let binary = cargo::build_binary("pong", Build::Windowed, false)?;
    let folder = cargo::root().join(&options.out);
    fs::create_dir_all(&folder)
        .map_err(|error| Failure::new(format!("can't make the folder {}: {error}", folder.display())))?;
    alone(&binary, &folder, "pong-title", &[])?;
    alone(&binary, &folder, "pong-host", &["host", "--private", "--advertise", EXAMPLE_ADDRESS])?;
    a_match(&binary, &folder)?;
    four_walls(&binary, &folder)
}

/// A picture of one window.
fn alone(binary: &Path, folder: &Path, name: &str, arguments: &[&str]) -> Outcome {
    let screen = screen(LARGE)?;
    let (reports, _inbox) = mpsc::channel();
    let mut command = windowed(binary, screen.display(), (0, 0), LARGE);
    let player = Player::start(Side::Host, command.args(arguments), &reports)?;
    screen.display().window(player.pid())?;
    thread::sleep(UNFOLD);
    take(screen.display(), folder, name)
}

/// Pictures of two windows that play with each other: bots, one much better than the other.
fn a_match(binary: &Path, folder: &Path) -> Outcome {
    let screen = screen((2 * WINDOW.0, WINDOW.1))?;
    let display = screen.display();
    let (reports, inbox) = mpsc::channel();
    let start = |side: Side, what: &[&str], skill: &str| {
        let place = if side == Side::Host { 0 } else { WINDOW.0 };
        let mut command = windowed(binary, display, (place, 0), WINDOW);
        command.args(what).args(["--json", "--stay", "--bot", "--skill", skill]);
        Player::start(side, &mut command, &reports)
    };
    let host = start(Side::Host, &["host", "--private"], "expert")?;
    let mut scene = Scene { inbox };
    let joiner = start(Side::Joiner, &["join", &scene.invite()?], "easy")?;
    // Both players show how the match runs.
    for player in [&host, &joiner] {
        display.window(player.pid())?.press("F3", Duration::from_millis(50))?;
    }
    scene.wait_for("a rally", |event| in_phase(event, "rally"))?;
    thread::sleep(UNFOLD);
    take(display, folder, "pong-overlay")?;
    for player in [&host, &joiner] {
        display.window(player.pid())?.press("F3", Duration::from_millis(50))?;
    }
    signal(&joiner, "STOP")?;
    scene.wait_for("the host to miss the joiner", |event| matches!(event, Event::Paused))?;
    thread::sleep(UNFOLD);
    take(display, folder, "pong-reconnecting")?;
    signal(&joiner, "CONT")?;
    scene.wait_for("the end", |event| in_phase(event, "over"))?;
    thread::sleep(UNFOLD);
    take(display, folder, "pong-result")
}

/// A picture of four windows, in a match of four bots.
fn four_walls(binary: &Path, folder: &Path) -> Outcome {
    const SIZE: (u32, u32) = (480, 360);
    let screen = screen((2 * SIZE.0, 2 * SIZE.1))?;
    let (reports, inbox) = mpsc::channel();
    let mut scene = Scene { inbox };
    let start = |seat: u32, what: &[&str]| {
        let place = (seat % 2 * SIZE.0, seat / 2 * SIZE.1);
        let mut command = windowed(binary, screen.display(), place, SIZE);
        command.args(what).args(["--json", "--stay", "--bot"]);
        Player::start(if seat == 0 { Side::Host } else { Side::Joiner }, &mut command, &reports)
    };
    let mut players = vec![start(0, &["host", "--players", "4", "--private"])?];
    for seat in 1..4 {
        let code = scene.invite()?;
        players.push(start(seat, &["join", &code])?);
    }
    scene.wait_for("a rally", |event| in_phase(event, "rally"))?;
    // Four windows take their time without a graphics card.
    thread::sleep(3 * UNFOLD);
    take(screen.display(), folder, "pong-four-walls")
}

fn in_phase(event: &Event, phase: &str) -> bool {
    matches!(event, Event::Progress(progress) if progress.phase == phase)
}

fn screen((width, height): (u32, u32)) -> Outcome<VirtualDisplay> {
    VirtualDisplay::start(width, height)?.ok_or_else(|| Failure::new(NO_DISPLAY))
}

fn windowed(binary: &Path, display: &Display, (x, y): (u32, u32), (width, height): (u32, u32)) -> Command {
    let mut command = Command::new(binary);
    command.args(["--position", &format!("{x},{y}"), "--size", &format!("{width}x{height}")]);
    display.lend(&mut command);
    command
}

fn take(display: &Display, folder: &Path, name: &str) -> Outcome {
    let file = folder.join(name).with_extension("png");
    display.picture(&file, COLORS)?;
    let kilobytes = fs::metadata(&file).map_or(0, |data| data.len() / 1_000);
    println!("{} ({kilobytes} kB)", file.display());
    Ok(())
}

/// Halts a player's process as a sleeping laptop would, or lets it go on.
fn signal(player: &Player, signal: &str) -> Outcome {
    cargo::run(Command::new("kill").args(["-s", signal, &player.pid().to_string()]))
}

/// What the players tell while their pictures are taken.
struct Scene {
    inbox: Receiver<Report>,
}

impl Scene {
    /// The next invite code.
    fn invite(&mut self) -> Outcome<String> {
        let mut code = String::new();
        self.wait_for("an invite", |event| match event {
            Event::Invite { code: told, .. } => {
                code.clone_from(told);
                true
            }
            _ => false,
        })?;
        Ok(code)
    }

    /// Returns when a player told an event that is `wanted`.
    fn wait_for(&mut self, what: &str, mut wanted: impl FnMut(&Event) -> bool) -> Outcome {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.inbox.recv_timeout(left) {
                Ok((_, Some(Heard::Line(line)))) => {
                    if serde_json::from_str(&line).is_ok_and(|event| wanted(&event)) {
                        return Ok(());
                    }
                }
                Ok((side, None)) => {
                    return Err(Failure::new(format!("the {side} ended while {what} was waited for")));
                }
                Ok(_) => {}
                Err(_) => {
                    return Err(Failure::new(format!("{what} was waited for, {} s", PATIENCE.as_secs())));
                }
            }
        }
    }
}
