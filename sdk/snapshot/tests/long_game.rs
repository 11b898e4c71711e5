//! What must stay bounded in games that go on for hours.

#[path = "support/replication.rs"]
mod replication;

use netcord_snapshot::{SenderConfig, ViewConfig};
use netcord_wire::{GameRng, Tick};
use replication::{CELLS, Client, Conditions, Game, Life};
use std::env;

/// `LONG_GAME_MINUTES=300` plays five hours, in about three minutes.
#[test]
fn ids_of_sections_stay_low_over_thousands_of_splits_and_merges() {
    let minutes = env::var("LONG_GAME_MINUTES").map_or(10, |minutes| minutes.parse().expect("a number"));
    play(minutes);
}

/// A game of so many minutes with sections of a few entities, which all the time outgrow their bytes and shrink again.
/// Each state that arrives is compared, and in the end all.
fn play(minutes: u32) {
    let life = Life { entities: 12, steering: 30, turnover: 4, reshaping: 10, speed: 50 };
    let config = SenderConfig { section_bytes: 24, ..SenderConfig::default() };
    let conditions = Conditions { loss: 50, repeats: 20, delay: (2, 5) };
    let mut rng = GameRng::new(9);
    let mut game = Game::new(9, life, config, Tick(u32::MAX - 20_000));
    let mut client = Client::new(9, ViewConfig { budget: 2_000, ..ViewConfig::default() }, conditions);
    let (mut seen, mut made, mut highest) = (Vec::new(), 0_u64, 0);
    for _ in 0..minutes * 60 * 60 {
        let group = rng.below(CELLS);
        match rng.below(100) {
            0..3 => client.show(group, 1),
            3 => client.hide(group),
            _ => {}
        }
        game.step(false);
        client.step(&mut game);
        let sections: Vec<_> = client.receiver.sections().map(|(section, _)| section.0).collect();
        made += sections.iter().filter(|section| !seen.contains(*section)).count() as u64;
        highest = sections.iter().copied().fold(highest, u32::max);
        seen = sections;
    }
    eprintln!("{made} sections came into view, ids up to {highest}, {} states compared", client.compared);
    assert!(made > 100 * u64::from(minutes), "{made}");
    assert!(highest < 127, "{highest}");
    client.conditions.loss = 0;
    (0..100).for_each(|_| {
        game.step(true);
        client.step(&mut game);
    });
    client.assert_same(&game);
}
