//! `status`: who owes what, who is late, what is held or failing.
//!
//! Only reads. Exit code 1 says that somebody should look.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDateTime, TimeDelta};
use chrono_tz::Tz;
use serde::Serialize;
use xibu_core::absence::Absence;
use xibu_core::assess::assess;
use xibu_core::chain::{Gap, findings};
use xibu_core::explain::duty_name;
use xibu_core::incident::{Case, Incident, IncidentDuty, IncidentId, OpenedIncident, next_instant};
use xibu_core::obligation::{Obligation, Standing};
use xibu_core::parameter::Rulebook;
use xibu_core::period::Period;
use xibu_core::returns::Answer;
use xibu_core::rule::Rule;
use xibu_core::world::World;

use super::Context;
use super::arguments::Status;
use super::office::Office;
use super::outbox::{needs_a_person, state_name};
use super::outcome::{Exit, Failure, Outcome};
use super::screen::{Mark, Screen};
use crate::arrival::HeldFor;
use crate::clock::rfc3339;
use crate::language::Language;
use crate::outbox::State;
use crate::store::{
    AddressFault, ChannelStanding, Counts, DaemonState, DigestDay, DigestFigures, Outage,
    SourceStanding, Store,
};

mod job;
mod outside;

use outside::Outside;

/// So many stretches without a look are looked through for one that mattered.
const OUTAGES_MAX: u32 = 20;
/// At most this many offices are listed in one group for people; `--json` lists all.
const NAMES_MAX: usize = 30;

/// A line of `--json`.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Line<'a> {
    Daemon {
        at: String,
        runs: bool,
        held: Option<&'static str>,
        paused: bool,
        redirected: bool,
        last_tick: Option<String>,
    },
    Obligation {
        key: String,
        debtor: &'a str,
        creditor: String,
        target: String,
        late_after: String,
        standing: Standing,
    },
    Incident {
        key: String,
        debtor: &'a str,
        #[serde(flatten)]
        incident: &'a Incident,
    },
    Outbox {
        state: State,
        messages: u64,
    },
    Channel {
        channel: &'a str,
        failures: u32,
        paused_until: Option<String>,
        detail: &'a str,
    },
    OpenedIncident {
        incident: &'a OpenedIncident,
        stage: Option<&'static str>,
    },
    Absence {
        #[serde(flatten)]
        absence: &'a Absence,
    },
    Arrival {
        id: String,
        held: Option<HeldFor>,
    },
    AddressFault {
        #[serde(flatten)]
        fault: &'a AddressFault,
    },
    Source {
        #[serde(flatten)]
        source: &'a SourceStanding,
    },
    Quarantine {
        plugin: &'a str,
        until: String,
    },
    JobInformation {
        at: String,
        #[serde(flatten)]
        figures: &'a DigestFigures,
    },
    Gap {
        gap: Gap,
    },
    Outage {
        #[serde(flatten)]
        outage: &'a Outage,
        dropped: u64,
    },
}

/// Everything that is shown.
struct Found {
    at: NaiveDateTime,
    zone: Tz,
    runs: bool,
    state: DaemonState,
    world: World,
    obligations: Vec<Obligation>,
    counts: Counts,
    channels: Vec<ChannelStanding>,
    outside: Outside,
    job: Option<DigestDay>,
    /// What comes next of each open incident, and when.
    next: BTreeMap<IncidentId, (IncidentDuty, NaiveDateTime)>,
    gaps: Vec<Gap>,
    outage: Option<Outage>,
}

/// Runs it.
pub(super) async fn run(options: &Status, context: &mut Context) -> Outcome {
    let office = Office::open(context).await?;
    let at = match options.at {
        Some(at) => at,
        None => super::explain::last_known(&office).await?,
    };
    let found = look(&office, at).await?;
    let exit = if found.needs_a_look() { Exit::Findings } else { Exit::Done };
    match options.json {
        true => found.print_json(&mut context.screen),
        false => found.print(&mut context.screen),
    }
    Ok(exit)
}

