//! `feed`: a feed or page read once, and what was understood of it. Records nothing.
//!
//! Works where there is no configuration and no data: then the house's own library beside this
//! program is used, and nothing is compared with what was taken in.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use chrono_tz::Tz;
use serde::Serialize;
use xibu_core::posting::{Posting, PostingId, Standing, merge};
use xibu_core::world::World;
use xibu_plugin_abi::message::{Item, Request, Status};

use super::Context;
use super::arguments::Feed;
use super::import::{Scratch, house_library};
use super::office::{Office, host, plugin_settings};
use super::outcome::{Exit, Failure, Outcome};
use super::posting::{Fit, Whom, print_fields, standing_name};
use super::screen::Mark;
use crate::carrier::Carrier;
use crate::clock::Now;
use crate::job::core_posting;
use crate::language::Language;
use crate::store::{PostingFilter, Store};

/// The configuration's name of the plugin that reads feeds.
pub(crate) const FEED_PLUGIN: &str = "jobfeed";
/// The longest one source may take.
const READ_MAX: Duration = Duration::from_secs(60);
/// More postings of one source are not looked at.
const POSTINGS_MAX: usize = 10_000;

/// A line of `--json`.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Line<'a> {
    Source {
        source: &'a str,
        items: u32,
        error: Option<&'a str>,
    },
    Posting {
        title: &'a str,
        link: &'a str,
        standing: Standing,
        posting: &'a Posting,
        /// Where several items are the same, the sources' ids of the others.
        merged: Vec<&'a str>,
        /// Our number, where it was taken in before.
        known_as: Option<String>,
        fit: Option<Fit>,
    },
}

/// What a look brought.
#[derive(Default)]
struct Seen {
    postings: Vec<Posting>,
    /// Items without an id: they could not be known again.
    nameless: u32,
    sources: Vec<(String, u32, Option<String>)>,
}

/// What is known besides what was read.
#[derive(Default)]
struct Beside {
    whom: Option<Whom>,
    /// Our numbers by what a posting is known again by.
    numbers: BTreeMap<String, PostingId>,
}

/// Runs it.
pub(super) async fn run(options: &Feed, context: &mut Context) -> Outcome {
    if context.file.is_none() && options.whom.is_none() {
        let scratch = Scratch::make()?;
        let settings = context.settings()?;
        let now = crate::failpoint::clock(settings.zone()).now();
        // It wants a source to be set; a dry run looks at none but the one it is given.
        let source = serde_json::json!({"name": "feed", "url": "https://feed.invalid/"});
        let table = serde_json::json!({"source": [source]});
        let plugin = house_library(&scratch, "xibu_jobfeed", FEED_PLUGIN, table)?;
        let seen = read(&plugin, &options.source, settings.zone(), now).await;
        plugin.stop().await;
        return Ok(show(options, &seen?, &Beside::default(), now, context));
    }
    let office = Office::open(context).await?;
    let plugin = office.settings.plugin(FEED_PLUGIN).ok_or_else(|| {
        Failure::new(
            Exit::Configuration,
            "配置里没有 [plugin.jobfeed]，招聘信息读不了",
            "the configuration has no [plugin.jobfeed], so no feed can be read",
        )
    })?;
    let host = host(&office.settings, office.approved().await?);
    let plugin = Carrier::new(plugin_settings(plugin), host);
    let now = office.clock.now();
    let world = office.world().await?;
    let beside = beside(&office, &world, options, now).await?;
    let seen = read(&plugin, &options.source, office.settings.zone(), now).await;
    plugin.stop().await;
    Ok(show(options, &seen?, &beside, now, context))
}

async fn beside(
    office: &Office,
    world: &World,
    options: &Feed,
    now: Now,
) -> Result<Beside, Failure> {
    let whom = Whom::of(&office.store, world, options.whom).await?;
    let filter = PostingFilter { open_on: Some(now.date()), ..PostingFilter::default() };
    let mut numbers = BTreeMap::new();
    for kept in office.store.postings(&filter).await.map_err(Failure::data)? {
        for identity in kept.posting.identities {
            numbers.insert(identity, kept.id);
        }
    }
    Ok(Beside { whom, numbers })
}

