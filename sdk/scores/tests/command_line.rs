//! The program that serves: started as a process, asked, and told to stop.
#![cfg(unix)]

use netcord_scores::client::{ClientOptions, ScoreClient};
use netcord_scores::command_line;
use netcord_scores::identity::PlayerKey;
use netcord_scores::server::GameBoards;
use netcord_scores::testing::{Counter, counter_board};
use std::ffi::OsString;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, ExitCode, Output, Stdio};
use std::sync::Arc;

/// What the program's arguments are, one a line, when this test is the program.
const ARGUMENTS: &str = "NETCORD_SCORES_ARGUMENTS";

/// Started by the others, it is their program.
#[test]
fn the_program() {
    let Ok(arguments) = std::env::var(ARGUMENTS) else {
        let help = run(Path::new("."), &["--help"]);
        assert!(String::from_utf8(help.stdout).unwrap().contains("serve"), "it says what it can do");
        return;
    };
    let arguments = std::iter::once("counter").chain(arguments.lines()).map(OsString::from);
    let game = GameBoards {
        name: "Counters".into(),
        boards: vec![(counter_board("counter"), Arc::new(Counter::default()))],
        viewers: [].into(),
        assets: vec![],
    };
    // The harness says something at the end, which is none of the program's words.
    let failed = command_line::run_with(arguments, game) != ExitCode::SUCCESS;
    std::process::exit(failed.into());
}

fn program(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "the_program", "--nocapture"]);
    command.env(ARGUMENTS, arguments.join("\n")).current_dir(folder).stderr(Stdio::piped());
    command
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    program(folder, arguments).output().unwrap()
}

/// Runs it to its end, and returns the last line that it printed.
fn succeed(folder: &Path, arguments: &[&str]) -> String {
    let output = run(folder, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    let printed = String::from_utf8(output.stdout).unwrap();
    // The harness begins the line.
    printed.trim().lines().last().unwrap_or_default().trim_start_matches("test the_program ... ").to_owned()
}

/// Runs it to its end, and returns what it complains of.
fn fail(folder: &Path, arguments: &[&str]) -> String {
    let output = run(folder, arguments);
    assert_eq!(output.status.code(), Some(1), "{arguments:?}");
    String::from_utf8(output.stderr).unwrap()
}

/// A server that runs.
struct Server {
    child: Child,
    url: String,
}

impl Server {
    fn start(folder: &Path, arguments: &[&str]) -> Self {
        let arguments = [&["serve", "--listen", "127.0.0.1:0", "--json"], arguments].concat();
        let mut child = program(folder, &arguments).stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let url = lines.map_while(Result::ok).find_map(|line| {
            let (_, rest) = line.split_once("{\"listening\":\"")?;
            Some(rest.trim_end_matches("\"}").to_owned())
        });
        Self { child, url: url.expect("it says where it listens") }
    }

    fn client(&self) -> ScoreClient {
        let key = PlayerKey::generate().unwrap();
        ScoreClient::new(&ClientOptions::new(&self.url, key)).unwrap()
    }

    /// What it answers to a request: `GET /path`, and further headers.
    fn ask(&self, request: &str, headers: &str, body: &str) -> String {
        let host = self.url.trim_start_matches("http://");
        let head = format!("{request} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n{headers}");
        let mut socket = TcpStream::connect(host).unwrap();
        write!(socket, "{head}content-length: {}\r\n\r\n{body}", body.len()).unwrap();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).unwrap();
        answer
    }

    /// Stops it, and returns what it logged.
    fn stop(mut self) -> String {
        let process = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(process, rustix::process::Signal::TERM).unwrap();
        let mut logs = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut logs).unwrap();
        assert!(self.child.wait().unwrap().success(), "{logs}");
        logs
    }
}

