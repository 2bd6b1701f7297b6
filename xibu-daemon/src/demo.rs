//! The product in a minute: one month of one city on the virtual clock, through the real plugins.
//!
//! Offline and unprivileged; mail goes to a server on 127.0.0.1 that takes nothing outside
//! `.test`. What is shown is what the service does: the same intake, tick, outbox and plugins;
//! only the clock is turned by hand and the offices are made up.

mod closing;
mod evening;
mod line;
pub mod mailbox;
mod month;
mod outside;
mod place;
mod script;
mod timeline;
mod web;

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{NaiveDateTime, NaiveTime};
use xibu_core::deadline::deadlines;
use xibu_core::period::Period;

use crate::carrier::Carrier;
use crate::clock::Clock;
use crate::command::arguments::Demo;
use crate::command::office::{Office, host, plugin_settings};
use crate::command::outcome::{Exit, Failure, Outcome};
use crate::command::screen::{Mark, Screen};
use crate::command::{folder, plugin};
use crate::delivery::Route;
use crate::delivery::desk::PluginDesk;
use crate::intake::Finding;
use crate::record::{Record, enable_rules};
use crate::sample::{self, Size};
use crate::settings::Settings;
use crate::store::ValueKind;
use crate::workbook::{consolidate, consolidated};
use closing::Closing;
use line::Line;
use mailbox::Mailbox;
use outside::Outside;
use place::Place;
use timeline::{Event, Timeline};
use web::Web;

/// The month: its 28th is a Sunday, and the Dragon Boat Festival lies in its middle.
const YEAR: i32 = 2026;
const MONTH: u32 = 6;
/// The day on which the office reads its sheets in.
const BEGIN_DAY: u32 = 12;
const CONFIGURATION: &str = include_str!("demo/xibu.toml");
const LIBRARIES: [(&str, &str); 4] = [
    ("email", "xibu_email"),
    ("spreadsheet", "xibu_spreadsheet"),
    ("sms", "xibu_sms"),
    ("jobfeed", "xibu_jobfeed"),
];
/// The chat robot's plugin, an example in Python.
const ROBOT: &str = include_str!("../../examples/plugins/webhook.py");
/// The robot's part of the configuration.
const ROBOT_CONFIGURATION: &str = r#"
# 群机器人：一个 Python 程序，邮件走不了的时候接着用。
[plugin.webhook]
program = "plugins/webhook.py"

[plugin.webhook.settings]
url = "{web}/chat"
"#;
/// People who handed in what work they wish.
const WISHES: usize = 150;
/// Made-up posts of the month.
const POSTINGS: usize = 60;

/// Runs the demo.
///
/// # Errors
/// Where the folder is somebody else's, a plugin library is missing, or anything on the way fails.
pub(crate) async fn run(options: &Demo, size: Size, screen: &mut Screen) -> Outcome {
    let mut timeline = Timeline::new(screen, chrono_tz::Asia::Shanghai, options.json);
    timeline.note(
        Mark::Heading,
        "演示：一个市的2026年6月。数据全是虚构的，不联网，信件只发到本机。",
        "Demo: June 2026 of one city. All data is made up; nothing leaves this computer.",
    );
    let place = Place::prepare(&options.dir)?;
    let mut line = set_up(place, options.seed, &mut timeline).await?;
    let refused = load(&mut line, options.seed, size, &mut timeline).await?;
    closing::tell_refused(&refused, &mut timeline);
    let rulebook = line.office.settings.rulebook();
    let by_phone = line.units_by_phone(line.deadlines.cutoff_day()).await?;
    let world = line.record.world();
    let script = script::write(options.seed, world, &by_phone, &rulebook.calendar, &line.deadlines);
    timeline.heading("这个月", "the month");
    let month = line.deadlines;
    month::live(&mut line, &script, &month, options.seed, &mut timeline).await?;
    let form = consolidated_form(&mut line).await?;
    let closing = Closing::of(&line).await?;
    closing.tell(&line, &mut timeline);
    let roster = refused.first().map(|(file, _)| line.place.sheets().join(file));
    closing::tell_places(&line, &script, &closing, &form, roster.as_deref(), &mut timeline);
    shut_down(line).await;
    Ok(Exit::Done)
}

