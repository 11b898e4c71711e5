//! The calls. Each waits for its answer.

use super::exchange::{Ask, bytes, json};
use super::options::Origin;
use super::{ClientError, ClientOptions};
use crate::api::{
    Audit, BackupMade, BoardView, Boards, Code, Entry, FetchTickets, History, Moderate, Page, PlayerView,
    Players, PutPlayer, Rank, ServiceInfo, Submission, Submitted, Tickets,
};
use crate::identity::PlayerKey;
use crate::model::{AuditEntry, BoardId, PlayerId, ScoreId, Ticket, UnixTime};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// A service, as one player sees it.
///
/// Calls wait for the network, up to [`ClientOptions::overall_timeout`]: a game has them on another thread. Clones share
/// connections, and what is known of the service's clock.
#[derive(Clone)]
pub struct ScoreClient(Arc<Inner>);

struct Inner {
    agent: ureq::Agent,
    origin: Origin,
    key: PlayerKey,
    /// By how many milliseconds the service's clock is ahead of ours.
    ahead: AtomicI64,
}

/// Which scores of a board are ranked against each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Season {
    /// Those of all time.
    #[default]
    All,
    /// Those of the season that it is.
    Current,
    /// Those of one season, from 1.
    Number(u32),
}

impl fmt::Display for Season {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("all"),
            Self::Current => f.write_str("current"),
            Self::Number(number) => number.fmt(f),
        }
    }
}

impl ScoreClient {
    /// A client of a service. Nothing is sent before the first call.
    ///
    /// # Errors
    /// [`ClientError::BadUrl`], [`ClientError::BadProxy`], [`ClientError::BadRoots`].
    pub fn new(options: &ClientOptions) -> Result<Self, ClientError> {
        let (agent, origin) = (options.agent()?, Origin::of(&options.url)?);
        Ok(Self(Arc::new(Inner { agent, origin, key: options.key.clone(), ahead: AtomicI64::new(0) })))
    }

    /// Who asks.
    #[must_use]
    pub fn player(&self) -> PlayerId {
        self.0.key.id()
    }

    /// By how many milliseconds the service's clock is ahead of this machine's, as far as it is known: the service says it
    /// in [`info`](Self::info), and when a signed call shows that they differ by more than a minute.
    #[must_use]
    pub fn clock_ahead_millis(&self) -> i64 {
        self.0.ahead.load(Ordering::Relaxed)
    }

    /// Who answers, and what time it is there.
    ///
    /// # Errors
    /// [`ClientError`], as with all calls.
    pub fn info(&self) -> Result<ServiceInfo, ClientError> {
        let info: ServiceInfo = self.get("/v1")?;
        self.learn_time(info.time);
        Ok(info)
    }

