//! The corpora: inputs that our own encoders make, and those that are kept in files because a fuzzer found them or
//! because somebody thought of them.

use super::endpoints::{self, HOST, PRIVATE_KEY, Stage};
use super::script::write_chunk;
use super::wire::{Everything, Kinds, Phase, kinds_schema};
use super::{mesh, save, scores, session, snapshot, tetris, transport};
use netcord::Quantized;
use netcord::transport::invite::{InviteCode, InviteHostConfig, MeshEndpoint};
use netcord::transport::netcode::fuzzing;
use netcord::transport::{Endpoint, SecureRng, lab::Conditions};
use netcord::wire::codec::{file, message};
use netcord::wire::quantized::Blobs;
use netcord::wire::{BitWriter, ComponentSchema, FieldLog, NetEntity, StateHash, Tick, varint};
use pong_rules::{Bot, Input, Pong, Side, Skill};
use rand_core::SeedableRng as _;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;
use std::{fs, io};

/// Where the corpora are.
pub fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus")
}

/// The files of a target's corpus with their names, in the order of the names.
///
/// # Errors
/// The folder is missing, or can't be read.
pub fn recorded(target: &str) -> io::Result<Vec<(String, Vec<u8>)>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder().join(target))? {
        let entry = entry?;
        files.push((entry.file_name().to_string_lossy().into_owned(), fs::read(entry.path())?));
    }
    files.sort();
    Ok(files)
}

/// Genuine inputs of a target, each with a name: encodings that our own encoders make. Empty when a target takes
/// plain numbers only.
pub fn seeds(target: &str) -> Vec<(String, Vec<u8>)> {
    let seeds = match target {
        "wire_varint" => vec![varints()],
        "wire_bits" => vec![bits()],
        "wire_field_log" => field_logs(),
        "wire_message" => {
            everything().iter().map(|value| message::encode(value, 1 << 16).expect("it is small")).collect()
        }
        "wire_file" => {
            everything().iter().map(|value| file::encode(value, 1 << 16).expect("it is small")).collect()
        }
        "wire_quantizers" | "netcode_replay_window" => vec![numbers()],
        "wire_columns" => vec![columns()],
        "wire_schema" => vec![kinds_schema().to_bytes()],
        "lab_conditions" => conditions(),
        "netcode_connect_token" => tokens().iter().map(|token| token.to_bytes().to_vec()).collect(),
        "netcode_private_token" => {
            tokens().iter().filter_map(|token| fuzzing::open_private_token(token, &PRIVATE_KEY)).collect()
        }
        "netcode_challenge" => vec![(0..300).map(|byte| byte as u8).collect()],
        "netcode_request" | "netcode_sealed_packet" => netcode_exchange(),
        "netcode_packet_data" => packet_data(),
        "netcode_sealed_and_opened" => sealed_and_opened(),
        "netcode_endpoints" => exchange_scripts(&netcode_exchange()),
        "netcode_peer" => netcode_peer(),
        "invite_code" => invite_codes(),
        "invite_ticket" => tickets(),
        "invite_request" | "invite_answer" => {
            invite_exchange().into_iter().filter(|datagram| datagram[0] >= 0xf0).collect()
        }
        "invite_answer_payload" => answer_payloads(),
        "lan_txt" => adverts(),
        "invite_endpoints" => exchange_scripts(&invite_exchange()),
        "mesh_introduction" => introductions(),
        "mesh_sighting" => sightings(),
        "mesh_endpoints" => exchange_scripts(&mesh_exchange()),
        "channels_datagram" => transport::datagrams(),
        "channels_connection" => vec![connection()],
        "channels_delivery" => vec![delivery()],
        "control_message" => control_messages(),
        "transport" => vec![transport::conversation()],
        "session_control" => [session::messages(0), mesh::messages()].concat(),
        "session_inputs" => session::messages(1).into_iter().step_by(9).collect(),
        "session_p2p" => session::matches(),
        "session_mesh" => mesh::matches(),
        "snapshot_section" => snapshot::sections(),
        "snapshot_sections" => vec![snapshot::script()],
        "snapshot_receiver" => vec![snapshot::conversation()],
        "snapshot_feedback" => vec![snapshot::complaints()],
        "save_file" => save::seeds(),
        "scores_http" => scores::seeds(),
        "pong_input" => (0..8).map(|bits| vec![bits]).collect(),
        "pong_state" => pong_states(),
        "tetris_replay" => tetris::replays(),
        _ => Vec::new(),
    };
    seeds.into_iter().enumerate().map(|(index, seed)| (format!("seed-{index:02}"), seed)).collect()
}