/// The folder's configuration, the plugins approved by the ordinary command, the servers.
async fn set_up(place: Place, seed: u64, timeline: &mut Timeline<'_>) -> Result<Line, Failure> {
    for (_, name) in LIBRARIES {
        folder::copy_library(&folder::library_beside_program(name)?, &place.plugins())?;
    }
    let port = |error: std::io::Error| {
        Failure::new(Exit::Data, format!("本机端口打不开：{error}"), error.to_string())
    };
    let mailbox = Mailbox::start(&place.mail()).await.map_err(port)?;
    let period = Period::new(YEAR, MONTH).map_err(Failure::data)?;
    let postings = sample::postings(seed, period.day(BEGIN_DAY), POSTINGS);
    let web = Web::start(postings, period.day(BEGIN_DAY)).await.map_err(port)?;
    let has_robot = configure(&place, &mailbox, &web, timeline)?;
    let settings = Settings::load(Some(&place.configuration()), std::iter::empty())?;
    let deadlines = deadlines(period, settings.serves(), settings.rulebook());
    let clock = Clock::virtual_at(begin(period), settings.zone());
    let office = Office::with(settings, clock).await?;
    let approved = approve(&office, &place, timeline).await?;
    let mut record = Record::load(&office.store).await.map_err(Failure::data)?;
    enable_rules(&office.store, &mut record, office.clock.now()).await.map_err(Failure::data)?;
    let carriers = carriers(&office, &approved);
    let named = |id: &str| {
        let carrier = carriers.get(id).cloned();
        carrier.ok_or_else(|| Failure::plugin(format!("{id} is not in the configuration")))
    };
    let workbook = named("spreadsheet")?;
    let mut routes = Vec::new();
    for (channel, plugins) in office.settings.channels() {
        let kind = if channel == "phone" { ValueKind::Phone } else { ValueKind::Mail };
        for plugin in plugins {
            routes.push(Route::new(kind, named(plugin)?));
        }
    }
    let desk = PluginDesk { workbook: workbook.clone() };
    let outside = Outside::open(&office, &carriers).await?;
    Ok(Line {
        office,
        record,
        workbook,
        desk,
        routes,
        mailbox,
        web,
        outside,
        has_robot,
        deadlines,
        place,
    })
}

