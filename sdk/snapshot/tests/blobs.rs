//! Texts and bytes of entities: sent when they change, whole, within the limits of their fields; and no bytes do harm.

use netcord_snapshot::{
    Baseline, GroupId, MAX_BLOB_BYTES, MAX_MESSAGE, Mode, ReceiveError, ReceiverLimits, SectionCodec,
    SectionHeader, SectionState, SenderConfig, Shape, SnapshotError, SnapshotReceiver, SnapshotSchema,
    SnapshotSender, View, ViewConfig,
};
use netcord_wire::quantized::Blobs;
use netcord_wire::{
    CodecError, ColumnError, ComponentId, ComponentSchema, NetEntity, Quantized, Schema, Tick,
};
use std::sync::Arc;

const MODES: [Mode; 2] = [Mode::Compact, Mode::Fast];
const PLAYER: ComponentId = ComponentId(0);
const CREST: ComponentId = ComponentId(1);

#[derive(Quantized, Clone, Debug, PartialEq)]
struct Player {
    #[quantize(bytes, max = 12)]
    name: String,
    #[quantize(range(0..=100))]
    health: u8,
}

#[derive(Quantized, Clone, Debug, PartialEq)]
struct Crest {
    #[quantize(bytes, max = 400)]
    picture: Vec<u8>,
}

fn schema() -> Arc<SnapshotSchema> {
    let schema = Schema::new()
        .with_component(ComponentSchema::of::<Player>("Player"))
        .with_component(ComponentSchema::of::<Crest>("Crest"));
    Arc::new(SnapshotSchema::new(&schema, 60.0).expect("a schema"))
}

fn player(name: &str) -> Player {
    Player { name: name.into(), health: 100 }
}

/// Players of these names, with ids from 1 on.
fn state(schema: &SnapshotSchema, names: &[&str]) -> SectionState {
    let mut state = SectionState::new(schema);
    for (row, name) in names.iter().enumerate() {
        state.push(NetEntity(row as u32 + 1), Shape::default().with(PLAYER)).unwrap();
        state.set(schema, row, PLAYER, &player(name), &mut Blobs::new()).unwrap();
    }
    state
}

fn encode(
    state: &SectionState,
    baseline: Option<&SectionState>,
    mode: Mode,
) -> Result<Vec<u8>, SnapshotError> {
    let mut bytes = Vec::new();
    let baseline = baseline.map(|state| Baseline { age: 1, state });
    SectionCodec::new(schema()).encode(mode, state, baseline.as_slice(), &mut bytes)?;
    Ok(bytes)
}

fn decode(bytes: &[u8], baseline: Option<&SectionState>) -> Result<SectionState, SnapshotError> {
    let mut state = SectionState::new(&schema());
    let baseline = baseline.map(|state| Baseline { age: 1, state });
    SectionCodec::new(schema()).decode(bytes, baseline.as_slice(), &mut state)?;
    Ok(state)
}

#[test]
fn a_text_costs_its_bytes_when_it_changes_and_nothing_else() {
    let schema = schema();
    let names: Vec<String> = (0..100).map(|n| format!("player {n}")).collect();
    let mut names: Vec<_> = names.iter().map(|name| &**name).collect();
    let before = state(&schema, &names);
    names[70] = "Ada";
    let now = state(&schema, &names);
    for mode in MODES {
        let [rest, changed] = [&before, &now].map(|now| encode(now, Some(&before), mode).unwrap());
        // How far it is from the one before, how long it is, and its bytes.
        assert_eq!(changed.len(), rest.len() + 2 + 3, "{mode:?}");
        assert_eq!(decode(&changed, Some(&before)).unwrap(), now);
    }
}

#[test]
fn values_come_back_with_their_texts_and_bytes() {
    let schema = schema();
    let mut state = SectionState::new(&schema);
    let (mut memory, crest) = (Blobs::new(), Crest { picture: vec![0xff; 300] });
    let row = state.push(NetEntity(1), schema.whole()).unwrap();
    state.set(&schema, row, PLAYER, &player("Grace"), &mut memory).unwrap();
    state.set(&schema, row, CREST, &crest, &mut memory).unwrap();
    let row = state.push(NetEntity(2), Shape::default().with(PLAYER)).unwrap();
    state.set(&schema, row, PLAYER, &player(""), &mut memory).unwrap();
    for mode in MODES {
        let back = decode(&encode(&state, None, mode).unwrap(), None).unwrap();
        assert_eq!(back.get(&schema, 0, PLAYER), Ok(Some(player("Grace"))));
        assert_eq!(back.get(&schema, 0, CREST), Ok(Some(crest.clone())));
        assert_eq!(back.get(&schema, 1, PLAYER), Ok(Some(player(""))));
        assert_eq!(back.get::<Crest>(&schema, 1, CREST), Ok(None));
    }
}

