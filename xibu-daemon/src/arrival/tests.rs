//! What a message is taken for, through the doors and a real store: one message a line with what
//! it became and whom it was answered to.

use chrono_tz::Asia::Shanghai;
use xibu_core::obligation::ObligationKey;
use xibu_core::world::World;
use xibu_plugin_abi::message::{Arrived, Attachment, Unread};

mod chase;

use super::*;
use crate::clock::Clock;
use crate::doors::{Brought, Doors};
use crate::record::Record;
use crate::store::{
    ArrivalFilter, Batch, EnvelopeFilter, PersonValue, SqliteStore, Store, ValueKind,
};
use crate::tick::tests::{City, at};

mod files;

/// P32 is the contact of unit O3, P22 of county O2, P12 of the city; P101 serves at O3.
struct Front {
    city: City,
    clock: Clock,
    doors: Doors<SqliteStore>,
    said: u32,
}

const UNIT: &str = "unit_monthly_return/O3/2026-06";
const COUNTY: &str = "county_monthly_return/O2/2026-06";

impl Front {
    async fn at(civil: &str) -> Self {
        let mut city = City::running().await;
        let phones = [12, 21, 22, 31, 32, 101].map(|person| PersonValue {
            person: PersonId(person),
            kind: ValueKind::Phone,
            value: format!("154{person:08}"),
        });
        let batch = Batch { by: "clerk".into(), values: phones.to_vec(), ..Batch::default() };
        city.store.record(&batch, at("2026-06-01T09:02:00")).await.unwrap();
        city.tick(civil).await;
        let clock = Clock::virtual_at(civil.parse().unwrap(), Shanghai);
        let reaches = [("sms".to_owned(), ValueKind::Phone)].into();
        let doors = Doors::new(
            city.store.clone(),
            clock.clone(),
            city.rulebook.clone(),
            city.serves.clone(),
            reaches,
        );
        Self { city, clock, doors, said: 0 }
    }

    fn code(&self, request: &str) -> String {
        let key: ObligationKey = request.parse().unwrap();
        self.city.store.request_code(&key).to_string()
    }

    async fn arrive(&mut self, arrived: Arrived) -> String {
        let mut brought = Brought::by("sms");
        brought.arrivals.push((arrived, Vec::new()));
        let taken = self.doors.keep(&brought).await.unwrap();
        let Some(id) = taken.arrivals.first().copied() else { return "known".to_owned() };
        self.shown(id).await
    }

    /// What an arrival became: as what, why it waits, its detail; then what follows.
    async fn shown(&self, id: u64) -> String {
        let filter = ArrivalFilter { id: Some(id), ..ArrivalFilter::default() };
        let arrival = self.city.store.arrivals(&filter).await.unwrap().remove(0);
        let held = arrival.held.map(|why| format!(" held:{}", why.name())).unwrap_or_default();
        let mut shown = format!("{}{held}", arrival.taken_as.name());
        if !arrival.detail.is_empty() {
            shown.push_str(&format!(" {}", arrival.detail));
        }
        let envelopes = self.city.store.envelopes(&EnvelopeFilter::default()).await.unwrap();
        let mut told = Vec::new();
        for errand in envelopes.into_iter().filter_map(|envelope| envelope.errand) {
            match errand.matter {
                Matter::Answer { arrival, taken_as } if arrival == id => {
                    told.push(format!(" -> {} {taken_as}", errand.person));
                }
                Matter::IncidentOpened { incident } if arrival.detail == incident.to_string() => {
                    told.push(format!(" -> {} alarm", errand.person));
                }
                _ => {}
            }
        }
        told.sort();
        shown + &told.concat()
    }

    fn message(&mut self, from: &str, text: &str) -> Arrived {
        self.said += 1;
        let text = text.replace("{unit}", &self.code(UNIT)).replace("{county}", &self.code(COUNTY));
        Arrived {
            id: format!("m{}", self.said),
            from: from.to_owned(),
            received_unix_ms: self.clock.now().unix_ms,
            text,
            ..Arrived::default()
        }
    }

    async fn check(&mut self, from: &str, text: &str, expected: &str) {
        let arrived = self.message(from, text);
        let found = self.arrive(arrived).await;
        assert_eq!(found, expected, "{from}: {text}");
    }

    async fn world(&self) -> World {
        Record::load(&self.city.store).await.unwrap().world().clone()
    }
}

const CONTACT: &str = "+8615400000032";

