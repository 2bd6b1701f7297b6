//! Messages with files, as read, through the doors and a real store: one message a line with what
//! it became and who is answered.

use xibu_core::appointment::Appointment;
use xibu_core::cell::{Cell, CellValue, Sheet};
use xibu_core::notice::NotSent;
use xibu_core::returns::Answer as Told;
use xibu_core::validity::Validity;
use xibu_plugin_abi::message::Unreadable;

use super::*;
use crate::arrival::files::NIL_REFUSED;
use crate::doors::files::FilesRead;
use crate::intake::{self, FileOutcome, FileRead, ReadSheet, Reading};

/// A valid number on a region code never issued.
const ID: &str = "999999200001010011";

/// A file as the workbook plugin reads it.
#[derive(Clone)]
struct File {
    name: String,
    sheets: Vec<(Vec<Vec<String>>, bool)>,
    unreadable: Option<Unreadable>,
}

/// A form of an office for June, with its accident section.
fn form(office: &str, accidents: &str) -> File {
    form_of(office, "2026年6月", accidents)
}

fn form_of(office: &str, month: &str, accidents: &str) -> File {
    sheet(&[
        &["单位编号", office],
        &["报告月份", month],
        &["安全、健康事故", accidents],
        &["患病、健康情况", "无"],
        &["填报人", "甲一"],
    ])
}

fn sheet(rows: &[&[&str]]) -> File {
    let rows = rows.iter().map(|row| row.iter().map(|cell| (*cell).to_owned()).collect());
    File { name: "报告单.xlsx".into(), sheets: vec![(rows.collect(), false)], unreadable: None }
}

fn unreadable(name: &str, why: Unreadable) -> File {
    File { name: name.into(), sheets: Vec::new(), unreadable: Some(why) }
}

impl File {
    fn named(mut self, name: &str) -> Self {
        self.name = name.into();
        self
    }

    fn with_hidden(mut self, text: &str) -> Self {
        self.sheets.push((vec![vec![text.to_owned()]], true));
        self
    }

    /// Its bytes; the same for the same file.
    fn bytes(&self) -> Vec<u8> {
        format!("{}{:?}{:?}", self.name, self.sheets, self.unreadable).into_bytes()
    }

    fn read(&self, arrival: &crate::store::Arrival) -> FileRead {
        let sheets = self.sheets.iter().enumerate().map(|(index, (rows, hidden))| {
            let name = format!("Sheet{}", index + 1);
            let cells = (0..).zip(rows).flat_map(|(row, cells)| {
                (0..).zip(cells).map(move |(column, text)| Cell {
                    row,
                    column,
                    value: CellValue::Text(text.clone()),
                })
            });
            let sheet = Sheet { name, cells: cells.collect(), merges: Vec::new() };
            ReadSheet { sheet, hidden: *hidden }
        });
        FileRead {
            arrival: intake::Arrival {
                file_name: self.name.clone(),
                bytes: self.bytes(),
                received_at: arrival.at,
                by: arrival.plugin.clone(),
            },
            reading: match self.unreadable {
                Some(why) => Reading::Unreadable { why, detail: String::new() },
                None => Reading::Sheets(sheets.collect()),
            },
        }
    }
}

impl Front {
    /// Lets a message come with files, has them read, and judges it; its number.
    async fn sent(&mut self, from: &str, text: &str, files: &[File]) -> u64 {
        let mut arrived = self.message(from, text);
        let mut blobs = Vec::new();
        for file in files {
            let blob = u32::try_from(blobs.len()).unwrap();
            let (file_name, media_type) = (file.name.clone(), "x/y".to_owned());
            arrived.attachments.push(Attachment { file_name, media_type, blob });
            blobs.push(file.bytes());
        }
        let mut brought = Brought::by("sms");
        brought.arrivals.push((arrived, blobs));
        let id = self.doors.keep(&brought).await.unwrap().arrivals[0];
        self.read(id, files).await;
        id
    }

    async fn read(&mut self, id: u64, files: &[File]) {
        let filter = ArrivalFilter { id: Some(id), ..ArrivalFilter::default() };
        let arrival = self.city.store.arrivals(&filter).await.unwrap().remove(0);
        let files = files.iter().map(|file| file.read(&arrival)).collect();
        self.doors.keep_files(&FilesRead { arrival: id, files }).await.unwrap();
    }

