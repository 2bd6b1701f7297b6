//! Forms as offices write them: what each fault says and in which line.

use xibu_core::form::{FieldKind, Form, Forms};

use super::with;
use crate::settings::FORM;

#[test]
fn the_file_that_comes_with_the_software_is_the_form_that_comes_with_it() {
    let form: Form = toml::from_str(FORM).unwrap();
    assert_eq!(form, Form::built_in());
}

/// The file with `find` made `put` once, and a later month so that it stands beside the built-in.
fn changed(find: &str, put: &str) -> String {
    assert!(FORM.contains(find), "the file does not hold {find}");
    FORM.replacen(find, put, 1)
}

#[track_caller]
fn check(text: &str, expected: &[&str]) {
    let found = match with(Forms::built_in(), text) {
        Ok(_) => Vec::new(),
        Err(faults) => faults
            .into_iter()
            .map(|fault| {
                let line = fault.line.and_then(|line| text.lines().nth(line - 1)).unwrap_or("");
                format!("{line} > {}", fault.text)
            })
            .collect(),
    };
    assert_eq!(found, expected);
}

#[test]
fn every_fault_is_told_with_its_line() {
    check(FORM, &[]);
    check(
        &changed("kind = \"count\"", "kind = \"number\""),
        &["kind = \"number\" > unknown variant `number`, expected one of `count`, `cases`, \
           `yes_no`, `text`, `day`, `choice`, `lines`"],
    );
    check(
        &changed("label = \"在岗人数\"", "lable = \"在岗人数\""),
        &["lable = \"在岗人数\" > unknown field `lable`, expected one of `key`, `section`, \
           `label`, `synonyms`, `kind`, `measure`, `options`, `column`, `filled_by`, `need`, \
           `carries_over`, `help`"],
    );
    check(
        &changed("key = \"arrivals\"", "key = \"到岗\""),
        &[
            "[[field]] > `key` is `到岗`; write it in snake case, such as `heat_days`",
            "[[check]] > `arrivals` is no field that can be counted, nor one of \
             [\"roster.headcount\", \"roster.arrivals\", \"roster.departures\"]",
        ],
    );
    check(
        &changed("must = \"health <= headcount\"", "must = \"health of headcount\""),
        &["[[check]] > `health of headcount` has no =, !=, <, <=, > or >="],
    );
    check(
        &changed("label = \"本月离岗人数\"", "label = \"在岗人数\""),
        &["[[field]] > `在岗人数` stands twice; a word has one meaning"],
    );
    check("version = 2", &["version = 2 > missing field `from`"]);
}

#[test]
fn a_field_is_added_by_the_file_alone() {
    let text = changed(
        "[[field]]\nkey = \"remark\"",
        "[[field]]\nkey = \"heat_days\"\nlabel = \"高温停工天数\"\nkind = \"count\"\nneed = \"must\"\n\n\
         [[field]]\nkey = \"remark\"",
    );
    let text = text.replacen("from = \"2009-05\"", "from = \"2026-06\"", 1);
    let forms = with(Forms::built_in(), &text).unwrap();
    let of = |month: &str| forms.of(&[], month.parse().unwrap());
    assert_eq!(of("2026-06").field("heat_days").map(|field| field.kind), Some(FieldKind::Count));
    assert_eq!(of("2026-05"), &Form::built_in());
}
