//! Where a page of a listing goes on: a [`Position`] that clients hand back without reading it.
//!
//! It names a place between scores, not a number of rows, so that it stays good when scores come and go meanwhile.

use super::ServiceError;
use crate::api::Code;
use crate::model::{Position, ScoreId};
use data_encoding::HEXLOWER;

pub(super) fn write(position: Position) -> String {
    let mut bytes = [0; 16];
    let (key, id) = bytes.split_at_mut(8);
    key.copy_from_slice(&position.key.to_be_bytes());
    id.copy_from_slice(&position.id.0.to_be_bytes());
    HEXLOWER.encode(&bytes)
}

pub(super) fn read(cursor: &str) -> Result<Position, ServiceError> {
    let none = || ServiceError::new(Code::BadRequest, "`after` is none that a page gave as its `next`");
    let mut bytes = [0; 16];
    if cursor.len() != 2 * bytes.len() {
        return Err(none());
    }
    HEXLOWER.decode_mut(cursor.as_bytes(), &mut bytes).map_err(|_| none())?;
    let [key, id] = bytes.as_chunks::<8>().0 else { return Err(none()) };
    Ok(Position { key: i64::from_be_bytes(*key), id: ScoreId(u64::from_be_bytes(*id)) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back_as_it_was() {
        for (key, id) in [(0, 0), (-1, 1), (i64::MIN, u64::MAX), (i64::MAX, 7)] {
            let position = Position { key, id: ScoreId(id) };
            assert_eq!(read(&write(position)), Ok(position));
        }
    }

    #[test]
    fn what_is_no_cursor_is_refused() {
        let good = write(Position { key: -700, id: ScoreId(3) });
        let longer = format!("{good}00");
        let other = "ä".repeat(16);
        for bad in ["", "0", &good[2..], &longer, &good.to_uppercase(), &other, &" ".repeat(32)] {
            assert_eq!(read(bad).unwrap_err().code, Code::BadRequest, "{bad:?}");
        }
    }
}
