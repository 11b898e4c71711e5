//! `cargo xtask screenshots`: takes the pictures of the demos in the documents, anew, from real windows on a virtual
//! display.

use crate::cargo;
use crate::display::{Display, NO_DISPLAY, VirtualDisplay};
use crate::failure::{Failure, Outcome};
use crate::{page, pong, tetris};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Where the pictures go
    #[arg(long, default_value = "assets/screenshots", value_name = "FOLDER")]
    out: PathBuf,
    /// Of which game; without it, of all
    #[arg(long, value_name = "GAME")]
    game: Option<Game>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Game {
    Pong,
    Tetris,
    /// The page of highscores, which is no window
    Scores,
}

/// The size of a window that has a picture for itself, in pixels.
pub(crate) const LARGE: (u32, u32) = (960, 540);
/// How many colours a picture has: enough for flat art with glow.
const COLORS: u16 = 128;
/// How long a scene takes to unfold: menus slide in, letters settle.
pub(crate) const UNFOLD: Duration = Duration::from_secs(3);

pub(crate) fn run(options: &Options) -> Outcome {
    let folder = cargo::root().join(&options.out);
    fs::create_dir_all(&folder)
        .map_err(|error| Failure::new(format!("can't make the folder {}: {error}", folder.display())))?;
    let wanted = |game| options.game.is_none_or(|only| only == game);
    if wanted(Game::Pong) {
        pong::pictures::take_all(&folder)?;
    }
    if wanted(Game::Tetris) {
        tetris::pictures::take_all(&folder)?;
    }
    if wanted(Game::Scores) {
        page::check(Some(&folder))?;
    }
    Ok(())
}

/// A virtual display for pictures.
pub(crate) fn screen((width, height): (u32, u32)) -> Outcome<VirtualDisplay> {
    VirtualDisplay::start(width, height)?.ok_or_else(|| Failure::new(NO_DISPLAY))
}

/// A game in a window at a place of a display, so large.
pub(crate) fn windowed(
    binary: &Path,
    display: &Display,
    (x, y): (u32, u32),
    (width, height): (u32, u32),
) -> Command {
    let mut command = Command::new(binary);
    command.args(["--position", &format!("{x},{y}"), "--size", &format!("{width}x{height}")]);
    display.lend(&mut command);
    command
}

/// Takes a picture of a display, and says so.
pub(crate) fn take(display: &Display, folder: &Path, name: &str) -> Outcome {
    let file = folder.join(name).with_extension("png");
    display.picture(&file, COLORS)?;
    let kilobytes = fs::metadata(&file).map_or(0, |data| data.len() / 1_000);
    println!("{} ({kilobytes} kB)", file.display());
    Ok(())
}
