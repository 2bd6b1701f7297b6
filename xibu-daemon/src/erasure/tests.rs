//! A person with unmistakable values among others: afterwards no byte holds them, and every figure
//! stays.

use std::path::Path;

use xibu_core::appointment::Appointment;
use xibu_core::explain::{Explanation, explain_obligation};
use xibu_core::obligation::ObligationKey;
use xibu_core::returns::{Content, ReturnVersion};
use xibu_core::rule::Rule;
use xibu_core::service::Service;
use xibu_core::validity::Validity;

use super::*;
use crate::outbox::State;
use crate::store::erasure::Erased;
use crate::store::{
    Batch, DocumentKind, EnvelopeFilter, NewDocument, NewNote, NewRefusal, PersonValue,
    SqliteStore, Store, StoreError, ValueKind,
};
use crate::tick::tests::{City, at};

const NAME: &str = "欧阳独特";
const PHONE: &str = "15400009876";
const MAIL: &str = "ouyang.dute@office.test";
const ID: &str = "99999920000101123X";
/// The volunteer whose service is over.
const WHO: PersonId = PersonId(201);
const OTHER: PersonId = PersonId(202);

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

#[track_caller]
fn check_refused(world: &World, person: u32, today: &str, expected: Option<&str>) {
    let found = refused(world, PersonId(person), date(today));
    assert_eq!(found.map(Refused::name), expected, "P{person} on {today}");
}

#[tokio::test]
async fn who_may_be_erased() {
    let mut city = City::new().await;
    plant(&mut city).await;
    let world = city.record.world();
    check_refused(world, 32, "2026-06-10", Some("in_post"));
    check_refused(world, 101, "2026-06-10", Some("still_serves"));
    check_refused(world, WHO.0, "2026-05-31", Some("still_serves"));
    check_refused(world, WHO.0, "2026-06-01", None);
    check_refused(world, 999, "2026-06-10", None);
    let ends = ends_of_service(world, PersonId(101), date("2026-06-10"));
    let on = date("2026-06-10");
    let unit = OfficeId(3);
    assert_eq!(ends, [Change::ServiceEnded { person: PersonId(101), unit, on }]);
    let nobody = order(world, city.record.last_sequence(), PersonId(999), on, "clerk");
    let error = city.store.erase(&nobody, at("2026-06-10T09:00:00")).await.unwrap_err();
    assert!(matches!(error, StoreError::NoSuchPerson(_)), "{error}");
}

fn value(person: PersonId, kind: ValueKind, value: &str) -> PersonValue {
    PersonValue { person, kind, value: value.to_owned() }
}

fn original(name: &str, bytes: Vec<u8>, persons: Vec<PersonId>) -> NewDocument {
    NewDocument {
        kind: DocumentKind::Original,
        name: name.to_owned(),
        media_type: "text/csv".to_owned(),
        bytes,
        received_at: at("2026-06-02T09:00:00").civil,
        retain_until: None,
        persons,
    }
}

/// A roster with others in it, in GB18030, a refused line with a slip, and a return with words.
async fn plant(city: &mut City) {
    let served = |person, until: &str| {
        let validity = Validity { from: date("2025-08-01"), until: Some(date(until)) };
        Change::ServiceBegan(Service { person, unit: OfficeId(3), home: None, validity })
    };
    let roster = format!("{NAME},{ID},{PHONE},{MAIL}\n甲某,99999919990101001X,,jia@office.test\n");
    let (bytes, _, _) = encoding_rs::GB18030.encode(&roster);
    let document = original(&format!("{NAME}.csv"), bytes.into_owned(), vec![WHO, OTHER]);
    let refusal = NewRefusal {
        place: xibu_core::cell::Place { sheet: NAME.to_owned(), row: 7, column: None },
        heading: Some(format!("{MAIL}的邮箱")),
        reason: "cell_unreadable".to_owned(),
        message: format!("第7行：{PHONE}"),
        only_warning: false,
    };
    let roster = Batch {
        by: "clerk".to_owned(),
        document: Some(document),
        values: vec![
            value(WHO, ValueKind::Name, NAME),
            value(WHO, ValueKind::Phone, PHONE),
            value(WHO, ValueKind::Mail, MAIL),
            value(WHO, ValueKind::IdNumber, ID),
            value(OTHER, ValueKind::Name, "甲某"),
            value(OTHER, ValueKind::Mail, "jia@office.test"),
        ],
        changes: vec![served(WHO, "2026-06-01"), served(OTHER, "2028-07-01")],
        refusals: vec![refusal],
        ..Batch::default()
    };
    city.store.record(&roster, at("2026-06-02T09:00:00")).await.unwrap();
    let obligation: ObligationKey = "unit_monthly_return/O3/2026-06".parse().unwrap();
    let version = ReturnVersion {
        received_at: at("2026-06-03T09:00:00").civil,
        document: Some(0),
        content: Some(Content::default()),
        ..ReturnVersion::default()
    };
    let note = NewNote {
        office: OfficeId(3),
        period: obligation.period,
        section: "health".to_owned(),
        text: format!("{NAME}已返乡"),
    };
    let report = Batch {
        by: "clerk".to_owned(),
        document: Some(original("O3.csv", b"nobody".to_vec(), Vec::new())),
        changes: vec![Change::ReturnCame { obligation, version }],
        notes: vec![note],
        ..Batch::default()
    };
    city.store.record(&report, at("2026-06-03T09:00:00")).await.unwrap();
    city.record.follow(&city.store).await.unwrap();
    assert_eq!(city.record.unfit(), []);
}