#[test]
fn what_does_not_fit_the_schema_is_refused_where_it_is_written() {
    let schema = schema();
    let (mut state, mut memory) = (state(&schema, &["Ada"]), Blobs::new());
    let mut set = |value: &Player| state.set(&schema, 0, PLAYER, value, &mut memory);
    let long = ColumnError::TooLong { blob: 0, length: 13, max: 12 };
    assert_eq!(set(&player("thirteen char")), Err(long));
    let crest = Crest { picture: vec![] };
    let missing = ColumnError::WrongBlobs { expected: 1, found: 0 };
    assert_eq!(state.set(&schema, 0, CREST, &crest, &mut memory), Err(missing));
    let other = ColumnError::WrongColumns { expected: 0, found: 1 };
    assert_eq!(state.set(&schema, 0, PLAYER, &crest, &mut memory), Err(other));
    // And where it was not seen before, when the section is coded.
    state.set_blob(0, 0, &[0; 13]);
    let error = encode(&state, None, Mode::Fast).unwrap_err();
    assert_eq!(error.to_string(), "entity 1 Player.name: 13 bytes, where the field allows 12");
}

#[test]
fn a_text_that_is_no_utf_8_is_an_error_where_it_is_read() {
    let schema = schema();
    let mut state = state(&schema, &["Ada"]);
    state.set_blob(0, 0, &[0xc3, 0x28]);
    let back = decode(&encode(&state, None, Mode::Compact).unwrap(), None).unwrap();
    assert_eq!(back.get::<Player>(&schema, 0, PLAYER), Err(ColumnError::NotText { blob: 0 }));
}

/// A section of two players against one with the same: its header, this list of texts, and its values, which didn't change.
fn section(list: &[u8]) -> (SectionState, Vec<u8>) {
    let before = state(&schema(), &["Ada", "Bob"]);
    let mut bytes = encode(&before, Some(&before), Mode::Fast).unwrap();
    // Its flags and the age; then the count, which is 0.
    assert_eq!((SectionHeader::read(&bytes).unwrap().ages(), bytes[2]), (&[1][..], 0));
    bytes.splice(2..3, list.iter().copied());
    (before, bytes)
}

