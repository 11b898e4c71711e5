//! Scores under torture.

pub mod forgery;
