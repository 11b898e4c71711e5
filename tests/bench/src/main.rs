//! Spike runner.
mod spike;
fn main() {
    spike::run(false, false);
}
