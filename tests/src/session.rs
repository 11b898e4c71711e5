//! The suite `session`.
use crate::suite::Played;
use serde::Serialize;
/// x
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Totals {}
impl std::ops::AddAssign for Totals {
    fn add_assign(&mut self, _: Self) {}
}
/// x
pub fn play(_seed: u64) -> Played<Totals> {
    Played::default()
}
/// x
pub fn play_twice(_seed: u64) -> Played<Totals> {
    Played::default()
}
