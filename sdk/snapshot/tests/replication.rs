//! What arrives is what was sent: over links that lose, delay, reorder and repeat, while entities come, go and move.

#[path = "support/replication.rs"]
mod replication;

use netcord_snapshot::{
    GroupId, Mode, ReceiverLimits, SectionState, SenderConfig, SnapshotReceiver, SnapshotSender, View,
    ViewConfig,
};
use netcord_wire::{GameRng, NetEntity, Tick};
use replication::{CELLS, Client, Conditions, Game, Life, schema};

const BUSY: Life = Life { entities: 300, steering: 50, turnover: 3, reshaping: 2, speed: 20 };
const ROUGH: Conditions = Conditions { loss: 100, repeats: 50, delay: (2, 9) };

/// Some ticks, in which the client goes about the map.
fn wander(game: &mut Game, client: &mut Client, rng: &mut GameRng, ticks: u32, hides: bool) {
    for _ in 0..ticks {
        let group = rng.below(CELLS);
        match rng.below(12) {
            0 => client.show(group, 1 + rng.below(4)),
            1 if hides => client.hide(group),
            _ => {}
        }
        game.step(false);
        client.step(game);
    }
}

/// Nothing moves until all has arrived.
fn settle(game: &mut Game, client: &mut Client, ticks: u32) {
    client.cut_off = false;
    client.conditions = Conditions { loss: 0, ..client.conditions };
    for _ in 0..ticks {
        game.step(true);
        client.step(game);
    }
    client.assert_same(game);
}

#[test]
fn what_arrives_is_what_was_sent() {
    for seed in 0..16 {
        let mode = if seed % 2 == 0 { Mode::Compact } else { Mode::Fast };
        let config = SenderConfig { mode, ..SenderConfig::default() };
        let mut rng = GameRng::new(seed);
        let mut game = Game::new(seed, BUSY, config, Tick(u32::MAX - 200));
        let budget = [400, 1_500, 6_000][seed as usize % 3];
        let mut client = Client::new(seed, ViewConfig { budget, ..ViewConfig::default() }, ROUGH);
        (0..4).for_each(|group| client.show(group, 1));
        wander(&mut game, &mut client, &mut rng, 300, seed % 4 < 2);
        settle(&mut game, &mut client, 150);
        assert!(client.compared > 200, "seed {seed}: {}", client.compared);
    }
}

/// A client that has the last change and no more would let what moved go on by itself.
#[test]
fn that_all_has_come_to_rest_is_told_once() {
    let mut sender = SnapshotSender::new(schema(), SenderConfig::default());
    let mut view = View::new(ViewConfig::default());
    view.show(GroupId(0), 1);
    let mut receiver = SnapshotReceiver::new(schema(), ReceiverLimits::default());
    let mut receipt = 0;
    let mut newest = |tick: u32| {
        sender.begin(Tick(tick));
        let row = sender.write(NetEntity(7), GroupId(0), schema().whole()).unwrap();
        row[0] = tick.min(20) as i32;
        sender.finish();
        while let Some(message) = view.next_message(&mut sender).unwrap() {
            receiver.receive(message).unwrap();
            receipt += 1;
            view.sent(receipt);
            view.delivered(receipt);
        }
        receiver.entity(NetEntity(7)).expect("it is shown").0
    };
    (1..=20).for_each(|tick| assert_eq!(newest(tick), Tick(tick)));
    assert_eq!([21, 22, 23, 24, 25].map(&mut newest), [Tick(21); 5]);
}

#[test]
fn the_budget_is_never_exceeded_and_no_entity_gets_staler_than_a_second_at_a_tenth_of_what_it_wants() {
    // 6 % are born and 6 % go each second, and all go about the cells.
    let life = Life { entities: 1_000, turnover: 1, reshaping: 0, speed: 8, ..BUSY };
    let play = |seed: u64, mode: Mode, loss: u32, budget: usize| {
        let conditions = Conditions { loss, repeats: 0, delay: (3, 1) };
        let config = SenderConfig { mode, ..SenderConfig::default() };
        let mut game = Game::new(seed, life, config, Tick(0));
        let mut client = Client::new(seed, ViewConfig { budget, overhead: 4, stalest: 60 }, conditions);
        (0..CELLS).for_each(|group| client.show(group, 1 + 9 * (group % 2)));
        let (mut stalest, mut bytes, mut spent) = (0, 0, 0);
        for tick in 1..=400 {
            game.step(false);
            client.step(&mut game);
            spent = client.bytes + 4 * client.messages;
            assert!(spent <= budget as u64 * tick + 1_154, "seed {seed}, tick {tick}");
            if tick > 200 {
                stalest = stalest.max(client.stalest_entity(game.tick));
            } else {
                bytes = spent;
            }
        }
        (stalest, (spent - bytes) / 200)
    };
    // Where messages are lost, two of the same section in a row may be, which takes longer than the budget allows.
    for (seed, mode, loss, most) in
        [(7, Mode::Compact, 0, 60), (8, Mode::Fast, 0, 60), (9, Mode::Compact, 50, 120)]
    {
        let (stalest, wanted) = play(seed, mode, loss, 1 << 20);
        assert!(stalest <= 30, "{stalest}");
        let (stalest, got) = play(seed, mode, loss, wanted as usize / 10);
        eprintln!("{mode:?}: wants {wanted} bytes a tick, got {got}; the stalest is {stalest} ticks old");
        assert!(stalest <= most, "seed {seed}, {mode:?}: {stalest}");
    }
}

