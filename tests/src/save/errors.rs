//! A disk that refuses one operation, at every moment of a save, in every way that a system has for it.

use super::cuts::page_on;
use super::disk::{Disk, Honesty};
use super::page::{Page, options};
use netcord::save::{SaveError, SaveFolder};
use std::io::ErrorKind;
use std::sync::Arc;

/// How a disk refuses.
pub const ERRORS: [ErrorKind; 5] = [
    ErrorKind::StorageFull,
    ErrorKind::PermissionDenied,
    ErrorKind::ReadOnlyFilesystem,
    ErrorKind::NotFound,
    ErrorKind::Other,
];

/// Lets each operation of a save fail in that way, and returns how many saves were refused. After each, what was acknowledged is
/// there, the error is of its own type, and the next save works.
pub fn refuse(error: ErrorKind) -> Result<usize, String> {
    let mut refused = 0;
    for operation in 0.. {
        let disk = Disk::new(operation as u64, Honesty::Honest);
        let said = |error: SaveError| error.to_string();
        let folder = SaveFolder::in_environment(Arc::new(disk.clone()), "saves").map_err(said)?;
        let mut file = folder.open::<Page>("slot", options(1)).map_err(said)?;
        for number in 1..=4 {
            file.save(&Page::new(number, 30)).map_err(said)?;
        }
        disk.fail_after(operation, error);
        let outcome = file.save(&Page::new(5, 30));
        let Err(outcome) = outcome else { break };
        refused += 1;
        let place = format!("{:?}", disk.journal());
        let is_typed = match error {
            ErrorKind::StorageFull => matches!(outcome, SaveError::Full { .. }),
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
                matches!(outcome, SaveError::ReadOnly { .. })
            }
            ErrorKind::NotFound => matches!(outcome, SaveError::FolderGone { .. }),
            _ => matches!(outcome, SaveError::Io { .. }),
        };
        if !is_typed {
            return Err(format!("{error}: {outcome:?}, {place}"));
        }
        // As it is now, and as the worst power cut leaves it.
        let lost: Vec<_> = disk.outcomes().iter().map(|outcome| page_on(&disk.after(outcome), 1)).collect();
        for found in lost.into_iter().chain([page_on(&disk, 1)]) {
            match found {
                Ok(4 | 5) => {}
                found => return Err(format!("{error}: {found:?}, and 4 was acknowledged, {place}")),
            }
        }
        let number = 6;
        file.save(&Page::new(number, 30)).map_err(|error| format!("{error}, {place}"))?;
        if page_on(&disk, 1) != Ok(number) || disk.files().iter().any(|file| file.ends_with(".draft")) {
            return Err(format!("after {error}: {:?}, {place}", disk.files()));
        }
    }
    Ok(refused)
}
