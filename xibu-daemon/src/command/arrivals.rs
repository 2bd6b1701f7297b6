//! `arrivals list`, `show`, `take`, `drop`: messages from people that wait for one, people as
//! numbers.
//!
//! Only `show` unseals the words and prints them, for the person at the terminal.

use std::path::Path;

use serde::Serialize;
use xibu_core::incident::IncidentId;
use xibu_core::person::PersonId;
use xibu_plugin_abi::message::Arrived;

use super::Context;
use super::arguments::Arrivals;
use super::folder;
use super::office::Office;
use super::outcome::{Exit, Failure, Outcome};
use super::screen::{Mark, Screen};
use crate::arrival::{ByClerk, HeldFor, Judge, TakenAs, sealed, taken};
use crate::clock::rfc3339;
use crate::language::Language;
use crate::record::Record;
use crate::store::{
    Arrival, ArrivalFile, ArrivalFilter, Numbers, Store, StoreError, Taken, Verdict,
};

mod files;

/// What `--as` says where the files are to be taken in.
const FILES: &str = "files";
/// So often is a verdict made up anew while others record.
const TRIES_MAX: u32 = 5;

/// A file's name is kept to its last so many characters.
const NAME_CHARS_MAX: usize = 60;

/// A message as `--json` shows it.
#[derive(Serialize)]
struct Line<'a> {
    id: String,
    plugin: &'a str,
    person: Option<String>,
    received_at: String,
    taken_as: TakenAs,
    held: Option<HeldFor>,
    detail: &'a str,
    /// The words; only `show` gives them.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    /// What became of its files; only `show` gives them.
    #[serde(skip_serializing_if = "<[ArrivalFile]>::is_empty")]
    files: &'a [ArrivalFile],
}

/// Runs it.
pub(super) async fn run(action: Arrivals, context: &mut Context) -> Outcome {
    let office = Office::open(context).await?;
    match action {
        Arrivals::List { all, json } => list(all, json, &office, context).await,
        Arrivals::Show { id, files, json } => {
            show(&id, json, files.as_deref(), &office, context).await
        }
        Arrivals::Take { id, taken_as, from } => {
            let person = from.as_deref().map(person).transpose()?;
            if taken_as == FILES {
                return files::take(&id, &office, context).await;
            }
            take(&id, &taken_as, person, &office, context).await
        }
        Arrivals::Drop { id } => {
            let arrival = find(&id, &office).await?;
            decide(&arrival, taken(TakenAs::Dropped), None, &office, context).await
        }
    }
}

async fn list(all: bool, json: bool, office: &Office, context: &mut Context) -> Outcome {
    let filter = ArrivalFilter { only_held: !all, ..ArrivalFilter::default() };
    let mut arrivals = office.store.arrivals(&filter).await.map_err(Failure::data)?;
    // What cannot wait stands first.
    arrivals.sort_by_key(|one| !one.held.is_some_and(HeldFor::is_urgent));
    let waits = arrivals.iter().any(|arrival| arrival.held.is_some());
    let exit = if waits { Exit::Findings } else { Exit::Done };
    if json {
        arrivals.iter().for_each(|one| context.screen.json(&line(one, office)));
        return Ok(exit);
    }
    table(&arrivals, &mut context.screen);
    Ok(exit)
}

/// Prints messages, one a line, without their words.
pub(super) fn table(arrivals: &[Arrival], screen: &mut Screen) {
    let language = screen.language;
    let rows: Vec<Vec<String>> = arrivals
        .iter()
        .map(|arrival| {
            let why = arrival.held.map(|why| held_text(why, language)).unwrap_or_default();
            vec![
                format!("A{}", arrival.id),
                arrival.at.format("%Y-%m-%d %H:%M").to_string(),
                arrival.person.map(|person| person.to_string()).unwrap_or_default(),
                taken_name(arrival.taken_as, language).to_owned(),
                why.to_owned(),
                arrival.detail.clone(),
            ]
        })
        .collect();
    let headings = match language {
        Language::Chinese => ["编号", "收到", "来自", "作为", "为什么等人看", "说明"],
        Language::English => ["id", "received", "from", "taken as", "why it waits", "detail"],
    };
    screen.table(&headings, &rows);
}

