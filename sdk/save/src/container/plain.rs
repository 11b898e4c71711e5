//! Readable saves: a line of text, and JSON below it. STANDARD.md, section 10.4.

use super::header::FORMAT;
use super::{HIGHEST_COUNTER, LONGEST_HEADER, Payload, SaveInfo, is_kind};
use crate::Damage;
use xxhash_rust::xxh3::xxh3_64;

/// What the first line begins with.
pub(super) const MAGIC: &[u8] = b"netcord-save ";

/// What stands in place of the body's checksum where a person changed the body.
const EDITED: &str = "edited";

/// The first line, and what is below it.
pub(super) struct Header<'a> {
    pub(super) info: SaveInfo,
    checksum: &'a str,
    body: &'a [u8],
}

pub(super) fn write(info: &SaveInfo, json: &[u8]) -> Vec<u8> {
    let SaveInfo { kind, version, counter, time, .. } = info;
    let bytes = json.len();
    let fields = format!(
        "netcord-save format={FORMAT} kind={kind} version={version} counter={counter} time={time} bytes={bytes}"
    );
    let line = format!("{fields} line={} body={}\n", checksum(fields.as_bytes()), checksum(json));
    [line.as_bytes(), json].concat()
}

pub(super) fn read(bytes: &[u8], limit: usize) -> Result<(SaveInfo, Payload), Damage> {
    let Header { mut info, checksum: expected, body } = read_header(bytes)?;
    if body.len() > limit {
        return Err(Damage::TooLarge { limit });
    }
    if expected == EDITED {
        info.payload_bytes = body.len() as u64;
        return Ok((info, Payload::Json(body.to_vec())));
    }
    match (body.len() as u64).cmp(&info.payload_bytes) {
        std::cmp::Ordering::Less => Err(Damage::Truncated),
        std::cmp::Ordering::Greater => Err(Damage::Trailing),
        std::cmp::Ordering::Equal if expected != checksum(body) => Err(Damage::Payload),
        std::cmp::Ordering::Equal => Ok((info, Payload::Json(body.to_vec()))),
    }
}

/// Reads the first line of `bytes`. Its checksum is right.
pub(super) fn read_header(bytes: &[u8]) -> Result<Header<'_>, Damage> {
    let (front, is_whole) = bytes.get(..LONGEST_HEADER).map_or((bytes, false), |front| (front, true));
    let Some(line) = front.split(|&byte| byte == b'\n').next().filter(|line| line.len() < front.len()) else {
        return Err(if is_whole { Damage::Header } else { Damage::Truncated });
    };
    let body = bytes.get(line.len().saturating_add(1)..).unwrap_or_default();
    // An editor may have changed the end of the line.
    let line = std::str::from_utf8(line).map_err(|_| Damage::Header)?.trim_end_matches('\r');
    let (line, body_checksum) = line.rsplit_once(" body=").ok_or(Damage::Header)?;
    let (fields, line_checksum) = line.rsplit_once(" line=").ok_or(Damage::Header)?;
    if line_checksum != checksum(fields.as_bytes()) {
        return Err(Damage::Header);
    }
    let info = parse(fields)?.ok_or(Damage::Header)?;
    Ok(Header { info, checksum: body_checksum, body })
}

/// The fields of the line, each in its place.
fn parse(line: &str) -> Result<Option<SaveInfo>, Damage> {
    let mut fields = line.split(' ').skip(1);
    let mut field = |name: &str| fields.next()?.strip_prefix(name)?.strip_prefix('=');
    match field("format").and_then(|format| format.parse().ok()) {
        Some(FORMAT) => {}
        Some(found) => return Err(Damage::NewerFormat { found }),
        None => return Ok(None),
    }
    let mut all = || {
        let kind = field("kind").filter(|kind| is_kind(kind))?.to_owned();
        let version = field("version")?.parse().ok()?;
        let counter = field("counter")?.parse().ok().filter(|&counter| counter <= HIGHEST_COUNTER)?;
        let time = field("time")?.parse().ok()?;
        let payload_bytes = field("bytes")?.parse().ok()?;
        Some(SaveInfo { kind, version, counter, time, encrypted: false, payload_bytes })
    };
    let info = all();
    Ok(info.filter(|_| fields.next().is_none()))
}

fn checksum(bytes: &[u8]) -> String {
    format!("{:016x}", xxh3_64(bytes))
}
