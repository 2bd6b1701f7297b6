//! A country of offices that do not exist, the same for the same size.
//!
//! Thirty-two province-level offices in nine groups with due days of their own, so that on one
//! morning each group stands at another step. Of every debt of three months 10 % is missing; in
//! June 9 of these 10 have not been told the step their group has come to, which is about 1 % of
//! all debts of that month at each step.

use chrono::{NaiveDate, NaiveDateTime};
use xibu_core::appointment::{Appointment, Role};
use xibu_core::change::Change;
use xibu_core::deadline::{deadlines, steps};
use xibu_core::notice::{NoticeKey, SentLog};
use xibu_core::obligation::ObligationKey;
use xibu_core::office::{OfficeId, OfficeKind, OfficeVersion};
use xibu_core::parameter::{Parameter, Rulebook, Setting, Value};
use xibu_core::period::Period;
use xibu_core::person::PersonId;
use xibu_core::returns::{Answer, Content, ReturnVersion};
use xibu_core::rule::Rule;
use xibu_core::service::Service;
use xibu_core::source::Source;
use xibu_core::validity::Validity;
use xibu_core::world::World;

pub(crate) struct Country {
    pub(crate) world: World,
    pub(crate) rulebook: Rulebook,
    pub(crate) cities: Vec<OfficeId>,
    pub(crate) units: u32,
    pub(crate) volunteers: u32,
    pub(crate) sent: SentLog,
    pub(crate) enabled: NaiveDateTime,
    pub(crate) at: NaiveDateTime,
}

/// Due day and days of the reminder of each group. On 2026-06-23 the units of the first six have
/// come to the opening, the reminder, the day itself, and the first, second and third step after;
/// the counties of the last three to the first, second and third step after.
const GROUPS: [(u32, u32); 9] =
    [(30, 1), (30, 2), (26, 2), (25, 2), (24, 2), (23, 2), (22, 2), (21, 2), (17, 2)];

impl Country {
    pub(crate) fn made_up(counties: u32) -> Self {
        let cities = counties.min(32);
        let units = counties * 30_000 / 2_200;
        let volunteers = counties * 83_000 / 2_200;
        let enabled = instant(2026, 4, 10, 0);
        let mut country = Self {
            world: World::default(),
            rulebook: rulebook(cities),
            cities: (1..=cities).map(OfficeId).collect(),
            units,
            volunteers,
            sent: SentLog::new(),
            enabled,
            at: instant(2026, 6, 23, 10),
        };
        for city in 1..=cities {
            country.stood(city, OfficeKind::City, None);
        }
        let first_county = cities + 1;
        let first_unit = first_county + counties;
        for county in 0..counties {
            let city = 1 + county * cities / counties;
            country.stood(first_county + county, OfficeKind::County, Some(city));
        }
        for unit in 0..units {
            let county =
                first_county + (u64::from(unit) * u64::from(counties) / u64::from(units)) as u32;
            country.stood(first_unit + unit, OfficeKind::Unit, Some(county));
        }
        for volunteer in 0..volunteers {
            // Every unit has one; the rest are spread unevenly.
            let unit = if volunteer < units { volunteer } else { mix(volunteer) as u32 % units };
            country.served(volunteer, first_unit + unit);
        }
        for rule in Rule::ALL {
            country.told(&Change::RuleEnabled { rule, at: enabled });
        }
        for office in first_county..first_unit + units {
            for month in [4, 5, 6] {
                country.debt(OfficeId(office), Period::new(2026, month).unwrap());
            }
        }
        country
    }

    fn told(&mut self, change: &Change) {
        self.world.apply(change).unwrap();
    }

    /// An office with two people: head and contact, at a city head and staff.
    fn stood(&mut self, id: u32, kind: OfficeKind, superior: Option<u32>) {
        let validity = Validity::since(day(2009, 5, 1));
        let superior = superior.map(OfficeId);
        let name = format!("{kind:?} {id}");
        let version = OfficeVersion { name, superior, gb_code: None, validity };
        self.told(&Change::OfficeStood { office: OfficeId(id), kind, version });
        let second = if kind == OfficeKind::City { Role::Staff } else { Role::Contact };
        for (place, role) in [Role::Head, second].into_iter().enumerate() {
            let person = PersonId(id * 2 + place as u32);
            self.told(&Change::Appointed(Appointment {
                person,
                office: OfficeId(id),
                role,
                validity,
            }));
        }
    }

