//! Words about an incident, and pasted lists.

use xibu_core::incident::{Case, Stage};

use super::*;
use crate::outbox::Class;

const HEAD_OF_COUNTY: &str = "15400000021";
const CONTACT_OF_COUNTY: &str = "15400000022";
const CONTACT_OF_CITY: &str = "15400000012";

#[tokio::test]
async fn a_word_on_an_incident_moves_it_and_opens_no_other() {
    let mut front = Front::at("2026-06-15T23:00:00").await;
    let told = "incident I1 -> P12 alarm -> P21 alarm -> P31 alarm -> P32 incident";
    front.check(CONTACT, "发生车祸", told).await;
    // The alarms are shown with every word on I1.
    let alarms = " -> P12 alarm -> P21 alarm";
    let word = |answer: &str| format!("incident_word I1{answer}");
    for (from, text, expected) in [
        (HEAD_OF_COUNTY, "收到I1", word(&format!("{alarms} -> P21 incident_seen:I1 -> P31 alarm"))),
        (
            CONTACT_OF_CITY,
            "已知悉 i1",
            word(" -> P12 alarm -> P12 incident_seen:I1 -> P21 alarm -> P31 alarm"),
        ),
        // The unit's own word is no acknowledgement; a stranger's is nothing.
        (CONTACT, "收到 I1", word(&format!("{alarms} -> P31 alarm -> P32 follow_up_asked:I1"))),
        (
            CONTACT,
            "续报I1：伤者已送医，骨折",
            word(&format!("{alarms} -> P31 alarm -> P32 followed_up:I1")),
        ),
        (
            CONTACT_OF_COUNTY,
            "收到I9",
            "nothing held:no_such_incident -> P22 no_such_incident:I9".to_owned(),
        ),
    ] {
        front.check(from, text, &expected).await;
    }
    let world = front.world().await;
    assert_eq!(world.incidents().count(), 1);
    assert_eq!(Case::of(&world, IncidentId(1)).unwrap().stage(), Stage::FollowedUp);
    // Not clear what: a person reads it, at once.
    let held =
        format!("nothing held:words_on_an_incident I1{alarms} -> P22 a_person_looks -> P31 alarm");
    front.check(CONTACT_OF_COUNTY, "I1 家属来电", &held).await;
    // The unit cannot close it, the county can; then nothing moves it.
    front.clock.set("2026-06-16T10:00:00".parse().unwrap());
    let told = word(&format!("{alarms} -> P31 alarm -> P32 followed_up:I1"));
    front.check(CONTACT, "终报I1：已出院", &told).await;
    let closed = word(&format!("{alarms} -> P22 incident_closed:I1 -> P31 alarm"));
    front.check(CONTACT_OF_COUNTY, "I1 结案", &closed).await;
    let world = front.world().await;
    assert_eq!(Case::of(&world, IncidentId(1)).unwrap().stage(), Stage::Closed);
    let late =
        format!("nothing held:incident_is_closed I1{alarms} -> P22 a_person_looks -> P31 alarm");
    front.check(CONTACT_OF_COUNTY, "续报I1", &late).await;
}

#[tokio::test]
async fn a_plain_word_counts_as_the_answer_to_the_alarm_itself() {
    let mut front = Front::at("2026-06-15T23:00:00").await;
    let told = "incident I1 -> P12 alarm -> P21 alarm -> P31 alarm -> P32 incident";
    front.check(CONTACT, "发生车祸", told).await;
    let alarm = |person: u32| format!("P{person}/alarm/2026-06-15/1");
    let mut answer = front.message(HEAD_OF_COUNTY, "收到");
    answer.answers = Some(alarm(12));
    // Somebody else's alarm: only seen.
    assert_eq!(front.arrive(answer).await, "acknowledged -> P21 seen");
    let mut answer = front.message(HEAD_OF_COUNTY, "收到");
    answer.answers = Some(alarm(21));
    let found = front.arrive(answer).await;
    assert!(found.starts_with("incident_word I1"), "{found}");
    assert!(found.contains("P21 incident_seen:I1"), "{found}");
}

