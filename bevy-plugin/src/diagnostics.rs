//! How the match runs, in numbers: as a resource, and in Bevy's store of diagnostics.

use crate::connection::{Connection, LinkQuality};
use crate::suspects::Suspects;
use bevy_app::{App, Plugin};
use bevy_diagnostic::{Diagnostic, DiagnosticPath, Diagnostics, DiagnosticsStore, RegisterDiagnostic as _};
use bevy_ecs::prelude::*;
use core::time::Duration;
use netcord::session::SessionStats;

/// How the match runs on this machine.
#[derive(Resource, Default)]
pub struct NetStats {
    /// The session's figures: ticks, rollbacks, hash of the newest final state.
    pub session: SessionStats,
    /// Ticks that were simulated again in this frame.
    pub resimulated: u32,
    /// What saving states took in this frame.
    pub save: Duration,
    /// What going back to states took in this frame.
    pub load: Duration,
    /// What [`NetUpdate`](crate::NetUpdate) took in this frame, over all its runs.
    pub simulate: Duration,
    /// What hashing and taking down final states took in this frame.
    pub confirm: Duration,
    pub(crate) suspects: Suspects,
}

impl NetStats {
    pub(crate) fn begin_frame(&mut self) {
        self.resimulated = 0;
        (self.save, self.load, self.simulate, self.confirm) = Default::default();
    }
}

/// The figures of the match in Bevy's [`DiagnosticsStore`], measured each frame while there is a match. Those of the
/// link are of the worst connection, and the bytes of all together.
pub struct NetDiagnostics;

impl NetDiagnostics {
    /// Round trip, in milliseconds.
    pub const RTT: DiagnosticPath = DiagnosticPath::const_new("netcord/rtt");
    /// Mean deviation of the round trip, in milliseconds.
    pub const JITTER: DiagnosticPath = DiagnosticPath::const_new("netcord/jitter");
    /// Share of our datagrams that were lost, in percent.
    pub const LOSS: DiagnosticPath = DiagnosticPath::const_new("netcord/loss");
    /// Bytes that we send, a second.
    pub const SENT: DiagnosticPath = DiagnosticPath::const_new("netcord/sent");
    /// Bytes that we get, a second.
    pub const RECEIVED: DiagnosticPath = DiagnosticPath::const_new("netcord/received");
    /// How far our ticks are ahead of the others', in ticks; the session slews it to zero.
    pub const LEAD: DiagnosticPath = DiagnosticPath::const_new("netcord/lead");
    /// Our input delay, in ticks.
    pub const INPUT_DELAY: DiagnosticPath = DiagnosticPath::const_new("netcord/input_delay");
    /// Ticks that are simulated but not final.
    pub const PREDICTED: DiagnosticPath = DiagnosticPath::const_new("netcord/predicted");
    /// Ticks that were simulated again in the frame.
    pub const RESIMULATED: DiagnosticPath = DiagnosticPath::const_new("netcord/resimulated");
    /// What saving states took in the frame, in milliseconds.
    pub const SAVE: DiagnosticPath = DiagnosticPath::const_new("netcord/save");
    /// What going back to states took in the frame, in milliseconds.
    pub const LOAD: DiagnosticPath = DiagnosticPath::const_new("netcord/load");
    /// What `NetUpdate` took in the frame, in milliseconds.
    pub const SIMULATE: DiagnosticPath = DiagnosticPath::const_new("netcord/simulate");
    /// What hashing final states took in the frame, in milliseconds.
    pub const HASH: DiagnosticPath = DiagnosticPath::const_new("netcord/hash");

    /// All of them, with their units.
    pub const ALL: [(DiagnosticPath, &'static str); 13] = [
        (Self::RTT, " ms"),
        (Self::JITTER, " ms"),
        (Self::LOSS, " %"),
        (Self::SENT, " B/s"),
        (Self::RECEIVED, " B/s"),
        (Self::LEAD, " ticks"),
        (Self::INPUT_DELAY, " ticks"),
        (Self::PREDICTED, " ticks"),
        (Self::RESIMULATED, " ticks"),
        (Self::SAVE, " ms"),
        (Self::LOAD, " ms"),
        (Self::SIMULATE, " ms"),
        (Self::HASH, " ms"),
    ];
}

impl Plugin for NetDiagnostics {
    fn build(&self, app: &mut App) {
        app.init_resource::<DiagnosticsStore>().init_resource::<NetStats>();
        for (path, unit) in Self::ALL {
            app.register_diagnostic(Diagnostic::new(path).with_suffix(unit));
        }
    }
}

/// Enters the figures of the frame.
pub(crate) fn measure(
    stats: Res<'_, NetStats>,
    links: Query<'_, '_, &LinkQuality, With<Connection>>,
    mut diagnostics: Diagnostics<'_, '_>,
) {
    let ms = |time: Duration| time.as_secs_f64() * 1_000.0;
    let worst = |of: fn(&LinkQuality) -> f64| links.iter().map(of).fold(0.0, f64::max);
    let sum = |of: fn(&LinkQuality) -> f32| links.iter().map(of).map(f64::from).sum::<f64>();
    if !links.is_empty() {
        let values = [
            (&NetDiagnostics::RTT, worst(|link| link.rtt.as_secs_f64()) * 1_000.0),
            (&NetDiagnostics::JITTER, worst(|link| link.jitter.as_secs_f64()) * 1_000.0),
            (&NetDiagnostics::LOSS, worst(|link| link.loss.into()) * 100.0),
            (&NetDiagnostics::SENT, sum(|link| link.sent_per_second)),
            (&NetDiagnostics::RECEIVED, sum(|link| link.received_per_second)),
        ];
        for (path, value) in values {
            diagnostics.add_measurement(path, || value);
        }
    }
    let session = &stats.session;
    let values = [
        (&NetDiagnostics::LEAD, f64::from(session.lead_ticks)),
        (&NetDiagnostics::INPUT_DELAY, f64::from(session.input_delay)),
        (&NetDiagnostics::PREDICTED, f64::from(session.current_tick.since(session.confirmed_tick).max(0))),
        (&NetDiagnostics::RESIMULATED, f64::from(stats.resimulated)),
        (&NetDiagnostics::SAVE, ms(stats.save)),
        (&NetDiagnostics::LOAD, ms(stats.load)),
        (&NetDiagnostics::SIMULATE, ms(stats.simulate)),
        (&NetDiagnostics::HASH, ms(stats.confirm)),
    ];
    for (path, value) in values {
        diagnostics.add_measurement(path, || value);
    }
}
