//! The service in HTTP's words: a request in, an answer out. It opens nothing and reads no clock, so that a server, a
//! test and a fuzzer use it alike. `openapi.json` describes it, and a test holds the two together.
//!
//! - Answers are JSON; refusals are [`Problem`](crate::api::Problem)s.
//! - Pages of any origin may ask and read: nothing here goes by cookies.
//! - Answers that may be kept have an `ETag`, and cost little to ask for again.
//! - What changes something is [signed](crate::signing).

mod answer;
mod assets;
mod call;
mod limits;
mod page;
mod pages;
mod reads;
mod routes;
mod signers;
#[cfg(test)]
mod tests;
mod writes;

pub use answer::refusal;
pub use assets::Asset;
pub use limits::{Rate, RateLimits};

use crate::api::{BackupMade, Code};
use crate::model::{Listing, UnixTime};
use crate::service::{Service, ServiceError};
use crate::signing::NonceWindow;
use answer::{Answer, Refusal, preflight};
use bytes::Bytes;
use call::Call;
use http::header;
use http::{Method, Request, Response, StatusCode, Uri};
use limits::Limiter;
use pages::Pages;
use rand_chacha::ChaCha20Rng;
use rand_core::{CryptoRng, SeedableRng as _};
use routes::{Found, Handler, Route, find};
use signers::Signers;
use std::collections::HashMap;
use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// A number of the clock that says how long a verification takes. It never goes back.
pub type Clock = Arc<dyn Fn() -> Duration + Send + Sync>;
/// Puts all metrics into Prometheus' text format.
pub type RenderMetrics = Arc<dyn Fn() -> String + Send + Sync>;
/// Makes a backup, while the service runs. The error is for the operator to read.
pub type BackUp = Arc<dyn Fn(UnixTime) -> Result<BackupMade, String> + Send + Sync>;

/// What an [`Api`] is made with.
pub struct ApiOptions {
    /// When the program started, by the clock of [`Api::handle`].
    pub started: UnixTime,
    /// Where tickets and seeds come from. Nobody may be able to guess it.
    pub random: Box<dyn CryptoRng + Send>,
    /// Measures verifications.
    pub clock: Clock,
    /// How many requests are answered.
    pub limits: RateLimits,
    /// How many signed requests may come within two minutes: so many are remembered, so that none counts twice.
    pub signed_requests: usize,
    /// The hosts that clients know it by, with the port unless it is the usual one: what was signed for another is refused.
    /// When there is none, any will do; then another service could hand on here what was signed for it.
    pub authorities: Vec<String>,
    /// What is served beside the page; or instead of it, at the same paths.
    pub assets: Vec<Asset>,
    /// What `/metrics` answers.
    pub metrics: Option<RenderMetrics>,
    /// What `POST /v1/backups` does.
    pub back_up: Option<BackUp>,
}

impl ApiOptions {
    /// The usual limits, no metrics, no backups, and nothing but the page.
    pub fn new(started: UnixTime, random: Box<dyn CryptoRng + Send>, clock: Clock) -> Self {
        Self {
            started,
            random,
            clock,
            limits: RateLimits::default(),
            signed_requests: 1 << 17,
            authorities: Vec::new(),
            assets: Vec::new(),
            metrics: None,
            back_up: None,
        }
    }
}

impl fmt::Debug for ApiOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiOptions").field("limits", &self.limits).finish_non_exhaustive()
    }
}

/// How long a request will take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// As long as the store takes.
    Quick,
    /// As long as a run takes to be played again.
    Verification,
}

/// A service in HTTP's words. Many threads may use it at once.
pub struct Api {
    service: Arc<Service>,
    random: Mutex<Box<dyn CryptoRng + Send>>,
    clock: Clock,
    limiter: Limiter,
    signers: Signers,
    assets: HashMap<String, Asset>,
    metrics: Option<RenderMetrics>,
    back_up: Option<BackUp>,
    pages: Pages,
    /// Stands in each tag, as revisions of one run of the program may come again in the next.
    start: u64,
    longest_submission: usize,
}

impl Api {
    /// The longest that a body is which is no submission.
    const SHORT_BODY: usize = 8 << 10;

    /// Puts a service behind routes.
    ///
    /// # Errors
    /// [`Code::Internal`] when the store fails.
    pub fn new(service: Arc<Service>, options: ApiOptions) -> Result<Self, ServiceError> {
        let ApiOptions {
            started,
            mut random,
            clock,
            limits,
            signed_requests,
            authorities,
            assets,
            metrics,
            back_up,
        } = options;
        let boards = service.boards(started)?.boards;
        let longest_replay = boards.iter().map(|view| view.board.limits.max_bytes).max().unwrap_or(0);
        // In base64, with the ticket and the claim beside it.
        let longest_submission = longest_replay.div_ceil(3).saturating_mul(4).saturating_add(1 << 10);
        Ok(Self {
            service,
            start: random.next_u64(),
            random: Mutex::new(random),
            clock,
            limiter: Limiter::new(limits),
            signers: Signers::new(NonceWindow::new(signed_requests, started), authorities),
            assets: page::assets().chain(assets).map(|asset| (asset.path().to_owned(), asset)).collect(),
            metrics,
            back_up,
            pages: Pages::default(),
            longest_submission,
        })
    }

