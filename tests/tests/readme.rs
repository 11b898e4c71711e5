//! What the README shows is what is compiled.

#[test]
fn the_readme_shows_the_smallest_game_as_it_is() {
    let (readme, game) = (include_str!("../../README.md"), include_str!("../../demos/squares/src/main.rs"));
    assert!(readme.contains(game), "demos/squares/src/main.rs has changed: copy it into the README");
}
