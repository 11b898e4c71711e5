//! What anybody may ask.

use super::{Service, ServiceError, cursor};
use crate::api::{Entry, History, Page, Rank};
use crate::model::{BoardId, Listing, PlayerId, Score, ScoreId};

impl Service {
    /// Up to `limit` rows of a listing, from the best, or from where the page before gave as [`Page::next`].
    ///
    /// # Errors
    /// [`Code::NotFound`](crate::api::Code) when there is no such board, [`Code::BadRequest`](crate::api::Code) when
    /// `after` is none that a page gave.
    pub fn top(&self, listing: &Listing, after: Option<&str>, limit: usize) -> Result<Page, ServiceError> {
        self.played(&listing.board)?;
        let after = after.map(cursor::read).transpose()?;
        let limit = limit.clamp(1, Self::MAX_LIMIT);
        self.at_one_moment(&listing.board, || {
            let mut scores = self.store.page_after(listing, after, limit + 1)?;
            let more = scores.len() > limit;
            scores.truncate(limit);
            self.page(listing, scores, more)
        })
    }

    /// Up to `limit` rows around the best one of a player, in the middle of them; near an end of the listing, as many more on
    /// the other side.
    ///
    /// # Errors
    /// [`Code::NotFound`](crate::api::Code) when there is no such board, or nothing of this player in the listing.
    pub fn around(&self, listing: &Listing, player: &PlayerId, limit: usize) -> Result<Page, ServiceError> {
        let others = limit.clamp(1, Self::MAX_LIMIT) - 1;
        self.at_one_moment(&listing.board, || {
            let best = self.best_score(listing, player)?;
            let mut better = self.store.page_before(listing, best.position(), others)?;
            let mut worse = self.store.page_after(listing, Some(best.position()), others + 1)?;
            let above = better.len().min((others / 2).max(others.saturating_sub(worse.len())));
            let below = worse.len().min(others - above);
            let more = worse.len() > below;
            let mut scores = better.split_off(better.len() - above);
            scores.push(best);
            scores.extend(worse.drain(..below));
            self.page(listing, scores, more)
        })
    }

    /// The best row of a player in a listing.
    ///
    /// # Errors
    /// [`Code::NotFound`](crate::api::Code) when there is no such board, or nothing of this player in the listing.
    pub fn best(&self, listing: &Listing, player: &PlayerId) -> Result<Entry, ServiceError> {
        let best = self.best_score(listing, player)?;
        self.entry_in(listing, best)
    }

    /// The runs of a player on a board, the newest first, hidden ones too: those before `before`, if given.
    ///
    /// # Errors
    /// [`Code::NotFound`](crate::api::Code) when there is no such board or player.
    pub fn history(
        &self,
        board: &BoardId,
        player: &PlayerId,
        before: Option<ScoreId>,
        limit: usize,
    ) -> Result<History, ServiceError> {
        self.played(board)?;
        self.player(player)?;
        let limit = limit.clamp(1, Self::MAX_LIMIT);
        let mut scores = self.store.history(board, player, before, limit + 1)?;
        let more = scores.len() > limit;
        scores.truncate(limit);
        let next = scores.last().filter(|_| more).map(|last| last.id);
        Ok(History { scores, next })
    }

    /// The rank that so many points have in a listing, or would have.
    ///
    /// # Errors
    /// [`Code::NotFound`](crate::api::Code) when there is no such board.
    pub fn rank(&self, listing: &Listing, points: i64) -> Result<Rank, ServiceError> {
        let key = self.played(&listing.board)?.board.order.key(points);
        self.at_one_moment(&listing.board, || {
            let rank = self.store.count_better(listing, key)? + 1;
            Ok(Rank { rank, total: self.store.count(listing)? })
        })
    }

    /// A score, with its rank in its season. On a board of each player's best, a lesser run has the rank that its points have.
    ///
    /// # Errors
    /// [`Code::NotFound`](crate::api::Code) when there is no such score, or it isn't listed: a moderator hid it, or banned
    /// its player.
    pub fn entry(&self, id: ScoreId) -> Result<Entry, ServiceError> {
        let score = self.public_score(id)?;
        self.entry_in(&season_of(&score), score)
    }

    /// The replay of a score.
    ///
    /// # Errors
    /// As of [`entry`](Self::entry).
    pub fn replay(&self, id: ScoreId) -> Result<Vec<u8>, ServiceError> {
        self.public_score(id)?;
        self.store.replay(id)?.ok_or_else(|| ServiceError::not_found("score"))
    }

    pub(super) fn entry_in(&self, listing: &Listing, score: Score) -> Result<Entry, ServiceError> {
        let rank = self.store.count_better(listing, score.key)? + 1;
        self.row(score, rank)
    }

    fn public_score(&self, id: ScoreId) -> Result<Score, ServiceError> {
        let shown = self.store.score(id)?.filter(|score| !score.hidden);
        let score = shown.ok_or_else(|| ServiceError::not_found("score"))?;
        let banned = self.store.player(&score.player)?.is_some_and(|player| player.banned);
        if banned { Err(ServiceError::not_found("score")) } else { Ok(score) }
    }

    fn best_score(&self, listing: &Listing, player: &PlayerId) -> Result<Score, ServiceError> {
        self.played(&listing.board)?;
        let best = self.store.best(listing, player)?;
        best.ok_or_else(|| ServiceError::not_found("player in this listing"))
    }

    /// Rows that follow each other in a listing, and whether there are more after them.
    fn page(&self, listing: &Listing, scores: Vec<Score>, more: bool) -> Result<Page, ServiceError> {
        let next = scores.last().filter(|_| more).map(|last| cursor::write(last.position()));
        let mut entries: Vec<Entry> = Vec::with_capacity(scores.len());
        let mut equals: Option<Equals> = None;
        for score in scores {
            let place = entries.len();
            let group = match equals {
                Some(above) if above.key == score.key => above,
                // All of those above, but for the first ones, are on this page.
                Some(above) if above.first > 0 => {
                    Equals { key: score.key, first: place, rank: above.rank + (place - above.first) as u64 }
                }
                _ => {
                    let rank = self.store.count_better(listing, score.key)? + 1;
                    Equals { key: score.key, first: place, rank }
                }
            };
            equals = Some(group);
            entries.push(self.row(score, group.rank)?);
        }
        Ok(Page { entries, total: self.store.count(listing)?, next })
    }

    /// Asks a store several things of which one answer is made. When a score comes between them, it asks again; but not for
    /// ever, as a rank that is off by one until the next look is better than none.
    fn at_one_moment<T>(
        &self,
        board: &BoardId,
        ask: impl Fn() -> Result<T, ServiceError>,
    ) -> Result<T, ServiceError> {
        for _ in 0..2 {
            let before = self.store.revision(board)?;
            let answer = ask()?;
            if self.store.revision(board)? == before {
                return Ok(answer);
            }
        }
        ask()
    }

    fn row(&self, score: Score, rank: u64) -> Result<Entry, ServiceError> {
        Ok(Entry {
            rank,
            score: score.id,
            player: self.player(&score.player)?,
            points: score.points,
            ticks: score.ticks,
            season: score.season,
            accepted: score.accepted,
            details: score.details,
        })
    }
}

/// Rows of a page that have the same points.
#[derive(Clone, Copy)]
struct Equals {
    key: i64,
    /// Which row of the page is the first of them.
    first: usize,
    rank: u64,
}

/// The listing of the season that a score was accepted in.
pub(super) fn season_of(score: &Score) -> Listing {
    Listing { board: score.board.clone(), season: Some(score.season) }
}
