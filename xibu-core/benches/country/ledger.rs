//! The same country in SQLite, counted by one query, as somebody would without this crate.
//!
//! SQLite gets the days already worked out, month by month and step by step: it counts, it does not
//! know what a working day is.

use std::time::Duration;

use chrono::NaiveDateTime;
use serde_json::{Value, json};
use sqlx::{Connection, Row, SqliteConnection};
use xibu_core::deadline::{deadlines, steps};
use xibu_core::period::Period;
use xibu_core::rule::Rule;

use crate::Counts;
use crate::made_up::Country;

const TABLES: &str = "
create table office (id integer primary key, kind text not null, superior integer);
create table service (unit integer not null, first integer not null, after integer);
create table month (city integer, rule integer, period integer, covers_after integer,
    cutoff integer, opening integer, late_after integer,
    primary key (city, rule, period)) without rowid;
create table step (city integer, rule integer, period integer, step integer, date integer,
    primary key (city, rule, period, step)) without rowid;
create table came (rule integer, debtor integer, period integer,
    primary key (rule, debtor, period)) without rowid;
create table sent (rule integer, debtor integer, period integer, step integer,
    primary key (rule, debtor, period, step)) without rowid;
create index service_by_unit on service (unit);
";

/// Instants are minutes, dates days, both from one epoch. `?1` is now, `?2` today, `?3` since when
/// the rules are on.
const COUNT: &str = "
with debtor as (
    select unit.id, 0 as rule, county.superior as city
    from office unit join office county on county.id = unit.superior where unit.kind = 'Unit'
    union all
    select id, 1, superior from office where kind = 'County'
), debt as (
    select debtor.id, debtor.rule, debtor.city, month.period,
        case when exists (select 1 from came where came.rule = debtor.rule
                 and came.debtor = debtor.id and came.period = month.period) then 1
             when ?1 < month.opening then 0
             when ?1 < month.late_after then 2
             else 3 end as standing
    from debtor join month on month.city = debtor.city and month.rule = debtor.rule
    where month.late_after > ?3 and month.covers_after <= ?1
      and (debtor.rule = 1 or exists (select 1 from service where service.unit = debtor.id
           and service.first <= month.cutoff
           and (service.after is null or service.after > month.cutoff)))
), latest as (
    select city, rule, period, max(step) as step from step where date <= ?2
    group by city, rule, period
)
select 'standing' as what, rule, standing as which, count(*) as number from debt group by 2, 3
union all
select 'notice', debt.rule, latest.step, count(*)
from debt join latest using (city, rule, period)
where debt.standing in (2, 3)
  and not exists (select 1 from sent where sent.rule = debt.rule and sent.debtor = debt.id
      and sent.period = debt.period and sent.step = latest.step)
group by 2, 3
";

/// The counts and the median time of the query; filling the tables is not timed.
pub(crate) fn count(country: &Country) -> (Counts, Duration) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let mut db = SqliteConnection::connect("sqlite::memory:").await.unwrap();
        sqlx::raw_sql(TABLES).execute(&mut db).await.unwrap();
        fill(&mut db, country).await;
        sqlx::raw_sql("analyze").execute(&mut db).await.unwrap();
        let mut counts = Counts::default();
        let mut times = Vec::new();
        for _ in 0..5 {
            let (found, time) = query(&mut db, country).await;
            counts = found;
            times.push(time);
        }
        times.sort_unstable();
        (counts, times[2])
    })
}

async fn query(db: &mut SqliteConnection, country: &Country) -> (Counts, Duration) {
    let start = std::time::Instant::now();
    let rows = sqlx::query(COUNT)
        .bind(minutes(country.at))
        .bind(minutes(country.at) / 1440)
        .bind(minutes(country.enabled))
        .fetch_all(db)
        .await
        .unwrap();
    let time = start.elapsed();
    let mut counts = Counts::default();
    for row in rows {
        let (rule, which): (i64, i64) = (row.get("rule"), row.get("which"));
        let number = u64::try_from(row.get::<i64, _>("number")).unwrap();
        let (rule, which) = (rule as usize, which as usize);
        match row.get::<&str, _>("what") {
            "standing" => counts.standings[rule][which] = number,
            _ => counts.notices[rule][which] = number,
        }
    }
    (counts, time)
}

async fn fill(db: &mut SqliteConnection, country: &Country) {
    let world = &country.world;
    let on = country.at.date();
    let offices: Vec<Value> = world
        .offices()
        .map(|office| {
            let superior = office.on(on).and_then(|version| version.superior);
            json!([office.id.0, format!("{:?}", office.kind), superior.map(|id| id.0)])
        })
        .collect();
    insert(
        db,
        "insert into office select value->>0, value->>1, value->>2 from json_each(?)",
        offices,
    )
    .await;
    let services: Vec<Value> = world
        .services()
        .map(|service| {
            let days = |date: chrono::NaiveDate| minutes(date.into()) / 1440;
            let validity = service.validity;
            json!([service.unit.0, days(validity.from), validity.until.map(days)])
        })
        .collect();
    insert(
        db,
        "insert into service select value->>0, value->>1, value->>2 from json_each(?)",
        services,
    )
    .await;
    let (months, ladders) = calendar(country);
    insert(
        db,
        "insert into month select value->>0, value->>1, value->>2, value->>3, value->>4, value->>5,
         value->>6 from json_each(?)",
        months,
    )
    .await;
    insert(
        db,
        "insert into step select value->>0, value->>1, value->>2, value->>3, value->>4
         from json_each(?)",
        ladders,
    )
    .await;
    let came: Vec<Value> = world
        .returns()
        .map(|(key, _)| json!([key.rule as u32, key.debtor.0, number(key.period)]))
        .collect();
    insert(db, "insert into came select value->>0, value->>1, value->>2 from json_each(?)", came)
        .await;
    let sent: Vec<Value> = country
        .sent
        .keys()
        .map(|key| {
            let debt = key.obligation;
            json!([debt.rule as u32, debt.debtor.0, number(debt.period), key.step as u32])
        })
        .collect();
    insert(
        db,
        "insert into sent select value->>0, value->>1, value->>2, value->>3 from json_each(?)",
        sent,
    )
    .await;
}

async fn insert(db: &mut SqliteConnection, sql: &'static str, rows: Vec<Value>) {
    let rows = Value::from(rows).to_string();
    sqlx::query(sql).bind(rows).execute(db).await.unwrap();
}

/// The days of every city's months around now, and their steps.
fn calendar(country: &Country) -> (Vec<Value>, Vec<Value>) {
    let (mut months, mut ladders) = (Vec::new(), Vec::new());
    for city in &country.cities {
        for month in 1..=9 {
            let period = Period::new(2026, month).unwrap();
            let days = deadlines(period, &[*city], &country.rulebook);
            for rule in Rule::ALL {
                let due = days.due(rule);
                months.push(json!([
                    city.0,
                    rule as u32,
                    number(period),
                    minutes(days.covers_after),
                    minutes(days.cutoff_day().into()) / 1440,
                    minutes(due.opening),
                    minutes(due.late_after)
                ]));
                for step in steps(rule, &days, &[*city], &country.rulebook) {
                    ladders.push(json!([
                        city.0,
                        rule as u32,
                        number(period),
                        step.step as u32,
                        minutes(step.date.into()) / 1440
                    ]));
                }
            }
        }
    }
    (months, ladders)
}

fn number(period: Period) -> u32 {
    period.year() as u32 * 12 + period.month()
}

fn minutes(at: NaiveDateTime) -> i64 {
    at.and_utc().timestamp() / 60
}
