//! Why an obligation stands as it does, and why a notice was sent or not, line by line.
//!
//! An explanation is a value: what is known and from where, how the days were worked out, what
//! follows. It speaks of people by number only. To see what was known when a decision was made, ask
//! the world of [`World::as_known_at`]; [`Explanation::changed_since`] then says what has changed.
//!
//! Not a message to an office: those are shorter and written elsewhere.

mod arithmetic;
mod history;
mod incident;
mod words;

pub use incident::{duty_name, explain_incident, kind as incident_kind, stage as incident_stage};

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};

use crate::absence::Absence;
use crate::almanac::{Almanac, path_in};
use crate::assess::{NotOwed, obligation};
use crate::calendar::tomorrow;
use crate::deadline::{StepDay, deadlines};
use crate::form::Form;
use crate::notice::{NotSent, Notice, NoticeKey, Recipient, SentLog, Step};
use crate::obligation::{Obligation, ObligationKey};
use crate::office::OfficeId;
use crate::parameter::{Parameter, Rulebook};
use crate::plan::verdict;
use crate::rule::Rule;
use crate::source::Source;
use crate::validity::Validity;
use crate::world::World;

/// The language of a rendered explanation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// 简体中文.
    Chinese,
    /// English.
    English,
}

/// A sentence in both languages, without a final stop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sentence {
    /// 简体中文.
    pub zh: String,
    /// English.
    pub en: String,
}

impl Sentence {
    pub(crate) fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { zh: zh.into(), en: en.into() }
    }

    /// The sentence in one language.
    pub fn text(&self, language: Language) -> &str {
        match language {
            Language::Chinese => &self.zh,
            Language::English => &self.en,
        }
    }
}

/// Something known, and from where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// What.
    pub sentence: Sentence,
    /// The clause or policy behind it, if any.
    pub source: Option<Source>,
    /// Number of the recorded document behind it, if any.
    pub document: Option<u64>,
}

/// An answer to 为什么, as a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explanation {
    /// What is explained.
    pub heading: Sentence,
    /// The clause the duty rests on.
    pub clause: Source,
    /// What is known.
    pub facts: Vec<Fact>,
    /// How the days were worked out, line by line.
    pub arithmetic: Vec<Sentence>,
    /// What follows.
    pub conclusion: Sentence,
}

impl Explanation {
    /// The facts that an earlier explanation of the same thing did not know: what has changed
    /// since.
    pub fn changed_since(&self, earlier: &Explanation) -> Vec<&Fact> {
        self.facts.iter().filter(|fact| !earlier.facts.contains(fact)).collect()
    }

    /// As lines of text, the last one ended too.
    pub fn render(&self, language: Language) -> String {
        let [clause, known, worked_out, conclusion] = match language {
            Language::Chinese => ["依据", "已知", "推算", "结论"],
            Language::English => ["Clause", "Known", "Worked out", "Conclusion"],
        };
        let mut text = format!("{}\n", self.heading.text(language));
        let colon = words::colon(language);
        let space = words::space(language);
        text += &format!("{clause}{colon}{space}{}\n", words::source(&self.clause).text(language));
        text += &format!("{known}{colon}\n");
        for fact in &self.facts {
            text += &format!("  · {}", fact.sentence.text(language));
            if let Some(source) = &fact.source {
                text += &words::in_brackets(words::source(source).text(language), language);
            }
            if let Some(document) = fact.document {
                text += &words::in_brackets(words::document(document).text(language), language);
            }
            text.push('\n');
        }
        text += &format!("{worked_out}{colon}\n");
        for (number, line) in self.arithmetic.iter().enumerate() {
            text += &format!("  {}. {}\n", number + 1, line.text(language));
        }
        text += &format!("{conclusion}{colon}{space}{}\n", self.conclusion.text(language));
        text
    }
}