fn varints() -> Vec<u8> {
    let mut bytes = Vec::new();
    for shift in 0..64 {
        varint::write(&mut bytes, (1 << shift) - 1);
        varint::write_signed(&mut bytes, -(1 << (shift % 63)));
    }
    bytes
}

fn numbers() -> Vec<u8> {
    let near = [0, 1, 255, 256, 257, 1 << 32, (1 << 63) - 1, 1 << 63, u64::MAX - 256, u64::MAX - 1, u64::MAX];
    near.iter().flat_map(|number: &u64| number.to_le_bytes()).collect()
}

fn columns() -> Vec<u8> {
    let value = Kinds {
        position: [1.5, 3.0],
        drift: -0.25,
        facing: 1.0,
        aim: [0.6, -0.8],
        normal: [0.0, 1.0, 0.0],
        orientation: [0.5; 4],
        health: 100,
        shots: 3,
        name: "gg".into(),
        badge: vec![1, 2, 3],
        phase: Phase::Running,
        whole: (7, u32::MAX, -1, true),
    };
    let mut columns = vec![0; ComponentSchema::of::<Kinds>("Kinds").columns()];
    let mut blobs = Blobs::new();
    value.to_columns(&mut columns, &mut blobs).expect("the schema says how many there are");
    let mut bytes = Vec::new();
    blobs.iter().for_each(|blob| write_chunk(&mut bytes, blob));
    bytes.extend(columns.iter().flat_map(|column| column.to_le_bytes()));
    bytes
}

fn bits() -> Vec<u8> {
    let widths: [u8; 8] = [1, 3, 7, 8, 13, 32, 63, 64];
    let mut packed = [0; 32];
    let mut writer = BitWriter::new(&mut packed);
    for width in widths {
        writer.write(0x5555_aaaa_0ff0_1234, width.into()).expect("there is room");
    }
    let length = writer.finish();
    [&[widths.len() as u8], &widths[..], &packed[..length]].concat()
}

fn field_logs() -> Vec<Vec<u8>> {
    let matches = pong_matches();
    let log = |pong: &Pong, limit| FieldLog::of(pong, limit).as_bytes().to_vec();
    let pair = |ours: &[u8], theirs: &[u8]| {
        let mut bytes = Vec::new();
        write_chunk(&mut bytes, ours);
        bytes.extend_from_slice(theirs);
        bytes
    };
    let (first, last) = (log(&matches[0], 1_000), log(&matches[matches.len() - 1], 1_000));
    vec![pair(&first, &first), pair(&first, &last), pair(&log(&matches[0], 30), &last)]
}

fn everything() -> Vec<Everything> {
    let text = || "größer als ASCII".to_owned();
    vec![
        Everything::Nothing,
        Everything::Numbers {
            small: (200, -7, true),
            middle: (40_000, -70_000),
            large: (u64::MAX, i128::MIN),
            real: (0.1, f64::MAX),
        },
        Everything::Names { tick: Tick(u32::MAX), entity: NetEntity(7), hash: StateHash(1 << 63) },
        Everything::Text(text(), 'ß'),
        Everything::Bytes((0..40).collect()),
        Everything::List(vec![(1, None), (2, Some(true)), (60_000, Some(false))]),
        Everything::Map(BTreeMap::from([(String::new(), vec![]), (text(), vec![1, 1 << 30])])),
        Everything::Array([0, 1, 1 << 16, u32::MAX]),
        Everything::Nested(vec![Everything::Nothing, Everything::Nested(vec![Everything::Bytes(vec![1])])]),
        Everything::Boxed(Some(Box::new(Everything::Boxed(None)))),
    ]
}

fn conditions() -> Vec<Vec<u8>> {
    let texts = [
        "perfect",
        "lan",
        "wifi,loss=10%",
        "4g",
        "satellite",
        "terrible",
        "latency=100ms,jitter=20ms,tail=5%:200ms,loss=5%,burst=4,dup=1%,reorder=2%:30ms,corrupt=0.1%",
        "bandwidth=1mbit,queue=64kB,mtu=1200B",
    ];
    let written = |text: &&str| text.parse::<Conditions>().expect("the text is right").to_string();
    texts
        .iter()
        .map(|text| text.to_string())
        .chain(texts.iter().map(written))
        .map(String::into_bytes)
        .collect()
}

fn tokens() -> Vec<netcord::transport::netcode::ConnectToken> {
    let ipv6 = "[2001:db8::1]:7777".parse().expect("an address");
    vec![endpoints::token(&[HOST]), endpoints::token(&[ipv6, HOST]), endpoints::token(&[ipv6; 32])]
}

