//! What this machine has: tools, targets, a network, a display, space.

use std::env;
use std::net::{Ipv4Addr, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// A target without an operating system: what builds for it needs no std.
pub(crate) const BARE_TARGET: &str = "x86_64-unknown-none";
/// The target of what runs in a web page.
pub(crate) const WEB_TARGET: &str = "wasm32-unknown-unknown";

/// What `program arguments` prints, if it is there and succeeds.
pub(crate) fn output(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).stdin(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The first line that `program arguments` prints.
pub(crate) fn version(program: &str, arguments: &[&str]) -> Option<String> {
    output(program, arguments).map(|output| output.lines().next().unwrap_or_default().to_owned())
}

/// Whether the compiler has a core library for `target`.
pub(crate) fn target(target: &str) -> bool {
    output("rustc", &["--print", "target-libdir", "--target", target])
        .is_some_and(|folder| Path::new(&folder).is_dir())
}

/// Where Chromium is, by any of its names.
pub(crate) fn chromium() -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    let names = ["chromium", "chromium-browser", "google-chrome"];
    env::split_paths(&path)
        .flat_map(|folder| names.map(|name| folder.join(name)))
        .find(|program| program.is_file())
}

/// What the compiler says its version is.
pub(crate) fn compiler() -> Option<String> {
    version("rustc", &["--version"])
}

/// Whether the compiler is of version `wanted` or later.
pub(crate) fn compiler_is_at_least(wanted: &str) -> bool {
    let is_enough = |version: &str| numbers(version) >= numbers(wanted);
    compiler().as_deref().and_then(|found| found.split(' ').nth(1)).is_some_and(is_enough)
}

/// The numbers of a version up to its pre-release part, to compare: `1.95.0-nightly` is 1, 95, 0.
fn numbers(version: &str) -> Vec<u32> {
    let release = version.split('-').next().unwrap_or_default();
    release.split('.').map_while(|number| number.parse().ok()).collect()
}

/// Whether a game can be built with sound: on Linux that takes the headers of ALSA.
pub(crate) fn alsa() -> bool {
    !cfg!(target_os = "linux") || output("pkg-config", &["--exists", "alsa"]).is_some()
}

/// Whether a datagram to `address` arrives there; what the system says if not.
pub(crate) fn udp(address: &str) -> Result<(), String> {
    let exchange = || {
        let socket = UdpSocket::bind(address)?;
        socket.set_read_timeout(Some(Duration::from_secs(1)))?;
        socket.send_to(b"netcord", socket.local_addr()?)?;
        socket.recv(&mut [0; 16])
    };
    exchange().map(|_| ()).map_err(|error: std::io::Error| error.to_string())
}

/// Whether multicast arrives on this machine's loopback; what the system says if not.
pub(crate) fn multicast() -> Result<(), String> {
    let exchange = || {
        let group = Ipv4Addr::new(224, 0, 0, 251);
        let receiver = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?;
        receiver.join_multicast_v4(&group, &Ipv4Addr::LOCALHOST)?;
        receiver.set_read_timeout(Some(Duration::from_secs(2)))?;
        let sender = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        sender.send_to(b"netcord", (group, receiver.local_addr()?.port()))?;
        receiver.recv(&mut [0; 16])
    };
    exchange().map(|_| ()).map_err(|error: std::io::Error| error.to_string())
}

/// What a window would open on.
pub(crate) fn display() -> Option<String> {
    if cfg!(any(target_os = "macos", target_os = "windows")) {
        return Some("the system's".into());
    }
    ["WAYLAND_DISPLAY", "DISPLAY"].into_iter().find_map(|variable| {
        let value = env::var(variable).ok().filter(|value| !value.is_empty())?;
        Some(format!("{variable}={value}"))
    })
}

/// Free space where `folder` is, in GiB; `None` where there is no `df` to ask.
pub(crate) fn free_gib(folder: &Path) -> Option<u64> {
    let table = output("df", &["-Pk", folder.to_str()?])?;
    let kib: u64 = table.lines().nth(1)?.split_whitespace().nth(3)?.parse().ok()?;
    Some(kib >> 20)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_by_their_numbers() {
        assert!(numbers("1.100.0") > numbers("1.95"));
        assert!(numbers("1.95.0-nightly") >= numbers("1.95"));
        assert!(numbers("1.94.9") < numbers("1.95"));
    }
}
