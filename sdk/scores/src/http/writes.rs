//! What somebody has to sign: what changes something, and what is for moderators alone.

use super::Api;
use super::answer::{Answer, Refusal};
use super::call::{Call, PAGE, SCORES};
use crate::api::{Code, FetchTickets, Moderate, PutPlayer, Submission};
use crate::model::PlayerId;
use serde_json::Value;

/// How many tickets can be asked for: more than any board gives.
const MOST_TICKETS: usize = 1_000;

pub(super) fn put_player(api: &Api, call: &Call, by: &PlayerId) -> Result<Answer, Refusal> {
    if call.player()? != *by {
        return Err(Refusal::new(Code::NotAllowed, "that is another player".into()));
    }
    let PutPlayer { name } = call.body()?;
    Answer::json(&api.service.put_player(*by, &name, call.now)?)
}

pub(super) fn tickets(api: &Api, call: &Call, by: &PlayerId) -> Result<Answer, Refusal> {
    let (board, FetchTickets { count }) = (call.board()?, call.body()?);
    if count > MOST_TICKETS {
        return Err(Refusal::bad_request(format!("the body: count is more than {MOST_TICKETS}")));
    }
    Answer::json(&api.service.tickets(*by, &board, count, call.now, &mut api.random())?)
}

pub(super) fn submit(api: &Api, call: &Call, by: &PlayerId) -> Result<Answer, Refusal> {
    let (board, run): (_, Submission) = (call.board()?, call.body()?);
    let mut clock = || (api.clock)();
    let submitted = api.service.submit(*by, &board, &run, call.now, &mut clock)?;
    let answer = Answer::json(&submitted)?;
    Ok(if submitted.repeated { answer } else { answer.created() })
}

pub(super) fn moderate(api: &Api, call: &Call, by: &PlayerId) -> Result<Answer, Refusal> {
    // The act stands flat in it, so that serde passes over fields that nobody knows.
    let body: Value = call.body()?;
    let wrong = |error| Refusal::bad_request(format!("the body: {error}"));
    let moderate: Moderate = serde_json::from_value(body.clone()).map_err(wrong)?;
    if serde_json::to_value(&moderate).map_err(wrong)? != body {
        return Err(Refusal::bad_request("the body: there are fields that the act doesn't have".into()));
    }
    Answer::json(&api.service.moderate(*by, &moderate, call.now)?).map(Answer::created)
}

pub(super) fn audit(api: &Api, call: &Call, by: &PlayerId) -> Result<Answer, Refusal> {
    Answer::json(&api.service.audit(*by, call.number("before", SCORES)?, call.limit(PAGE)?)?)
}

pub(super) fn back_up(api: &Api, call: &Call, by: &PlayerId) -> Result<Answer, Refusal> {
    if !api.service.is_moderator(by) {
        return Err(Refusal::new(Code::NotAllowed, "only a moderator may do that".into()));
    }
    let back_up = api.back_up.as_ref();
    let back_up = back_up.ok_or_else(|| Refusal::new(Code::NotFound, "this service keeps no file".into()))?;
    let made = back_up(call.now).map_err(|error| Refusal::new(Code::Internal, error))?;
    Answer::json(&made).map(Answer::created)
}
