//! The adapter on real files: what is kept, what is refused, two programs at once, a crash at any
//! point.

use chrono::NaiveDate;
use chrono_tz::Asia::Shanghai;
use xibu_core::cell::Place;
use xibu_core::change::Change;
use xibu_core::notice::{NotSent, NoticeKey, Reason, Recipient, Step};
use xibu_core::obligation::ObligationKey;
use xibu_core::office::{OfficeKind, OfficeVersion};
use xibu_core::rule::Rule;
use xibu_core::validity::Validity;

use super::*;
use crate::outbox::Class;

fn at(civil: &str) -> Now {
    Now::at_civil(civil.parse().unwrap(), Shanghai)
}

fn noon() -> Now {
    at("2026-06-26T12:00:00")
}

async fn open() -> (tempfile::TempDir, SqliteStore) {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&folder.path().join("data")).await.unwrap();
    (folder, store)
}

fn stood(office: u32, name: &str) -> Change {
    Change::OfficeStood {
        office: OfficeId(office),
        kind: OfficeKind::County,
        version: OfficeVersion {
            name: name.to_owned(),
            superior: None,
            gb_code: None,
            validity: Validity::since(NaiveDate::from_ymd_opt(2025, 7, 1).unwrap()),
        },
    }
}

fn original(bytes: &[u8]) -> NewDocument {
    NewDocument {
        kind: DocumentKind::Original,
        name: "甲某花名册.xlsx".to_owned(),
        media_type: "application/octet-stream".to_owned(),
        bytes: bytes.to_vec(),
        received_at: noon().civil,
        retain_until: NaiveDate::from_ymd_opt(2029, 1, 1),
        persons: vec![PersonId(7)],
    }
}

fn batch(changes: Vec<Change>) -> Batch {
    Batch { by: "clerk".to_owned(), changes, ..Batch::default() }
}

pub(crate) fn notice(person: u32, office: u32, step: Step, not_before: &str) -> Notice {
    let not_before: chrono::NaiveDateTime = not_before.parse().unwrap();
    Notice {
        key: NoticeKey {
            obligation: ObligationKey {
                rule: Rule::CountyMonthlyReturn,
                debtor: OfficeId(office),
                period: "2026-06".parse().unwrap(),
            },
            step,
            successor: None,
        },
        to: Recipient::CountyContact,
        office: OfficeId(office),
        person: PersonId(person),
        reason: Reason::TargetIsToday,
        stands_in: false,
        instead_of: None,
        step_date: not_before.date(),
        not_before,
        expires: not_before + chrono::TimeDelta::days(3),
    }
}

fn tick(now: Now, notices: Vec<Notice>) -> TickCommit {
    TickCommit { now, sequence: 0, notices, withheld: Vec::new(), errands: Vec::new(), hold: None }
}

fn key(text: &str) -> EnvelopeKey {
    text.parse().unwrap()
}

fn event(text: &str, event: Event) -> Settlement {
    Settlement {
        key: key(text),
        event,
        reference: None,
        detail: "told".to_owned(),
        left_out: BTreeMap::new(),
        fault: None,
    }
}

fn intent(envelope: &Envelope) -> Intent {
    Intent {
        key: envelope.key.clone(),
        fence: envelope.position.fence,
        channel: "email".to_owned(),
        rendered: Frozen::New(NewDocument {
            kind: DocumentKind::Message,
            ..original(envelope.key.to_string().as_bytes())
        }),
        redirected: false,
        left_out: BTreeMap::new(),
        told: Vec::new(),
    }
}

async fn state_of(store: &SqliteStore, text: &str) -> &'static str {
    let filter = EnvelopeFilter { key: Some(key(text)), ..EnvelopeFilter::default() };
    store.envelopes(&filter).await.unwrap()[0].position.state.name()
}

