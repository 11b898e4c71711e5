//! The pictures of Tetris: a bot plays.

use super::{Event, Game, saves};
use crate::cargo::{self, Build};
use crate::failure::Outcome;
use crate::screenshots::{LARGE, UNFOLD, screen, take};
use std::path::Path;
use std::thread;
use std::time::Duration;

/// Those who are in the table of the picture, and what decided their pieces.
const PLAYERS: [(&str, &str); 4] = [("ADA", "7"), ("GRACE", "8"), ("ALAN", "9"), ("JOAN", "10")];
/// A window as a phone has it.
const PHONE: (u32, u32) = (390, 844);

/// Takes them all.
pub(crate) fn take_all(folder: &Path) -> Outcome {
    let binary = cargo::build_binary("tetris", Build::Windowed, false)?;
    title(&binary, folder)?;
    play(&binary, folder, LARGE, "tetris-play", &[])?;
    play(&binary, folder, PHONE, "tetris-phone", &["--touch"])?;
    game_over(&binary, folder)?;
    highscores(&binary, folder)
}

fn title(binary: &Path, folder: &Path) -> Outcome {
    let (screen, saves) = (screen(LARGE)?, saves()?);
    let game = Game::start(binary, screen.display(), LARGE, saves.path(), &["--seed", "7"])?;
    game.reach("title", "none")?;
    // Until some pieces lie behind it.
    thread::sleep(5 * UNFOLD);
    take(screen.display(), folder, "tetris-title")
}

fn play(binary: &Path, folder: &Path, size: (u32, u32), name: &str, arguments: &[&str]) -> Outcome {
    let (screen, saves) = (screen(size)?, saves()?);
    let arguments = [&["--bot", "--seed", "8", "--level", "4"], arguments].concat();
    let game = Game::start(binary, screen.display(), size, saves.path(), &arguments)?;
    // By then this game has some pieces lying.
    game.scene.wait_for("some pieces", |event| matches!(event, Event::Progress { pieces: 44.., .. }))?;
    take(screen.display(), folder, name)
}

/// Pieces pile up to the left, in the middle and to the right, until there is no room.
fn game_over(binary: &Path, folder: &Path) -> Outcome {
    let (screen, saves) = (screen(LARGE)?, saves()?);
    let arguments = ["--seed", "8", "--name", "ADA"];
    let game = Game::start(binary, screen.display(), LARGE, saves.path(), &arguments)?;
    game.begin()?;
    let (mut locked, mut is_over) = (0, false);
    for way in [Some("Left"), None, Some("Right")].into_iter().cycle() {
        if let Some(way) = way {
            game.window.press(way, Duration::from_millis(400))?;
        }
        game.press("space")?;
        game.scene.wait_for("a piece to lock", |event| match event {
            Event::Progress { pieces, .. } if *pieces > locked => {
                locked = *pieces;
                true
            }
            Event::Screen { panel, .. } if panel == "result" => {
                is_over = true;
                true
            }
            _ => false,
        })?;
        if is_over {
            break;
        }
    }
    thread::sleep(UNFOLD);
    take(screen.display(), folder, "tetris-game-over")
}

/// Some sprints, the result of the last one, and the table.
fn highscores(binary: &Path, folder: &Path) -> Outcome {
    let saves = saves()?;
    for (name, seed) in PLAYERS {
        // A display of its own: Xvfb starts anew when its last window goes, and the next one may come too soon.
        let screen = screen(LARGE)?;
        let arguments = ["--bot", "--pace", "2", "--mode", "sprint", "--seed", seed, "--name", name];
        let game = Game::start(binary, screen.display(), LARGE, saves.path(), &arguments)?;
        game.reach("play", "result")?;
        // The highscore is saved half a second after it is made.
        thread::sleep(UNFOLD);
        if name == PLAYERS[PLAYERS.len() - 1].0 {
            take(screen.display(), folder, "tetris-result")?;
            game.press("Down")?;
            game.press("Return")?;
            game.reach("scores", "none")?;
            thread::sleep(UNFOLD);
            take(screen.display(), folder, "tetris-highscores")?;
        }
    }
    Ok(())
}
