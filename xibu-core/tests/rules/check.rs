//! What a return is checked for: each rule in three worlds, all findings in declared order, and
//! properties that hold for any return.

use proptest::prelude::*;
use xibu_core::change::Change;
use xibu_core::check::{Context, Finding, Roster, Units, check, sum};
use xibu_core::explain::Language;
use xibu_core::form::Form;
use xibu_core::incident::{Incident, IncidentId, IncidentKind, OpenedIncident};
use xibu_core::office::{OfficeId, OfficeKind};
use xibu_core::parameter::Rulebook;
use xibu_core::person::PersonId;
use xibu_core::returns::{Answer, Content, FieldValue, PersonState, PostState, ReturnVersion};
use xibu_core::service::Service;
use xibu_core::validity::Validity;
use xibu_core::world::World;

use crate::house::*;

/// `!headcount headcount_adds_up` for an error, `~` for a warning; the line of a list behind it.
pub(crate) fn lines(found: &[Finding]) -> Vec<String> {
    let line = |finding: &Finding| {
        let weight = if finding.is_error() { '!' } else { '~' };
        let line = finding.line.map_or(String::new(), |line| format!("#{line}"));
        format!("{weight}{}{line} {}", finding.field, finding.code.name())
    };
    found.iter().map(line).collect()
}

#[track_caller]
fn expect(content: &Content, context: &Context, expected: &[&str]) {
    let found = check(&Form::built_in(), content, context);
    assert_eq!(lines(&found), expected);
    for finding in &found {
        for language in [Language::Chinese, Language::English] {
            let text = finding.say.text(language);
            assert!(!text.ends_with(['.', '。']) && text.chars().count() > 8, "{text}");
        }
    }
}

fn unit() -> Context {
    Context { kind: Some(OfficeKind::Unit), ..Context::default() }
}

fn three() -> Content {
    Content { headcount: Some(3), ..nil() }
}

fn with(content: Content, key: &str, value: FieldValue) -> Content {
    let mut content = content;
    content.extra.insert(key.into(), value);
    content
}

fn moved(content: Content, arrivals: u32, departures: u32) -> Content {
    let content = with(content, "arrivals", FieldValue::Count(arrivals));
    with(content, "departures", FieldValue::Count(departures))
}

fn people(numbers: &[u32]) -> Vec<PersonId> {
    numbers.iter().copied().map(PersonId).collect()
}

fn roster(serving: &[u32], arrived: &[u32], departed: &[u32]) -> Option<Roster> {
    let (serving, arrived, departed) = (people(serving), people(arrived), people(departed));
    Some(Roster { serving, arrived, departed })
}

#[test]
fn what_must_be_filled_in() {
    expect(&three(), &unit(), &[]);
    expect(
        &Content::default(),
        &unit(),
        &[
            "~headcount field_missing",
            "!accidents field_missing",
            "~health field_missing",
            "~hazards field_missing",
            "~needs field_missing",
        ],
    );
    expect(&Content { needs: Answer::Unanswered, ..three() }, &unit(), &["~needs field_missing"]);
}

fn incident() -> Incident {
    Incident {
        office: UNIT,
        kind: IncidentKind::Injury,
        occurred: Some(instant("2026-06-10 12:00")),
        persons: None,
        measures_told: true,
        reference: None,
        kind_told: true,
        place_told: true,
    }
}

#[test]
fn an_accident_has_time_place_kind_and_measures() {
    let told = |told: Vec<Incident>| Content { accidents: Answer::Told(told), ..three() };
    expect(&told(vec![incident()]), &unit(), &[]);
    for lacking in [
        Incident { occurred: None, ..incident() },
        Incident { place_told: false, ..incident() },
        Incident { kind_told: false, ..incident() },
        Incident { measures_told: false, ..incident() },
    ] {
        let content = told(vec![incident(), lacking.clone()]);
        expect(&content, &unit(), &["!accidents#1 line_incomplete"]);
    }
    let nothing = Incident { occurred: None, place_told: false, kind_told: false, ..incident() };
    let found = check(&Form::built_in(), &told(vec![nothing]), &unit());
    assert_eq!(
        found[0].say.zh,
        "“安全、健康事故”第1项没有写明事故类别、发生时间、发生地点，请补报"
    );
}

