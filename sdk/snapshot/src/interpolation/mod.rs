//! What to show between snapshots, and when there is none.
//!
//! Snapshots come 20 times a second, late, out of order or not at all; frames are drawn 144 times a second and must move
//! evenly. So a client shows the sender's past: a moment far enough back that the snapshots on both of its sides are
//! there, almost always. Three parts, all pure, make a frame:
//!
//! 1. A [`RenderClock`] is told when which snapshot came in, and says which moment to show now: a [`RenderTime`], in
//!    fractions of a tick.
//! 2. [`Bracket::find`] says which snapshots lie around that moment, and how good a picture they give:
//!    its [`Freshness`].
//! 3. [`FieldSampling::sample`] makes a field's values from theirs, as the field's [`Interpolation`] wants it.
//!
//! A [`ComponentSampler`] does the second and the third for components whose states a
//! [`SnapshotReceiver`](crate::SnapshotReceiver) holds: it takes what it needs to know from the schema. For a game that
//! keeps its snapshots itself, they go like this:
//!
//! ```
//! use netcord_snapshot::interpolation::*;
//! use netcord_wire::Tick;
//! use std::time::Duration;
//!
//! // A sender with 60 ticks a second that sends every third, 70 ms away.
//! let config = RenderClockConfig::new(Duration::from_secs(1) / 60, 3);
//! let mut clock = RenderClock::new(config);
//! let mut snapshots: Vec<(Tick, [f32; 2])> = Vec::new();
//! let position = FieldSampling::new(Interpolation::Linear).teleport_above(5.0);
//!
//! let mut shown = Vec::new();
//! for millisecond in 0..2_000_u32 {
//!     let now = Duration::from_millis(millisecond.into());
//!     // A snapshot has come in: an entity that goes a step to the right in each tick.
//!     if millisecond >= 70 && (millisecond - 70).is_multiple_of(50) {
//!         let tick = Tick(3 * (millisecond - 70) / 50);
//!         clock.receive(tick, now);
//!         snapshots.push((tick, [tick.0 as f32, 0.0]));
//!     }
//!     // A frame is to be drawn.
//!     if millisecond.is_multiple_of(7) {
//!         let Some(time) = clock.advance(now) else { continue };
//!         let held = snapshots.iter().map(|&(tick, _)| tick);
//!         let Some(bracket) = Bracket::find(&time, &config.limits, held) else { continue };
//!         let at = |tick| snapshots.iter().find(|held| held.0 == tick).map(|held| &held.1[..]);
//!         let mut place = [0.0; 2];
//!         if position.sample(&bracket, at, &mut place) && bracket.freshness == Freshness::Interpolated {
//!             shown.push(place[0]);
//!         }
//!     }
//! }
//! // 7 ms are 0.42 ticks: every frame goes on by that much, whatever the snapshots' rhythm.
//! assert!(shown.len() > 250);
//! assert!(shown.windows(2).skip(20).all(|pair| (pair[1] - pair[0] - 0.42).abs() < 0.01));
//! ```
//!
//! # How the clock finds its delay
//!
//! Whenever a snapshot comes in as the newest, the one before it has reached a certain age. Showing the sender's time
//! less that age would just have sufficed. So the delay is the age that covers 98 % of the last 128 arrivals. Rate,
//! jitter and loss all enter by this one number: with a regular network it is an interval, with every twentieth
//! snapshot lost it is two.
//!
//! The sender's time is the median of what snapshots said of it, along a line whose slope is the drift of the two
//! clocks, found by medians too. What comes in one burst, after a stall, is one arrival: a single stall leaves no mark.
//! Eight arrivals in a row that are all late, or all early, show that the way is another now, or that the sender has
//! stood still; all before are forgotten.
//!
//! The delay grows at once and shrinks by 10 ms a second. Render time follows at most 5 % faster or slower than the
//! sender, so a delay that has grown by 50 ms is reached in a second. It never goes back. It stands still where the
//! alternative is to be ahead of the sender: if the way has become that much longer, or the first snapshot was that
//! lucky. It jumps, and says so, when it is behind by more than 0.25 s: after an
//! outage that was longer than a second, at the end of which it stood still. All of this can be set:
//! [`RenderClockConfig`].
//!
//! What comes out with the usual configuration, 60 ticks a second, jitter spread evenly from 0 to what is said, 5 %
//! duplicates, beside the delay that would have covered 98 % in hindsight:
//!
//! | snapshots a second | jitter, ms | loss, % | delay asked for, ms | delay, ms | extrapolated frames, % |
//! |---|---|---|---|---|---|
//! | 20 | 0 | 0 | 50 | 100 | 0.00 |
//! | 20 | 0 | 5 | 100 | 100 | 0.44 |
//! | 20 | 0 | 20 | 150 | 148 | 1.44 |
//! | 20 | 20 | 0 | 60 | 100 | 0.00 |
//! | 20 | 20 | 5 | 102 | 102 | 0.52 |
//! | 20 | 20 | 20 | 155 | 149 | 1.53 |
//! | 20 | 80 | 0 | 91 | 100 | 0.07 |
//! | 20 | 80 | 5 | 111 | 112 | 0.89 |
//! | 20 | 80 | 20 | 170 | 166 | 1.51 |
//! | 60 | 0 | 0 | 17 | 33 | 0.00 |
//! | 60 | 0 | 5 | 33 | 33 | 0.30 |
//! | 60 | 0 | 20 | 50 | 49 | 1.28 |
//! | 60 | 20 | 0 | 27 | 33 | 0.00 |
//! | 60 | 20 | 5 | 37 | 36 | 0.76 |
//! | 60 | 20 | 20 | 53 | 51 | 1.43 |
//! | 60 | 80 | 0 | 64 | 66 | 0.48 |
//! | 60 | 80 | 5 | 66 | 68 | 0.61 |
//! | 60 | 80 | 20 | 78 | 80 | 0.82 |
//!
//! The delay is never below two intervals, so the second loss in a row is the first to be seen:
//! [`min_delay`](RenderClockConfig::min_delay) can be set lower. The table is printed, and the share of extrapolated
//! frames held below 2 %, by `cargo test -p netcord-snapshot --test interpolation table -- --nocapture`.
//!
//! # What is shown when
//!
//! | the moment lies | freshness | numbers, angles, rotations | the rest |
//! |---|---|---|---|
//! | between two snapshots | `Interpolated` | in between, in proportion | the earlier's |
//! | up to 0.25 s beyond the newest | `Extrapolated` | as from the last but one to it, or by velocity | the newest's |
//! | up to 1 s beyond it | `Held` | where they were after 0.25 s | the newest's |
//! | further | `Stale` | the same; render time stands still | the newest's |
//! | before the oldest | `Held` | the oldest's | the oldest's |
//!
//! An entity appears when render time reaches the first snapshot that has it, at its values there, and disappears
//! when it reaches the first that has it no more; until then it stays as it was. One that is in the newest snapshot only
//! is not extrapolated, unless its velocity is known.
//!
//! # Pitfalls
//!
//! - One clock for each sender, one bracket for each group of entities whose snapshots come or get lost together: the
//!   clock is told of a tick when any part of it has come.
//! - Tell the clock when a snapshot came in, not when a frame found it: at 30 frames a second, those are 33 ms of jitter
//!   that the network doesn't have.
//! - Keep the snapshots of at least [`max_delay`](RenderClockConfig::max_delay) and two intervals more.
//! - Values are those before quantisation only up to the quantiser's error: what rests moves not at all, as the same
//!   value comes out exactly.
//! - A clock with another `now` than that of `receive` is off by the difference: use one monotonic clock for both.

mod arrivals;
mod bracket;
mod clock;
mod component;
mod field;
mod rotation;
mod sample;

pub use bracket::{Bracket, ExtrapolationLimits, Freshness};
pub use clock::{RenderClock, RenderClockConfig, RenderTime};
pub use component::{ComponentSampler, Shown};
pub use sample::{FieldSampling, Interpolation, Point};
