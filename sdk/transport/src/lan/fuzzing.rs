//! The decoder of this module, as a function of bytes that a fuzzer may choose. No part of the API.

use super::advert::{Advert, FORMAT};
use super::listings::Listings;
use super::text::{MAX_NAME, MAX_VERSION, clean_name};
use mdns_sd::TxtProperties;

/// A TXT record as it comes: what is listed can be shown, and is told as it was heard.
pub fn txt(bytes: &[u8]) {
    let properties = TxtProperties::from(bytes);
    let Some(advert) = Advert::from_txt(|key| properties.get(key).and_then(|property| property.val())) else {
        return;
    };
    let told = advert.game.to_txt();
    let again =
        Advert::from_txt(|key| told.iter().find(|(name, _)| *name == key).map(|(_, value)| value.as_bytes()));
    assert_eq!(again, Some(Advert { format: FORMAT, ..advert.clone() }), "an advert has one meaning");
    let mut listings = Listings::new(advert.game.game, "1.0");
    listings.heard("record", Some(advert));
    for listing in listings.as_slice() {
        assert!((1..=MAX_NAME).contains(&listing.name.chars().count()));
        assert_eq!(clean_name(&listing.name), listing.name);
        assert!(
            listing.version.len() <= MAX_VERSION
                && listing.version.bytes().all(|byte| byte.is_ascii_graphic())
        );
    }
}
