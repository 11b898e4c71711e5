//! ggrs' side: a session of its own over the same wire, with its messages coded as its UDP socket does.

use super::World;
use super::game::{Field, Player, Script};
use super::wire::{Clock, End, Traffic, wire};
use ggrs::{
    Config, DesyncDetection, GgrsError, GgrsEvent, GgrsRequest, Message, NonBlockingSocket, P2PSession,
    PlayerType, PredictRepeatLast, SessionBuilder, SessionState,
};
use netcord::wire::StateHash;
use std::net::SocketAddr;

const DESYNC_INTERVAL: u32 = 10;

struct Types;

impl Config for Types {
    type Input = u8;
    type InputPredictor = PredictRepeatLast;
    type State = Field;
    type Address = SocketAddr;
}

impl NonBlockingSocket<SocketAddr> for End {
    fn send_to(&mut self, message: &Message, _: &SocketAddr) {
        // The format of bincode 1, which ggrs' own socket uses.
        self.put(bincode::serde::encode_to_vec(message, bincode::config::legacy()).expect("a message"));
    }

    fn receive_all_messages(&mut self) -> Vec<(SocketAddr, Message)> {
        std::iter::from_fn(|| self.take())
            .filter_map(|datagram| {
                let decoded = bincode::serde::decode_from_slice(&datagram, bincode::config::legacy());
                decoded.ok().map(|(message, _)| (self.other(), message))
            })
            .collect()
    }
}

pub(crate) struct Theirs {
    sides: [Side; 2],
    traffic: Box<dyn Fn() -> Traffic>,
}

struct Side {
    session: P2PSession<Types>,
    field: Field,
    player: Player,
    handle: usize,
    ticks: u64,
    max_rollback: u32,
    resimulated: u64,
    desyncs: u64,
}

impl Theirs {
    pub(crate) fn new(clock: &Clock, script: Script) -> Self {
        let [first, second] = wire(clock);
        let traffic = Box::new(first.counter());
        Self { sides: [Side::new(first, 0, script), Side::new(second, 1, script)], traffic }
    }
}

impl Side {
    fn new(end: End, handle: usize, script: Script) -> Self {
        let remote = PlayerType::Remote(end.other());
        let session = SessionBuilder::<Types>::new()
            .with_num_players(2)
            .and_then(|builder| builder.add_player(PlayerType::Local, handle))
            .and_then(|builder| builder.add_player(remote, 1 - handle))
            .map(|builder| {
                builder
                    .with_max_prediction_window(12)
                    .with_input_delay(0)
                    .with_desync_detection_mode(DesyncDetection::On { interval: DESYNC_INTERVAL })
            })
            .and_then(|builder| builder.start_p2p_session(end))
            .expect("a session");
        Self {
            session,
            field: Field::new(),
            player: Player::new(script, handle as u64 + 1),
            handle,
            ticks: 0,
            max_rollback: 0,
            resimulated: 0,
            desyncs: 0,
        }
    }

    fn frame(&mut self) {
        for event in self.session.events() {
            if matches!(event, GgrsEvent::DesyncDetected { .. }) {
                self.desyncs += 1;
            }
        }
        if self.session.current_state() != SessionState::Running {
            self.session.poll_remote_clients();
            return;
        }
        let input = self.player.input(self.session.current_frame() as u32);
        self.session.add_local_input(self.handle, input).expect("a local player");
        match self.session.advance_frame() {
            Ok(requests) => self.execute(requests),
            Err(GgrsError::PredictionThreshold) => {}
            Err(error) => panic!("{error}"),
        }
    }

    fn execute(&mut self, requests: Vec<GgrsRequest<Types>>) {
        let mut loaded = false;
        let mut advanced = 0;
        for request in requests {
            match request {
                GgrsRequest::SaveGameState { cell, frame } => {
                    let is_compared = (frame as u32).is_multiple_of(DESYNC_INTERVAL);
                    let checksum = is_compared.then(|| StateHash::of(&self.field).0.into());
                    cell.save(frame, Some(self.field.clone()), checksum);
                }
                GgrsRequest::LoadGameState { cell, .. } => {
                    loaded = true;
                    self.field = cell.load().expect("a saved state");
                }
                GgrsRequest::AdvanceFrame { inputs } => {
                    advanced += 1;
                    self.field.step([inputs[0].0, inputs[1].0]);
                }
            }
        }
        let again = if loaded { advanced - 1 } else { 0 };
        self.ticks += u64::from(advanced - again);
        self.max_rollback = self.max_rollback.max(again);
        self.resimulated += u64::from(again);
    }
}

impl World for Theirs {
    fn frame(&mut self, peer: usize) {
        self.sides[peer].frame();
    }

    fn is_running(&self) -> bool {
        self.sides.iter().all(|side| side.session.current_state() == SessionState::Running)
    }

    fn ticks(&self) -> u64 {
        self.sides.iter().map(|side| side.ticks).sum()
    }

    fn rollbacks(&self) -> (u32, u64) {
        let deepest = self.sides.iter().map(|side| side.max_rollback).max().unwrap_or(0);
        (deepest, self.sides.iter().map(|side| side.resimulated).sum())
    }

    fn traffic(&self) -> Traffic {
        (self.traffic)()
    }

    fn desyncs(&self) -> u64 {
        self.sides.iter().map(|side| side.desyncs).sum()
    }
}