    /// What a request is called in logs and figures: the path as `openapi.json` has it, `asset` for a file, or `other`.
    pub fn name(&self, method: &Method, uri: &Uri) -> &'static str {
        match find(method, uri.path()) {
            Found::Route(route, _) => route.path,
            Found::Nothing if self.assets.contains_key(uri.path()) => "asset",
            Found::OtherMethod(_) | Found::Nothing => "other",
        }
    }

    /// How long a request will take.
    pub fn class(&self, method: &Method, uri: &Uri) -> Class {
        match find(method, uri.path()) {
            Found::Route(route, _) if route.verifies => Class::Verification,
            _ => Class::Quick,
        }
    }

    /// How many bytes of the body of a request have to be read at most: what is longer is refused anyway.
    pub fn longest_body(&self, method: &Method, uri: &Uri) -> usize {
        match find(method, uri.path()) {
            Found::Route(route, _) => self.longest_for(route),
            _ => Self::SHORT_BODY,
        }
    }

    /// Answers a request that `peer` sent. It waits for the store, and for a verification.
    pub fn handle(&self, request: &Request<Bytes>, peer: IpAddr, now: UnixTime) -> Response<Bytes> {
        let mut response =
            self.answer(request, peer, now).unwrap_or_else(|refusal| refusal.into_response(now));
        if request.method() == Method::HEAD {
            let length = response.body().len();
            if response.status() != StatusCode::NOT_MODIFIED {
                response.headers_mut().insert(header::CONTENT_LENGTH, length.into());
            }
            *response.body_mut() = Bytes::new();
        }
        response
    }

    fn answer(
        &self,
        request: &Request<Bytes>,
        peer: IpAddr,
        now: UnixTime,
    ) -> Result<Response<Bytes>, Refusal> {
        let (method, path) = (request.method(), request.uri().path());
        let found = find(method, path);
        let is_signed =
            matches!(&found, Found::Route(route, _) if matches!(route.handler, Handler::Signed(_)));
        self.limiter.address(peer, is_signed, now).map_err(|wait| too_many("this address", wait))?;
        let (route, captures) = match found {
            Found::Route(route, captures) => (route, captures),
            Found::OtherMethod(allow) if method == Method::OPTIONS => return Ok(preflight(&allow)),
            Found::OtherMethod(allow) => return Err(Refusal::method(allow)),
            Found::Nothing => return self.asset(request),
        };
        self.check_body(request, route)?;
        let call = Call::new(request, route, captures, now)?;
        match route.handler {
            Handler::Open(handler) => handler(self, &call).map(Answer::into_response),
            Handler::Signed(handler) => {
                let player = self.signers.signer(&call)?;
                // After that, so that nobody uses up what is another's.
                let mut taken =
                    self.limiter.player(player, now).map_err(|wait| too_many("this player", wait));
                if route.verifies {
                    let may = |()| self.limiter.run(peer, now).map_err(|wait| too_many("this address", wait));
                    taken = taken.and_then(may);
                }
                let answer = taken.and_then(|()| {
                    let start = (self.clock)();
                    let answer = handler(self, &call, &player);
                    if route.verifies && answer.is_err() {
                        self.limiter.refuse_run(peer, (self.clock)().saturating_sub(start), now);
                    }
                    answer
                });
                let mut response =
                    answer.map_or_else(|refusal| refusal.into_response(now), Answer::into_response);
                // For the server's log.
                response.extensions_mut().insert(player);
                Ok(response)
            }
        }
    }

    fn asset(&self, request: &Request<Bytes>) -> Result<Response<Bytes>, Refusal> {
        let path = request.uri().path();
        let asset = self.assets.get(path);
        let asset = asset.ok_or_else(|| Refusal::new(Code::NotFound, "there is no such path".into()))?;
        match *request.method() {
            Method::GET | Method::HEAD => Ok(asset.response(!call::knows(request.headers(), asset.tag()))),
            Method::OPTIONS => Ok(preflight(routes::READ_ONLY)),
            _ => Err(Refusal::method(routes::READ_ONLY.into())),
        }
    }

    fn check_body(&self, request: &Request<Bytes>, route: &Route) -> Result<(), Refusal> {
        let mut encodings = request.headers().get_all(header::CONTENT_ENCODING).into_iter();
        let reads = matches!(*request.method(), Method::GET | Method::HEAD);
        if !reads && encodings.any(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity")) {
            let detail = "the body is compressed: send it as it is".into();
            return Err(Refusal::new(Code::UnsupportedMedia, detail));
        }
        let longest = self.longest_for(route);
        if request.body().len() > longest {
            let detail = format!("the body is longer than {longest} bytes");
            return Err(Refusal::new(Code::TooLarge, detail));
        }
        Ok(())
    }

    fn longest_for(&self, route: &Route) -> usize {
        if route.verifies { self.longest_submission } else { Self::SHORT_BODY }
    }

    /// What a listing is known by as long as it is the same.
    fn tag(&self, listing: &Listing) -> Result<String, Refusal> {
        let revision = self.service.revision(&listing.board)?;
        Ok(format!("W/\"{:x}-{revision:x}-{}\"", self.start, listing.season.unwrap_or(0)))
    }

    /// Chance for one request: what it is used for may wait for a disk, and others don't have to wait for that.
    fn random(&self) -> ChaCha20Rng {
        let mut seed = [0; 32];
        self.random.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(&mut seed);
        ChaCha20Rng::from_seed(seed)
    }
}

impl fmt::Debug for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Api").field("limiter", &self.limiter).finish_non_exhaustive()
    }
}

impl From<ServiceError> for Refusal {
    fn from(error: ServiceError) -> Self {
        Self::new(error.code, error.detail).after(error.retry_after)
    }
}

fn too_many(from: &str, wait: Duration) -> Refusal {
    Refusal::new(Code::RateLimited, format!("too many requests from {from}")).after(wait)
}
