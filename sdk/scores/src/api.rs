//! What client and server say to each other: the bodies of requests and answers under `/v1`, as JSON.
//!
//! Fields that an answer has and a reader doesn't know are passed over, so that answers can grow; a request with such a
//! field is refused. `openapi.json` describes all of it.

use crate::model::{Act, AuditEntry, Board, Claim, PlayerId, Score, ScoreId, Ticket, TicketId, UnixTime};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// `GET /v1`: who answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceInfo {
    /// What the operator calls it.
    pub name: String,
    /// The version of netcord that it runs.
    pub version: String,
    /// The time of day there, for clients whose clocks are wrong.
    pub time: UnixTime,
}

/// `GET /v1/boards/{board}`; and `GET /v1/boards`, in [`Boards`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BoardView {
    /// What it is.
    #[serde(flatten)]
    pub board: Board,
    /// The season that it is.
    pub season: u32,
    /// How many scores are listed of all time.
    pub scores: u64,
    /// Where the script is that shows a replay of this board in a page, if there is one.
    pub viewer: Option<String>,
}

/// `GET /v1/boards`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Boards {
    /// In the order in which the operator names them.
    pub boards: Vec<BoardView>,
}

/// A row of a listing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// From 1; equal points have one rank, and the next one counts them all: 1, 2, 2, 4.
    pub rank: u64,
    /// The score.
    pub score: ScoreId,
    /// Who played it.
    pub player: PlayerView,
    /// What it came to.
    pub points: i64,
    /// For how many ticks it lasted.
    pub ticks: u32,
    /// The season it was accepted in.
    pub season: u32,
    /// When it was accepted.
    pub accepted: UnixTime,
    /// What else there is to tell: lines, level.
    pub details: BTreeMap<String, i64>,
}

/// What all may know of a player.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlayerView {
    /// The public key.
    pub id: PlayerId,
    /// The name.
    pub name: String,
}

/// A part of a listing: `GET /v1/boards/{board}/scores`, and `…/around/{player}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    /// The better ones first.
    pub entries: Vec<Entry>,
    /// How many the listing has in all.
    pub total: u64,
    /// What `after` has to be for the next part; none when this was the last.
    pub next: Option<String>,
}

/// `GET /v1/boards/{board}/players/{player}/scores`: the runs of one player, the newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct History {
    /// Hidden ones too.
    pub scores: Vec<Score>,
    /// What `before` has to be for the next part; none when this was the last.
    pub next: Option<ScoreId>,
}

/// `GET /v1/boards/{board}/rank?points=…`: the rank that so many points have, or would have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rank {
    /// From 1.
    pub rank: u64,
    /// How many scores are listed.
    pub total: u64,
}

/// `GET /v1/players?name=…`: players whose names begin like that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Players {
    /// In the order of their names.
    pub players: Vec<PlayerView>,
}

/// `PUT /v1/players/{player}`, signed by that player: takes a name, or another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PutPlayer {
    /// As the player typed it. The answer has it as it was cleaned.
    pub name: String,
}

/// `POST /v1/boards/{board}/tickets`, signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FetchTickets {
    /// How many open ones to have then. No more than the board allows are given.
    pub count: usize,
}

/// The answer: all that are open, the oldest first. Asking again gives the same ones.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tickets {
    /// The oldest first.
    pub tickets: Vec<Ticket>,
}

/// `POST /v1/boards/{board}/scores`, signed. Its ticket makes it idempotent: the same again is answered as at first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Submission {
    /// The ticket that the run was played with.
    pub ticket: TicketId,
    /// What the run came to in the game.
    pub claim: Claim,
    /// The replay; base64 in JSON.
    #[serde(with = "crate::base64")]
    pub replay: Vec<u8>,
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Submitted {
    /// The score, with its rank in its season. On a board of each player's best, a lesser run has the rank that it would have.
    pub entry: Entry,
    /// Its rank of all time.
    pub all_time_rank: u64,
    /// Whether it is the player's best on this board in this season.
    pub best: bool,
    /// Whether it had been recorded before.
    pub repeated: bool,
}

/// `POST /v1/moderation`, signed by a moderator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moderate {
    /// What to do.
    #[serde(flatten)]
    pub act: Act,
    /// Why, for those who read it later.
    pub reason: String,
}

