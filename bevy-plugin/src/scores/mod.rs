//! Highscores online: runs that count, tables, replays. No call waits: what is asked for is done in the background, and
//! what comes of it are messages and the resources [`Scores`] and [`Leaderboard`].
//!
//! The service plays each run again before its score counts, from a seed that it chose: see [`netcord::scores`]. So a run
//! begins with a ticket, which has the seed, and ends with its replay.
//!
//! ```
//! use bevy_app::prelude::*;
//! use bevy_ecs::prelude::*;
//! use bevy_netcord::netcord::save::{Key, SaveFolder};
//! use bevy_netcord::netcord::scores::model::{BoardId, Claim, Ticket};
//! use bevy_netcord::scores::{
//!     Leaderboard, RunTicket, ScoreAccepted, ScoreCommands as _, ScoreQueued, ScoreRefused, ScoresPlugin, Season,
//! };
//! # use bevy_netcord::netcord::wire::StateHash;
//!
//! fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     # let temporary = tempfile::tempdir()?;
//!     # let folder = SaveFolder::at(temporary.path())?;
//!     # /*
//!     let folder = SaveFolder::of_game("com", "Studio", "Maze")?;
//!     # */
//!     let key = Key::from_bytes([7; 32]);
//!     let mut app = App::new();
//!     app.add_plugins(ScoresPlugin::new("https://scores.example.com", folder, key).with_board(maze()))
//!         .add_systems(Startup, |mut commands: Commands| commands.start_run(maze()))
//!         .add_systems(Update, (begin, end.run_if(resource_exists::<Maze>), tell, show_table));
//!     # app.update();
//!     # app.update();
//!     // app.run();
//!     Ok(())
//! }
//!
//! fn maze() -> BoardId {
//!     BoardId::new("maze").expect("small letters")
//! }
//!
//! /// The game that is played, and what it is played with.
//! #[derive(Resource)]
//! struct Maze {
//!     ticket: Option<Ticket>,
//!     seed: u64,
//!     inputs: Vec<u8>,
//!     # claim: Option<Claim>,
//! }
//!
//! fn begin(mut tickets: MessageReader<RunTicket>, mut commands: Commands) {
//!     for RunTicket { ticket, .. } in tickets.read() {
//!         // Without a ticket it is a run all the same. It just isn't ranked.
//!         let seed = ticket.as_ref().map_or(1, |ticket| ticket.seed);
//!         let maze = Maze { ticket: ticket.clone(), seed, inputs: Vec::new() /* */, claim: None };
//!         commands.insert_resource(maze);
//!     }
//! }
//!
//! fn end(mut maze: ResMut<Maze>, mut commands: Commands) {
//!     // When the game is over:
//!     # let Some(claim) = maze.claim else { return };
//!     # /*
//!     let claim = Claim { points: maze.score(), ticks: maze.ticks(), state_hash: StateHash::of(&*maze) };
//!     # */
//!     if let Some(ticket) = maze.ticket.take() {
//!         commands.finish_run(ticket, claim, maze.inputs.clone());
//!     }
//! }
//!
//! fn tell(
//!     mut accepted: MessageReader<ScoreAccepted>,
//!     mut queued: MessageReader<ScoreQueued>,
//!     mut refused: MessageReader<ScoreRefused>,
//!     mut commands: Commands,
//! ) {
//!     for ScoreAccepted { submitted, board, .. } in accepted.read() {
//!         println!("rank {} this season, {} of all time", submitted.entry.rank, submitted.all_time_rank);
//!         commands.load_leaderboard(board.clone(), Season::Current);
//!     }
//!     for ScoreQueued { reason, .. } in queued.read() {
//!         println!("kept, and sent later: {}", reason.text);
//!     }
//!     for ScoreRefused { reason, .. } in refused.read() {
//!         println!("not ranked: {}", reason.text);
//!     }
//! }
//!
//! fn show_table(leaderboard: Res<Leaderboard>) {
//!     let Some(table) = leaderboard.table(&maze(), Season::Current) else { return };
//!     for entry in table.top.iter().flat_map(|page| &page.entries) {
//!         println!("{:4} {:20} {}", entry.rank, entry.player.name, entry.points);
//!     }
//! }
//! ```
//!
//! # Offline
//!
//! Tickets are fetched ahead, three of each board, so that as many runs can be played and ranked without a network. What is
//! finished is on the disk before anything else is done with it, encrypted, with the key that the player signs with: it
//! survives the game, and is sent when the service is there again, sooner or later, with less hurry the longer that takes.
//! Nothing else is sent, and without a [`ScoresPlugin`] nothing at all.
//!
//! [`Scores`] says how it stands: whether the service is there and why not, who the player is, what waits to be sent.
//!
//! # How it runs
//!
//! One thread keeps what is on the disk, another one makes the calls. A service that hangs keeps no run from starting. Both
//! channels between the game and them are bounded; what is asked for beyond that is turned down, with the message that
//! would have answered it.
//!
//! When the app ends ([`AppExit`](bevy_app::AppExit), or it is dropped), what was handed in is written, which is waited for
//! [a second](ScoresPlugin::with_exit_wait) at most; a call that is under way is left, and made again in the next life of
//! the game: the service sees that it is the same. An app that is suspended goes on where it was.

