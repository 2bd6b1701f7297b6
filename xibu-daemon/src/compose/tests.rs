//! Letters as offices read them, kept in `letters/`; `XIBU_REFRESH=1 cargo test compose` writes
//! them anew.

mod digest;

use std::fs;
use std::path::PathBuf;

use chrono::{NaiveDate, NaiveDateTime};
use xibu_core::change::Change;
use xibu_core::notice::{Notice, NoticeKey, Reason, Recipient, Step};
use xibu_core::obligation::ObligationKey;
use xibu_core::office::{OfficeId, OfficeKind, OfficeVersion};
use xibu_core::parameter::Rulebook;
use xibu_core::person::PersonId;
use xibu_core::rule::Rule;
use xibu_core::service::Service;
use xibu_core::validity::Validity;
use xibu_core::world::World;

use super::{About, Brief, Letter, Medium, compose};

const CITY: OfficeId = OfficeId(1);
const COUNTY: OfficeId = OfficeId(2);
const OTHER_COUNTY: OfficeId = OfficeId(3);
const UNIT: OfficeId = OfficeId(4);
const OTHER_UNIT: OfficeId = OfficeId(5);

fn at(text: &str) -> NaiveDateTime {
    text.parse().unwrap()
}

fn world() -> World {
    let from = NaiveDate::from_ymd_opt(2025, 8, 1).unwrap();
    let mut world = World::default();
    let offices = [
        (CITY, OfficeKind::City, "山城市项目办", None),
        (COUNTY, OfficeKind::County, "云岭区项目办", Some(CITY)),
        (OTHER_COUNTY, OfficeKind::County, "清溪县项目办", Some(CITY)),
        (UNIT, OfficeKind::Unit, "云岭区龙门镇人民政府", Some(COUNTY)),
        (OTHER_UNIT, OfficeKind::Unit, "云岭区第二中学", Some(COUNTY)),
    ];
    for (office, kind, name, superior) in offices {
        let validity = Validity::since(from);
        let version = OfficeVersion { name: name.into(), superior, gb_code: None, validity };
        world.apply(&Change::OfficeStood { office, kind, version }).unwrap();
    }
    for (person, unit) in [(90, UNIT), (91, UNIT), (92, OTHER_UNIT)] {
        let validity = Validity::since(from);
        let service = Service { person: PersonId(person), unit, home: None, validity };
        world.apply(&Change::ServiceBegan(service)).unwrap();
    }
    for rule in Rule::ALL {
        world.apply(&Change::RuleEnabled { rule, at: at("2026-01-01T00:00:00") }).unwrap();
    }
    world
}

fn notice(debtor: OfficeId, step: Step, to: Recipient, office: OfficeId, reason: Reason) -> Notice {
    let unit = matches!(debtor, UNIT | OTHER_UNIT);
    let rule = if unit { Rule::UnitMonthlyReturn } else { Rule::CountyMonthlyReturn };
    let obligation = ObligationKey { rule, debtor, period: "2026-06".parse().unwrap() };
    Notice {
        key: NoticeKey { obligation, step, successor: None },
        to,
        office,
        person: PersonId(10),
        reason,
        stands_in: false,
        instead_of: None,
        step_date: NaiveDate::from_ymd_opt(2026, 6, 15).unwrap(),
        not_before: at("2026-06-15T08:30:00"),
        expires: at("2026-06-30T00:00:00"),
    }
}

#[track_caller]
fn check(name: &str, time: &str, recipient: &str, notices: &[Notice]) {
    let (world, rulebook) = (world(), Rulebook::default());
    let keys = notices.iter().map(|notice| notice.key.obligation);
    let codes = keys.clone().map(|key| (key, "7341".to_owned())).collect();
    let confirm_codes = keys.map(|key| (key, "5083".to_owned())).collect();
    let letter = Letter {
        recipient,
        codes: &codes,
        volunteers: &Default::default(),
        confirm_codes: &confirm_codes,
        medium: Medium::Letter,
        about: About::Notices(notices),
        world: &world,
        rulebook: &rulebook,
        serves: &[CITY],
        at: at(time),
    };
    let rendered = compose(&letter);
    let mut shown = format!("{}\n\n{}", rendered.subject, rendered.text);
    for form in &rendered.forms {
        shown.push_str(&format!("\n[{}]\n", form.file_name));
    }
    same_as_kept(name, &shown);
}

