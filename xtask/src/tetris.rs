//! `cargo xtask tetris`: Tetris in a window; where there is none, a bot's game without.

pub(crate) mod pictures;

use crate::cargo::{self, Build};
use crate::display::{Display, NO_DISPLAY, VirtualDisplay, Window};
use crate::failure::{Failure, Outcome};
use crate::player::{Player, Scene};
use crate::probe;
use crate::screenshots::windowed;
use serde::Deserialize;
use std::path::Path;
use std::process::Command;
use std::sync::mpsc;
use std::time::Duration;

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Play without a window, by a bot; so it is, too, where there is no display
    #[arg(long)]
    headless: bool,
    /// Let a bot play in the window
    #[arg(long)]
    bot: bool,
    /// Press real keys in the window, by xdotool, and say whether the game took them; without a display, on a virtual one
    #[arg(long, conflicts_with_all = ["bot", "headless", "json", "mode", "seconds"])]
    keys: bool,
    /// marathon, endless, sprint or ultra; in a window, without it, the title comes first
    #[arg(long, value_name = "MODE")]
    mode: Option<String>,
    /// What decides which pieces come
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Stop after so many seconds of play
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=43_200))]
    seconds: Option<u32>,
    /// Take part in the highscores of this service: those of `cargo xtask scores`, say
    #[arg(long, value_name = "URL")]
    scores: Option<String>,
    /// End with one JSON object on stdout, and print nothing else there; in a window, one object a line
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(options: &Options) -> Outcome {
    if options.keys {
        println!("{}", check_window()?);
        return Ok(());
    }
    let headless = options.headless || probe::display().is_none();
    if headless && !options.headless {
        eprintln!(
            "there is no display here, so there is no window: this is the headless game, played by a bot"
        );
    }
    let how = if headless { Build::Headless } else { Build::Windowed };
    let mut command = Command::new(cargo::build_binary("tetris", how, options.json)?);
    if headless {
        command.args(["--headless", "--bot"]);
    } else if options.bot {
        command.arg("--bot");
    }
    let seconds = options.seconds.map(|seconds| seconds.to_string());
    let seed = options.seed.map(|seed| seed.to_string());
    let scores = &options.scores;
    for (name, value) in
        [("--mode", &options.mode), ("--seed", &seed), ("--seconds", &seconds), ("--scores", scores)]
    {
        if let Some(value) = value {
            command.args([name, value]);
        }
    }
    if options.json {
        command.arg("--json");
    }
    cargo::run(&mut command)
}

/// A line on the stdout of a window under `--json`.
#[derive(Debug, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Event {
    /// Where the player is.
    Screen { screen: String, panel: String },
    /// Where the game is, some times a second.
    Progress { score: u32, pieces: u32, column: Option<i8> },
    /// Something that is not waited for.
    #[serde(other)]
    Other,
}

/// A window with its player, and what it tells.
struct Game {
    scene: Scene<&'static str>,
    window: Window,
    /// Killed when this is dropped.
    _player: Player,
}

impl Game {
    /// Opens one, with its saves in `saves`.
    fn start(
        binary: &Path,
        display: &Display,
        size: (u32, u32),
        saves: &Path,
        arguments: &[&str],
    ) -> Outcome<Self> {
        let mut command = windowed(binary, display, (0, 0), size);
        command.arg("--json").arg("--saves").arg(saves).args(arguments);
        let (reports, inbox) = mpsc::channel();
        let player = Player::start("game", &mut command, &reports)?;
        let window = display.window(player.pid())?;
        Ok(Self { scene: Scene { inbox }, window, _player: player })
    }

    fn press(&self, key: &str) -> Outcome {
        self.window.press(key, Duration::from_millis(60))
    }

    /// Waits until the player is on `screen`, with `panel` over it.
    fn reach(&self, screen: &str, panel: &str) -> Outcome {
        self.scene.wait_for(&format!("the screen {screen} with {panel}"), |event| {
            matches!(event, Event::Screen { screen: at, panel: over } if at == screen && over == panel)
        })
    }

    /// Goes from the title into a marathon, and returns the column of the first piece once it falls.
    fn begin(&self) -> Outcome<i8> {
        self.reach("title", "none")?;
        self.press("Return")?;
        self.reach("modes", "none")?;
        self.press("Return")?;
        self.reach("play", "none")?;
        self.column("the first piece", |_| true)
    }

    /// Waits until the piece is in a column that is `wanted`, and returns the column.
    fn column(&self, what: &str, wanted: impl Fn(i8) -> bool) -> Outcome<i8> {
        let mut found = 0;
        self.scene.wait_for(what, |event| match event {
            Event::Progress { column: Some(column), .. } if wanted(*column) => {
                found = *column;
                true
            }
            _ => false,
        })?;
        Ok(found)
    }
}

/// The size of the window that keys are pressed in, in pixels.
const WINDOW: (u32, u32) = (640, 480);

/// Builds Tetris, presses real keys in its window on a virtual display, and returns what came of them.
pub(crate) fn check_window() -> Outcome<String> {
    let display = VirtualDisplay::start(WINDOW.0, WINDOW.1)?.ok_or_else(|| Failure::new(NO_DISPLAY))?;
    let binary = cargo::build_binary("tetris", Build::Windowed, false)?;
    let saves = saves()?;
    let game = Game::start(&binary, display.display(), WINDOW, saves.path(), &["--seed", "1"])?;
    let start = game.begin()?;
    game.press("Left")?;
    let left = game.column("the piece to move left", |column| column < start)?;
    game.press("d")?;
    game.column("the piece to move right", |column| column > left)?;
    game.press("space")?;
    let mut points = 0;
    game.scene.wait_for("a hard drop to make points", |event| match event {
        Event::Progress { score, pieces: 1.., .. } if *score > 0 => {
            points = *score;
            true
        }
        _ => false,
    })?;
    game.press("Escape")?;
    game.reach("play", "pause")?;
    Ok(format!(
        "real keys pressed: a piece went left, right and down for {points} points, and the pause came"
    ))
}

/// A folder for saves that nobody misses.
fn saves() -> Outcome<tempfile::TempDir> {
    tempfile::tempdir().map_err(|error| Failure::new(format!("can't make a folder for saves: {error}")))
}