mod caller;
mod commands;
mod keeper;
mod leaderboard;
mod link;
mod messages;

pub use commands::ScoreCommands;
pub use leaderboard::{Leaderboard, Table};
pub use messages::{
    LeaderboardChanged, NameRefused, PlayerNamed, ReplayLoaded, RunTicket, ScoreAccepted, ScoreQueued,
    ScoreRefused,
};
pub use netcord::scores::client::{Reason, RefusedRun, Season};

use bevy_app::{App, Last, Plugin, PreUpdate};
use bevy_ecs::prelude::*;
use core::time::Duration;
use keeper::Keeper;
use link::Link;
use netcord::save::{Key, SaveFolder};
use netcord::scores::model::{BoardId, PlayerId};
use std::collections::BTreeMap;

/// Highscores of one service.
#[derive(Clone, Debug)]
pub struct ScoresPlugin {
    url: String,
    folder: SaveFolder,
    key: Key,
    boards: Vec<BoardId>,
    exit_wait: Duration,
}

impl ScoresPlugin {
    /// Of the service at `url`, such as `https://scores.example.com`. What is to be kept is kept in `folder`, encrypted with
    /// `key`; who the player is is made there on the first start.
    pub fn new(url: impl Into<String>, folder: SaveFolder, key: Key) -> Self {
        let exit_wait = Duration::from_secs(1);
        Self { url: url.into(), folder, key, boards: Vec::new(), exit_wait }
    }

    /// Fetches tickets of this board ahead. Others can be shown, not played for.
    #[must_use]
    pub fn with_board(mut self, board: BoardId) -> Self {
        self.boards.push(board);
        self
    }

    /// How long the app waits for the disk when it ends: a second by default.
    #[must_use]
    pub fn with_exit_wait(mut self, wait: Duration) -> Self {
        self.exit_wait = wait;
        self
    }
}

impl Plugin for ScoresPlugin {
    fn build(&self, app: &mut App) {
        let options = self.clone();
        let started = Link::start(self.exit_wait, move |events, answers, told| {
            Keeper::run(&options, events, answers, told);
        });
        let mut scores = Scores::default();
        match started {
            Ok(link) => _ = app.insert_resource(link),
            Err(error) => {
                let reason = keeper::reason(&format!("the system has no thread for the highscores: {error}"));
                scores.status = ServiceStatus::Off(reason);
            }
        }
        app.insert_resource(scores)
            .init_resource::<Leaderboard>()
            .add_message::<RunTicket>()
            .add_message::<ScoreQueued>()
            .add_message::<ScoreAccepted>()
            .add_message::<ScoreRefused>()
            .add_message::<LeaderboardChanged>()
            .add_message::<ReplayLoaded>()
            .add_message::<PlayerNamed>()
            .add_message::<NameRefused>()
            .add_systems(PreUpdate, link::hear)
            .add_systems(Last, link::close.run_if(resource_exists::<Link>));
    }
}

/// How it stands between the game and the service.
#[derive(Resource, Clone, Debug, Default, PartialEq, Eq)]
pub struct Scores {
    status: ServiceStatus,
    player: Option<PlayerId>,
    name: Option<String>,
    waiting: usize,
    refused: Vec<RefusedRun>,
    tickets: BTreeMap<BoardId, usize>,
}

/// Whether the service is there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ServiceStatus {
    /// It was not asked yet.
    #[default]
    Unknown,
    /// It answered the last call.
    Online,
    /// It didn't, for this reason. It is asked again by itself when there is something to send, and when the game asks.
    Offline(Reason),
    /// Nothing is sent in this life of the game, for this reason: the files are open in another copy of the game, say, so
    /// that nothing is kept either.
    Off(Reason),
}

impl Scores {
    /// Whether the service is there.
    pub fn status(&self) -> &ServiceStatus {
        &self.status
    }

    /// Who the player is; `None` in the first moments, until the file is read that says so.
    pub fn player(&self) -> Option<PlayerId> {
        self.player
    }

    /// What the service calls the player; `None` until it was heard. While another name is asked for, and when that is
    /// refused, it is still the old one.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// How many finished runs wait to be sent.
    pub fn waiting(&self) -> usize {
        self.waiting
    }

    /// The last runs that the service would not have, the oldest first, those of former lives of the game included.
    pub fn refused(&self) -> &[RefusedRun] {
        &self.refused
    }

    /// How many runs on a board can be started now.
    pub fn tickets(&self, board: &BoardId) -> usize {
        self.tickets.get(board).copied().unwrap_or_default()
    }
}
