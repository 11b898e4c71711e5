//! Plays with keys: presses them in the players' windows, as people would.

use crate::display::Display;
use crate::failure::{Failure, Outcome};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// Somebody who plays in both windows in turn, until told to stop.
pub(crate) struct Typist {
    stop: Sender<()>,
    hands: JoinHandle<Outcome<u32>>,
}

impl Typist {
    /// Plays in the windows of these processes as soon as they are there; which keys, follows from `seed`.
    pub(crate) fn start(display: &Display, players: [u32; 2], seed: u64) -> Self {
        let (stop, stopped) = mpsc::channel();
        let display = display.clone();
        let hands = thread::spawn(move || {
            let windows = [display.window(players[0])?, display.window(players[1])?];
            let mut random = seed;
            let mut pressed = 0;
            for window in windows.iter().cycle() {
                random =
                    random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let key = if random >> 63 == 0 { "Up" } else { "Down" };
                let held = Duration::from_millis(60 + (random >> 40) % 240);
                match window.press(key, held) {
                    Ok(()) => pressed += 1,
                    // The windows close when the match is over.
                    Err(_) if pressed > 0 => break,
                    Err(failure) => return Err(failure),
                }
                if stopped.recv_timeout(Duration::ZERO) != Err(RecvTimeoutError::Timeout) {
                    break;
                }
            }
            Ok(pressed)
        });
        Self { stop, hands }
    }

    /// Returns how many keys were pressed.
    pub(crate) fn stop(self) -> Outcome<u32> {
        // It has stopped by itself when the windows closed.
        let _ = self.stop.send(());
        self.hands.join().unwrap_or_else(|_| Err(Failure::new("nobody pressed the keys any more")))
    }
}
