//! What a page and a browser go by.

use super::{Host, key, parsed, problem, request};
use crate::api::{Code, Page, Rank};
use http::{Method, StatusCode};
use serde_json::Value;

#[test]
fn head_answers_as_get_does_without_the_body() {
    let mut host = Host::new();
    host.name(1, "Ada");
    host.play(1, "maze");
    for uri in
        ["/v1/boards", "/v1/boards/maze/scores", "/v1/scores/1/replay", "/", "/v1/nothing", "/v1/boards?a=1"]
    {
        let (get, head) = (host.get(uri), host.send(&request(Method::HEAD, uri, "")));
        assert_eq!(head.status(), get.status(), "{uri}");
        assert!(head.body().is_empty(), "{uri}");
        assert_eq!(head.headers()["content-length"], get.body().len().to_string(), "{uri}");
        assert_eq!(head.headers()["content-type"], get.headers()["content-type"], "{uri}");
        assert_eq!(head.headers().get("etag"), get.headers().get("etag"), "{uri}");
    }
}

#[test]
fn a_page_from_another_origin_may_ask_and_read() {
    let mut host = Host::new();
    let mut preflight = request(Method::OPTIONS, "/v1/boards/maze/scores", "");
    for (name, value) in [
        ("origin", "http://localhost:5173"),
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", "content-digest,content-type,signature,signature-input"),
    ] {
        preflight.headers_mut().insert(name, value.parse().expect("a header"));
    }
    let answer = host.send(&preflight);
    assert_eq!(answer.status(), StatusCode::NO_CONTENT);
    assert_eq!(answer.headers()["access-control-allow-origin"], "*");
    assert_eq!(answer.headers()["access-control-allow-methods"], "GET, HEAD, POST, OPTIONS");
    let allowed = answer.headers()["access-control-allow-headers"].to_str().expect("text");
    for header in ["content-digest", "content-type", "signature", "signature-input", "if-none-match"] {
        assert!(allowed.split(", ").any(|allowed| allowed == header), "{header}");
    }
    for uri in ["/v1/boards", "/v1/nothing", "/", "/v1/moderation"] {
        let answer = host.get(uri);
        assert_eq!(answer.headers()["access-control-allow-origin"], "*", "{uri}");
        assert_eq!(
            answer.headers()["access-control-expose-headers"],
            "etag, retry-after, x-request-id",
            "{uri}"
        );
        assert_eq!(answer.headers()["x-content-type-options"], "nosniff", "{uri}");
    }
}

#[test]
fn a_path_names_its_methods_to_who_asks_with_another() {
    let mut host = Host::new();
    for (uri, methods) in [
        ("/v1/boards", "GET, HEAD, OPTIONS"),
        ("/v1/boards/maze/scores", "GET, HEAD, POST, OPTIONS"),
        ("/v1/boards/maze/tickets", "POST, OPTIONS"),
    ] {
        let answer = host.send(&request(Method::DELETE, uri, ""));
        assert_eq!(problem(&answer).code, Code::MethodNotAllowed, "{uri}");
        assert_eq!(answer.headers()["allow"], methods, "{uri}");
    }
}

#[test]
fn a_listing_is_sent_again_only_when_it_changed() {
    let mut host = Host::new();
    host.name(1, "Ada");
    let mut known = host.get("/v1/boards/maze/scores").headers()["etag"].clone();
    let other = host.get("/v1/boards/race/scores").headers()["etag"].clone();
    let again = |host: &mut Host, board: &str, tag: &str| {
        let mut again = request(Method::GET, &format!("/v1/boards/{board}/scores"), "");
        again.headers_mut().insert("if-none-match", tag.parse().expect("a tag"));
        host.send(&again)
    };
    let known_text = |tag: &http::HeaderValue| tag.to_str().expect("text").to_owned();
    assert_eq!(again(&mut host, "maze", &known_text(&known)).status(), StatusCode::NOT_MODIFIED);
    let among_others = format!("\"a\", {}, W/\"b\"", known_text(&known));
    assert_eq!(again(&mut host, "maze", &among_others).status(), StatusCode::NOT_MODIFIED);
    assert_eq!(again(&mut host, "maze", "\"a\"").status(), StatusCode::OK);
    // A new score, another name: both are to be seen.
    for change in [
        |host: &mut Host| {
            host.play(1, "maze");
        },
        |host: &mut Host| host.name(1, "Grace"),
    ] {
        change(&mut host);
        let answer = again(&mut host, "maze", &known_text(&known));
        assert_eq!(answer.status(), StatusCode::OK);
        known = answer.headers()["etag"].clone();
        let page: Page = parsed(&answer);
        assert_eq!(page, host.read::<Page>("/v1/boards/maze/scores?limit=99"), "no old page is kept");
    }
    assert_eq!(again(&mut host, "race", &known_text(&other)).status(), StatusCode::NOT_MODIFIED);
    assert_eq!(host.read::<Page>("/v1/boards/maze/scores").entries[0].player.name, "Grace");
}

