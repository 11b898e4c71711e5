//! What carries datagrams: memory and UDP.
