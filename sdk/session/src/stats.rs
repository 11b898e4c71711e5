//! How a match went, in numbers.

use netcord_wire::{StateHash, Tick};

/// How a match went so far, on this peer.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SessionStats {
    /// The next tick to be simulated.
    pub current_tick: Tick,
    /// The newest tick whose state is final and was hashed.
    pub confirmed_tick: Tick,
    /// States that were hashed as final.
    pub confirmed_ticks: u64,
    /// The hash of the state at [`confirmed_tick`](Self::confirmed_tick).
    pub state_hash: StateHash,
    /// How many peers were found to have another state.
    pub desyncs: u64,
    /// Own inputs for which the match was decided with another value: none, unless this process was restarted
    /// or the peer lied.
    pub lost_inputs: u64,
    /// Own inputs that differed from the one of the tick before.
    pub input_changes: u64,
    /// How often the game went back.
    pub rollbacks: u64,
    /// The most ticks that it went back at once.
    pub max_rollback: u32,
    /// Ticks that were simulated again.
    pub resimulated_ticks: u64,
    /// New ticks a second while the match was running.
    pub ticks_per_second: f64,
    /// The longest time between two ticks while the match was running, in milliseconds.
    pub longest_gap_ms: f64,
    /// How far our ticks are ahead of the host's, or on the host of two, of the other's, in ticks; the session slews it to
    /// zero. On the host of more, whom all follow, 0.
    pub lead_ticks: f32,
    /// Our input delay, in ticks.
    pub input_delay: u32,
}
