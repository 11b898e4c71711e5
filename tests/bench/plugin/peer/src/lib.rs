//! The scene of the plugin's bench, and the same in bevy_ggrs.

mod ggrs;
pub mod scene;

pub use ggrs::Ggrs;