/// Why an obligation stands as it does at `at`, or why nothing is owed.
///
/// None where the office is unknown or the rule puts no duty on such an office.
pub fn explain_obligation(
    world: &World,
    rulebook: &Rulebook,
    key: &ObligationKey,
    at: NaiveDateTime,
) -> Option<Explanation> {
    let owed = obligation(world, rulebook, key, at);
    let mut explanation = begin(world, rulebook, key, &owed)?;
    if let Ok(obligation) = &owed {
        let office = world.office(key.debtor)?;
        let ladder = Almanac::new(world, rulebook).ladder(office, key, &obligation.due);
        explanation.arithmetic.push(words::ladder(&ladder));
    }
    explanation.conclusion = match &owed {
        Ok(obligation) => words::standing(world, obligation, at),
        Err(reason) => words::not_owed(*reason),
    };
    Some(explanation)
}

/// Why a step's notice was sent, is due now, or is not sent.
///
/// None where the office is unknown, the rule puts no duty on such an office, or the month's ladder
/// has no such step.
pub fn explain_notice(
    world: &World,
    rulebook: &Rulebook,
    key: &NoticeKey,
    sent: &SentLog,
    at: NaiveDateTime,
) -> Option<Explanation> {
    let owed = obligation(world, rulebook, &key.obligation, at);
    let mut explanation = begin(world, rulebook, &key.obligation, &owed)?;
    let step = words::step(key.step);
    explanation.heading = Sentence::new(
        format!("{}：{}", explanation.heading.zh, step.zh),
        format!("{}: {}", explanation.heading.en, step.en),
    );
    let obligation = match owed {
        Ok(obligation) => obligation,
        Err(reason) => {
            explanation.conclusion = words::not_owed(reason);
            return Some(explanation);
        }
    };
    let office = world.office(key.obligation.debtor)?;
    let ladder = Almanac::new(world, rulebook).ladder(office, &key.obligation, &obligation.due);
    let day = ladder.iter().find(|day| day.step == key.step)?;
    explanation.arithmetic.push(words::step_day(day, &rulebook.calendar));
    explanation.facts.extend(absences(world, &obligation, day, at));
    explanation.conclusion = conclude_step(world, rulebook, &obligation, key, day, sent, at);
    Some(explanation)
}

fn conclude_step(
    world: &World,
    rulebook: &Rulebook,
    obligation: &Obligation,
    key: &NoticeKey,
    day: &StepDay,
    sent: &SentLog,
    at: NaiveDateTime,
) -> Sentence {
    if let Some(person) = sent.get(key) {
        return words::was_sent(*person, day.to);
    }
    match verdict(world, rulebook, obligation, key.step, sent, at) {
        None => words::not_yet(day.date),
        Some(Ok(notice)) => words::is_due(&notice),
        Some(Err(reason)) => words::not_sent(&reason),
    }
}

/// Heading, clause, facts and the month's arithmetic; the conclusion is still to come.
fn begin(
    world: &World,
    rulebook: &Rulebook,
    key: &ObligationKey,
    owed: &Result<Obligation, NotOwed>,
) -> Option<Explanation> {
    if matches!(owed, Err(NotOwed::OfficeUnknown | NotOwed::OfficeIsNoDebtor)) {
        return None;
    }
    let path = path_in(world, key.debtor, key.period);
    let month = deadlines(key.period, &path, rulebook);
    let mut facts = settings(rulebook, key, &path);
    facts.extend(told(world, key, rulebook.forms.of(&path, key.period)));
    Some(Explanation {
        heading: words::heading(world, key, month.cutoff_day()),
        clause: key.rule.source(),
        facts,
        arithmetic: arithmetic::month(&month, key.rule, &path, rulebook),
        conclusion: Sentence::new("", ""),
    })
}

