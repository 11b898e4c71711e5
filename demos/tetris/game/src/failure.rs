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
}
