//! What arrived but could not be read comes again: the receiver says so, and the view starts over.

#[path = "support/replication.rs"]
mod replication;

use netcord_snapshot::{
    GroupId, MAX_FEEDBACK, ReceiverLimits, SenderConfig, SnapshotReceiver, SnapshotSender, View, ViewConfig,
};
use netcord_wire::{GameRng, NetEntity, Tick};
use replication::{CELLS, Client, Conditions, Game, Life, Mishaps, schema};

const LIFE: Life = Life { entities: 400, steering: 50, turnover: 3, reshaping: 2, speed: 20 };
const ROUGH: Conditions = Conditions { loss: 50, repeats: 20, delay: (3, 4) };
const CONFIG: ViewConfig = ViewConfig { budget: 3_000, overhead: 0, stalest: 60 };

fn start(seed: u64, conditions: Conditions, config: ViewConfig) -> (Game, Client) {
    let game = Game::new(seed, LIFE, SenderConfig::default(), Tick(u32::MAX - 150));
    let mut client = Client::new(seed, config, conditions);
    (0..CELLS).for_each(|group| client.show(group, 1));
    (game, client)
}

fn play(game: &mut Game, client: &mut Client, ticks: u32) {
    for _ in 0..ticks {
        game.step(false);
        client.step(game);
    }
}

/// Nothing moves, and nothing more goes wrong, until all has arrived.
fn settle(game: &mut Game, client: &mut Client, ticks: u32) {
    client.mishaps = Mishaps::default();
    for _ in 0..ticks {
        game.step(true);
        client.step(game);
    }
    client.assert_same(game);
}

#[test]
fn a_receiver_that_is_made_anew_gets_all_again_within_a_second() {
    for seed in 0..4 {
        let (mut game, mut client) = start(seed, ROUGH, CONFIG);
        play(&mut game, &mut client, 100);
        assert_eq!(client.view.started_over(), 0, "seed {seed}: while nothing went wrong");
        client.receiver = SnapshotReceiver::new(schema(), ReceiverLimits::default());
        client.strict = false;
        let mut ticks = 0;
        loop {
            play(&mut game, &mut client, 1);
            ticks += 1;
            let progress = client.receiver.progress();
            if progress.all > 0 && progress.held == progress.all {
                break;
            }
            assert!(ticks < 60, "seed {seed}: {progress:?}");
        }
        assert!(client.most_bytes <= CONFIG.budget, "seed {seed}");
        settle(&mut game, &mut client, 60);
    }
}

#[test]
fn messages_that_are_dropped_after_their_acknowledgement_come_again() {
    for seed in 0..4 {
        let (mut game, mut client) = start(seed, ROUGH, CONFIG);
        client.mishaps = Mishaps { forgotten: 100, garbled: 0 };
        client.strict = false;
        play(&mut game, &mut client, 300);
        assert!(client.receiver.stats().missing_baselines > 20, "seed {seed}");
        assert!(client.view.started_over() > 5, "seed {seed}");
        // What was read is right even so.
        assert!(client.compared > 500, "seed {seed}: {}", client.compared);
        settle(&mut game, &mut client, 120);
    }
}

#[test]
fn what_is_garbled_in_memory_is_found_out_by_checks() {
    for seed in 0..4 {
        let (mut game, mut client) = start(seed, ROUGH, CONFIG);
        client.mishaps = Mishaps { forgotten: 0, garbled: 30 };
        client.strict = false;
        play(&mut game, &mut client, 300);
        assert!(client.view.started_over() > 5, "seed {seed}");
        // Each section is checked in its turn, and listings are renewed.
        let sections = client.receiver.sections().count() as u32;
        settle(&mut game, &mut client, 32 * (sections + 2) + 150);
    }
}

#[test]
fn feedback_that_is_lost_is_given_again() {
    let conditions = Conditions { loss: 400, ..ROUGH };
    let (mut game, mut client) = start(1, conditions, CONFIG);
    play(&mut game, &mut client, 100);
    client.receiver = SnapshotReceiver::new(schema(), ReceiverLimits::default());
    client.strict = false;
    play(&mut game, &mut client, 200);
    client.conditions = ROUGH;
    settle(&mut game, &mut client, 120);
}

#[test]
fn a_client_that_asks_all_the_time_costs_no_more_than_its_budget_and_others_nothing() {
    let conditions = Conditions { loss: 0, repeats: 0, delay: (3, 0) };
    let run = |hostile: bool| {
        let (mut game, mut client) = start(5, conditions, CONFIG);
        let mut other = Client::new(6, CONFIG, conditions);
        (0..CELLS).for_each(|group| other.show(group, 1));
        let mut rng = GameRng::new(1);
        for _ in 0..200 {
            game.step(false);
            if hostile {
                for _ in 0..20 {
                    let mut ask = (game.tick - rng.below(4)).0.to_le_bytes().to_vec();
                    ask.extend([rng.below(4) as u8, 0]);
                    ask.extend((0..rng.below(100)).map(|_| rng.below(3) as u8));
                    let _ = client.view.receive_feedback(&game.sender, &ask);
                }
            }
            client.step(&mut game);
            other.step(&mut game);
        }
        assert!(client.most_bytes <= CONFIG.budget);
        assert!(!hostile || client.view.started_over() > 150, "{}", client.view.started_over());
        (game.sender.encodes(), other.bytes, game.sender.sections() as u64)
    };
    let (usual, with_hostile) = (run(false), run(true));
    assert_eq!(usual.1, with_hostile.1, "the other client gets the same");
    // All that one can ask for is each section whole, in each tick.
    assert!(with_hostile.0 <= usual.0 + 200 * usual.2, "{usual:?} {with_hostile:?}");
}

