//! Bytes as a string of base64.

use data_encoding::BASE64;
use serde::{Deserialize, Deserializer, Serializer, de::Error};

pub(crate) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&BASE64.encode(bytes))
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    let digits = String::deserialize(deserializer)?;
    // The decoder takes several strings of base64 in a row for one; bytes have one spelling here.
    if digits.trim_end_matches('=').contains('=') {
        return Err(D::Error::custom("not base64: it goes on after its end"));
    }
    BASE64.decode(digits.as_bytes()).map_err(D::Error::custom)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Bytes(#[serde(with = "super")] Vec<u8>);

    #[test]
    fn bytes_have_one_spelling() {
        assert_eq!(serde_json::from_str::<Bytes>("\"AAE=\"").unwrap(), Bytes(vec![0, 1]));
        for other in ["AAE", "AAF=", "AA==AQ==", "AAE=\n", " AAE=", "AAE=="] {
            assert!(serde_json::from_value::<Bytes>(other.into()).is_err(), "{other:?}");
        }
    }
}