async fn show(
    id: &str,
    json: bool,
    files: Option<&Path>,
    office: &Office,
    context: &mut Context,
) -> Outcome {
    let arrival = find(id, office).await?;
    let document = arrival.document.ok_or_else(|| nothing_there(id))?;
    let opened = office.store.open_document(document).await.map_err(Failure::data)?;
    let kept = office.store.arrival_files(arrival.id).await.map_err(Failure::data)?;
    // A call of a program is its file alone, and no letter.
    let Ok((arrived, blobs)) = sealed::from_bytes(&opened.bytes) else {
        let screen = &mut context.screen;
        if json {
            screen.json(&Line { files: &kept, ..line(&arrival, office) });
            return Ok(Exit::Done);
        }
        table(std::slice::from_ref(&arrival), screen);
        files::show(&kept, screen);
        return Ok(Exit::Done);
    };
    if let Some(folder) = files {
        put_files(folder, arrival.id, &arrived, &blobs)?;
    }
    if json {
        let line = Line { text: Some(arrived.text), files: &kept, ..line(&arrival, office) };
        context.screen.json(&line);
        return Ok(Exit::Done);
    }
    let screen = &mut context.screen;
    table(std::slice::from_ref(&arrival), screen);
    screen.heading(arrived.from);
    if !arrived.subject.is_empty() {
        screen.line(arrived.subject);
    }
    screen.line(arrived.text);
    for attachment in arrived.attachments {
        screen.line(format!("[{}]", attachment.file_name));
    }
    files::show(&kept, screen);
    Ok(Exit::Done)
}

/// Puts the files that came with a message into a folder, each under the message's number and its
/// own name; one that is there is left alone.
fn put_files(folder: &Path, id: u64, arrived: &Arrived, blobs: &[Vec<u8>]) -> Result<(), Failure> {
    folder::make_private(folder)?;
    for (index, attachment) in arrived.attachments.iter().enumerate() {
        let Some(bytes) = blobs.get(attachment.blob as usize) else { continue };
        // A name from outside: no way out of the folder, no hidden file.
        let name = attachment.file_name.replace(['/', '\\', '\0'], "_");
        // No longer than a file system takes; the end tells the format.
        let over = name.chars().count().saturating_sub(NAME_CHARS_MAX);
        let name: String = name.chars().skip(over).collect();
        folder::write_new(&folder.join(format!("A{id}-{}-{name}", index + 1)), bytes)?;
    }
    Ok(())
}

async fn take(
    id: &str,
    taken_as: &str,
    from: Option<PersonId>,
    office: &Office,
    context: &mut Context,
) -> Outcome {
    let arrival = find(id, office).await?;
    let word = word(taken_as)?;
    let Some(person) = from.or(arrival.person) else {
        return Err(Failure::new(
            Exit::Usage,
            format!("{id} 的发件人不明；请用 --from P编号 说明是谁"),
            format!("nobody knows who sent {id}; say who by --from P12"),
        ));
    };
    let first = office.store.reserve(Numbers::Incident, 1).await.map_err(Failure::data)?;
    for _ in 0..TRIES_MAX {
        let record = Record::load(&office.store).await.map_err(Failure::data)?;
        let code = |key: &_| office.store.request_code(key);
        let judge = Judge {
            world: record.world(),
            rulebook: office.settings.rulebook(),
            serves: office.settings.serves(),
            code: &code,
            now: office.clock.now(),
        };
        let taken = judge
            .by_clerk(word, person, arrival.at, IncidentId(first))
            .map_err(|why| cannot_be(id, why))?;
        let after = Some(record.last_sequence());
        match decide(&arrival, taken, after, office, context).await {
            Err(failure) if failure.exit == Exit::Data && moved(office, after).await => {}
            other => return other,
        }
    }
    Err(Failure::data("the record keeps moving; try again"))
}

async fn moved(office: &Office, after: Option<u64>) -> bool {
    office.store.last_sequence().await.ok() != after
}

async fn decide(
    arrival: &Arrival,
    taken: Taken,
    after: Option<u64>,
    office: &Office,
    context: &mut Context,
) -> Outcome {
    let id = format!("A{}", arrival.id);
    let name = taken_name(taken.as_what, context.language());
    let detail = taken.detail.clone();
    let verdict = Verdict { arrival: arrival.id, by: "clerk".to_owned(), after, taken };
    let decided = office.store.decide(&verdict, office.clock.now()).await;
    match decided.map_err(|error: StoreError| Failure::data(error))? {
        true => {
            context.screen.marked(Mark::Good, format!("{id}: {name} {detail}"));
            Ok(Exit::Done)
        }
        false => Err(Failure::new(
            Exit::Usage,
            format!("{id} 不在等人看；已经处理过"),
            format!("{id} does not wait for anybody; it was decided already"),
        )),
    }
}

fn line<'a>(arrival: &'a Arrival, office: &Office) -> Line<'a> {
    Line {
        id: format!("A{}", arrival.id),
        plugin: &arrival.plugin,
        person: arrival.person.map(|person| person.to_string()),
        received_at: rfc3339(arrival.at, office.settings.zone()),
        taken_as: arrival.taken_as,
        held: arrival.held,
        detail: &arrival.detail,
        text: None,
        files: &[],
    }
}

async fn find(id: &str, office: &Office) -> Result<Arrival, Failure> {
    let number = id.strip_prefix('A').unwrap_or(id).parse().map_err(|_| {
        Failure::new(
            Exit::Usage,
            format!("{id} 不是来信编号；例如 A7"),
            format!("{id} is no message's number; an example is A7"),
        )
    })?;
    let filter = ArrivalFilter { id: Some(number), ..ArrivalFilter::default() };
    let found = office.store.arrivals(&filter).await.map_err(Failure::data)?;
    found.into_iter().next().ok_or_else(|| nothing_there(id))
}