#[tokio::test]
async fn a_pasted_list_is_a_claim_for_each_unit_and_one_answer() {
    let mut front = Front::at("2026-06-15T10:00:00").await;
    let list = "#接龙\n6月安全情况 {county}\n1. 第3办 安全无事 1人\n2. 第4办 有一人骨折\n3. 第9办 安全无事\n\
                4. 第3办 安全无事";
    let expected = "list nil:1 4:I1 5:unit_unknown 6:same_unit_twice.3 -> P22 \
                    list:1;I1;5=unit_unknown,6=same_unit_twice.3";
    front.check(CONTACT_OF_COUNTY, list, expected).await;
    let world = front.world().await;
    let known = world.return_of(&UNIT.parse().unwrap()).unwrap();
    let content = known.content().unwrap();
    assert!(content.is_nil());
    // Stated by the sender, on the unit's behalf.
    assert_eq!((content.headcount, content.stated_by), (Some(1), Some(PersonId(22))));
    let opened = world.incident(IncidentId(1)).unwrap();
    assert_eq!((opened.incident.office, opened.told_by), (OfficeId(4), Some(PersonId(22))));
    // Its alarms are on their way: the unit's head, the county's, the city's.
    let envelopes = front.city.store.envelopes(&EnvelopeFilter::default()).await.unwrap();
    let alarms = envelopes.iter().filter(|one| one.key.class == Class::Alarm).count();
    assert_eq!(alarms, 3);
    // Once more: what is in is in; the accident stands against a nil.
    let again = "#接龙 {county}\n1. 第3办 安全无事\n2. 第4办 安全无事";
    let expected = "list nil:1 3:an_accident_was_told -> P22 list:1;;3=an_accident_was_told";
    front.check(CONTACT_OF_COUNTY, again, expected).await;
    assert_eq!(front.world().await.incidents().count(), 1);
}

#[tokio::test]
async fn the_nils_of_a_list_need_the_code_its_accidents_do_not() {
    let mut front = Front::at("2026-06-15T10:00:00").await;
    let list = "#接龙\n1. 第3办 安全无事\n2. 第4办 发生火灾";
    let held = "list held:code_is_missing nil:0 3:I1 -> P22 code_is_missing";
    front.check(CONTACT_OF_COUNTY, list, held).await;
    // A clerk who knows the sender takes the nils; the accident was opened when it came.
    let record = Record::load(&front.city.store).await.unwrap();
    let code = |key: &_| front.city.store.request_code(key);
    let confirm_code = |key: &_, version| front.city.store.confirm_code(key, version);
    let judge = Judge {
        world: record.world(),
        rulebook: &front.city.rulebook,
        serves: &front.city.serves,
        code: &code,
        confirm_code: &confirm_code,
        now: front.clock.now(),
    };
    let list = pasted::find(&judge, PersonId(22), list).unwrap();
    let by_clerk = judge.list_by_clerk(&list, PersonId(22), front.clock.now().civil).unwrap();
    assert_eq!((by_clerk.detail.as_str(), by_clerk.changes.len()), ("nil:1", 1));
    assert_eq!(pasted::find(&judge, PersonId(101), "#接龙\n1. 第3办 安全无事"), None);
    let world = front.world().await;
    assert!(world.return_of(&UNIT.parse().unwrap()).is_none());
    assert_eq!(world.incidents().count(), 1);
    // As the answer to our own request it needs none; to somebody else's it does.
    let mut answer = front.message(CONTACT_OF_COUNTY, "#接龙\n1. 第3办 安全无事");
    answer.answers = Some("P12/duty/2026-06-15/1".to_owned());
    assert!(front.arrive(answer).await.starts_with("list held:code_is_missing"));
    let mut answer = front.message(CONTACT_OF_COUNTY, "#接龙\n1. 第3办 安全无事");
    answer.answers = Some("P22/duty/2026-06-15/1".to_owned());
    assert_eq!(front.arrive(answer).await, "list nil:1 -> P22 list:1;;");
    assert!(front.world().await.return_of(&UNIT.parse().unwrap()).is_some());
    // Only those above the units: a unit's own contact speaks for that unit alone.
    let other = "list nil:0 3:unit_unknown";
    front.clock.set("2026-06-16T10:00:00".parse().unwrap());
    let list = "#接龙 {unit}\n1. 第3办 安全无事\n2. 第4办 安全无事";
    let found = front.message(CONTACT, list);
    let found = front.arrive(found).await;
    assert!(found.starts_with(&other.replace("nil:0", "nil:1")), "{found}");
}

#[tokio::test]
async fn a_list_may_come_as_a_text_file() {
    let mut front = Front::at("2026-06-15T10:00:00").await;
    let list = "#接龙\n1. 第3办 安全无事\n2. 第4办 安全无事";
    let mut message = front.message(CONTACT_OF_COUNTY, "请查收 {county}");
    let media_type = "text/plain".into();
    message.attachments = vec![Attachment { file_name: "接龙.TXT".into(), media_type, blob: 0 }];
    let mut brought = Brought::by("sms");
    brought.arrivals.push((message, vec![list.as_bytes().to_vec()]));
    let taken = front.doors.keep(&brought).await.unwrap();
    assert_eq!(front.shown(taken.arrivals[0]).await, "list nil:2 -> P22 list:2;;");
}