async fn look(office: &Office, at: NaiveDateTime) -> Result<Found, Failure> {
    let settings = &office.settings;
    let world = office.world().await?;
    Ok(Found {
        at,
        zone: settings.zone(),
        runs: crate::store::folder::daemon_runs(settings.data()),
        state: office.store.state().await.map_err(Failure::data)?,
        obligations: assess(&world, settings.rulebook(), settings.serves(), at),
        counts: office.store.counts().await.map_err(Failure::data)?,
        channels: office.store.channels().await.map_err(Failure::data)?,
        outside: outside::look(office, at).await?,
        job: job::look(office).await?,
        next: next_of_all(&world, settings.rulebook(), at),
        gaps: findings(&world, at.date()),
        outage: newest_outage(office, at).await?,
        world,
    })
}

fn next_of_all(
    world: &World,
    rulebook: &Rulebook,
    at: NaiveDateTime,
) -> BTreeMap<IncidentId, (IncidentDuty, NaiveDateTime)> {
    let next =
        |id| next_instant(world, rulebook, id, at).map(|(duty, _, comes)| (id, (duty, comes)));
    world.incidents().filter_map(|opened| next(opened.id)).collect()
}

/// The newest stretch in which nothing was looked at and because of which something was dropped;
/// it is shown for a week.
async fn newest_outage(office: &Office, at: NaiveDateTime) -> Result<Option<Outage>, Failure> {
    let outages = office.store.outages(OUTAGES_MAX).await.map_err(Failure::data)?;
    let is_told = |outage: &Outage| {
        outage.dropped() > 0 && outage.until <= at && at - outage.until < TimeDelta::days(7)
    };
    Ok(outages.into_iter().find(is_told))
}

impl Found {
    fn needs_a_look(&self) -> bool {
        let owed = self
            .obligations
            .iter()
            .any(|obligation| matches!(obligation.standing, Standing::Late | Standing::Unread(_)));
        let failing = self.counts.iter().any(|(state, count)| needs_a_person(*state) && *count > 0);
        let channels = self.channels.iter().any(|channel| channel.failures > 0);
        let outside = self.outside.needs_a_look(self);
        owed || failing || channels || outside || self.state.held.is_some() || !self.gaps.is_empty()
    }

    /// What is asked for next about an incident, behind its line.
    fn next_of(&self, case: &Case<'_>, language: Language) -> String {
        let Some((duty, at)) = self.next.get(&case.opened.id) else { return String::new() };
        let (zh, en) = duty_name(*duty);
        let at = at.format("%m-%d %H:%M");
        match language {
            Language::Chinese => format!("，{at}催{zh}"),
            Language::English => format!(", {en} asked for at {at}"),
        }
    }

    /// Whoever is away today or will be.
    fn absences(&self) -> impl Iterator<Item = &Absence> {
        let today = self.at.date();
        let lasts =
            move |absence: &&Absence| absence.validity.until.is_none_or(|until| until > today);
        self.world.absences().filter(lasts)
    }

    fn print_absences(&self, screen: &mut Screen) {
        let language = screen.language;
        let lines: Vec<String> =
            self.absences().map(|absence| super::absence::line(absence, language)).collect();
        if lines.is_empty() {
            return;
        }
        let text = screen.pick("外出", "away").to_owned();
        screen.heading(format!("{text} ({})", lines.len()));
        for line in lines.iter().take(NAMES_MAX) {
            screen.line(format!("  {line}"));
        }
    }

    fn name(&self, obligation: &Obligation) -> &str {
        super::words::office_name(&self.world, obligation.key.debtor, obligation.key.period)
    }

    fn print_json(&self, screen: &mut Screen) {
        screen.json(&Line::Daemon {
            at: rfc3339(self.at, self.zone),
            runs: self.runs,
            held: self.state.held.map(|hold| hold.name()),
            paused: self.state.paused,
            redirected: self.state.redirect_to.is_some(),
            last_tick: self.state.last_civil.map(|at| rfc3339(at, self.zone)),
        });
        for obligation in &self.obligations {
            screen.json(&Line::Obligation {
                key: obligation.key.to_string(),
                debtor: self.name(obligation),
                creditor: obligation.creditor.to_string(),
                target: rfc3339(obligation.due.target, self.zone),
                late_after: rfc3339(obligation.due.late_after, self.zone),
                standing: obligation.standing,
            });
        }
        for (obligation, incident) in self.incidents() {
            let key = obligation.key.to_string();
            screen.json(&Line::Incident { key, debtor: self.name(obligation), incident });
        }
        for (state, messages) in &self.counts {
            screen.json(&Line::Outbox { state: *state, messages: *messages });
        }
        for channel in &self.channels {
            let paused_until = self.rests(channel).map(|until| until.to_rfc3339());
            let ChannelStanding { channel, failures, detail, .. } = channel;
            screen.json(&Line::Channel { channel, failures: *failures, paused_until, detail });
        }
        self.outside.print_json(self, screen);
        job::print_json(self, screen);
        for absence in self.absences() {
            screen.json(&Line::Absence { absence });
        }
        for gap in &self.gaps {
            screen.json(&Line::Gap { gap: *gap });
        }
        if let Some(outage) = &self.outage {
            screen.json(&Line::Outage { outage, dropped: outage.dropped() });
        }
    }

