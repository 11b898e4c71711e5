//! schemathesis reads `openapi.json`, and sends what it finds there and what it doesn't, signed and not.

use super::host::{self, Host};
use std::path::Path;
use std::process::Command;

/// How many requests it makes of each operation, besides examples and boundaries; `SCHEMATHESIS_EXAMPLES` says otherwise.
const EXAMPLES: &str = "25";

#[test]
fn schemathesis_finds_no_answer_that_is_not_described() {
    let server = Host::start();
    let ours = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tools");
    let folder = tempfile::tempdir().expect("a folder");
    let examples = std::env::var("SCHEMATHESIS_EXAMPLES").unwrap_or_else(|_| EXAMPLES.into());
    let status = Command::new("schemathesis")
        .current_dir(folder.path())
        .env("SCHEMATHESIS_HOOKS", "signatures")
        .env("PYTHONPATH", &ours)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("NETCORD_PLAYER", host::PLAYER)
        .env("NETCORD_MODERATOR", host::MODERATOR)
        .arg("--config-file")
        .arg(ours.join("schemathesis.toml"))
        .arg("run")
        .arg(format!("{}/v1/openapi.json", server.url()))
        .args(["--max-examples", &examples, "--seed", "1", "--generation-database", "none"])
        .status()
        .expect("schemathesis runs: `cargo xtask doctor` says how to get it");
    assert!(status.success(), "see above");
}
