//! Who is away, who acts meanwhile, and that a step told to the office is told once.

use xibu_core::absence::Absence;
use xibu_core::appointment::Role;
use xibu_core::chain::{Gap, findings, holder};
use xibu_core::change::Change;
use xibu_core::explain::{Language, explain_notice};
use xibu_core::notice::SentLog;
use xibu_core::office::OfficeId;
use xibu_core::parameter::Rulebook;
use xibu_core::person::PersonId;
use xibu_core::validity::Validity;
use xibu_core::world::{Unfit, World};

use crate::house::*;

/// `21 06-01..06-10`, the last day not included, with `by 22` where a deputy is named.
pub(crate) fn away(text: &str) -> Absence {
    let mut words = text.split(' ');
    let person = PersonId(words.next().unwrap().parse().unwrap());
    let (from, until) = words.next().unwrap().split_once("..").unwrap();
    let day = |text: &str| date(&format!("2026-{text}"));
    let until = (!until.is_empty()).then(|| day(until));
    let deputy = words.nth(1).map(|deputy| PersonId(deputy.parse().unwrap()));
    Absence { person, validity: Validity { from: day(from), until }, deputy }
}

/// The county with a deputy P23 and staff P24 besides head P21 and contact P22.
fn house(absences: &[&str]) -> World {
    let mut world = city();
    for change in [
        appointed(23, COUNTY, Role::Deputy, "2020-01-01"),
        appointed(24, COUNTY, Role::Staff, "2020-01-01"),
    ] {
        world.apply(&change).unwrap();
    }
    for text in absences {
        world.apply(&Change::Absent(away(text))).unwrap();
    }
    world
}

#[test]
fn who_acts_for_whom() {
    let check = |absences: &[&str], role: Role, day: &str, expected: &str| {
        let found = holder(&house(absences), COUNTY, role, date(&format!("2026-{day}")));
        let found = match found {
            Ok(holder) => {
                let away = holder.instead_of.map(|away| format!(" for {away}")).unwrap_or_default();
                assert_eq!(holder.stands_in, !away.is_empty(), "{absences:?}");
                format!("{}{away}", holder.person)
            }
            Err(Gap::EverybodyAway { .. }) => "everybody away".to_owned(),
            Err(gap) => format!("{gap:?}"),
        };
        assert_eq!(found, expected, "{absences:?} {role:?} {day}");
    };
    use Role::{Contact, Head};
    check(&[], Head, "06-05", "P21");
    check(&["21 06-01..06-10"], Head, "05-31", "P21");
    check(&["21 06-01..06-10"], Head, "06-01", "P23 for P21");
    check(&["21 06-01..06-10"], Head, "06-09", "P23 for P21");
    check(&["21 06-01..06-10"], Head, "06-10", "P21");
    check(&["21 06-01.."], Head, "06-30", "P23 for P21");
    check(&["21 06-01..06-10 by 24"], Head, "06-05", "P24 for P21");
    // The named deputy is away too: the office's own order.
    check(&["21 06-01..06-10 by 24", "24 06-05..06-06"], Head, "06-05", "P23 for P21");
    check(&["21 06-01..06-10 by 24", "24 06-05..06-06"], Head, "06-06", "P24 for P21");
    check(&["21 06-01..06-10", "23 06-01..06-10"], Head, "06-05", "everybody away");
    check(&["22 06-01..06-10"], Contact, "06-05", "P23 for P22");
    check(&["22 06-01..06-10", "23 06-01..06-10"], Contact, "06-05", "P21 for P22");
    check(
        &["22 06-01..06-10", "23 06-01..06-10", "21 06-01..06-10"],
        Contact,
        "06-05",
        "everybody away",
    );
    // Staff does not act for anybody unless named.
    check(&["22 06-01..06-10 by 24"], Contact, "06-05", "P24 for P22");
}

#[test]
fn what_cannot_be() {
    let refused = |known: &[&str], text: &str| {
        let mut world = house(known);
        let before = world.clone();
        let unfit = world.apply(&Change::Absent(away(text))).unwrap_err();
        assert_eq!(world, before);
        assert!(!unfit.to_string().ends_with('.'));
        unfit
    };
    let from = date("2026-06-05");
    assert_eq!(refused(&[], "21 06-05..06-05"), Unfit::EndsBeforeItBegins { from });
    assert_eq!(refused(&[], "90 06-05..06-09"), Unfit::HoldsNoPost { person: PersonId(90) });
    let (person, deputy) = (PersonId(21), PersonId(31));
    assert_eq!(
        refused(&[], "21 06-05..06-09 by 31"),
        Unfit::DeputyOfAnotherOffice { person, deputy }
    );
    let deputy = person;
    assert_eq!(
        refused(&[], "21 06-05..06-09 by 21"),
        Unfit::DeputyOfAnotherOffice { person, deputy }
    );
    let known = ["21 06-05..06-09"];
    assert_eq!(refused(&known, "21 06-08..06-12"), Unfit::AlreadyAway { person, from });
    let mut world = house(&known);
    let ended = |world: &mut World, absence, on: &str| {
        world.apply(&Change::AbsenceEnded { absence, on: date(on) })
    };
    let other = away("21 06-05..06-10");
    assert_eq!(ended(&mut world, other, "2026-06-07"), Err(Unfit::NotAway { person }));
    ended(&mut world, away(known[0]), "2026-06-07").unwrap();
    assert_eq!(world.absences_of(person), [away("21 06-05..06-07")]);
    ended(&mut world, away("21 06-05..06-07"), "2026-06-05").unwrap();
    assert_eq!(world.absences_of(person), []);
}

