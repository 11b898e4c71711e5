//! `backup`, `export`, `import`: what is done with a store that no server has open.

use super::Failure;
use crate::model::Board;
use crate::server::{backup_path, now};
use crate::store::{RedbStore, read_lines, write_lines};
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

#[derive(Debug, clap::Args)]
pub(super) struct Backup {
    #[command(flatten)]
    from: Store,
    /// Where to; by default beside it, named by the second in which it is made
    to: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(super) struct Export {
    #[command(flatten)]
    from: Store,
    /// Where to; by default to the standard output
    to: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(super) struct Import {
    #[command(flatten)]
    into: Store,
    /// Where from; by default from the standard input
    from: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
struct Store {
    /// The file that scores are kept in
    #[arg(long, value_name = "FILE", default_value = "scores.redb")]
    store: PathBuf,
}

impl Store {
    fn open(&self, boards: &[Board]) -> Result<RedbStore, Failure> {
        Ok(RedbStore::open(&self.store, boards)?)
    }

    /// Opens it if it is there: a mistyped name is no empty store.
    fn open_existing(&self, boards: &[Board]) -> Result<RedbStore, Failure> {
        self.store.metadata().map_err(|error| named(&self.store, &error))?;
        self.open(boards)
    }
}

pub(super) fn backup(options: &Backup, boards: &[Board]) -> Result<(), Failure> {
    let store = options.from.open_existing(boards)?;
    let to = options.to.clone().unwrap_or_else(|| backup_path(&options.from.store, now()));
    store.backup(&to)?;
    println!("{}", to.display());
    Ok(())
}

pub(super) fn export(options: &Export, boards: &[Board]) -> Result<(), Failure> {
    let store = options.from.open_existing(boards)?;
    let lines = match &options.to {
        Some(to) => {
            let mut file = BufWriter::new(File::create_new(to).map_err(|error| named(to, &error))?);
            let lines = write_lines(&store, &mut file)?;
            file.into_inner()?.sync_all()?;
            lines
        }
        None => {
            let mut output = BufWriter::new(io::stdout().lock());
            let lines = write_lines(&store, &mut output)?;
            output.flush()?;
            lines
        }
    };
    eprintln!("{lines} records exported");
    Ok(())
}

pub(super) fn import(options: &Import, boards: &[Board]) -> Result<(), Failure> {
    let store = options.into.open(boards)?;
    let lines = match &options.from {
        Some(from) => {
            let file = File::open(from).map_err(|error| named(from, &error))?;
            read_lines(&store, BufReader::new(file))?
        }
        None => read_lines(&store, io::stdin().lock())?,
    };
    eprintln!("{lines} records imported");
    Ok(())
}

/// The error and the file that it is of.
pub(super) fn named(path: &Path, error: &io::Error) -> Failure {
    format!("{}: {error}", path.display()).into()
}
