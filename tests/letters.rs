//! Letters with files, from end to end: the form that the daemon sent out, filled in by an office
//! with a spreadsheet program, comes back through a plugin and is answered at once.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::harness::build::{built, python, root};
use crate::harness::office::Office;
use crate::harness::sample::City;

const CITY: City = City { counties: 2, units: 2 };
const CONTACT: &str = "contact-c1u1@unit.test";

/// An office whose mail is a folder.
struct Letters {
    office: Office,
    read: usize,
    sent: usize,
}

impl Letters {
    /// Past the first start, on the day on which returns are asked for.
    fn begin() -> Self {
        let office = Office::init_with(&built().daemon_with_failpoints);
        for folder in ["box/in", "box/out"] {
            std::fs::create_dir_all(office.path().join(folder)).unwrap();
        }
        let program = office.path().join("plugins/postbox.py");
        std::fs::copy(root().join("tests/letters/postbox.py"), program).unwrap();
        let folder = office.path().join("box").display().to_string();
        office.change(|whole| {
            let mut plugin = toml::Table::new();
            plugin.insert("program".into(), "plugins/postbox.py".into());
            let settings = toml::Table::from_iter([("folder".to_owned(), folder.into())]);
            plugin.insert("settings".into(), settings.into());
            let plugins = whole["plugin"].as_table_mut().unwrap();
            plugins.insert("postbox".into(), plugin.into());
            let channel = toml::Table::from_iter([("mail".to_owned(), "postbox".into())]);
            whole.insert("channel".into(), channel.into());
        });
        office.run(&["plugin", "approve", "postbox"]).done();
        office.approve_workbooks();
        office.write("directory.csv", CITY.directory());
        office.write("roster.csv", CITY.roster());
        office.run(&["import", "directory.csv", "roster.csv"]).done();
        let mut letters = Self { office, read: 0, sent: 0 };
        letters.round("2026-06-01T09:00:00");
        letters.office.run(&["release"]).done();
        letters.round("2026-06-15T10:00:00");
        letters
    }

    fn round(&mut self, at: &str) {
        self.office.set_clock(at);
        self.office.run(&["run"]).done();
    }

    /// What was delivered since the last look.
    fn delivered(&mut self) -> Vec<Value> {
        let path = |number: usize| self.office.path().join(format!("box/out/{number}.json"));
        let from = self.read;
        let texts = (from..).map_while(|number| std::fs::read_to_string(path(number)).ok());
        let found: Vec<Value> = texts.map(|text| serde_json::from_str(&text).unwrap()).collect();
        self.read += found.len();
        found
    }

    fn file_of(&self, letter: &Value, place: usize) -> PathBuf {
        self.office.path().join("box/out").join(letter["files"][place].as_str().unwrap())
    }

    /// The form that was sent to the contact, filled in, under a name in the mailbox.
    fn fill(&self, form: &PathBuf, name: &str, values: &[&str]) -> String {
        let out = self.office.path().join("box/in").join(name);
        let mut fill = python();
        fill.arg(root().join("tests/letters/fill.py")).arg(form).arg(&out).args(values);
        let said = fill.output().unwrap();
        assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
        name.to_owned()
    }

    /// A letter with files arrives, and a round goes by; what is answered to the contact.
    fn comes(&mut self, at: &str, from: &str, text: &str, files: &[String]) -> Vec<Value> {
        self.sent += 1;
        let letter = json!({"from": from, "subject": "回复", "text": text, "files": files});
        let name = format!("box/in/m{}.json", self.sent);
        self.office.write(&name, letter.to_string());
        self.round(at);
        self.delivered()
    }

    fn held(&self) -> Vec<String> {
        let listed = self.office.run(&["arrivals", "list", "--json"]);
        let lines = listed.out.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        lines.map(|line| line["held"].as_str().unwrap_or_default().to_owned()).collect()
    }

    fn standing(&self, key: &str) -> Value {
        let status = self.office.run(&["status", "--json"]);
        let lines = status.out.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let mut found =
            lines.filter(|line| line["key"] == key).map(|line| line["standing"].clone());
        found.next_back().unwrap_or_default()
    }
}