#[test]
fn nil_stands_beside_no_known_accident() {
    let known = Context { incident_known: true, ..unit() };
    expect(&three(), &unit(), &[]);
    expect(&three(), &known, &["!accidents nil_beside_known_incident"]);
    let told = Content { accidents: Answer::Told(vec![incident()]), ..three() };
    expect(&told, &known, &[]);
}

#[test]
fn the_headcount_adds_up() {
    let last = |headcount| Context { last: Some(Content { headcount, ..nil() }), ..unit() };
    let four = last(Some(4));
    expect(&moved(three(), 1, 2), &four, &[]);
    expect(&moved(three(), 0, 0), &four, &["!headcount headcount_adds_up"]);
    let found = check(&Form::built_in(), &moved(three(), 0, 0), &four);
    assert!(found[0].say.zh.ends_with("（3，应与4相符）"), "{}", found[0].say.zh);
    assert!(found[0].say.en.ends_with("(3 against 4)"), "{}", found[0].say.en);
    // What was not told, or is not known of last month, is not reckoned with.
    expect(&three(), &four, &[]);
    expect(&moved(three(), 0, 0), &last(None), &[]);
    expect(&moved(three(), 0, 0), &unit(), &[]);
}

#[test]
fn the_headcount_is_that_of_the_roster_and_moves_with_it() {
    let with_roster = |roster| Context { roster, ..unit() };
    expect(&three(), &with_roster(roster(&[1, 2, 3], &[], &[])), &[]);
    let four = with_roster(roster(&[1, 2, 3, 4], &[], &[]));
    expect(&three(), &four, &["~headcount headcount_fits_the_roster"]);
    // The roster is right now and did not move, yet the number did.
    let mut moved = with_roster(roster(&[1, 2, 3], &[], &[]));
    moved.last = Some(Content { headcount: Some(5), ..nil() });
    expect(&three(), &moved, &["~headcount headcount_moves_with_the_roster"]);
    moved.roster = roster(&[1, 2, 3], &[], &[8, 9]);
    expect(&three(), &moved, &[]);
}

#[test]
fn no_more_are_ill_than_are_there() {
    let ill = |count| Content { health: Answer::Told(count), ..three() };
    expect(&ill(3), &unit(), &[]);
    expect(&ill(4), &unit(), &["!health the_ill_are_no_more_than_the_headcount"]);
    expect(&Content { headcount: None, ..ill(4) }, &unit(), &["~headcount field_missing"]);
}

fn told(rows: &[(u32, PostState)]) -> Content {
    let row = |(person, state): &(u32, PostState)| PersonState {
        person: (*person > 0).then_some(PersonId(*person)),
        state: *state,
        since: None,
    };
    let people: Vec<PersonState> = rows.iter().map(row).collect();
    let headcount = people.iter().filter(|row| row.state.counts()).count();
    Content { headcount: u32::try_from(headcount).ok(), people, ..nil() }
}

#[test]
fn every_volunteer_of_the_roster_is_accounted_for() {
    use PostState::{Left, MovedAway, OnLeave, OnPost};
    let context = Context { roster: roster(&[1, 2, 3], &[], &[7]), ..unit() };
    expect(&told(&[(1, OnPost), (2, OnLeave), (3, OnPost)]), &context, &[]);
    expect(
        &told(&[(1, OnPost), (2, OnLeave)]),
        &context,
        &["!people person_not_accounted_for", "~headcount headcount_fits_the_roster"],
    );
    // Left, and the roster does not know; a new arrival by name alone; somebody of elsewhere.
    expect(
        &told(&[(1, OnPost), (2, Left), (3, MovedAway), (0, OnPost), (9, OnPost)]),
        &context,
        &[
            "~people#3 person_not_on_roster",
            "~people#4 person_not_on_roster",
            "~people#1 person_left_but_on_roster",
            "~people#2 person_left_but_on_roster",
        ],
    );
    // Whoever left since last month may be told so.
    expect(&told(&[(1, OnPost), (2, OnPost), (3, OnPost), (7, Left)]), &context, &[]);
    expect(
        &told(&[(1, OnPost), (2, OnPost), (3, OnPost), (3, Left)]),
        &context,
        &["!people#3 person_twice"],
    );
    let differs = Content { headcount: Some(2), ..told(&[(1, OnPost), (2, OnPost), (3, OnPost)]) };
    expect(
        &differs,
        &context,
        &["!headcount people_differ_from_headcount", "~headcount headcount_fits_the_roster"],
    );
    // Without a roster, and where people are not told one by one, nothing is asked.
    expect(&told(&[(1, OnPost)]), &unit(), &[]);
    expect(&three(), &context, &[]);
}

