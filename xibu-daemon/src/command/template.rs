//! `template`: the form of one office for one month as a file, with the office's people and the
//! code of the request. Records and sends nothing.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;
use xibu_core::appointment::Role;
use xibu_core::obligation::ObligationKey;
use xibu_core::office::{OfficeId, OfficeKind};
use xibu_core::period::Period;
use xibu_core::person::PersonId;
use xibu_core::rule::Rule;
use xibu_core::world::World;
use xibu_plugin_abi::message::Workbook;

use super::Context;
use super::arguments::Template;
use super::office::Office;
use super::outcome::{Exit, Failure, Outcome};
use super::reading::{workbook_plugin, write};
use super::screen::Mark;
use crate::clock::Now;
use crate::store::{Personal, Store};
use crate::workbook::{
    Asked, UnitForm, asked, consolidate, consolidated, people_of, twin, unit_form,
};

/// A line of `--json`.
#[derive(Serialize)]
struct Line<'a> {
    request: String,
    file: &'a Path,
    people: usize,
}

/// Runs it.
pub(super) async fn run(options: &Template, context: &mut Context) -> Outcome {
    let office = Office::open(context).await?;
    let world = office.world().await?;
    let now = office.clock.now();
    let period = options.period.unwrap_or_else(|| Period::of(now.date()));
    let key =
        ObligationKey { rule: rule_of(&world, options.office)?, debtor: options.office, period };
    let names = names(&office, &world, key, now).await?;
    let (form, request) = made(&office, &world, key, &names, now);
    let folder = options.out.clone().unwrap_or_else(|| PathBuf::from("."));
    let mut files = Vec::new();
    if options.csv {
        files.push((format!("{}.csv", request.stem()), twin(&form, &request).into_bytes()));
    }
    let plugin = workbook_plugin(&office).await?;
    let bytes = write(&plugin, &asked(form, &request), now.unix_ms).await;
    plugin.stop().await;
    files.push((format!("{}.xlsx", request.stem()), bytes?));
    fs::create_dir_all(&folder).map_err(|error| Failure::file(&folder, error))?;
    for (name, bytes) in files {
        let path = folder.join(name);
        if !super::folder::write_new(&path, &bytes)? {
            return Err(Failure::file(&path, "already there; nothing was written over"));
        }
        if options.json {
            let (request, people) = (key.to_string(), request.people.len());
            context.screen.json(&Line { request, file: &path, people });
        } else {
            context.screen.marked(Mark::Good, path.display().to_string());
        }
    }
    Ok(Exit::Done)
}

fn rule_of(world: &World, office: OfficeId) -> Result<Rule, Failure> {
    match world.office(office).map(|office| office.kind) {
        Some(OfficeKind::Unit) => Ok(Rule::UnitMonthlyReturn),
        Some(OfficeKind::County) => Ok(Rule::CountyMonthlyReturn),
        Some(_) => Err(Failure::new(
            Exit::Data,
            format!("{office} 不报月报告单，没有要填的表"),
            format!("{office} owes no monthly return, so there is no form for it"),
        )),
        None => Err(Failure::new(
            Exit::Data,
            format!("没有登记 {office} 这个单位，请先用 import 读入通讯录"),
            format!("{office} is not on record; import a directory first"),
        )),
    }
}

/// What is known by name of those in posts there and of those who serve there.
async fn names(
    office: &Office,
    world: &World,
    key: ObligationKey,
    now: Now,
) -> Result<BTreeMap<PersonId, Personal>, Failure> {
    let mut people = people_of(world, key.debtor, now.date());
    people.extend(world.appointments_at(key.debtor).iter().map(|held| held.person));
    office.store.personal(&people).await.map_err(Failure::data)
}

fn made(
    office: &Office,
    world: &World,
    key: ObligationKey,
    names: &BTreeMap<PersonId, Personal>,
    now: Now,
) -> (Workbook, Asked) {
    let date = now.date();
    let name_of = |person: PersonId| names.get(&person)?.name.clone();
    let holder = |role| {
        let mut held = world.appointments_at(key.debtor).iter().rev();
        let held = held.find(|held| held.role == role && held.validity.contains(date))?;
        name_of(held.person)
    };
    let called = |office: OfficeId| {
        world.office_on(office, date).map_or_else(|| office.to_string(), |on| on.name.clone())
    };
    let form = match key.rule {
        Rule::UnitMonthlyReturn => unit_form(&UnitForm {
            office: key.debtor,
            name: called(key.debtor),
            county: world.path(key.debtor, date).get(1).map_or_else(String::new, |up| called(*up)),
            period: key.period,
            headcount: u32::try_from(world.volunteers(key.debtor, date)).ok(),
            contact: holder(Role::Contact),
            head: holder(Role::Head),
            answers: None,
        }),
        Rule::CountyMonthlyReturn => {
            consolidated(&consolidate(world, key.debtor, key.period, now.civil, name_of))
        }
    };
    let people = people_of(world, key.debtor, date);
    let people = people.into_iter().map(|person| (person, name_of(person).unwrap_or_default()));
    let code = office.store.request_code(&key).to_string();
    (form, Asked { key, code, people: people.collect() })
}
