//! Drives an endpoint and the channels over a socket.