#[tokio::test]
async fn the_record_is_appended_and_chained() {
    let (_folder, store) = open().await;
    let changes: Vec<Change> = (1..=1200).map(|n| stood(n, "某县项目办")).collect();
    let receipt = store.record(&batch(changes), noon()).await.unwrap();
    assert_eq!(receipt.last_sequence, 1200);
    let later = store.changes_after(1198, 10).await.unwrap();
    assert_eq!(later.iter().map(|one| one.sequence).collect::<Vec<_>>(), [1199, 1200]);
    assert_eq!(later[0].at, noon().civil);
    assert_eq!(later[1].change, stood(1200, "某县项目办"));
    assert_eq!(store.first_break().await.unwrap(), None);

    for forbidden in ["UPDATE change SET by_whom = 'x'", "DELETE FROM change"] {
        let refused = sqlx::query(forbidden).execute(&store.pool).await.unwrap_err();
        assert!(refused.to_string().contains("the record is appended"), "{refused}");
    }
    // Somebody with the file and time can take the triggers away; the chain still tells.
    sqlx::query("DROP TRIGGER change_is_never_edited").execute(&store.pool).await.unwrap();
    sqlx::query("UPDATE change SET by_whom = 'x' WHERE sequence = 700")
        .execute(&store.pool)
        .await
        .unwrap();
    assert_eq!(store.first_break().await.unwrap(), Some(700));
}

#[tokio::test]
async fn a_batch_made_for_an_older_record_is_refused_whole() {
    let (_folder, store) = open().await;
    store.record(&batch(vec![stood(1, "甲")]), noon()).await.unwrap();
    let stale =
        Batch { after: Some(0), document: Some(original(b"x")), ..batch(vec![stood(2, "乙")]) };
    let refused = store.record(&stale, noon()).await.unwrap_err();
    assert!(matches!(refused, StoreError::Moved { expected: 0, found: 1 }));
    assert_eq!(store.last_sequence().await.unwrap(), 1);
    assert_eq!(store.original_with(&crate::seal::sha256(b"x")).await.unwrap(), None);
    let fresh = Batch { after: Some(1), ..stale };
    assert_eq!(store.record(&fresh, noon()).await.unwrap().last_sequence, 2);
}

#[tokio::test]
async fn numbers_are_given_once() {
    let (_folder, store) = open().await;
    assert_eq!(store.reserve(Numbers::Person, 10).await.unwrap(), 1);
    assert_eq!(store.reserve(Numbers::Person, 1).await.unwrap(), 11);
    store.record(&batch(vec![stood(40, "甲")]), noon()).await.unwrap();
    assert_eq!(store.reserve(Numbers::Office, 2).await.unwrap(), 41);
}

#[tokio::test]
async fn a_document_is_sealed_and_can_be_destroyed() {
    let (folder, store) = open().await;
    let secret = "甲某，身份证号 99000019990101001X，左腿骨折".as_bytes();
    let whole = Batch {
        document: Some(original(secret)),
        refusals: vec![NewRefusal {
            place: Place { sheet: "Sheet1".into(), row: 5, column: Some("C".into()) },
            heading: Some("身份证号".into()),
            reason: "check_digit_is_wrong".into(),
            message: "校验位不对".into(),
            only_warning: false,
        }],
        notes: vec![NewNote {
            office: OfficeId(1),
            period: "2026-06".parse().unwrap(),
            section: "accidents".into(),
            text: "左腿骨折".into(),
        }],
        ..batch(vec![stood(1, "甲")])
    };
    let id = store.record(&whole, noon()).await.unwrap().document.unwrap();
    let again = store.record(&whole, noon()).await.unwrap();
    assert_eq!((again.document, again.document_was_known), (Some(id), true));
    assert_eq!(store.refusals(None).await.unwrap().len(), 1);
    assert_eq!(store.refusals(Some(id)).await.unwrap()[0].refusal, whole.refusals[0]);
    assert_eq!(store.open_document(id).await.unwrap().bytes, secret);
    assert_eq!(store.documents_of(PersonId(7)).await.unwrap()[0].id, id);
    let period = "2026-06".parse().unwrap();
    assert_eq!(store.notes(OfficeId(1), period).await.unwrap()[0].text, "左腿骨折");

    assert!(store.destroy_document(id, noon()).await.unwrap());
    assert!(!store.destroy_document(id, noon()).await.unwrap());
    assert!(matches!(store.open_document(id).await, Err(StoreError::Destroyed(_))));
    assert!(store.notes(OfficeId(1), period).await.unwrap().is_empty());
    assert!(store.document(id).await.unwrap().unwrap().destroyed);
    assert_eq!(store.first_break().await.unwrap(), None);
    assert!(matches!(store.open_document(99).await, Err(StoreError::NoSuchDocument(99))));
    // The same bytes come again after all: a new document.
    assert_ne!(store.record(&whole, noon()).await.unwrap().document, Some(id));
    store.close().await;
    for file in std::fs::read_dir(folder.path().join("data")).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        for words in ["左腿骨折", "甲某花名册"] {
            assert!(!bytes.windows(words.len()).any(|window| window == words.as_bytes()));
        }
    }
}