#[tokio::test]
async fn a_nil_counts_with_the_code_of_its_request_only() {
    let mut front = Front::at("2026-06-15T10:00:00").await;
    front.check(CONTACT, "安全无事", "nothing held:code_is_missing -> P32 code_is_missing").await;
    let county = "nothing held:wrong_code -> P32 wrong_code";
    front.check(CONTACT, "安全无事 {county}", county).await;
    front.check("15400000099", "安全无事 {unit}", "nothing held:unknown_sender").await;
    let volunteer = "nothing held:sender_has_no_office -> P101 a_person_looks";
    front.check("15400000101", "安全无事 {unit}", volunteer).await;
    assert!(front.world().await.return_of(&UNIT.parse().unwrap()).is_none());
    front.check(CONTACT, "安全无事 {unit}", &format!("nil {UNIT} -> P32 nil")).await;
    let world = front.world().await;
    let version = &world.return_of(&UNIT.parse().unwrap()).unwrap().versions[0];
    assert!(version.content.as_ref().unwrap().is_nil());
    assert!(version.document.is_some_and(|document| document > 0));
    // The fourth answer of the day is not given; the head may say it, and it is in already.
    let in_already = format!("already_in {UNIT} -> P31 already_in");
    front.check("154 0000 0031", "安全无事 {unit}", &in_already).await;
    let enough = format!("already_in {UNIT} answered_enough_today");
    front.check(CONTACT, "安全无事 {unit}", &enough).await;
}

#[tokio::test]
async fn three_wrong_codes_a_day_and_nothing_is_believed_any_more() {
    let mut front = Front::at("2026-06-15T10:00:00").await;
    let right = front.code(UNIT);
    let wrong = if right == "5555" { "6666" } else { "5555" };
    let text = format!("安全无事 {wrong}");
    for _ in 0..2 {
        front.check(CONTACT, &text, "nothing held:wrong_code -> P32 wrong_code").await;
    }
    front.check(CONTACT, &text, "nothing held:wrong_code").await;
    front.check(CONTACT, "安全无事 {unit}", "nothing held:too_many_wrong_codes").await;
    front.clock.set("2026-06-16T10:00:00".parse().unwrap());
    front.check(CONTACT, "安全无事 {unit}", &format!("nil {UNIT} -> P32 nil")).await;
}

#[tokio::test]
async fn an_accident_is_told_at_once_and_is_never_a_nil() {
    let mut front = Front::at("2026-06-15T23:00:00").await;
    let told = "incident I1 -> P12 alarm -> P21 alarm -> P31 alarm -> P32 incident";
    front.check(CONTACT, "发生事故 {unit}", told).await;
    let world = front.world().await;
    let opened = world.incident(IncidentId(1)).unwrap();
    assert_eq!((opened.incident.office, opened.told_by), (OfficeId(3), Some(PersonId(32))));
    assert!(world.return_of(&UNIT.parse().unwrap()).is_none());
    // After an accident nobody gets through with a nil, the county neither.
    let unit = format!("nothing held:an_accident_was_told {UNIT} -> P32 a_person_looks");
    front.check(CONTACT, "安全无事 {unit}", &unit).await;
    let county = format!("nothing held:an_accident_was_told {COUNTY} -> P22 a_person_looks");
    front.check("15400000022", "安全无事 {county}", &county).await;
    // A volunteer belongs to the unit served at; its head hears of it.
    let told = "incident I2 -> P101 incident -> P12 alarm -> P21 alarm -> P31 alarm";
    front.check("15400000101", "发生事故", told).await;
    let unknown = "nothing held:unknown_sender_tells_an_accident";
    front.check("15400000099", "发生事故", unknown).await;
}

#[tokio::test]
async fn promises_stops_and_the_rest() {
    let mut front = Front::at("2026-06-15T10:00:00").await;
    front.check(CONTACT, "16日前报", "acknowledged -> P32 promised:2026-06-16").await;
    let world = front.world().await;
    assert_eq!(world.acknowledgements(&UNIT.parse().unwrap()).len(), 1);
    front.check(CONTACT, "TD", "stopped -> P32 stopped_but_duties").await;
    let consent = front.world().await;
    let consent = consent.consent(PersonId(32), Purpose::JobInformation).copied();
    assert!(consent.is_some_and(|consent| !consent.given));
    front.check("15400000101", "TD", "stopped -> P101 stopped").await;
    let unclear = "unclear not_understood -> P32 unclear:not_understood";
    front.check(CONTACT, "甲乙丙丁", unclear).await;
    front.check("15400000101", "16日前报", "acknowledged -> P101 nothing_is_owed").await;
    let mail = "nothing held:words_for_a_person not_understood -> P22 a_person_looks";
    front.check("P22@office.test", "甲乙丙丁", "nothing held:unknown_sender").await;
    front.check("p22@Office.Test", "甲乙丙丁", mail).await;
}

