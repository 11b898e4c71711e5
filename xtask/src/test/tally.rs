//! Counts tests from what the test harness prints.

use std::ops::AddAssign;

/// How many tests passed, failed and did not run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) skipped: u64,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

/// A line of the harness.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line<'a> {
    /// The counts of one test binary.
    Result(Tally),
    /// A test that failed.
    Failed(&'a str),
    /// What nobody needs to read: a test that passed, a heading, nothing.
    Quiet,
    /// Anything else: what a failed test printed, a warning.
    Loud,
}

impl<'a> Line<'a> {
    /// Sorts one line.
    pub(crate) fn of(line: &'a str) -> Self {
        if let Some(counts) = line.strip_prefix("test result: ") {
            let words: Vec<_> = counts.split_whitespace().collect();
            let count = |what: &str| {
                let found = words.array_windows().find(|[_, word]| word.trim_end_matches(';') == what);
                found.and_then(|[number, _]| number.parse().ok()).unwrap_or(0)
            };
            return Self::Result(Tally {
                passed: count("passed"),
                failed: count("failed"),
                skipped: count("ignored"),
            });
        }
        let Some(test) = line.strip_prefix("test ") else {
            let heading = line.starts_with("running ") && line.trim_end_matches('s').ends_with(" test");
            return if heading || line.trim().is_empty() { Self::Quiet } else { Self::Loud };
        };
        match test.rsplit_once(" ... ") {
            Some((name, "FAILED")) => Self::Failed(name),
            Some((_, "ok")) => Self::Quiet,
            _ => Self::Loud,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_line_is_counted() {
        let line = "test result: FAILED. 12 passed; 1 failed; 3 ignored; 0 measured; 4 filtered out; finished in 0.10s";
        assert_eq!(Line::of(line), Line::Result(Tally { passed: 12, failed: 1, skipped: 3 }));
    }

    #[test]
    fn failures_are_named_and_passes_are_quiet() {
        assert_eq!(
            Line::of("test tick::tests::a_tick_wraps ... FAILED"),
            Line::Failed("tick::tests::a_tick_wraps")
        );
        assert_eq!(Line::of("test sdk/wire/src/lib.rs - Tick (line 7) ... ok"), Line::Quiet);
        assert_eq!(Line::of("running 1 test"), Line::Quiet);
        assert_eq!(Line::of("running 12 tests"), Line::Quiet);
    }

    #[test]
    fn everything_else_is_shown() {
        for line in
            ["test slow has been running for over 60 seconds", "running late", "test a ... ignored, why", "x"]
        {
            assert_eq!(Line::of(line), Line::Loud, "{line}");
        }
    }
}
