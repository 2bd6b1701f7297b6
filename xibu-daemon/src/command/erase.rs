//! `erase`: takes a person's values out of the data; every figure and hash stays.
//!
//! What may be erased is [`crate::erasure`]'s, how it is done the store's.

use std::io::Read;
use std::path::Path;

use serde::Serialize;
use xibu_core::person::PersonId;

use super::Context;
use super::arguments::Erase;
use super::office::Office;
use super::outcome::{Exit, Failure, Outcome};
use super::screen::{Mark, Screen};
use crate::erasure::{Refused, ends_of_service, order, refused};
use crate::record::Record;
use crate::store::erasure::{Erased, Order};
use crate::store::{Store, StoreError, ValueKind};

/// How often it is made up again because somebody recorded something meanwhile.
const TRIES_MAX: u32 = 5;
/// Who does it, as the record says.
const BY: &str = "clerk";

/// The line of `--json`.
#[derive(Serialize)]
struct Line<'a> {
    person: PersonId,
    dry_run: bool,
    #[serde(flatten)]
    erased: &'a Erased,
    /// Files beside the data that hold what was read in; they are not this program's to delete.
    files_beside: usize,
}

/// Runs it.
pub(super) async fn run(options: &Erase, context: &mut Context) -> Outcome {
    let office = Office::open(context).await?;
    let person = whom(&options.person, &office).await?;
    let state = office.store.state().await.map_err(Failure::data)?;
    if let Some(address) = &state.redirect_to {
        let question = [(ValueKind::Mail, address.clone())];
        let found = office.store.find_persons(&question).await.map_err(Failure::data)?;
        if found.iter().flatten().any(|found| *found == person) {
            return Err(redirected());
        }
    }
    if !crate::simulate::remove_leftover(office.settings.data()) {
        return Err(Failure::data("a simulation is running on this data; let it end first"));
    }
    let beside = hashes_beside(&office)?;
    let erased = work(options, person, &office).await?;
    let mut gone = std::collections::BTreeSet::new();
    for id in erased.destroyed.iter().chain(erased.restricted.iter().map(|(id, _)| id)) {
        let document = office.store.document(*id).await.map_err(Failure::data)?;
        gone.extend(document.map(|document| document.sha256));
    }
    let files_beside = beside.iter().filter(|hash| gone.contains(*hash)).count();
    office.store.close().await;
    let dry_run = options.dry_run;
    match options.json {
        true => context.screen.json(&Line { person, dry_run, erased: &erased, files_beside }),
        false => print(person, dry_run, &erased, files_beside, &mut context.screen),
    }
    let open = !erased.unsearched.is_empty() || !erased.left_in.is_empty() || files_beside > 0;
    let open = open || !(dry_run || erased.cleaned);
    Ok(if open { Exit::Findings } else { Exit::Done })
}

/// Makes the order up against the record as it is, once more where that moved meanwhile.
async fn work(options: &Erase, person: PersonId, office: &Office) -> Result<Erased, Failure> {
    let now = office.clock.now();
    let mut record = Record::load(&office.store).await.map_err(Failure::data)?;
    for _ in 0..TRIES_MAX {
        record.follow(&office.store).await.map_err(Failure::data)?;
        let made = made_up(options, person, &record, now.date())?;
        if options.dry_run {
            return office.store.erasure(&made, now).await.map_err(Failure::data);
        }
        match office.store.erase(&made, now).await {
            Err(StoreError::Moved { .. }) => {}
            erased => return erased.map_err(Failure::data),
        }
    }
    Err(Failure::data("the record keeps moving; try again"))
}

fn made_up(
    options: &Erase,
    person: PersonId,
    record: &Record,
    today: chrono::NaiveDate,
) -> Result<Order, Failure> {
    let world = record.world();
    let mut made = order(world, record.last_sequence(), person, today, BY);
    match refused(world, person, today) {
        Some(Refused::StillServes { .. }) if options.end_service => {
            made.before = ends_of_service(world, person, today);
            Ok(made)
        }
        Some(refused) => Err(why_not(person, refused)),
        None => Ok(made),
    }
}

/// The person meant: by number, or by a phone, mail address or id number read from standard input,
/// so that it stands in no command line.
async fn whom(text: &str, office: &Office) -> Result<PersonId, Failure> {
    if text != "-" {
        return text.parse().map_err(|_| {
            Failure::new(
                Exit::Usage,
                format!("{text} 不是人员编号；例如 P12，或写 - 从标准输入读手机、邮箱或身份证号"),
                format!(
                    "{text} is no person; for example P12, or - to read a phone, mail address \
                     or id number from standard input"
                ),
            )
        });
    }
    let mut value = String::new();
    std::io::stdin().read_to_string(&mut value).map_err(Failure::data)?;
    let value = value.trim();
    let kinds = [ValueKind::Phone, ValueKind::Mail, ValueKind::IdNumber, ValueKind::Name];
    let questions = kinds.map(|kind| (kind, value.to_owned()));
    let found = office.store.find_persons(&questions).await.map_err(Failure::data)?;
    let mut found: Vec<PersonId> = found.into_iter().flatten().collect();
    found.sort();
    found.dedup();
    match found.as_slice() {
        [one] => Ok(*one),
        [] => Err(Failure::new(Exit::Data, "没有这个人", "nobody is known by this")),
        several => {
            let list: Vec<String> = several.iter().map(ToString::to_string).collect();
            let list = list.join(" ");
            Err(Failure::new(
                Exit::Usage,
                format!("不止一人：{list}；请写编号"),
                format!("more than one: {list}; give the number"),
            ))
        }
    }
}