#[tokio::test]
async fn personal_values_stand_apart() {
    let (folder, store) = open().await;
    let value = |person, kind, value: &str| PersonValue {
        person: PersonId(person),
        kind,
        value: value.to_owned(),
    };
    let values = vec![
        value(5, ValueKind::Name, "甲某"),
        value(5, ValueKind::Mail, "old@county.test"),
        value(5, ValueKind::Mail, "new@county.test"),
        value(5, ValueKind::IdNumber, "99000019990101001x"),
        value(6, ValueKind::Name, "甲某"),
    ];
    store.record(&Batch { values, ..batch(Vec::new()) }, noon()).await.unwrap();
    let personal = store.personal(&[PersonId(5), PersonId(9)]).await.unwrap();
    assert_eq!(personal.len(), 1);
    assert_eq!(personal[&PersonId(5)].mail.as_deref(), Some("new@county.test"));
    assert_eq!(personal[&PersonId(5)].id_last_four.as_deref(), Some("001X"));
    let questions = [
        (ValueKind::Name, "甲某".to_owned()),
        (ValueKind::IdNumber, "99000019990101001X".to_owned()),
        (ValueKind::Phone, "1".to_owned()),
    ];
    let found = store.find_persons(&questions).await.unwrap();
    assert_eq!(found, [vec![PersonId(5), PersonId(6)], vec![PersonId(5)], vec![]]);
    assert_eq!(store.reserve(Numbers::Person, 1).await.unwrap(), 7);
    store.close().await;
    let bytes = std::fs::read(folder.path().join("data").join(folder::DATABASE)).unwrap();
    assert!(!bytes.windows(18).any(|window| window.eq_ignore_ascii_case(b"99000019990101001x")));
    assert!(!format!("{personal:?}").contains("county.test"));
}

#[tokio::test]
async fn one_duty_message_a_person_and_day() {
    let (_folder, store) = open().await;
    let early = at("2026-06-26T00:00:30");
    let morning = "2026-06-26T08:30:00";
    let first = tick(
        early,
        vec![
            notice(5, 1, Step::OnTheDay, morning),
            notice(5, 2, Step::OnTheDay, morning),
            notice(6, 3, Step::OnTheDay, morning),
        ],
    );
    let written = store.commit_tick(&first).await.unwrap();
    assert_eq!((written.notices, written.envelopes, written.folded), (3, 2, 1));
    assert_eq!(store.commit_tick(&first).await.unwrap(), TickWritten::default());
    assert!(store.claim(early, 60_000, 10).await.unwrap().is_empty());

    // Joins while nobody has looked, waits for the next day once one is on its way.
    let more = tick(at("2026-06-26T08:00:00"), vec![notice(5, 4, Step::OnTheDay, morning)]);
    assert_eq!(store.commit_tick(&more).await.unwrap().folded, 1);
    let claimed = store.claim(at(morning), 60_000, 10).await.unwrap();
    assert_eq!(claimed.len(), 2);
    assert_eq!(claimed[0].notices.len(), 3);
    let late = tick(at("2026-06-26T09:00:00"), vec![notice(5, 5, Step::OnTheDay, morning)]);
    store.commit_tick(&late).await.unwrap();
    assert_eq!(state_of(&store, "P5/duty/2026-06-26/1").await, "claimed");
    assert_eq!(state_of(&store, "P5/duty/2026-06-27/1").await, "planned");
    assert_eq!(store.notices_after(3).await.unwrap().len(), 2);
    let next = at("2026-06-27T08:30:00");
    assert_eq!(store.claim(next.plus(-1), 60_000, 10).await.unwrap().len(), 0);
    assert_eq!(store.claim(next, 60_000, 10).await.unwrap().len(), 1);
}

