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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_page_is_served() {
        let served: Vec<_> = assets().map(|asset| asset.path().to_owned()).collect();
        let folder = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/page")).expect("the folder");
        for file in folder {
            let name = file.expect("a file").file_name().into_string().expect("an ASCII name");
            let path = format!("/{}", if name == "index.html" { "" } else { &name });
            assert!(served.contains(&path), "{path} is not among {served:?}");
        }
    }

    #[test]
    fn nothing_stands_in_the_page_that_its_policy_forbids() {
        let html = include_str!("../../page/index.html");
        assert_eq!(html.matches("<script").count(), 1, "one script, by its address");
        for forbidden in ["<style", " style=", " onclick=", "http://", "https://"] {
            let quoted = ["http://host:port", "http://www.w3.org/2000/svg"];
            let found = html
                .match_indices(forbidden)
                .find(|(at, _)| !quoted.iter().any(|allowed| html[*at..].starts_with(allowed)));
            assert_eq!(found, None, "{forbidden}");
        }
    }
}