#[test]
fn lists_that_no_sender_writes_are_refused() {
    let read = |list: &[u8]| {
        let (before, bytes) = section(list);
        decode(&bytes, Some(&before))
    };
    let names = |state: &SectionState| [state.blob(0, 0).to_vec(), state.blob(1, 0).to_vec()];
    assert_eq!(names(&read(&[1, 1, 2, b'E', b'd']).unwrap()), [b"Ada".to_vec(), b"Ed".to_vec()]);
    let refused = |list: &[u8]| read(list).unwrap_err();
    let too_far = &[1, 2, 0][..];
    let too_long = &[1, 0, 13, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let huge = &[1, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1];
    let far = &[1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 0];
    let one_too_many = &[3, 0, 0, 0, 0, 0, 0];
    for list in [too_far, too_long, huge, far, one_too_many] {
        assert_eq!(refused(list), CodecError::OutOfRange.into(), "{list:?}");
    }
    assert_eq!(refused(&[200, 1, 0, 0]), CodecError::TooManyElements.into());
    let (before, bytes) = section(&[1, 0, 12, b'E']);
    assert_eq!(decode(&bytes[..6], Some(&before)), Err(CodecError::UnexpectedEnd.into()));
}

#[test]
fn a_section_has_no_more_bytes_than_it_may() {
    let schema = schema();
    let crests = MAX_BLOB_BYTES / 400 + 1;
    let mut before = SectionState::new(&schema);
    for row in 0..crests {
        before.push(NetEntity(row as u32), Shape::default().with(CREST)).unwrap();
        before.set_blob(row, 1, &[7; 400]);
    }
    let too_many = SnapshotError::TooManyBytes { limit: MAX_BLOB_BYTES };
    assert_eq!(encode(&before, None, Mode::Fast), Err(too_many.clone()));
    // Nor does one more than in its baseline come in.
    before.set_blob(0, 1, &[]);
    let bytes = encode(&before, Some(&before), Mode::Fast).unwrap();
    let mut more = bytes[..2].to_vec();
    more.extend_from_slice(&[1, 0, 0x90, 3]);
    more.extend_from_slice(&[7; 400]);
    more.extend_from_slice(&bytes[3..]);
    assert_eq!(decode(&more, Some(&before)), Err(too_many));
}

/// A sender of so many players, whose names change now and then, and a client.
struct Match {
    schema: Arc<SnapshotSchema>,
    sender: SnapshotSender,
    view: View,
    receiver: SnapshotReceiver,
    tick: Tick,
    receipt: u64,
}

impl Match {
    fn new(config: SenderConfig, limits: ReceiverLimits) -> Self {
        let schema = schema();
        let sender = SnapshotSender::new(schema.clone(), config);
        let mut view = View::new(ViewConfig { budget: 20_000, ..ViewConfig::default() });
        view.show(GroupId(0), 1);
        let receiver = SnapshotReceiver::new(schema.clone(), limits);
        Self { schema, sender, view, receiver, tick: Tick(0), receipt: 0 }
    }

    /// Writes all players, and sends what there is; returns what the receiver says of it.
    fn step(&mut self, players: &[Player], crest: &Crest) -> Result<(), ReceiveError> {
        self.tick = self.tick.next();
        self.sender.begin(self.tick);
        for (id, player) in players.iter().enumerate() {
            let shape = if id == 3 { self.schema.whole() } else { Shape::default().with(PLAYER) };
            self.sender.write(NetEntity(id as u32), GroupId(0), shape).unwrap();
            self.sender.set(PLAYER, player).unwrap();
            if id == 3 {
                self.sender.set(CREST, crest).unwrap();
            }
        }
        self.sender.finish();
        let mut result = Ok(());
        while let Some(message) = self.view.next_message(&mut self.sender).unwrap() {
            assert!(message.len() <= MAX_MESSAGE);
            result = result.and(self.receiver.receive(message).map(|_| ()));
            self.receipt += 1;
            self.view.sent(self.receipt);
            // Every fourth is lost, and comes again.
            if self.receipt.is_multiple_of(4) {
                self.view.lost(self.receipt);
            } else {
                self.view.delivered(self.receipt);
            }
        }
        result
    }
}

fn players(names: u32) -> Vec<Player> {
    (0..names).map(|n| player(&format!("player {n}"))).collect()
}

#[test]
fn names_arrive_and_change_from_a_sender_to_a_receiver() {
    let mut game = Match::new(SenderConfig::default(), ReceiverLimits::default());
    let mut players = players(400);
    let mut crest = Crest { picture: vec![1; 400] };
    for tick in 0..200_u32 {
        let who = (tick * 7 % 400) as usize;
        players[who].name = format!("{} at {tick}", who % 10);
        if tick == 100 {
            crest.picture = vec![2; 3];
        }
        game.step(&players, &crest).unwrap();
    }
    // One more without a change, for what was lost.
    (0..3).for_each(|_| game.step(&players, &crest).unwrap());
    for (id, player) in players.iter().enumerate() {
        let (_, found) = game.receiver.component::<Player>(NetEntity(id as u32), PLAYER).unwrap().unwrap();
        assert_eq!(&found, player);
    }
    assert_eq!(game.receiver.component(NetEntity(3), CREST).unwrap().map(|(_, crest)| crest), Some(crest));
    assert_eq!(game.receiver.component::<Crest>(NetEntity(4), CREST), Ok(None));
    assert_eq!(game.receiver.component::<Crest>(NetEntity(400), CREST), Ok(None));
    // Names count where sections are split: no more than fit into a message each.
    assert!((4..12).contains(&game.sender.sections()), "{} sections", game.sender.sections());
}

#[test]
fn a_component_that_an_entity_does_not_have_is_not_set() {
    let mut sender = SnapshotSender::new(schema(), SenderConfig::default());
    sender.begin(Tick(1));
    sender.write(NetEntity(1), GroupId(0), Shape::default().with(PLAYER)).unwrap();
    let error = sender.set(CREST, &Crest { picture: vec![] }).unwrap_err();
    assert_eq!(error, ColumnError::WrongBlobs { expected: 1, found: 0 }.into());
}

#[test]
fn a_receiver_holds_no_more_bytes_than_it_may() {
    let limits = ReceiverLimits { blob_bytes: 2_000, ..ReceiverLimits::default() };
    let mut game = Match::new(SenderConfig::default(), limits);
    let (mut players, crest) = (players(20), Crest { picture: vec![] });
    let mut refused = None;
    for health in 0..100 {
        players[0].health = health;
        refused = refused.or(game.step(&players, &crest).err());
    }
    assert_eq!(refused, Some(ReceiveError::Limit { what: "bytes of texts and bytes", limit: 2_000 }));
}

#[test]
fn names_allocate_nothing_once_the_memory_is_there() {
    for mode in MODES {
        let mut game =
            Match::new(SenderConfig { mode, ..SenderConfig::default() }, ReceiverLimits::default());
        // All names are as long: memory for longer ones is taken when they first come.
        let mut players: Vec<_> = (0..100).map(|n| player(&format!("{n:03}"))).collect();
        let crest = Crest { picture: vec![9; 100] };
        for tick in 0..900_u32 {
            let who = (tick * 7 % 100) as usize;
            players[who].name.clear();
            players[who].name.push_str(["Ada", "Bob", "Eve"][tick as usize % 3]);
            let mut result = Ok(());
            let info = allocation_counter::measure(|| result = game.step(&players, &crest));
            result.unwrap();
            assert!(tick < 600 || info.count_total == 0, "{mode:?}, tick {tick}: {info:?}");
        }
    }
}
