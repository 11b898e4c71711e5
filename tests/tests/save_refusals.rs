//! Saves on a disk that refuses one operation.

use netcord_tests::save::errors::{ERRORS, refuse};

#[test]
fn whatever_a_disk_refuses_the_old_save_is_intact_and_the_next_one_works() {
    for error in ERRORS {
        let refused = refuse(error).expect("no save is lost");
        assert_eq!(
            refused, 5,
            "create, write, flush, rename, flush the folder: each is refused once by {error}"
        );
    }
}
