//! The server of Tetris' highscores: `tetris-scores serve`; `--help` says what else. The environment's `TETRIS_VIEWER`
//! names the WebAssembly that shows replays in the page: `cargo xtask scores` builds it.

use std::process::ExitCode;

fn main() -> ExitCode {
    let viewer = std::env::var_os("TETRIS_VIEWER").map(std::path::PathBuf::from);
    let viewer = match viewer.as_ref().map(std::fs::read).transpose() {
        Ok(viewer) => viewer,
        Err(error) => {
            let path = viewer.unwrap_or_default();
            eprintln!("error: can't read TETRIS_VIEWER, {}: {error}", path.display());
            return ExitCode::FAILURE;
        }
    };
    netcord_scores::command_line::main(tetris_scores::game(viewer))
}
