//! Saving and loading a value: encrypted and atomic, beside a bare write and flush in place, and beside SQLite.
//!
//! All three encode the same value with the same codec, and flush it to the disk. The bare write loses everything when the
//! machine dies in the middle of it, and hides nothing; SQLite is atomic, and hides nothing.

use crate::report::{Figure, Report};
use netcord::save::{Key, SaveFile, SaveFolder, SaveOptions, first_version};
use netcord::wire::GameRng;
use netcord::wire::codec::file;
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// What a game has to save: names and numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct World {
    things: Vec<Thing>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Thing {
    name: String,
    position: [f32; 3],
    count: u64,
    contents: Vec<u32>,
}

first_version!(World, "bench");

impl World {
    /// A world whose encoding has about so many bytes.
    fn of(bytes: usize) -> Self {
        let mut rng = GameRng::new(1);
        let thing = |number| Thing {
            name: format!("thing-{number}"),
            position: std::array::from_fn(|_| rng.below(1_000) as f32 / 7.0),
            count: rng.next_u64() >> 20,
            contents: (0..8).map(|_| rng.below(100_000)).collect(),
        };
        Self { things: (0..bytes.div_ceil(70)).map(thing).collect() }
    }
}

const LIMIT: usize = 64 << 20;

/// One way to keep a value.
trait Store {
    fn save(&mut self, world: &World);
    fn load(&mut self) -> World;
}

struct Ours(SaveFile<World>);

impl Store for Ours {
    fn save(&mut self, world: &World) {
        self.0.save(world).expect("it saves");
    }

    fn load(&mut self) -> World {
        self.0.load().expect("it loads").value().expect("it was saved")
    }
}

struct Bare(PathBuf);

impl Store for Bare {
    fn save(&mut self, world: &World) {
        let bytes = file::encode(world, LIMIT).expect("it is small enough");
        let mut file = File::create(&self.0).expect("it can be made");
        file.write_all(&bytes).and_then(|()| file.sync_all()).expect("it can be written");
    }

    fn load(&mut self) -> World {
        file::decode(&fs::read(&self.0).expect("it was saved"), LIMIT).expect("it is a world")
    }
}

struct Sqlite(Connection);

impl Sqlite {
    /// As its documentation advises for speed and durability: a write-ahead log that is flushed at each commit.
    fn open(path: &Path) -> rusqlite::Result<Self> {
        let connection = Connection::open(path)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.execute("CREATE TABLE saves (name TEXT PRIMARY KEY, value BLOB NOT NULL)", ())?;
        Ok(Self(connection))
    }
}

impl Store for Sqlite {
    fn save(&mut self, world: &World) {
        let bytes = file::encode(world, LIMIT).expect("it is small enough");
        let saved = self.0.execute("INSERT OR REPLACE INTO saves VALUES ('world', ?1)", (&bytes,));
        saved.expect("it saves");
    }

    fn load(&mut self) -> World {
        let select = "SELECT value FROM saves WHERE name = 'world'";
        let bytes: Vec<u8> = self.0.query_row(select, (), |row| row.get(0)).expect("it was saved");
        file::decode(&bytes, LIMIT).expect("it is a world")
    }
}

pub(crate) fn run(report: &mut Report, quick: bool) {
    for (case, bytes, repetitions) in
        [("1 kB", 1_000, 200), ("100 kB", 100_000, 100), ("10 MB", 10_000_000, 15)]
    {
        let disk = tempfile::tempdir().expect("there is a disk");
        let folder = SaveFolder::at(disk.path()).expect("a folder");
        let options = SaveOptions::encrypted(Key::from_bytes([7; 32]));
        let ours = folder.open("world", options).expect("it opens");
        let mut stores: [Box<dyn Store>; 3] = [
            Box::new(Ours(ours)),
            Box::new(Bare(disk.path().join("bare"))),
            Box::new(Sqlite::open(&disk.path().join("sqlite")).expect("it opens")),
        ];
        let mut world = World::of(bytes);
        let [mut saves, mut loads] = [(); 2].map(|()| [(); 3].map(|()| Vec::new()));
        for round in 0..if quick { repetitions / 10 } else { repetitions } + 2 {
            world.things[0].count = round;
            for (store, (saves, loads)) in stores.iter_mut().zip(saves.iter_mut().zip(&mut loads)) {
                let start = Instant::now();
                store.save(&world);
                let saved = start.elapsed().as_secs_f64();
                let start = Instant::now();
                let loaded = store.load();
                let seconds = start.elapsed().as_secs_f64();
                assert_eq!(loaded, world);
                // The first two warm up.
                if round >= 2 {
                    saves.push(1e3 * saved);
                    loads.push(1e3 * seconds);
                }
            }
        }
        for (metric, samples) in [("save", saves), ("load", loads)] {
            let figure = Figure { bench: "save", case, metric, unit: "ms" };
            let [ours, bare, sqlite] = samples.map(median);
            report.compare(&figure, Some(ours), "write + fsync in place", Some(bare));
            report.compare(&figure, Some(ours), "SQLite, WAL", Some(sqlite));
        }
    }
}

fn median(mut samples: Vec<f64>) -> f64 {
    samples.sort_by(f64::total_cmp);
    samples[samples.len() / 2]
}
