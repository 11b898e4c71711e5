//! Exports as JSON lines: one [`Record`] a line.

use super::{Record, ScoreStore, StoreError};
use std::cell::Cell;
use std::error::Error;
use std::io::{self, BufRead, Write};

/// No line is longer, in bytes.
const LONGEST: u64 = 64 << 20;

/// Writes all that a store has, as it was at one moment. Returns how many lines that is.
///
/// # Errors
/// [`StoreError::Failed`] when the store can't be read, or `to` not written.
pub fn write_lines(store: &dyn ScoreStore, mut to: impl Write) -> Result<u64, StoreError> {
    let mut lines = 0;
    store.export(&mut |record| {
        serde_json::to_writer(&mut to, &record).map_err(|error| failed("writing a line", error))?;
        to.write_all(b"\n").map_err(|error| failed("writing a line", error))?;
        lines += 1;
        Ok(())
    })?;
    to.flush().map_err(|error| failed("writing lines", error))?;
    Ok(lines)
}

/// Takes in all that was written by [`write_lines`], or nothing. Returns how many lines that is.
///
/// # Errors
/// [`StoreError::Conflict`] with the number of the first line that is no record, or that the store has or can't fit in;
/// [`StoreError::Failed`].
pub fn read_lines(store: &dyn ScoreStore, mut from: impl BufRead) -> Result<u64, StoreError> {
    let number = Cell::new(0);
    let mut records = std::iter::from_fn(|| {
        number.set(number.get() + 1);
        record(&mut from).transpose()
    });
    store.import(&mut records).map_err(|error| match error {
        StoreError::Conflict(why) => StoreError::Conflict(format!("line {}: {why}", number.get())),
        error => error,
    })
}

/// The record in the next line; none at the end.
fn record(from: &mut impl BufRead) -> Result<Option<Record>, StoreError> {
    let mut line = Vec::new();
    let read = io::Read::take(from, LONGEST).read_until(b'\n', &mut line);
    match read.map_err(|error| failed("reading a line", error))? {
        0 => Ok(None),
        _ => serde_json::from_slice(&line).map(Some).map_err(|error| StoreError::Conflict(error.to_string())),
    }
}

fn failed(doing: &'static str, error: impl Error + Send + Sync + 'static) -> StoreError {
    StoreError::Failed { doing, source: error.into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Act, BoardId, Player, ScoreId, Ticket, TicketId};
    use crate::store::MemoryStore;
    use crate::testing::{NOON, counter_board, player_id};

    fn player(number: u8) -> Player {
        Player {
            id: player_id(number),
            name: format!("Ada \"{number}\"\n"),
            name_key: format!("ada{number}"),
            joined: NOON,
            busy_until: NOON,
            banned: false,
        }
    }

    fn exported() -> String {
        let store = MemoryStore::new(&[counter_board("counter")]);
        for number in 1..4 {
            store.put_player(&player(number)).unwrap();
        }
        let ticket = Ticket {
            id: TicketId([7; 16]),
            board: BoardId::new("counter").unwrap(),
            player: player_id(2),
            seed: u64::MAX,
            issued: NOON,
            expires: NOON,
        };
        store.issue_tickets(&[ticket], 1, NOON).unwrap();
        store.moderate(&player_id(9), Act::Ban { player: player_id(3) }, "why", NOON).unwrap();
        let mut lines = Vec::new();
        assert_eq!(write_lines(&store, &mut lines).unwrap(), 5);
        String::from_utf8(lines).unwrap()
    }

    #[test]
    fn what_was_written_is_read() {
        let lines = exported();
        assert_eq!(lines.lines().count(), 5);
        let store = MemoryStore::new(&[]);
        assert_eq!(read_lines(&store, lines.as_bytes()).unwrap(), 5);
        let mut again = Vec::new();
        write_lines(&store, &mut again).unwrap();
        assert_eq!(String::from_utf8(again).unwrap(), lines);
        assert_eq!(store.score(ScoreId(1)).unwrap(), None);
    }

    #[test]
    fn the_first_bad_line_is_named_and_nothing_is_taken_in() {
        let lines = exported();
        let (first, rest) = lines.split_once('\n').unwrap();
        let cut = &lines[..lines.len() - 3];
        let twice = format!("{first}\n{lines}");
        let empty = format!("{first}\n\n{rest}");
        let other = format!("{first}\n{{\"record\":\"planet\"}}\n{rest}");
        for (lines, number) in [(cut, 5), (&twice, 2), (&empty, 2), (&other, 2)] {
            let store = MemoryStore::new(&[]);
            let error = read_lines(&store, lines.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(&format!("line {number}: ")), "{error}");
            assert_eq!(write_lines(&store, io::sink()).unwrap(), 0);
        }
    }
}
