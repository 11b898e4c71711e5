//! What the service of scores does, asked as a front would ask it. Each file is one behaviour.
#![cfg(feature = "service")]

mod fixture;
mod listings;
mod moderation;
mod names;
mod setup;
mod submitting;
mod threads;
mod tickets;
mod time_to_play;
mod trouble;
