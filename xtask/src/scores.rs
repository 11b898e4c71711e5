//! `cargo xtask scores`: a server of Tetris' highscores, with its page.

use crate::cargo::{self, cargo};
use crate::failure::{Failure, Outcome};
use crate::{probe, viewer};
use std::path::PathBuf;

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Where to listen; `0.0.0.0:7780` serves the local network
    #[arg(long, default_value = "127.0.0.1:7780", value_name = "ADDRESS")]
    listen: String,
    /// The file that scores are kept in; by default `target/scores/tetris.redb`
    #[arg(long, value_name = "FILE")]
    store: Option<PathBuf>,
    /// What else `tetris-scores serve` takes: `-- --moderator PLAYER`
    #[arg(last = true, value_name = "ARGUMENTS")]
    arguments: Vec<String>,
}

pub(crate) fn run(options: &Options) -> Outcome {
    let store = match &options.store {
        Some(store) => std::path::absolute(store),
        None => {
            let folder = cargo::root().join("target/scores");
            std::fs::create_dir_all(&folder).map(|()| folder.join("tetris.redb"))
        }
    };
    let store = store.map_err(|error| Failure::new(format!("no place for the scores: {error}")))?;
    eprintln!("building tetris-scores (optimised; the first build takes a few minutes)");
    let mut serve = cargo(&["run", "--quiet", "--release", "--package", "tetris-scores", "--", "serve"]);
    match viewer::build()? {
        Some(viewer) => _ = serve.env("TETRIS_VIEWER", viewer),
        None => eprintln!(
            "the page will show no replays: this compiler makes no WebAssembly (rustup target add {})",
            probe::WEB_TARGET
        ),
    }
    eprintln!("scores are kept in {}; the page is at the address that follows", store.display());
    serve.args(["--listen", &options.listen, "--store"]).arg(store).args(&options.arguments);
    cargo::run(&mut serve)
}