#[test]
fn it_serves_until_it_is_told_to_stop() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), &["--memory", "--name", "At home", "--json-logs"]);
    assert_eq!(server.client().info().unwrap().name, "At home");
    let figures = server.ask("GET /metrics", "", "");
    assert!(figures.contains("netcord_http_requests_total{route=\"/v1\",status=\"200\"} 1"), "{figures}");
    let logs = server.stop();
    let answered = logs.lines().find(|line| line.contains("\"answered\"")).unwrap();
    for part in ["\"method\":\"GET\"", "\"route\":\"/v1\"", "\"status\":200", "\"peer\":\"127.0.0.1\""] {
        assert!(answered.contains(part), "no {part} in {answered}");
    }
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
}

#[test]
fn what_is_stored_is_exported_imported_and_backed_up() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let server = Server::start(path, &[]);
    let player = server.client().put_player("Ada").unwrap();
    assert!(fail(path, &["export"]).contains("in use"));
    server.stop();

    succeed(path, &["export", "exported"]);
    succeed(path, &["import", "--store", "other.redb", "exported"]);
    succeed(path, &["backup", "--store", "other.redb", "backup.redb"]);
    succeed(path, &["export", "--store", "backup.redb", "again"]);
    let exported = fs::read_to_string(path.join("exported")).unwrap();
    assert!(exported.contains(&player.id.to_string()), "{exported}");
    assert_eq!(fs::read_to_string(path.join("again")).unwrap(), exported);

    let server = Server::start(path, &["--store", "backup.redb"]);
    assert_eq!(server.client().player_view(&player.id).unwrap().name, "Ada");
    server.stop();
}

#[test]
fn moderators_are_who_the_operator_says() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let moderator = succeed(path, &["key", "moderator.key"]);
    succeed(path, &["key", "other.key"]);
    let server = Server::start(path, &["--memory", "--moderator", &moderator]);
    let player = server.client().put_player("Ada").unwrap().id.to_string();
    let ban =
        |key| vec!["moderate", "--key", key, "--server", &server.url, "ban", &player, "--reason", "a bot"];
    assert!(fail(path, &ban("other.key")).contains("moderator"));
    let entry = succeed(path, &ban("moderator.key"));
    assert!(entry.contains(&player) && entry.contains("a bot"), "{entry}");
    let audit = succeed(path, &["moderate", "--key", "moderator.key", "--server", &server.url, "audit"]);
    assert_eq!(audit, entry);
    server.stop();
}

#[test]
fn a_request_that_it_signs_is_accepted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let server = Server::start(path, &["--memory"]);
    let player = succeed(path, &["key", "player.key"]);
    let body = r#"{"name":"Ada"}"#;
    fs::write(path.join("body"), body).unwrap();
    let url = format!("{}/v1/players/{player}", server.url);
    let output = run(path, &["sign", "--key", "player.key", "PUT", &url, "--body", "body"]);
    let printed = String::from_utf8(output.stdout).unwrap();
    let headers = printed.lines().filter_map(|line| {
        let (_, header) = line.split_once("header = \"")?;
        Some(header.strip_suffix('"')?.replace("\\\"", "\"") + "\r\n")
    });
    let headers = headers.collect::<String>() + "content-type: application/json\r\n";
    let answer = server.ask(&format!("PUT /v1/players/{player}"), &headers, body);
    assert!(answer.starts_with("HTTP/1.1 20"), "{answer}");
    assert_eq!(server.client().players_named("Ada").unwrap().players[0].id.to_string(), player);
    assert!(server.stop().contains(&player), "who signed is in the log");
}

#[test]
fn what_can_not_be_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let server = Server::start(path, &[]);
    let address = server.url.trim_start_matches("http://");
    assert!(fail(path, &["serve", "--memory", "--listen", address]).contains("another program listens at"));
    assert!(fail(path, &["serve", "--listen", "127.0.0.1:0"]).contains("in use"));
    assert!(fail(path, &["export", "--store", "missing.redb"]).contains("missing.redb"));
    assert!(!path.join("missing.redb").exists());
    assert!(fail(path, &["sign", "--key", "missing.key", "GET", "http://host/"]).contains("missing.key"));
    server.stop();
}