fn nothing_there(id: &str) -> Failure {
    Failure::new(Exit::Data, format!("没有这封来信：{id}"), format!("there is no message {id}"))
}

fn person(text: &str) -> Result<PersonId, Failure> {
    text.parse().map_err(|_| {
        Failure::new(
            Exit::Usage,
            format!("{text} 不是人员编号；例如 P12"),
            format!("{text} is no person's number; an example is P12"),
        )
    })
}

fn word(text: &str) -> Result<ByClerk, Failure> {
    let day = text.strip_prefix("acknowledged:").map(str::parse);
    match (text, day) {
        ("nil", _) => Ok(ByClerk::Nil),
        ("incident", _) => Ok(ByClerk::Incident),
        (_, Some(Ok(day))) => Ok(ByClerk::Acknowledged(day)),
        _ => Err(Failure::new(
            Exit::Usage,
            format!("--as 可写 files、nil、incident、acknowledged:2026-06-26，现为 {text}"),
            format!("--as takes files, nil, incident, acknowledged:2026-06-26; found {text}"),
        )),
    }
}

fn cannot_be(id: &str, why: HeldFor) -> Failure {
    let (chinese, english) = (held_text(why, Language::Chinese), held_text(why, Language::English));
    Failure::new(Exit::Data, format!("{id} 不能这样处理：{chinese}"), format!("{id}: {english}"))
}

/// What a message is taken for, in words.
fn taken_name(taken_as: TakenAs, language: Language) -> &'static str {
    let chinese = match taken_as {
        TakenAs::Nil => "安全无事",
        TakenAs::AlreadyIn => "已报过",
        TakenAs::Acknowledged => "答复",
        TakenAs::Incident => "事故",
        TakenAs::Allowed => "同意",
        TakenAs::Stopped => "退订",
        TakenAs::Unclear => "未识别",
        TakenAs::Files => "附件",
        TakenAs::Automatic => "自动回复",
        TakenAs::Nothing => "待定",
        TakenAs::Dropped => "不处理",
    };
    language.pick(chinese, taken_as.name())
}

/// Why a message waits, in words.
pub(super) fn held_text(why: HeldFor, language: Language) -> &'static str {
    let (chinese, english) = match why {
        HeldFor::UnknownSenderTellsAnAccident => {
            ("号码不认识的人报告事故", "somebody unknown tells of an accident")
        }
        HeldFor::UnknownSender => ("号码或邮箱不认识", "unknown number or address"),
        HeldFor::SenderIsSeveral => ("号码或邮箱属于几个人", "several people have this address"),
        HeldFor::MailIsBroken => {
            ("邮件无法读取，原件作为附件保留", "the mail could not be read; it is kept whole")
        }
        HeldFor::MailIsTooLarge => ("邮件太大，只读了开头", "the mail is too large to take whole"),
        HeldFor::MarkedAsSpam => ("被邮箱判为垃圾邮件", "the mail server takes it for spam"),
        HeldFor::FilesCameWithIt => ("附件还没有读", "its files are read next"),
        HeldFor::SenderLeftThePost => ("发件人已不在任", "the sender left the post"),
        HeldFor::SenderHasNoOffice => ("发件人没有任职单位", "the sender holds no post"),
        HeldFor::TooManyWrongCodes => ("当天编号错误过多", "too many wrong codes today"),
        HeldFor::CodeIsMissing => ("没有写通知里的编号", "the request's code is missing"),
        HeldFor::WrongCode => ("编号与通知不符", "the code is of no request"),
        HeldFor::BeforeTheOpening => {
            ("该月尚未开始报送，还不能确认安全无事", "that month is not asked for yet")
        }
        HeldFor::OfAnotherMonth => ("说的是另一个月", "it speaks of another month"),
        HeldFor::OfAnotherOffice => ("表中单位不归发件人", "about offices not the sender's"),
        HeldFor::HeadcountIsAnother => {
            ("人数与花名册不符", "it counts other heads than the roster")
        }
        HeldFor::AnAccidentWasTold => ("同期已报告过事故", "an accident was told for this time"),
        HeldFor::NothingIsOwed => ("没有待报的表单", "nothing is owed"),
        HeldFor::MaybeAnAccident => ("可能有事故或隐患", "perhaps an accident, or a worry"),
        HeldFor::FileTooLarge => ("附件过大", "a file is too large"),
        HeldFor::FileCannotBeRead => ("附件不能读取", "a file cannot be read"),
        HeldFor::FileNotUnderstood => ("附件认不出是什么表", "a file is no known form"),
        HeldFor::FilesChangePeople => {
            ("附件涉及人员或单位名册", "a file changes people or offices")
        }
        HeldFor::WordsForAPerson => ("要人来读", "words for a person to read"),
    };
    language.pick(chinese, english)
}
