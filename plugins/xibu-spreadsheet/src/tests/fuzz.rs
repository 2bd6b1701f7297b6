//! Mutated workbooks through the plugin's own table: it reads or says why not, and never dies.
//!
//! Here and not with the other targets, because a plugin is never linked; what the daemon's worker
//! adds (a memory limit, a deadline) is not needed for it to hold.

use std::cell::RefCell;
use std::path::Path;

use xibu_plugin_sdk::message::{Mark, Masked};

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
            let mark = Mark {
                sheet: "表1".to_owned(),
                row: 2,
                column: 1,
                note: "改".to_owned(),
                wrong: true,
                mask: true,
            };
            let masks = vec![Masked { sheet: "花名册".to_owned(), area: [0, 0, 99, 1] }];
            let request = Request::MarkWorkbook {
                file_name: file_name.to_owned(),
                marks: vec![mark],
                masks,
                summary: Some(SheetOut { name: "核对结果".to_owned(), ..SheetOut::default() }),
            };
            let marked = harness.borrow_mut().call(request, &[bytes]);
            assert_eq!(marked.status, Status::Done, "{file_name}");
            let given = matches!(marked.items[0].0, Item::Written | Item::Unreadable { .. });
            assert!(given && marked.items.len() == 1);
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
