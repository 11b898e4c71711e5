//! Every decoder of foreign bytes, by name: what `cargo fuzz` drives, and what plain tests feed with the corpora.
//!
//! A target takes any bytes, panics when a decoder does something wrong, and is otherwise silent. Targets of one
//! decoder take its input as it is. Targets of a state machine (an endpoint, a connection, a session) take a
//! script: what arrives, in which order, and what the honest side does meanwhile.

mod channels;
mod corpus;
mod endpoints;
mod mesh;
mod mutation;
mod pong;
mod save;
mod scores;
mod script;
mod session;
mod snapshot;
mod tetris;
mod transport;
mod wire;

pub use corpus::{folder, recorded, seeds};
pub use mutation::Mutator;

use netcord::session::fuzzing as session_decoders;
use netcord::transport::{
    channels::fuzzing as channel_decoders, fuzzing as transport_decoders, invite::fuzzing as invite_decoders,
    lan::fuzzing as lan_decoders, netcode::fuzzing as netcode_decoders,
};

/// A decoder, and how it is called.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name: of the fuzz target, and of the folder of its corpus.
    pub name: &'static str,
    /// Feeds it; panics when it does something wrong.
    pub run: fn(&[u8]),
    /// How many mutations of its corpus a plain test feeds it.
    pub mutations: usize,
}

/// A decoder.
const fn target(name: &'static str, run: fn(&[u8])) -> Target {
    Target { name, run, mutations: 6_000 }
}

/// A state machine, or a decoder behind public-key cryptography: one input costs as much as many of the others.
const fn costly(name: &'static str, run: fn(&[u8])) -> Target {
    Target { name, run, mutations: 1_000 }
}

/// All targets, from the lowest layer up.
pub const TARGETS: &[Target] = &[
    target("wire_varint", wire::varint),
    target("wire_bits", wire::bits),
    target("wire_field_log", wire::field_log),
    target("wire_message", wire::message),
    target("wire_file", wire::file),
    target("wire_quantizers", wire::quantizers),
    target("wire_columns", wire::columns),
    target("wire_schema", wire::schema),
    target("lab_conditions", wire::conditions),
    target("netcode_connect_token", netcode_decoders::connect_token),
    target("netcode_private_token", netcode_decoders::private_token),
    target("netcode_challenge", netcode_decoders::challenge),
    target("netcode_request", netcode_decoders::request),
    target("netcode_packet_data", netcode_decoders::packet_data),
    target("netcode_sealed_packet", netcode_decoders::sealed_packet),
    target("netcode_sealed_and_opened", netcode_decoders::sealed_and_opened),
    target("netcode_replay_window", netcode_decoders::replay_window),
    costly("netcode_endpoints", endpoints::netcode),
    costly("netcode_peer", endpoints::netcode_peer),
    target("invite_code", |bytes| invite_decoders::code(&String::from_utf8_lossy(bytes))),
    target("invite_ticket", invite_decoders::ticket),
    costly("invite_request", invite_decoders::request),
    costly("invite_answer", invite_decoders::answer),
    target("invite_answer_payload", invite_decoders::answer_payload),
    costly("invite_endpoints", endpoints::invite),
    target("lan_txt", lan_decoders::txt),
    target("mesh_introduction", invite_decoders::introduction),
    target("mesh_sighting", invite_decoders::sighting),
    costly("mesh_endpoints", endpoints::mesh),
    target("channels_datagram", channel_decoders::datagram),
    costly("channels_connection", channels::connection),
    costly("channels_delivery", channels::delivery),
    target("control_message", transport_decoders::control),
    costly("transport", transport::transport),
    target("session_control", session_decoders::control),
    target("session_inputs", session_decoders::inputs),
    costly("session_p2p", session::p2p),
    Target { mutations: 60, ..costly("session_mesh", mesh::mesh) },
    target("snapshot_section", snapshot::section),
    costly("snapshot_sections", snapshot::section_after_section),
    costly("snapshot_receiver", snapshot::receiver),
    costly("snapshot_feedback", snapshot::feedback),
    target("save_file", save::file),
    costly("scores_http", scores::http),
    target("pong_input", pong::input),
    costly("pong_state", pong::state),
    costly("tetris_replay", tetris::replay),
];

/// Feeds `data` to the target of this name.
///
/// # Panics
/// When there is no such target, and when it finds something wrong.
pub fn run(name: &str, data: &[u8]) {
    let target = TARGETS.iter().find(|target| target.name == name).expect("the target is registered");
    (target.run)(data);
}