    /// All boards.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn boards(&self) -> Result<Boards, ClientError> {
        self.get("/v1/boards")
    }

    /// One board.
    ///
    /// # Errors
    /// [`ClientError`]; [`Code::NotFound`] when there is none.
    pub fn board(&self, board: &BoardId) -> Result<BoardView, ClientError> {
        self.get(&format!("/v1/boards/{board}"))
    }

    /// The best, up to `limit` of them, 1 to 100.
    ///
    /// # Errors
    /// [`ClientError`]; [`Code::NotFound`] when there is no such board.
    pub fn top(&self, board: &BoardId, season: Season, limit: usize) -> Result<Page, ClientError> {
        self.get(&format!("/v1/boards/{board}/scores?season={season}&limit={limit}"))
    }

    /// The part of a listing after another one, whose [`Page::next`] is `after`.
    ///
    /// # Errors
    /// [`ClientError`]; [`Code::NotFound`] when there is no such board, [`Code::BadRequest`] when `after` is no [`Page::next`].
    pub fn page_after(
        &self,
        board: &BoardId,
        season: Season,
        after: &str,
        limit: usize,
    ) -> Result<Page, ClientError> {
        let after = escape(after);
        self.get(&format!("/v1/boards/{board}/scores?season={season}&limit={limit}&after={after}"))
    }

    /// The scores around a player's best, up to `limit` of them, 1 to 101.
    ///
    /// # Errors
    /// [`ClientError`]; [`Code::NotFound`] when there is no such board, or nothing of this player in the listing.
    pub fn around(
        &self,
        board: &BoardId,
        player: &PlayerId,
        season: Season,
        limit: usize,
    ) -> Result<Page, ClientError> {
        self.get(&format!("/v1/boards/{board}/scores/around/{player}?season={season}&limit={limit}"))
    }

    /// A player's best.
    ///
    /// # Errors
    /// [`ClientError`]; [`Code::NotFound`] when there is no such board, or nothing of this player in the listing.
    pub fn best(&self, board: &BoardId, player: &PlayerId, season: Season) -> Result<Entry, ClientError> {
        let target = format!("/v1/boards/{board}/players/{player}/best?season={season}");
        self.get(&target).and_then(|entry: Entry| {
            if entry.player.id == *player { Ok(entry) } else { Err(self.other("a score of another player")) }
        })
    }

    /// The runs of a player, the newest first, up to `limit` of them; those before `before`, if given.
    ///
    /// # Errors
    /// [`ClientError`]; [`Code::NotFound`] when there is no such board or player.
    pub fn history(
        &self,
        board: &BoardId,
        player: &PlayerId,
        before: Option<ScoreId>,
        limit: usize,
    ) -> Result<History, ClientError> {
        let before = before.map(|before| format!("&before={before}")).unwrap_or_default();
        self.get(&format!("/v1/boards/{board}/players/{player}/scores?limit={limit}{before}"))
    }

    /// The rank that so many points have, or would have.
    ///
    /// # Errors
    /// [`ClientError`]; [`Code::NotFound`] when there is no such board.
    pub fn rank(&self, board: &BoardId, points: i64, season: Season) -> Result<Rank, ClientError> {
        self.get(&format!("/v1/boards/{board}/rank?points={points}&season={season}"))
    }

    /// One score.
    ///
    /// # Errors
    /// [`ClientError`]; [`Code::NotFound`] when there is none that is listed.
    pub fn score(&self, score: ScoreId) -> Result<Entry, ClientError> {
        let entry: Entry = self.get(&format!("/v1/scores/{score}"))?;
        if entry.score == score { Ok(entry) } else { Err(self.other("another score")) }
    }

    /// What a score was verified by. Check it as you would any file: it is what another player sent.
    ///
    /// # Errors
    /// [`ClientError`]; [`Code::NotFound`] when there is none.
    pub fn replay(&self, score: ScoreId) -> Result<Vec<u8>, ClientError> {
        let target = format!("/v1/scores/{score}/replay");
        bytes(&self.0.agent, &self.0.origin, Ask { method: "GET", target: &target, body: None, signer: None })
    }

    /// What all may know of a player.
    ///
    /// # Errors
    /// [`ClientError`]; [`Code::NotFound`] when the service doesn't know them.
    pub fn player_view(&self, player: &PlayerId) -> Result<PlayerView, ClientError> {
        self.get(&format!("/v1/players/{player}"))
    }

    /// Players whose names begin like that.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn players_named(&self, beginning: &str) -> Result<Players, ClientError> {
        self.get(&format!("/v1/players?name={}", escape(beginning)))
    }

    /// Takes a name, or another one. Returns it as the service cleaned it.
    ///
    /// # Errors
    /// [`ClientError`]; [`Code::BadName`], [`Code::NameTaken`].
    pub fn put_player(&self, name: &str) -> Result<PlayerView, ClientError> {
        let target = format!("/v1/players/{}", self.player());
        let view: PlayerView = self.signed("PUT", &target, Some(&PutPlayer { name: name.into() }))?;
        if view.id == self.player() { Ok(view) } else { Err(self.other("another player")) }
    }

    /// Asks for open tickets, so that there are `count` of them, or as many as the board allows. Asking again gives the same.
    ///
    /// # Errors
    /// [`ClientError`]; [`Code::NotFound`] when there is no such board, or the player has no name yet.
    pub fn tickets(&self, board: &BoardId, count: usize) -> Result<Vec<Ticket>, ClientError> {
        let target = format!("/v1/boards/{board}/tickets");
        let Tickets { tickets } = self.signed("POST", &target, Some(&FetchTickets { count }))?;
        if tickets.iter().all(|ticket| ticket.board == *board && ticket.player == self.player()) {
            Ok(tickets)
        } else {
            Err(self.other("tickets of another board or player"))
        }
    }

    /// Hands in a run. The same again is answered as at first.
    ///
    /// # Errors
    /// [`ClientError`]; what is wrong with the run.
    pub fn submit(&self, board: &BoardId, run: &Submission) -> Result<Submitted, ClientError> {
        let target = format!("/v1/boards/{board}/scores");
        let submitted: Submitted = self.signed("POST", &target, Some(run))?;
        let Entry { player, points, ticks, .. } = &submitted.entry;
        if (player.id, *points, *ticks) == (self.player(), run.claim.points, run.claim.ticks) {
            Ok(submitted)
        } else {
            Err(self.other("another run"))
        }
    }

    /// Hides a score, bans a player, or undoes that.
    ///
    /// # Errors
    /// [`ClientError`]; [`Code::NotAllowed`] when the player is no moderator.
    pub fn moderate(&self, moderate: &Moderate) -> Result<AuditEntry, ClientError> {
        self.signed("POST", "/v1/moderation", Some(moderate))
    }

    /// What moderators did, the newest first, up to `limit`; what came before number `before`, if given.
    ///
    /// # Errors
    /// [`ClientError`]; [`Code::NotAllowed`] when the player is no moderator.
    pub fn audit(&self, before: Option<u64>, limit: usize) -> Result<Audit, ClientError> {
        let before = before.map(|before| format!("&before={before}")).unwrap_or_default();
        self.signed("GET", &format!("/v1/moderation?limit={limit}{before}"), None::<&()>)
    }

    /// Has the service make a backup of its store.
    ///
    /// # Errors
    /// [`ClientError`]; [`Code::NotAllowed`] when the player is no moderator, [`Code::NotFound`] when the service keeps no file.
    pub fn back_up(&self) -> Result<BackupMade, ClientError> {
        self.signed("POST", "/v1/backups", None::<&()>)
    }

    fn get<T: DeserializeOwned>(&self, target: &str) -> Result<T, ClientError> {
        let ask = Ask { method: "GET", target, body: None, signer: None };
        json(&self.0.agent, &self.0.origin, ask)
    }

    /// Signs with the service's time as far as it is known; where it proves wrong, with the time that the service says, once.
    fn signed<T: DeserializeOwned>(
        &self,
        method: &'static str,
        target: &str,
        body: Option<&impl Serialize>,
    ) -> Result<T, ClientError> {
        let Inner { agent, origin, key, .. } = &*self.0;
        let body = body.map(serde_json::to_vec).transpose().expect("ids, numbers and texts are JSON");
        let ask = |now| {
            let ask = Ask { method, target, body: body.as_deref(), signer: Some((key, now)) };
            json(agent, origin, ask)
        };
        match ask(self.service_time()) {
            Err(ClientError::Problem(problem)) if problem.code == Code::ClockSkew => {
                tracing::debug!(url = origin.url, "this clock is not the service's");
                self.learn_time(problem.time);
                ask(self.service_time())
            }
            outcome => outcome,
        }
    }

    fn service_time(&self) -> UnixTime {
        UnixTime::from_millis(system_millis().saturating_add_signed(self.clock_ahead_millis()))
    }

    fn learn_time(&self, there: UnixTime) {
        let (there, here) = (i128::from(there.as_millis()), i128::from(system_millis()));
        let ahead = (there - here).clamp(i64::MIN.into(), i64::MAX.into());
        self.0.ahead.store(ahead as i64, Ordering::Relaxed);
    }

    fn other(&self, what: &str) -> ClientError {
        let (url, what) = (self.0.origin.url.clone(), format!("asked for one thing, it answers with {what}"));
        ClientError::NotAScoreService { url, what, retry_after: None }
    }
}

impl fmt::Debug for ScoreClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { origin, key, .. } = &*self.0;
        f.debug_struct("ScoreClient").field("url", &origin.url).field("key", key).finish_non_exhaustive()
    }
}

/// The one place of the client that reads a clock: for signatures, which are of a moment.
fn system_millis() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// A text as a part of an address, RFC 3986.
fn escape(text: &str) -> String {
    let escaped = text.bytes().map(|byte| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    });
    escaped.collect()
}
