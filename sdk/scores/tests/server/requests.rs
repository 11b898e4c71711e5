//! What is a request, and what isn't.

use crate::client::{Client, server};
use netcord_scores::server::Limits;

#[test]
fn a_request_is_answered_by_whichever_thread() {
    let server = server(Limits::default());
    let mut client = Client::to(&server);
    for path in ["/inline", "/quick", "/verify"] {
        assert_eq!(client.get(path).text(), format!("GET {path} 0"));
    }
}

#[test]
fn a_thousand_requests_come_over_one_connection() {
    let server = server(Limits::default());
    let mut client = Client::to(&server);
    for number in 0..1_000 {
        let path = format!("/{number}");
        assert_eq!(client.get(&path).text(), format!("GET {path} 0"));
    }
}