#[tokio::test]
async fn an_envelope_goes_its_way() {
    let (_folder, store) = open().await;
    let now = at("2026-06-26T08:30:00");
    let morning = "2026-06-26T08:30:00";
    let notices = (1..=3).map(|n| notice(n, n, Step::OnTheDay, morning)).collect();
    store.commit_tick(&tick(now, notices)).await.unwrap();
    let claimed = store.claim(now, 60_000, 10).await.unwrap();
    let intents: Vec<Intent> = claimed.iter().map(intent).collect();
    assert!(store.intend(&intents, now).await.unwrap().is_empty());
    let again = store.intend(&intents, now).await.unwrap();
    assert!(again.iter().all(|(_, refusal)| *refusal == Refusal::NotInThisState));
    let settled = [
        event("P1/duty/2026-06-26/1", Event::Accept { fence: 1 }),
        event("P2/duty/2026-06-26/1", Event::Defer { fence: 1, until: now.unix_ms + 5 }),
        event("P3/duty/2026-06-26/1", Event::LoseSight { fence: 1 }),
    ];
    assert!(store.settle(&settled, now).await.unwrap().is_empty());
    assert_eq!(store.settle(&settled, now).await.unwrap().len(), 3);
    let counts = store.counts().await.unwrap();
    let shown: Vec<_> = counts.iter().map(|(state, n)| (state.name(), *n)).collect();
    assert_eq!(shown, [("accepted", 1), ("deferred", 1), ("unknown", 1)]);

    // The deferred one at its time; the unknown one after a pause, once.
    let soon = now.plus(5);
    assert_eq!(store.claim(soon, 60_000, 10).await.unwrap().len(), 1);
    assert_eq!(state_of(&store, "P3/duty/2026-06-26/1").await, "deferred");
    let later = now.plus(60_000);
    let claimed = store.claim(later, 60_000, 10).await.unwrap();
    assert_eq!(claimed[0].key, key("P3/duty/2026-06-26/1"));
    store.intend(&[intent(&claimed[0])], later).await.unwrap();
    // The daemon dies here and starts again: unknown a second time, so a person has to look.
    let moved = store.recover(later, true).await.unwrap();
    assert_eq!(moved.len(), 2);
    assert_eq!(state_of(&store, "P2/duty/2026-06-26/1").await, "due");
    store.claim(later.plus(3_600_000), 60_000, 10).await.unwrap();
    assert_eq!(state_of(&store, "P3/duty/2026-06-26/1").await, "unknown");
    let attempts = store.attempts(&key("P3/duty/2026-06-26/1")).await.unwrap();
    let outcomes: Vec<_> = attempts.iter().map(|one| (one.number, one.outcome.name())).collect();
    assert_eq!(outcomes, [(1, "unknown"), (2, "unknown")]);
    let retry = event("P3/duty/2026-06-26/1", Event::Retry { now: later.unix_ms });
    let position = store.apply(&retry, later).await.unwrap().unwrap();
    assert_eq!((position.state, position.unknowns), (State::Due, 0));
}

#[tokio::test]
async fn what_is_of_no_use_expires_visibly() {
    let (_folder, store) = open().await;
    let now = at("2026-06-26T08:30:00");
    let one = notice(1, 1, Step::OnTheDay, "2026-06-26T08:30:00");
    store.commit_tick(&tick(now, vec![one])).await.unwrap();
    let after = at("2026-06-29T08:30:00");
    assert!(store.claim(after, 60_000, 10).await.unwrap().is_empty());
    assert_eq!(state_of(&store, "P1/duty/2026-06-26/1").await, "expired");
}

