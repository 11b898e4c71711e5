//! What must hold while a match is played, when it ends, and of all that was played.

use super::player::{Joiner, Player};
use super::scenario::{Ending, TIMEOUT_SECONDS};
use super::table::Table;
use super::witness::Diary;
use netcord::session::{Outcome, PlayerIndex};
use netcord::transport::Endpoint;
use std::time::Duration;

/// How long a match on a whole network may stand still.
const RECOVERY: Duration = Duration::from_secs(30);
/// How long it may stand still while both are connected and in the match: a few round trips of what is lost, and less
/// than the session waits before it gives such a connection up.
const STALL: Duration = Duration::from_secs(5);
/// New final states by which a match shows that it goes on.
const GOES_ON: usize = 1_200;
/// How much later than set a side may notice that it has waited long enough: some frames.
const SLACK: Duration = Duration::from_millis(500);
/// A process that is not run for so long sleeps.
const ASLEEP: Duration = Duration::from_secs(1);
/// The code with which a player leaves in the end.
const LEAVES: u32 = 7;

const HOST: PlayerIndex = PlayerIndex(0);
const GUEST: PlayerIndex = PlayerIndex(1);

impl Table<'_> {
    /// Something disturbs the match: what it owes counts from now.
    pub(super) fn disturbed(&mut self) {
        self.calm_since = self.now;
        let guest = self.guest.as_ref().map_or(0, |guest| guest.diary().states.len());
        self.states_then = [self.host.diary().states.len(), guest];
    }

    /// The match goes on whenever it can.
    pub(super) fn judge_progress(&mut self) -> Result<(), String> {
        let sleeps = |next_frame: Duration| next_frame > self.now + ASLEEP;
        let guest_is_there = self.guest.as_ref().is_some_and(|guest| !sleeps(guest.next_frame));
        if self.cut_since.is_some() || sleeps(self.host.next_frame) || !guest_is_there {
            self.disturbed();
        }
        if self.scenario.ending != Ending::Resume {
            return Ok(());
        }
        let outcomes = [Some(&self.host.outcome), self.guest.as_ref().map(|guest| &guest.outcome)];
        if let Some(outcome) = outcomes.into_iter().flatten().flatten().next() {
            return Err(format!("the match ended too early: {outcome:?}"));
        }
        let Some(guest) = &self.guest else { return Ok(()) };
        if !(self.host.is_in_play() && guest.is_in_play()) {
            self.apart_at = self.now;
        }
        for (name, diary) in [("host", self.host.diary()), ("guest", guest.diary())] {
            let since = |least: Duration| self.now.saturating_sub(diary.progress_at.max(least));
            let standstill = since(self.calm_since);
            let stall = since(self.calm_since.max(self.apart_at));
            let millis =
                |longest: &mut u64, time: Duration| *longest = time.as_millis().max((*longest).into()) as u64;
            millis(&mut self.counts.longest_standstill_ms, standstill);
            millis(&mut self.counts.longest_stall_ms, stall);
            if standstill > RECOVERY || stall > STALL {
                let stats = [self.host.stats(), guest.stats()];
                return Err(format!("the {name}'s match stands still: {stats:?}"));
            }
        }
        Ok(())
    }

    /// Whether all that the scenario asks for has happened.
    pub(super) fn is_settled(&self) -> Result<bool, String> {
        let Some(guest) = &self.guest else { return Ok(false) };
        let outcomes = [&self.host.outcome, &guest.outcome];
        let settled = match self.scenario.ending {
            Ending::Resume => self.goes_on(guest),
            Ending::Forfeit => is_forfeit(outcomes),
            Ending::ResumeOrForfeit => self.goes_on(guest) || is_forfeit(outcomes),
            Ending::ForfeitApart => outcomes.iter().all(|outcome| outcome.is_some()),
        };
        let patience = RECOVERY * 3;
        let since = self.cut_since.unwrap_or(self.calm_since);
        if !settled && self.now > since + patience {
            return Err(format!("nothing is decided: {outcomes:?}"));
        }
        Ok(settled)
    }

    /// Whether the match has gone on for a while since the last disturbance, also for the spectator.
    fn goes_on(&self, guest: &Joiner) -> bool {
        let news = [self.host.diary(), guest.diary()].map(|diary| diary.states.len());
        let spectator = match (&self.spectator, self.scenario.spectator_at) {
            (Some(spectator), _) => {
                spectator.outcome.is_some()
                    || spectator.diary().progress_at >= self.calm_since + Duration::from_secs(1)
            }
            (None, arrival) => arrival.is_none(),
        };
        spectator && news.into_iter().zip(self.states_then).all(|(now, then)| now >= then + GOES_ON)
    }

    /// The match ended as it had to; or a player leaves now, and the other is told.
    pub(super) fn judge_ending(&mut self) -> Result<(), String> {
        let Some(guest) = &self.guest else { return Err("there is no guest in the end".to_owned()) };
        let waited = [self.host.waited, guest.waited];
        match self.scenario.ending {
            Ending::Resume => self.farewell(),
            Ending::ResumeOrForfeit if self.host.outcome.is_none() => self.farewell(),
            Ending::Forfeit | Ending::ResumeOrForfeit => {
                // Who gave up first has waited for as long as was set.
                if waited.iter().flatten().any(|waited| *waited >= self.scenario.forfeit_after) {
                    Ok(())
                } else {
                    Err(format!("forfeit after {waited:?}"))
                }
            }
            Ending::ForfeitApart => {
                let outcomes = [self.host.outcome.clone(), guest.outcome.clone()];
                let expected = [(GUEST, true), (HOST, false)]
                    .map(|(absent, authoritative)| Some(Outcome::Forfeit { absent, authoritative }));
                let in_time = |waited: Option<Duration>| {
                    let set = self.scenario.forfeit_after;
                    waited.is_some_and(|waited| (set..set + SLACK).contains(&waited))
                };
                if outcomes == expected && waited.into_iter().all(in_time) {
                    Ok(())
                } else {
                    Err(format!("apart, it ended in {outcomes:?} after {waited:?}"))
                }
            }
        }
    }

    /// A player leaves; the other hears of it, or, when all of the goodbye is lost, finds out.
    fn farewell(&mut self) -> Result<(), String> {
        let leaver = self.scenario.leaver;
        if leaver == 0 {
            self.host.session().leave(LEAVES);
        } else if let Some(guest) = &mut self.guest {
            guest.session().leave(LEAVES);
        }
        let patience = Duration::from_secs(TIMEOUT_SECONDS.into()) + self.scenario.forfeit_after + RECOVERY;
        let until = self.now + patience;
        while self.now < until {
            self.step()?;
            let outcomes = [&self.host.outcome, self.guest.as_ref().map_or(&None, |guest| &guest.outcome)];
            let player = [HOST, GUEST][leaver];
            let left = Outcome::Left { player, code: LEAVES };
            match (outcomes[leaver], outcomes[1 - leaver]) {
                (Some(own), _) if *own != left => return Err(format!("leaving ended in {own:?}")),
                (Some(_), Some(other)) => {
                    let heard = *other == left;
                    self.counts.goodbyes_lost += u64::from(!heard);
                    return match other {
                        // The code goes missing where the farewell of the link below overtakes it.
                        Outcome::Left { player: who, code: 0 | LEAVES } if *who == player => Ok(()),
                        Outcome::Forfeit { absent, .. } if *absent == player => Ok(()),
                        Outcome::Disconnected(_) => Ok(()),
                        other => Err(format!("a goodbye came as {other:?}")),
                    };
                }
                _ => {}
            }
        }
        Err("the other never noticed that a player left".to_owned())
    }

    /// All peers have lived through the same match, and no input was lost.
    pub(super) fn judge_history(&self) -> Result<(), String> {
        let host = self.host.diary();
        if let Some(newest) = host.newest()
            && host.states.len() as u32 != newest + 1
        {
            return Err(format!("the host confirmed {} states of {}", host.states.len(), newest + 1));
        }
        let goes_on = self.scenario.ending == Ending::Resume;
        judge_peer("guest", self.guest.as_ref(), host, goes_on)?;
        judge_peer("spectator", self.spectator.as_ref(), host, goes_on)?;
        if let Some(lost) = host.lost_input(HOST, host) {
            return Err(format!("an input is lost: {lost}"));
        }
        if let Some(lost) = self.guest.as_ref().and_then(|guest| guest.diary().lost_input(GUEST, host)) {
            return Err(format!("an input is lost: {lost}"));
        }
        Ok(())
    }
}

/// Whether both know that the guest was absent for too long.
fn is_forfeit(outcomes: [&Option<Outcome>; 2]) -> bool {
    let forfeit = Some(Outcome::Forfeit { absent: GUEST, authoritative: true });
    outcomes == [&forfeit; 2]
}

fn judge_peer<E: Endpoint>(
    name: &str,
    peer: Option<&Player<E>>,
    host: &Diary,
    goes_on: bool,
) -> Result<(), String> {
    let Some(peer) = peer else { return Ok(()) };
    if let Some(difference) = peer.diary().difference(host) {
        return Err(format!("host and {name}: {difference}"));
    }
    let shared = peer.diary().states.keys().filter(|tick| host.states.contains_key(tick)).count();
    if shared == 0 && peer.started && goes_on {
        return Err(format!("host and {name} share no final state"));
    }
    Ok(())
}