    async fn check_files(&mut self, from: &str, text: &str, files: &[File], expected: &str) {
        let id = self.sent(from, text, files).await;
        assert_eq!(self.shown(id).await, expected, "{from}: {text}");
    }

    async fn accidents_of(&self, key: &str) -> Option<bool> {
        let world = self.world().await;
        let content = world.return_of(&key.parse().unwrap())?.content()?.accidents.clone();
        Some(matches!(content, Told::Told(_)))
    }
}

#[tokio::test]
async fn a_return_counts_from_the_office_from_above_and_with_the_code() {
    let mut front = Front::at("2026-06-15T10:00:00").await;
    let taken = "files -> P32 files";
    front.check_files(CONTACT, "见附件", &[form("O3", "无")], taken).await;
    assert_eq!(front.accidents_of(UNIT).await, Some(false));
    // From the county, for a unit below; a second version of the same return.
    let above = form("O3", "无").named("汇总.xlsx");
    front.check_files("15400000022", "", &[above], "files -> P22 files").await;
    let world = front.world().await;
    assert_eq!(world.return_of(&UNIT.parse().unwrap()).unwrap().versions.len(), 2);
    // From nobody we know, with the code: in the words, in a hidden cell, in the file's name. The
    // office's contact hears of it.
    let code = front.code(UNIT);
    let of_stranger = |name: &str| form("O3", "无").named(name);
    front.check_files("15400000099", "编号 {unit}", &[of_stranger("a")], taken).await;
    let hidden = of_stranger("b").with_hidden(&format!("码{code}"));
    front.check_files("15400000099", "", &[hidden], taken).await;
    let named = of_stranger(&format!("O3-2026-06-码{code}-月报告单.xlsx"));
    front.check_files("15400000098", "", &[named], taken).await;
    let world = front.world().await;
    assert_eq!(world.return_of(&UNIT.parse().unwrap()).unwrap().versions.len(), 5);
    assert!(
        world
            .return_of(&UNIT.parse().unwrap())
            .unwrap()
            .versions
            .iter()
            .all(|version| { version.document.is_some_and(|document| document > 0) })
    );
}

#[tokio::test]
async fn each_reason_to_wait_has_its_own_name() {
    let mut front = Front::at("2026-06-15T10:00:00").await;
    // P42, the contact of O4, left; P12 and P21 share a number.
    let left = Appointment {
        person: PersonId(42),
        office: OfficeId(4),
        role: Role::Contact,
        validity: Validity::since("2026-01-01".parse().unwrap()),
    };
    let held = front.world().await.appointments_at(OfficeId(4)).to_vec();
    let left = held.iter().find(|held| held.person == left.person).copied().unwrap_or(left);
    let values = [(42, "15400000042"), (21, "15400000012")].map(|(person, value)| PersonValue {
        person: PersonId(person),
        kind: ValueKind::Phone,
        value: value.to_owned(),
    });
    let batch = Batch {
        by: "clerk".into(),
        changes: vec![Change::Relieved { appointment: left, on: "2026-06-10".parse().unwrap() }],
        values: values.to_vec(),
        ..Batch::default()
    };
    front.city.store.record(&batch, front.clock.now()).await.unwrap();
    let (unit, county) = (front.code(UNIT), front.code(COUNTY));
    let wrong = ["5555", "6666", "7777"].into_iter().find(|one| *one != unit && *one != county);
    let wrong = format!("编号 {}", wrong.unwrap());
    let may = form_of("O3", "2026年5月", "无");
    let picture = unreadable("IMG_1.jpg", Unreadable::Picture);
    let roster = sheet(&[&["姓名", "身份证号", "服务单位"], &["甲二", ID, "第3办"]]);
    let nothing = sheet(&[&["关于召开会议的通知"]]);
    let stranger = "15400000099";
    for (from, text, file, expected) in [
        (stranger, "", form("O3", "无"), "nothing held:unknown_sender"),
        (stranger, wrong.as_str(), form("O3", "无"), "nothing held:wrong_code"),
        (stranger, "编号 {unit}", may.clone(), "nothing held:of_another_month"),
        (stranger, "编号 {unit}", form("O4", "无"), "nothing held:wrong_code"),
        ("15400000012", "", form("O3", "无"), "nothing held:sender_is_several -> P12 files"),
        ("15400000042", "", form("O4", "无"), "nothing held:sender_left_the_post -> P42 files"),
        ("15400000101", "", form("O3", "无"), "nothing held:code_is_missing -> P101 files"),
        (CONTACT, "", form("O4", "无"), "nothing held:of_another_office -> P32 files"),
        (CONTACT, "编号 {unit}", may, "nothing held:of_another_month -> P32 files"),
        (CONTACT, "", picture, "nothing held:file_cannot_be_read -> P32 files"),
        // The fourth of a day is not answered any more.
        (CONTACT, "", roster, "nothing held:files_change_people answered_enough_today"),
        ("15400000031", "", nothing, "nothing held:file_not_understood -> P31 files"),
    ] {
        front.check_files(from, text, &[file], expected).await;
    }
    assert!(front.world().await.returns().next().is_none(), "nothing of it is believed");
}