async fn read(plugin: &Carrier, source: &str, zone: Tz, now: Now) -> Result<Seen, Failure> {
    let is_address = source.starts_with("http://") || source.starts_with("https://");
    let blobs = match is_address {
        true => Vec::new(),
        false => {
            let path = Path::new(source);
            vec![std::fs::read(path).map_err(|error| Failure::file(path, error))?]
        }
    };
    let mut seen = Seen::default();
    let request = Request::ReadFeed { source: source.to_owned() };
    let called = plugin.call(request, blobs, now.unix_ms, READ_MAX, |item, _| match item {
        Item::Posting(raw) if seen.postings.len() < POSTINGS_MAX => {
            match core_posting(&raw, zone) {
                Some(raw) => seen.postings.push(Posting::read(&raw)),
                None => seen.nameless += 1,
            }
        }
        Item::SourceStood { source, items, error } => seen.sources.push((source, items, error)),
        _ => {}
    });
    match called.await.map_err(Failure::plugin)? {
        Status::Done => Ok(seen),
        Status::Unsupported => Err(Failure::plugin("the plugin reads no feeds")),
        Status::Failed { detail } | Status::Panicked { detail } => Err(Failure::plugin(detail)),
    }
}

fn show(options: &Feed, seen: &Seen, beside: &Beside, now: Now, context: &mut Context) -> Exit {
    let today = now.date();
    for (source, items, error) in &seen.sources {
        show_source(source, *items, error.as_deref(), options.json, context);
    }
    let given = seen.postings.len();
    let postings = merge(seen.postings.iter().cloned());
    for (number, posting) in (1..).zip(&postings) {
        let standing = posting.standing(today);
        let merged: Vec<&str> =
            posting.sources.iter().skip(1).map(|source| source.id.as_str()).collect();
        let known_as = posting.identities.iter().find_map(|one| beside.numbers.get(one));
        if options.json {
            context.screen.json(&Line::Posting {
                title: posting.title(),
                link: posting.link(),
                standing,
                posting,
                merged,
                known_as: known_as.map(ToString::to_string),
                fit: beside.whom.as_ref().map(|whom| whom.fit(posting, today)),
            });
            continue;
        }
        let language = context.language();
        let screen = &mut context.screen;
        let standing = standing_name(standing, language);
        screen.heading(format!("{number}. {}  [{standing}]", posting.title()));
        print_fields(posting, screen);
        if !merged.is_empty() {
            let text = screen.pick("相同的并作一条", "the same, put together").to_owned();
            screen.line(format!("  {text}: {}", merged.join(" ")));
        }
        if let Some(known_as) = known_as {
            let text = screen.pick("已收入，编号", "taken in before as").to_owned();
            screen.marked(Mark::Faint, format!("  {text} {known_as}"));
        }
        if let Some(whom) = &beside.whom {
            whom.print(posting, today, screen);
        }
    }
    if !options.json {
        close(given, postings.len(), seen.nameless, context);
    }
    let failed = seen.sources.iter().any(|(_, _, error)| error.is_some());
    if failed || postings.is_empty() { Exit::Findings } else { Exit::Done }
}

fn show_source(source: &str, items: u32, error: Option<&str>, json: bool, context: &mut Context) {
    if json {
        context.screen.json(&Line::Source { source, items, error });
    } else if let Some(error) = error {
        let text = context.screen.pick("读不出来", "cannot be read").to_owned();
        context.screen.marked(Mark::Bad, format!("{source}: {text}: {error}"));
    }
}

fn close(given: usize, kept: usize, nameless: u32, context: &mut Context) {
    let line = match context.language() {
        Language::Chinese => format!("读出 {given} 条，合并后 {kept} 条；没有入库"),
        Language::English => format!("{given} read, {kept} after merging; nothing was recorded"),
    };
    context.screen.line("");
    context.screen.line(line);
    if nameless > 0 {
        let text = context.screen.pick("条没有编号，不能收", "without an id, not taken").to_owned();
        context.screen.marked(Mark::Warning, format!("{nameless} {text}"));
    }
}
