//! The page of highscores in a real browser: runs `tests/page` with the programs that it needs. It knows nothing of the page.

use crate::cargo::{self, Build};
use crate::failure::{Failure, Outcome};
use crate::{probe, viewer};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What is missing here to run it, and how to get it.
pub(crate) fn missing() -> Option<String> {
    let found = [
        ("node", probe::version("node", &["--version"]).is_some()),
        ("npm", probe::version("npm", &["--version"]).is_some()),
        ("chromium", probe::chromium().is_some()),
        (probe::WEB_TARGET, probe::target(probe::WEB_TARGET)),
    ];
    let (what, _) = found.into_iter().find(|(_, is_there)| !is_there)?;
    Some(format!("no {what}: `cargo xtask doctor` says how to get it"))
}

/// Runs all steps, and returns how many there were. With a folder, takes the pictures in the documents, too.
pub(crate) fn check(pictures: Option<&Path>) -> Outcome<u64> {
    let missing = |what: &str| Failure::new(format!("no {what}: `cargo xtask doctor` says how to get it"));
    let chromium = probe::chromium().ok_or_else(|| missing("chromium"))?;
    let viewer = viewer::build()?.ok_or_else(|| missing(probe::WEB_TARGET))?;
    let server = cargo::build_binary("tetris-scores", Build::Dev(&[]), false)?;
    let game = cargo::build_binary("tetris", Build::Dev(&["--no-default-features"]), false)?;
    let folder = server.ancestors().nth(2).unwrap_or(&server).join("page");
    install(&folder)
        .map_err(|error| Failure::new(format!("can't write to {}: {error}", folder.display())))??;
    let mut node = Command::new("node");
    node.arg("page.mjs").current_dir(&folder).stdin(Stdio::null()).stdout(Stdio::piped());
    let page = cargo::root().join("sdk/scores/page");
    for (name, path) in
        [("server", &server), ("game", &game), ("viewer", &viewer), ("page", &page), ("chromium", &chromium)]
    {
        node.arg(format!("--{name}")).arg(path);
    }
    if let Some(pictures) = pictures {
        node.arg("--pictures").arg(pictures);
    }
    let output = cargo::spawn(&mut node)?
        .wait_with_output()
        .map_err(|error| Failure::new(format!("lost node: {error}")))?;
    let said = String::from_utf8_lossy(&output.stdout);
    print!("{said}");
    match said.lines().last().and_then(|line| line.strip_suffix(" passed")?.parse().ok()) {
        Some(passed) if output.status.success() => Ok(passed),
        _ => Err(Failure::new("see the step that failed, above")),
    }
}

/// Puts the scripts into a folder outside of the sources, and beside them what they need from npm, if it isn't there.
fn install(folder: &Path) -> io::Result<Outcome> {
    fs::create_dir_all(folder)?;
    let mut lock = PathBuf::new();
    for file in fs::read_dir(cargo::root().join("tests/page"))? {
        let file = file?;
        let copy = folder.join(file.file_name());
        fs::copy(file.path(), &copy)?;
        if file.file_name() == "package-lock.json" {
            lock = copy;
        }
    }
    let (wanted, installed) = (fs::read(lock)?, folder.join("node_modules/.installed"));
    if fs::read(&installed).is_ok_and(|lock| lock == wanted) {
        return Ok(Ok(()));
    }
    let mut npm = Command::new("npm");
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(folder).stdin(Stdio::null());
    if cargo::run(&mut npm).is_err() {
        return Ok(Err(Failure::new("npm could not install what tests/page/package-lock.json lists")));
    }
    fs::write(installed, wanted)?;
    Ok(Ok(()))
}
