//! Who owes what by when: the rules used as a library, without the daemon.
//!
//! A made-up city with one county and two service units, on the Monday after 28 June 2026. One unit
//! has sent its return. Prints what is owed, whom to tell, and why, in Chinese.
//!
//! Not a template for a service: nothing is stored, so running it again tells the same people
//! again.
//!
//! ```text
//! cargo run -p xibu-examples --example who_owes_what
//! ```
#![allow(clippy::print_stdout, reason = "an example shows its result")]

use std::error::Error;

use chrono::{NaiveDate, NaiveDateTime};
use xibu_core::appointment::{Appointment, Role};
use xibu_core::assess::assess;
use xibu_core::change::Change;
use xibu_core::explain::{self, Language};
use xibu_core::notice::SentLog;
use xibu_core::obligation::ObligationKey;
use xibu_core::office::{OfficeId, OfficeKind, OfficeVersion};
use xibu_core::parameter::Rulebook;
use xibu_core::person::PersonId;
use xibu_core::plan::plan;
use xibu_core::returns::{Answer, Content, ReturnVersion};
use xibu_core::rule::Rule;
use xibu_core::service::Service;
use xibu_core::validity::Validity;
use xibu_core::world::World;

const CITY: OfficeId = OfficeId(1);
const COUNTY: OfficeId = OfficeId(2);
const SCHOOL: OfficeId = OfficeId(3);
const CLINIC: OfficeId = OfficeId(4);

fn main() -> Result<(), Box<dyn Error>> {
    let world = made_up_city()?;
    let rulebook = Rulebook::default();
    let now = at("2026-06-29T09:00:00")?;

    let owed = assess(&world, &rulebook, &[CITY], now);
    println!("应报事项（{now}）");
    for debt in &owed {
        let late_after = debt.due.late_after;
        println!("  {}  逾期起点 {late_after}  {:?}", debt.key, debt.standing);
    }

    let todo = plan(&world, &rulebook, &owed, &SentLog::new(), now);
    println!("\n应通知");
    for notice in &todo.notices {
        let (to, why) = (explain::recipient(notice.to), explain::reason(notice));
        println!("  {}  {}（{}）：{}", notice.key, to.zh, notice.person, why.zh);
    }
    println!("\n不通知");
    for withheld in &todo.withheld {
        println!("  {}  {}", withheld.key, explain::not_sent(&withheld.reason).zh);
    }

    let county: ObligationKey = "county_monthly_return/O2/2026-06".parse()?;
    if let Some(why) = explain::explain_obligation(&world, &rulebook, &county, now) {
        println!("\n{}", why.render(Language::Chinese));
    }
    Ok(())
}

/// City, county, a school that reports and a clinic that does not; the rules are on since June.
fn made_up_city() -> Result<World, Box<dyn Error>> {
    let since = Validity::since(day("2025-08-01")?);
    let stood = |office, kind, name: &str, superior| Change::OfficeStood {
        office,
        kind,
        version: OfficeVersion { name: name.into(), superior, gb_code: None, validity: since },
    };
    let appointed = |person, office, role| {
        Change::Appointed(Appointment { person: PersonId(person), office, role, validity: since })
    };
    let began = |person, unit| {
        let person = PersonId(person);
        Change::ServiceBegan(Service { person, unit, home: None, validity: since })
    };
    let on = at("2026-06-01T00:00:00")?;
    let school_owes =
        ObligationKey { rule: Rule::UnitMonthlyReturn, debtor: SCHOOL, period: "2026-06".parse()? };
    let changes = [
        stood(CITY, OfficeKind::City, "示例市项目办", None),
        stood(COUNTY, OfficeKind::County, "示例县项目办", Some(CITY)),
        stood(SCHOOL, OfficeKind::Unit, "示例镇中心小学", Some(COUNTY)),
        stood(CLINIC, OfficeKind::Unit, "示例镇卫生院", Some(COUNTY)),
        appointed(11, CITY, Role::Head),
        appointed(12, CITY, Role::Staff),
        appointed(21, COUNTY, Role::Head),
        appointed(22, COUNTY, Role::Contact),
        appointed(31, SCHOOL, Role::Head),
        appointed(41, CLINIC, Role::Head),
        began(101, SCHOOL),
        began(102, CLINIC),
        Change::RuleEnabled { rule: Rule::UnitMonthlyReturn, at: on },
        Change::RuleEnabled { rule: Rule::CountyMonthlyReturn, at: on },
        Change::ReturnCame {
            obligation: school_owes,
            version: ReturnVersion {
                received_at: at("2026-06-23T16:20:00")?,
                document: Some(1),
                content: Some(nothing_happened()),
                ..ReturnVersion::default()
            },
        },
    ];
    let mut world = World::default();
    for change in &changes {
        world.apply(change)?;
    }
    Ok(world)
}

/// 安全无事, said by the head of the school.
fn nothing_happened() -> Content {
    Content {
        headcount: Some(1),
        accidents: Answer::Nil,
        health: Answer::Nil,
        hazards: Answer::Nil,
        needs: Answer::Nil,
        stated_by: Some(PersonId(31)),
        ..Content::default()
    }
}

fn day(text: &str) -> Result<NaiveDate, Box<dyn Error>> {
    Ok(text.parse()?)
}

fn at(text: &str) -> Result<NaiveDateTime, Box<dyn Error>> {
    Ok(text.parse()?)
}
