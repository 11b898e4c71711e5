//! A bot plays games that count, without a window: with tickets of a service of highscores, to which it hands them in.

use crate::cli::Cli;
use crate::failure::Failure;
use crate::saves;
use netcord_save::SaveFolder;
use netcord_scores::api::{Code, Submission, Submitted};
use netcord_scores::client::{ClientOptions, Outbox, OutboxError, OutboxEvent, OutboxOptions, ScoreClient};
use netcord_scores::identity::PlayerKey;
use netcord_scores::model::{BoardId, Claim, PlayerId, ScoreId, Ticket, TicketId, UnixTime};
use serde::Serialize;
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tetris_rules::{Bot, Config, Input, Limits, Mode, Replay, run_headless};
use tetris_scores::{board_id, claim};

/// What is printed in the end.
#[derive(Serialize)]
struct Report {
    game: &'static str,
    mode: Mode,
    player: PlayerId,
    /// As the service has it.
    name: String,
    games: Vec<Game>,
    accepted: usize,
    refused: usize,
}

/// A game that was played.
#[derive(Serialize)]
struct Game {
    ticket: TicketId,
    seed: u64,
    #[serde(flatten)]
    claim: Claim,
    replay_bytes: usize,
    /// None as long as the service was not heard.
    outcome: Option<Outcome>,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    Accepted { score: ScoreId, season: u32, rank: u64, all_time_rank: u64, best: bool },
    Refused { code: Option<Code>, reason: String },
}

/// A bot with its queue.
struct Runner {
    outbox: Outbox,
    client: ScoreClient,
    board: BoardId,
    report: Report,
}

/// How long nobody looks at what is due next.
const PATIENCE: Duration = Duration::from_secs(1);

/// Plays as many games as were asked for, and waits until the service has judged all of them: not before as much time has
/// passed as a player would have needed for them.
pub(crate) fn play(cli: &Cli, url: &str) -> Result<(), Failure> {
    let report = report(cli, url)?;
    report.print(cli.json);
    if report.refused > 0 { Err(Failure::Refused(report.refused)) } else { Ok(()) }
}

fn report(cli: &Cli, url: &str) -> Result<Report, Failure> {
    let mode = cli.mode.unwrap_or(Mode::Marathon);
    if cli.config(mode) != Config::new(mode) || cli.seed.is_some() {
        return Err(Failure::NotRanked);
    }
    let temporary = tempfile::tempdir()?;
    let folder = SaveFolder::at(cli.saves.as_deref().unwrap_or(temporary.path()))?;
    let folder = saves::folder_of_service(&folder, url)?;
    let key = PlayerKey::load_or_make(&folder, saves::key())?;
    let (board, player) = (board_id(mode), key.id());
    let client = ScoreClient::new(&ClientOptions::new(url, key))?;
    let outbox = Outbox::open(&folder, saves::key(), OutboxOptions::new([board.clone()]))?;
    let name = cli.name.clone().unwrap_or_else(|| format!("BOT {}", &player.to_string()[..6]));
    let report = Report { game: "tetris", mode, player, name, games: Vec::new(), accepted: 0, refused: 0 };
    let mut runner = Runner { outbox, client, board, report };
    runner.outbox.register(&runner.report.name)?;
    for _ in 0..cli.games {
        runner.play_one(cli)?;
    }
    while runner.report.games.iter().any(|game| game.outcome.is_none()) {
        runner.work()?;
    }
    Ok(runner.report)
}

impl Runner {
    fn play_one(&mut self, cli: &Cli) -> Result<(), Failure> {
        let ticket = self.take_ticket()?;
        let replay = play_game(cli, self.report.mode, ticket.seed);
        let Some(claim) = claim(&replay) else {
            self.outbox.abandon(&ticket.id)?;
            return Err(Failure::Unfinished);
        };
        let (ticket, seed, replay) = (ticket.id, ticket.seed, replay.to_bytes());
        self.report.games.push(Game { ticket, seed, claim, replay_bytes: replay.len(), outcome: None });
        self.outbox.finish(Submission { ticket, claim, replay }, now())?;
        Ok(())
    }

