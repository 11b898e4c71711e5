//! Where the program keeps its files, and the key that they are encrypted with.

use netcord_save::{Key, SaveError, SaveFolder};
#[cfg(feature = "window")]
use std::path::Path;

/// It stands in the program for all to read: it keeps a highscore from being made with an editor, not from being made.
/// What nobody may forge is judged by a server, from the replay.
const KEY: [u8; 32] = *b"seven pieces fall on ten columns";

/// The key of all files.
pub(crate) fn key() -> Key {
    Key::from_bytes(KEY)
}

/// Where the platform has a game's saves: domain, studio and game.
#[cfg(feature = "window")]
pub(crate) const OF_GAME: [&str; 3] = ["com", "netcord", "Tetris"];

/// The folder at `path`, or else where the platform has a game's saves.
#[cfg(feature = "window")]
pub(crate) fn folder(path: Option<&Path>) -> Result<SaveFolder, SaveError> {
    let [domain, studio, game] = OF_GAME;
    path.map_or_else(|| SaveFolder::of_game(domain, studio, game), SaveFolder::at)
}

/// Where in `folder` what belongs to the service of highscores at `url` is kept: tickets and runs are of one service, and no
/// other one would know them. So is the player's key.
pub(crate) fn folder_of_service(folder: &SaveFolder, url: &str) -> Result<SaveFolder, SaveError> {
    SaveFolder::at(folder.path().join("scores").join(service_name(url)))
}

/// The scheme, host and port of `url` as the name of a folder.
fn service_name(url: &str) -> String {
    let url = url.to_ascii_lowercase();
    let (scheme, rest) = url.split_once("://").unwrap_or(("", &url));
    let place = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let default_port = if scheme == "https" { ":443" } else { ":80" };
    let place = place.strip_suffix(default_port).unwrap_or(place);
    let valid = |letter: char| {
        if letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-') { letter } else { '_' }
    };
    format!("{scheme}_{place}").chars().map(valid).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_service_has_a_folder_of_its_own_whatever_its_address_is() {
        let name = service_name("http://127.0.0.1:7780");
        assert_eq!(name, "http_127.0.0.1_7780");
        assert_eq!(service_name("HTTP://127.0.0.1:7780/"), name);
        assert_eq!(
            service_name("https://Scores.example.com:443"),
            service_name("https://scores.example.com/v1")
        );
        let others =
            ["https://127.0.0.1:7780", "http://127.0.0.1", "http://127.0.0.1:778", "http://[::1]:7780"];
        for other in others.map(service_name) {
            assert_ne!(other, name);
        }
        assert_eq!(service_name("http://[::1]:80"), "http____1_");
        assert_eq!(service_name("../.."), "_..");
    }
}