/// Writes the configuration and what it names; whether the chat robot is in it, which needs Python.
fn configure(
    place: &Place,
    mailbox: &Mailbox,
    web: &Web,
    timeline: &mut Timeline<'_>,
) -> Result<bool, Failure> {
    let python = ["/usr/local/bin", "/usr/bin", "/bin"].map(|dir| Path::new(dir).join("python3"));
    let has_robot = python.iter().any(|path| path.exists());
    if has_robot {
        let robot = place.plugins().join("webhook.py");
        folder::write_new(&robot, ROBOT.as_bytes())?;
        let mode = std::fs::Permissions::from_mode(0o700);
        std::fs::set_permissions(&robot, mode).map_err(|error| Failure::file(&robot, error))?;
    } else {
        timeline.note(
            Mark::Faint,
            "本机没有 python3，演示里不放群机器人",
            "no python3 on this computer: the demo goes without the chat robot",
        );
    }
    folder::write_new(&place.hook_secret(), outside::HOOK_TOKEN.as_bytes())?;
    let mail = if has_robot { r#"["email", "webhook"]"# } else { r#""email""# };
    let web = format!("http://{}", web.address());
    let text = CONFIGURATION
        .replace("# {webhook}", if has_robot { ROBOT_CONFIGURATION } else { "" })
        .replace("{mail}", mail)
        .replace("{port}", &mailbox.address().port().to_string())
        .replace("{web}", &web);
    folder::write_new(&place.configuration(), text.as_bytes())?;
    Ok(has_robot)
}

/// Approves every plugin by the ordinary command, and shows it.
async fn approve(
    office: &Office,
    place: &Place,
    timeline: &mut Timeline<'_>,
) -> Result<Vec<String>, Failure> {
    let at = office.clock.now().civil;
    let program = crate::command::program();
    let mut approved = Vec::new();
    for known in office.settings.plugins() {
        let id = known.id();
        let command =
            format!("$ {program} plugin approve {id} --config {}", place.configuration().display());
        timeline.note(Mark::Faint, &command, &command);
        let done = plugin::approve(office, id).await?;
        if let Some(detail) = done.not_started {
            return Err(Failure::plugin(format!("{id}: {detail}")));
        }
        let (plugin, sha256) = (id.to_owned(), done.sha256.clone());
        timeline.tell(at, &Event::PluginApproved { plugin, sha256 });
        approved.push(done.sha256);
    }
    Ok(approved)
}

fn begin(period: Period) -> NaiveDateTime {
    let nine = NaiveTime::from_hms_opt(9, 0, 0).unwrap_or(NaiveTime::MIN);
    period.day(BEGIN_DAY).and_time(nine)
}

/// One carrier for each plugin of the configuration, by name.
fn carriers(office: &Office, approved: &[String]) -> BTreeMap<String, Carrier> {
    let keeper = Arc::new(office.store.clone());
    let of = |plugin: &crate::settings::Plugin| {
        let host = host(&office.settings, approved.to_vec());
        let carrier = Carrier::new(plugin_settings(plugin), host);
        (plugin.id().to_owned(), carrier.keeping_state(keeper.clone()))
    };
    office.settings.plugins().iter().map(of).collect()
}

/// Reads the sample data in by the ordinary door; every refused row with its file.
async fn load(
    line: &mut Line,
    seed: u64,
    size: Size,
    timeline: &mut Timeline<'_>,
) -> Result<Vec<(String, Finding)>, Failure> {
    timeline.heading("读入通讯录和花名册", "reading the directory and the rosters");
    let sample = sample::generate(seed, size);
    let at = line.office.clock.now().civil;
    let wishes = sample::wishes(seed, if size == Size::SMALL { 12 } else { WISHES });
    let total = 2 + sample.rosters.len();
    let mut refused_rows = Vec::new();
    let (mut files, mut accepted_rows, mut refused) = (0, 0, 0);
    let files_of_offices = std::iter::once(&sample.directory).chain(&sample.rosters);
    for file in files_of_offices.chain([&wishes]) {
        let report = line.hand_in(file, at).await?;
        let accepted: usize = report.sheets.iter().map(|sheet| sheet.accepted).sum();
        let refused_here: usize = report.sheets.iter().map(|sheet| sheet.refused).sum();
        let file_name = file.file_name.clone();
        let event = Event::Imported { file: file_name.clone(), accepted, refused: refused_here };
        if files == 0 || timeline.is_json() {
            timeline.tell(at, &event);
        }
        (files, accepted_rows, refused) =
            (files + 1, accepted_rows + accepted, refused + refused_here);
        if files % 10 == 0 {
            timeline.note(
                Mark::Faint,
                &format!("  …{files}/{total}"),
                &format!("  …{files}/{total}"),
            );
        }
        let findings = report.sheets.into_iter().flat_map(|sheet| sheet.findings);
        let bad = findings.filter(|finding| !finding.only_warning);
        refused_rows.extend(bad.map(|finding| (file_name.clone(), finding)));
    }
    timeline.note(
        Mark::Plain,
        &format!("共读入 {files} 个文件：收 {accepted_rows} 行，退回 {refused} 行"),
        &format!("{files} files: {accepted_rows} rows taken, {refused} refused"),
    );
    Ok(refused_rows)
}

/// The consolidated form of the first county that sent one in, as a file.
async fn consolidated_form(line: &mut Line) -> Result<PathBuf, Failure> {
    use xibu_core::rule::Rule;
    let world = line.record.world();
    let period = line.deadlines.period;
    let county = world
        .returns()
        .find(|(key, _)| key.rule == Rule::CountyMonthlyReturn && key.period == period)
        .map(|(key, _)| key.debtor)
        .ok_or_else(|| Failure::data("no county sent a return"))?;
    let names = line.names_at(county).await?;
    let at = line.office.clock.now().civil;
    let rulebook = line.office.settings.rulebook();
    let name_of = |person| names.get(&person).cloned();
    let form = consolidate(line.record.world(), rulebook, (county, period), at, name_of);
    let bytes = line.write(&consolidated(&form)).await?;
    let name = format!("{county}-{period}-月报告单.xlsx");
    let path = line.place.report().join(name);
    folder::write_new(&path, &bytes)?;
    Ok(path)
}

async fn shut_down(line: Line) {
    line.workbook.stop().await;
    line.outside.close().await;
    line.mailbox.stop().await;
    line.web.stop().await;
    line.office.store.close().await;
}
