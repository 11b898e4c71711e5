//! The messages of STANDARD.md, section 9.7: its vectors are what is sent here, byte for byte.

use netcord_snapshot::{
    GroupId, Mode, ReceiverLimits, SenderConfig, SnapshotReceiver, SnapshotSchema, SnapshotSender, View,
    ViewConfig,
};
use netcord_wire::{ComponentSchema, FieldKind, FieldSchema, NetEntity, Schema, Tick};
use std::sync::Arc;

const STANDARD: &str = include_str!("../../../STANDARD.md");

/// The vector of this name, without its spaces.
fn vector(name: &str) -> String {
    let line = STANDARD.lines().find_map(|line| line.trim().strip_prefix(name)?.strip_prefix(" = "));
    line.unwrap_or_else(|| panic!("STANDARD.md has no vector {name}")).replace(' ', "")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

struct Game {
    sender: SnapshotSender,
    view: View,
    receiver: SnapshotReceiver,
    receipt: u64,
}

impl Game {
    fn new() -> Self {
        let position = FieldKind::Range { axes: vec![(0.0, 1_023.0); 2], step: 1.0 };
        let ship = ComponentSchema::new("Ship", [FieldSchema::new("position", position)]);
        let schema = SnapshotSchema::new(&Schema::new().with_component(ship), 60.0).expect("a schema");
        let schema = Arc::new(schema);
        let config = SenderConfig { mode: Mode::Fast, ..SenderConfig::default() };
        let mut view = View::new(ViewConfig::default());
        (0..2).for_each(|group| view.show(GroupId(group), 1));
        Self {
            sender: SnapshotSender::new(schema.clone(), config),
            view,
            receiver: SnapshotReceiver::new(schema, ReceiverLimits::default()),
            receipt: 0,
        }
    }

    /// The messages of a tick, each of which is acknowledged; entities with their group and place.
    fn tick(&mut self, tick: u32, ships: [(u32, u32, [i32; 2]); 3]) -> Vec<Vec<u8>> {
        self.sender.begin(Tick(tick));
        for (id, group, at) in ships {
            let shape = netcord_snapshot::Shape(1);
            let row = self.sender.write(NetEntity(id), GroupId(group), shape).expect("ids ascend");
            row.copy_from_slice(&at);
        }
        self.sender.finish();
        let mut messages = Vec::new();
        while let Some(message) = self.view.next_message(&mut self.sender).expect("values are in range") {
            messages.push(message.to_vec());
            self.receipt += 1;
            self.view.sent(self.receipt);
            self.view.delivered(self.receipt);
        }
        messages.sort_by_key(|message| (message[0] != 255, message[5]));
        messages
    }
}

#[test]
fn messages_and_feedback_have_the_bytes_of_the_standard() {
    let mut game = Game::new();
    let first = game.tick(1_000, [(3, 0, [10, 20]), (4, 0, [30, 40]), (9, 1, [50, 60])]);
    let second = game.tick(1_001, [(3, 0, [11, 20]), (4, 1, [31, 40]), (9, 1, [50, 60])]);
    let sent: Vec<_> = first.iter().chain(&second).map(|message| hex(message)).collect();
    let names = ["manifest", "section 0", "section 1", "section 0 next", "section 1 next"];
    assert_eq!(sent, names.map(vector));

    // All is read but the first of section 1.
    for message in [&first[0], &first[1], &second[0]] {
        game.receiver.receive(message).expect("it can be read");
    }
    game.receiver.receive(&second[1]).expect_err("its baseline is missing");
    assert_eq!(game.receiver.feedback().map(hex), Some(vector("unread")));
    let checks = (0..31).filter_map(|_| game.receiver.feedback().map(hex)).last();
    assert_eq!(checks, Some(vector("check")));

    // Nothing is held, and nothing can be read.
    let mut new = Game::new().receiver;
    second.iter().for_each(|message| assert!(new.receive(message).is_err()));
    assert_eq!(new.feedback().map(hex), Some(vector("start over")));
}