/// The settings the month rests on, each with its source.
fn settings(rulebook: &Rulebook, key: &ObligationKey, path: &[OfficeId]) -> Vec<Fact> {
    let mut parameters = Vec::from([Parameter::ReportDueDay, Parameter::ReportOpeningDay]);
    match key.rule {
        Rule::UnitMonthlyReturn => parameters
            .extend([Parameter::UnitCutoffWorkingDaysBeforeTarget, Parameter::UnitCutoffDayMax]),
        Rule::CountyMonthlyReturn => parameters.push(Parameter::RollRestDayForward),
    }
    let mut facts: Vec<Fact> = parameters
        .into_iter()
        .map(|parameter| rulebook.parameters.get(parameter, path, key.period.day(1)))
        .map(|setting| Fact {
            sentence: words::setting(setting),
            source: Some(setting.source.clone()),
            document: None,
        })
        .collect();
    facts.push(Fact {
        sentence: Sentence::new(
            "所存通知文本没有成文日期；自2009年5月起适用，现在是否仍然有效未知",
            "our copy of the notice bears no date; applied from 2009-05 on because it speaks of \
             influenza A(H1N1); whether it still binds is unknown",
        ),
        source: Some(Source::Policy {
            set_by: "xibu".into(),
            reason: "文中提到甲型H1N1流感防控，据此推定".into(),
        }),
        document: None,
    });
    facts
}

/// What was told about this debt: since when the rule acts, what came, what was promised.
fn told(world: &World, key: &ObligationKey, form: &Form) -> Vec<Fact> {
    let fact = |sentence, document| Fact { sentence, source: None, document };
    let mut facts = Vec::new();
    if let Some(enabled) = world.enabled(key.rule) {
        facts.push(fact(words::enabled(enabled), None));
    }
    if let Some(came) = world.return_of(key) {
        let mut earlier = None;
        for (number, version) in came.versions.iter().enumerate() {
            let sentence = history::version(number + 1, version, earlier, form);
            facts.push(fact(sentence, version.document));
            earlier = version.content.as_ref().or(earlier);
        }
        facts.push(fact(history::workflow(came), None));
        facts.extend(history::accepted(came).map(|sentence| fact(sentence, None)));
    }
    facts.extend(
        world.acknowledgements(key).iter().map(|word| fact(words::acknowledged(word), None)),
    );
    facts
}

/// Who of the offices of a debt was away between a step's day and `at`: it says why somebody else
/// is told.
fn absences(
    world: &World,
    obligation: &Obligation,
    day: &StepDay,
    at: NaiveDateTime,
) -> impl Iterator<Item = Fact> {
    let since = Validity { from: day.date, until: Some(tomorrow(at.date())) };
    let mut away: Vec<Absence> = [obligation.key.debtor, obligation.creditor]
        .into_iter()
        .flat_map(|office| world.appointments_at(office))
        .flat_map(|held| world.absences_of(held.person))
        .filter(|absence| absence.validity.overlaps(&since))
        .copied()
        .collect();
    away.sort_unstable();
    away.dedup();
    away.into_iter().map(|absence| Fact {
        sentence: words::absence(&absence),
        source: None,
        document: None,
    })
}

/// A notice's reason in words, for those who write messages and timelines.
pub fn reason(notice: &Notice) -> Sentence {
    words::reason(&notice.reason)
}

/// A step's title in words.
pub fn step(step: Step) -> Sentence {
    words::step(step)
}

/// A recipient's place in the chain, in words.
pub fn recipient(to: Recipient) -> Sentence {
    words::recipient(to)
}

/// Why nothing is owed, in words.
pub fn why_not_owed(reason: NotOwed) -> Sentence {
    words::not_owed(reason)
}

/// A reason for not sending, in words, as part of a list of reasons.
pub fn why_not_sent(reason: &NotSent) -> Sentence {
    words::why_not_sent(reason)
}

/// A reason for not sending, in words, as a sentence of its own.
pub fn not_sent(reason: &NotSent) -> Sentence {
    words::not_sent(reason)
}
