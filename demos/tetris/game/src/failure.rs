//! Why the program could not do what it was asked, in words that say what to do.

/// Why the program ends with an error.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[cfg(feature = "window")]
    #[error(transparent)]
    NoWindow(#[from] demo_ui::NoWindow),
    #[cfg(not(feature = "window"))]
    #[error(
        "this Tetris was built without its window\n  To play without one, add --headless --bot, and a bot plays"
    )]
    NoWindow,
    #[error("without a window nobody can press a key\n  Add --bot, and a bot plays")]
    NoKeys,
    #[error(
        "games that count begin at level 1, and their pieces are chosen by the service\n  Leave out --level and --seed"
    )]
    NotRanked,
    #[error(
        "the bot's game came to nothing: a sprint has to be completed\n  Leave out --seconds, or play another mode"
    )]
    Unfinished,
    #[error("the name {name:?} can't be had: {reason}\n  Choose another one with --name")]
    Name { name: String, reason: String },
    #[error("{0} of the games were refused")]
    Refused(usize),
    #[error(transparent)]
    Service(#[from] netcord_scores::client::ClientError),
    #[error(transparent)]
    Outbox(#[from] netcord_scores::client::OutboxError),
    #[error(transparent)]
    Save(#[from] netcord_save::SaveError),
    #[error("there is no place for temporary files: {0}\n  Name a folder with --saves")]
    NoTemporaryFolder(#[from] std::io::Error),
}