#[test]
fn beside_last_month() {
    let last = |content| Context { last: Some(content), ..unit() };
    let needed = Content { needs: Answer::Told(2), ..three() };
    expect(&three(), &last(needed.clone()), &["~needs nil_after_told"]);
    expect(&three(), &last(three()), &[]);
    let ill = Content { health: Answer::Told(1), ..three() };
    expect(&three(), &last(ill), &[]);
    expect(&needed, &last(needed.clone()), &["~accidents same_as_last_month"]);
    expect(&Content { needs: Answer::Told(1), ..three() }, &last(needed), &[]);
}

fn county(told: &[(u32, Content)], silent: &[u32], listed: &[u32]) -> Context {
    let numbers = |all: &[u32]| all.iter().copied().map(OfficeId).collect::<Vec<_>>();
    let units = Units {
        told: told.iter().map(|(unit, content)| (OfficeId(*unit), content.clone())).collect(),
        silent: numbers(silent),
        silent_headcount: 2 * u32::try_from(silent.len()).unwrap(),
        unread: false,
        listed: numbers(listed),
    };
    Context { kind: Some(OfficeKind::County), units: Some(units), ..Context::default() }
}

#[test]
fn a_county_sums_up_what_its_units_told() {
    let ill = Content { health: Answer::Told(1), ..three() };
    let both = [(3, ill), (5, three())];
    let content = |headcount, health| Content {
        headcount: Some(headcount),
        health: Answer::Told(health),
        ..nil()
    };
    expect(&content(6, 1), &county(&both, &[], &[]), &[]);
    expect(
        &content(5, 2),
        &county(&both, &[], &[]),
        &["!headcount sum_differs_from_units", "~health sum_differs_from_units"],
    );
    // A silent unit has two people: the county may have heard of them and of more that are ill.
    expect(&content(8, 2), &county(&both, &[9], &[9]), &[]);
    expect(
        &content(9, 2),
        &county(&both, &[9], &[]),
        &["~headcount sum_differs_from_units", "~silent silent_unit_not_listed"],
    );
    expect(&content(6, 1), &county(&both, &[], &[5]), &["~silent listed_unit_is_in"]);
    // A unit that said 安全无事 by message gave no number: the county may know it.
    let short = Content { headcount: None, ..nil() };
    expect(&content(8, 0), &county(&[(3, three()), (5, short)], &[], &[]), &[]);
    // Where no unit writes to this record there is nothing to compare with.
    expect(&content(9, 9), &county(&[], &[3, 5], &[]), &[]);
}

#[test]
fn an_accident_that_a_unit_told_does_not_get_lost_on_the_way_up() {
    let told = Content { accidents: Answer::Told(vec![incident(), incident()]), ..three() };
    let one = Content { accidents: Answer::Told(vec![incident()]), ..three() };
    let context = county(&[(3, told)], &[], &[]);
    expect(&one, &context, &["!accidents sum_differs_from_units"]);
}

#[test]
fn a_sum_is_what_its_own_check_finds_right() {
    let mut ill = moved(Content { health: Answer::Told(1), ..three() }, 1, 0);
    ill.needs = Answer::Unanswered;
    let all = [ill, moved(three(), 0, 2)];
    let form = Form::built_in();
    let total = sum(&form, all.iter());
    assert_eq!((total.headcount, &total.health), (Some(6), &Answer::Told(1)));
    // What one unit left empty is not made a nil by the sum.
    assert_eq!((&total.hazards, &total.needs), (&Answer::Nil, &Answer::Unanswered));
    assert_eq!(total.extra.get("arrivals"), Some(&FieldValue::Count(1)));
    assert_eq!(total.extra.get("departures"), Some(&FieldValue::Count(2)));
    let units: Vec<(u32, Content)> = all.iter().cloned().map(|content| (3, content)).collect();
    expect(&total, &county(&units, &[], &[]), &["~needs field_missing"]);
    assert_eq!(sum(&form, [].iter()), Content::default());
}