#[test]
fn a_form_comes_back_is_taken_and_answered_at_once() {
    let mut letters = Letters::begin();
    let asked = letters.delivered();
    let to_contact = |letter: &&Value| letter["address"] == CONTACT;
    let request = asked.iter().find(to_contact).unwrap_or_else(|| panic!("{asked:?}"));
    let form = letters.file_of(request, 0);
    // Not filled in: refused with place and remedy, in words and in the workbook itself.
    let blank = letters.fill(&form, "a.xlsx", &[]);
    let answers = letters.comes("2026-06-16T10:00:00", CONTACT, "见附件", &[blank]);
    let [answer] = answers.as_slice() else { panic!("{answers:?}") };
    assert_eq!(answer["address"], CONTACT);
    assert!(answer["subject"].as_str().unwrap().contains("附件没有登记，请改正后重报"), "{answer}");
    let text = answer["text"].as_str().unwrap();
    assert!(text.contains("附件1：没有登记。") && text.contains("请"), "{text}");
    let marked = letters.file_of(answer, 0);
    // The marked workbook, filled in, comes back and is the return.
    let values = ["安全、健康事故=无", "患病、健康情况=无", "填报人=甲一"];
    let filled = letters.fill(&marked, "b.xlsx", &values);
    let answers = letters.comes("2026-06-17T10:00:00", CONTACT, "", std::slice::from_ref(&filled));
    let [answer] = answers.as_slice() else { panic!("{answers:?}") };
    let subject = answer["subject"].as_str().unwrap();
    assert!(subject.contains("已登记2026年6月月报告单"), "{answer}");
    let key = "unit_monthly_return/O4/2026-06";
    assert_eq!(letters.standing(key), json!({"in": "on_time"}));
    // The same file again: said so, and nothing changes.
    let answers = letters.comes("2026-06-18T10:00:00", CONTACT, "", &[filled]);
    let [answer] = answers.as_slice() else { panic!("{answers:?}") };
    let text = answer["text"].as_str().unwrap();
    assert!(text.contains("附件1：已收到过，没有重复登记。"), "{text}");
    assert_eq!(letters.held(), Vec::<String>::new());
}

#[test]
fn what_waits_is_shown_stops_the_reminder_and_is_taken_by_a_clerk() {
    let mut letters = Letters::begin();
    letters.delivered();
    letters.office.write("box/in/scan.jpg", b"\xff\xd8\xff\xe0 a photo of a form");
    let contact = "contact-c1u2@unit.test";
    let answers = letters.comes("2026-06-16T10:00:00", contact, "", &["scan.jpg".into()]);
    let [answer] = answers.as_slice() else { panic!("{answers:?}") };
    let text = answer["text"].as_str().unwrap();
    assert!(text.contains("不能读取") && text.contains("等工作人员查看"), "{text}");
    assert_eq!(letters.held(), ["file_cannot_be_read"]);
    assert_eq!(letters.standing("unit_monthly_return/O5/2026-06"), json!({"unread": "on_time"}));
    // A stranger's return is believed by nobody and never lost; a clerk takes it in.
    letters.office.write(
        "box/in/stranger.csv",
        "单位编号,报告月份,安全健康事故,患病情况,填报人\nO6,2026年6月,无,无,乙二\n",
    );
    let from = "somebody@else.test";
    let answers = letters.comes("2026-06-16T11:00:00", from, "", &["stranger.csv".into()]);
    assert_eq!(answers, Vec::<Value>::new(), "a stranger is not answered");
    assert_eq!(letters.held(), ["unknown_sender", "file_cannot_be_read"]);
    // Nobody whose letter waits is reminded; the other two units are.
    letters.round("2026-06-22T10:00:00");
    letters.round("2026-06-24T10:00:00");
    let reminded = letters.delivered();
    let to = |address: &str| reminded.iter().any(|letter| letter["address"] == address);
    assert!(to(CONTACT) && to("contact-c2u2@unit.test"), "{reminded:?}");
    assert!(!to(contact) && !to("contact-c2u1@unit.test"), "{reminded:?}");
    // What it leaves out is worth a look.
    let taken = letters.office.run(&["arrivals", "take", "A2", "--as", "files"]).exit(1).out;
    assert!(taken.contains("unit_monthly_return/O6/2026-06"), "{taken}");
    let shown = letters.office.run(&["arrivals", "show", "A2"]).done();
    assert!(shown.contains("[1] taken"), "{shown}");
    letters.office.run(&["arrivals", "drop", "A1"]).done();
    assert_eq!(letters.held(), Vec::<String>::new());
    assert_eq!(letters.standing("unit_monthly_return/O6/2026-06"), json!({"in": "on_time"}));
    assert_eq!(letters.standing("unit_monthly_return/O5/2026-06"), "owed");
}