#[tokio::test]
async fn dropped_before_the_commit_nothing_happened() {
    let (folder, store) = open().await;
    let now = at("2026-06-26T08:30:00");
    let one = notice(1, 1, Step::OnTheDay, "2026-06-26T08:30:00");
    {
        // Each write, cut off before its commit.
        let mut writing = store.writing().await.unwrap();
        ticks::write(&mut writing, &tick(now, vec![one])).await.unwrap();
    }
    assert!(store.notices_after(0).await.unwrap().is_empty());
    assert_eq!(store.state().await.unwrap(), DaemonState::default());
    store.commit_tick(&tick(now, vec![one])).await.unwrap();
    let claimed = store.claim(now, 60_000, 1).await.unwrap();
    {
        let mut writing = store.writing().await.unwrap();
        moves::intend(&mut writing, &store.seal, &[intent(&claimed[0])], now).await.unwrap();
    }
    drop(store);
    let store = SqliteStore::open(&folder.path().join("data")).await.unwrap();
    assert_eq!(state_of(&store, "P1/duty/2026-06-26/1").await, "claimed");
    assert!(store.attempts(&key("P1/duty/2026-06-26/1")).await.unwrap().is_empty());
    assert_eq!(store.recover(now, true).await.unwrap().len(), 1);
    assert_eq!(state_of(&store, "P1/duty/2026-06-26/1").await, "due");
}

/// A message that promises nothing and is answered.
fn brought(id: &str, cursor: &str) -> TakeIn {
    let document = original(format!("words of {id}").as_bytes());
    let errand = crate::outbox::errand::Errand {
        cause: String::new(),
        person: PersonId(7),
        matter: crate::outbox::errand::Matter::Answer { arrival: 0, taken_as: "seen".to_owned() },
        not_before: noon().civil,
        expires: noon().civil + chrono::TimeDelta::days(1),
        avoid: None,
    };
    let taken = Taken {
        changes: vec![stood(40, "某区")],
        errands: vec![errand],
        ..crate::arrival::taken(crate::arrival::TakenAs::Unclear)
    };
    let person = Some(PersonId(7));
    let channel_id = format!("gateway-{id}");
    let arrival =
        NewArrival { channel_id, document, person, answers: None, at: noon().civil, taken };
    let value = cursor.to_owned();
    let cursor = NewCursor { plugin: "sms".to_owned(), name: "poll".to_owned(), value };
    let look = SourceLook { source: "a".to_owned(), items: 1, error: None };
    TakeIn {
        plugin: "sms".to_owned(),
        arrivals: vec![arrival],
        sources: vec![look],
        cursor: Some(cursor),
        ..TakeIn::default()
    }
}

#[tokio::test]
async fn items_and_cursor_move_together_or_not_at_all() {
    let (folder, store) = open().await;
    {
        // Cut off before the commit.
        let mut writing = store.writing().await.unwrap();
        let brought = brought("m1", "1");
        take_in::take_in(&mut writing, &store.seal, &brought, noon()).await.unwrap();
    }
    drop(store);
    let store = SqliteStore::open(&folder.path().join("data")).await.unwrap();
    let all = ArrivalFilter::default();
    assert!(store.arrivals(&all).await.unwrap().is_empty());
    assert_eq!(store.cursor("sms", "poll").await.unwrap(), None);
    assert_eq!(store.last_sequence().await.unwrap(), 0);
    assert!(store.envelopes(&EnvelopeFilter::default()).await.unwrap().is_empty());
    assert!(store.sources().await.unwrap().is_empty());

    let taken = store.take_in(&brought("m1", "1"), noon()).await.unwrap();
    assert_eq!((taken.arrivals.as_slice(), taken.known), (&[1][..], 0));
    let arrival = store.arrivals(&all).await.unwrap().remove(0);
    assert_eq!((arrival.person, arrival.document), (Some(PersonId(7)), Some(1)));
    assert_eq!(store.sources().await.unwrap()[0].items, 1);
    // A batch made for an older record is refused whole, cursor included.
    let stale = TakeIn { after: Some(0), ..brought("m2", "2") };
    let refused = store.take_in(&stale, noon()).await.unwrap_err();
    assert!(matches!(refused, StoreError::Moved { expected: 0, found: 1 }));
    assert_eq!(store.cursor("sms", "poll").await.unwrap().as_deref(), Some("1"));
    // The same again, by whatever cursor: nothing follows twice.
    let again = store.take_in(&brought("m1", "2"), noon()).await.unwrap();
    assert_eq!((again.arrivals.len(), again.known), (0, 1));
    assert_eq!(store.last_sequence().await.unwrap(), 1);
    assert_eq!(store.envelopes(&EnvelopeFilter::default()).await.unwrap().len(), 1);
    assert_eq!(store.cursor("sms", "poll").await.unwrap().as_deref(), Some("2"));
    // How the channel names its message is kept as a hash only.
    store.close().await;
    let database = std::fs::read(folder.path().join("data/xibu.db")).unwrap();
    for hidden in ["gateway-", "words of"] {
        let found = database.windows(hidden.len()).any(|window| window == hidden.as_bytes());
        assert!(!found, "{hidden} stands in the open");
    }
}