/// `GET /v1/moderation`, signed by a moderator: what was done, the newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Audit {
    /// The newest first.
    pub entries: Vec<AuditEntry>,
    /// What `before` has to be for the next part; none when this was the last.
    pub next: Option<u64>,
}

/// `POST /v1/backups`, signed by a moderator: the backup that was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupMade {
    /// The name of the file, beside the store's.
    pub name: String,
    /// How long it is.
    pub bytes: u64,
}

/// Every answer that is no success, as `application/problem+json` (RFC 9457).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// The status of the answer.
    pub status: u16,
    /// Which problem, for programs.
    pub code: Code,
    /// In a sentence, for people.
    pub detail: String,
    /// The time of day at the server.
    pub time: UnixTime,
    /// When to try again, in milliseconds, where that may help.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_millis: Option<u64>,
}

/// What can go wrong, for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Code {
    // 400
    /// The request is spelled wrongly.
    BadRequest,
    /// The name can't be used: too long, empty, or of signs that don't belong in names.
    BadName,

    // 401
    /// The request has to be signed, or its signature is not that of this request by this player.
    BadSignature,
    /// The same signed request came before.
    ReplayedRequest,
    /// The request was signed too long ago, or in the future: compare with [`Problem::time`] and sign again.
    ClockSkew,

    // 403
    /// It is another player's to do, or a moderator's.
    NotAllowed,
    /// The player is banned.
    Banned,
    /// The ticket is another player's, or of another board.
    TicketNotYours,

    // 404, 405
    /// There is no such thing.
    NotFound,
    /// The path is right, the method isn't.
    MethodNotAllowed,

    // 409
    /// Another player has the name.
    NameTaken,
    /// The ticket was redeemed for another run.
    TicketUsed,

    // 410
    /// The ticket was not redeemed in time.
    TicketExpired,

    // 411, 413, 415, 431
    /// The length of the body has to be said beforehand.
    LengthRequired,
    /// The body, or the replay, is longer than is read.
    TooLarge,
    /// The body is compressed, or no JSON.
    UnsupportedMedia,
    /// The headers are longer, or more, than are read.
    HeadersTooLarge,

    // 422: the run was looked at, and doesn't count
    /// The replay is none.
    MalformedReplay,
    /// The replay was recorded by another version of the rules.
    OtherVersion,
    /// The replay starts from another seed than the ticket's.
    OtherSeed,
    /// The replay is of another mode than the board's.
    OtherGame,
    /// The inputs end before the game does, or the game before it came to anything: a race that was not finished.
    Unfinished,
    /// The inputs go on after the game's end.
    InputsAfterEnd,
    /// The run comes to something else than was claimed.
    ClaimDiffers,
    /// The run lasts longer than the player had the ticket, or than they had time beside other runs.
    TooSoon,
    /// The run lasts more ticks than the board allows.
    TooManyTicks,
    /// The run took more time to verify than the board allows.
    TooCostly,

    // 408, 429, 503
    /// The request did not come in time.
    RequestTimeout,
    /// Too many requests from this player or address.
    RateLimited,
    /// The service has too much to do.
    Busy,

    // 500
    /// The service failed, and changed nothing.
    Internal,

    /// A problem that this client doesn't know.
    #[serde(other)]
    Unknown,
}

impl Code {
    /// The status of an answer with this problem.
    pub const fn status(self) -> u16 {
        match self {
            Self::BadRequest | Self::BadName => 400,
            Self::BadSignature | Self::ReplayedRequest | Self::ClockSkew => 401,
            Self::NotAllowed | Self::Banned | Self::TicketNotYours => 403,
            Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::RequestTimeout => 408,
            Self::NameTaken | Self::TicketUsed => 409,
            Self::TicketExpired => 410,
            Self::LengthRequired => 411,
            Self::TooLarge => 413,
            Self::UnsupportedMedia => 415,
            Self::MalformedReplay
            | Self::OtherVersion
            | Self::OtherSeed
            | Self::OtherGame
            | Self::Unfinished
            | Self::InputsAfterEnd
            | Self::ClaimDiffers
            | Self::TooSoon
            | Self::TooManyTicks
            | Self::TooCostly => 422,
            Self::RateLimited => 429,
            Self::HeadersTooLarge => 431,
            Self::Internal | Self::Unknown => 500,
            Self::Busy => 503,
        }
    }
}
