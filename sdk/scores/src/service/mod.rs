//! What a service of scores does, whatever front it is asked through. It knows no network, no file and no thread: the time
//! of day, the clock that bounds a verification and chance are handed to it, and where scores are kept is its
//! [`ScoreStore`]'s to know. All of it may be called from many threads at once.
//!
//! - **Asking again is safe.** A ticket is for one run, so the same run again is answered as at first ([`Submitted::repeated`]);
//!   tickets that are open are given again, no others beside them; a name that a player has is theirs.
//! - **A run takes its time.** It can't be submitted sooner after its ticket was issued than it lasts, nor can two runs of a
//!   player have been played at the same time; 2 % and a second are given for clocks that differ. So a run that is said to be
//!   long costs the service no work until its player had the time to play it.
//! - **A refused run burns no ticket.** A player whose game is too old updates it and submits the run again.
//! - **What is hidden looks as if it weren't there**, but in its player's history; so do the scores of banned players.
//! - **Each refusal has its [`Code`]**, and a sentence for people. What failed inside goes to the log alone.
//!
//! [`Submitted::repeated`]: crate::api::Submitted::repeated

mod cursor;
mod error;
mod moderation;
mod name;
mod players;
mod queries;
mod submit;

pub use error::ServiceError;
pub use name::{BadName, Name};

use crate::api::{BoardView, Boards, Code, ServiceInfo};
use crate::model::{Board, BoardId, Listing, PlayerId, UnixTime};
use crate::rules::Rules;
use crate::store::ScoreStore;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

/// A service of scores: boards, the rules by which their runs are verified, and a store.
pub struct Service {
    store: Arc<dyn ScoreStore>,
    boards: Vec<PlayedBoard>,
    name: String,
    moderators: BTreeSet<PlayerId>,
}

/// What an operator may say of a service.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServiceOptions {
    /// What it is called.
    pub name: String,
    /// Who may hide scores and ban players.
    pub moderators: Vec<PlayerId>,
    /// Of boards whose replays can be watched in a page, where the script is that shows them: [`BoardView::viewer`].
    pub viewers: BTreeMap<BoardId, String>,
}

struct PlayedBoard {
    board: Board,
    rules: Arc<dyn Rules>,
    viewer: Option<String>,
}

impl Service {
    /// The most rows of a listing that are given at once.
    pub const MAX_LIMIT: usize = 101;

    /// A service of these boards, in this order.
    ///
    /// # Errors
    /// When two boards have one id, a board makes no sense, or there is a viewer of a board that isn't there.
    pub fn new(
        store: Arc<dyn ScoreStore>,
        boards: Vec<(Board, Arc<dyn Rules>)>,
        options: ServiceOptions,
    ) -> Result<Self, ServiceError> {
        let ServiceOptions { name, moderators, mut viewers } = options;
        let refuse = |detail: String| Err(ServiceError::new(Code::BadRequest, detail));
        let mut ids = BTreeSet::new();
        for (board, _) in &boards {
            if !ids.insert(board.id.clone()) {
                return refuse(format!("two boards are called {}", board.id));
            }
            if board.ticks_per_second == 0 {
                return refuse(format!("board {} has no ticks in a second", board.id));
            }
        }
        let boards = boards
            .into_iter()
            .map(|(board, rules)| PlayedBoard { viewer: viewers.remove(&board.id), board, rules })
            .collect();
        if let Some(board) = viewers.keys().next() {
            return refuse(format!("there is a viewer of board {board}, which is not there"));
        }
        Ok(Self { store, boards, name, moderators: moderators.into_iter().collect() })
    }

    /// Who answers.
    pub fn info(&self, now: UnixTime) -> ServiceInfo {
        ServiceInfo { name: self.name.clone(), version: env!("CARGO_PKG_VERSION").to_owned(), time: now }
    }

    /// All boards.
    ///
    /// # Errors
    /// [`Code::Internal`].
    pub fn boards(&self, now: UnixTime) -> Result<Boards, ServiceError> {
        let boards = self.boards.iter().map(|played| self.view(played, now)).collect::<Result<_, _>>()?;
        Ok(Boards { boards })
    }

    /// A board.
    ///
    /// # Errors
    /// [`Code::NotFound`].
    pub fn board(&self, board: &BoardId, now: UnixTime) -> Result<BoardView, ServiceError> {
        self.view(self.played(board)?, now)
    }

    /// The season that it is on a board.
    ///
    /// # Errors
    /// [`Code::NotFound`].
    pub fn season(&self, board: &BoardId, now: UnixTime) -> Result<u32, ServiceError> {
        Ok(self.played(board)?.board.seasons.at(now))
    }

    /// A number that changes whenever what there is to see of a board does.
    ///
    /// # Errors
    /// [`Code::NotFound`].
    pub fn revision(&self, board: &BoardId) -> Result<u64, ServiceError> {
        self.played(board)?;
        Ok(self.store.revision(board)?)
    }

    /// Where the scores are kept.
    pub fn store(&self) -> &dyn ScoreStore {
        &*self.store
    }

    fn view(&self, played: &PlayedBoard, now: UnixTime) -> Result<BoardView, ServiceError> {
        let listing = Listing { board: played.board.id.clone(), season: None };
        Ok(BoardView {
            board: played.board.clone(),
            season: played.board.seasons.at(now),
            scores: self.store.count(&listing)?,
            viewer: played.viewer.clone(),
        })
    }

    fn played(&self, board: &BoardId) -> Result<&PlayedBoard, ServiceError> {
        let found = self.boards.iter().find(|played| played.board.id == *board);
        found.ok_or_else(|| ServiceError::not_found("board"))
    }
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let boards: Vec<_> = self.boards.iter().map(|played| played.board.id.as_str()).collect();
        f.debug_struct("Service").field("name", &self.name).field("boards", &boards).finish_non_exhaustive()
    }
}
