//! A save that is open: load, save, change of key.

use crate::container::{self, Fresh, Payload, Protection, SaveInfo, Versioned};
use crate::data;
use crate::generations::{Good, Place};
use crate::lock::SaveLock;
use crate::{Damage, Lost, SaveData, SaveError};
use std::marker::PhantomData;
use std::path::PathBuf;
use std::time::Duration;

/// How a save is kept.
#[derive(Clone, Debug)]
pub struct SaveOptions {
    /// What protects it.
    pub protection: Protection,
    /// How many older generations are kept beside the newest one: 1 to 99, 2 by default.
    pub older_generations: u8,
    /// The largest payload, in bytes, that is written or read: 64 MiB by default.
    pub max_bytes: usize,
    /// How long to wait for another copy of the game to close the save: 1 s by default.
    pub lock_wait: Duration,
}

impl SaveOptions {
    /// Encrypted with a key, and the defaults.
    #[must_use]
    pub fn encrypted(key: crate::Key) -> Self {
        Self::new(Protection::Encrypted(key))
    }

    /// Readable, and the defaults.
    #[must_use]
    pub fn readable() -> Self {
        Self::new(Protection::Readable)
    }

    fn new(protection: Protection) -> Self {
        Self { protection, older_generations: 2, max_bytes: 64 << 20, lock_wait: Duration::from_secs(1) }
    }
}

/// A save of a `T`, open, and locked against other copies of the game until it is dropped.
///
/// It does not keep the value. Calls wait for the disk: a game with frames to draw has them on another thread.
#[derive(Debug)]
pub struct SaveFile<T> {
    place: Place,
    options: SaveOptions,
    /// `None` where nobody can write.
    lock: Option<SaveLock>,
    /// The generations that were looked at, by slot, and the counter of the next; `None` before a load.
    known: Option<Known>,
    /// A counter that the game remembers.
    floor: u64,
    value: PhantomData<fn(T) -> T>,
}

/// What is known of the disk.
#[derive(Debug, Default)]
struct Known {
    /// Slots that hold nothing newer than what was loaded or saved, the oldest first.
    slots: Vec<u8>,
    /// Slots of files that this game can't read, and that are not its to write over.
    foreign: Vec<u8>,
    newest: u64,
}

/// What was found.
#[derive(Debug)]
pub enum Loaded<T> {
    /// There is no save yet.
    Nothing,
    /// The newest save.
    Found {
        /// What was saved.
        value: T,
        /// What its header says.
        info: SaveInfo,
    },
    /// Some generations could not be read, at least one of which may have been newer than this, the newest that could be.
    Recovered {
        /// What was saved.
        value: T,
        /// What its header says.
        info: SaveInfo,
        /// What could not be read.
        lost: Vec<Lost>,
    },
}

impl<T> Loaded<T> {
    /// The value, if there is one.
    pub fn value(self) -> Option<T> {
        match self {
            Self::Nothing => None,
            Self::Found { value, .. } | Self::Recovered { value, .. } => Some(value),
        }
    }
}

impl<T: SaveData> SaveFile<T> {
    pub(crate) fn open(place: Place, options: SaveOptions) -> Result<Self, SaveError> {
        const { assert!(container::is_kind(T::KIND), "1 to 64 of a-z, 0-9, '-', '_', '.'") };
        if !(1..=99).contains(&options.older_generations) {
            return Err(SaveError::Options("1 to 99 older generations can be kept"));
        }
        let lock = match SaveLock::take(&place, options.lock_wait) {
            Ok(lock) => Some(lock),
            // Nobody else writes there either. Loading goes on, and saving will fail, and say why.
            Err(SaveError::ReadOnly { .. }) => None,
            Err(error) => return Err(error),
        };
        if lock.is_some() {
            place.remove_drafts()?;
        }
        Ok(Self { place, options, lock, known: None, floor: 0, value: PhantomData })
    }

    /// Loads the newest generation that is whole and genuine, in the newest version.
    ///
    /// Damaged ones that may be newer are set aside under another name, and listed. So are, but stay where they are, those
    /// that are merely not what was asked for, such as of another key ([`Damage::is_harm`]).
    ///
    /// # Errors
    /// [`SaveError::NoneGood`], [`SaveError::WrongKey`], [`SaveError::NewerGame`], [`SaveError::OlderGame`],
    /// [`SaveError::Undecodable`]; what the file system says. None of them changes a good file.
    pub fn load(&mut self) -> Result<Loaded<T>, SaveError> {
        self.load_since(0)
    }