/// All kinds of datagram of a connection: the exchange until it stands, talk, silence.
fn record<H: Endpoint, C: Endpoint>(host: H, client: C) -> Vec<Vec<u8>> {
    let mut stage = Stage::new(host, client);
    for frame in 0..20 {
        stage.pass(Duration::from_millis(if frame < 10 { 10 } else { 120 }));
        stage.exchange();
        if frame < 13 && frame > 10 {
            stage.talk();
        }
    }
    assert!(stage.peers.iter().all(Option::is_some), "the connection stands");
    stage.recorded.into_iter().map(|(_, datagram)| datagram).collect()
}

fn netcode_exchange() -> Vec<Vec<u8>> {
    let (server, client, keys) = endpoints::netcode_pair();
    let mut datagrams = record(server, client);
    for prefix in [1, 6] {
        datagrams.extend(keys.map(|key| fuzzing::seal(&key, endpoints::PROTOCOL, prefix, 300, &[])));
    }
    datagrams
}

fn invite_exchange() -> Vec<Vec<u8>> {
    let (host, joiner) = endpoints::invite_pair();
    record(host, joiner)
}

fn mesh_exchange() -> Vec<Vec<u8>> {
    let (host, guest) = endpoints::mesh_pair();
    record(host, guest)
}

/// Scripts of a third party: one that looks on, one that repeats, redirects and damages what was said, and one that
/// says the same things itself.
fn exchange_scripts(datagrams: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let quiet: Vec<u8> = [0, 1, 0, 2, 0, 3, 2, 0, 4, 1, 2, 0, 5, 2, 0, 20].into();
    let mut meddling = Vec::new();
    for round in 0..12_u8 {
        meddling.extend_from_slice(&[0, round, 2]);
        for kind in 0..4 {
            meddling.extend_from_slice(&[3, round, round % 8, kind, round * 7, 0, 0x41]);
        }
    }
    let mut talkative = quiet.clone();
    for (index, datagram) in datagrams.iter().take(8).enumerate() {
        talkative.extend_from_slice(&[4, index as u8]);
        write_chunk(&mut talkative, datagram);
    }
    vec![quiet, meddling, talkative]
}

fn packet_data() -> Vec<Vec<u8>> {
    let keep_alive = [4, 1, 0, 0, 0, 4, 0, 0, 0];
    vec![keep_alive.into(), vec![1], vec![2; 309], vec![3; 309], vec![5; 1_201], vec![6]]
}

fn sealed_and_opened() -> Vec<Vec<u8>> {
    let sequences = [0, 0xff, 0x100, 1 << 40, u64::MAX];
    let packet = |sequence: u64| [&sequence.to_le_bytes()[..], &packet_data()[0]].concat();
    sequences.map(packet).into()
}

fn netcode_peer() -> Vec<Vec<u8>> {
    let mut script = Vec::new();
    for direction in [0x80, 0] {
        for (index, data) in packet_data().into_iter().enumerate() {
            script.extend_from_slice(&[direction | data[0], index as u8, 0]);
            write_chunk(&mut script, &data[1..]);
        }
    }
    vec![script]
}

/// TXT records: of a game with a code, of one without, of a later format, and of a name that wants to be cleaned.
fn adverts() -> Vec<Vec<u8>> {
    let code = "c=4B0A-G08M-3SGQ-8SBE-41H7-JX35-ECGT-2GX3";
    let (game, version) = ("g=0123456789abcdef", "r=1.4.0");
    let records: [&[&str]; 4] = [
        &["v=1", game, "n=Ann's game", version, "p=1", "m=4", code],
        &["v=1", game, "n=Ann's game", version, "p=2", "m=2"],
        &["v=2", game, "n=Ann's game", "r=9.0", "p=many"],
        &["v=1", game, "n= \u{202e}emag\u{200b} s'nnA\r\n", "r=1.4\u{e4}", "p=0", "m=255"],
    ];
    let record = |strings: &[&str]| {
        strings.iter().flat_map(|text| [&[text.len() as u8], text.as_bytes()].concat()).collect()
    };
    records.map(record).into()
}

fn invite_codes() -> Vec<Vec<u8>> {
    let addresses = ["192.168.1.20:7777", "[2001:db8::1]:7777", "203.0.113.1:9", "[2001:db8::2]:1"];
    let addresses = addresses.map(|text| text.parse().expect("an address"));
    let code = |count| InviteCode::new(&addresses[..count], *b"ten bytes!").expect("reachable").to_string();
    let texts =
        [code(1), code(2), code(4), code(1).to_lowercase().replace('-', " "), code(1)[..20].to_owned()];
    texts.map(String::into_bytes).into()
}

