//! What the client makes of answers: good ones, problems, and lies.

mod scripted;

use netcord_scores::api::{Code, Submission};
use netcord_scores::client::{ClientError, ScoreClient, Season};
use netcord_scores::model::{BoardId, Claim, PlayerId, ScoreId, TicketId};
use netcord_wire::StateHash;
use scripted::{Reply, Server, key, options};
use serde_json::json;
use std::error::Error;
use std::net::TcpListener;
use std::time::Duration;

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

fn board() -> BoardId {
    BoardId::new("maze").expect("a board")
}

fn run() -> Submission {
    let claim = Claim { points: 500, ticks: 60, state_hash: StateHash(1) };
    Submission { ticket: TicketId([3; 16]), claim, replay: vec![1, 2, 3] }
}

fn entry(player: PlayerId, points: i64) -> serde_json::Value {
    json!({
        "rank": 1, "score": 1, "player": {"id": player, "name": "Ann"}, "points": points, "ticks": 60, "season": 1,
        "accepted": 0, "details": {}, "a field of later": true,
    })
}

/// What a call to a server that answers like this comes to.
fn refused(reply: Reply) -> ClientError {
    let server = Server::start(move |_| reply.clone());
    server.client().boards().expect_err("it is no good answer")
}

fn lie(reply: Reply) -> String {
    match refused(reply) {
        ClientError::NotAScoreService { what, .. } => what,
        other => panic!("{other:?}"),
    }
}

#[test]
fn queries_ask_for_what_they_say() -> Outcome {
    let server = Server::start(|_| Reply::problem(404, "not_found", ""));
    let (client, player) = (server.client(), key().id());
    let _ = client.board(&board());
    let _ = client.top(&board(), Season::Current, 10);
    let _ = client.page_after(&board(), Season::Number(7), "a b/ü", 10);
    let _ = client.around(&board(), &player, Season::All, 11);
    let _ = client.best(&board(), &player, Season::All);
    let _ = client.history(&board(), &player, Some(ScoreId(9)), 5);
    let _ = client.rank(&board(), -5, Season::All);
    let _ = client.score(ScoreId(9));
    let _ = client.replay(ScoreId(9));
    let _ = client.player_view(&player);
    let _ = client.players_named("An&n");
    let asked: Vec<_> = server.requests().into_iter().map(|request| request.target).collect();
    let expected = [
        "/v1/boards/maze".into(),
        "/v1/boards/maze/scores?season=current&limit=10".into(),
        "/v1/boards/maze/scores?season=7&limit=10&after=a%20b%2F%C3%BC".into(),
        format!("/v1/boards/maze/scores/around/{player}?season=all&limit=11"),
        format!("/v1/boards/maze/players/{player}/best?season=all"),
        format!("/v1/boards/maze/players/{player}/scores?limit=5&before=9"),
        "/v1/boards/maze/rank?points=-5&season=all".into(),
        "/v1/scores/9".into(),
        "/v1/scores/9/replay".into(),
        format!("/v1/players/{player}"),
        "/v1/players?name=An%26n".into(),
    ];
    assert_eq!(asked, expected);
    Ok(())
}

#[test]
fn commands_are_signed_as_they_arrive() -> Outcome {
    let server = Server::start(|request| {
        request.signed().expect("it is signed");
        match request.target.as_str() {
            "/v1/boards/maze/scores" => Reply::json(&json!({
                "entry": entry(key().id(), 500), "all_time_rank": 1, "best": true, "repeated": false,
            })),
            "/v1/boards/maze/tickets" => Reply::json(&json!({"tickets": []})),
            "/v1/backups" => {
                assert_eq!((request.header("content-length"), request.header("content-type")), ("0", ""));
                Reply::json(&json!({"name": "scores-1.redb", "bytes": 7}))
            }
            "/v1/moderation?limit=5" => Reply::json(&json!({"entries": [], "next": null})),
            _ => Reply::json(&json!({"id": key().id(), "name": "Ann"})),
        }
    });
    let client = server.client();
    assert_eq!(client.put_player("Ann")?.name, "Ann");
    assert_eq!(client.tickets(&board(), 3)?, []);
    assert_eq!(client.submit(&board(), &run())?.entry.points, 500);
    assert_eq!(client.audit(None, 5)?.entries, []);
    assert_eq!(client.back_up()?.bytes, 7);
    let requests = server.requests();
    assert!(requests[0].is("PUT", &format!("/v1/players/{}", key().id())));
    assert_eq!(requests[2].body, serde_json::to_vec(&run())?);
    let nonces: Vec<_> = requests.iter().map(|request| request.signed().map(|signed| signed.nonce)).collect();
    assert!(nonces.windows(2).all(|pair| pair[0] != pair[1]), "a nonce is used once");
    Ok(())
}

