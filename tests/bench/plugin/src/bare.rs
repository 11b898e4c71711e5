//! The scene as a value in the session's own runner: what the plugin costs is what it takes more than this.

use crate::session::FixedDepth;
use netcord::session::{Runner, Simulation, Step};
use netcord::wire::{ComponentId, FieldSink, Inspect, NetEntity};
use netcord_plugin_bench_peer::scene::{self, ENTITIES, Health, Position, Velocity};

#[derive(Clone)]
struct Scene {
    positions: Vec<Position>,
    velocities: Vec<Velocity>,
    healths: Vec<Health>,
}

pub(crate) struct Bare {
    runner: Runner<Scene>,
    session: FixedDepth,
}

impl Bare {
    pub(crate) fn new(session: FixedDepth) -> Self {
        let mut scene = Scene { positions: Vec::new(), velocities: Vec::new(), healths: Vec::new() };
        for number in 0..ENTITIES {
            let (position, velocity, health) = scene::thing(number);
            scene.positions.push(position);
            scene.velocities.push(velocity);
            scene.healths.push(health);
        }
        Self { runner: Runner::new(scene), session }
    }

    pub(crate) fn frame(&mut self, thrust: u8) {
        self.session.frame(thrust);
        self.runner.run(&mut self.session).expect("every state is kept for as long as it is needed");
    }

    pub(crate) fn checksum(&self) -> i64 {
        let Scene { positions, healths, .. } = self.runner.state();
        positions.iter().zip(healths).map(|(&position, &health)| scene::digest(position, health)).sum()
    }
}

impl Simulation for Scene {
    type Input = u8;

    fn advance(&mut self, step: &Step<u8>) {
        let thrust = step.inputs.values().first().copied().unwrap_or_default();
        for (position, velocity) in self.positions.iter_mut().zip(&mut self.velocities) {
            scene::travel(position, velocity, thrust.into());
        }
        for (&position, health) in self.positions.iter().zip(&mut self.healths) {
            scene::wear(position, health);
        }
    }

    fn encode(&self, _: &mut Vec<u8>) {
        unreachable!("the session of this bench transfers no state");
    }

    fn decode(_: &[u8]) -> Option<Self> {
        None
    }
}

impl Inspect for Scene {
    fn inspect(&self, sink: &mut dyn FieldSink) {
        for entity in 0..ENTITIES {
            let id = NetEntity(entity as u32);
            sink.component(id, ComponentId(0));
            sink.field(self.positions[entity].x.into());
            sink.field(self.positions[entity].y.into());
            sink.component(id, ComponentId(1));
            sink.field(self.velocities[entity].x.into());
            sink.field(self.velocities[entity].y.into());
            sink.component(id, ComponentId(2));
            sink.field(self.healths[entity].0.into());
        }
    }
}
