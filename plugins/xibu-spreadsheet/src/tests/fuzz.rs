//! Mutated workbooks through the plugin's own table: it reads or says why not, and never dies.
//!
//! Here and not with the other targets, because a plugin is never linked; what the daemon's worker
//! adds (a memory limit, a deadline) is not needed for it to hold.

use std::cell::RefCell;
use std::path::Path;

use super::*;

#[path = "../../../../tests/fuzz/driver.rs"]
mod driver;

#[test]
fn whatever_is_in_the_file() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fuzz/corpus");
    let harness = RefCell::new(harness());
    let rounds = driver::drive("workbook", &corpus, |bytes| {
        for file_name in ["a.xlsx", "a.csv"] {
            let request = Request::ReadWorkbook { file_name: file_name.to_owned() };
            let answer = harness.borrow_mut().call(request, &[bytes]);
            // The table catches a panic and says so.
            assert_eq!(answer.status, Status::Done, "{file_name}");
            let mut open = false;
            for (item, blobs) in &answer.items {
                match item {
                    Item::SheetBegins { .. } => open = true,
                    Item::SheetEnds { .. } => open = false,
                    Item::Cells => {
                        assert!(open && unpack(&blobs[0]).all(|cell| cell.is_ok()));
                    }
                    Item::Unreadable { .. } => {}
                    other => panic!("{other:?} from a file"),
                }
            }
        }
    });
    assert!(rounds > 0);
}
