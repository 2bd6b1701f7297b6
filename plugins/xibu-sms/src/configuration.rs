//! The plugin's settings: read, checked against each other, and made into a provider.
//!
//! What it is not: nothing is connected to here.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;
use xibu_plugin_sdk::{NotDone, Settings};

use crate::aliyun::{self, Aliyun};
use crate::content::{self, Rules};
use crate::gateway::{Format, typed as gateway};
use crate::http::{Http, address};
use crate::provider::Provider;
use crate::smpp;
use crate::template::{self, Template};
use crate::tencent::{self, Tencent};
use crate::unkept::Unkept;

/// The schema of the settings that `describe` answers with.
pub(crate) fn schema() -> Value {
    serde_json::from_str(include_str!("settings.schema.json")).unwrap_or_default()
}

/// Which way out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Way {
    Http,
    Aliyun,
    Tencent,
    Smpp,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Typed {
    provider: Way,
    // for all
    #[serde(default)]
    template: Vec<template::Typed>,
    timeout: Option<u64>,
    connections: Option<u8>,
    ca_file: Option<PathBuf>,
    hook_token: Option<String>,
    parts_max: Option<usize>,
    variable_chars_max: Option<usize>,
    check_content: Option<bool>,
    // for Aliyun and Tencent
    endpoint: Option<String>,
    sign_name: Option<String>,
    poll_reports: Option<bool>,
    access_key_id: Option<String>,
    access_key_secret: Option<String>,
    secret_id: Option<String>,
    secret_key: Option<String>,
    sdk_app_id: Option<String>,
    region: Option<String>,
    // for SMPP
    host: Option<String>,
    port: Option<u16>,
    security: Option<smpp::Security>,
    system_id: Option<String>,
    password: Option<String>,
    system_type: Option<String>,
    source: Option<String>,
    number_format: Option<smpp::NumberFormat>,
    enquire_link: Option<u64>,
    // for a gateway
    url: Option<String>,
    method: Option<String>,
    token: Option<String>,
    #[serde(default)]
    body_format: Format,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    body: Value,
    success: Option<gateway::TypedRule>,
    #[serde(default)]
    failure: Vec<gateway::TypedFailure>,
    reference: Option<String>,
    report: Option<gateway::TypedReport>,
    reply: Option<gateway::TypedReply>,
    push_answer: Option<String>,
}

/// Keys that only one provider, or two, read.
const OWN_KEYS: [(&str, &[Way]); 30] = [
    ("endpoint", &[Way::Aliyun, Way::Tencent]),
    ("sign_name", &[Way::Aliyun, Way::Tencent]),
    ("poll_reports", &[Way::Aliyun, Way::Tencent]),
    ("access_key_id", &[Way::Aliyun]),
    ("access_key_secret", &[Way::Aliyun]),
    ("secret_id", &[Way::Tencent]),
    ("secret_key", &[Way::Tencent]),
    ("sdk_app_id", &[Way::Tencent]),
    ("region", &[Way::Tencent]),
    ("host", &[Way::Smpp]),
    ("port", &[Way::Smpp]),
    ("security", &[Way::Smpp]),
    ("system_id", &[Way::Smpp]),
    ("password", &[Way::Smpp]),
    ("system_type", &[Way::Smpp]),
    ("source", &[Way::Smpp]),
    ("number_format", &[Way::Smpp]),
    ("enquire_link", &[Way::Smpp]),
    ("url", &[Way::Http]),
    ("method", &[Way::Http]),
    ("token", &[Way::Http]),
    ("body_format", &[Way::Http]),
    ("headers", &[Way::Http]),
    ("body", &[Way::Http]),
    ("success", &[Way::Http]),
    ("failure", &[Way::Http]),
    ("reference", &[Way::Http]),
    ("report", &[Way::Http]),
    ("reply", &[Way::Http]),
    ("push_answer", &[Way::Http]),
];

/// Settings that every provider has.
pub(crate) struct Configuration {
    pub(crate) templates: Vec<Template>,
    pub(crate) rules: Rules,
    pub(crate) connections: usize,
    pub(crate) timeout: Duration,
    pub(crate) hook_token: Option<String>,
}

/// A text that must be there.
pub(crate) fn needed(key: &str, text: Option<String>) -> Result<String, NotDone> {
    text.filter(|text| !text.trim().is_empty()).ok_or_else(|| NotDone::setting(key, "is missing"))
}

/// Reads the settings.
///
/// # Errors
/// Names the key that is unusable.
pub(crate) fn read(settings: Settings) -> Result<(Configuration, Provider), NotDone> {
    let settings = settings.with_secrets_inside();
    let present: BTreeMap<String, Value> = settings.clone().read()?;
    let mut typed: Typed = settings.read()?;
    for (key, ways) in OWN_KEYS {
        if present.contains_key(key) && !ways.contains(&typed.provider) {
            let way = format!("{:?}", typed.provider).to_lowercase();
            return Err(NotDone::setting(key, format!("is not read by provider `{way}`")));
        }
    }
    let configuration = common(&mut typed)?;
    let provider = provider(typed, configuration.timeout)?;
    Ok((configuration, provider))
}