#[test]
fn a_correction_says_why() {
    let earlier = |asked_to_correct| Context {
        earlier: Some(Content { headcount: Some(4), ..nil() }),
        asked_to_correct,
        ..unit()
    };
    expect(&three(), &earlier(false), &["~correction correction_without_reason"]);
    expect(&three(), &earlier(true), &[]);
    let said = with(three(), "correction", FieldValue::Choice("漏报".into()));
    expect(&said, &earlier(false), &[]);
    expect(&Content { headcount: Some(4), ..nil() }, &earlier(false), &[]);
}

/// Every rule at once: the findings stand in declared order, whatever fails.
#[test]
fn everything_in_one_pass_in_declared_order() {
    let content = Content {
        headcount: Some(2),
        health: Answer::Told(5),
        hazards: Answer::Nil,
        needs: Answer::Unanswered,
        ..told(&[(1, PostState::OnPost), (1, PostState::Left)])
    };
    let context = Context {
        last: Some(Content { hazards: Answer::Told(1), ..three() }),
        earlier: Some(three()),
        roster: roster(&[1, 2], &[], &[]),
        incident_known: true,
        ..unit()
    };
    expect(
        &content,
        &context,
        &[
            "~needs field_missing",
            "!accidents nil_beside_known_incident",
            "!people#1 person_twice",
            "!people person_not_accounted_for",
            "!headcount people_differ_from_headcount",
            "~headcount headcount_moves_with_the_roster",
            "!health the_ill_are_no_more_than_the_headcount",
            "~hazards nil_after_told",
            "~correction correction_without_reason",
        ],
    );
}

// What the record knows.

fn context_of(world: &World, key: &str, at: &str) -> Context {
    Context::of(world, &Rulebook::default(), &key_of(key), &[], instant(at))
}

fn began(person: u32, unit: OfficeId, from: &str) -> Change {
    let validity = Validity::since(date(from));
    let person = PersonId(person);
    Change::ServiceBegan(Service { person, unit, home: None, validity })
}

fn ended(person: u32, unit: OfficeId, on: &str) -> Change {
    Change::ServiceEnded { person: PersonId(person), unit, on: date(on) }
}

fn after(changes: &[Change]) -> World {
    let mut world = city();
    changes.iter().for_each(|change| world.apply(change).unwrap());
    world
}

/// The cut-offs are 2026-05-25 and 2026-06-24.
#[test]
fn the_roster_is_that_of_the_cut_off_and_moves_between_two() {
    let moved = |changes: &[Change]| {
        let roster = context_of(&after(changes), "unit 2026-06", "2026-06-23 10:00").roster;
        let roster = roster.unwrap();
        let numbers = |people: &[PersonId]| people.iter().map(|one| one.0).collect::<Vec<_>>();
        [numbers(&roster.serving), numbers(&roster.arrived), numbers(&roster.departed)]
    };
    assert_eq!(moved(&[]), [vec![90], vec![], vec![]]);
    assert_eq!(moved(&[began(91, UNIT, "2026-06-24")]), [vec![90, 91], vec![91], vec![]]);
    assert_eq!(moved(&[began(91, UNIT, "2026-06-25")]), [vec![90], vec![], vec![]]);
    assert_eq!(moved(&[began(91, UNIT, "2026-05-25")]), [vec![90, 91], vec![], vec![]]);
    assert_eq!(moved(&[ended(90, UNIT, "2026-06-24")]), [vec![], vec![], vec![90]]);
    assert_eq!(moved(&[ended(90, UNIT, "2026-06-25")]), [vec![90], vec![], vec![]]);
    // A longer service ends nothing and begins nothing.
    let longer = [ended(90, UNIT, "2026-06-10"), began(90, UNIT, "2026-06-10")];
    assert_eq!(moved(&longer), [vec![90], vec![], vec![]]);
    // Came and went between two cut-offs.
    let visit = [began(91, UNIT, "2026-06-01"), ended(91, UNIT, "2026-06-20")];
    assert_eq!(moved(&visit), [vec![90], vec![], vec![]]);
}