fn why_not(person: PersonId, refused: Refused) -> Failure {
    let name = refused.name();
    let (chinese, english) = match refused {
        Refused::InPost { office, .. } => (
            format!("{person} 还在 {office} 任职，没有删除；请先导入新的通讯录，由他人接任"),
            format!(
                "{person} holds a post at {office}; first read in a directory with a successor"
            ),
        ),
        Refused::StillServes { unit } => (
            format!("{person} 还在 {unit} 服务，没有删除；确已离岗的加 --end-service"),
            format!("{person} serves at {unit}; `--end-service` ends that today and then erases"),
        ),
    };
    Failure::new(Exit::Data, format!("{chinese} ({name})"), format!("{english} ({name})"))
}

fn redirected() -> Failure {
    Failure::new(
        Exit::Data,
        "试用时信件改发到这个人的邮箱；请先不带 --redirect-to 运行服务 (redirected_to_this_person)",
        "mail is redirected to this person for trying out; run the service without --redirect-to \
         first (redirected_to_this_person)",
    )
}

/// SHA-256 of the files that the inbox put aside.
fn hashes_beside(office: &Office) -> Result<Vec<String>, Failure> {
    let Some(inbox) = office.settings.inbox() else { return Ok(Vec::new()) };
    let mut hashes = Vec::new();
    for folder in [inbox.to_owned(), inbox.join("已读入"), inbox.join("有问题")] {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for entry in entries {
            let path = entry.map_err(|error| Failure::file(&folder, error))?.path();
            if path.is_file() {
                hashes.push(hash_of(&path)?);
            }
        }
    }
    Ok(hashes)
}

fn hash_of(path: &Path) -> Result<String, Failure> {
    let bytes = std::fs::read(path).map_err(|error| Failure::file(path, error))?;
    Ok(hex::encode(crate::seal::sha256(&bytes)))
}

fn print(
    person: PersonId,
    dry_run: bool,
    erased: &Erased,
    files_beside: usize,
    screen: &mut Screen,
) {
    let heading = match dry_run {
        true => {
            screen.pick("试算：删除会做这些，现在什么都没有改", "would be done; nothing is now")
        }
        false => {
            screen.pick("已删除；编号、数字和哈希都留着", "erased; number, figures, hashes stay")
        }
    };
    let heading = format!("{person} {heading}");
    screen.marked(Mark::Good, heading);
    let until = erased.restricted.iter().map(|(_, until)| *until).max();
    let until = until.map_or_else(String::new, |until| format!(" → {until}"));
    let rows = [
        ("删除的个人信息", "values that go", erased.values.join(" ")),
        ("销毁的文件和信件", "papers destroyed", erased.destroyed.len().to_string()),
        (
            "到期前封存、不看不用的",
            "papers kept sealed, not shown, not used",
            format!("{}{until}", erased.restricted.len()),
        ),
        ("不再发的信", "messages not sent", erased.dropped_messages.to_string()),
    ];
    for (chinese, english, value) in rows {
        let text = screen.pick(chinese, english).to_owned();
        screen.line(format!("  {text}: {value}"));
    }
    let list = |ids: &[u64]| ids.iter().map(u64::to_string).collect::<Vec<_>>().join(" ");
    let warnings = [
        (
            !erased.unsearched.is_empty(),
            "查不了内容的文件（图片、扫描件），请人工看",
            "papers that cannot be searched (pictures); somebody has to look",
            list(&erased.unsearched),
        ),
        (
            files_beside > 0,
            "收件文件夹里还有同样的原件，请自行删除，份数",
            "the same originals still lie in the inbox folders; delete them there; how many",
            files_beside.to_string(),
        ),
        (
            !erased.left_in.is_empty(),
            "数据文件夹里仍能找到，请再运行一次",
            "still found in the data folder; run it again",
            erased.left_in.join(" "),
        ),
        (
            !dry_run && !erased.cleaned,
            "数据库正被占用，空闲处还没有覆盖，请再运行一次",
            "the database was in use and freed places were not overwritten yet; run it again",
            String::new(),
        ),
    ];
    for (_, chinese, english, value) in warnings.into_iter().filter(|warning| warning.0) {
        let text = screen.pick(chinese, english).to_owned();
        screen.marked(Mark::Warning, format!("  {text}: {value}"));
    }
    let text = screen.pick(
        "以前的备份里还有这个人，请另行销毁或在还原后再删",
        "earlier backups still hold the person: destroy them, or erase again after a restore",
    );
    let text = text.to_owned();
    screen.marked(Mark::Faint, text);
}