async fn erase(city: &mut City, person: PersonId, civil: &str) -> Erased {
    let now = at(civil);
    city.record.follow(&city.store).await.unwrap();
    let world = city.record.world();
    assert_eq!(refused(world, person, now.date()), None);
    let order = order(world, city.record.last_sequence(), person, now.date(), "clerk");
    let foreseen = city.store.erasure(&order, now).await.unwrap();
    let erased = city.store.erase(&order, now).await.unwrap();
    assert_eq!(foreseen.destroyed, erased.destroyed);
    assert_eq!(foreseen.restricted, erased.restricted);
    assert_eq!(foreseen.dropped_messages, erased.dropped_messages);
    city.record.follow(&city.store).await.unwrap();
    erased
}

fn explained(city: &City) -> Vec<Explanation> {
    let world = city.record.world();
    let keys = [
        (Rule::UnitMonthlyReturn, 3),
        (Rule::UnitMonthlyReturn, 4),
        (Rule::CountyMonthlyReturn, 2),
    ];
    let key = |(rule, office)| ObligationKey {
        rule,
        debtor: OfficeId(office),
        period: "2026-06".parse().unwrap(),
    };
    let explain = |key: ObligationKey| {
        explain_obligation(world, &city.rulebook, &key, at("2026-06-30T12:00:00").civil)
    };
    keys.into_iter().filter_map(|one| explain(key(one))).collect()
}

/// The values as anybody might have written them.
fn shapes() -> Vec<(String, Vec<u8>)> {
    use std::fmt::Write;
    let mut shapes = Vec::new();
    for value in [NAME, PHONE, MAIL, ID] {
        let mut raw = vec![value.as_bytes().to_vec()];
        raw.push(encoding_rs::GB18030.encode(value).0.into_owned());
        raw.push(value.encode_utf16().flat_map(u16::to_le_bytes).collect());
        raw.push(value.encode_utf16().flat_map(u16::to_be_bytes).collect());
        for bytes in raw {
            let mut hex = String::new();
            bytes.iter().for_each(|byte| write!(hex, "{byte:02x}").unwrap());
            let reversed: String = hex.chars().rev().collect();
            shapes.push((format!("{value} hex"), hex.to_uppercase().into_bytes()));
            shapes.push((format!("{value} hex"), hex.into_bytes()));
            shapes.push((format!("{value} reversed hex"), reversed.into_bytes()));
            for skip in 0..3 {
                shapes.push((format!("{value} base64"), base64(&bytes[skip.min(bytes.len())..])));
            }
            shapes.push((value.to_owned(), bytes));
        }
    }
    shapes
}

/// The characters of base64 that depend on these bytes alone.
fn base64(bytes: &[u8]) -> Vec<u8> {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let whole = &bytes[..bytes.len() / 3 * 3];
    whole
        .chunks(3)
        .flat_map(|three| {
            let bits = three.iter().fold(0_usize, |bits, byte| bits << 8 | usize::from(*byte));
            [18, 12, 6, 0].map(|shift| LETTERS[bits >> shift & 63])
        })
        .collect()
}

#[track_caller]
fn files_with(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    let shapes = shapes();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let bytes = std::fs::read(&path).unwrap();
            for (shape, wanted) in &shapes {
                if memchr::memmem::find(&bytes, wanted).is_some() {
                    found.push(format!("{shape} in {}", path.display()));
                }
            }
        }
    }
    found
}

