//! Bodies that are long, compressed, or no submission; all signed as they have to be.

use super::stage::Stage;
use super::world::json;
use http::Request;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderValue};
use serde_json::Value;

type Forged = Request<Vec<u8>>;

/// A body of more bytes than are read of one.
pub(super) fn giant(stage: &mut Stage) -> Forged {
    let mut body = json(&stage.run.submission());
    body.resize(2 << 20, b' ');
    stage.post(body)
}

/// A megabyte that gives a hundred and sixty, and says so.
pub(super) fn compressed(stage: &mut Stage) -> Forged {
    let encoding = ["gzip", "deflate", "br", "zstd", "x-gzip", "gzip, gzip", "GZIP"][stage.below(7)];
    let mut request = stage.post(bomb(1 << 20));
    request.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static(encoding));
    request
}

/// The same without a word.
pub(super) fn compressed_in_secret(stage: &mut Stage) -> Forged {
    stage.post(bomb(1 << 20))
}

/// Zeros as gzip has them (RFC 1952), in about so many bytes: a zero, then 258 times the byte before, again and again, in
/// the fixed codes of deflate (RFC 1951), of which this is the costliest.
fn bomb(bytes: usize) -> Vec<u8> {
    const AGAIN: [u8; 13] = [1, 1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0];
    const LAST_BLOCK_OF_FIXED_CODES: [u8; 3] = [1, 1, 0];
    const ZERO: [u8; 8] = [0, 0, 1, 1, 0, 0, 0, 0];
    let mut gzip = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
    let start = LAST_BLOCK_OF_FIXED_CODES.into_iter().chain(ZERO);
    let mut bits = start.chain(AGAIN.into_iter().cycle());
    gzip.extend((0..bytes).map(|_| (0..8).fold(0, |byte, at| byte | bits.next().unwrap_or_default() << at)));
    gzip
}

pub(super) fn not_json(stage: &mut Stage) -> Forged {
    let kinds =
        ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", "multipart/form-data", ""];
    let kind = kinds[stage.below(5)];
    let mut request = stage.edited(|_| {});
    request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    request
}

/// Brackets within brackets.
pub(super) fn nested(stage: &mut Stage) -> Forged {
    let depth = [129, 10_000, 400_000][stage.below(3)];
    let text = text(stage);
    let body = match stage.below(4) {
        0 => "[".repeat(depth),
        1 => r#"{"a":"#.repeat(depth.min(200_000)),
        2 => replaced(&text, "\"points\":", &format!("\"points\":{}", "[".repeat(depth))),
        _ => replaced(&text, "{", &format!("{{\"deep\":{}{},", "[".repeat(depth / 2), "]".repeat(depth / 2))),
    };
    stage.post(body.into_bytes())
}

/// Numbers that are too large, too exact, or none.
pub(super) fn numbers(stage: &mut Stage) -> Forged {
    let huge = "9".repeat(1_000_000);
    let tiny = format!("0.{}1", "0".repeat(1_000_000));
    let numbers = [
        "1e999",
        "-1e999",
        "1e5",
        "1.0",
        "1.5",
        "NaN",
        "Infinity",
        "-Infinity",
        "null",
        "true",
        "\"7\"",
        "+7",
        "07",
        "0x7",
        "9223372036854775808",
        "-9223372036854775809",
        "",
        &huge,
        &tiny,
    ];
    let number = numbers[stage.below(numbers.len())];
    let mut claim = serde_json::to_value(stage.run.claim).expect("a claim is JSON");
    let name = ["points", "ticks"][stage.below(2)];
    let was = format!("\"{name}\":{}", claim[name].take());
    let body = replaced(&text(stage), &was, &format!("\"{name}\":{number}"));
    stage.post(body.into_bytes())
}

/// JSON, but no submission.
pub(super) fn misshapen(stage: &mut Stage) -> Forged {
    let text = text(stage);
    let way = stage.below(11);
    let body = match way {
        0 => replaced(&text, "{", r#"{"points":1000000,"#),
        1 => replaced(&text, r#""claim":{"#, r#""claim":{"accepted":true,"#),
        2 => replaced(&text, "{", &format!(r#"{{"ticket":"{}","#, stage.run.ticket.id)),
        3 => replaced(&text, r#""ticket""#, r#""Ticket""#),
        4 => format!("{text}{text}"),
        5 => format!("\u{feff}{text}"),
        6 => text[..stage.below(text.len())].to_owned(),
        7 => replaced(&text, r#""state_hash":""#, r#""state_hash":"00"#),
        8 => replaced(&text, r#""replay":""#, r#""replay":"AA=="#),
        9 => replaced(&text, r#""replay":""#, r#""replay":"\u0000"#),
        _ => {
            let mut value: Value = serde_json::from_str(&text).expect("it is JSON");
            let names = ["ticket", "claim", "replay"];
            let fields = value.as_object_mut().expect("it has fields");
            fields.remove(names[stage.below(3)]);
            value.to_string()
        }
    };
    stage.post(body.into_bytes())
}

/// A text that is no UTF-8 somewhere.
pub(super) fn no_text(stage: &mut Stage) -> Forged {
    let mut body = json(&stage.run.submission());
    let at = stage.below(body.len());
    body[at] = 0xff;
    stage.post(body)
}

/// The honest submission as JSON.
fn text(stage: &Stage) -> String {
    String::from_utf8(json(&stage.run.submission())).expect("JSON is text")
}

/// The text with the first of `from` replaced, which there must be.
fn replaced(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "{from}");
    text.replacen(from, to, 1)
}