fn common(typed: &mut Typed) -> Result<Configuration, NotDone> {
    let cloud = matches!(typed.provider, Way::Aliyun | Way::Tencent);
    let within = |key: &str, value: u64, from: u64, to: u64| match (from..=to).contains(&value) {
        true => Ok(value),
        false => Err(NotDone::setting(key, format!("is not between {from} and {to}"))),
    };
    let timeout = within("timeout", typed.timeout.unwrap_or(20), 1, 300)?;
    let connections = within("connections", typed.connections.unwrap_or(4).into(), 1, 16)?;
    let parts_max = within("parts_max", typed.parts_max.unwrap_or(3) as u64, 1, 20)?;
    if cloud && typed.check_content == Some(false) {
        return Err(NotDone::setting(
            "check_content",
            "cannot be switched off: the vendor checks it anyway",
        ));
    }
    let signature = typed.sign_name.as_deref().map_or(String::new(), |name| format!("【{name}】"));
    // 12 is what Tencent allows older accounts, newer ones less: see the vendor's console.
    let variable_chars_max = typed.variable_chars_max.or(match typed.provider {
        Way::Tencent => Some(12),
        Way::Aliyun => Some(35),
        Way::Http | Way::Smpp => None,
    });
    let rules = Rules {
        variable_chars_max,
        parts_max: parts_max as usize,
        check_words: typed.check_content.unwrap_or(true),
        small_alphabet: !cloud,
        signature,
    };
    let hook_token = typed.hook_token.take();
    if hook_token.as_ref().is_some_and(|token| token.len() < 16 || !is_word(token)) {
        return Err(NotDone::setting("hook_token", "is not at least 16 letters and digits"));
    }
    Ok(Configuration {
        templates: templates(&typed.template, &rules, cloud)?,
        rules,
        connections: connections as usize,
        timeout: Duration::from_secs(timeout),
        hook_token,
    })
}

fn is_word(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
}

fn templates(
    typed: &[template::Typed],
    rules: &Rules,
    cloud: bool,
) -> Result<Vec<Template>, NotDone> {
    if typed.is_empty() {
        return Err(NotDone::setting(
            "template",
            "is missing: at least one [[template]] with kind and text",
        ));
    }
    let mut read: Vec<Template> = Vec::new();
    for (at, one) in typed.iter().enumerate() {
        let key = |name: &str| format!("template.{at}.{name}");
        let template = Template::read(one).map_err(|why| NotDone::setting(&key("text"), why))?;
        if read.iter().any(|before| before.kind == template.kind) {
            return Err(NotDone::setting(&key("kind"), "stands in an earlier template already"));
        }
        if cloud && template.code.is_empty() {
            return Err(NotDone::setting(
                &key("code"),
                "is missing: the vendor's number of the template",
            ));
        }
        if cloud && template.is_too_open() {
            return Err(NotDone::setting(
                &key("text"),
                "has variables side by side, or nothing else: no vendor approves it",
            ));
        }
        content::check_template(rules, &template).map_err(|broken| {
            NotDone::setting(&key("text"), format!("breaks a rule: {}", broken.reason()))
        })?;
        read.push(template);
    }
    Ok(read)
}

fn provider(typed: Typed, timeout: Duration) -> Result<Provider, NotDone> {
    let http = || Http::new(timeout, typed.ca_file.as_deref());
    let endpoint = |usual: &str| {
        let mut url = address("endpoint", typed.endpoint.as_deref().unwrap_or(usual))?;
        url.set_query(None);
        Ok::<_, NotDone>(url)
    };
    let poll_reports = typed.poll_reports.unwrap_or(true);
    Ok(match typed.provider {
        Way::Aliyun => Provider::Aliyun(Aliyun {
            http: http()?,
            endpoint: endpoint("https://dysmsapi.aliyuncs.com")?,
            access: aliyun::Access {
                key_id: needed("access_key_id", typed.access_key_id)?,
                key_secret: needed("access_key_secret", typed.access_key_secret)?,
            },
            sign_name: needed("sign_name", typed.sign_name)?,
            poll_reports,
            sent: Mutex::default(),
        }),
        Way::Tencent => Provider::Tencent(Tencent {
            http: http()?,
            endpoint: endpoint("https://sms.tencentcloudapi.com")?,
            access: tencent::Access {
                secret_id: needed("secret_id", typed.secret_id)?,
                secret_key: needed("secret_key", typed.secret_key)?,
            },
            region: typed.region.unwrap_or_else(|| "ap-guangzhou".into()),
            sdk_app_id: needed("sdk_app_id", typed.sdk_app_id)?,
            sign_name: needed("sign_name", typed.sign_name)?,
            poll_reports,
            pulled: Mutex::new(Unkept::new()),
        }),
        Way::Smpp => Provider::Smpp(smpp::Smpp::new(smpp::Typed {
            host: typed.host,
            port: typed.port,
            security: typed.security,
            system_id: typed.system_id,
            password: typed.password,
            system_type: typed.system_type,
            source: typed.source,
            number_format: typed.number_format,
            enquire_link: typed.enquire_link,
            ca_file: typed.ca_file,
            timeout,
        })?),
        Way::Http => {
            let http = http()?;
            let typed = gateway::Typed {
                url: typed.url,
                method: typed.method,
                token: typed.token,
                body_format: typed.body_format,
                headers: typed.headers,
                body: typed.body,
                success: typed.success,
                failure: typed.failure,
                reference: typed.reference,
                report: typed.report,
                reply: typed.reply,
                push_answer: typed.push_answer,
            };
            Provider::Gateway(Box::new(gateway::read(typed, http)?))
        }
    })
}
