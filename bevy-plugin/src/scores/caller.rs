//! The thread that makes the calls, one after the other. It waits for the network and knows nothing else: whoever gave it a
//! call may be gone when the answer is there.

use super::Season;
use super::keeper::{Event, now};
use super::leaderboard::Loaded;
use netcord::scores::api::Code;
use netcord::scores::client::{ClientError, Errand, ErrandDone, ScoreClient};
use netcord::scores::model::{BoardId, ScoreId};
use std::io;
use std::sync::mpsc::{self, SyncSender};
use std::thread;

/// What is to be asked of the service.
#[derive(Debug)]
pub(super) enum Call {
    /// By the outbox.
    Errand(Errand),
    /// By the game.
    Query(Query),
}

/// What the game wants to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Query {
    Table(BoardId, Season),
    Replay(ScoreId),
}

/// What came of a call.
#[derive(Debug)]
pub(super) enum Answer {
    Errand(ErrandDone),
    Table { board: BoardId, season: Season, loaded: Result<Loaded, ClientError> },
    Replay { score: ScoreId, loaded: Result<Vec<u8>, ClientError> },
}

/// How many rows a table has: the best, and those around the player.
const TOP: usize = 100;
const AROUND: usize = 11;

/// Starts the thread. It ends when nobody calls any more, or nobody wants the answer.
pub(super) fn start(client: ScoreClient, answers: SyncSender<Event>) -> io::Result<SyncSender<Call>> {
    let (calls, received) = mpsc::sync_channel(1);
    thread::Builder::new().name("scores-calls".into()).spawn(move || {
        for call in received {
            let query = if let Call::Query(query) = &call { Some(query.clone()) } else { None };
            let _guard = Guard { answers: &answers, query };
            if answers.send(Event::Answer(make(call, &client))).is_err() {
                return;
            }
        }
    })?;
    Ok(calls)
}

/// Says so if the thread panics in a call, which the game should not have to find out from silence.
struct Guard<'a> {
    answers: &'a SyncSender<Event>,
    query: Option<Query>,
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            // Nobody may be there any more to hear it.
            let _ = self.answers.send(Event::CallerPanicked(self.query.take()));
        }
    }
}

fn make(call: Call, client: &ScoreClient) -> Answer {
    match call {
        Call::Errand(errand) => Answer::Errand(errand.run(client)),
        Call::Query(Query::Table(board, season)) => {
            let loaded = load(client, &board, season);
            Answer::Table { board, season, loaded }
        }
        Call::Query(Query::Replay(score)) => Answer::Replay { score, loaded: client.replay(score) },
    }
}

fn load(client: &ScoreClient, board: &BoardId, season: Season) -> Result<Loaded, ClientError> {
    let top = client.top(board, season, TOP)?;
    let around = match client.around(board, &client.player(), season, AROUND) {
        Ok(around) => Some(around),
        // The player has no score there.
        Err(error) if error.code() == Some(Code::NotFound) => None,
        Err(error) => return Err(error),
    };
    Ok(Loaded { top, around, at: now() })
}
