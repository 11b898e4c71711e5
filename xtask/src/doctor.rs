//! `cargo xtask doctor`: what is missing here, for which command, and how to get it.

use crate::cargo;
use crate::failure::{Failure, Outcome};
use crate::probe;
use crate::terminal::table;
use serde::Serialize;

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// A thing that some command needs.
#[derive(Serialize)]
struct Finding {
    what: &'static str,
    /// Whether all is well with it.
    ok: bool,
    /// What was found, or what the system says.
    found: String,
    needed_for: &'static str,
    /// How to get it; empty where nothing is to be done.
    how: String,
}

pub(crate) fn run(options: &Options) -> Outcome {
    let findings = examine();
    if options.json {
        let text = serde_json::to_string(&serde_json::json!({ "findings": findings }))
            .map_err(|error| Failure::new(format!("can't write the findings as JSON: {error}")))?;
        println!("{text}");
        return Ok(());
    }
    let mut rows = vec![["", "what", "found", "needed for"].map(String::from)];
    rows.extend(findings.iter().map(|finding| {
        let mark = if finding.ok { "ok" } else { "--" };
        [mark.into(), finding.what.into(), finding.found.clone(), finding.needed_for.into()]
    }));
    print!("{}", table(&rows));
    let missing: Vec<_> = findings
        .iter()
        .filter(|finding| !finding.ok)
        .map(|finding| [finding.what.to_owned(), finding.how.clone()])
        .collect();
    if missing.is_empty() {
        println!("\nnothing is missing");
    } else {
        print!(
            "\nhow to get what is missing, where you want the command that needs it:\n{}",
            table(&missing)
        );
    }
    Ok(())
}

fn examine() -> Vec<Finding> {
    let tool = |what, found: Option<String>, needed_for, how: &str| Finding {
        what,
        ok: found.is_some(),
        found: found.unwrap_or_else(|| "not found".into()),
        needed_for,
        how: how.into(),
    };
    let toolchains = probe::output("rustup", &["toolchain", "list"]).unwrap_or_default();
    let nightly = toolchains.lines().find(|line| line.starts_with("nightly")).map(str::to_owned);
    vec![
        compiler(),
        tool("linker (cc)", probe::version("cc", &["--version"]), "every build", LINKER),
        tool(
            "rustfmt",
            probe::version("cargo", &["fmt", "--version"]),
            "bash .ci/run",
            "rustup component add rustfmt",
        ),
        tool(
            "clippy",
            probe::version("cargo", &["clippy", "--version"]),
            "bash .ci/run",
            "rustup component add clippy",
        ),
        tool("cargo-deny", cargo_deny(), "test: licences, sources", "cargo install --locked cargo-deny"),
        tool(
            probe::BARE_TARGET,
            probe::target(probe::BARE_TARGET).then(|| "installed".into()),
            "test: without std",
            "rustup target add x86_64-unknown-none",
        ),
        tool(
            "curl",
            probe::version("curl", &["--version"]),
            "test: examples of scores",
            "your system's package `curl`",
        ),
        tool(
            "openssl",
            probe::version("openssl", &["version"]),
            "test: examples of scores",
            "your system's package `openssl`",
        ),
        tool(
            "Chromium",
            probe::chromium().map(|program| program.display().to_string()),
            "test: the page of scores; screenshots",
            "Debian: apt-get install chromium",
        ),
        tool(
            "Node.js",
            probe::version("node", &["--version"]),
            "test: the page of scores; screenshots",
            "https://nodejs.org, 20.19 or later",
        ),
        tool(
            "npm",
            probe::version("npm", &["--version"]),
            "test: the page of scores; screenshots",
            "it comes with Node.js",
        ),
        tool(
            probe::WEB_TARGET,
            probe::target(probe::WEB_TARGET).then(|| "installed".into()),
            "scores, test: replays in the page",
            "rustup target add wasm32-unknown-unknown",
        ),
        tool("schemathesis", schemathesis(), "test: schemathesis asks for scores", GET_SCHEMATHESIS),
        tool("nightly Rust", nightly, "fuzz", "rustup toolchain install nightly"),
        tool(
            "cargo-fuzz",
            probe::version("cargo", &["fuzz", "--version"]),
            "fuzz",
            "cargo install --locked cargo-fuzz",
        ),
        tool(
            "valgrind",
            probe::version("valgrind", &["--version"]),
            "profiling by hand",
            "your system's package `valgrind`",
        ),
        tool(
            "display",
            probe::display(),
            "pong and tetris in windows (without one: headless)",
            "a desktop session, or `xvfb-run -s '-screen 0 1280x800x24' cargo xtask pong`",
        ),
        tool(
            "Xvfb",
            probe::output("Xvfb", &["-help"]).map(|_| "installed".into()),
            "test: two windows; screenshots",
            "Debian: apt-get install xvfb mesa-vulkan-drivers",
        ),
        tool(
            "xdotool",
            probe::version("xdotool", &["--version"]),
            "test: two windows; screenshots",
            "Debian: apt-get install xdotool",
        ),
        tool(
            "ImageMagick",
            probe::version("import", &["-version"]),
            "screenshots",
            "Debian: apt-get install imagemagick",
        ),
        tool(
            "ALSA's headers",
            probe::alsa().then(|| "found, or not needed".into()),
            "sound in the windows",
            "Debian: apt-get install libasound2-dev pkg-config",
        ),
        loopback("UDP on 127.0.0.1", "127.0.0.1:0", "pong, test, bench"),
        loopback("UDP on ::1", "[::1]:0", "test: IPv6"),
        space(),
    ]
}

/// How to get a linker.
const LINKER: &str = "Debian: apt-get install gcc libc6-dev; macOS: xcode-select --install; \
                      Windows: the Visual Studio build tools";

/// How to get schemathesis, and what signs for it. `.ci/run` has the same versions.
pub(crate) const GET_SCHEMATHESIS: &str = "pip install schemathesis==4.32.5 PyNaCl==1.6.2";

/// What schemathesis says its version is.
pub(crate) fn schemathesis() -> Option<String> {
    probe::version("schemathesis", &["--version"])
}

/// What `cargo deny` says its version is.
pub(crate) fn cargo_deny() -> Option<String> {
    probe::version("cargo", &["deny", "--version"])
}

fn compiler() -> Finding {
    let wanted = env!("CARGO_PKG_RUST_VERSION");
    Finding {
        what: "rustc",
        ok: probe::compiler_is_at_least(wanted),
        found: probe::compiler().unwrap_or_else(|| "not found".into()),
        needed_for: "every build",
        how: format!("rustup toolchain install {wanted} (or a later one)"),
    }
}

fn loopback(what: &'static str, address: &str, needed_for: &'static str) -> Finding {
    let exchange = probe::udp(address);
    Finding {
        what,
        ok: exchange.is_ok(),
        found: exchange.err().unwrap_or_else(|| "datagrams arrive".into()),
        needed_for,
        how: "let the firewall or the container pass datagrams on the loopback interface".into(),
    }
}

fn space() -> Finding {
    /// What the builds of all commands take together, with some room.
    const WANTED_GIB: u64 = 12;
    let free = probe::free_gib(&cargo::root());
    Finding {
        what: "free disk space",
        ok: free.is_none_or(|free| free >= WANTED_GIB),
        found: free.map_or_else(|| "unknown".into(), |free| format!("{free} GiB")),
        needed_for: "every build",
        how: format!("make {WANTED_GIB} GiB free, or set CARGO_TARGET_DIR to a folder on a larger disk"),
    }
}
