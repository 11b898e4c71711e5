//! The generations of one save on the disk: which there are, which is the newest good one, where the next one goes. Knows
//! containers as bytes, no types of games.
//!
//! A save is never written over the newest one, nor over a file that nobody has looked at: it takes a free slot, or that of
//! the oldest. So whatever becomes of a write, what was there before it is there still.

use crate::container::{self, LONGEST_HEADER, OVERHEAD, Payload, Protection, SaveInfo};
use crate::environment::Environment;
use crate::name::{DRAFT, SaveName};
use crate::{Damage, Lost, SaveError};
use std::cmp::Reverse;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where the generations of a save are.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) environment: Arc<dyn Environment>,
    pub(crate) folder: PathBuf,
    pub(crate) name: SaveName,
}

/// A file that is a generation by its name.
#[derive(Debug)]
pub(crate) struct Generation {
    pub(crate) slot: u8,
    pub(crate) path: PathBuf,
    /// What its header claims.
    pub(crate) header: Result<SaveInfo, Damage>,
    /// The bytes that begin with it.
    pub(crate) front: Vec<u8>,
    /// The size of the file.
    pub(crate) bytes: u64,
}

/// A payload that is good, and of which save.
pub(crate) struct Good {
    pub(crate) path: PathBuf,
    pub(crate) info: SaveInfo,
    pub(crate) payload: Payload,
}

/// As many files that were set aside are kept.
const MOST_DAMAGED: usize = 8;

impl Place {
    pub(crate) fn path(&self, file: impl AsRef<Path>) -> PathBuf {
        self.folder.join(file)
    }

    /// The files of this folder; none if there is no folder.
    pub(crate) fn names(&self) -> Result<Vec<String>, SaveError> {
        match self.environment.names(&self.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            names => names.map_err(|error| SaveError::io("list", &self.folder, error)),
        }
    }

    /// All generations, the newest first, as far as headers are to be trusted. Those whose header can't be read come before:
    /// they may be newer than any.
    pub(crate) fn survey(&self) -> Result<Vec<Generation>, SaveError> {
        let mut generations = Vec::new();
        for slot in self.names()?.iter().filter_map(|file| self.name.slot_of(file)) {
            let path = self.path(self.name.generation(slot));
            let (header, front, bytes) = match self.read(&path, LONGEST_HEADER)? {
                Ok((front, bytes)) => (container::inspect(&front), front, bytes),
                Err(damage) => (Err(damage), Vec::new(), 0),
            };
            generations.push(Generation { slot, path, header, front, bytes });
        }
        generations.sort_by_key(|generation| {
            let info = generation.header.as_ref().ok();
            (info.is_some(), info.map(|info| Reverse((info.counter, info.time))), generation.slot)
        });
        Ok(generations)
    }

    /// A file's beginning, and its size. What the disk can't read is damaged; what we may not read is an error.
    fn read(&self, path: &Path, at_most: usize) -> Result<Result<(Vec<u8>, u64), Damage>, SaveError> {
        use io::ErrorKind as Kind;
        match self.environment.read(path, at_most) {
            Ok(read) => Ok(Ok(read)),
            Err(error)
                if matches!(error.kind(), Kind::PermissionDenied | Kind::ResourceBusy | Kind::NotFound) =>
            {
                Err(SaveError::Io { doing: "read", path: path.into(), source: error })
            }
            Err(error) => Ok(Err(Damage::Unreadable(error))),
        }
    }

    /// One generation, authenticated.
    pub(crate) fn open(
        &self,
        path: &Path,
        kind: &str,
        protection: &Protection,
        limit: usize,
    ) -> Result<Result<(SaveInfo, Payload), Damage>, SaveError> {
        let longest = limit.saturating_add(OVERHEAD);
        let bytes = match self.read(path, longest)? {
            Ok((_, length)) if length > longest as u64 => return Ok(Err(Damage::TooLarge { limit })),
            Ok((bytes, _)) => bytes,
            Err(damage) => return Ok(Err(damage)),
        };
        let read = container::read(bytes, protection, limit)?;
        Ok(read.and_then(|(info, payload)| match info.kind == kind {
            true => Ok((info, payload)),
            false => Err(Damage::OtherKind { found: info.kind }),
        }))
    }

    /// The newest generation that is good, and those before it that are not.
    pub(crate) fn newest_good(
        &self,
        generations: Vec<Generation>,
        kind: &str,
        protection: &Protection,
        limit: usize,
    ) -> Result<(Option<Good>, Vec<Lost>), SaveError> {
        let mut lost = Vec::new();
        for Generation { path, header, .. } in generations {
            let (info, opened) = match header {
                Ok(info) => (Some(info), self.open(&path, kind, protection, limit)?),
                Err(damage) => (None, Err(damage)),
            };
            match opened {
                Ok((info, payload)) => return Ok((Some(Good { path, info, payload }), lost)),
                Err(damage) => lost.push(Lost { path, kept: None, damage, info }),
            }
        }
        Ok((None, lost))
    }

    /// Gives the files of `lost` names that no save has. Where this fails, they stay.
    pub(crate) fn set_aside<'a>(&self, lost: impl Iterator<Item = &'a mut Lost>) -> Result<(), SaveError> {
        let mut lost = lost.peekable();
        if lost.peek().is_none() {
            return Ok(());
        }
        let mut numbers: Vec<u32> =
            self.names()?.iter().filter_map(|file| self.name.damaged_number(file)).collect();
        numbers.sort_unstable();
        let before = numbers.len();
        for lost in lost {
            let number = numbers.last().map_or(1, |last| last.saturating_add(1));
            let kept = self.path(self.name.damaged(number));
            match self.environment.rename(&lost.path, &kept) {
                Ok(()) => {
                    let (was, now) = (lost.path.display(), kept.display());
                    tracing::warn!(%was, %now, damage = %lost.damage, "set a save aside");
                    numbers.push(number);
                    lost.kept = Some(kept);
                }
                Err(error) => tracing::warn!(path = %lost.path.display(), %error, "can't set a save aside"),
            }
        }
        // Never one of those that were just set aside.
        let too_many = numbers.len().saturating_sub(MOST_DAMAGED).min(before);
        for number in numbers.drain(..too_many) {
            let path = self.path(self.name.damaged(number));
            tracing::warn!(path = %path.display(), "removing the oldest of too many damaged saves");
            let _ = self.environment.remove(&path);
        }
        // Should this not last, they are found and set aside again.
        let _ = self.environment.sync_folder(&self.folder);
        Ok(())
    }

    /// Writes a generation: all of it, to last, or nothing.
    pub(crate) fn write(&self, slot: u8, bytes: &[u8]) -> Result<(), SaveError> {
        let path = self.path(self.name.generation(slot));
        let failed = |doing| {
            let path = &path;
            move |error| SaveError::io(doing, path, error)
        };
        let mut draft = self
            .environment
            .draft(&self.folder, &self.name.draft_prefix(), DRAFT)
            .map_err(failed("create a draft of"))?;
        draft.write_all(bytes).map_err(failed("write"))?;
        draft.sync().map_err(failed("flush"))?;
        draft.persist(&path).map_err(failed("replace"))?;
        self.environment.sync_folder(&self.folder).map_err(failed("flush the name of"))
    }

    /// Removes drafts that a game left behind when it died. The lock has to be held.
    pub(crate) fn remove_drafts(&self) -> Result<(), SaveError> {
        for draft in self.names()?.iter().filter(|file| self.name.is_draft(file)) {
            // They do no harm but take room.
            let _ = self.environment.remove(&self.path(draft));
        }
        Ok(())
    }
}
