//! A replay of Tetris that is watched in a web page: the rules as WebAssembly.
//!
//! A [`Viewer`] plays a replay to any tick and says what is in each cell. The crate's WebAssembly has it as functions of
//! plain numbers (`exports.rs`), which need no tool but cargo:
//!
//! ```sh
//! cargo build --release --target wasm32-unknown-unknown --package tetris-viewer
//! ```
//!
//! `page/tetris.js` draws it. Nothing here knows colours, a clock or the network.

mod exports;
mod viewer;

pub use viewer::{Cell, Viewer};
