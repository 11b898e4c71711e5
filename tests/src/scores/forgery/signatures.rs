//! Requests that are not as they were signed, not signed by whom they say, or came before.

use super::stage::Stage;
use super::world::{AUTHORITY, json, scores_path};
use http::header::{HOST, HeaderName, HeaderValue};
use http::{Method, Request, Uri};
use netcord_scores::api::{FetchTickets, Moderate, PutPlayer};
use netcord_scores::model::{Act, ScoreId, UnixTime};
use netcord_scores::signing::{CONTENT_DIGEST, SIGNATURE, SIGNATURE_INPUT, Target, sign};
use std::time::Duration;
use tetris_scores::board_id;

type Forged = Request<Vec<u8>>;

/// The id of another player in a request that one's own key signed; or of none at all.
pub(super) fn by_another_player(stage: &mut Stage) -> Forged {
    // A point of small order: for it, there are signatures that fit any message.
    let small_order = format!("01{}", "00".repeat(31));
    let other = stage.other_player().id().to_string();
    let other = if stage.below(4) == 0 { small_order } else { other };
    let own = stage.player.id().to_string();
    let mut request = stage.edited(|_| {});
    edit_header(&mut request, SIGNATURE_INPUT, |input| input.replace(&own, &other));
    request
}

/// A signed request of which a part was changed on the way, other than its body.
pub(super) fn tampered(stage: &mut Stage) -> Forged {
    let other_board = board_id(stage.other_mode());
    let own_board = stage.board();
    let way = stage.below(7);
    let mut request = stage.edited(|_| {});
    match way {
        0 => {
            let uri = request.uri().to_string().replace(own_board.as_str(), other_board.as_str());
            *request.uri_mut() = uri.parse().expect("an address");
        }
        1 => edit_header(&mut request, HOST.as_str(), |_| "other.example".into()),
        2 => edit_header(&mut request, SIGNATURE_INPUT, |input| input.replace("created=", "created=9")),
        3 => edit_header(&mut request, SIGNATURE_INPUT, |input| {
            let (head, nonce) = input.split_at(input.len() - 2);
            let digit = if nonce.starts_with('0') { "1\"" } else { "0\"" };
            head.to_owned() + digit
        }),
        4 => {
            edit_header(&mut request, CONTENT_DIGEST, |digest| digest.replacen("sha-256=:", "sha-256=:A", 1))
        }
        5 => edit_header(&mut request, SIGNATURE, |signature| {
            let middle = signature.len() / 2;
            let digit = if signature.as_bytes()[middle] == b'A' { "B" } else { "A" };
            let (head, tail) = (&signature[..middle], &signature[middle + 1..]);
            [head, digit, tail].concat()
        }),
        _ => {
            let twice = request.headers()[SIGNATURE].clone();
            request.headers_mut().append(HeaderName::from_static(SIGNATURE), twice);
        }
    }
    request
}

/// A request whose body was changed after it was signed.
pub(super) fn tampered_body(stage: &mut Stage) -> Forged {
    let mut better = stage.run.submission();
    better.claim.points += 1;
    let mut request = stage.edited(|_| {});
    let digest = request.headers()[CONTENT_DIGEST].clone();
    let fits = stage.below(2) == 0;
    *request.body_mut() = json(&better);
    if fits {
        // Whoever changes the body can make its digest, too.
        let target =
            Target { method: "POST", authority: AUTHORITY, path: "/", query: None, body: request.body() };
        let headers = sign(&stage.other_player(), &target, stage.world.now, [0; 16]);
        edit_header(&mut request, CONTENT_DIGEST, |_| headers.content_digest);
        assert_ne!(request.headers()[CONTENT_DIGEST], digest);
    }
    request
}

/// What was signed for another request.
pub(super) fn of_another_request(stage: &mut Stage) -> Forged {
    let path = format!("/v1/boards/{}/tickets", stage.board());
    let player = stage.player.clone();
    let other = stage.world.signed(&player, Method::POST, &path, json(&FetchTickets { count: 1 }));
    let mut request = stage.edited(|_| {});
    for name in [SIGNATURE_INPUT, SIGNATURE] {
        request.headers_mut().insert(HeaderName::from_static(name), other.headers()[name].clone());
    }
    request
}

