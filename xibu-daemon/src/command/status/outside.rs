//! The part of `status` about what comes from outside: incidents, messages that wait, faulty
//! addresses, sources and plugins.

use chrono::NaiveDateTime;
use xibu_core::explain::incident_stage;
use xibu_core::incident::Case;

use super::{Found, Line, NAMES_MAX};
use crate::arrival::HeldFor;
use crate::clock::{Now, rfc3339};
use crate::command::office::Office;
use crate::command::outcome::Failure;
use crate::command::screen::{Mark, Screen};
use crate::inbox::{Stays, stays};
use crate::store::{
    AddressFault, Arrival, ArrivalFilter, Quarantined, SourceStanding, Store, ValueKind,
};

/// What stands there.
pub(super) struct Outside {
    arrivals: Vec<Arrival>,
    faults: Vec<AddressFault>,
    sources: Vec<SourceStanding>,
    quarantines: Vec<Quarantined>,
    inbox: Stays,
}

pub(super) async fn look(office: &Office, at: NaiveDateTime) -> Result<Outside, Failure> {
    let store = &office.store;
    let filter = ArrivalFilter { only_held: true, ..ArrivalFilter::default() };
    let now = Now::at_civil(at, office.settings.zone());
    Ok(Outside {
        arrivals: store.arrivals(&filter).await.map_err(Failure::data)?,
        faults: store.address_faults(now).await.map_err(Failure::data)?,
        sources: store.sources().await.map_err(Failure::data)?,
        quarantines: store.quarantines(now).await.map_err(Failure::data)?,
        inbox: office.settings.inbox().map(stays).unwrap_or_default(),
    })
}

/// Incidents that are not closed, by number.
fn open_cases(found: &Found) -> impl Iterator<Item = Case<'_>> {
    let cases = found.world.incidents().filter_map(|opened| Case::of(&found.world, opened.id));
    cases.filter(|case| case.closed_at().is_none())
}

impl Outside {
    pub(super) fn needs_a_look(&self, found: &Found) -> bool {
        let failing = self.sources.iter().any(|source| source.error.is_some());
        failing
            || open_cases(found).next().is_some()
            || !self.arrivals.is_empty()
            || !self.faults.is_empty()
            || !self.quarantines.is_empty()
            || self.inbox != Stays::default()
    }

    pub(super) fn print_json(&self, found: &Found, screen: &mut Screen) {
        for incident in found.world.incidents() {
            let stage = Case::of(&found.world, incident.id).map(|case| case.stage().name());
            screen.json(&Line::OpenedIncident { incident, stage });
        }
        for arrival in &self.arrivals {
            screen.json(&Line::Arrival { id: format!("A{}", arrival.id), held: arrival.held });
        }
        for (why, files) in self.stays() {
            screen.json(&Line::Inbox { why, files });
        }
        for fault in &self.faults {
            screen.json(&Line::AddressFault { fault });
        }
        for source in &self.sources {
            screen.json(&Line::Source { source });
        }
        for Quarantined { plugin, until } in &self.quarantines {
            let until = rfc3339(Now::at_unix(*until, found.zone).civil, found.zone);
            screen.json(&Line::Quarantine { plugin, until });
        }
    }

    /// Files that stay in the inbox, by why.
    fn stays(&self) -> impl Iterator<Item = (&'static str, u32)> {
        let Stays { too_large, cannot_be_opened } = self.inbox;
        let all = [("too_large", too_large), ("cannot_be_opened", cannot_be_opened)];
        all.into_iter().filter(|(_, files)| *files > 0)
    }

    fn print_inbox(&self, screen: &mut Screen) {
        let lines: Vec<String> = self
            .stays()
            .map(|(why, files)| {
                let why = match why {
                    "too_large" => screen.pick("超过50兆", "larger than 50 MiB"),
                    _ => screen.pick("打不开，请查权限", "cannot be opened; check its mode"),
                };
                format!("  {why}: {files}")
            })
            .collect();
        let heading = screen
            .pick("留在收件文件夹、没有读入的文件", "files that stay in the inbox, not taken in")
            .to_owned();
        group(&heading, Mark::Warning, &lines, screen);
    }

