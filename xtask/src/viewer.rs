//! The viewer of Tetris' replays in web pages: the rules as WebAssembly.

use crate::cargo::{self, cargo};
use crate::failure::{Failure, Outcome};
use crate::probe;
use serde::Deserialize;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::Stdio;

/// Builds it, and returns where it is; none if this compiler makes no WebAssembly. A server without it shows no replays.
pub(crate) fn build() -> Outcome<Option<PathBuf>> {
    /// The part of cargo's build messages that names what was built.
    #[derive(Deserialize)]
    struct Message {
        #[serde(default)]
        filenames: Vec<PathBuf>,
    }

    if !probe::target(probe::WEB_TARGET) {
        return Ok(None);
    }
    let mut build = cargo(&["build", "--release", "--package", "tetris-viewer", "--lib"]);
    // A page that loads it has no use for its symbols, which are most of it.
    build.args(["--target", probe::WEB_TARGET, "--config", "profile.release.strip=true"]);
    build.args(["--message-format=json-render-diagnostics", "--quiet"]).stdout(Stdio::piped());
    let mut child = cargo::spawn(&mut build)?;
    let mut viewer = None;
    for line in child.stdout.take().into_iter().flat_map(|stdout| BufReader::new(stdout).lines()) {
        let message = line.ok().and_then(|line| serde_json::from_str::<Message>(&line).ok());
        let mut files = message.into_iter().flat_map(|message| message.filenames);
        viewer = files.find(|file| file.extension().is_some_and(|end| end == "wasm")).or(viewer);
    }
    let status = child.wait().map_err(|error| Failure::new(format!("lost cargo build: {error}")))?;
    if !status.success() {
        return Err(Failure::explained(status.code()));
    }
    viewer.map(Some).ok_or_else(|| Failure::new("cargo built tetris-viewer, but named no WebAssembly"))
}
