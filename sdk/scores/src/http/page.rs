//! The page that shows the boards: which files it is made of. They stand in `page/`, and are part of the program.

use super::Asset;
use bytes::Bytes;

/// The files of the page.
pub(super) fn assets() -> impl Iterator<Item = Asset> {
    const FILES: [(&str, &str, &[u8]); 2] = [
        ("/", "text/html; charset=utf-8", include_bytes!("../../page/index.html")),
        ("/page.js", "text/javascript; charset=utf-8", include_bytes!("../../page/page.js")),
    ];
    FILES
        .into_iter()
        .map(|(path, content_type, bytes)| Asset::new(path, content_type, Bytes::from_static(bytes)))
}