    fn print(&self, screen: &mut Screen) {
        self.print_daemon(screen);
        self.print_returns(screen);
        let late = screen.pick("逾期未报", "late").to_owned();
        self.print_group(&late, Mark::Bad, screen, |standing| standing == Standing::Late);
        let unread = screen.pick("收到但未能读取，等人看", "came, waits to be read").to_owned();
        self.print_group(&unread, Mark::Warning, screen, |standing| {
            matches!(standing, Standing::Unread(_))
        });
        let back = screen.pick("已退回，待重报", "sent back").to_owned();
        self.print_group(&back, Mark::Warning, screen, |standing| {
            matches!(standing, Standing::SentBack(_))
        });
        let owed = screen.pick("尚未报送（未逾期）", "owed, in time").to_owned();
        self.print_group(&owed, Mark::Plain, screen, |standing| {
            matches!(standing, Standing::Owed | Standing::Acknowledged { .. })
        });
        self.print_incidents(screen);
        self.outside.print(self, screen);
        job::print(self, screen);
        self.print_outbox(screen);
        self.print_absences(screen);
        self.print_gaps(screen);
    }

    /// The accidents that returns told of, each once: where the unit's own return tells it, not
    /// where the county's repeats it.
    fn incidents(&self) -> impl Iterator<Item = (&Obligation, &Incident)> {
        let of_units = |it: &&Obligation| it.key.rule == Rule::UnitMonthlyReturn;
        self.obligations.iter().filter(of_units).flat_map(|obligation| {
            let content = self.world.return_of(&obligation.key).and_then(|it| it.content());
            let told = match content.map(|content| &content.accidents) {
                Some(Answer::Told(incidents)) => incidents.as_slice(),
                _ => &[],
            };
            told.iter().map(move |incident| (obligation, incident))
        })
    }

    fn print_incidents(&self, screen: &mut Screen) {
        let language = screen.language;
        let lines: Vec<String> = self
            .incidents()
            .map(|(obligation, incident)| {
                let kind = super::words::incident_name(incident.kind, language);
                let when = incident.occurred.map(|at| at.format("%Y-%m-%d").to_string());
                let when = when.unwrap_or_default();
                format!("  {}  {kind}  {when}  {}", self.name(obligation), obligation.key)
            })
            .collect();
        if lines.is_empty() {
            return;
        }
        let text = screen.pick("报告的事故", "accidents told").to_owned();
        screen.heading(format!("{text} ({})", lines.len()));
        lines.into_iter().for_each(|line| screen.marked(Mark::Bad, line));
    }

    fn print_daemon(&self, screen: &mut Screen) {
        let at = screen.pick("截至", "as of");
        let runs = match self.runs {
            true => screen.pick("服务正在运行", "the service runs"),
            false => screen.pick("服务没有运行", "the service does not run"),
        };
        let comma = screen.pick("，", ", ");
        let line = format!("{at} {}{comma}{runs}", self.at.format("%Y-%m-%d %H:%M"));
        screen.line(line);
        if let Some(hold) = self.state.held {
            let text = screen
                .pick(
                    "信件被扣住，放行用 release；原因",
                    "messages are held; `release` lets them go; why",
                )
                .to_owned();
            let why = super::words::hold_name(hold, screen.language);
            screen.marked(Mark::Warning, format!("{text}: {why}"));
        }
        if self.state.paused {
            let text = screen.pick("已暂停发送", "sending is paused").to_owned();
            screen.marked(Mark::Warning, text);
        }
        if self.state.redirect_to.is_some() {
            let text = screen
                .pick("试用中：信件都改发到一个地址", "trying out: all mail goes to one address")
                .to_owned();
            screen.marked(Mark::Warning, text);
        }
        if let Some(outage) = &self.outage {
            screen.marked(Mark::Warning, super::words::outage_text(outage, screen.language));
        }
    }

