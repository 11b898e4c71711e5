//! What doesn't compile says why, in words of ours: the compiler's own change from release to release.

#[test]
fn mistakes_are_explained_where_they_stand() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