    /// One in twenty ends service before the running month's cut-off.
    fn served(&mut self, volunteer: u32, unit: u32) {
        let until = mix(volunteer).is_multiple_of(20).then(|| day(2026, 5, 20));
        self.told(&Change::ServiceBegan(Service {
            person: PersonId(1_000_000 + volunteer),
            unit: OfficeId(unit),
            home: None,
            validity: Validity { from: day(2025, 8, 1), until },
        }));
    }

    /// A return for nine of ten; what was told for the tenth.
    fn debt(&mut self, debtor: OfficeId, period: Period) {
        let rule = match self.world.office(debtor).unwrap().kind {
            OfficeKind::Unit => Rule::UnitMonthlyReturn,
            _ => Rule::CountyMonthlyReturn,
        };
        let key = ObligationKey { rule, debtor, period };
        let path = self.world.path(debtor, period.day(1));
        let month = deadlines(period, &path, &self.rulebook);
        let dice = mix(debtor.0 * 16 + period.month()) % 100;
        if dice >= 10 {
            let version = ReturnVersion {
                received_at: month.opening + chrono::Duration::hours(dice as i64),
                document: Some(u64::from(debtor.0)),
                content: Some(content()),
                ..ReturnVersion::default()
            };
            self.told(&Change::ReturnCame { obligation: key, version });
            return;
        }
        let ladder = steps(rule, &month, &path, &self.rulebook);
        let come = ladder.iter().filter(|step| step.date <= self.at.date()).count();
        let running = period.month() == 6;
        // The units of the last three groups came to their third step before today and were told.
        let group = path.last().map_or(0, |city| city.0 as usize % GROUPS.len());
        let settled = rule == Rule::UnitMonthlyReturn && group >= 6;
        let told = if running && dice < 9 && !settled { come.saturating_sub(1) } else { come };
        for step in &ladder[..told] {
            // Who it was matters only for a successor, and nobody leaves: the person now in the
            // post.
            let person = now_in_post(&path, step.to);
            self.sent
                .insert(NoticeKey { obligation: key, step: step.step, successor: None }, person);
        }
    }
}

fn now_in_post(path: &[OfficeId], to: xibu_core::notice::Recipient) -> PersonId {
    use xibu_core::notice::Recipient::{
        CityHead, CityStaff, CountyContact, CountyHead, UnitContact, UnitHead,
    };
    let from_top = path.len();
    let (office, place) = match to {
        UnitHead => (path[0], 0),
        UnitContact => (path[0], 1),
        CountyHead => (path[from_top - 2], 0),
        CountyContact => (path[from_top - 2], 1),
        CityHead => (path[from_top - 1], 0),
        CityStaff => (path[from_top - 1], 1),
    };
    PersonId(office.0 * 2 + place)
}

fn rulebook(cities: u32) -> Rulebook {
    let mut rulebook = Rulebook::default();
    for city in 1..=cities {
        let (due, reminder) = GROUPS[city as usize % GROUPS.len()];
        for (parameter, number) in
            [(Parameter::ReportDueDay, due), (Parameter::ReminderWorkingDaysBefore, reminder)]
        {
            let setting = Setting {
                parameter,
                office: Some(OfficeId(city)),
                validity: Validity::since(day(2009, 5, 1)),
                value: Value::Number(number),
                source: Source::Policy { set_by: "made up".into(), reason: "made up".into() },
            };
            rulebook.parameters = rulebook.parameters.with(setting).unwrap();
        }
    }
    rulebook
}

fn content() -> Content {
    Content {
        headcount: Some(3),
        accidents: Answer::Nil,
        health: Answer::Nil,
        hazards: Answer::Nil,
        needs: Answer::Nil,
        stated_by: Some(PersonId(1)),
        ..Content::default()
    }
}

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

fn instant(year: i32, month: u32, date: u32, hour: u32) -> NaiveDateTime {
    day(year, month, date).and_hms_opt(hour, 0, 0).unwrap()
}

/// SplitMix64's last steps: the same dice for the same number.
fn mix(number: u32) -> u64 {
    let mut x = u64::from(number).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^ (x >> 31)
}