#[test]
fn a_gap_is_a_finding_and_a_covered_absence_is_none() {
    let gaps = |absences: &[&str]| findings(&house(absences), date("2026-06-05"));
    assert_eq!(gaps(&["21 06-01..06-10"]), []);
    let gap = |role| Gap::EverybodyAway { office: COUNTY, role };
    assert_eq!(gaps(&["21 06-01..06-10", "23 06-01..06-10"]), [gap(Role::Head)]);
}

#[test]
fn the_ladder_passes_over_whoever_is_away() {
    // The county's contact is away over the opening, the head over the first late step.
    let world = house(&["22 06-10..06-20", "21 06-28..06-30 by 24"]);
    let lines = diary(world, "2026-06-15", "2026-07-03", &[]);
    let county: Vec<&str> =
        lines.iter().filter(|line| line.contains("county/")).map(String::as_str).collect();
    assert_eq!(
        county,
        [
            "06-15 county/opening → county_contact P23: return_is_asked_for",
            "06-24 county/before → county_contact P22: target_comes_near",
            "06-26 county/on_the_day → county_contact P22: target_is_today",
            "06-29 county/first_after → county_head P24: return_is_late",
            "06-30 county/second_after → city_staff P12: return_is_late",
            "07-01 county/third_after → city_head P11: return_is_late",
        ]
    );
}

/// Whoever comes, goes or comes back: a step told to the office on its day is not told again. Only
/// a new holder of the post hears of it.
#[test]
fn a_step_told_to_a_deputy_counts_as_told() {
    for absence in
        ["21 06-29..07-01", "21 06-29..06-30 by 24", "21 06-20..07-10", "23 06-20..07-01"]
    {
        for until in ["2026-06-30", "2026-07-03"] {
            let lines = diary(house(&[absence]), "2026-06-29", until, &[]);
            let first = lines.iter().filter(|line| line.contains("county/first_after")).count();
            assert_eq!(first, 1, "{absence}: {lines:?}");
        }
    }
    // Away from the day after it was told: nobody hears it a second time.
    let events = [("2026-06-30", Change::Absent(away("21 06-30..07-10")))];
    let lines = diary(house(&[]), "2026-06-29", "2026-06-30", &events);
    assert!(lines.iter().all(|line| !line.contains("successor")), "{lines:?}");
    // A true successor does, and where that one is away, whoever acts for them.
    let unit_is_in = came("unit 2026-06", "2026-06-20 09:00");
    let events = [
        ("2026-06-29", unit_is_in),
        ("2026-06-30", relieved(12, CITY, Role::Staff, "2020-01-01", "2026-06-30")),
        ("2026-06-30", appointed(13, CITY, Role::Staff, "2026-06-30")),
        ("2026-07-01", Change::Absent(away("13 07-01..07-09"))),
    ];
    let lines = diary(house(&[]), "2026-06-29", "2026-06-30", &events);
    assert!(lines.iter().any(|line| line.contains("second_after → city_staff P13")), "{lines:?}");
}

#[test]
fn where_everybody_is_away_the_step_waits() {
    let world = house(&["22 06-10..06-17", "23 06-10..06-17", "21 06-10..06-17"]);
    let opening = instant("2026-06-15 09:00");
    let plan = plan_at(&world, &SentLog::new(), opening);
    assert!(plan.notices.iter().all(|notice| notice.office != COUNTY));
    let reason = plan.withheld.iter().find(|one| one.key.obligation.debtor == COUNTY).unwrap();
    let reason = serde_json::to_string(&reason.reason).unwrap();
    assert!(reason.contains("everybody_away"), "{reason}");
    let back = plan_at(&world, &SentLog::new(), instant("2026-06-17 09:00"));
    let told = back.notices.iter().find(|notice| notice.office == COUNTY).unwrap();
    assert_eq!(told.person, PersonId(22));
}

#[test]
fn explain_says_who_is_away() {
    let world = house(&["22 06-10..06-20 by 24"]);
    let key = "county_monthly_return/O2/2026-06/opening".parse().unwrap();
    let at = instant("2026-06-15 09:00");
    let explained =
        explain_notice(&world, &Rulebook::default(), &key, &SentLog::new(), at).unwrap();
    let (zh, en) = (explained.render(Language::Chinese), explained.render(Language::English));
    assert!(zh.contains("P22外出") && zh.contains("由P24代理"), "{zh}");
    assert!(en.contains("due to P24 (P22 is away; this person stands in)"), "{en}");
}

/// On every day of a year and whoever is away, the one told is of the office asked and there.
#[test]
fn nobody_of_another_office_and_nobody_who_is_away() {
    let posts = [(COUNTY, 21), (COUNTY, 22), (COUNTY, 23), (COUNTY, 24)];
    for mask in 0..16_u32 {
        let mut world = house(&[]);
        for (place, (_, person)) in posts.iter().enumerate() {
            if mask & (1 << place) != 0 {
                let from = 1 + place * 2;
                let text = format!("{person} 06-{from:02}..06-{:02} by 24", from + 6);
                let mut absence = away(&text);
                absence.deputy = absence.deputy.filter(|deputy| deputy.0 != *person);
                world.apply(&Change::Absent(absence)).unwrap();
            }
        }
        for day in 1..=20 {
            let day = date(&format!("2026-06-{day:02}"));
            for role in [Role::Head, Role::Deputy, Role::Contact, Role::Staff] {
                let Ok(found) = holder(&world, COUNTY, role, day) else { continue };
                assert!(world.absence_of(found.person, day).is_none());
                assert!(posts.contains(&(OfficeId(2), found.person.0)));
            }
        }
    }
}
