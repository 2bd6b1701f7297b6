//! The demo's end: the table of the month, what was refused, where everything is, what to try next.

use std::collections::BTreeMap;

use serde::Serialize;
use xibu_core::assess::assess;
use xibu_core::consolidation::Figures;
use xibu_core::explain;
use xibu_core::notice::NotSent;
use xibu_core::rule::Rule;

use super::line::{Line, Taken};
use super::script::Script;
use super::timeline::Timeline;
use crate::command::outcome::Failure;
use crate::command::screen::{Mark, Screen};
use crate::command::words::rule_name;
use crate::delivery::frozen::FrozenMessage;
use crate::intake::Finding;
use crate::language::Language;
use crate::outbox::{Class, State};
use crate::store::{Attempt, Envelope, EnvelopeFilter, Store};

/// At most this many refused rows are printed; all of them are in the database.
const REFUSED_MAX: usize = 20;

/// One rule's line of the closing table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Sums {
    owed: u64,
    #[serde(rename = "in")]
    came: u64,
    nil: u64,
    late: u64,
    unread: u64,
    silent: u64,
    sent: u64,
    folded: u64,
    suppressed: u64,
}

impl Sums {
    fn of(figures: Figures) -> Self {
        let Figures { expected, came, nil, held, sent_back, silent, late, .. } = figures;
        let [owed, came, nil, late, unread, silent] =
            [expected, came, nil, late, held + sent_back, silent].map(u64::from);
        Self { owed, came, nil, late, unread, silent, ..Self::default() }
    }
}

/// A line of `--json`.
#[derive(Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Last<'a> {
    Sums {
        rule: Rule,
        #[serde(flatten)]
        sums: Sums,
    },
    Suppressed {
        reason: String,
        notices: u64,
    },
    Messages {
        mails: u64,
        refused: u64,
        digests: u64,
        sms: u64,
        bounced: u64,
        chats: u64,
    },
    Left {
        mails: &'a str,
        form: &'a str,
        database: &'a str,
        configuration: &'a str,
    },
}

/// Everything that the month came to.
pub(super) struct Closing {
    sums: BTreeMap<Rule, Sums>,
    suppressed: BTreeMap<String, (NotSent, u64)>,
    taken: Taken,
    /// Envelopes that came back, and digests that went.
    bounced: u64,
    digests: u64,
    /// A recommendation as it stands in somebody's digest.
    recommended: Option<Recommended>,
}

/// Why one job advertisement was recommended to one person.
struct Recommended {
    cause: String,
    title: String,
    why: String,
}

impl Closing {
    /// Adds the month up from the record and the outbox.
    pub(super) async fn of(line: &Line) -> Result<Self, Failure> {
        let settings = &line.office.settings;
        let world = line.record.world();
        let now = line.office.clock.now().civil;
        let period = line.deadlines.period;
        let mut figures: BTreeMap<Rule, Figures> = BTreeMap::new();
        let owed = assess(world, settings.rulebook(), settings.serves(), now);
        for obligation in owed.iter().filter(|obligation| obligation.key.period == period) {
            let content = world.return_of(&obligation.key).and_then(|it| it.content());
            figures.entry(obligation.key.rule).or_default().add(obligation, content);
        }
        let mut sums: BTreeMap<Rule, Sums> =
            figures.into_iter().map(|(rule, figures)| (rule, Sums::of(figures))).collect();
        let went = vec![State::Accepted, State::Delivered, State::Bounced, State::Rejected];
        let filter = EnvelopeFilter { states: went, ..Default::default() };
        let envelopes = line.office.store.envelopes(&filter).await.map_err(Failure::data)?;
        let reached = |one: &&Envelope| one.position.state.reached_somebody();
        for envelope in envelopes.iter().filter(reached) {
            let enclosed = envelope.notices.iter().filter(|one| one.left_out.is_none());
            for (index, one) in enclosed.enumerate() {
                let sum = sums.entry(one.notice.key.obligation.rule).or_default();
                sum.sent += 1;
                sum.folded += u64::from(index > 0);
            }
        }
        let mut suppressed: BTreeMap<String, (NotSent, u64)> = BTreeMap::new();
        for withheld in line.office.store.withheld().await.map_err(Failure::data)? {
            sums.entry(withheld.key.obligation.rule).or_default().suppressed += 1;
            let reason = withheld.reason;
            suppressed.entry(reason_name(&reason)).or_insert((reason, 0)).1 += 1;
        }
        let is_digest = |one: &&Envelope| one.key.class == Class::Digest;
        let recommended = recommended(line, envelopes.iter().rev().find(is_digest)).await?;
        let digests = envelopes.iter().filter(reached).filter(is_digest).count() as u64;
        let mut bounced = 0;
        for one in envelopes.iter().filter(|one| !one.position.state.reached_somebody()) {
            let attempts = line.office.store.attempts(&one.key).await.map_err(Failure::data)?;
            let came_back = |it: &Attempt| it.outcome == State::Bounced;
            bounced += u64::from(attempts.iter().any(came_back));
        }
        let taken = line.taken();
        Ok(Self { sums, suppressed, taken, bounced, digests, recommended })
    }