#[test]
fn a_replay_comes_as_bytes() -> Outcome {
    let server = Server::start(|_| Reply::new("200 OK", "application/octet-stream", [1, 2, 3]));
    assert_eq!(server.client().replay(ScoreId(1))?, [1, 2, 3]);
    Ok(())
}

#[test]
fn a_problem_says_which_and_when_to_try_again() {
    let refused = |reply| match refused(reply) {
        ClientError::Problem(problem) => problem,
        other => panic!("{other:?}"),
    };
    let problem = refused(Reply::problem(429, "rate_limited", r#","retry_after_millis":1500"#));
    assert_eq!(
        (problem.status, problem.code, problem.retry_after_millis),
        (429, Code::RateLimited, Some(1_500))
    );
    let problem = refused(Reply::problem(418, "of_another_day", ""));
    assert_eq!((problem.status, problem.code, problem.retry_after_millis), (418, Code::Unknown, None));
    let body = r#"{"status":200,"code":"busy","detail":"","time":0}"#;
    let headers = [("content-type", "application/problem+json; charset=utf-8"), ("retry-after", "7")];
    let problem = refused(Reply::with("503 Busy", &headers, body));
    assert_eq!((problem.status, problem.retry_after_millis), (503, Some(7_000)));
    let problem = refused(Reply::problem(503, "busy", r#","retry_after_millis":18446744073709551615"#));
    assert_eq!(problem.retry_after_millis, Some(24 * 60 * 60 * 1_000), "nobody waits longer than a day");
}

#[test]
fn a_proxy_whose_server_is_down_is_transient_and_may_say_when() {
    let headers = [("content-type", "text/html"), ("retry-after", "30")];
    let refused = refused(Reply::with("503 Service Unavailable", &headers, "<html>"));
    assert!(matches!(refused, ClientError::NotAScoreService { .. }), "{refused:?}");
    assert!(refused.is_transient());
    assert_eq!(refused.retry_after(), Some(Duration::from_secs(30)));
}

#[test]
fn what_lies_is_no_service() {
    let html = "<html>Welcome to our hotel</html>";
    assert!(lie(Reply::new("200 OK", "text/html", html)).contains("text/html"));
    assert!(lie(Reply::new("200 OK", "application/json", html)).contains("another"));
    assert!(lie(Reply::new("200 OK", "application/json", "{}")).contains("boards"));
    assert!(lie(Reply::new("500 Oops", "application/problem+json", "{}")).contains("500"));
    assert!(lie(Reply::new("500 Oops", "text/plain", "")).contains("500"));
    assert!(lie(Reply::with("204 No Content", &[], "")).contains("204"));
    assert!(lie(Reply::Last(b"SSH-2.0-OpenSSH_9.9\r\n".to_vec())).contains("protocol"));
}

#[test]
fn an_answer_that_has_no_end_is_not_read_to_it() {
    let head =
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
    let chunk = [b"8000\r\n".to_vec(), vec![b' '; 0x8000], b"\r\n".to_vec()].concat();
    assert!(lie(Reply::Endless(head, chunk)).contains("longer than"));
    let head =
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 9223372036854775807\r\n\r\n";
    assert!(lie(Reply::Endless(head.to_vec(), vec![b' '; 0x8000])).contains("longer than"));
    assert!(lie(Reply::Endless(b"HTTP/1.1 200 OK\r\n".to_vec(), b"a: b\r\n".repeat(100))).contains("head"));
}

#[test]
fn an_answer_that_breaks_off_is_transient() {
    let body = r#"{"boards":[]}"#;
    let Reply::Bytes(good) = Reply::new("200 OK", "application/json", body) else { panic!("bytes") };
    for length in [0, 5, good.len() / 2, good.len() - 1] {
        let refused = refused(Reply::Last(good[..length].to_vec()));
        assert!(refused.is_transient(), "{length}: {refused:?}");
        assert!(matches!(refused, ClientError::Unreachable { .. }), "{length}: {refused:?}");
    }
}

#[test]
fn an_answer_about_something_else_is_none() {
    let other = PlayerId([1; 32]);
    let server = Server::start(move |request| match request.target.as_str() {
        "/v1/boards/maze/scores" => Reply::json(&json!({
            "entry": entry(key().id(), 501), "all_time_rank": 1, "best": true, "repeated": false,
        })),
        "/v1/boards/maze/tickets" => Reply::json(&json!({"tickets": [{
            "id": TicketId([0; 16]), "board": "maze", "player": other, "seed": "1", "issued": 0, "expires": 1,
        }]})),
        path if path.starts_with("/v1/players") => Reply::json(&json!({"id": other, "name": "Ann"})),
        _ => Reply::json(&entry(other, 1)),
    });
    let client = server.client();
    let is_lie = |error: ClientError| matches!(error, ClientError::NotAScoreService { .. });
    assert!(is_lie(client.submit(&board(), &run()).expect_err("another score")));
    assert!(is_lie(client.tickets(&board(), 1).expect_err("another player's")));
    assert!(is_lie(client.put_player("Ann").expect_err("another player")));
    assert!(is_lie(client.best(&board(), &key().id(), Season::All).expect_err("another player's")));
    assert!(is_lie(client.score(ScoreId(7)).expect_err("another score")));
}

#[test]
fn nobody_is_sent_on_with_a_signed_request() {
    let server = Server::start(|request| {
        let location = format!("http://{}{}", request.header("host"), request.target);
        Reply::with("307 Temporary Redirect", &[("location", &location)], "")
    });
    let refused = server.client().put_player("Ann").expect_err("it leads in a circle");
    assert!(matches!(refused, ClientError::NotAScoreService { .. }), "{refused:?}");
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn a_clock_three_days_off_is_corrected_once() -> Outcome {
    for ahead in [3 * 24 * 60 * 60 * 1_000, -3 * 24 * 60 * 60 * 1_000] {
        let server = Server::start(move |request| {
            let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970");
            let now = (now.as_millis() as u64).saturating_add_signed(ahead);
            let created = request.signed().expect("signed").created.as_millis();
            if created.abs_diff(now) > 60_000 {
                let body = format!(r#"{{"status":401,"code":"clock_skew","detail":"","time":{now}}}"#);
                return Reply::new("401 Unauthorized", "application/problem+json", body);
            }
            Reply::json(&json!({"id": key().id(), "name": "Ann"}))
        });
        let client = server.client();
        client.put_player("Ann")?;
        client.put_player("Ann")?;
        assert_eq!(server.requests().len(), 3, "the second call knows");
        assert!(client.clock_ahead_millis().abs_diff(ahead) < 60_000);
    }
    Ok(())
}

#[test]
fn a_service_that_never_likes_the_time_is_asked_twice() {
    let server = Server::start(|_| Reply::problem(401, "clock_skew", ""));
    let refused = server.client().put_player("Ann").expect_err("it does not like it");
    assert_eq!(refused.code(), Some(Code::ClockSkew));
    assert!(refused.is_transient());
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn a_service_that_is_down_is_unreachable() -> Outcome {
    let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    for url in [format!("http://{address}"), "http://scores.invalid".into()] {
        let refused = ScoreClient::new(&options(&url))?.info().expect_err("nobody is there");
        assert!(matches!(refused, ClientError::Unreachable { .. }), "{refused:?}");
        assert!(refused.is_transient());
    }
    Ok(())
}

#[test]
fn a_service_that_says_nothing_is_not_waited_for() -> Outcome {
    let server = Server::start(|_| Reply::Silence);
    let mut options = options(&server.url());
    options.read_timeout = Duration::from_millis(50);
    let refused = ScoreClient::new(&options)?.info().expect_err("it is silent");
    assert!(matches!(refused, ClientError::TimedOut { .. }), "{refused:?}");
    let head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n".to_vec();
    let server = Server::start(move |_| Reply::Bytes(head.clone()));
    options.url = server.url();
    let refused = ScoreClient::new(&options)?.info().expect_err("it is silent in the middle");
    assert!(matches!(refused, ClientError::TimedOut { .. }), "{refused:?}");
    Ok(())
}

#[test]
fn a_service_that_dawdles_is_not_waited_for_either() -> Outcome {
    let head =
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
    let server = Server::start(move |_| Reply::Endless(head.clone(), b"1\r\n \r\n".to_vec()));
    let mut options = options(&server.url());
    options.overall_timeout = Duration::from_millis(20);
    let refused = ScoreClient::new(&options)?.info().expect_err("it has no end");
    assert!(matches!(refused, ClientError::TimedOut { .. }), "{refused:?}");
    Ok(())
}
