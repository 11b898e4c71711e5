//! All that a server of scores is started with.

use crate::board::boards;
use netcord_scores::http::Asset;
use netcord_scores::server::GameBoards;

/// The boards of Tetris. `viewer` is the WebAssembly of `tetris-viewer`: with it, replays can be watched in the page.
pub fn game(viewer: Option<Vec<u8>>) -> GameBoards {
    let boards = boards();
    let ids = boards.iter().map(|(board, _)| board.id.clone());
    let viewers = ids.filter(|_| viewer.is_some()).map(|board| (board, VIEWER.to_owned())).collect();
    let assets = viewer.map(|viewer| {
        let script = include_str!("../../viewer/page/tetris.js");
        [
            Asset::new(VIEWER, "text/javascript; charset=utf-8", script),
            // The script asks for it beside itself.
            Asset::new("/viewers/tetris/tetris.wasm", "application/wasm", viewer),
        ]
    });
    GameBoards { name: "Tetris".into(), boards, viewers, assets: assets.into_iter().flatten().collect() }
}

/// Where the page finds the viewer.
const VIEWER: &str = "/viewers/tetris/tetris.js";