    pub(super) fn print(&self, found: &Found, screen: &mut Screen) {
        self.print_opened(found, screen);
        self.print_arrivals(screen);
        self.print_faults(screen);
        self.print_inbox(screen);
        self.print_plugins(found, screen);
    }

    /// Incidents that came by themselves, the newest first.
    fn print_opened(&self, found: &Found, screen: &mut Screen) {
        let language = screen.language;
        let mut lines: Vec<String> = open_cases(found)
            .map(|case| {
                let opened = case.opened;
                let kind = crate::command::words::incident_name(opened.incident.kind, language);
                let day = opened.received_at.format("%Y-%m-%d %H:%M");
                let period = xibu_core::period::Period::of(opened.received_at.date());
                let office = opened.incident.office;
                let office = crate::command::words::office_name(&found.world, office, period);
                let (zh, en) = incident_stage(&case);
                let stage = language.pick(zh, en);
                let next = found.next_of(&case, language);
                format!("  {}  {office}  {kind}  {day}  {stage}{next}", opened.id)
            })
            .collect();
        lines.reverse();
        let heading = screen.pick("未结案的事故", "open incidents").to_owned();
        group(&heading, Mark::Bad, &lines, screen);
    }

    fn print_arrivals(&self, screen: &mut Screen) {
        let language = screen.language;
        let mut arrivals: Vec<&Arrival> = self.arrivals.iter().collect();
        arrivals.sort_by_key(|one| !one.held.is_some_and(HeldFor::is_urgent));
        let lines: Vec<String> = arrivals
            .iter()
            .map(|arrival| {
                let why = arrival
                    .held
                    .map_or("", |why| crate::command::arrivals::held_text(why, language));
                format!("  A{}  {}  {why}", arrival.id, arrival.at.format("%m-%d %H:%M"))
            })
            .collect();
        let heading = screen
            .pick("来信等人处理（arrivals list）", "messages wait: `arrivals list`")
            .to_owned();
        group(&heading, Mark::Warning, &lines, screen);
    }

    fn print_faults(&self, screen: &mut Screen) {
        let language = screen.language;
        let lines: Vec<String> = self
            .faults
            .iter()
            .map(|fault| {
                let kind = match fault.kind {
                    ValueKind::Mail => language.pick("邮箱", "mail"),
                    ValueKind::Phone => language.pick("手机", "phone"),
                    other => other.name(),
                };
                format!("  {}  {kind}  {}", fault.person, fault.detail)
            })
            .collect();
        let heading = screen.pick("发不通的地址", "addresses that fail").to_owned();
        group(&heading, Mark::Warning, &lines, screen);
    }

    fn print_plugins(&self, found: &Found, screen: &mut Screen) {
        let failing: Vec<String> = self
            .sources
            .iter()
            .filter_map(|source| {
                let error = source.error.as_deref()?;
                let name = format!("{} {}", source.plugin, source.source);
                Some(format!("  {}  ×{}  {error}", name.trim_end(), source.failures))
            })
            .collect();
        let heading = screen.pick("取不到的来源", "sources that fail").to_owned();
        group(&heading, Mark::Warning, &failing, screen);
        let alone: Vec<String> = self
            .quarantines
            .iter()
            .map(|one| {
                let until = Now::at_unix(one.until, found.zone).civil.format("%m-%d %H:%M");
                format!("  {}  {until}", one.plugin)
            })
            .collect();
        let heading = screen.pick("插件连续出错，停用到", "plugins left alone until").to_owned();
        group(&heading, Mark::Bad, &alone, screen);
    }
}

fn group(heading: &str, mark: Mark, lines: &[String], screen: &mut Screen) {
    if lines.is_empty() {
        return;
    }
    screen.heading(format!("{heading} ({})", lines.len()));
    lines.iter().take(NAMES_MAX).for_each(|line| screen.marked(mark, line));
    if lines.len() > NAMES_MAX {
        let text = screen.pick("其余用 --json 查看", "the others: --json").to_owned();
        screen.marked(Mark::Faint, format!("  … {text}"));
    }
}
