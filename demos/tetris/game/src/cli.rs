//! What can be asked of the program.

use clap::Parser;
use std::path::PathBuf;
use tetris_rules::{Config, Mode, TICKS_PER_SECOND};

/// Tetris. Without options the window opens at the title.
#[derive(Debug, Parser)]
#[command(version)]
pub(crate) struct Cli {
    /// Play without a window; takes --bot
    #[arg(long)]
    pub(crate) headless: bool,
    /// Let a bot play; in a window, to watch
    #[arg(long)]
    pub(crate) bot: bool,
    /// Ticks from one press of the bot to the next, from 2; default 6 in a window, as a good player, and 2 without
    #[arg(long, value_name = "TICKS", value_parser = clap::value_parser!(u8).range(2..=60))]
    pub(crate) pace: Option<u8>,
    /// Play this at once: marathon, endless, sprint (40 lines) or ultra (2 minutes)
    #[arg(long, value_name = "MODE", value_parser = mode)]
    pub(crate) mode: Option<Mode>,
    /// The level that a marathon or an endless game begins at
    #[arg(long, default_value_t = 1, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=15))]
    pub(crate) level: u8,
    /// What decides which pieces come; in a window a new one for each game unless given, without one 1
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// Stop after so many seconds of play
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=43_200))]
    pub(crate) seconds: Option<u32>,
    /// Print JSON, one object a line
    #[arg(long)]
    pub(crate) json: bool,
    /// Keep settings and highscores in this folder; in a window else in the player's own
    #[arg(long, value_name = "FOLDER")]
    pub(crate) saves: Option<PathBuf>,
    /// Enter highscores under this name without asking, a bot's too
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// Take part in the world's highscores that this service keeps, such as http://localhost:8080
    #[arg(long, value_name = "URL")]
    pub(crate) scores: Option<String>,
    /// How many games that count a bot without a window plays
    #[arg(long, default_value_t = 1, value_name = "N", requires = "scores", requires = "headless")]
    pub(crate) games: u32,
    #[cfg(feature = "window")]
    #[command(flatten)]
    pub(crate) window: WindowOptions,
}

/// What concerns the window.
#[cfg(feature = "window")]
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct WindowOptions {
    #[command(flatten)]
    pub(crate) place: demo_ui::WindowPlace,
    /// Show buttons for fingers from the start, not from the first touch on
    #[arg(long)]
    pub(crate) touch: bool,
}

fn mode(text: &str) -> Result<Mode, String> {
    Mode::ALL
        .into_iter()
        .find(|mode| mode.name() == text)
        .ok_or_else(|| format!("no mode is called '{text}': it is marathon, endless, sprint or ultra"))
}

impl Cli {
    /// How a game of `mode` is played, as far as the command line says.
    pub(crate) fn config(&self, mode: Mode) -> Config {
        Config { start_level: self.level, ..Config::new(mode) }
    }

    /// The ticks after which to stop.
    pub(crate) fn ticks(&self) -> Option<u32> {
        self.seconds.map(|seconds| seconds * TICKS_PER_SECOND)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn what_is_mistyped_is_named() {
        for (arguments, named) in [("tetris --mode blitz", "blitz"), ("tetris --level 16", "15")] {
            let error = Cli::try_parse_from(arguments.split(' ')).expect_err(arguments).to_string();
            assert!(error.contains(named), "{error}");
        }
    }
}
