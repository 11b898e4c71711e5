//! What is counted, and how Prometheus reads it. What can be a label is known beforehand, so that no client makes the table
//! grow.

use super::place::{Cut, Phase};
use crate::api::Code;
use std::collections::BTreeMap;
use std::fmt::{self, Write};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The ends of the classes of a histogram of durations, in seconds.
const CLASSES: [f64; 11] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1.0, 5.0];

/// All figures of a server. Many threads may count and read at once.
#[derive(Debug, Default)]
pub struct Figures {
    pub(super) connections: AtomicI64,
    pub(super) accepted: AtomicU64,
    pub(super) accept_errors: AtomicU64,
    pub(super) refused: AtomicU64,
    pub(super) quick_waiting: Arc<AtomicI64>,
    pub(super) verification_waiting: Arc<AtomicI64>,
    panics: AtomicU64,
    counted: Mutex<Counted>,
}

#[derive(Debug, Default)]
struct Counted {
    requests: BTreeMap<(&'static str, u16), u64>,
    durations: BTreeMap<&'static str, Durations>,
    problems: BTreeMap<Code, u64>,
    cuts: BTreeMap<(Cut, Phase), u64>,
}

#[derive(Debug, Default)]
struct Durations {
    classes: [u64; CLASSES.len()],
    count: u64,
    sum: Duration,
}

impl Figures {
    /// Counts an answer.
    pub(super) fn answered(&self, route: &'static str, status: u16, problem: Option<Code>, took: Duration) {
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        *counted.requests.entry((route, status)).or_default() += 1;
        if let Some(code) = problem {
            *counted.problems.entry(code).or_default() += 1;
        }
        let durations = counted.durations.entry(route).or_default();
        durations.count += 1;
        durations.sum += took;
        if let Some(class) = CLASSES.iter().position(|end| took.as_secs_f64() <= *end) {
            durations.classes[class] += 1;
        }
    }

    /// Counts a connection that was cut off.
    pub(super) fn cut(&self, why: Cut, phase: Phase) {
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        *counted.cuts.entry((why, phase)).or_default() += 1;
    }

    /// Counts a handler that panicked.
    pub(super) fn panicked(&self) {
        self.panics.fetch_add(1, Relaxed);
    }

    /// All of it, in Prometheus' text format.
    pub fn render(&self) -> String {
        let mut text = String::new();
        // A string takes all that is written to it.
        let _ = self.write(&mut text);
        text
    }

    fn write(&self, text: &mut String) -> fmt::Result {
        let unsigned = [
            ("netcord_http_accepted_total", "Connections that were let in.", &self.accepted),
            (
                "netcord_http_refused_total",
                "Connections that were refused, as there were too many.",
                &self.refused,
            ),
            (
                "netcord_http_accept_errors_total",
                "Connections that the system could not accept.",
                &self.accept_errors,
            ),
            ("netcord_http_panics_total", "Handlers that panicked.", &self.panics),
        ];
        for (name, help, value) in unsigned {
            header(text, name, help, "counter")?;
            writeln!(text, "{name} {}", value.load(Relaxed))?;
        }
        let name = "netcord_http_connections";
        header(text, name, "Connections that are open.", "gauge")?;
        writeln!(text, "{name} {}", self.connections.load(Relaxed))?;
        let name = "netcord_http_queue";
        header(text, name, "Requests that wait for a thread.", "gauge")?;
        for (queue, waiting) in [("quick", &self.quick_waiting), ("verification", &self.verification_waiting)]
        {
            writeln!(text, "{name}{{queue=\"{queue}\"}} {}", waiting.load(Relaxed))?;
        }
        self.counted.lock().unwrap_or_else(PoisonError::into_inner).write(text)
    }
}

impl Counted {
    fn write(&self, text: &mut String) -> fmt::Result {
        let name = "netcord_http_cut_total";
        header(text, name, "Connections that were cut off.", "counter")?;
        for ((why, phase), count) in &self.cuts {
            let (why, phase) = (why.name(), phase.name());
            writeln!(text, "{name}{{why=\"{why}\",phase=\"{phase}\"}} {count}")?;
        }
        let name = "netcord_http_requests_total";
        header(text, name, "Requests that were answered.", "counter")?;
        for ((route, status), count) in &self.requests {
            writeln!(text, "{name}{{route=\"{route}\",status=\"{status}\"}} {count}")?;
        }
        let name = "netcord_http_problems_total";
        header(text, name, "Answers that were problems.", "counter")?;
        for (code, count) in &self.problems {
            let code = serde_json::to_string(code).map_err(|_| fmt::Error)?;
            writeln!(text, "{name}{{code={code}}} {count}")?;
        }
        let name = "netcord_http_duration_seconds";
        header(text, name, "Time from a request's last byte to its answer's first.", "histogram")?;
        for (route, durations) in &self.durations {
            let mut below = 0;
            for (end, count) in CLASSES.iter().zip(durations.classes) {
                below += count;
                writeln!(text, "{name}_bucket{{route=\"{route}\",le=\"{end}\"}} {below}")?;
            }
            writeln!(text, "{name}_bucket{{route=\"{route}\",le=\"+Inf\"}} {}", durations.count)?;
            writeln!(text, "{name}_sum{{route=\"{route}\"}} {}", durations.sum.as_secs_f64())?;
            writeln!(text, "{name}_count{{route=\"{route}\"}} {}", durations.count)?;
        }
        Ok(())
    }
}

fn header(text: &mut String, name: &str, help: &str, kind: &str) -> fmt::Result {
    writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_what_prometheus_reads() {
        let figures = Figures::default();
        figures.connections.store(3, Relaxed);
        figures.cut(Cut::Deadline, Phase::Head);
        figures.answered("/v1", 200, None, Duration::from_millis(2));
        figures.answered("/v1", 200, None, Duration::from_secs(9));
        figures.answered("/v1", 503, Some(Code::Busy), Duration::ZERO);
        let text = figures.render();
        for line in [
            "# TYPE netcord_http_requests_total counter",
            "netcord_http_connections 3",
            "netcord_http_cut_total{why=\"deadline\",phase=\"head\"} 1",
            "netcord_http_requests_total{route=\"/v1\",status=\"200\"} 2",
            "netcord_http_problems_total{code=\"busy\"} 1",
            "netcord_http_duration_seconds_bucket{route=\"/v1\",le=\"0.0025\"} 2",
            "netcord_http_duration_seconds_bucket{route=\"/v1\",le=\"5\"} 2",
            "netcord_http_duration_seconds_bucket{route=\"/v1\",le=\"+Inf\"} 3",
            "netcord_http_duration_seconds_count{route=\"/v1\"} 3",
        ] {
            assert!(text.lines().any(|other| other == line), "{line} is not in\n{text}");
        }
    }
}