#[tokio::test]
async fn a_source_that_fails_counts_until_it_works() {
    let (_folder, store) = open().await;
    let look = |error: Option<&str>| TakeIn {
        plugin: "jobs".to_owned(),
        sources: vec![SourceLook {
            source: String::new(),
            items: 0,
            error: error.map(str::to_owned),
        }],
        ..TakeIn::default()
    };
    for (error, failures) in [(Some("502"), 1), (Some("502"), 2), (None, 0), (Some("502"), 1)] {
        store.take_in(&look(error), noon()).await.unwrap();
        let standing = store.sources().await.unwrap().remove(0);
        assert_eq!((standing.error.as_deref(), standing.failures), (error, failures));
    }
}

#[tokio::test]
async fn a_command_writes_while_the_daemon_does() {
    let (folder, daemon) = open().await;
    let data = folder.path().join("data");
    let command = SqliteStore::open(&data).await.unwrap();
    let write = |store: SqliteStore, base: u32| async move {
        for n in 0..20 {
            store.record(&batch(vec![stood(base + n, "甲")]), noon()).await.unwrap();
        }
    };
    let one = tokio::spawn(write(daemon.clone(), 100));
    let two = tokio::spawn(write(command.clone(), 200));
    one.await.unwrap();
    two.await.unwrap();
    assert_eq!(daemon.last_sequence().await.unwrap(), 40);
    assert_eq!(command.first_break().await.unwrap(), None);
}

#[tokio::test]
async fn switches_and_cursors() {
    let (_folder, store) = open().await;
    let now = noon();
    assert!(!store.release(now).await.unwrap());
    store.hold(Hold::RestoredBackup, now).await.unwrap();
    assert!(store.set_paused(true, now).await.unwrap());
    assert!(!store.set_paused(true, now).await.unwrap());
    store.set_redirect(Some("me@trial.test"), now).await.unwrap();
    let state = store.state().await.unwrap();
    assert_eq!((state.held, state.paused), (Some(Hold::RestoredBackup), true));
    assert_eq!(state.redirect_to.as_deref(), Some("me@trial.test"));
    assert!(store.release(now).await.unwrap());
    assert_eq!(store.cursor("email", "inbox").await.unwrap(), None);
    store.set_cursor("email", "inbox", "7", now).await.unwrap();
    assert_eq!(store.cursor("email", "inbox").await.unwrap().as_deref(), Some("7"));
    let approval = Approval {
        sha256: "00".repeat(32),
        plugin: "email".into(),
        file_name: "libxibu_email.so".into(),
        approved_at: now.civil,
        by: "clerk".into(),
    };
    store.approve(&approval).await.unwrap();
    assert_eq!(store.approvals().await.unwrap(), [approval]);
    let standing = ChannelStanding { channel: "email".into(), failures: 2, ..Default::default() };
    store.set_channel(&standing, now).await.unwrap();
    assert_eq!(store.channels().await.unwrap(), [standing]);
}

#[tokio::test]
async fn reasons_for_not_sending_keep_their_newest() {
    let (_folder, store) = open().await;
    let key = notice(1, 1, Step::OnTheDay, "2026-06-26T08:30:00").key;
    for reason in [NotSent::ReturnWaitsToBeRead, NotSent::ReturnIsIn] {
        let withheld = vec![Withheld { key, reason }];
        store.commit_tick(&TickCommit { withheld, ..tick(noon(), vec![]) }).await.unwrap();
    }
    let newest = store.withheld().await.unwrap();
    assert_eq!(newest, [Withheld { key, reason: NotSent::ReturnIsIn }]);
    assert_eq!(Class::Duty.name(), "duty");
}
