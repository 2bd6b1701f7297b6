//! People: numbers, and personal values apart from the record.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::{QueryBuilder, Row, Sqlite, SqliteConnection};
use xibu_core::change::Change;
use xibu_core::person::PersonId;

use super::super::{DocumentId, Numbers, PersonValue, Personal, Result, ValueKind};
use super::values::{civil_text, signed, small};
use super::{LIST_MAX, faults};
use crate::clock::Now;
use crate::seal::Seal;

const fn counter(numbers: Numbers) -> &'static str {
    match numbers {
        Numbers::Person => "person",
        Numbers::Office => "office",
        Numbers::Incident => "incident",
    }
}

pub(super) async fn reserve(
    connection: &mut SqliteConnection,
    numbers: Numbers,
    count: u32,
) -> Result<u32> {
    let row = sqlx::query("UPDATE counter SET last = last + ? WHERE name = ? RETURNING last")
        .bind(count)
        .bind(counter(numbers))
        .fetch_one(connection)
        .await?;
    Ok(small(&row, "last")?.saturating_sub(count) + 1)
}

/// Numbers that came with changes are taken: nobody gets them again.
pub(super) async fn know_numbers(
    connection: &mut SqliteConnection,
    changes: &[Change],
    now: Now,
) -> Result<()> {
    let mut persons = BTreeSet::new();
    let mut office_max = 0;
    for change in changes {
        match change {
            Change::OfficeStood { office, .. } => office_max = office_max.max(office.0),
            Change::Appointed(appointment) => drop(persons.insert(appointment.person)),
            Change::ServiceBegan(service) => drop(persons.insert(service.person)),
            Change::ConsentSaid { person, .. } => drop(persons.insert(*person)),
            _ => {}
        }
    }
    know_persons(connection, &persons, now).await?;
    raise(connection, Numbers::Office, office_max).await
}

async fn raise(connection: &mut SqliteConnection, numbers: Numbers, to: u32) -> Result<()> {
    sqlx::query("UPDATE counter SET last = max(last, ?) WHERE name = ?")
        .bind(to)
        .bind(counter(numbers))
        .execute(connection)
        .await?;
    Ok(())
}

async fn know_persons(
    connection: &mut SqliteConnection,
    persons: &BTreeSet<PersonId>,
    now: Now,
) -> Result<()> {
    let at = civil_text(now.civil);
    for persons in persons.iter().collect::<Vec<_>>().chunks(LIST_MAX) {
        QueryBuilder::<Sqlite>::new("INSERT OR IGNORE INTO person (id, recorded_at) ")
            .push_values(persons, |mut row, person| {
                row.push_bind(person.0).push_bind(&at);
            })
            .build()
            .execute(&mut *connection)
            .await?;
    }
    match persons.last() {
        Some(last) => raise(connection, Numbers::Person, last.0).await,
        None => Ok(()),
    }
}

pub(super) async fn set_values(
    connection: &mut SqliteConnection,
    seal: &Seal,
    values: &[PersonValue],
    document: Option<DocumentId>,
    now: Now,
) -> Result<()> {
    let persons = values.iter().map(|value| value.person).collect();
    know_persons(connection, &persons, now).await?;
    faults::forget(connection, values).await?;
    // The last word on a value counts; one statement must not name a row twice.
    let newest: BTreeMap<_, _> =
        values.iter().map(|value| ((value.person, value.kind), value)).collect();
    let at = civil_text(now.civil);
    for values in newest.values().collect::<Vec<_>>().chunks(LIST_MAX) {
        QueryBuilder::<Sqlite>::new(
            "INSERT OR REPLACE INTO person_value \
             (person, kind, value, keyed_hash, last_four, recorded_at, document) ",
        )
        .push_values(values, |mut row, value| {
            let id_number = value.kind == ValueKind::IdNumber;
            let hash = id_number.then(|| seal.keyed_hash(&value.value).to_vec());
            row.push_bind(value.person.0)
                .push_bind(value.kind.name())
                .push_bind((!id_number).then_some(&value.value))
                .push_bind(hash)
                .push_bind(id_number.then(|| last_four(&value.value)))
                .push_bind(&at)
                .push_bind(document.map(signed));
        })
        .build()
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

fn last_four(id_number: &str) -> String {
    let trimmed: Vec<char> = id_number.trim().to_uppercase().chars().collect();
    trimmed[trimmed.len().saturating_sub(4)..].iter().collect()
}

pub(super) async fn personal(
    connection: &mut SqliteConnection,
    persons: &[PersonId],
) -> Result<BTreeMap<PersonId, Personal>> {
    let mut found: BTreeMap<PersonId, Personal> = BTreeMap::new();
    for persons in persons.chunks(LIST_MAX) {
        let mut query = QueryBuilder::<Sqlite>::new(
            "SELECT person, kind, value, last_four FROM person_value WHERE person IN (",
        );
        let mut list = query.separated(", ");
        for person in persons {
            list.push_bind(person.0);
        }
        query.push(")");
        for row in query.build().fetch_all(&mut *connection).await? {
            let personal = found.entry(PersonId(small(&row, "person")?)).or_default();
            let value: Option<String> = row.try_get("value")?;
            match row.try_get("kind")? {
                "name" => personal.name = value,
                "phone" => personal.phone = value,
                "mail" => personal.mail = value,
                "id_number" => personal.id_last_four = row.try_get("last_four")?,
                other => return Err(super::values::unreadable("kind of value", other)),
            }
        }
    }
    Ok(found)
}

pub(super) async fn find(
    connection: &mut SqliteConnection,
    seal: &Seal,
    questions: &[(ValueKind, String)],
) -> Result<Vec<Vec<PersonId>>> {
    let mut answers = Vec::with_capacity(questions.len());
    for (kind, value) in questions {
        let query = if *kind == ValueKind::IdNumber {
            sqlx::query("SELECT person FROM person_value WHERE kind = ? AND keyed_hash = ?")
                .bind(kind.name())
                .bind(seal.keyed_hash(value).to_vec())
        } else {
            sqlx::query("SELECT person FROM person_value WHERE kind = ? AND value = ?")
                .bind(kind.name())
                .bind(value)
        };
        let rows = query.fetch_all(&mut *connection).await?;
        let persons: Result<Vec<PersonId>> =
            rows.iter().map(|row| Ok(PersonId(small(row, "person")?))).collect();
        answers.push(persons?);
    }
    Ok(answers)
}
