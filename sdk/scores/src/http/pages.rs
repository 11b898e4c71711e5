//! The first pages of listings as they were last answered. Nothing here knows HTTP or a store.

use crate::model::Listing;
use bytes::Bytes;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// First pages, by listing and by how much is asked for; each with the tag of what it shows.
#[derive(Debug, Default)]
pub(super) struct Pages {
    kept: Mutex<HashMap<(Listing, usize), (String, Bytes)>>,
}

impl Pages {
    /// How many are kept: at some 30 KB, some megabytes. When there are more, all are made anew.
    const KEPT: usize = 128;

    /// The page of that tag: the one that is kept, or a new one.
    pub(super) fn get<E>(
        &self,
        listing: &Listing,
        limit: usize,
        tag: &str,
        make: impl FnOnce() -> Result<Bytes, E>,
    ) -> Result<Bytes, E> {
        let key = (listing.clone(), limit);
        let lock = || self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        match lock().get(&key) {
            Some((kept, body)) if kept == tag => return Ok(body.clone()),
            _ => {}
        }
        let body = make()?;
        let mut kept = lock();
        if kept.len() >= Self::KEPT && !kept.contains_key(&key) {
            kept.clear();
        }
        kept.insert(key, (tag.to_owned(), body.clone()));
        Ok(body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::BoardId;
    use std::convert::Infallible;

    #[test]
    fn a_page_is_made_once_as_long_as_its_tag_is_the_same() {
        let (pages, mut made) = (Pages::default(), 0);
        let listing = Listing { board: BoardId::new("maze").expect("an id"), season: None };
        for (tag, limit, expected) in [("1", 10, 1), ("1", 10, 1), ("2", 10, 2), ("2", 9, 3), ("2", 10, 3)] {
            let body = pages.get(&listing, limit, tag, || {
                made += 1;
                Ok::<_, Infallible>(Bytes::from(tag.to_owned()))
            });
            assert_eq!(body.expect("infallible"), tag);
            assert_eq!(made, expected, "{tag} {limit}");
        }
    }

    #[test]
    fn no_more_pages_are_kept_than_there_is_room_for() {
        let pages = Pages::default();
        for season in 0..1_000 {
            let listing = Listing { board: BoardId::new("maze").expect("an id"), season: Some(season) };
            let _ = pages.get(&listing, 1, "1", || Ok::<_, Infallible>(Bytes::new()));
            assert!(pages.kept.lock().expect("unpoisoned").len() <= Pages::KEPT);
        }
    }
}
