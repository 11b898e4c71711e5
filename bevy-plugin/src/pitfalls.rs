//! What goes wrong first, how it shows, and what to do. There is no code in here.
//!
//! # Hash maps
//!
//! `HashMap` and `HashSet` go by another order in each process. **Shows as** a desync at a random tick. **Do**: use
//! `BTreeMap`, or a sorted `Vec`, in everything that [`NetUpdate`](crate::NetUpdate) reads or writes.
//! [`sync_test`](crate::testing::sync_test) finds it.
//!
//! # Floats
//!
//! Sums and products of `f32` are the same on all machines that follow IEEE 754, but `sin`, `powf`, fused multiply-add
//! and what a compiler makes of them are not. **Shows as** a desync between a desktop and a phone, in the last bits of a
//! value. **Do**: use integers in the rules (thousandths of a pixel are fine), and floats in what draws them.
//! No test on one machine finds it: play between two kinds of machine before a release.
//!
//! # A system in `Update`
//!
//! A system that writes the match's state from `Update` runs once a frame on one machine: the others don't do it, and a
//! replay forgets it. **Shows as** a warning that names the component, then a desync. **Do**: move it to
//! [`NetUpdate`](crate::NetUpdate); let `Update` copy what it draws into components of its own.
//!
//! # Something that is not registered
//!
//! A component or resource that the rules change, but that `rollback` was never called for, keeps its newest value when
//! the game goes back. **Shows as** a desync in a component that is computed from it; the report lists what it suspects.
//! `Transform` is one of them: **do** keep positions in a component of the rules, and set the transform from it in
//! `Update`.
//!
//! # `Local`
//!
//! A system's `Local` counts replays, too. **Do**: make it a rollback resource, or a component.
//!
//! # Clocks and randomness
//!
//! `Time`, `Instant::now` and thread-local random numbers differ between machines and replays. **Do**: count ticks
//! ([`NetTime`](crate::NetTime)); keep a [`GameRng`](netcord::wire::GameRng) in a rollback resource, seeded from
//! [`Match::seed`](crate::Match::seed).
//!
//! # `Entity` in a component
//!
//! Bevy's `Entity` differs between machines, and changes when an entity comes back. **Shows as** a desync in that very
//! field, or as an effect on the wrong entity. **Do**: store the [`NetEntity`](netcord::wire::NetEntity) of its
//! [`NetId`](crate::NetId), and look it up with [`NetEntities`](crate::NetEntities).
//!
//! # Keys in the rules
//!
//! A system of [`NetUpdate`](crate::NetUpdate) that reads `ButtonInput<KeyCode>` sees this machine's keys, of this frame,
//! in every replay. **Do**: read keys in [`NetInput`](crate::NetInput), and everybody's inputs from
//! [`PlayerInputs`](crate::PlayerInputs). What counts is that a key *is down*; that it *was pressed* is for the rules to
//! see from the input of the tick before, kept in a component.
//!
//! # The order of queries
//!
//! Two peers may find the same entities in another order. It does not matter where each is changed by itself. **Shows
//! as** a desync where the first one found wins, or where random numbers or new ids are handed out one by one. **Do**:
//! `query.iter().sort::<&NetId>()`.
//!
//! # Systems without an order
//!
//! Two systems that write the same component may run in either order. **Shows as** a warning of Bevy's about ambiguous
//! systems. **Do**: `.chain()` them.
//!
//! # `Changed` and `Added` in the rules
//!
//! They tell what happened since the system ran last, which after going back may have been in the future. **Do**: compare
//! with a value that is rolled back. In `Update` they are fine.
//!
//! # Changes behind Bevy's back
//!
//! Going back skips what has not changed, by Bevy's change detection. What is written with `bypass_change_detection`, or
//! through a `Mutex` or a cell inside of a component, is not seen to change. **Do**: write through `&mut`.
//!
//! # A window without frames
//!
//! A minimised window, or an app in the background, may get no frames, and so sends nothing. It is no error: the others
//! wait, then a match of two ends after [`NetConfig::forfeit_after`](crate::NetConfig::forfeit_after), and a larger one
//! goes on without. Nothing is made up in bulk when the frames are back: the state comes from the others. **Do**: tell
//! the player what [`MatchState::Paused`](crate::MatchState::Paused) and the events of the match say.
//!
//! # Effects that were none
//!
//! A sound that is started from a state ("the ball touches the wall") starts in each replay. **Do**: use an
//! [`EffectWriter`](crate::EffectWriter).
//!
//! # Another version of the game
//!
//! Who registers other components, in another order, can't be played with: the match is refused, and the reason names
//! the list and the component that differ. Rules that changed while the components stayed the same are not seen: **do** raise
//! [`NetConfig::version`](crate::NetConfig::version) with each release that changes them.
