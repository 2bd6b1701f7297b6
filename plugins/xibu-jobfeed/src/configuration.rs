//! The plugin's settings: read and checked.
//!
//! What it is not: nothing is fetched here.

use std::collections::BTreeSet;
use std::time::Duration;

use reqwest::header::HeaderValue;
use rustls::ClientConfig;
use serde::Deserialize;
use url::Url;
use xibu_plugin_sdk::{NotDone, Settings, tls};

/// More sources would not fit into the cursor with what is to be remembered of each.
pub(crate) const SOURCES_MAX: usize = 50;

/// The schema of the settings that `describe` answers with.
pub(crate) fn schema() -> serde_json::Value {
    serde_json::from_str(include_str!("settings.schema.json")).unwrap_or_default()
}

/// What is at a source's address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// Whatever it looks like.
    #[default]
    Auto,
    /// RSS, Atom or JSON Feed.
    Feed,
    /// A page with JobPosting in JSON-LD.
    Page,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TypedSource {
    name: String,
    url: String,
    #[serde(default)]
    kind: Kind,
    #[serde(default = "sixty")]
    every_minutes: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Typed {
    source: Vec<TypedSource>,
    #[serde(default = "our_name")]
    user_agent: String,
    #[serde(default = "twenty")]
    timeout: u64,
    #[serde(default = "four_mebibytes")]
    bytes_max: usize,
    #[serde(default = "five")]
    redirects_max: usize,
}

fn sixty() -> u64 {
    60
}

fn our_name() -> String {
    "xibu-jobfeed/0.1".into()
}

fn twenty() -> u64 {
    20
}

fn four_mebibytes() -> usize {
    4 << 20
}

fn five() -> usize {
    5
}

/// One source.
pub(crate) struct Source {
    pub(crate) name: String,
    pub(crate) url: Url,
    pub(crate) kind: Kind,
    pub(crate) every: Duration,
}

/// How sites are asked.
pub(crate) struct Manners {
    pub(crate) user_agent: HeaderValue,
    /// What of our name a robots.txt may speak of, in lower case.
    pub(crate) product: String,
    pub(crate) timeout: Duration,
    pub(crate) bytes_max: usize,
    pub(crate) redirects_max: usize,
    pub(crate) tls: ClientConfig,
}

/// Settings that fit together.
pub(crate) struct Configuration {
    pub(crate) sources: Vec<Source>,
    pub(crate) manners: Manners,
}

impl Configuration {
    /// # Errors
    /// Names the key that is unusable.
    pub(crate) fn read(settings: Settings) -> Result<Self, NotDone> {
        let typed: Typed = settings.read()?;
        if typed.source.is_empty() || typed.source.len() > SOURCES_MAX {
            return Err(NotDone::setting("source", "names none or more than 50 sources"));
        }
        let mut names = BTreeSet::new();
        let mut sources = Vec::new();
        for (number, source) in typed.source.into_iter().enumerate() {
            let key = |key: &str| format!("source[{number}].{key}");
            let long = source.name.trim().chars().count();
            if !(1..=40).contains(&long) {
                return Err(NotDone::setting(&key("name"), "is not between 1 and 40 characters"));
            }
            if !names.insert(source.name.clone()) {
                return Err(NotDone::setting(&key("name"), "is there twice"));
            }
            if !(5..=10_080).contains(&source.every_minutes) {
                return Err(NotDone::setting(&key("every_minutes"), "is not between 5 and 10080"));
            }
            let url = address(&source.url).ok_or_else(|| {
                NotDone::setting(&key("url"), "is not an http or https address without a password")
            })?;
            let every = Duration::from_secs(source.every_minutes * 60);
            sources.push(Source { name: source.name, url, kind: source.kind, every });
        }
        let bounded = [
            ("timeout", (1..=120).contains(&typed.timeout), "is not between 1 and 120 seconds"),
            ("bytes_max", (1024..=32 << 20).contains(&typed.bytes_max), "is not 1 KiB to 32 MiB"),
            ("redirects_max", typed.redirects_max <= 10, "is more than 10"),
        ];
        if let Some((key, _, why)) = bounded.iter().find(|(_, fits, _)| !fits) {
            return Err(NotDone::setting(key, why));
        }
        let named = HeaderValue::from_str(&typed.user_agent).ok();
        let user_agent = named
            .filter(|_| (1..=200).contains(&typed.user_agent.trim().len()))
            .ok_or_else(|| NotDone::setting("user_agent", "is not 1 to 200 plain characters"))?;
        let manners = Manners {
            user_agent,
            product: product(&typed.user_agent),
            timeout: Duration::from_secs(typed.timeout),
            bytes_max: typed.bytes_max,
            redirects_max: typed.redirects_max,
            tls: tls::client(None)?,
        };
        Ok(Self { sources, manners })
    }
}

/// An address that can be fetched: http or https, with a host, without a password in it.
pub(crate) fn address(text: &str) -> Option<Url> {
    let mut url = Url::parse(text.trim()).ok()?;
    let plain = url.username().is_empty() && url.password().is_none();
    url.set_fragment(None);
    (matches!(url.scheme(), "http" | "https") && url.has_host() && plain).then_some(url)
}

/// `xibu-jobfeed` of `xibu-jobfeed/0.1 (+https://…)`.
fn product(user_agent: &str) -> String {
    let allowed = |c: char| c.is_ascii_alphabetic() || c == '-' || c == '_';
    user_agent.trim().chars().take_while(|c| allowed(*c)).collect::<String>().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read(extra: Value) -> Result<Configuration, NotDone> {
        let mut settings = json!({"source": [{"name": "a", "url": "https://rsj.test/rss"}]});
        for (key, value) in extra.as_object().unwrap() {
            settings[key] = value.clone();
        }
        Configuration::read(Settings::new(settings))
    }

    fn source(extra: Value) -> Value {
        let mut source = json!({"name": "secret", "url": "https://rsj.test/rss"});
        for (key, value) in extra.as_object().unwrap() {
            source[key] = value.clone();
        }
        json!({"source": [source]})
    }

    #[track_caller]
    fn check_refused(extra: Value, words: &str) {
        let Err(NotDone::Failed(detail)) = read(extra) else { panic!("it was taken") };
        assert!(detail.contains(words), "{detail} lacks {words}");
        assert!(!detail.contains("secret"), "{detail}");
    }

    #[test]
    fn the_schema_names_exactly_what_is_read() {
        let schema = schema();
        let names = |properties: &Value| -> Vec<String> {
            properties.as_object().unwrap().keys().cloned().collect()
        };
        let of_source = &schema["properties"]["source"]["items"]["properties"];
        for name in names(&schema["properties"]) {
            let Err(NotDone::Failed(detail)) = read(json!({name.as_str(): {}})) else { continue };
            assert!(!detail.contains("unknown field"), "{detail}");
        }
        for name in names(of_source) {
            let typed = source(json!({name.as_str(): []}));
            let Err(NotDone::Failed(detail)) = read(typed) else { continue };
            assert!(!detail.contains("unknown field"), "{detail}");
        }
        assert_eq!((names(&schema["properties"]).len(), names(of_source).len()), (5, 4));
    }

    #[test]
    fn defaults_are_those_of_the_schema() {
        let schema = &schema()["properties"];
        let taken = read(json!({})).ok().unwrap();
        assert_eq!(json!(taken.manners.timeout.as_secs()), schema["timeout"]["default"]);
        assert_eq!(json!(taken.manners.bytes_max), schema["bytes_max"]["default"]);
        assert_eq!(json!(taken.manners.redirects_max), schema["redirects_max"]["default"]);
        assert_eq!(
            json!(taken.manners.user_agent.to_str().unwrap()),
            schema["user_agent"]["default"]
        );
        assert_eq!(taken.manners.product, "xibu-jobfeed");
    }

    #[test]
    fn refusals_name_the_key() {
        check_refused(json!({"source": []}), "`source` names none");
        check_refused(source(json!({"url": "ftp://secret.test/"})), "`source[0].url` is not");
        check_refused(
            source(json!({"url": "https://u:secret@rsj.test/"})),
            "`source[0].url` is not",
        );
        check_refused(source(json!({"url": "secret"})), "`source[0].url` is not");
        check_refused(source(json!({"name": " "})), "`source[0].name` is not");
        check_refused(source(json!({"every_minutes": 1})), "`source[0].every_minutes` is not");
        check_refused(source(json!({"kind": "secret"})), "`source[0].kind` has a value");
        check_refused(source(json!({"every": 5})), "unknown field `every`");
        check_refused(json!({"timeout": 0}), "`timeout` is not between");
        check_refused(json!({"bytes_max": 1}), "`bytes_max` is not");
        check_refused(json!({"redirects_max": 11}), "`redirects_max` is more");
        check_refused(json!({"user_agent": "a\nb"}), "`user_agent` is not");
        let twice =
            json!([{"name": "a", "url": "https://a.test"}, {"name": "a", "url": "https://b.test"}]);
        check_refused(json!({"source": twice}), "`source[1].name` is there twice");
    }
}
