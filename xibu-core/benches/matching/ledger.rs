//! The same people in SQLite, and the same conditions as one query a posting, as somebody would
//! without this crate.
//!
//! SQLite gets what is not its trade already worked out: which major fits which asked name and how
//! closely, which wish holds which place, which word stands in which title. Every table it looks
//! things up in has its index, and it only counts, so that no row has to leave it.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sqlx::{Connection, Row, SqliteConnection};
use xibu_core::education::{Education, EducationAsked};
use xibu_core::major::{MajorFit, MajorsAsked};
use xibu_core::matching::{Index, SERVICE_ENDS_WITHIN_DAYS};
use xibu_core::posting::{Grassroots, Posting, Standing};
use xibu_core::region::Region;

use crate::Count;
use crate::made_up::today;

const TABLES: &str = "
create table profile (id integer primary key, level integer, grassroots integer, only integer,
    pay integer, soon integer);
create table own_major (major integer, profile integer, primary key (major, profile)) without rowid;
create table wish (region integer, profile integer, primary key (region, profile)) without rowid;
create table kind (kind integer, profile integer, primary key (kind, profile)) without rowid;
create table word (word integer, profile integer, primary key (word, profile)) without rowid;
create table posting (id integer primary key, levels integer, reserved integer, eligible integer,
    kind integer, pay_min integer, pay_max integer, asks integer);
create table fits (posting integer, major integer, weight integer,
    primary key (posting, major)) without rowid;
create table held (posting integer, region integer, primary key (posting, region)) without rowid;
create table said (posting integer, word integer, primary key (posting, word)) without rowid;
create index profile_level on profile (level, id);
";

/// Who may apply, with the weight of the major: by the majors where some are asked for.
const BY_MAJOR: &str = "
with able as (
    select own_major.profile as id, max(fits.weight) as weight
    from fits join own_major on own_major.major = fits.major where fits.posting = ?1 group by 1
)";
const BY_LEVEL: &str = "
with able as (
    select profile.id, 0 as weight from profile, posting
    where posting.id = ?1 and (posting.levels = 255 or posting.levels >> profile.level & 1)
)";

const COUNT: &str = ",
place as materialized (
    select distinct wish.profile as id from held join wish on wish.region = held.region
    where held.posting = ?1
), called as materialized (
    select distinct word.profile as id from said join word on word.word = said.word
    where said.posting = ?1
), scored as (
    select profile.id, able.weight
        + case when not profile.grassroots then 0 when posting.reserved then 40
               when posting.eligible then 10 else 0 end
        + case when place.id is not null then 30 else 0 end
        + case when kind.profile is not null then 15 else 0 end
        + case when called.id is not null then 20 else 0 end
        + case when profile.pay is null then 0 when posting.pay_min >= profile.pay then 15
               when posting.pay_max >= profile.pay then 5 else 0 end
        + case when profile.soon then 5 else 0 end as score
    from able join profile on profile.id = able.id join posting on posting.id = ?1
    left join place on place.id = profile.id
    left join called on called.id = profile.id
    left join kind on kind.kind = posting.kind and kind.profile = profile.id
    where (posting.levels = 255 or posting.levels >> profile.level & 1)
      and (not posting.reserved or profile.grassroots)
      and (not profile.only or place.id is not null)
)
select count(*) as matches, coalesce(sum(score), 0) as scores,
    coalesce(sum((score + 1) * id), 0) as who from scored";

/// The counts and the time of all queries; filling the tables is not timed.
pub(crate) fn count(index: &Index, postings: &[&Posting]) -> (Vec<Count>, Duration) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let mut db = SqliteConnection::connect("sqlite::memory:").await.unwrap();
        sqlx::raw_sql(TABLES).execute(&mut db).await.unwrap();
        fill(&mut db, index, postings).await;
        sqlx::raw_sql("analyze").execute(&mut db).await.unwrap();
        let by = |able: &str| sqlx::AssertSqlSafe(format!("{able}{COUNT}"));
        let start = Instant::now();
        let mut counts = Vec::new();
        for (number, posting) in (0_i64..).zip(postings) {
            if posting.standing(today()) != Standing::Open {
                counts.push(Count::default());
                continue;
            }
            let sql = by(if names(posting).is_some() { BY_MAJOR } else { BY_LEVEL });
            let row = sqlx::query(sql).bind(number).fetch_one(&mut db).await.unwrap();
            counts.push(Count {
                matches: row.get("matches"),
                scores: row.get("scores"),
                who: row.get("who"),
            });
        }
        (counts, start.elapsed())
    })
}

