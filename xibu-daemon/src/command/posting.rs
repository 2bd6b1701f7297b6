//! A posting on the terminal: each field with where it was read, and what it means for one person.
//!
//! Shared by `feed`, which records nothing, and `postings`. What the words mean is the core's.

use chrono::NaiveDate;
use serde::Serialize;
use xibu_core::explain::Sentence;
use xibu_core::matching::{Verdict, WhyNot, judge};
use xibu_core::person::PersonId;
use xibu_core::posting::{Grassroots, Posting, Standing, Told, ToldBy};
use xibu_core::profile::Profile;
use xibu_core::world::World;

use super::outcome::{Exit, Failure};
use super::screen::{Mark, Screen};
use crate::job::choice::consents;
use crate::language::Language;
use crate::store::Store;

/// One person, looked up once.
pub(super) struct Whom {
    profile: Profile,
    /// Whether the person allows to be told.
    consents: bool,
}

/// Whether and why a posting fits.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Fit {
    Fits {
        fits: bool,
        consents: bool,
        #[serde(flatten)]
        verdict: Verdict,
    },
    Not {
        fits: bool,
        consents: bool,
        #[serde(flatten)]
        why_not: WhyNot,
    },
}

impl Whom {
    pub(super) async fn of(
        store: &impl Store,
        world: &World,
        person: Option<PersonId>,
    ) -> Result<Option<Self>, Failure> {
        let Some(person) = person else { return Ok(None) };
        let profile = store.profiles(&[person]).await.map_err(Failure::data)?.pop();
        let profile = profile.ok_or_else(|| {
            Failure::new(
                Exit::Data,
                format!("{person} 没有登记求职意向；读入求职意向登记表后才能比对"),
                format!("{person} has no wishes recorded; import a 求职意向登记表 first"),
            )
        })?;
        Ok(Some(Self { profile, consents: consents(world, person) }))
    }

    pub(super) fn fit(&self, posting: &Posting, today: NaiveDate) -> Fit {
        let consents = self.consents;
        match judge(&self.profile, posting, today) {
            Ok(verdict) => Fit::Fits { fits: true, consents, verdict },
            Err(why_not) => Fit::Not { fits: false, consents, why_not },
        }
    }

    pub(super) fn print(&self, posting: &Posting, today: NaiveDate, screen: &mut Screen) {
        let language = screen.language;
        let person = self.profile.person;
        match judge(&self.profile, posting, today) {
            Ok(Verdict { score, why }) => {
                let words: Vec<String> =
                    why.iter().map(|why| said(&why.sentence(), language)).collect();
                let words = words.join(language.pick("；", "; "));
                let line = match language {
                    Language::Chinese => format!("  适合 {person}（{score} 分）：{words}"),
                    Language::English => format!("  fits {person} ({score}): {words}"),
                };
                screen.marked(Mark::Good, line);
            }
            Err(why_not) => {
                let why = said(&why_not.sentence(), language);
                let line = match language {
                    Language::Chinese => format!("  不适合 {person}：{why}"),
                    Language::English => format!("  not for {person}: {why}"),
                };
                screen.marked(Mark::Warning, line);
            }
        }
        if !self.consents {
            let text = screen.pick("没有同意接收，不会推送", "no consent, so nothing is sent");
            let line = format!("  {person} {text} (no_consent)");
            screen.marked(Mark::Warning, line);
        }
    }
}

/// A posting's fields, where each was read, and those nothing was read of.
pub(super) fn print_fields(posting: &Posting, screen: &mut Screen) {
    let language = screen.language;
    let mut silent = Vec::new();
    for field in fields(posting, language) {
        match field.told {
            Some((value, from)) => {
                screen.line(format!("  {}: {value}", field.name));
                screen.marked(Mark::Faint, format!("      {from}"));
            }
            None => silent.push(field.name),
        }
    }
    if !silent.is_empty() {
        let text = screen.pick("没有读出", "nothing clear is said of").to_owned();
        let names = silent.join(language.pick("、", ", "));
        screen.marked(Mark::Warning, format!("  {text}: {names}"));
    }
    for source in &posting.sources {
        let text = screen.pick("来源", "source").to_owned();
        screen.line(format!("  {text}: {}  {}  {}", source.source, source.id, source.link));
    }
}

struct Field {
    name: &'static str,
    told: Option<(String, String)>,
}

fn fields(posting: &Posting, language: Language) -> Vec<Field> {
    fn field<T>(
        name: &'static str,
        told: Option<&Told<T>>,
        say: impl FnOnce(&T) -> String,
        language: Language,
    ) -> Field {
        let told = told.map(|told| (say(&told.value), from(told, language)));
        Field { name, told }
    }
    let say = |sentence: Sentence| said(&sentence, language);
    let pick = |chinese, english| language.pick(chinese, english);
    vec![
        field(pick("单位", "employer"), posting.employer.as_ref(), Clone::clone, language),
        field(
            pick("地点", "places"),
            posting.places.as_ref(),
            |places| {
                let names: Vec<String> = places.iter().map(|place| say(place.sentence())).collect();
                names.join(language.pick("、", ", "))
            },
            language,
        ),
        field(pick("薪资", "pay"), posting.pay.as_ref(), |pay| say(pay.sentence()), language),
        field(
            pick("学历", "education"),
            posting.education.as_ref(),
            |it| say(it.sentence()),
            language,
        ),
        field(pick("专业", "majors"), posting.majors.as_ref(), |it| say(it.sentence()), language),
        field(pick("人数", "head count"), posting.head_count.as_ref(), u32::to_string, language),
        field(
            pick("报名截止", "deadline"),
            posting.deadline.as_ref(),
            |it| say(it.sentence()),
            language,
        ),
        field(pick("类别", "kind"), posting.kind.as_ref(), |it| say(it.sentence()), language),
        field(
            pick("服务基层项目人员", "grassroots"),
            posting.grassroots.as_ref(),
            |it| {
                match it {
                    Grassroots::Reserved => language.pick("定向", "reserved"),
                    Grassroots::Eligible => language.pick("可报考或优先", "may apply"),
                }
                .to_owned()
            },
            language,
        ),
    ]
}

fn from<T>(told: &Told<T>, language: Language) -> String {
    let source = &told.source;
    match (&told.by, language) {
        (ToldBy::Field { name }, Language::Chinese) => format!("{source} 的字段 {name}"),
        (ToldBy::Field { name }, Language::English) => format!("field {name} of {source}"),
        (ToldBy::Line { number, text }, Language::Chinese) => {
            format!("{source} 正文第 {number} 行：{text}")
        }
        (ToldBy::Line { number, text }, Language::English) => {
            format!("line {number} of {source}: {text}")
        }
        (ToldBy::Title, Language::Chinese) => format!("{source} 的标题"),
        (ToldBy::Title, Language::English) => format!("the title in {source}"),
    }
}

/// Whether it can still be answered, in words.
pub(super) fn standing_name(standing: Standing, language: Language) -> &'static str {
    match standing {
        Standing::Open => language.pick("可报名", "open"),
        Standing::Withdrawn => language.pick("来源已撤下", "withdrawn"),
        Standing::Expired => language.pick("已截止", "expired"),
        Standing::Undated => language.pick("未写截止日期，发布已久", "undated and old"),
    }
}

pub(super) fn said(sentence: &Sentence, language: Language) -> String {
    sentence.text(language.into()).to_owned()
}