#[tokio::test]
async fn an_answer_to_our_question_is_consent_and_the_same_word_elsewhere_is_not() {
    let mut front = Front::at("2026-06-15T10:00:00").await;
    let question = Some("P32/question/2026-06-15/1");
    for (text, answers, expected) in [
        ("同意", question, "allowed -> P32 allowed"),
        ("不同意\n> 是否愿意接收？", question, "stopped -> P32 stopped_but_duties"),
        ("同意，但是……", question, "unclear qualified -> P32 unclear:qualified"),
        // Without our message, or to somebody else's: a number can be forged.
        ("同意", None, "unclear not_understood"),
        ("同意", Some("P22/question/2026-06-15/1"), "unclear not_understood"),
        ("同意", Some("P32/duty/2026-06-15/1"), "unclear not_understood"),
    ] {
        let mut arrived = front.message(CONTACT, text);
        arrived.answers = answers.map(str::to_owned);
        let found = front.arrive(arrived).await;
        assert!(found.starts_with(expected), "{text} {answers:?}: {found}");
    }
    let world = front.world().await;
    let consent = *world.consent(PersonId(32), Purpose::JobInformation).unwrap();
    assert_eq!((consent.given, consent.means), (false, xibu_core::consent::Means::Reply));
}

#[tokio::test]
async fn machines_and_ourselves_are_kept_and_never_answered() {
    let mut front = Front::at("2026-06-15T10:00:00").await;
    let mut away = front.message(CONTACT, "发生事故");
    away.automatic = true;
    assert_eq!(front.arrive(away).await, "automatic");
    front.check(CONTACT, &Answer::CodeIsMissing.text(), "automatic").await;
    let short = crate::compose::short_texts().next().unwrap();
    front.check(CONTACT, &format!("【某办】{short}"), "automatic").await;
    assert_eq!(front.world().await.incidents().count(), 0);
    let mut with_file = front.message(CONTACT, "见附件");
    with_file.attachments.push(Attachment {
        file_name: "a.xlsx".into(),
        media_type: "x/y".into(),
        blob: 0,
    });
    // A machine's files are kept and not read; a person's are read next.
    with_file.automatic = true;
    assert_eq!(front.arrive(with_file).await, "automatic");
}

#[tokio::test]
async fn lateness_is_counted_by_the_channels_clock_and_the_same_message_is_kept_once() {
    let mut front = Front::at("2026-06-26T10:00:00").await;
    let mut message = front.message(CONTACT, "安全无事 {unit}");
    // The unit's cut-off was the 24th; the gateway took it that evening.
    message.received_unix_ms = at("2026-06-24T20:00:00").unix_ms;
    let nil = format!("nil {UNIT} -> P32 nil");
    assert_eq!(front.arrive(message.clone()).await, nil);
    assert_eq!(front.arrive(message).await, "known");
    let world = front.world().await;
    let known = world.return_of(&UNIT.parse().unwrap()).unwrap();
    assert_eq!(known.versions.len(), 1);
    assert_eq!(known.received_at(), "2026-06-24T20:00:00".parse().unwrap());
    // A county's nil names the units that were silent; a clock that runs ahead is not believed.
    let mut ahead = front.message("15400000022", "安全无事 {county}");
    ahead.received_unix_ms = at("2026-06-27T10:00:00").unix_ms;
    assert_eq!(front.arrive(ahead).await, format!("nil {COUNTY} -> P22 nil"));
    let world = front.world().await;
    let version = &world.return_of(&COUNTY.parse().unwrap()).unwrap().versions[0];
    assert_eq!(version.silent_units, [OfficeId(4)]);
    assert_eq!(version.received_at, "2026-06-26T10:00:00".parse().unwrap());
    // Of another month than the code's.
    let other = format!("nothing held:of_another_month {UNIT} -> P32 a_person_looks");
    front.check(CONTACT, "5月份安全无事 {unit}", &other).await;
}