    /// Prints the table.
    pub(super) fn tell(&self, line: &Line, timeline: &mut Timeline<'_>) {
        if timeline.is_json() {
            return self.tell_json(line, timeline);
        }
        timeline.heading("本月结果", "the month");
        let screen = timeline.screen();
        let language = screen.language;
        let rows: Vec<Vec<String>> = self
            .sums
            .iter()
            .map(|(rule, sums)| {
                let Sums { owed, came, nil, late, unread, silent, sent, folded, suppressed } = sums;
                let figures = [owed, came, nil, late, unread, silent, sent, folded, suppressed];
                let mut row = vec![rule_name(*rule, language).to_owned()];
                row.extend(figures.map(ToString::to_string));
                row
            })
            .collect();
        let headings = match language {
            Language::Chinese => [
                "",
                "应报",
                "已报",
                "无事故",
                "迟报",
                "待看",
                "未报",
                "已提醒",
                "并入同信",
                "按规定未发",
            ],
            Language::English => [
                "",
                "owed",
                "in",
                "nil",
                "late",
                "unread",
                "silent",
                "sent",
                "folded",
                "suppressed",
            ],
        };
        screen.table(&headings, &rows);
        let why = self.suppressed.values().map(|(reason, count)| {
            format!("{} {count}", explain::why_not_sent(reason).text(language.into()))
        });
        let why = why.collect::<Vec<_>>().join(screen.pick("；", "; "));
        screen.marked(
            Mark::Faint,
            screen.pick("未发的原因：", "not sent because: ").to_owned() + &why,
        );
        self.tell_messages(line, screen);
    }

    /// How much went by which channel, and why somebody was recommended something.
    fn tell_messages(&self, line: &Line, screen: &mut Screen) {
        let language = screen.language;
        let Taken { mails, sms, chats } = self.taken;
        let (bounced, digests) = (self.bounced, self.digests);
        let refused = line.mailbox.refused();
        let text = match language {
            Language::Chinese => format!(
                "邮件 {mails} 封（其中就业信息 {digests} 封），拒收 {refused} 封；短信 {sms} 条，\
                 退回 {bounced} 条；群机器人 {chats} 条"
            ),
            Language::English => format!(
                "{mails} mails ({digests} of them job digests), {refused} refused; {sms} SMS, \
                 {bounced} came back; {chats} chat posts"
            ),
        };
        screen.line(text);
        if let Some(Recommended { title, why, .. }) = &self.recommended {
            let text = screen.pick("就业信息举例", "from a job digest").to_owned();
            screen.line(format!("{text}: {title}"));
            screen.marked(Mark::Faint, format!("  {why}"));
        }
    }

    fn tell_json(&self, line: &Line, timeline: &mut Timeline<'_>) {
        let screen = timeline.screen();
        for (rule, sums) in &self.sums {
            screen.json(&Last::Sums { rule: *rule, sums: *sums });
        }
        for (reason, (_, notices)) in &self.suppressed {
            screen.json(&Last::Suppressed { reason: reason.clone(), notices: *notices });
        }
        let Taken { mails, sms, chats } = self.taken;
        let refused = line.mailbox.refused();
        let (bounced, digests) = (self.bounced, self.digests);
        screen.json(&Last::Messages { mails, refused, digests, sms, bounced, chats });
    }
}