#[tokio::test]
async fn no_byte_is_left_and_every_figure_stays() {
    let mut city = City::running().await;
    plant(&mut city).await;
    city.tick("2026-06-15T00:00:30").await;
    assert!(!files_with(&city.data()).is_empty(), "the search finds what is there");
    let before = (
        explained(&city),
        city.store.counts().await.unwrap(),
        city.store.changes_after(0, 1_000).await.unwrap(),
        city.store.document(1).await.unwrap().unwrap().sha256,
        city.store.personal(&[OTHER]).await.unwrap(),
    );
    // Another program has the data open, as the daemon would.
    let beside = SqliteStore::open(&city.data()).await.unwrap();
    let erased = erase(&mut city, WHO, "2026-06-15T09:00:00").await;
    assert_eq!(erased.values, ["id_number", "mail", "name", "phone"]);
    assert_eq!((erased.destroyed.as_slice(), erased.blanked), (&[1][..], 3));
    assert_eq!(erased.restricted, [(2, date("2029-06-02"))]);
    assert!(erased.cleaned && erased.left_in.is_empty(), "{erased:?}");
    assert_eq!(files_with(&city.data()), Vec::<String>::new());
    beside.close().await;
    assert_eq!(files_with(&city.data()), Vec::<String>::new());

    let mut changes = city.store.changes_after(0, 1_000).await.unwrap();
    let last = changes.pop().unwrap();
    assert_eq!((last.change, last.by.as_str()), (Change::PersonErased { person: WHO }, "clerk"));
    let after = (
        explained(&city),
        city.store.counts().await.unwrap(),
        changes,
        city.store.document(1).await.unwrap().unwrap().sha256,
        city.store.personal(&[OTHER]).await.unwrap(),
    );
    assert!(before == after, "a figure moved");
    assert_eq!(city.store.first_break().await.unwrap(), None);
    assert!(city.store.personal(&[WHO]).await.unwrap().is_empty());
    assert!(matches!(city.store.open_document(1).await, Err(StoreError::Destroyed(1))));
    let shown = city.store.open_document(2).await;
    assert!(matches!(shown, Err(StoreError::Restricted { id: 2, .. })), "{shown:?}");
    assert!(city.store.notes(OfficeId(3), "2026-06".parse().unwrap()).await.unwrap().is_empty());
    let id = [(ValueKind::IdNumber, ID.to_owned()), (ValueKind::Mail, MAIL.to_owned())];
    assert_eq!(city.store.find_persons(&id).await.unwrap(), [vec![], vec![]], "a new person");

    backed_up(&city).await;
    outlived(&city).await;
}

/// A backup made now, unpacked, holds nothing either.
async fn backed_up(city: &City) {
    let folder = tempfile::tempdir().unwrap();
    let (file, now, data) = (folder.path().join("b.zip"), at("2026-06-15T10:00:00"), city.data());
    let mut quiet = |_| {};
    crate::backup::make(&city.store, &data, None, &file, now, &mut quiet).await.unwrap();
    crate::backup::restore(&file, &folder.path().join("new"), now, &mut quiet).await.unwrap();
    assert_eq!(files_with(folder.path()), Vec::<String>::new());
}

async fn outlived(city: &City) {
    assert_eq!(city.store.destroy_outlived(at("2029-06-01T09:00:00")).await.unwrap(), 0);
    assert_eq!(city.store.destroy_outlived(at("2029-06-02T09:00:00")).await.unwrap(), 1);
    assert!(city.store.document(2).await.unwrap().unwrap().destroyed);
    assert_eq!(city.store.destroy_outlived(at("2029-06-03T09:00:00")).await.unwrap(), 0);
}

#[tokio::test]
async fn nothing_is_sent_to_somebody_erased() {
    let mut city = City::running().await;
    city.tick("2026-06-15T00:00:30").await;
    // The contact of a unit leaves in the night, with the opening still planned.
    let held = Appointment {
        person: PersonId(32),
        office: OfficeId(3),
        role: Role::Contact,
        validity: Validity::since(date("2025-07-01")),
    };
    let change = Change::Relieved { appointment: held, on: date("2026-06-15") };
    let batch = Batch { by: "clerk".into(), changes: vec![change], ..Batch::default() };
    city.store.record(&batch, at("2026-06-15T07:00:00")).await.unwrap();
    let erased = erase(&mut city, PersonId(32), "2026-06-15T07:30:00").await;
    assert_eq!((erased.dropped_messages, erased.values.as_slice()), (1, &["mail".to_owned()][..]));
    let filter = EnvelopeFilter { person: Some(PersonId(32)), ..EnvelopeFilter::default() };
    let envelope = &city.store.envelopes(&filter).await.unwrap()[0];
    assert_eq!((envelope.position.state, envelope.detail.as_str()), (State::Suppressed, "erased"));
    // Again: nothing more to do, and the record says it once.
    let again = erase(&mut city, PersonId(32), "2026-06-15T07:31:00").await;
    assert_eq!((again.dropped_messages, again.values.len()), (0, 0));
    let changes = city.store.changes_after(0, 1_000).await.unwrap();
    let said = changes.iter().filter(|one| matches!(one.change, Change::PersonErased { .. }));
    assert_eq!(said.count(), 1);
}
