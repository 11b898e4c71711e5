//! The page that shows the boards: which files it is made of. They stand in `page/`, and are part of the program.

use super::Asset;
use bytes::Bytes;

/// The files of the page.
pub(super) fn assets() -> impl Iterator<Item = Asset> {
    const STYLE: &str = "text/css; charset=utf-8";
    const SCRIPT: &str = "text/javascript; charset=utf-8";
    macro_rules! file {
        ($path:literal, $content_type:expr, $name:literal) => {
            ($path, $content_type, include_bytes!(concat!("../../page/", $name)))
        };
    }
    const FILES: [(&str, &str, &[u8]); 9] = [
        file!("/", "text/html; charset=utf-8", "index.html"),
        file!("/page.css", STYLE, "page.css"),
        file!("/page.js", SCRIPT, "page.js"),
        file!("/api.js", SCRIPT, "api.js"),
        file!("/format.js", SCRIPT, "format.js"),
        file!("/players.js", SCRIPT, "players.js"),
        file!("/replay.js", SCRIPT, "replay.js"),
        file!("/table.js", SCRIPT, "table.js"),
        file!("/theme.js", SCRIPT, "theme.js"),
    ];
    FILES
        .into_iter()
        .map(|(path, content_type, bytes)| Asset::new(path, content_type, Bytes::from_static(bytes)))
}
