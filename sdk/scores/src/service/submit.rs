//! A run is handed in: looked at, played again, recorded.

use super::players::only_if_not_banned;
use super::queries::season_of;
use super::{PlayedBoard, Service, ServiceError};
use crate::api::{Code, Submission, Submitted};
use crate::model::{Board, BoardId, Claim, Listing, Player, PlayerId, Score, ScoreId, Ticket, UnixTime};
use crate::store::{NewScore, StoreError};
use crate::verify::{Verified, verify};
use std::time::Duration;

/// How much sooner than it lasts a run may end: games catch up after a hitch, and clocks differ.
const SLACK: Duration = Duration::from_secs(1);
/// And how many of a hundred parts of it.
const SLACK_PERCENT: u32 = 2;
/// How often it is tried to record a run beside others of the same player.
const ATTEMPTS: u32 = 8;

impl Service {
    /// Verifies a run and records it. `clock` tells the time that passes meanwhile, counted from whenever.
    ///
    /// What costs little is looked at first, and no more of a run is played than its player had the time to play. A refused
    /// run leaves its ticket open.
    ///
    /// # Errors
    /// The [`Code`] says why the run doesn't count.
    pub fn submit(
        &self,
        by: PlayerId,
        board: &BoardId,
        run: &Submission,
        now: UnixTime,
        clock: &mut dyn FnMut() -> Duration,
    ) -> Result<Submitted, ServiceError> {
        let played = self.played(board)?;
        let player = self.named(&by)?;
        only_if_not_banned(&player)?;
        let (ticket, redeemed) =
            self.store.ticket(&run.ticket)?.ok_or_else(|| ServiceError::not_found("ticket"))?;
        if ticket.player != by || ticket.board != *board {
            return Err(ServiceError::new(
                Code::TicketNotYours,
                "the ticket is another player's, or board's",
            ));
        }
        if let Some(recorded) = redeemed {
            return self.submitted_before(recorded, run);
        }
        if ticket.expires <= now {
            return Err(ServiceError::new(Code::TicketExpired, "the ticket was not redeemed in time"));
        }
        if run.claim.ticks <= played.board.limits.max_ticks {
            fit_in(&played.board, &ticket, &player, run.claim.ticks, now)?;
        }
        let verified =
            verify(&*played.rules, &played.board.limits, ticket.seed, &run.replay, &run.claim, clock)?;
        self.record(played, &ticket, player, run, verified, now)
    }

    /// Records a verified run, unless one of the player's others took its time or its ticket meanwhile.
    fn record(
        &self,
        played: &PlayedBoard,
        ticket: &Ticket,
        mut player: Player,
        run: &Submission,
        verified: Verified,
        now: UnixTime,
    ) -> Result<Submitted, ServiceError> {
        let Verified { outcome, timing } = verified;
        let mut new = NewScore {
            score: Score {
                id: ScoreId(0),
                board: played.board.id.clone(),
                season: played.board.seasons.at(now),
                player: player.id,
                ticket: ticket.id,
                points: outcome.points,
                key: played.board.order.key(outcome.points),
                ticks: run.claim.ticks,
                state_hash: outcome.state_hash,
                accepted: now,
                details: outcome.details,
                timing,
                hidden: false,
            },
            replay: run.replay.clone(),
            was_busy_until: player.busy_until,
            busy_until: player.busy_until,
        };
        for _ in 0..ATTEMPTS {
            only_if_not_banned(&player)?;
            new.was_busy_until = player.busy_until;
            new.busy_until = fit_in(&played.board, ticket, &player, run.claim.ticks, now)?;
            match self.store.record(&new) {
                Ok(score) => return self.submitted(score, false),
                Err(StoreError::TicketUsed(recorded)) => return self.submitted_before(recorded, run),
                Err(StoreError::BusyChanged) => player = self.named(&player.id)?,
                Err(error) => return Err(error.into()),
            }
        }
        Err(StoreError::BusyChanged.into())
    }

    /// Answers a run whose ticket was redeemed: as at first when it was for this run.
    fn submitted_before(&self, recorded: ScoreId, run: &Submission) -> Result<Submitted, ServiceError> {
        let score = self.store.score(recorded)?.ok_or_else(|| ServiceError::not_found("score"))?;
        let claim = Claim { points: score.points, ticks: score.ticks, state_hash: score.state_hash };
        if claim != run.claim || self.store.replay(recorded)?.as_ref() != Some(&run.replay) {
            return Err(StoreError::TicketUsed(recorded).into());
        }
        self.submitted(score, true)
    }

    fn submitted(&self, score: Score, repeated: bool) -> Result<Submitted, ServiceError> {
        let season = season_of(&score);
        let all_time = Listing { season: None, ..season.clone() };
        let all_time_rank = self.store.count_better(&all_time, score.key)? + 1;
        let best = self.store.best(&season, &score.player)?.is_some_and(|best| best.id == score.id);
        Ok(Submitted { entry: self.entry_in(&season, score)?, all_time_rank, best, repeated })
    }
}

/// Looks whether a player had the time for a run of so many ticks, beside their other runs: a person plays one at a time.
/// Returns until when they were busy with it.
fn fit_in(
    board: &Board,
    ticket: &Ticket,
    player: &Player,
    ticks: u32,
    now: UnixTime,
) -> Result<UnixTime, ServiceError> {
    let lasts = Duration::from_secs(1) * ticks / board.ticks_per_second;
    let start = ticket.issued.max(player.busy_until);
    let earliest = start.after((lasts * (100 - SLACK_PERCENT) / 100).saturating_sub(SLACK));
    if now < earliest {
        let detail = "the run lasts longer than its player had the ticket, or had time beside other runs";
        let retry_after = Some(earliest.since(now));
        return Err(ServiceError { retry_after, ..ServiceError::new(Code::TooSoon, detail) });
    }
    Ok(start.after(lasts).min(now).max(player.busy_until))
}