pub(super) fn unsigned(stage: &mut Stage) -> Forged {
    let missing = stage.below(4);
    let mut request = stage.edited(|_| {});
    for (at, name) in [CONTENT_DIGEST, SIGNATURE_INPUT, SIGNATURE].into_iter().enumerate() {
        if missing == at || missing == 3 {
            request.headers_mut().remove(name);
        }
    }
    request
}

pub(super) fn old(stage: &mut Stage) -> Forged {
    let ago = Duration::from_secs(61 + stage.below(1_000_000) as u64);
    let then = UnixTime::from_millis(stage.world.now.as_millis() - ago.as_millis() as u64);
    signed_at(stage, then)
}

pub(super) fn ahead(stage: &mut Stage) -> Forged {
    let ahead = Duration::from_secs(62 + stage.below(1_000_000) as u64);
    let then = stage.world.now.after(ahead);
    signed_at(stage, then)
}

fn signed_at(stage: &mut Stage, then: UnixTime) -> Forged {
    let (player, path) = (stage.player.clone(), scores_path(&stage.board()));
    let body = json(&stage.run.submission());
    stage.world.signed_at(&player, Method::POST, &path, body, then)
}

/// The very request that was accepted.
pub(super) fn replayed(stage: &mut Stage) -> Forged {
    let most = stage.below(40_000) as u64;
    stage.world.wait(Duration::from_millis(most));
    stage.accepted.clone().expect("it was accepted")
}

/// The same, when nobody remembers it any longer.
pub(super) fn replayed_later(stage: &mut Stage) -> Forged {
    let later = Duration::from_secs(62 + stage.below(10_000) as u64);
    stage.world.wait(later);
    stage.accepted.clone().expect("it was accepted")
}

pub(super) fn renaming_another(stage: &mut Stage) -> Forged {
    let path = format!("/v1/players/{}", stage.other_player().id());
    let player = stage.player.clone();
    stage.world.signed(&player, Method::PUT, &path, json(&PutPlayer { name: "Mallory".into() }))
}

pub(super) fn moderating(stage: &mut Stage) -> Forged {
    let (player, other) = (stage.player.clone(), stage.other_player().id());
    let score = ScoreId(1 + stage.below(100) as u64);
    let acts = [
        Act::Hide { score },
        Act::Show { score },
        Act::Ban { player: other },
        Act::Pardon { player: stage.world.banned.id() },
    ];
    let act = acts[stage.below(4)];
    let body = json(&Moderate { act, reason: "I can".into() });
    stage.world.signed(&player, Method::POST, "/v1/moderation", body)
}

/// Another path that might be taken for the right one.
pub(super) fn another_path(stage: &mut Stage) -> Forged {
    let path = scores_path(&stage.board());
    let other = [
        format!("{path}/"),
        format!("/{path}"),
        path.replace("v1", "v2"),
        path.replace("tetris", "TETRIS"),
        path.replace("tetris", "%2e%2e%2ftetris"),
        path.replace("tetris-", "tetris-%00"),
    ];
    let other = &other[stage.below(6)];
    let mut request = stage.edited(|_| {});
    *request.uri_mut() = other.parse::<Uri>().expect("an address");
    sign_again(stage, request, AUTHORITY, other)
}

/// What a player signed for another service, handed on by that service.
pub(super) fn relayed(stage: &mut Stage) -> Forged {
    let mut request = stage.edited(|_| {});
    edit_header(&mut request, HOST.as_str(), |_| "other.example".into());
    let path = request.uri().path().to_owned();
    sign_again(stage, request, "other.example", &path)
}

/// The same, signed as it is now.
fn sign_again(stage: &mut Stage, mut request: Forged, authority: &str, path: &str) -> Forged {
    let target = Target { method: "POST", authority, path, query: None, body: request.body() };
    let headers = sign(&stage.player, &target, stage.world.now, [7; 16]);
    edit_header(&mut request, SIGNATURE_INPUT, |_| headers.signature_input);
    edit_header(&mut request, SIGNATURE, |_| headers.signature);
    request
}

fn edit_header(request: &mut Forged, name: &'static str, edit: impl FnOnce(&str) -> String) {
    let value = request.headers_mut().get_mut(name).expect("a signed request has it");
    let edited = edit(value.to_str().expect("it is text"));
    *value = HeaderValue::try_from(edited).expect("it is text");
}