#[track_caller]
fn same_as_kept(name: &str, shown: &str) {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/compose/letters").join(name);
    if std::env::var_os("XIBU_REFRESH").is_some() {
        fs::write(&file, shown).unwrap();
    }
    let kept = fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(shown, kept, "{name}: if the new letter is right, run again with XIBU_REFRESH=1");
}

const fn late(working_days: u32) -> Reason {
    Reason::ReturnIsLate { working_days }
}

#[test]
fn a_unit_is_asked() {
    let opening =
        notice(UNIT, Step::Opening, Recipient::UnitContact, UNIT, Reason::ReturnIsAskedFor);
    check("unit_opening.txt", "2026-06-15T08:30:00", "甲一", &[opening]);
    let today = notice(UNIT, Step::OnTheDay, Recipient::UnitContact, UNIT, Reason::TargetIsToday);
    check("unit_on_the_day.txt", "2026-06-24T08:30:00", "", &[today]);
}

#[test]
fn a_county_is_asked_and_sees_who_is_silent() {
    let opening =
        notice(COUNTY, Step::Opening, Recipient::CountyContact, COUNTY, Reason::ReturnIsAskedFor);
    check("county_opening.txt", "2026-06-15T08:30:00", "乙一", &[opening]);
    let today =
        notice(COUNTY, Step::OnTheDay, Recipient::CountyContact, COUNTY, Reason::TargetIsToday);
    let units = [UNIT, OTHER_UNIT]
        .map(|unit| notice(unit, Step::SecondAfter, Recipient::CountyContact, COUNTY, late(2)));
    check("county_two_matters.txt", "2026-06-26T08:30:00", "乙一", &[today, units[0], units[1]]);
}

#[test]
fn the_ladder_is_climbed() {
    let unit = notice(UNIT, Step::FirstAfter, Recipient::UnitHead, UNIT, late(1));
    check("unit_head.txt", "2026-06-25T08:30:00", "丙一", &[unit]);
    let unit = notice(UNIT, Step::ThirdAfter, Recipient::CountyHead, COUNTY, late(3));
    let county = notice(COUNTY, Step::FirstAfter, Recipient::CountyHead, COUNTY, late(1));
    let stands_in = Notice { stands_in: true, ..county };
    check("county_head.txt", "2026-06-29T08:30:00", "丁一", &[unit, stands_in]);
    let counties = [COUNTY, OTHER_COUNTY]
        .map(|county| notice(county, Step::SecondAfter, Recipient::CityStaff, CITY, late(2)));
    check("city_staff.txt", "2026-06-30T08:30:00", "戊一", &counties);
    let county = notice(COUNTY, Step::ThirdAfter, Recipient::CityHead, CITY, late(3));
    check("city_head.txt", "2026-07-01T08:30:00", "己一", &[county]);
}

#[test]
fn a_county_is_shown_what_was_put_together_and_how_to_say_yes() {
    let asked =
        notice(COUNTY, Step::OnTheDay, Recipient::CountyContact, COUNTY, Reason::TargetIsToday);
    check("county_on_the_day.txt", "2026-06-26T08:30:00", "乙二", &[asked]);
}

#[test]
fn a_county_is_asked_to_confirm_and_to_confirm_anew() {
    let (world, rulebook) = (world(), Rulebook::default());
    let obligation = asked_of_county();
    for (name, changed_since) in [("form_all_in.txt", false), ("form_changed_since.txt", true)] {
        let brief = Brief::Consolidation { obligation, changed_since, code: "5083".into() };
        let about = About::Errand(&brief);
        let letter = Letter {
            recipient: "乙二",
            codes: &Default::default(),
            confirm_codes: &Default::default(),
            volunteers: &Default::default(),
            medium: Medium::Letter,
            about,
            world: &world,
            rulebook: &rulebook,
            serves: &[CITY],
            at: at("2026-06-23T09:00:00"),
        };
        let rendered = compose(&letter);
        let files: Vec<&str> = rendered.forms.iter().map(|form| form.file_name.as_str()).collect();
        assert_eq!(files, ["O2-2026-06-月报告单.xlsx", "O2-2026-06-月报告单.docx"]);
        same_as_kept(name, &format!("{}\n\n{}", rendered.subject, rendered.text));
        let short = compose(&Letter { medium: Medium::Short, ..letter });
        assert!(short.text.is_empty() && short.forms.is_empty(), "it goes by mail alone");
    }
}

fn asked_of_county() -> ObligationKey {
    ObligationKey {
        rule: Rule::CountyMonthlyReturn,
        debtor: COUNTY,
        period: "2026-06".parse().unwrap(),
    }
}
