//! The routes: one table, which the router goes by, and which a test compares with `openapi.json`.

use super::Api;
use super::answer::{Answer, Refusal};
use super::call::Call;
use super::{reads, writes};
use crate::model::PlayerId;
use http::Method;
use percent_encoding::percent_decode_str;
use std::borrow::Cow;

/// What a path and a method are answered by.
pub(super) struct Route {
    pub(super) method: Method,
    /// With the names of its parameters in braces, as in `openapi.json`.
    pub(super) path: &'static str,
    /// The parameters that its query may have.
    pub(super) query: &'static [&'static str],
    pub(super) handler: Handler,
    /// Whether it plays a run again, which takes long.
    pub(super) verifies: bool,
}

/// What answers.
#[derive(Clone, Copy)]
pub(super) enum Handler {
    /// For everybody.
    Open(fn(&Api, &Call) -> Result<Answer, Refusal>),
    /// For who signed the request.
    Signed(fn(&Api, &Call, &PlayerId) -> Result<Answer, Refusal>),
}

const fn get(
    path: &'static str,
    query: &'static [&'static str],
    handler: fn(&Api, &Call) -> Result<Answer, Refusal>,
) -> Route {
    Route { method: Method::GET, path, query, handler: Handler::Open(handler), verifies: false }
}

const fn signed(
    method: Method,
    path: &'static str,
    query: &'static [&'static str],
    handler: fn(&Api, &Call, &PlayerId) -> Result<Answer, Refusal>,
) -> Route {
    Route { method, path, query, handler: Handler::Signed(handler), verifies: false }
}

/// All routes; those of one path stand together. `HEAD` goes where `GET` does, `OPTIONS` is answered for all.
pub(super) const ROUTES: &[Route] = &[
    get("/v1", &[], reads::info),
    get("/v1/openapi.json", &[], reads::open_api),
    get("/v1/boards", &[], reads::boards),
    get("/v1/boards/{board}", &[], reads::board),
    get("/v1/boards/{board}/scores", &["season", "limit", "after"], reads::top),
    Route {
        method: Method::POST,
        path: "/v1/boards/{board}/scores",
        query: &[],
        handler: Handler::Signed(writes::submit),
        verifies: true,
    },
    get("/v1/boards/{board}/scores/around/{player}", &["season", "limit"], reads::around),
    get("/v1/boards/{board}/rank", &["points", "season"], reads::rank),
    get("/v1/boards/{board}/players/{player}/best", &["season"], reads::best),
    get("/v1/boards/{board}/players/{player}/scores", &["before", "limit"], reads::history),
    signed(Method::POST, "/v1/boards/{board}/tickets", &[], writes::tickets),
    get("/v1/scores/{score}", &[], reads::entry),
    get("/v1/scores/{score}/replay", &[], reads::replay),
    get("/v1/players", &["name", "limit"], reads::players),
    get("/v1/players/{player}", &[], reads::player),
    signed(Method::PUT, "/v1/players/{player}", &[], writes::put_player),
    signed(Method::GET, "/v1/moderation", &["before", "limit"], writes::audit),
    signed(Method::POST, "/v1/moderation", &[], writes::moderate),
    signed(Method::POST, "/v1/backups", &[], writes::back_up),
    get("/healthz", &[], reads::health),
    get("/metrics", &[], reads::metrics),
];

/// The values of the parameters in a path, by name.
pub(super) type Captures<'a> = Vec<(&'static str, Cow<'a, str>)>;

/// What a file has.
pub(super) const READ_ONLY: &str = "GET, HEAD, OPTIONS";

/// Where a request goes.
pub(super) enum Found<'a> {
    /// To this route.
    Route(&'static Route, Captures<'a>),
    /// The path is right, the method isn't; these are: `GET, HEAD, OPTIONS`.
    OtherMethod(String),
    /// There is no such path.
    Nothing,
}

/// Finds the route of a path as it came, still percent-encoded.
pub(super) fn find<'a>(method: &Method, path: &'a str) -> Found<'a> {
    let wanted = if method == Method::HEAD { &Method::GET } else { method };
    let mut matching =
        ROUTES.iter().filter_map(|route| captures(route.path, path).map(|found| (route, found)));
    let Some((first, captures)) = matching.next() else { return Found::Nothing };
    let same_path = || ROUTES.iter().filter(|route| route.path == first.path);
    match same_path().find(|route| route.method == wanted) {
        Some(route) => Found::Route(route, captures),
        None => Found::OtherMethod(allowed(same_path().map(|route| &route.method))),
    }
}

/// The methods that a path has, as `Allow` names them.
pub(super) fn allowed<'a>(methods: impl Iterator<Item = &'a Method>) -> String {
    let mut names = Vec::new();
    for method in methods {
        names.push(method.as_str());
        if method == Method::GET {
            names.push("HEAD");
        }
    }
    names.push("OPTIONS");
    names.join(", ")
}

/// What a path has where the pattern has braces, if it fits.
fn captures<'a>(pattern: &'static str, path: &'a str) -> Option<Captures<'a>> {
    let mut captures = Vec::new();
    let mut segments = path.split('/');
    for expected in pattern.split('/') {
        let segment = segments.next()?;
        match expected.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
            Some(_) if segment.is_empty() => return None,
            Some(name) => captures.push((name, decoded(segment)?)),
            None if segment == expected => {}
            // Each request is compared with many patterns: only what is encoded is decoded.
            None if segment.contains('%') && decoded(segment)? == expected => {}
            None => return None,
        }
    }
    segments.next().is_none().then_some(captures)
}

fn decoded(segment: &str) -> Option<Cow<'_, str>> {
    percent_decode_str(segment).decode_utf8().ok()
}
