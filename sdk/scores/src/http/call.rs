//! A request whose route is known: its parameters and its body as typed values. Each parameter is read in one place.

use super::answer::{Answer, Refusal};
use super::routes::{Captures, Route};
use crate::api::Code;
use crate::model::{BoardId, PlayerId, Score, ScoreId, UnixTime};
use bytes::Bytes;
use http::{HeaderMap, header};
use percent_encoding::percent_decode_str;
use serde::de::DeserializeOwned;
use std::borrow::Cow;
use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;

/// How many entries a page has at most, and when the request doesn't say.
pub(super) const PAGE: (RangeInclusive<usize>, usize) = (1..=100, 100);
/// The same of what is around a player.
pub(super) const AROUND: (RangeInclusive<usize>, usize) = (1..=101, 11);

/// The numbers that scores have: what JavaScript's are exact up to.
pub(super) const SCORES: RangeInclusive<u64> = 0..=Score::MAX_POINTS as u64;

/// Which season a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SeasonWanted {
    All,
    Current,
    Number(u32),
}

/// A request whose route is known.
pub(super) struct Call<'a> {
    pub(super) request: &'a http::Request<Bytes>,
    pub(super) now: UnixTime,
    captures: Captures<'a>,
    query: Vec<(Cow<'a, str>, Cow<'a, str>)>,
}

impl<'a> Call<'a> {
    /// Takes the query apart.
    pub(super) fn new(
        request: &'a http::Request<Bytes>,
        route: &Route,
        captures: Captures<'a>,
        now: UnixTime,
    ) -> Result<Self, Refusal> {
        let mut query: Vec<(Cow<str>, Cow<str>)> = Vec::new();
        let text = request.uri().query().unwrap_or_default();
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (name, value) = (decoded(name)?, decoded(value)?);
            if !route.query.contains(&&*name) {
                let known = if route.query.is_empty() { "none".into() } else { route.query.join(", ") };
                return Err(Refusal::bad_request(format!("unknown parameter {name:?}: there is {known}")));
            }
            if query.iter().any(|(other, _)| *other == name) {
                return Err(Refusal::bad_request(format!("parameter {name} twice")));
            }
            query.push((name, value));
        }
        Ok(Self { request, now, captures, query })
    }

    pub(super) fn board(&self) -> Result<BoardId, Refusal> {
        self.segment("board")
    }

    pub(super) fn player(&self) -> Result<PlayerId, Refusal> {
        self.segment("player")
    }

    pub(super) fn score(&self) -> Result<ScoreId, Refusal> {
        within("score", self.segment("score")?, SCORES).map(ScoreId)
    }

    /// How much is asked for, of so much at most; `(1..=100, 10)` for 10 where nothing is asked for.
    pub(super) fn limit(&self, (range, default): (RangeInclusive<usize>, usize)) -> Result<usize, Refusal> {
        Ok(self.number("limit", range)?.unwrap_or(default))
    }

    /// All of time, when nothing is asked for.
    pub(super) fn season(&self) -> Result<SeasonWanted, Refusal> {
        match self.text("season") {
            None | Some("all") => Ok(SeasonWanted::All),
            Some("current") => Ok(SeasonWanted::Current),
            Some(number) => match number.parse() {
                Ok(number @ 1..) => Ok(SeasonWanted::Number(number)),
                _ => {
                    Err(Refusal::bad_request("parameter season: not all, current, or a number from 1".into()))
                }
            },
        }
    }

    /// A parameter of the query as it was typed.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(other, _)| other == name).map(|(_, value)| &**value)
    }

    /// A number of the query.
    pub(super) fn number<T>(&self, name: &str, range: RangeInclusive<T>) -> Result<Option<T>, Refusal>
    where
        T: FromStr<Err: Display> + PartialOrd + Display,
    {
        self.text(name).map(|value| within(name, parse(name, value)?, range)).transpose()
    }

    /// The body, which has to be JSON of this shape.
    pub(super) fn body<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        let media = self.header(header::CONTENT_TYPE).unwrap_or_default();
        let media = media.split(';').next().unwrap_or_default().trim();
        if !media.eq_ignore_ascii_case("application/json") {
            return Err(Refusal::new(Code::UnsupportedMedia, "the body has to be application/json".into()));
        }
        // The parser goes 128 levels deep and no further; what is read has at most three.
        serde_json::from_slice(self.request.body())
            .map_err(|error| Refusal::bad_request(format!("the body: {error}")))
    }

    /// A header that is there once, and is text.
    pub(super) fn header(&self, name: header::HeaderName) -> Option<&str> {
        single(self.request.headers(), name)
    }

    /// An answer without a body if the client has what is of this tag.
    pub(super) fn unchanged(&self, tag: &str) -> Option<Answer> {
        knows(self.request.headers(), tag).then(|| Answer::unchanged(tag.to_owned()))
    }

    fn segment<T: FromStr<Err: Display>>(&self, name: &str) -> Result<T, Refusal> {
        let found = self.captures.iter().find(|(other, _)| *other == name);
        let value = found.map(|(_, value)| &**value).unwrap_or_default();
        parse(name, value)
    }
}

/// A header that is there once, and is text.
pub(super) fn single(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    let mut values = headers.get_all(name).into_iter();
    let value = values.next()?.to_str().ok();
    if values.next().is_some() { None } else { value }
}

/// Whether `If-None-Match` names the tag. Weak ones count as others do.
pub(super) fn knows(headers: &HeaderMap, tag: &str) -> bool {
    fn opaque(tag: &str) -> &str {
        let tag = tag.trim();
        tag.strip_prefix("W/").unwrap_or(tag)
    }
    let mut known =
        headers.get_all(header::IF_NONE_MATCH).into_iter().filter_map(|header| header.to_str().ok());
    known.any(|header| header.split(',').any(|known| known.trim() == "*" || opaque(known) == opaque(tag)))
}

fn parse<T: FromStr<Err: Display>>(name: &str, value: &str) -> Result<T, Refusal> {
    value.parse().map_err(|error| Refusal::bad_request(format!("parameter {name}: {error}")))
}

fn within<T: PartialOrd + Display>(name: &str, number: T, range: RangeInclusive<T>) -> Result<T, Refusal> {
    if range.contains(&number) {
        return Ok(number);
    }
    let (least, most) = range.into_inner();
    Err(Refusal::bad_request(format!("parameter {name}: {number} is not within {least} and {most}")))
}

/// A name or a value in a query, as forms encode them.
fn decoded(text: &str) -> Result<Cow<'_, str>, Refusal> {
    let wrong = |_| Refusal::bad_request("the query is no UTF-8".into());
    if text.contains('+') {
        let spaced = text.replace('+', " ");
        return Ok(percent_decode_str(&spaced).decode_utf8().map_err(wrong)?.into_owned().into());
    }
    percent_decode_str(text).decode_utf8().map_err(wrong)
}