#[tokio::test]
async fn a_clerk_decides_what_waited() {
    let mut front = Front::at("2026-06-15T10:00:00").await;
    front.check(CONTACT, "安全无事", "nothing held:code_is_missing -> P32 code_is_missing").await;
    let record = Record::load(&front.city.store).await.unwrap();
    let store = &front.city.store;
    let code = |key: &_| store.request_code(key);
    let confirm_code = |key: &_, version| store.confirm_code(key, version);
    let judge = Judge {
        world: record.world(),
        rulebook: &front.city.rulebook,
        serves: &front.city.serves,
        code: &code,
        confirm_code: &confirm_code,
        now: front.clock.now(),
    };
    let received = front.clock.now().civil;
    let taken = judge.by_clerk(ByClerk::Nil, PersonId(32), received, IncidentId(9)).unwrap();
    let none = judge.by_clerk(ByClerk::Nil, PersonId(101), received, IncidentId(9));
    assert_eq!(none, Err(HeldFor::NothingIsOwed));
    let after = Some(record.last_sequence());
    let verdict = crate::store::Verdict { arrival: 1, by: "clerk".into(), after, taken };
    assert!(store.decide(&verdict, front.clock.now()).await.unwrap());
    assert_eq!(front.shown(1).await, format!("nil {UNIT} -> P32 code_is_missing"));
    let again = crate::store::Verdict { after: None, ..verdict };
    assert!(!store.decide(&again, front.clock.now()).await.unwrap());
    let world = front.world().await;
    let versions = &world.return_of(&UNIT.parse().unwrap()).unwrap().versions;
    assert_eq!(versions.len(), 1);
}

/// The mail of P32, the unit's contact.
const MAIL: &str = "p32@office.test";
const SUBJECT: &str = "回复：请报送2026年6月服务单位安全情况〔O3 2026-06 码{unit}〕";
const QUOTED: &str = "\n\n------------------ 原始邮件 ------------------\n\
    发件人: \"市项目办\" <xmb@office.test>\n发送时间: 2026年6月15日\n\n发生事故的请立即电话报告。";

impl Front {
    fn mail(&mut self, subject: &str, text: &str) -> Arrived {
        let mut arrived = self.message(MAIL, text);
        arrived.subject = subject.replace("{unit}", &self.code(UNIT));
        arrived
    }

    async fn check_mail(&mut self, subject: &str, text: &str, expected: &str) {
        let arrived = self.mail(subject, text);
        let found = self.arrive(arrived).await;
        assert_eq!(found, expected, "{subject}: {text}");
    }
}

#[tokio::test]
async fn a_mail_counts_where_the_whole_of_its_own_words_is_the_answer() {
    let mut front = Front::at("2026-06-15T10:00:00").await;
    let roster = "roster:1@2026-06-15";
    let words = "nothing held:words_for_a_person not_understood -> P32 a_person_looks";
    front.check_mail(SUBJECT, &format!("安全无事，表格随后寄到你们那里{QUOTED}"), words).await;
    let missing = "nothing held:code_is_missing -> P32 code_is_missing";
    front.check_mail("回复：通知", &format!("安全无事{QUOTED}"), missing).await;
    // The fourth answer of a day is not given.
    let other = format!("nothing held:headcount_is_another {UNIT} {roster} -> P32 a_person_looks");
    front.check_mail(SUBJECT, &format!("安全无事，在岗5人{QUOTED}"), &other).await;
    let enough = format!("nil {UNIT} {roster} answered_enough_today");
    front.check_mail(SUBJECT, &format!("安全无事\n\n张三\n电话：023-1{QUOTED}"), &enough).await;
    assert!(front.world().await.return_of(&UNIT.parse().unwrap()).is_some());
    assert_eq!(front.world().await.incidents().count(), 0, "what is quoted tells of no accident");
}

#[tokio::test]
async fn a_nil_before_its_month_is_asked_for_waits_and_is_no_wrong_code() {
    let mut front = Front::at("2026-06-12T10:00:00").await;
    let early = format!("nothing held:before_the_opening {UNIT} -> P32 a_person_looks");
    front.check_mail(SUBJECT, "安全无事", &early).await;
    front.check(CONTACT, "安全无事 {unit}", &early).await;
    front.check(CONTACT, "安全无事 {unit}", &early).await;
    front.clock.set("2026-06-15T10:00:00".parse().unwrap());
    front.city.tick("2026-06-15T10:00:00").await;
    let nil = format!("nil {UNIT} roster:1@2026-06-15 -> P32 nil");
    front.check_mail(SUBJECT, "安全无事，在岗1人", &nil.replace("P32 nil", "P32 nil:1")).await;
}