    /// Takes a ticket, as soon as there is one.
    fn take_ticket(&mut self) -> Result<Ticket, Failure> {
        loop {
            match self.outbox.take_ticket(&self.board, now()) {
                Ok(ticket) => return Ok(ticket),
                Err(OutboxError::NoTicket(_) | OutboxError::Full { .. }) => self.work()?,
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Does what is due, or waits for it.
    fn work(&mut self) -> Result<(), Failure> {
        let due = self.outbox.next_attempt(now());
        thread::sleep(due.map_or(PATIENCE, |due| due.since(now()).min(PATIENCE)));
        for event in self.outbox.work(&self.client, now())? {
            match event {
                OutboxEvent::Registered(player) => self.report.name = player.name,
                OutboxEvent::NameRefused { name, reason } => {
                    return Err(Failure::Name { name, reason: reason.text });
                }
                OutboxEvent::Accepted { ticket, submitted, .. } => {
                    self.note(ticket, Outcome::accepted(&submitted))
                }
                OutboxEvent::Refused(run) => {
                    let outcome = Outcome::Refused { code: run.reason.code, reason: run.reason.text };
                    self.note(run.ticket.id, outcome);
                }
                OutboxEvent::Postponed { reason, .. } => eprintln!("tetris: later: {}", reason.text),
                _ => {}
            }
        }
        Ok(())
    }

    fn note(&mut self, ticket: TicketId, outcome: Outcome) {
        let Some(game) = self.report.games.iter_mut().find(|game| game.ticket == ticket) else { return };
        match outcome {
            Outcome::Accepted { .. } => self.report.accepted += 1,
            Outcome::Refused { .. } => self.report.refused += 1,
        }
        game.outcome = Some(outcome);
    }
}

/// Plays a game to its end. A bot whose time is over lets the pieces fall where they are.
fn play_game(cli: &Cli, mode: Mode, seed: u64) -> Replay {
    let limits = Limits { ticks: cli.ticks().unwrap_or(Limits::default().ticks), ..Limits::default() };
    let pace = cli.pace.unwrap_or(Bot::FASTEST);
    let (mut game, mut replay) = run_headless(seed, cli.config(mode), pace, limits);
    let mut inputs = [Input::HARD_DROP, Input::NONE].into_iter().cycle();
    while game.ending().is_none()
        && let Some(input) = inputs.next()
        && replay.record(input).is_ok()
    {
        game.step(input);
    }
    replay
}

impl Outcome {
    fn accepted(Submitted { entry, all_time_rank, best, .. }: &Submitted) -> Self {
        let (score, season, rank) = (entry.score, entry.season, entry.rank);
        Self::Accepted { score, season, rank, all_time_rank: *all_time_rank, best: *best }
    }
}

impl Report {
    fn print(&self, as_json: bool) {
        if as_json {
            println!("{}", serde_json::json!(self));
            return;
        }
        println!(
            "{} as {}: {} games, {} accepted",
            self.mode.name(),
            self.name,
            self.games.len(),
            self.accepted
        );
        for game in &self.games {
            let outcome = match &game.outcome {
                Some(Outcome::Accepted { rank, all_time_rank, .. }) => {
                    format!("rank {rank} this season, {all_time_rank} of all time")
                }
                Some(Outcome::Refused { reason, .. }) => format!("refused: {reason}"),
                None => "not judged".into(),
            };
            println!(
                "  seed {}: {} points in {} ticks, {outcome}",
                game.seed, game.claim.points, game.claim.ticks
            );
        }
    }
}

fn now() -> UnixTime {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UnixTime::from_millis(since.as_millis() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser as _;
    use netcord_scores::server::{Server, ServerConfig, StorePlace};
    use std::net::{Ipv4Addr, SocketAddr};

    #[test]
    fn a_bot_hands_in_its_games_and_all_of_them_count() {
        let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let config =
            ServerConfig { listen, ..ServerConfig::new(tetris_scores::game(None), StorePlace::Memory) };
        let server = Server::start(config).expect("a server");
        let arguments = "tetris --headless --bot --mode ultra --seconds 1 --name Ada --games 2 --scores URL";
        let report = report(&Cli::parse_from(arguments.split(' ')), &server.url()).expect("a report");
        assert_eq!((report.name.as_str(), report.accepted, report.refused), ("Ada", 2, 0));
        let ranks = report.games.iter().map(|game| match &game.outcome {
            Some(Outcome::Accepted { rank, .. }) => *rank,
            _ => 0,
        });
        assert!(ranks.min() == Some(1));
    }
}