#[test]
fn a_new_season_is_another_listing() {
    let mut host = Host::new();
    host.name(1, "Ada");
    host.play(1, "maze");
    let uri = "/v1/boards/maze/scores?season=current";
    assert_eq!(host.read::<Page>(uri).total, 1);
    let tag = host.get(uri).headers()["etag"].clone();
    host.now = host.now.after(std::time::Duration::from_secs(8 * 24 * 60 * 60));
    let mut again = request(Method::GET, uri, "");
    again.headers_mut().insert("if-none-match", tag);
    assert_eq!(parsed::<Page>(&host.send(&again)).total, 0);
    assert_eq!(host.read::<Page>("/v1/boards/maze/scores?season=1").total, 1);
    assert_eq!(host.read::<Page>("/v1/boards/maze/scores?season=all").total, 1);
}

#[test]
fn a_parameter_that_is_wrong_is_named() {
    let mut host = Host::new();
    for (uri, name) in [
        ("/v1/boards?page=2", "\"page\""),
        ("/v1/boards/maze/scores?limit=1&limit=2", "limit"),
        ("/v1/boards/maze/scores?li%6Dit=0", "limit"),
        ("/v1/boards/maze/scores?limit=101", "limit"),
        ("/v1/boards/maze/scores?limit=-1", "limit"),
        ("/v1/boards/maze/scores?limit=99999999999999999999", "limit"),
        ("/v1/boards/maze/scores?season=0", "season"),
        ("/v1/boards/maze/scores?season=last", "season"),
        ("/v1/boards/maze/scores?after=5", "after"),
        ("/v1/boards/Maze/scores", "board"),
        ("/v1/boards/maze/rank", "points"),
        ("/v1/boards/maze/rank?points=many", "points"),
        ("/v1/boards/maze/players/ada/best", "player"),
        ("/v1/scores/first", "score"),
        ("/v1/players", "name"),
    ] {
        let problem = problem(&host.get(uri));
        assert_eq!(problem.code, Code::BadRequest, "{uri}");
        assert!(problem.detail.contains(name), "{uri}: {}", problem.detail);
    }
    let ada = key(1).id();
    assert_eq!(
        host.get(&format!("/v1/boards/maze/scores/around/{ada}?limit=101")).status(),
        StatusCode::NOT_FOUND
    );
}

#[test]
fn what_is_encoded_in_an_address_is_read_as_what_it_says() {
    let mut host = Host::new();
    host.name(1, "Ada Lovelace");
    assert_eq!(host.read::<Rank>("/v1/board%73/m%61ze/rank?points=%35").rank, 1);
    for uri in ["/v1/players?name=ada+love", "/v1/players?name=Ada%20L", "/v1/players?name="] {
        assert_eq!(host.read::<Value>(uri)["players"][0]["name"], "Ada Lovelace", "{uri}");
    }
    // An encoded slash parts nothing.
    assert_eq!(host.get("/v1%2Fboards").status(), StatusCode::NOT_FOUND);
    assert_eq!(host.get("/v1/boards/maze%2Fscores").status(), StatusCode::BAD_REQUEST);
    for uri in ["/v1/boards/%ff", "/v1/boards/", "/v1/boards//scores", "//v1", "/v1/"] {
        assert_eq!(host.get(uri).status(), StatusCode::NOT_FOUND, "{uri}");
    }
    assert_eq!(host.get("/v1/players?name=%ff").status(), StatusCode::BAD_REQUEST);
}

#[test]
fn the_page_may_run_its_own_scripts_and_ask_any_service() {
    let mut host = Host::new();
    let page = host.get("/");
    assert_eq!(page.status(), StatusCode::OK);
    assert!(page.headers()["content-type"].to_str().expect("text").starts_with("text/html"));
    let policy = page.headers()["content-security-policy"].to_str().expect("text");
    for part in ["default-src 'none'", "script-src 'self' 'wasm-unsafe-eval'", "connect-src *"] {
        assert!(policy.split("; ").any(|found| found.trim() == part), "{part}");
    }
    let viewer = host.get("/viewers/maze.js");
    assert_eq!((viewer.status(), &viewer.body()[..]), (StatusCode::OK, &b"export {};"[..]));
    let mut again = request(Method::GET, "/viewers/maze.js", "");
    again.headers_mut().insert("if-none-match", viewer.headers()["etag"].clone());
    let again = host.send(&again);
    assert_eq!((again.status(), again.body().len()), (StatusCode::NOT_MODIFIED, 0));
    let posted = host.api.handle(&request(Method::POST, "/", ""), host.peer, host.now);
    assert_eq!(problem(&posted).code, Code::MethodNotAllowed);
}