    /// As [`load`](Self::load), and finds a folder that was put back to an older day: the game keeps the highest
    /// [`counter`](SaveInfo::counter) that it saw somewhere else, such as on a server, and hands it in.
    ///
    /// # Errors
    /// As [`load`](Self::load); [`SaveError::PutBack`].
    pub fn load_since(&mut self, counter: u64) -> Result<Loaded<T>, SaveError> {
        self.known = None;
        self.floor = self.floor.max(counter);
        let Some((good, mut lost)) = self.newest_good()? else {
            self.check_since(0, counter)?;
            self.known = Some(Known::default());
            return Ok(Loaded::Nothing);
        };
        self.check_since(good.info.counter, counter)?;
        let value = self.decode(&good)?;
        self.set_harm_aside(&mut lost)?;
        self.known = Some(self.survey(&lost)?);
        let info = good.info;
        Ok(if lost.is_empty() {
            Loaded::Found { value, info }
        } else {
            Loaded::Recovered { value, info, lost }
        })
    }

    fn check_since(&self, found: u64, known: u64) -> Result<(), SaveError> {
        if found < known { Err(SaveError::PutBack { found, known }) } else { Ok(()) }
    }

    /// The newest good generation, and those that may be newer. `None` if there are none at all.
    fn newest_good(&mut self) -> Result<Option<(Good, Vec<Lost>)>, SaveError> {
        let generations = self.place.survey()?;
        if generations.is_empty() {
            return Ok(None);
        }
        let SaveOptions { protection, max_bytes, .. } = &self.options;
        let (good, mut lost) = self.place.newest_good(generations, T::KIND, protection, *max_bytes)?;
        for lost in &lost {
            if let Damage::NewerFormat { found } = lost.damage {
                let known = container::FORMAT.into();
                return Err(SaveError::NewerGame { path: lost.path.clone(), found: found.into(), known });
            }
        }
        match good {
            Some(good) if good.info.version > T::VERSION => {
                Err(SaveError::NewerGame { path: good.path, found: good.info.version, known: T::VERSION })
            }
            Some(good) => Ok(Some((good, lost))),
            None => {
                if let Some(wrong) = lost.iter().find(|lost| matches!(lost.damage, Damage::WrongKey)) {
                    return Err(SaveError::WrongKey { path: wrong.path.clone() });
                }
                self.set_harm_aside(&mut lost)?;
                Err(SaveError::NoneGood { lost })
            }
        }
    }

    fn decode(&self, good: &Good) -> Result<T, SaveError> {
        let Good { info, payload, .. } = good;
        data::decode(info.version, &Versioned { payload, version: info.version })
    }

    fn set_harm_aside(&self, lost: &mut [Lost]) -> Result<(), SaveError> {
        self.place.set_aside(lost.iter_mut().filter(|lost| lost.damage.is_harm()))
    }

    /// The slots, now that everything was looked at that may be newer than the newest good one.
    fn survey(&self, lost: &[Lost]) -> Result<Known, SaveError> {
        let mut known = Known::default();
        for generation in self.place.survey()?.into_iter().rev() {
            let is_foreign = lost.iter().any(|lost| lost.path == generation.path);
            let slots = if is_foreign { &mut known.foreign } else { &mut known.slots };
            slots.push(generation.slot);
            known.newest = known.newest.max(generation.header.map_or(0, |info| info.counter));
        }
        Ok(known)
    }

    /// Saves. When it returns `Ok`, the save outlives the process, the system and the power; until then, the one before does.
    ///
    /// # Errors
    /// What the file system says; [`SaveError::Encode`]. If nothing was loaded before, what [`load`](Self::load) says: a save
    /// that this game can't read is not written over.
    pub fn save(&mut self, value: &T) -> Result<SaveInfo, SaveError> {
        if self.known.is_none() {
            self.load_before_save()?;
        }
        if self.lock.is_none() {
            self.lock = Some(SaveLock::take(&self.place, self.options.lock_wait)?);
        }
        let payload = Payload::encode(value, &self.options.protection, self.options.max_bytes)?;
        let mut known = self.known.take().unwrap_or_default();
        let info = SaveInfo {
            kind: T::KIND.into(),
            version: T::VERSION,
            counter: known.newest.max(self.floor) + 1,
            time: self.place.environment.unix_time(),
            encrypted: matches!(self.options.protection, Protection::Encrypted(_)),
            payload_bytes: payload.bytes().len() as u64,
        };
        let bytes = self.seal(&info, payload, &self.options.protection)?;
        let slot = known.next_slot(self.options.older_generations);
        self.place.write(slot, &bytes)?;
        known.slots.retain(|&known| known != slot);
        known.slots.push(slot);
        known.newest = info.counter;
        self.known = Some(known);
        Ok(info)
    }

