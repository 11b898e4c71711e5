//! `moderate`: what a moderator asks of a running server.

use super::{Failure, keys};
use crate::api::Moderate;
use crate::client::{ClientOptions, ScoreClient};
use crate::model::{Act, PlayerId, ScoreId};
use clap::Subcommand;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// The moderator's key: the file that `key` made
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// Where the server is
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:7780")]
    server: String,
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Take a score from the listings
    Hide {
        /// Its number
        score: u64,
        /// Why, for those who read it later
        #[arg(long)]
        reason: String,
    },
    /// Put it back
    Show {
        /// Its number
        score: u64,
        /// Why, for those who read it later
        #[arg(long)]
        reason: String,
    },
    /// Take all scores of a player from the listings, and accept no more
    Ban {
        /// The player's id
        player: PlayerId,
        /// Why, for those who read it later
        #[arg(long)]
        reason: String,
    },
    /// Undo that
    Pardon {
        /// The player's id
        player: PlayerId,
        /// Why, for those who read it later
        #[arg(long)]
        reason: String,
    },
    /// List what was done, the newest first, as JSON lines
    Audit {
        /// How many acts
        #[arg(long, default_value_t = 100)]
        limit: usize,
        /// Only those before this number
        #[arg(long)]
        before: Option<u64>,
    },
}

pub(super) fn run(options: Options) -> Result<(), Failure> {
    let client = ScoreClient::new(&ClientOptions::new(options.server, keys::load(&options.key)?))?;
    let (act, reason) = match options.what {
        What::Hide { score, reason } => (Act::Hide { score: ScoreId(score) }, reason),
        What::Show { score, reason } => (Act::Show { score: ScoreId(score) }, reason),
        What::Ban { player, reason } => (Act::Ban { player }, reason),
        What::Pardon { player, reason } => (Act::Pardon { player }, reason),
        What::Audit { limit, before } => {
            for entry in client.audit(before, limit)?.entries {
                println!("{}", serde_json::to_string(&entry)?);
            }
            return Ok(());
        }
    };
    println!("{}", serde_json::to_string(&client.moderate(&Moderate { act, reason })?)?);
    Ok(())
}
