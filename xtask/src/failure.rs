//! How a command fails: a line that says what to do, and an exit code.

/// What every command returns.
pub(crate) type Outcome<T = ()> = Result<T, Failure>;

/// Why a command failed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    /// For the user. Empty where the program that failed has said it already.
    pub(crate) message: String,
    /// What xtask exits with.
    pub(crate) exit_code: u8,
}

impl Failure {
    /// A failure that nobody has told the user of yet.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), exit_code: 1 }
    }

    /// A failure that a child has explained on our stderr; its exit code becomes ours.
    pub(crate) fn explained(exit_code: Option<i32>) -> Self {
        let exit_code = exit_code.and_then(|code| u8::try_from(code).ok()).filter(|&code| code != 0);
        Self { message: String::new(), exit_code: exit_code.unwrap_or(1) }
    }
}