    /// Loads, so that nothing is written over that was not looked at. Damage that was set aside is no obstacle.
    fn load_before_save(&mut self) -> Result<(), SaveError> {
        match self.load() {
            Ok(_) => Ok(()),
            Err(SaveError::NoneGood { lost }) if lost.iter().all(|lost| lost.kept.is_some()) => {
                self.known = Some(Known::default());
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    fn seal(&self, info: &SaveInfo, payload: Payload, protection: &Protection) -> Result<Vec<u8>, SaveError> {
        let mut fresh = Fresh { salt: [0; 16], nonce: [0; 24] };
        let random = |bytes: &mut [u8]| {
            let failed = |source| SaveError::Io {
                doing: "get randomness for",
                path: self.place.folder.clone(),
                source,
            };
            self.place.environment.randomize(bytes).map_err(failed)
        };
        random(&mut fresh.salt)?;
        random(&mut fresh.nonce)?;
        container::write(info, payload, protection, fresh)
    }

    /// Protects every generation anew, the newest last, each in the newest version. From then on the file is open under the
    /// new protection, and nothing of it is left under the old one but what was set aside.
    ///
    /// If the machine dies meanwhile, either key may be the one that opens the newest generation: keep the old one until
    /// this returns `Ok`.
    ///
    /// # Errors
    /// As [`load`](Self::load) and [`save`](Self::save).
    pub fn change_protection(&mut self, protection: impl Into<Protection>) -> Result<(), SaveError> {
        let protection = protection.into();
        self.load()?;
        self.known = None;
        let mut lost = Vec::new();
        for generation in self.place.survey()?.into_iter().rev() {
            let (slot, path) = (generation.slot, generation.path);
            match self.place.open(&path, T::KIND, &self.options.protection, self.options.max_bytes)? {
                Ok((info, payload)) => {
                    let value: T =
                        data::decode(info.version, &Versioned { payload: &payload, version: info.version })?;
                    let payload = Payload::encode(&value, &protection, self.options.max_bytes)?;
                    let payload_bytes = payload.bytes().len() as u64;
                    let info = SaveInfo { version: T::VERSION, payload_bytes, ..info };
                    self.place.write(slot, &self.seal(&info, payload, &protection)?)?;
                }
                Err(damage) => lost.push(Lost { path, kept: None, damage, info: generation.header.ok() }),
            }
        }
        self.set_harm_aside(&mut lost)?;
        self.options.protection = protection;
        self.known = Some(self.survey(&lost)?);
        Ok(())
    }

    /// Sets every generation aside under another name, whatever it is, so that the next save begins anew. For a player who
    /// has forgotten the passphrase, or goes back to an older version of the game. Returns where the files are now.
    ///
    /// # Errors
    /// What the file system says.
    pub fn set_aside(&mut self) -> Result<Vec<PathBuf>, SaveError> {
        self.known = None;
        let mut lost: Vec<_> = self
            .place
            .survey()?
            .into_iter()
            .map(|generation| Lost {
                path: generation.path,
                kept: None,
                damage: Damage::Unwanted,
                info: generation.header.ok(),
            })
            .collect();
        self.place.set_aside(lost.iter_mut())?;
        Ok(lost.into_iter().filter_map(|lost| lost.kept).collect())
    }
}

impl Known {
    /// Where the next save goes: a free slot, or the oldest's.
    fn next_slot(&self, older_generations: u8) -> u8 {
        match self.slots.first() {
            Some(&oldest) if self.slots.len() > older_generations.into() => oldest,
            _ => (0..u8::MAX)
                .find(|slot| !self.slots.contains(slot) && !self.foreign.contains(slot))
                .unwrap_or(u8::MAX),
        }
    }
}