#[test]
fn what_exceeds_a_limit_is_asked_for_ever_more_seldom_and_comes_when_there_is_room() {
    let (mut game, mut client) = start(2, Conditions { loss: 0, repeats: 0, delay: (2, 0) }, CONFIG);
    // Room for half of them.
    client.receiver =
        SnapshotReceiver::new(schema(), ReceiverLimits { entities: 200, ..ReceiverLimits::default() });
    client.strict = false;
    play(&mut game, &mut client, 600);
    assert!(client.receiver.stats().over_limits > 0);
    let sections = game.sender.sections() as u64;
    assert!(client.view.started_over() <= 8 * sections, "{} {sections}", client.view.started_over());
    (2..CELLS).for_each(|group| client.hide(group));
    settle(&mut game, &mut client, 900);
}

/// A sender with one entity, a view of it, and a receiver, with nothing between them.
struct Pair {
    sender: SnapshotSender,
    view: View,
    receiver: SnapshotReceiver,
    receipt: u64,
}

impl Pair {
    fn new() -> Self {
        let mut view = View::new(CONFIG);
        view.show(GroupId(0), 1);
        Self {
            sender: SnapshotSender::new(schema(), SenderConfig::default()),
            view,
            receiver: SnapshotReceiver::new(schema(), ReceiverLimits::default()),
            receipt: 0,
        }
    }

    /// The messages of a tick, all of them acknowledged.
    fn tick(&mut self, tick: u32) -> Vec<Vec<u8>> {
        self.sender.begin(Tick(tick));
        let row = self.sender.write(NetEntity(7), GroupId(0), schema().whole()).unwrap();
        row.copy_from_slice(&[tick as i32, 1, 64, 64, 50, 3]);
        self.sender.finish();
        let mut messages = Vec::new();
        while let Some(message) = self.view.next_message(&mut self.sender).unwrap() {
            messages.push(message.to_vec());
            self.receipt += 1;
            self.view.sent(self.receipt);
            self.view.delivered(self.receipt);
        }
        messages
    }

    fn read(&mut self, messages: &[Vec<u8>]) -> usize {
        messages.iter().filter(|message| self.receiver.receive(message).is_ok()).count()
    }

    fn feed_back(&mut self) -> Option<Vec<u8>> {
        let feedback = self.receiver.feedback()?.to_vec();
        self.view.receive_feedback(&self.sender, &feedback).unwrap();
        Some(feedback)
    }
}

#[test]
fn old_feedback_starts_nothing_over_again() {
    let mut pair = Pair::new();
    let first = pair.tick(1);
    assert_eq!(pair.read(&first), 2);
    assert_eq!(pair.feed_back(), None);
    pair.tick(2); // Acknowledged, and dropped.
    let third = pair.tick(3);
    assert_eq!(pair.read(&third), 0);
    let feedback = pair.feed_back().expect("it could not be read");
    assert_eq!(pair.view.started_over(), 1);
    // It came twice, and it comes late.
    pair.view.receive_feedback(&pair.sender, &feedback).unwrap();
    let fourth = pair.tick(4);
    assert_eq!(pair.read(&fourth), 1);
    pair.view.receive_feedback(&pair.sender, &feedback).unwrap();
    assert_eq!(pair.view.started_over(), 1);
    assert_eq!(pair.feed_back(), None);
    assert_eq!(pair.receiver.entity(NetEntity(7)).map(|(tick, _, row)| (tick, row[0])), Some((Tick(4), 4)));
}

#[test]
fn feedback_of_ticks_that_were_not_sent_yet_is_ignored() {
    let mut pair = Pair::new();
    pair.tick(1);
    for ahead in [1, 100, 1 << 30, 1 << 31] {
        let mut ask = Tick(1 + ahead).0.to_le_bytes().to_vec();
        ask.extend([1, 0, 0, 0]);
        pair.view.receive_feedback(&pair.sender, &ask).unwrap();
    }
    assert_eq!(pair.view.started_over(), 0);
}

#[test]
fn what_is_no_feedback_is_refused_and_nothing_panics() {
    let mut rng = GameRng::new(9);
    let mut pair = Pair::new();
    let mut refused = 0;
    for tick in 1..2_000 {
        pair.tick(tick);
        let mut bytes: Vec<u8> = (0..rng.below(40)).map(|_| rng.next_u64() as u8).collect();
        if rng.below(2) == 0 {
            bytes.splice(0..bytes.len().min(5), tick.to_le_bytes().into_iter().chain([rng.below(4) as u8]));
        }
        refused += u32::from(pair.view.receive_feedback(&pair.sender, &bytes).is_err());
    }
    assert!((200..1_900).contains(&refused), "{refused}");
    assert!(pair.view.receive_feedback(&pair.sender, &[0; MAX_FEEDBACK + 1]).is_err());
}
