//! `simulate`: every message of a stretch of days, without sending one.
//!
//! Changes nothing; the work is [`crate::simulate`]'s.

use chrono_tz::Tz;
use serde::Serialize;
use xibu_core::explain;
use xibu_core::notice::{NotSent, Notice};
use xibu_core::source::Source;
use xibu_core::world::World;

use super::Context;
use super::arguments::Simulate;
use super::office::Office;
use super::outcome::{Exit, Failure, Outcome};
use super::screen::{Mark, Screen};
use crate::clock::rfc3339;
use crate::language::Language;
use crate::simulate::{Days, Simulated, Told, end_of, simulate};

/// A line of `--json`.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Line<'a> {
    Message {
        at: String,
        key: String,
        person: String,
        channel: &'a str,
        subject: &'a str,
        notices: Vec<NoticeLine>,
        errand: Option<&'a str>,
    },
    NotSent {
        key: String,
        reason: &'a str,
    },
    Withheld {
        key: String,
        reason: NotSent,
    },
    Summary {
        messages: usize,
        not_sent: usize,
        withheld: usize,
        changes_that_came: u64,
    },
}

/// A notice within a message.
#[derive(Serialize)]
struct NoticeLine {
    key: String,
    step: &'static str,
    to: &'static str,
    why: String,
    clause: Source,
}

/// Runs it.
pub(super) async fn run(options: &Simulate, context: &mut Context) -> Outcome {
    if options.to < options.from {
        return Err(Failure::new(
            Exit::Usage,
            "--to 早于 --from",
            "--to lies before --from; give the later day last",
        ));
    }
    let office = Office::open(context).await?;
    let days = Days { from: options.from.and_time(chrono::NaiveTime::MIN), to: end_of(options.to) };
    let simulated = simulate(&office.store, &office.settings, days).await.map_err(Failure::data)?;
    office.store.close().await;
    match options.json {
        true => print_json(&simulated, office.settings.zone(), &mut context.screen),
        false => print(&simulated, &mut context.screen),
    }
    Ok(Exit::Done)
}

fn print_json(simulated: &Simulated, zone: Tz, screen: &mut Screen) {
    for told in &simulated.told {
        screen.json(&Line::Message {
            at: rfc3339(told.at, zone),
            key: told.key.to_string(),
            person: told.key.person.to_string(),
            channel: &told.channel,
            subject: &told.subject,
            notices: told.notices.iter().map(notice_line).collect(),
            errand: told.errand.as_ref().map(|errand| errand.cause.as_str()),
        });
    }
    for (key, reason) in &simulated.not_sent {
        screen.json(&Line::NotSent { key: key.to_string(), reason });
    }
    for withheld in &simulated.withheld {
        screen.json(&Line::Withheld { key: withheld.key.to_string(), reason: withheld.reason });
    }
    screen.json(&Line::Summary {
        messages: simulated.told.len(),
        not_sent: simulated.not_sent.len(),
        withheld: simulated.withheld.len(),
        changes_that_came: simulated.came,
    });
}

fn notice_line(notice: &Notice) -> NoticeLine {
    NoticeLine {
        key: notice.key.to_string(),
        step: notice.key.step.name(),
        to: notice.to.name(),
        why: explain::reason(notice).text(Language::English.into()).to_owned(),
        clause: notice.key.obligation.rule.source(),
    }
}

fn print(simulated: &Simulated, screen: &mut Screen) {
    for told in &simulated.told {
        for line in lines(told, &simulated.world, screen.language) {
            screen.line(line);
        }
    }
    let language = screen.language;
    if !simulated.not_sent.is_empty() {
        let text = screen.pick("排定了但不会发的信", "planned, and not sent").to_owned();
        screen.heading(format!("{text} ({})", simulated.not_sent.len()));
        for (key, reason) in &simulated.not_sent {
            screen.line(format!("  {key}  {reason}"));
        }
    }
    if !simulated.withheld.is_empty() {
        let text = screen.pick("不提醒的步骤及原因", "steps not told, and why").to_owned();
        screen.heading(format!("{text} ({})", simulated.withheld.len()));
        for withheld in &simulated.withheld {
            let why = explain::not_sent(&withheld.reason);
            screen
                .marked(Mark::Faint, format!("  {}  {}", withheld.key, why.text(language.into())));
        }
    }
    let (messages, came) = (simulated.told.len(), simulated.came);
    let summary = match language {
        Language::Chinese => format!(
            "共 {messages} 封信，一封也没有发出；期间按记录收到 {came} 项变更，记录之后无人再报"
        ),
        Language::English => format!(
            "{messages} messages, none of which was sent; {came} changes came in as recorded, \
             and after the record nobody reports"
        ),
    };
    screen.heading(summary);
}

/// Who gets what by which clause and why.
fn lines(told: &Told, world: &World, language: Language) -> Vec<String> {
    let mut lines = vec![format!(
        "{}  {}  {}  {}",
        told.at.format("%Y-%m-%d %H:%M"),
        told.key,
        told.channel,
        told.subject
    )];
    for notice in &told.notices {
        let obligation = notice.key.obligation;
        let name = super::words::office_name(world, obligation.debtor, obligation.period);
        let step = super::words::step_name(notice.key.step, language);
        let to = super::words::recipient(notice.to, language);
        let reason = explain::reason(notice);
        let why = reason.text(language.into());
        let ground = match obligation.rule.source() {
            Source::Clause { document, clause, .. } => format!("{document} {clause}"),
            Source::Policy { set_by, .. } => set_by,
        };
        lines.push(format!("    {name} {step} → {to}：{why}〔{ground}〕"));
    }
    lines.extend(told.errand.iter().map(|errand| format!("    {}", errand.cause)));
    lines
}
