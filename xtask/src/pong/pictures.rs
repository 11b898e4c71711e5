//! The pictures of Pong.

use super::WINDOW;
use super::contract::Event;
use super::referee::Side;
use crate::cargo::{self, Build};
use crate::failure::Outcome;
use crate::player::{Player, Scene};
use crate::screenshots::{LARGE, UNFOLD, screen, take, windowed};
use std::path::Path;
use std::process::Command;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// An address that is nobody's (RFC 5737), for the invite code in a picture. Nobody joins by it.
const EXAMPLE_ADDRESS: &str = "203.0.113.7:7777";

/// Takes them all.
pub(crate) fn take_all(folder: &Path) -> Outcome {
    let binary = cargo::build_binary("pong", Build::Windowed, false)?;
    alone(&binary, folder, "pong-title", &[])?;
    alone(&binary, folder, "pong-host", &["host", "--private", "--advertise", EXAMPLE_ADDRESS])?;
    a_match(&binary, folder)?;
    four_walls(&binary, folder)
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
    let scene = Scene { inbox };
    let joiner = start(Side::Joiner, &["join", &invite(&scene)?], "easy")?;
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
    let scene = Scene { inbox };
    let start = |seat: u32, what: &[&str]| {
        let place = (seat % 2 * SIZE.0, seat / 2 * SIZE.1);
        let mut command = windowed(binary, screen.display(), place, SIZE);
        command.args(what).args(["--json", "--stay", "--bot"]);
        Player::start(if seat == 0 { Side::Host } else { Side::Joiner }, &mut command, &reports)
    };
    let mut players = vec![start(0, &["host", "--players", "4", "--private"])?];
    for seat in 1..4 {
        let code = invite(&scene)?;
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

/// Halts a player's process as a sleeping laptop would, or lets it go on.
fn signal(player: &Player, signal: &str) -> Outcome {
    cargo::run(Command::new("kill").args(["-s", signal, &player.pid().to_string()]))
}

/// The next invite code.
fn invite(scene: &Scene<Side>) -> Outcome<String> {
    let mut code = String::new();
    scene.wait_for("an invite", |event| match event {
        Event::Invite { code: told, .. } => {
            code.clone_from(told);
            true
        }
        _ => false,
    })?;
    Ok(code)
}
