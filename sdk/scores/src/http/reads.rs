//! What everybody may ask.

use super::Api;
use super::answer::{Answer, Refusal, serialized};
use super::call::{AROUND, Call, PAGE, SCORES, SeasonWanted};
use crate::api::Code;
use crate::model::{BoardId, Listing, PlayerId, Score, ScoreId};
use bytes::Bytes;
use data_encoding::HEXLOWER;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

/// How long the beginning of a name may be: longer than any name is.
const LONGEST_PREFIX: usize = 64;

const OPEN_API: &str = include_str!("../../openapi.json");

pub(super) fn info(api: &Api, call: &Call) -> Result<Answer, Refusal> {
    Answer::json(&api.service.info(call.now))
}

pub(super) fn open_api(_: &Api, call: &Call) -> Result<Answer, Refusal> {
    Ok(by_content(call, Answer::of("application/json", Bytes::from_static(OPEN_API.as_bytes()))))
}

pub(super) fn boards(api: &Api, call: &Call) -> Result<Answer, Refusal> {
    kept(call, &api.service.boards(call.now)?)
}

pub(super) fn board(api: &Api, call: &Call) -> Result<Answer, Refusal> {
    kept(call, &api.service.board(&call.board()?, call.now)?)
}

pub(super) fn top(api: &Api, call: &Call) -> Result<Answer, Refusal> {
    let (listing, limit, after) = (listing(api, call)?, call.limit(PAGE)?, call.text("after"));
    let tag = api.tag(&listing)?;
    if let Some(unchanged) = call.unchanged(&tag) {
        return Ok(unchanged);
    }
    let make = || serialized(&api.service.top(&listing, after, limit)?);
    // The first page is what most ask for, and the same for all.
    let body = if after.is_none() { api.pages.get(&listing, limit, &tag, make)? } else { make()? };
    Ok(Answer::of("application/json", body).tagged(tag))
}

pub(super) fn around(api: &Api, call: &Call) -> Result<Answer, Refusal> {
    let (player, limit) = (call.player()?, call.limit(AROUND)?);
    of_listing(api, call, |listing| Ok(api.service.around(listing, &player, limit)?))
}

pub(super) fn best(api: &Api, call: &Call) -> Result<Answer, Refusal> {
    let player = call.player()?;
    of_listing(api, call, |listing| Ok(api.service.best(listing, &player)?))
}

pub(super) fn rank(api: &Api, call: &Call) -> Result<Answer, Refusal> {
    let points = call.number("points", -Score::MAX_POINTS..=Score::MAX_POINTS)?;
    let points = points.ok_or_else(|| missing("points"))?;
    of_listing(api, call, |listing| Ok(api.service.rank(listing, points)?))
}

pub(super) fn history(api: &Api, call: &Call) -> Result<Answer, Refusal> {
    let before = call.number("before", SCORES)?.map(ScoreId);
    kept(call, &api.service.history(&call.board()?, &call.player()?, before, call.limit(PAGE)?)?)
}

pub(super) fn entry(api: &Api, call: &Call) -> Result<Answer, Refusal> {
    kept(call, &api.service.entry(call.score()?)?)
}

pub(super) fn replay(api: &Api, call: &Call) -> Result<Answer, Refusal> {
    let replay = api.service.replay(call.score()?)?;
    Ok(by_content(call, Answer::of("application/octet-stream", replay.into())))
}

pub(super) fn players(api: &Api, call: &Call) -> Result<Answer, Refusal> {
    let prefix = call.text("name").ok_or_else(|| missing("name"))?;
    if prefix.chars().count() > LONGEST_PREFIX {
        return Err(Refusal::bad_request(format!("parameter name: more than {LONGEST_PREFIX} characters")));
    }
    kept(call, &api.service.players(prefix, call.limit(PAGE)?)?)
}

pub(super) fn player(api: &Api, call: &Call) -> Result<Answer, Refusal> {
    kept(call, &api.service.player(&call.player()?)?)
}

/// Whether the store answers: it is asked for a player whom nobody can be.
pub(super) fn health(api: &Api, _: &Call) -> Result<Answer, Refusal> {
    #[derive(Serialize)]
    struct Health {
        status: &'static str,
    }
    match api.service.player(&PlayerId([0; 32])).map_err(Refusal::from) {
        Err(refusal) if refusal.code != Code::NotFound => Err(refusal),
        _ => Answer::json(&Health { status: "ok" }),
    }
}

pub(super) fn metrics(api: &Api, _: &Call) -> Result<Answer, Refusal> {
    let render = api.metrics.as_ref();
    let render = render.ok_or_else(|| Refusal::new(Code::NotFound, "no metrics are kept here".into()))?;
    Ok(Answer::of("text/plain; version=0.0.4; charset=utf-8", render().into()))
}

fn missing(name: &str) -> Refusal {
    Refusal::bad_request(format!("parameter {name} is missing"))
}

/// What changes only when its listing does: whoever has it is told so without making it again.
fn of_listing<T: Serialize>(
    api: &Api,
    call: &Call,
    make: impl FnOnce(&Listing) -> Result<T, Refusal>,
) -> Result<Answer, Refusal> {
    let listing = listing(api, call)?;
    // Before the rest: what is newer than its tag is asked for once too often, what is older never again.
    let tag = api.tag(&listing)?;
    match call.unchanged(&tag) {
        Some(unchanged) => Ok(unchanged),
        None => Ok(Answer::json(&make(&listing)?)?.tagged(tag)),
    }
}

fn kept(call: &Call, value: &impl Serialize) -> Result<Answer, Refusal> {
    Answer::json(value).map(|answer| by_content(call, answer))
}

/// An answer that is known by what is in it.
fn by_content(call: &Call, answer: Answer) -> Answer {
    let tag = format!("\"{}\"", HEXLOWER.encode(&Sha256::digest(answer.body())[..16]));
    call.unchanged(&tag).unwrap_or_else(|| answer.tagged(tag))
}

fn listing(api: &Api, call: &Call) -> Result<Listing, Refusal> {
    let board: BoardId = call.board()?;
    let season = match call.season()? {
        SeasonWanted::All => None,
        SeasonWanted::Current => Some(api.service.season(&board, call.now)?),
        SeasonWanted::Number(number) => Some(number),
    };
    Ok(Listing { board, season })
}