    /// One row for each month and rule.
    fn print_returns(&self, screen: &mut Screen) {
        let mut groups: BTreeMap<(Period, Rule), [u64; 5]> = BTreeMap::new();
        let asked = |it: &&Obligation| it.standing != Standing::NotOpen;
        for obligation in self.obligations.iter().filter(asked) {
            let key = (obligation.key.period, obligation.key.rule);
            let counts = groups.entry(key).or_default();
            counts[0] += 1;
            let column = match obligation.standing {
                Standing::In(_) => 1,
                Standing::Unread(_) | Standing::SentBack(_) => 2,
                Standing::Late => 4,
                _ => 3,
            };
            counts[column] += 1;
        }
        let language = screen.language;
        let rows: Vec<Vec<String>> = groups
            .into_iter()
            .map(|((period, rule), counts)| {
                let mut row =
                    vec![period.to_string(), super::words::rule_name(rule, language).to_owned()];
                row.extend(counts.map(|count| count.to_string()));
                row
            })
            .collect();
        let headings = match language {
            Language::Chinese => ["月份", "事项", "应报", "已报", "待看", "未到期", "逾期未报"],
            Language::English => ["month", "return", "due", "in", "to look at", "owed", "late"],
        };
        screen.line("");
        screen.table(&headings, &rows);
    }

    fn print_group(
        &self,
        heading: &str,
        mark: Mark,
        screen: &mut Screen,
        belongs: impl Fn(Standing) -> bool,
    ) {
        let group: Vec<&Obligation> =
            self.obligations.iter().filter(|obligation| belongs(obligation.standing)).collect();
        if group.is_empty() {
            return;
        }
        screen.heading(format!("{heading} ({})", group.len()));
        for obligation in group.iter().take(NAMES_MAX) {
            screen.marked(mark, format!("  {}  {}", self.name(obligation), obligation.key));
        }
        if group.len() > NAMES_MAX {
            let text = screen.pick("其余用 --json 查看", "the others: --json").to_owned();
            screen.marked(Mark::Faint, format!("  … {text}"));
        }
    }

    fn print_outbox(&self, screen: &mut Screen) {
        let language = screen.language;
        let counts: Vec<String> = self
            .counts
            .iter()
            .filter(|(_, count)| **count > 0)
            .map(|(state, count)| format!("{} {count}", state_name(*state, language)))
            .collect();
        if !counts.is_empty() {
            let text = screen.pick("信件", "messages").to_owned();
            screen.heading(text);
            screen.line(format!("  {}", counts.join("  ")));
        }
        for channel in self.channels.iter().filter(|channel| channel.failures > 0) {
            let text = screen.pick("渠道发不出", "channel fails").to_owned();
            let ChannelStanding { channel, failures, detail, .. } = channel;
            screen.marked(Mark::Bad, format!("  {text}: {channel} ×{failures} {detail}"));
        }
        for channel in &self.channels {
            let Some(until) = self.rests(channel) else { continue };
            let text = screen.pick("渠道暂歇，到", "channel rests until").to_owned();
            let until = until.format("%m-%d %H:%M");
            screen.marked(Mark::Warning, format!("  {}: {text} {until}", channel.channel));
        }
    }

    /// Until when a channel rests, where it does.
    fn rests(&self, channel: &ChannelStanding) -> Option<DateTime<Tz>> {
        let at = crate::clock::unix_of(self.at, self.zone);
        let until = DateTime::from_timestamp_millis(channel.paused_until)?;
        (channel.paused_until > at).then(|| until.with_timezone(&self.zone))
    }

    fn print_gaps(&self, screen: &mut Screen) {
        if self.gaps.is_empty() {
            return;
        }
        let text = screen.pick("责任链缺口", "gaps in the chains").to_owned();
        screen.heading(format!("{text} ({})", self.gaps.len()));
        for gap in self.gaps.iter().take(NAMES_MAX) {
            let line = super::words::gap_text(gap, screen.language);
            screen.marked(Mark::Warning, format!("  {line}"));
        }
    }
}