#[tokio::test]
async fn a_mail_that_is_broken_too_large_spam_or_automatic_is_never_believed() {
    let mut front = Front::at("2026-06-15T10:00:00").await;
    let text = "安全无事 {unit}";
    let mut of = |how: fn(&mut Arrived)| {
        let mut arrived = front.mail(SUBJECT, text);
        how(&mut arrived);
        arrived
    };
    let mails = [
        (of(|mail| mail.unread = Some(Unread::Broken)), "nothing held:mail_is_broken"),
        (
            of(|mail| mail.unread = Some(Unread::TooLarge)),
            "nothing held:mail_is_too_large -> P32 a_person_looks",
        ),
        (of(|mail| mail.spam = true), "nothing held:marked_as_spam"),
        (of(|mail| (mail.spam, mail.from) = (true, "x@y.test".into())), "automatic"),
        (of(|mail| mail.automatic = true), "automatic"),
        (
            of(|mail| (mail.spam, mail.text) = (true, "发生事故".into())),
            "nothing held:maybe_an_accident",
        ),
        (of(|mail| mail.from = "x@y.test".into()), "nothing held:unknown_sender"),
    ];
    for (arrived, expected) in mails {
        assert_eq!(front.arrive(arrived).await, expected);
    }
    let world = front.world().await;
    assert!(world.return_of(&UNIT.parse().unwrap()).is_none());
    assert_eq!(world.incidents().count(), 0);
    // An accident in a mail that is too large is told all the same.
    let mut large = front.mail("发生事故", "请看附件");
    large.unread = Some(Unread::TooLarge);
    let told = "incident I1 -> P12 alarm -> P21 alarm -> P31 alarm -> P32 incident";
    assert_eq!(front.arrive(large).await, told);
    // And after it no nil gets through, by mail neither.
    let roster = "roster:1@2026-06-15";
    let against =
        format!("nothing held:an_accident_was_told {UNIT} {roster} -> P32 a_person_looks");
    front.check_mail(SUBJECT, "安全无事", &against).await;
}

impl Front {
    /// The code that stands beside what county O2 is shown now.
    async fn confirm_code(&self) -> String {
        let world = self.world().await;
        let (period, at) = ("2026-06".parse().unwrap(), self.clock.now().civil);
        let shown = xibu_core::consolidation::consolidate(
            &world,
            &self.city.rulebook,
            OfficeId(2),
            period,
            at,
        );
        self.city.store.confirm_code(&COUNTY.parse().unwrap(), shown.version).to_string()
    }
}

#[tokio::test]
async fn a_county_confirms_the_very_version_it_was_shown() {
    let mut front = Front::at("2026-06-15T10:00:00").await;
    let county = "15400000022";
    // Nothing to confirm yet.
    let code = front.confirm_code().await;
    let nobody =
        format!("nothing held:words_for_a_person {COUNTY} nobody_answered -> P22 a_person_looks");
    front.check(county, &format!("确认汇总 {code}"), &nobody).await;
    front.check(CONTACT, "安全无事，在岗5人 {unit}", &format!("nil {UNIT} -> P32 nil:5")).await;
    front.check(county, "确认汇总", "nothing held:code_is_missing -> P22 confirm_code").await;
    // The version of before, and the code of the request: neither says what was seen.
    let stale = format!("确认汇总 {code}");
    front.check(county, &stale, "nothing held:wrong_code -> P22 confirm_code").await;
    front.clock.set("2026-06-16T10:00:00".parse().unwrap());
    let wrong = "nothing held:wrong_code -> P22 confirm_code";
    front.check(county, "确认汇总 {county}", wrong).await;
    assert!(front.world().await.return_of(&COUNTY.parse().unwrap()).is_none());
    let code = front.confirm_code().await;
    let right = format!("确认汇总，核对无误。{code}");
    front.check(county, &right, &format!("confirmed {COUNTY} -> P22 confirmed")).await;
    front.check(county, &right, &format!("already_in {COUNTY} -> P22 already_in")).await;
    let world = front.world().await;
    let version = &world.return_of(&COUNTY.parse().unwrap()).unwrap().versions[0];
    let content = version.content.as_ref().unwrap();
    assert_eq!((content.headcount, content.stated_by), (Some(5), Some(PersonId(22))));
    assert_eq!(version.silent_units, [OfficeId(4)]);
    assert!(version.document.is_some_and(|document| document > 0));
    assert_eq!(world.confirmations(&COUNTY.parse().unwrap()).len(), 1);
}

#[tokio::test]
async fn a_figure_is_amended_by_a_person_and_a_bare_yes_confirms_no_unit() {
    let mut front = Front::at("2026-06-15T10:00:00").await;
    let amends = "nothing held:words_for_a_person amends -> P22 unclear:amends";
    front.check("15400000022", "更正 在岗人数35，原因：漏计支教点", amends).await;
    front.check(CONTACT, "确认", "acknowledged -> P32 seen").await;
}
