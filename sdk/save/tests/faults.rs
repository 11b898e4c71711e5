//! A machine that does not do its part: typed errors, and the save that was there is there still.

#![cfg(unix)]

mod game;

use game::{Progress, options};
use netcord_save::{Loaded, SaveError, SaveFolder, SaveOptions};
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Which part of this file a child of a test plays, and where.
const ROLE: &str = "NETCORD_FAULTS_ROLE";
const FOLDER: &str = "NETCORD_FAULTS_FOLDER";

/// Runs this file again, as another process, through `prefix`.
fn child(prefix: &[&str], role: &str, folder: &Path) -> Command {
    let myself = std::env::current_exe().expect("a test is a program");
    let mut command = match prefix {
        [program, arguments @ ..] => {
            let mut command = Command::new(program);
            command.args(arguments).arg(myself);
            command
        }
        [] => Command::new(myself),
    };
    command.args(["--exact", "the_other_process", "--nocapture"]);
    command.env(ROLE, role).env(FOLDER, folder).stdin(Stdio::null());
    command
}

/// What the children of the tests below do; nothing when it is run as a test.
#[test]
fn the_other_process() {
    let (Ok(role), Ok(path)) = (std::env::var(ROLE), std::env::var(FOLDER)) else { return };
    let folder = SaveFolder::at(path).expect("a folder");
    let mut file = folder.open::<Progress>("slot", options()).expect("it opens");
    match role.as_str() {
        "hang" => {
            println!("it hangs");
            loop {
                std::thread::park();
            }
        }
        "fill" => {
            let refused = file.save(&Progress::at(255)).expect_err("there is no room");
            assert!(matches!(refused, SaveError::Full { .. }), "{refused:?}");
            assert_eq!(
                file.load().expect("it loads").value(),
                Some(Progress::at(1)),
                "the old save is intact"
            );
            file.save(&Progress::at(2)).expect("a smaller one has room");
            println!("it is full");
        }
        _ => {
            let refused = file.save(&Progress::at(2)).expect_err("nothing can be written");
            assert!(matches!(refused, SaveError::ReadOnly { .. }), "{refused:?}");
            assert_eq!(
                file.load().expect("it loads").value(),
                Some(Progress::at(1)),
                "the old save is intact"
            );
            println!("it is read-only");
        }
    }
}

fn save_one(folder: &SaveFolder) {
    let mut file = folder.open::<Progress>("slot", options()).expect("it opens");
    file.save(&Progress::at(1)).expect("it saves");
}

fn output(mut command: Command) -> String {
    let output = command.output().expect("it starts");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    text
}

#[test]
fn a_full_disk_is_named_and_the_old_save_intact() {
    let (disk, folder) = game::folder();
    save_one(&folder);
    // No file may have more than 1,024 bytes. SIGXFSZ, which goes with it, is ignored, as a disk that is full has none.
    let shell = "trap '' XFSZ; ulimit -f 1; exec \"$0\" \"$@\"";
    assert!(output(child(&["bash", "-c", shell], "fill", disk.path())).contains("it is full"));
    assert_eq!(game::files(&folder).iter().filter(|file| file.ends_with(".draft")).count(), 0);
}

#[test]
fn a_read_only_folder_is_named_and_the_old_save_intact() {
    use std::os::unix::fs::PermissionsExt as _;
    let (disk, folder) = game::folder();
    save_one(&folder);
    let with = |mode| fs::set_permissions(disk.path(), fs::Permissions::from_mode(mode)).expect("it is ours");
    with(0o555);
    let is_refused = tempfile::tempfile_in(disk.path()).is_err();
    if is_refused {
        assert!(output(child(&[], "read", disk.path())).contains("it is read-only"));
    } else {
        // Root may write anywhere, but for what is mounted read-only, in a namespace of its own.
        let mount = "mount --bind \"$1\" \"$1\" && mount -o remount,bind,ro \"$1\" && shift && exec \"$@\"";
        let path = disk.path().to_str().expect("text");
        let prefix = ["unshare", "--mount", "sh", "-c", mount, "sh", path];
        let is_there =
            Command::new("unshare").args(["--mount", "true"]).status().is_ok_and(|status| status.success());
        if is_there {
            assert!(output(child(&prefix, "read", disk.path())).contains("it is read-only"));
        } else {
            eprintln!("not tried: this process may write anywhere, and mount nothing");
        }
    }
    with(0o755);
}

#[test]
fn a_folder_that_vanished_is_named_and_can_be_made_anew() {
    let (disk, folder) = game::folder();
    let mut file = folder.open::<Progress>("slot", options()).expect("it opens");
    file.save(&Progress::at(1)).expect("it saves");
    let away = disk.path().with_extension("away");
    fs::rename(disk.path(), &away).expect("it can be moved");
    assert!(
        matches!(file.save(&Progress::at(2)), Err(SaveError::FolderGone { path }) if path == disk.path())
    );
    fs::rename(&away, disk.path()).expect("it comes back");
    assert!(matches!(file.load(), Ok(Loaded::Found { value, .. }) if value == Progress::at(1)));
    file.save(&Progress::at(3)).expect("it saves");
}

/// A child that is killed when the test ends, however it ends.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill().and_then(|()| self.0.wait());
    }
}

#[test]
fn a_lock_that_a_hung_process_holds_is_waited_for_and_then_named() {
    let (disk, folder) = game::folder();
    save_one(&folder);
    let mut hung = child(&[], "hang", disk.path());
    let mut hung = Killed(hung.stdout(Stdio::piped()).spawn().expect("it starts"));
    let mut lines = BufReader::new(hung.0.stdout.take().expect("it has an output")).lines();
    assert!(lines.any(|line| line.expect("it talks").contains("it hangs")));
    let patience = SaveOptions { lock_wait: Duration::from_millis(50), ..options() };
    match folder.open::<Progress>("slot", patience) {
        Err(SaveError::Locked { holder, path }) => {
            assert_eq!(holder, Some(hung.0.id()));
            assert_eq!(path, disk.path().join("slot.lock"));
        }
        other => panic!("{other:?}"),
    }
    drop(hung);
    let mut file = folder.open::<Progress>("slot", options()).expect("it is free when the process is dead");
    assert_eq!(file.load().expect("it loads").value(), Some(Progress::at(1)));
}
