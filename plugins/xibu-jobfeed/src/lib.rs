//! Job advertisements from feeds (RSS, Atom, JSON Feed) and from pages with schema.org's
//! JobPosting.
//!
//! What it is not: it gives no meaning to what it brings (pay, dates, places are the core's), keeps
//! nothing on disk, and tells nobody.

// In reading order.
mod address;
mod charset;
mod configuration;
mod cursor;
mod document;
mod fetch;
mod nesting;
mod plain;
mod poll;
mod robots;
#[cfg(test)]
mod tests;

use configuration::{Configuration, Kind};
use document::Origin;
use fetch::{Asked, Fetcher, Validators};
use tokio::runtime::{Builder, Runtime};
use url::Url;
use xibu_plugin_sdk::message::{Capability, Descriptor, Item};
use xibu_plugin_sdk::{Moment, NotDone, Plugin, Settings, Sink};

xibu_plugin_sdk::export!(JobFeed);

struct JobFeed {
    configuration: Configuration,
    fetcher: Fetcher,
    /// Its own: none crosses the boundary.
    runtime: Runtime,
}

impl Plugin for JobFeed {
    fn describe() -> Descriptor {
        Descriptor {
            id: "xibu-jobfeed".into(),
            title: "招聘信息源".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            capabilities: vec![Capability::Feed],
            settings_schema: configuration::schema(),
        }
    }

    fn configure(settings: Settings) -> Result<Self, NotDone> {
        let configuration = Configuration::read(settings)?;
        let runtime =
            Builder::new_current_thread().enable_all().build().map_err(NotDone::because)?;
        Ok(Self { configuration, fetcher: Fetcher::default(), runtime })
    }

    fn poll(
        &mut self,
        moment: Moment,
        cursor: Option<&str>,
        sink: &mut Sink<'_>,
    ) -> Result<(), NotDone> {
        let Self { configuration, fetcher, runtime } = self;
        runtime.block_on(poll::poll(configuration, fetcher, moment, cursor, sink))
    }

    fn read_feed(
        &mut self,
        moment: Moment,
        source: &str,
        bytes: Option<&[u8]>,
        sink: &mut Sink<'_>,
    ) -> Result<(), NotDone> {
        let read = match bytes {
            Some(bytes) => {
                let origin = Origin { source, kind: Kind::Auto, base: None };
                document::read(origin, &charset::decode(bytes, None))
            }
            None => self.fetch(moment, source),
        };
        let (postings, error) = match read {
            Ok(postings) => (postings, None),
            Err(error) => (Vec::new(), Some(error)),
        };
        let items = u32::try_from(postings.len()).unwrap_or(u32::MAX);
        for posting in postings {
            sink.emit(&Item::Posting(posting), &[])?;
        }
        sink.emit(&Item::SourceStood { source: source.to_owned(), items, error }, &[])
    }
}

impl JobFeed {
    /// Fetches one address with the same manners as a poll, and remembers nothing of it.
    fn fetch(
        &mut self,
        moment: Moment,
        source: &str,
    ) -> Result<Vec<xibu_plugin_sdk::message::RawPosting>, String> {
        let url: Url = configuration::address(source)
            .ok_or("not an http or https address without a password")?;
        let Self { configuration, fetcher, runtime } = self;
        let manners = &configuration.manners;
        let mut asked = Asked::default();
        let getting =
            fetcher.get(manners, &url, Validators::default(), moment.now_unix_ms, &mut asked);
        let left = manners.timeout.min(moment.deadline);
        let got = runtime.block_on(async { tokio::time::timeout(left, getting).await });
        let document = got.map_err(|_| "timed out".to_owned())??.ok_or("nothing came")?;
        let text = charset::decode(&document.bytes, document.content_type.as_deref());
        let origin = Origin { source, kind: Kind::Auto, base: Some(&document.url) };
        document::read(origin, &text)
    }
}