#[tokio::test]
async fn what_waits_stops_the_ladder_of_its_office_alone() {
    let mut front = Front::at("2026-06-15T10:00:00").await;
    front.clock.set("2026-06-22T10:00:00".parse().unwrap());
    let picture = unreadable("IMG_1.jpg", Unreadable::Picture);
    let id = front.sent(CONTACT, "", &[picture]).await;
    let report = front.city.tick("2026-06-24T10:00:00").await;
    let about =
        |key: &str| report.withheld.iter().find(|one| one.key.obligation.to_string() == key);
    assert_eq!(about(UNIT).map(|one| one.reason), Some(NotSent::ReturnWaitsToBeRead));
    let told = |key: &str| report.notices.iter().any(|one| one.key.obligation.to_string() == key);
    assert!(!told(UNIT));
    assert!(told("unit_monthly_return/O4/2026-06"), "{:?}", report.notices);
    // Decided, it is chased again.
    let taken = taken(TakenAs::Dropped);
    let verdict = crate::store::Verdict { arrival: id, by: "clerk".into(), after: None, taken };
    assert!(front.city.store.decide(&verdict, front.clock.now()).await.unwrap());
    let report = front.city.tick("2026-06-24T10:30:00").await;
    let told = report.notices.iter().any(|one| one.key.obligation.to_string() == UNIT);
    assert!(told, "{:?}", report.withheld);
}

#[tokio::test]
async fn words_and_files_are_one_statement() {
    let mut front = Front::at("2026-06-15T10:00:00").await;
    // Nil in words, an accident in the file: the file counts.
    let accident = form("O3", "1起：6月12日下村途中摔伤1人，已送医");
    let told = format!("files {} -> P32 files", NIL_REFUSED);
    front.check_files(CONTACT, "安全无事 {unit}", &[accident], &told).await;
    assert_eq!(front.accidents_of(UNIT).await, Some(true));
    // An accident in words, nil in the file: told at once, and the file waits.
    let mut front = Front::at("2026-06-15T23:00:00").await;
    let id = front.sent(CONTACT, "发生车祸，1人受伤", &[form("O3", "无")]).await;
    let told = "incident held:an_accident_was_told I1 \
                -> P12 alarm -> P21 alarm -> P31 alarm -> P32 files -> P32 incident";
    assert_eq!(front.shown(id).await, told);
    assert_eq!(front.accidents_of(UNIT).await, None);
    // Nil in words and a photo that nobody can read: neither counts.
    let mut front = Front::at("2026-06-15T10:00:00").await;
    let photo = unreadable("O3-2026-06-报告单.jpg", Unreadable::Picture);
    let waits = "files held:file_cannot_be_read -> P32 files";
    front.check_files(CONTACT, "安全无事 {unit}", &[photo], waits).await;
    let world = front.world().await;
    let known = world.return_of(&UNIT.parse().unwrap()).unwrap();
    assert!(known.versions.iter().all(|version| version.content.is_none()));
    // Nil in words, and the file is about another office below: both count.
    let mut front = Front::at("2026-06-15T10:00:00").await;
    let both = format!("files {COUNTY} -> P22 files");
    front.check_files("15400000022", "安全无事 {county}", &[form("O3", "无")], &both).await;
    assert_eq!(front.accidents_of(COUNTY).await, Some(false));
    assert_eq!(front.accidents_of(UNIT).await, Some(false));
    // A worry in words is for a person, whatever the file says.
    let mut front = Front::at("2026-06-15T10:00:00").await;
    let worry = "files held:maybe_an_accident -> P32 files";
    front.check_files(CONTACT, "有一名志愿者联系不上", &[form("O3", "无")], worry).await;
}