#[test]
fn a_join_of_ten_thousand_entities_comes_in_chunks() {
    let life = Life { entities: 10_000, steering: 0, turnover: 0, reshaping: 0, speed: 1 };
    let conditions = Conditions { loss: 50, repeats: 0, delay: (3, 1) };
    let mut game = Game::new(1, life, SenderConfig::default(), Tick(5));
    let mut client = Client::new(1, ViewConfig { budget: 4_000, ..ViewConfig::default() }, conditions);
    (0..CELLS).for_each(|group| client.show(group, 1));
    let (mut progress, mut ticks) = (0.0, 0);
    while client.receiver.entities() < 10_000 || client.receiver.progress().share() < 1.0 {
        game.step(true);
        client.step(&mut game);
        assert!(client.receiver.progress().share() >= progress || progress == 1.0);
        progress = client.receiver.progress().share();
        ticks += 1;
        assert!(ticks < 100, "{:?} {:?}", client.receiver.progress(), client.view.progress());
    }
    assert!(client.most_bytes <= 4_000);
    eprintln!("{ticks} ticks, {} bytes, {} sections", client.bytes, game.sender.sections());
    (0..30).for_each(|_| {
        game.step(true);
        client.step(&mut game);
    });
    assert_eq!(client.view.progress().share(), 1.0);
    client.assert_same(&game);
}

#[test]
fn after_an_outage_all_is_there_again() {
    for ticks in [30, 119, 121, 400] {
        let mut game = Game::new(3, BUSY, SenderConfig::default(), Tick(0));
        let mut client = Client::new(3, ViewConfig { budget: 3_000, ..ViewConfig::default() }, ROUGH);
        (0..5).for_each(|group| client.show(group, 1));
        wander(&mut game, &mut client, &mut GameRng::new(3), 60, true);
        client.cut_off = true;
        wander(&mut game, &mut client, &mut GameRng::new(4), ticks, true);
        settle(&mut game, &mut client, 100);
    }
}

#[test]
fn clients_that_have_the_same_share_what_is_encoded() {
    let mut game = Game::new(3, BUSY, SenderConfig::default(), Tick(0));
    let conditions = Conditions { loss: 50, repeats: 0, delay: (3, 1) };
    let mut clients: Vec<_> = (0..50)
        .map(|seed| {
            let mut client =
                Client::new(seed, ViewConfig { budget: 1 << 20, ..ViewConfig::default() }, conditions);
            (0..CELLS).for_each(|group| client.show(group, 1));
            client
        })
        .collect();
    for _ in 0..100 {
        game.step(false);
        clients.iter_mut().for_each(|client| client.step(&mut game));
    }
    let messages: u64 = clients.iter().map(|client| client.messages).sum();
    eprintln!("{messages} messages, {} encodes", game.sender.encodes());
    assert!(game.sender.encodes() * 8 < messages, "{messages} messages, {} encodes", game.sender.encodes());
}

#[test]
fn mutated_messages_are_refused_or_taken_within_the_limits() {
    let limits = ReceiverLimits { sections: 40, entities: 2_000, rows: 100_000, ..ReceiverLimits::default() };
    let mut game = Game::new(11, BUSY, SenderConfig::default(), Tick(0));
    let mut view = View::new(ViewConfig { budget: 3_000, ..ViewConfig::default() });
    (0..CELLS).for_each(|group| view.show(GroupId(group), 1));
    let mut honest = SnapshotReceiver::new(schema(), limits);
    let mut victim = honest.clone();
    let mut rng = GameRng::new(5);
    let mut receipt = 0;
    let (mut taken, mut refused) = (0, 0);
    for tick in 0..200 {
        game.step(false);
        if tick % 10 == 0 {
            victim = honest.clone();
        }
        while let Some(message) = view.next_message(&mut game.sender).unwrap() {
            honest.receive(message).unwrap();
            let _ = victim.receive(message);
            let message = message.to_vec();
            for _ in 0..20 {
                let mut mutated = message.clone();
                for _ in 0..=rng.below(3) {
                    let at = rng.below(mutated.len() as u32) as usize;
                    mutated[at] = rng.next_u64() as u8;
                }
                mutated.truncate(1 + rng.below(mutated.len() as u32 * 2) as usize);
                match victim.receive(&mutated) {
                    Ok(_) => taken += 1,
                    Err(_) => refused += 1,
                }
                assert!(victim.sections().count() <= 40 && victim.entities() <= 2_000);
            }
            let mut rows = 0;
            for (section, _) in victim.sections() {
                let states = victim.ticks(section).filter_map(|tick| victim.state(section, tick));
                rows += states.map(SectionState::len).sum::<usize>();
            }
            assert!(rows <= 100_000);
            receipt += 1;
            view.sent(receipt);
            view.delivered(receipt);
        }
    }
    assert!(taken > 1_000 && refused > 1_000, "{taken} {refused}");
    assert_eq!(honest.stats().malformed + honest.stats().missing_baselines, 0);
    for bytes in [&[][..], &[0], &[255; 5], &[255; 40], &[0; 40]] {
        let _ = victim.receive(bytes);
    }
}
