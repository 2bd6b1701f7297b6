//! `city`: the city's months, by county and over time.
//!
//! Only reads. The figures are those of `status`, on time by both readings of 前.

use serde::Serialize;
use xibu_core::consolidation::{CityMonth, Confirmed, CountyMonth, Figures, city_month, confirmed};
use xibu_core::obligation::{Standing, Timeliness};
use xibu_core::office::{OfficeId, OfficeKind};
use xibu_core::period::Period;
use xibu_core::world::World;

use super::Context;
use super::arguments::City;
use super::consolidate::no_such_office;
use super::office::Office;
use super::outcome::{Exit, Failure, Outcome};
use super::screen::{Mark, Screen};
use super::words::office_name;
use crate::language::Language;
use crate::workbook::per_cent;

/// So many months are put together at once.
const MONTHS_MAX: usize = 240;

/// A line of `--json`: a month's sums, or one county of it.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Line<'a> {
    Month {
        period: Period,
        city: OfficeId,
        version: String,
        counties: Figures,
        units: Figures,
    },
    County {
        period: Period,
        county: OfficeId,
        name: &'a str,
        standing: Option<Standing>,
        not_owed: Option<xibu_core::assess::NotOwed>,
        confirmed: &'static str,
        units: Figures,
        silent: Vec<OfficeId>,
    },
}

/// Runs it.
pub(super) async fn run(options: &City, context: &mut Context) -> Outcome {
    let office = Office::open(context).await?;
    let world = office.world().await?;
    let city = city(options.office, &office, &world)?;
    let at = super::explain::last_known(&office).await?;
    let rulebook = office.settings.rulebook();
    let months: Vec<CityMonth> = periods(options)?
        .into_iter()
        .map(|period| city_month(&world, rulebook, city, period, at))
        .collect();
    Ok(show(&months, &world, options.json, &mut context.screen))
}

fn city(named: Option<OfficeId>, office: &Office, world: &World) -> Result<OfficeId, Failure> {
    let is_city =
        |id: &OfficeId| world.office(*id).is_some_and(|known| known.kind == OfficeKind::City);
    if let Some(named) = named {
        return Some(named).filter(is_city).ok_or_else(|| no_such_office(named));
    }
    let mut served = office.settings.serves().iter().copied().filter(is_city);
    served.next().ok_or_else(|| {
        Failure::new(
            Exit::Usage,
            "本系统服务的不是市项目办；请写明市的编号",
            "this daemon serves no city; name one by its number",
        )
    })
}

fn periods(options: &City) -> Result<Vec<Period>, Failure> {
    let first = options.period.or(options.from);
    let last = options.period.or(options.to);
    let (Some(first), Some(last)) = (first, last) else {
        return Err(Failure::new(Exit::Usage, "请写明月份", "name a month"));
    };
    let months = std::iter::successors(Some(first), |period| Some(period.next()));
    let months: Vec<Period> =
        months.take_while(|period| *period <= last).take(MONTHS_MAX + 1).collect();
    match months.len() {
        0 => {
            Err(Failure::new(Exit::Usage, "起止月份写反了", "the first month lies behind the last"))
        }
        count if count > MONTHS_MAX => Err(Failure::new(
            Exit::Usage,
            format!("一次最多 {MONTHS_MAX} 个月"),
            format!("at most {MONTHS_MAX} months at once"),
        )),
        _ => Ok(months),
    }
}

/// Prints months; 1 where somebody is late or something has changed since it was confirmed.
pub(super) fn show(months: &[CityMonth], world: &World, json: bool, screen: &mut Screen) -> Exit {
    match json {
        true => months.iter().for_each(|month| print_json(month, world, screen)),
        false => print(months, world, screen),
    }
    let changed = |county: &CountyMonth| {
        matches!(confirmed(world, &county.consolidation), Confirmed::ChangedSince { .. })
    };
    let look = |month: &CityMonth| {
        month.own.overdue + month.units.overdue + month.own.held + month.units.held > 0
            || month.counties.iter().any(changed)
    };
    if months.iter().any(look) { Exit::Findings } else { Exit::Done }
}

