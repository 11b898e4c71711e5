//! Where windows open: the user's display, or a virtual one that lives as long as it is used. And what a person does
//! there: keys are pressed, pictures are taken.

use crate::cargo;
use crate::failure::{Failure, Outcome};
use crate::probe;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// What is said where windows can't be shown.
pub(crate) const NO_DISPLAY: &str =
    "there is no display, and no Xvfb to make one: `cargo xtask doctor` says how to get it";

/// A display to open windows on; by default the user's.
#[derive(Clone, Debug, Default)]
pub(crate) struct Display {
    /// What `DISPLAY` is to be, if not what it is.
    name: Option<String>,
}

impl Display {
    /// Lets `command` show its windows, take its pictures or press its keys here.
    pub(crate) fn lend(&self, command: &mut Command) {
        if let Some(name) = &self.name {
            // With a Wayland session in the environment, a window would open there.
            command.env("DISPLAY", name).env_remove("WAYLAND_DISPLAY");
        }
    }

    /// The window of the process `pid`, as soon as it is there.
    pub(crate) fn window(&self, pid: u32) -> Outcome<Window> {
        const PATIENCE: Duration = Duration::from_secs(60);
        let deadline = Instant::now() + PATIENCE;
        loop {
            let found = self.tool("xdotool", &["search", "--onlyvisible", "--pid", &pid.to_string()]);
            // It fails, too, where there is no such window yet.
            if let Some(id) = found.ok().and_then(|ids| ids.lines().next().map(str::to_owned)) {
                return Ok(Window { display: self.clone(), id });
            }
            if Instant::now() > deadline {
                let seconds = PATIENCE.as_secs();
                return Err(Failure::new(format!(
                    "no window came within {seconds} s, or xdotool can't find it"
                )));
            }
            thread::sleep(Duration::from_millis(100));
        }
    }

    /// Takes a picture of all that is on the display, in `colors` colours: few make a small file.
    pub(crate) fn picture(&self, file: &Path, colors: u16) -> Outcome {
        let file = file.to_str().ok_or_else(|| Failure::new("the folder's name is no text"))?;
        let colors = colors.to_string();
        let png = ["-define", "png:compression-level=9", "-strip"];
        let arguments =
            [&["-window", "root", "-dither", "None", "-colors", &colors], &png[..], &[file]].concat();
        self.tool("import", &arguments).map(drop)
    }

    fn tool(&self, program: &str, arguments: &[&str]) -> Outcome<String> {
        let mut command = Command::new(program);
        self.lend(command.args(arguments).stdin(Stdio::null()));
        let output =
            command.output().map_err(|error| Failure::new(format!("can't start {program}: {error}")))?;
        if output.status.success() {
            Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
        } else {
            let said = String::from_utf8_lossy(&output.stderr);
            Err(Failure::new(format!("{program} {}: {}", arguments.join(" "), said.trim())))
        }
    }
}

/// A window, and a person before it.
#[derive(Clone, Debug)]
pub(crate) struct Window {
    display: Display,
    id: String,
}

impl Window {
    /// Presses `key`, which is one of X's names, for so long: a real key event, to the window that has the focus.
    pub(crate) fn press(&self, key: &str, held: Duration) -> Outcome {
        let held = held.as_secs_f32().to_string();
        let script = ["windowfocus", "--sync", &self.id, "keydown", key, "sleep", &held, "keyup", key];
        self.display.tool("xdotool", &script).map(drop)
    }
}

/// A virtual display (Xvfb). It is ended when this is dropped.
pub(crate) struct VirtualDisplay {
    server: Child,
    display: Display,
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
        let display = Display { name: Some(format!(":{}", number.trim())) };
        let started = Self { server, display };
        match told {
            Some(Ok(length)) if length > 1 => Ok(Some(started)),
            _ => Err(Failure::new("Xvfb ended before it had a display; `Xvfb :99` says why")),
        }
    }

    pub(crate) fn display(&self) -> &Display {
        &self.display
    }
}

impl Drop for VirtualDisplay {
    fn drop(&mut self) {
        // Both fail only if it is gone already.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