fn names(posting: &Posting) -> Option<&MajorsAsked> {
    let asked = posting.majors.as_ref().map(|told| &told.value)?;
    matches!(asked, MajorsAsked::OneOf { .. }).then_some(asked)
}

/// Distinct things with a number each.
struct Numbers<T>(BTreeMap<T, usize>);

impl<T: Ord + Clone> Numbers<T> {
    fn of(all: impl Iterator<Item = T>) -> Self {
        let mut numbers = BTreeMap::new();
        for one in all {
            let next = numbers.len();
            numbers.entry(one).or_insert(next);
        }
        Self(numbers)
    }
}

async fn fill(db: &mut SqliteConnection, index: &Index, postings: &[&Posting]) {
    let people = index.profiles();
    let majors = Numbers::of(people.iter().flat_map(|one| one.majors.iter().cloned()));
    let regions: Numbers<Region> =
        Numbers::of(people.iter().flat_map(|p| p.places.iter().cloned()));
    let words = Numbers::of(people.iter().flat_map(|one| one.posts.iter().cloned()));
    let by = today().checked_add_days(chrono::Days::new(SERVICE_ENDS_WITHIN_DAYS)).unwrap();
    let mut rows: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    let mut add = |table, row: Value| rows.entry(table).or_default().push(row);
    for one in people {
        let id = one.person.0;
        let soon = one.serves_until.is_some_and(|on| on >= today() && on <= by);
        let only = one.places_only && !one.places.is_empty();
        let level = one.education.map(|level| level as u32);
        add(
            "profile",
            json!([
                id,
                level,
                u8::from(one.grassroots),
                u8::from(only),
                one.pay_min,
                u8::from(soon)
            ]),
        );
        one.majors.iter().for_each(|own| add("own_major", json!([majors.0[own], id])));
        one.places.iter().for_each(|wish| add("wish", json!([regions.0[wish], id])));
        one.kinds.iter().for_each(|kind| add("kind", json!([*kind as u32, id])));
        one.posts.iter().for_each(|word| add("word", json!([words.0[word], id])));
    }
    for (number, posting) in postings.iter().enumerate() {
        add("posting", facts(number, posting));
        if let Some(asked) = names(posting) {
            for (own, major) in &majors.0 {
                if let Some((_, fit)) = asked.fit(own) {
                    add("fits", json!([number, major, weight(fit)]));
                }
            }
        }
        let places = posting.places.iter().flat_map(|told| &told.value);
        for place in places {
            for (_, region) in regions.0.iter().filter(|(wish, _)| wish.holds(place)) {
                add("held", json!([number, region]));
            }
        }
        for (_, word) in words.0.iter().filter(|(word, _)| posting.title().contains(word.as_str()))
        {
            add("said", json!([number, word]));
        }
    }
    for (table, rows) in rows {
        let columns: Vec<String> =
            (0..rows[0].as_array().unwrap().len()).map(|at| format!("value->>{at}")).collect();
        let sql = format!(
            "insert or ignore into {table} select {} from json_each(?)",
            columns.join(", ")
        );
        let rows = Value::from(rows).to_string();
        sqlx::query(sqlx::AssertSqlSafe(sql)).bind(rows).execute(&mut *db).await.unwrap();
    }
}

fn facts(number: usize, posting: &Posting) -> Value {
    let levels = match posting.education.as_ref().map(|told| told.value) {
        None | Some(EducationAsked::Any) => 255,
        Some(asked) => {
            let taken = Education::ALL.into_iter().filter(|own| asked.takes(*own));
            taken.map(|own| 1 << own as u32).sum::<u32>()
        }
    };
    let pay = posting.pay.as_ref().map(|told| told.value);
    let grassroots = posting.grassroots.as_ref().map(|told| told.value);
    json!([
        number,
        levels,
        u8::from(grassroots == Some(Grassroots::Reserved)),
        u8::from(grassroots == Some(Grassroots::Eligible)),
        posting.kind.as_ref().map(|told| told.value as u32),
        pay.and_then(|pay| pay.month_min()),
        pay.and_then(|pay| pay.month_max()),
        u8::from(names(posting).is_some())
    ])
}

fn weight(fit: MajorFit) -> u32 {
    match fit {
        MajorFit::Same => 25,
        MajorFit::Contained => 20,
        MajorFit::InClass => 15,
        MajorFit::Related => 10,
    }
}
