//! A disk that fails when it is told to, and forgets what was not flushed when its power is cut.

use netcord_wire::GameRng;
use redb::StorageBackend;
use std::collections::BTreeSet;
use std::io::{self, ErrorKind};
use std::sync::{Arc, Mutex, MutexGuard};

const BLOCK: usize = 4_096;

/// A file on a simulated disk. Clones are the same file.
#[derive(Clone, Debug, Default)]
pub(super) struct Disk(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// What is read: all that was written.
    bytes: Vec<u8>,
    /// What is there after a power cut: what was flushed.
    flushed: Vec<u8>,
    /// What was written since, in that order.
    unflushed: Vec<Write>,
    /// Blocks that take room: a file that was made longer has none yet.
    blocks: BTreeSet<usize>,
    /// So many blocks fit on the disk.
    room: Option<usize>,
    /// Calls that change the file so far.
    calls: u64,
    fault: Option<(u64, Fault)>,
}

#[derive(Debug)]
enum Write {
    Length(usize),
    Bytes(usize, Vec<u8>),
}

impl Write {
    /// Does it, with at most so many of the bytes.
    fn apply(&self, file: &mut Vec<u8>, at_most: usize) {
        match self {
            Self::Length(length) => file.resize(*length, 0),
            Self::Bytes(start, written) => {
                let written = &written[..written.len().min(at_most)];
                let end = start + written.len();
                file.resize(file.len().max(end), 0);
                file[*start..end].copy_from_slice(written);
            }
        }
    }
}

/// What happens at a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// That call fails.
    Once,
    /// That call and all later ones fail, until the power is back.
    PowerCut,
}

impl Disk {
    /// A disk with room for so many bytes.
    pub(super) fn with_room(bytes: usize) -> Self {
        let disk = Self::default();
        disk.set_room(bytes);
        disk
    }

    pub(super) fn set_room(&self, bytes: usize) {
        self.state().room = Some(bytes / BLOCK);
    }

    /// How many calls changed the file.
    pub(super) fn calls(&self) -> u64 {
        self.state().calls
    }

    /// Lets the call after `calls` others fail.
    pub(super) fn fail_after(&self, calls: u64, fault: Fault) {
        let mut state = self.state();
        state.fault = Some((state.calls + calls, fault));
    }

    /// The disk after its power was cut, and came back: of each thing that was not flushed, all, nothing or a part is there.
    pub(super) fn after_power_cut(&self, rng: &mut GameRng) -> Self {
        let state = self.state();
        let mut bytes = state.flushed.clone();
        for write in &state.unflushed {
            match rng.below(3) {
                0 => {}
                1 => write.apply(&mut bytes, usize::MAX),
                _ => write.apply(&mut bytes, rng.below(BLOCK as u32) as usize),
            }
        }
        let blocks = (0..bytes.len().div_ceil(BLOCK)).collect();
        Self(Arc::new(Mutex::new(State { flushed: bytes.clone(), bytes, blocks, ..State::default() })))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    /// One call that changes the file.
    fn change(&self, change: impl FnOnce(&mut State) -> io::Result<()>) -> io::Result<()> {
        let mut state = self.state();
        let call = state.calls;
        state.calls += 1;
        match state.fault {
            Some((at, Fault::Once)) if call == at => Err(io::Error::other("a simulated fault")),
            Some((at, Fault::PowerCut)) if call >= at => Err(io::Error::other("no power")),
            _ => change(&mut state),
        }
    }
}

impl StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        Ok(self.state().bytes.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let start = usize::try_from(offset).unwrap();
        let state = self.state();
        let bytes = state.bytes.get(start..start + out.len()).ok_or(ErrorKind::UnexpectedEof)?;
        out.copy_from_slice(bytes);
        Ok(())
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        self.change(|state| {
            let length = usize::try_from(length).unwrap();
            state.bytes.resize(length, 0);
            state.blocks.retain(|block| *block < length.div_ceil(BLOCK));
            state.unflushed.push(Write::Length(length));
            Ok(())
        })
    }

    fn sync_data(&self) -> io::Result<()> {
        self.change(|state| {
            let State { flushed, unflushed, .. } = state;
            unflushed.drain(..).for_each(|write| write.apply(flushed, usize::MAX));
            Ok(())
        })
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.change(|state| {
            let start = usize::try_from(offset).unwrap();
            let end = start + data.len();
            let blocks = start / BLOCK..end.div_ceil(BLOCK);
            let fresh = blocks.clone().filter(|block| !state.blocks.contains(block)).count();
            if state.room.is_some_and(|room| state.blocks.len() + fresh > room) {
                return Err(ErrorKind::StorageFull.into());
            }
            state.blocks.extend(blocks);
            state.bytes.get_mut(start..end).ok_or(ErrorKind::UnexpectedEof)?.copy_from_slice(data);
            state.unflushed.push(Write::Bytes(start, data.to_vec()));
            Ok(())
        })
    }
}
