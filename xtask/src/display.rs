//! A display for windows: the user's, or a virtual one that lives as long as it is used.

use crate::cargo;
use crate::failure::{Failure, Outcome};
use crate::probe;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

/// A virtual display (Xvfb). It is ended when this is dropped.
pub(crate) struct VirtualDisplay {
    server: Child,
    /// What `DISPLAY` is to be.
    name: String,
}

impl VirtualDisplay {
    /// Starts one of `width` by `height` pixels; `None` where Xvfb is not installed.
    pub(crate) fn start(width: u32, height: u32) -> Outcome<Option<Self>> {
        if probe::output("Xvfb", &["-help"]).is_none() {
            return Ok(None);
        }
        let mut command = Command::new("Xvfb");
        // It chooses a free number, and says which.
        command.args(["-displayfd", "1", "-nolisten", "tcp", "-screen", "0"]);
        command.arg(format!("{width}x{height}x24"));
        let mut server =
            cargo::spawn(command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()))?;
        let mut number = String::new();
        let told = server.stdout.take().map(|stdout| BufReader::new(stdout).read_line(&mut number));
        let display = Self { server, name: format!(":{}", number.trim()) };
        match told {
            Some(Ok(length)) if length > 1 => Ok(Some(display)),
            _ => Err(Failure::new("Xvfb ended before it had a display; `Xvfb :99` says why")),
        }
    }

    /// Lets `command` show its windows, take its pictures or press its keys here.
    pub(crate) fn lend(&self, command: &mut Command) {
        // With a Wayland session in the environment, a window would open there.
        command.env("DISPLAY", &self.name).env_remove("WAYLAND_DISPLAY");
    }
}

impl Drop for VirtualDisplay {
    fn drop(&mut self) {
        // Both fail only if it is gone already.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
