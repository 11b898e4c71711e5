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
    /// How far the ball is drawn from where it is, after the past turned out to be another; it is made up for quickly.
    drift: Vec2,
}

/// Something happened in a tick, told once.
#[derive(Message, Clone, Copy, Debug)]
pub(crate) struct Happened(pub(crate) Event);

/// The farthest that the ball is drawn from where it is. What is farther, jumps.
const MAX_DRIFT: f32 = 60.0;

impl View {
    /// A view that stands still at `picture`.
    pub(crate) fn still(picture: Picture) -> Self {
        Self { before: picture.clone(), now: picture, between: 1.0, drift: Vec2::ZERO }
    }

    /// A tick, as it began and as it ended.
    pub(crate) fn tick(&mut self, before: Picture, now: Picture) {
        (self.before, self.now) = (before, now);
    }

    /// Where the ball is drawn.
    pub(crate) fn ball(&self) -> Vec2 {
        self.true_ball() + self.drift
    }

    fn true_ball(&self) -> Vec2 {
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

    /// The past is another than was shown when the ball was drawn at `drawn`.
    pub(crate) fn corrected(&mut self, drawn: Vec2) {
        let off = drawn - self.true_ball();
        self.drift = if off.length() < MAX_DRIFT { off } else { Vec2::ZERO };
    }

    /// Makes up for the drift.
    pub(crate) fn settle(&mut self, seconds: f32) {
        self.drift *= (-14.0 * seconds).exp();
    }
}

pub(crate) fn plugin(app: &mut App) {
    app.insert_resource(View::still(super::arena::Arena::default().picture())).add_message::<Happened>();
}

#[cfg(test)]
mod tests {
    use super::super::arena::Arena;
    use super::*;

    #[test]
    fn a_small_correction_is_made_up_for_and_a_large_one_jumps() {
        let mut view = View::still(Arena::default().picture());
        view.corrected(Vec2::new(10.0, 0.0));
        assert_eq!(view.ball(), Vec2::new(10.0, 0.0));
        view.settle(0.5);
        assert!(view.ball().length() < 0.1);
        view.corrected(Vec2::new(200.0, 0.0));
        assert_eq!(view.ball(), Vec2::ZERO);
    }
}