#[test]
fn a_move_within_the_county_is_none_of_the_county() {
    let other = OfficeId(5);
    let stood = office(other, OfficeKind::Unit, Some(COUNTY));
    let moves = [stood, ended(90, UNIT, "2026-06-10"), began(90, other, "2026-06-10")];
    let world = after(&moves);
    let at = "2026-06-26 10:00";
    let county = context_of(&world, "county 2026-06", at).roster.unwrap();
    assert_eq!((county.serving.len(), county.arrived.len(), county.departed.len()), (1, 0, 0));
    let key = "O5 2026-06";
    let there = context_of(&world, key, at).roster.unwrap();
    assert_eq!((there.serving.len(), there.arrived.len()), (1, 1));
}

fn opened(office: OfficeId, occurred: Option<&str>, received: &str) -> Change {
    let incident = Incident { office, occurred: occurred.map(instant), ..incident() };
    let (id, received_at) = (IncidentId(1), instant(received));
    Change::IncidentOpened(OpenedIncident { id, incident, told_by: None, received_at })
}

#[test]
fn an_accident_is_known_for_the_days_it_happened_in() {
    #[track_caller]
    fn known(change: Change, key: &str, expected: bool) {
        let context = context_of(&after(&[change]), key, "2026-06-26 10:00");
        assert_eq!(context.incident_known, expected);
    }
    known(opened(UNIT, None, "2026-06-10 09:00"), "unit 2026-06", true);
    known(opened(UNIT, None, "2026-06-10 09:00"), "county 2026-06", true);
    known(opened(COUNTY, None, "2026-06-10 09:00"), "unit 2026-06", false);
    known(opened(UNIT, None, "2026-05-25 23:00"), "unit 2026-06", false);
    known(opened(UNIT, Some("2026-05-25 23:00"), "2026-06-02 09:00"), "unit 2026-06", false);
    known(opened(UNIT, Some("2026-05-25 23:00"), "2026-06-02 09:00"), "unit 2026-05", true);
    known(opened(UNIT, None, "2026-06-25 00:00"), "unit 2026-06", false);
    known(opened(UNIT, None, "2026-06-24 23:59"), "unit 2026-06", true);
}

#[test]
fn last_month_is_what_was_accepted_or_else_stands_unreturned() {
    let last = |changes: &[Change]| {
        let world = after(changes);
        context_of(&world, "unit 2026-07", "2026-07-20 10:00").last.and_then(|it| it.headcount)
    };
    let version = |headcount| ReturnVersion {
        received_at: instant("2026-06-20 10:00"),
        content: Some(Content { headcount: Some(headcount), ..nil() }),
        ..ReturnVersion::default()
    };
    let obligation = key_of("unit 2026-06");
    let came = |headcount| Change::ReturnCame { obligation, version: version(headcount) };
    let accepted = Change::ReturnAccepted { obligation, by: None };
    assert_eq!(last(&[]), None);
    assert_eq!(last(&[came(4)]), Some(4));
    assert_eq!(last(&[came(4), sent_back("unit 2026-06")]), None);
    assert_eq!(last(&[came(4), accepted.clone(), came(5)]), Some(4));
    assert_eq!(last(&[came(4), accepted, sent_back("unit 2026-06")]), Some(4));
    assert_eq!(last(&[came(4), sent_back("unit 2026-06"), came(5)]), Some(5));
}

// For any return.

fn answer() -> impl Strategy<Value = Answer<u32>> {
    prop_oneof![Just(Answer::Unanswered), Just(Answer::Nil), (0..=u32::MAX).prop_map(Answer::Told)]
}

