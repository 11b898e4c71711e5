//! What the tests over the whole SDK share: the decoders of foreign bytes, and how to feed them.

pub mod fuzz;