fn tickets() -> Vec<Vec<u8>> {
    let ipv4 = [&[1, 0b10, 10, 0, 0, 1, 0x1e, 0x61][..], &[7; 32]].concat();
    let ipv6 =
        [&[1, 0b11, 0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 9][..], &[8; 32]].concat();
    vec![ipv4, ipv6]
}

fn introductions() -> Vec<Vec<u8>> {
    let introduction = |addresses: &[&str]| {
        let addresses = addresses.iter().map(|text| text.parse().expect("an address")).collect();
        let config = InviteHostConfig::new(0, addresses);
        let mut maker = MeshEndpoint::host(config, SecureRng::seed_from_u64(9)).expect("reachable");
        maker.introduction(1).expect("there is room")
    };
    let addresses = ["192.168.1.20:7777", "[2001:db8::1]:7777", "203.0.113.1:9", "[2001:db8::2]:1"];
    let whole = [introduction(&addresses[..1]), introduction(&addresses), introduction(&["127.0.0.1:5"])];
    // And without the checksum, which the target adds.
    let open = whole.each_ref().map(|bytes| bytes[..bytes.len() - 3].to_vec());
    whole.into_iter().chain(open).collect()
}

fn sightings() -> Vec<Vec<u8>> {
    let ipv6 = [&[0b11, 0x20, 1, 0xd, 0xb8][..], &[0; 11], &[1, 0, 9]].concat();
    vec![vec![0b10, 203, 0, 113, 1, 0x1e, 0x61], ipv6]
}

fn answer_payloads() -> Vec<Vec<u8>> {
    let token = endpoints::token(&[HOST]).to_bytes();
    let (head, rest) = token[21..].split_at(8 + 8 + 24 + 1_024 + 4);
    let keys = &rest[4 + 7..][..64]; // behind the address
    let (client, role) = (5_u64.to_le_bytes(), [1]);
    let granted = [&[0][..], &client, &role, &[9; 32], head, keys].concat();
    vec![granted, vec![1]]
}

fn connection() -> Vec<u8> {
    let mut script = Vec::new();
    for (index, datagram) in transport::datagrams().iter().enumerate() {
        script.extend_from_slice(&[0, index as u8 % 4, 200, index as u8 % 3, 1, 1, 2]);
        write_chunk(&mut script, datagram);
    }
    script
}

fn delivery() -> Vec<u8> {
    let mut script = Vec::new();
    for round in 0..24_u8 {
        script.extend_from_slice(&[0, round, round.wrapping_mul(97), round % 18, 0x84, round, 40, 0, 2]);
        script.extend_from_slice(&[3, 0x81, 4, round, 0x82, round, 5, round, round, 0x83, round]);
    }
    script
}

/// Postcard by hand: the type is the transport's own.
fn control_messages() -> Vec<Vec<u8>> {
    let hello = |entries: &[(&str, u64)]| {
        let mut bytes = vec![0];
        message::encode_into(&entries, &mut bytes, 8_192).expect("it is small");
        bytes
    };
    let many: Vec<String> = (0..64).map(|number| format!("{number:064}")).collect();
    let many: Vec<(&str, u64)> = many.iter().map(|name| (name.as_str(), u64::MAX)).collect();
    let ours = [("game", 1), ("netcord", 1), ("channels", 0x1234_5678_9abc_def0)];
    let mut schema = vec![2];
    message::encode_into(&("schema", kinds_schema().to_bytes()), &mut schema, 8_192).expect("it is small");
    vec![hello(&[]), hello(&ours), hello(&many), vec![1, 0], vec![1, 0xff, 0xff, 0xff, 0xff, 0x0f], schema]
}

/// A match at some of its moments.
fn pong_matches() -> Vec<Pong> {
    let mut pong = Pong::new(7);
    let mut bots = [Bot::new(1, Skill::Expert), Bot::new(2, Skill::Expert)];
    let mut moments = vec![pong];
    for tick in 1..=1_500 {
        let inputs = [(0, Side::Left), (1, Side::Right)].map(|(bot, side)| bots[bot].input(&pong, side));
        pong.step(if tick % 400 < 300 { inputs } else { [Input::NONE, inputs[1]] });
        if tick % 250 == 0 {
            moments.push(pong);
        }
    }
    moments
}

fn pong_states() -> Vec<Vec<u8>> {
    let matches = pong_matches();
    let messages = matches.iter().map(|pong| message::encode(pong, 1_024).expect("a state is small"));
    let files = matches.iter().map(|pong| file::encode(pong, 1_024).expect("a state is small"));
    messages.chain(files).collect()
}