fn print_json(month: &CityMonth, world: &World, screen: &mut Screen) {
    let CityMonth { city, period, counties, own, units, version } = month;
    screen.json(&Line::Month {
        period: *period,
        city: *city,
        version: version.to_string(),
        counties: *own,
        units: *units,
    });
    for county in counties {
        screen.json(&Line::County {
            period: *period,
            county: county.county,
            name: office_name(world, county.county, *period),
            standing: county.owed.ok().map(|owed| owed.standing),
            not_owed: county.owed.err(),
            confirmed: match confirmed(world, &county.consolidation) {
                Confirmed::No => "no",
                Confirmed::Yes { .. } => "yes",
                Confirmed::ChangedSince { .. } => "changed_since",
            },
            units: county.consolidation.figures,
            silent: county.consolidation.silent().collect(),
        });
    }
}

fn print(months: &[CityMonth], world: &World, screen: &mut Screen) {
    let language = screen.language;
    let headings = headings(language);
    if months.len() > 1 {
        let rows: Vec<Vec<String>> = months
            .iter()
            .flat_map(|month| {
                let whose = [("区县", "counties", month.own), ("单位", "units", month.units)];
                whose.map(|(chinese, english, figures)| {
                    let first = format!("{} {}", month.period, language.pick(chinese, english));
                    row(first, figures)
                })
            })
            .collect();
        screen.table(&headings, &rows);
        return;
    }
    for month in months {
        screen.line(format!("{} {}", office_name(world, month.city, month.period), month.period));
        let counties = language.pick("区县合计", "counties").to_owned();
        let units = language.pick("单位合计", "units").to_owned();
        let mut rows: Vec<Vec<String>> = Vec::new();
        for county in &month.counties {
            let name = office_name(world, county.county, month.period);
            let first = format!("{name} {}", standing_text(county, language));
            rows.push(row(first, county.consolidation.figures));
        }
        rows.push(row(units, month.units));
        rows.push(row(counties, month.own));
        screen.table(&headings, &rows);
        for county in &month.counties {
            if let Confirmed::ChangedSince { .. } = confirmed(world, &county.consolidation) {
                let name = office_name(world, county.county, month.period).to_owned();
                let text = screen.pick("确认后又有变化", "changed since it was confirmed");
                let text = format!("{name}: {text}");
                screen.marked(Mark::Warning, text);
            }
        }
    }
}

const fn headings(language: Language) -> [&'static str; 10] {
    match language {
        Language::Chinese => {
            ["", "应报", "已报", "无事故", "待核对", "已退回", "未报", "迟报", "目标日前", "期限前"]
        }
        Language::English => [
            "",
            "expected",
            "in",
            "nil",
            "held",
            "sent back",
            "silent",
            "late",
            "by target",
            "by late_after",
        ],
    }
}

fn row(first: String, figures: Figures) -> Vec<String> {
    let Figures { expected, came, nil, held, sent_back, silent, late, .. } = figures;
    let counts = [expected, came, nil, held, sent_back, silent, late];
    let rates = figures.on_time_rates();
    let rates = [rates.map(|(strict, _)| strict), rates.map(|(_, lenient)| lenient)];
    let mut row = vec![first];
    row.extend(counts.map(|count| count.to_string()));
    row.extend(rates.map(|rate| rate.map(per_cent).unwrap_or_default()));
    row
}

fn standing_text(county: &CountyMonth, language: Language) -> &'static str {
    let (chinese, english) = match county.owed.map(|owed| owed.standing) {
        Err(_) => ("不应报", "owes nothing"),
        Ok(Standing::In(Timeliness::Late)) => ("迟报", "late"),
        Ok(Standing::In(_)) => ("已报", "in"),
        Ok(Standing::Unread(_)) => ("待核对", "held"),
        Ok(Standing::SentBack(_)) => ("已退回", "sent back"),
        Ok(Standing::Late) => ("逾期未报", "overdue"),
        Ok(_) => ("未报", "silent"),
    };
    language.pick(chinese, english)
}
