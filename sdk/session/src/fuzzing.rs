//! Entry points for fuzz targets: each takes what a peer may send, and must come back.

use crate::protocol::{Control, InputBytes, InputHeader, Reader, read_runs};

/// A message of the control channel; what decodes must decode again from its own encoding.
pub fn control(bytes: &[u8]) {
    if let Ok(message) = Control::decode(bytes) {
        let again = Control::decode(&message.encode());
        assert_eq!(again.as_ref(), Ok(&message));
        if let Control::Start(start) = message {
            for tail in &start.tails {
                let _ = tail.inputs::<u32>();
            }
        }
    }
}

/// A message of the input channel, for inputs of one and of sixteen bytes.
pub fn inputs(bytes: &[u8]) {
    for width in [1, 16] {
        let mut reader = Reader::new(bytes);
        if InputHeader::decode(&mut reader).is_ok() {
            let mut count = 0_u32;
            let _ = read_runs(InputBytes::zeros(width), &mut reader, |_| {
                count += 1;
                Ok(())
            });
            assert!(count <= 128);
        }
    }
}