/// The rows that were refused while the sample data was read.
pub(super) fn tell_refused(refused: &[(String, Finding)], timeline: &mut Timeline<'_>) {
    if timeline.is_json() || refused.is_empty() {
        return;
    }
    let number = refused.len();
    timeline.heading(&format!("退回的行（{number}）"), &format!("refused rows ({number})"));
    let screen = timeline.screen();
    for (file, finding) in refused.iter().take(REFUSED_MAX) {
        let message = finding.message(screen.language.into());
        screen.marked(Mark::Warning, format!("  {file} {message}"));
    }
    if number > REFUSED_MAX {
        let text = screen.pick("其余用 intake 文件 查看", "the others: intake FILE").to_owned();
        screen.marked(Mark::Faint, format!("  … {text}"));
    }
}

/// Where everything is, and commands to look further.
pub(super) fn tell_places(
    line: &Line,
    script: &Script,
    closing: &Closing,
    form: &std::path::Path,
    roster: Option<&std::path::Path>,
    timeline: &mut Timeline<'_>,
) {
    let place = &line.place;
    let database = line.office.settings.data().join(crate::store::folder::DATABASE);
    let shown = |path: &std::path::Path| path.display().to_string();
    let configuration = shown(&place.configuration());
    if timeline.is_json() {
        timeline.screen().json(&Last::Left {
            mails: &shown(&place.mail()),
            form: &shown(form),
            database: &shown(&database),
            configuration: &configuration,
        });
        return;
    }
    timeline.heading("东西在哪里", "where things are");
    let screen = timeline.screen();
    for (chinese, english, path) in [
        ("信件（.eml）", "mails (.eml)", shown(&place.mail())),
        ("区县月报告单（.xlsx）", "a county's form (.xlsx)", shown(form)),
        ("数据库", "database", shown(&database)),
        ("配置", "configuration", configuration.clone()),
    ] {
        let text = screen.pick(chinese, english).to_owned();
        screen.line(format!("  {text}: {path}"));
    }
    timeline.heading("接着看", "look further");
    let screen = timeline.screen();
    let program = crate::command::program();
    let period = line.deadlines.period;
    let mut commands = vec!["status".to_owned()];
    if let Some(unit) = script.silent_unit {
        commands.push(format!("explain unit_monthly_return/{unit}/{period}/third_after"));
    }
    if let Some(county) = script.silent_county {
        commands.push(format!("explain county_monthly_return/{county}/{period}"));
    }
    commands.push("outbox list --state accepted".to_owned());
    commands.push("arrivals list --all".to_owned());
    if let Some(cause) = closing.recommended.as_ref().map(|one| &one.cause) {
        commands.push(format!("explain {cause}"));
    }
    commands.push("postings list --all".to_owned());
    commands.push(format!(
        "simulate --from {period}-13 --to {period}-30 --json",
        period = line.deadlines.period
    ));
    if let Some(roster) = roster {
        commands.push(format!("intake {}", shown(roster)));
    }
    for command in commands {
        screen.line(format!("  {program} {command} --config {configuration}"));
    }
    let year = period.year();
    screen.line(format!("  {program} deadlines --year {year}"));
}

/// The first recommendation of a digest.
async fn recommended(
    line: &Line,
    digest: Option<&Envelope>,
) -> Result<Option<Recommended>, Failure> {
    let Some((digest, document)) = digest.and_then(|one| Some((one, one.rendered?))) else {
        return Ok(None);
    };
    let opened = line.office.store.open_document(document).await.map_err(Failure::data)?;
    let frozen = FrozenMessage::from_bytes(&opened.bytes).map_err(Failure::data)?;
    let lines: Vec<&str> = frozen.message.text.lines().collect();
    let Some(at) = lines.iter().position(|line| line.contains("为什么推荐")) else {
        return Ok(None);
    };
    let title = lines[..at].iter().rev().find(|line| line.contains('、'));
    let cause = digest.errand.as_ref().map(|errand| errand.cause.clone()).unwrap_or_default();
    let title = title.copied().unwrap_or_default().trim().to_owned();
    Ok(Some(Recommended { cause, title, why: lines[at].trim().to_owned() }))
}

/// The reason's name in snake case.
fn reason_name(reason: &NotSent) -> String {
    match serde_json::to_value(reason) {
        Ok(serde_json::Value::String(name)) => name,
        Ok(serde_json::Value::Object(map)) => map.keys().next().cloned().unwrap_or_default(),
        _ => String::new(),
    }
}