#[tokio::test]
async fn the_same_bytes_are_said_to_have_come_and_a_scan_beside_a_return_needs_nobody() {
    let mut front = Front::at("2026-06-15T10:00:00").await;
    let scan = unreadable("盖章.pdf", Unreadable::Pdf);
    let files = [form("O3", "无"), scan];
    front.check_files(CONTACT, "", &files, "files -> P32 files").await;
    let before = front.city.store.last_sequence().await.unwrap();
    let id = front.sent(CONTACT, "再发一次", &files).await;
    assert_eq!(front.shown(id).await, "files -> P32 files");
    assert_eq!(front.city.store.last_sequence().await.unwrap(), before);
    let kept = front.city.store.arrival_files(id).await.unwrap();
    assert!(kept.iter().all(|file| file.outcome == FileOutcome::KnownBefore), "{kept:?}");
    assert_eq!(kept.len(), 2);
}

#[tokio::test]
async fn refused_rows_are_kept_with_their_place_and_nothing_of_others_is_told() {
    let mut front = Front::at("2026-06-15T10:00:00").await;
    let table = sheet(&[
        &["单位编号", "单位名称", "报告月份", "安全健康事故", "患病情况"],
        &["O3", "", "2026年6月", "无", "无"],
        &["O4", "", "2026年6月", "无", "无"],
        &["O4", "不是这个名字", "2026年6月", "无", "无"],
        &["O99", "", "2026年6月", "无", "无"],
        &["", "第4办", "2026年6月", "无", "无"],
        &["O3", "", "2026年13月", "无", "无"],
    ]);
    let id = front.sent(CONTACT, "", &[table]).await;
    assert_eq!(front.shown(id).await, "files -> P32 files");
    let kept = front.city.store.arrival_files(id).await.unwrap().remove(0);
    assert_eq!(kept.returns, [UNIT.parse().unwrap()]);
    let refused: Vec<(u32, &str)> = kept
        .refusals
        .iter()
        .filter(|kept| !kept.refusal.only_warning)
        .map(|kept| (kept.refusal.place.row, kept.refusal.reason.as_str()))
        .collect();
    let of_others = "not_of_the_senders_office";
    assert_eq!(
        refused,
        [(3, of_others), (4, of_others), (5, of_others), (6, of_others), (7, "month_not_readable"),]
    );
}

#[tokio::test]
async fn a_crash_between_two_files_is_gone_on_from() {
    let mut front = Front::at("2026-06-15T10:00:00").await;
    let files = [form("O3", "无"), form("O3", "无").named("二.xlsx")];
    let mut arrived = front.message(CONTACT, "");
    let (mut blobs, media_type) = (Vec::new(), "x/y".to_owned());
    for (blob, file) in (0..).zip(&files) {
        let file_name = file.name.clone();
        arrived.attachments.push(Attachment { file_name, media_type: media_type.clone(), blob });
        blobs.push(file.bytes());
    }
    let mut brought = Brought::by("sms");
    brought.arrivals.push((arrived, blobs));
    let id = front.doors.keep(&brought).await.unwrap().arrivals[0];
    // The first file was taken in when the power failed.
    let filter = ArrivalFilter { id: Some(id), ..ArrivalFilter::default() };
    let arrival = front.city.store.arrivals(&filter).await.unwrap().remove(0);
    assert_eq!(arrival.held, Some(HeldFor::FilesCameWithIt));
    let first = [files[0].read(&arrival)];
    let mut record = Record::load(&front.city.store).await.unwrap();
    let scope = intake::Scope::of_office(OfficeId(3));
    let (of, now) = ((id, first.as_slice()), front.clock.now());
    crate::doors::files::take_in(
        &front.city.store,
        &mut record,
        &front.city.rulebook,
        of,
        &scope,
        now,
    )
    .await
    .unwrap();
    // Gone on from; and once more, which changes nothing.
    for _ in 0..2 {
        front.read(id, &files).await;
        assert_eq!(front.shown(id).await, "files -> P32 files");
        let world = front.world().await;
        assert_eq!(world.return_of(&UNIT.parse().unwrap()).unwrap().versions.len(), 2);
    }
    let kept = front.city.store.arrival_files(id).await.unwrap();
    assert!(kept.iter().all(|file| file.outcome == FileOutcome::Taken), "{kept:?}");
}
