//! Scores under torture.

pub mod forgery;
pub mod kill;