fn any_content() -> impl Strategy<Value = Content> {
    let accidents = prop_oneof![
        Just(Answer::Unanswered),
        Just(Answer::Nil),
        prop::collection::vec(any::<[bool; 4]>(), 0..4).prop_map(|all| {
            Answer::Told(
                all.into_iter()
                    .map(|[when, measures, kind, place]| Incident {
                        occurred: when.then(|| instant("2026-06-10 12:00")),
                        measures_told: measures,
                        kind_told: kind,
                        place_told: place,
                        ..incident()
                    })
                    .collect(),
            )
        }),
    ];
    let state = prop_oneof![
        Just(PostState::OnPost),
        Just(PostState::OnLeave),
        Just(PostState::Left),
        Just(PostState::MovedAway)
    ];
    let person = (prop::option::of(0..6_u32), state).prop_map(|(person, state)| PersonState {
        person: person.map(PersonId),
        state,
        since: None,
    });
    let value = prop_oneof![
        Just(FieldValue::Nil),
        any::<u32>().prop_map(FieldValue::Count),
        Just(FieldValue::Told)
    ];
    let key = prop_oneof![Just("arrivals"), Just("departures"), Just("correction"), Just("other")];
    let extra = prop::collection::btree_map(key.prop_map(String::from), value, 0..4);
    let people = prop::collection::vec(person, 0..6);
    let headcount = prop::option::of(any::<u32>());
    (headcount, accidents, answer(), answer(), answer(), people, extra).prop_map(
        |(headcount, accidents, health, hazards, needs, people, extra)| Content {
            headcount,
            accidents,
            health,
            hazards,
            needs,
            stated_by: None,
            people,
            extra,
        },
    )
}

fn any_context() -> impl Strategy<Value = Context> {
    let kind =
        prop_oneof![Just(None), Just(Some(OfficeKind::Unit)), Just(Some(OfficeKind::County))];
    let numbers = || prop::collection::btree_set(0..6_u32, 0..6);
    let roster = prop::option::of((numbers(), numbers(), numbers()));
    let told = prop::collection::vec(any_content(), 0..3);
    let units = prop::option::of((told, numbers(), numbers(), any::<u32>(), any::<bool>()));
    let contents = (prop::option::of(any_content()), prop::option::of(any_content()));
    (kind, contents, any::<[bool; 2]>(), roster, units).prop_map(
        |(kind, (last, earlier), [asked_to_correct, incident_known], roster, units)| {
            let list =
                |all: std::collections::BTreeSet<u32>| -> Vec<u32> { all.into_iter().collect() };
            let offices = |all| list(all).into_iter().map(OfficeId).collect::<Vec<_>>();
            Context {
                kind,
                last,
                earlier,
                asked_to_correct,
                roster: roster.map(|(serving, arrived, departed)| Roster {
                    serving: people(&list(serving)),
                    arrived: people(&list(arrived)),
                    departed: people(&list(departed)),
                }),
                incident_known,
                units: units.map(|(told, silent, listed, silent_headcount, unread)| Units {
                    told: (3..).map(OfficeId).zip(told).collect(),
                    silent: offices(silent),
                    silent_headcount,
                    unread,
                    listed: offices(listed),
                }),
            }
        },
    )
}

proptest! {
    /// Any return against anything known: never a panic, the same again, in declared order, no
    /// finding twice, and each at a field of the form.
    #[test]
    fn checking_is_total_and_ordered(content in any_content(), context in any_context()) {
        let form = Form::built_in();
        let found = check(&form, &content, &context);
        prop_assert_eq!(&found, &check(&form, &content, &context));
        let stage = |finding: &Finding| match &finding.code {
            xibu_core::check::FindingCode::FormCheck(_) => {
                xibu_core::check::FindingCode::FormCheck(String::new())
            }
            code => code.clone(),
        };
        prop_assert!(found.is_sorted_by_key(stage), "{:?}", lines(&found));
        let mut once = lines(&found);
        once.sort();
        once.dedup();
        prop_assert_eq!(once.len(), found.len());
        prop_assert!(found.iter().all(|finding| form.field(&finding.field).is_some()));
    }

    /// The county's own sum is never called wrong.
    #[test]
    fn a_sum_never_differs_from_its_units(told in prop::collection::vec(any_content(), 1..4)) {
        let form = Form::built_in();
        let total = sum(&form, told.iter());
        let units: Vec<(u32, Content)> = (3..).zip(told).collect();
        let found = check(&form, &total, &county(&units, &[], &[]));
        let wrong: Vec<String> =
            lines(&found).into_iter().filter(|line| line.contains("sum_differs")).collect();
        // A total that no number holds is cut off at the largest.
        let cut = [total.headcount, counted(&total.health), counted(&total.hazards), counted(&total.needs)]
            .contains(&Some(u32::MAX));
        prop_assert!(wrong.is_empty() || cut, "{:?}", wrong);
    }
}

fn counted(answer: &Answer<u32>) -> Option<u32> {
    match answer {
        Answer::Told(count) => Some(*count),
        _ => None,
    }
}
