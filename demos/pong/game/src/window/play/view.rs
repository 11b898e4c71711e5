//! What the court shows: the last two ticks, and how far between them the present is.

use super::arena::{PaddlePicture, Picture};
use bevy::prelude::*;
use pong_rules::Event;

/// The last two ticks of the match that is shown.
#[derive(Resource, Clone, Debug)]
pub(crate) struct View {
    pub(crate) before: Picture,
    pub(crate) now: Picture,
    /// From 0, the one before, to 1, the last one.
    pub(crate) between: f32,
}

/// Something happened in a tick, told once.
#[derive(Message, Clone, Copy, Debug)]
pub(crate) struct Happened(pub(crate) Event);

impl View {
    /// A view that stands still at `picture`.
    pub(crate) fn still(picture: Picture) -> Self {
        Self { before: picture.clone(), now: picture, between: 1.0 }
    }

    /// A tick later.
    pub(crate) fn push(&mut self, picture: Picture) {
        self.before = std::mem::replace(&mut self.now, picture);
    }

    /// Where the ball is drawn.
    pub(crate) fn ball(&self) -> Vec2 {
        // From the goal back to the centre it doesn't fly.
        if self.before.ball.distance(self.now.ball) > 40.0 {
            return self.now.ball;
        }
        self.before.ball.lerp(self.now.ball, self.between)
    }

    /// Where a paddle is drawn.
    pub(crate) fn paddle(&self, player: usize) -> Option<PaddlePicture> {
        let now = self.now.paddles[player]?;
        let before = self.before.paddles[player].unwrap_or(now);
        Some(PaddlePicture { centre: before.centre.lerp(now.centre, self.between), ..now })
    }
}

pub(crate) fn plugin(app: &mut App) {
    app.insert_resource(View::still(super::arena::Arena::default().picture())).add_message::<Happened>();
}
