//! The plugin's settings: read, checked against each other, and turned into what a connection
//! needs.
//!
//! What it is not: nothing is connected to here.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use lettre::Address;
use lettre::message::Mailbox;
use lettre::transport::smtp::authentication::Credentials;
use rustls::ClientConfig;
use rustls_pki_types::ServerName;
use serde::Deserialize;
use xibu_plugin_sdk::{NotDone, Settings, tls};

mod inbox;

pub(crate) use inbox::Inbox;

/// The schema of the settings that `describe` answers with.
pub(crate) fn schema() -> serde_json::Value {
    serde_json::from_str(include_str!("settings.schema.json")).unwrap_or_default()
}

/// How the connection is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Security {
    /// TLS from the first byte.
    Tls,
    /// Plain at first, then TLS before anything is said.
    Starttls,
    /// None; to this very computer only.
    Plain,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Typed {
    host: String,
    port: Option<u16>,
    #[serde(default = "tls")]
    security: Security,
    #[serde(default)]
    user: String,
    from: String,
    #[serde(default)]
    from_name: String,
    message_id_domain: Option<String>,
    #[serde(default = "two")]
    connections: u8,
    #[serde(default = "sixty")]
    timeout: u64,
    #[serde(default)]
    ca_file: Option<PathBuf>,
    #[serde(default)]
    inbox: Option<inbox::Typed>,
}

fn tls() -> Security {
    Security::Tls
}

fn two() -> u8 {
    2
}

fn sixty() -> u64 {
    60
}

/// A server, and how the way to it is protected.
pub(crate) struct Server {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) security: Security,
    /// For TLS; plain needs none.
    pub(crate) server_name: Option<ServerName<'static>>,
    pub(crate) tls: Option<Arc<ClientConfig>>,
}

impl Server {
    /// `keys` is what its keys in the settings begin with; `ports` are those for TLS, STARTTLS and
    /// plain where none is set.
    fn read(
        host: String,
        port: Option<u16>,
        security: Security,
        ca_file: Option<&Path>,
        keys: &str,
        ports: [u16; 3],
    ) -> Result<Self, NotDone> {
        let host_key = format!("{keys}host");
        if host.trim().is_empty() {
            return Err(NotDone::setting(&host_key, "is empty"));
        }
        let (server_name, tls) = match security {
            Security::Plain if !is_this_computer(&host) => {
                let why = "plain is allowed to this computer only (127.0.0.1, ::1, localhost); \
                           use tls or starttls";
                return Err(NotDone::setting(&format!("{keys}security"), why));
            }
            Security::Plain => (None, None),
            Security::Tls | Security::Starttls => {
                let name = ServerName::try_from(host.clone())
                    .map_err(|_| NotDone::setting(&host_key, "is not a host name"))?;
                (Some(name), Some(Arc::new(tls::client(ca_file)?)))
            }
        };
        let port = port.unwrap_or(match security {
            Security::Tls => ports[0],
            Security::Starttls => ports[1],
            Security::Plain => ports[2],
        });
        Ok(Self { host, port, security, server_name, tls })
    }
}

/// Settings that fit together.
pub(crate) struct Configuration {
    /// Where mail goes out.
    pub(crate) server: Server,
    /// Where mail comes in; none where this plugin only sends.
    pub(crate) inbox: Option<Inbox>,
    pub(crate) credentials: Option<Credentials>,
    pub(crate) from: Mailbox,
    /// Behind the `@` of Message-ID, and what we call ourselves at EHLO.
    pub(crate) domain: String,
    pub(crate) connections: usize,
    pub(crate) timeout: Duration,
}

impl Configuration {
    /// # Errors
    /// Names the key that is unusable.
    pub(crate) fn read(settings: Settings) -> Result<Self, NotDone> {
        let password = settings.secret("password").unwrap_or_default().to_owned();
        let inbox_password = settings.secret("inbox.password").map(str::to_owned);
        let typed: Typed = settings.read()?;
        let ca_file = typed.ca_file.as_deref();
        let server =
            Server::read(typed.host, typed.port, typed.security, ca_file, "", [465, 587, 25])?;
        if !(1..=16).contains(&typed.connections) {
            return Err(NotDone::setting("connections", "is not between 1 and 16"));
        }
        if !(1..=600).contains(&typed.timeout) {
            return Err(NotDone::setting("timeout", "is not between 1 and 600 seconds"));
        }
        let from: Address =
            typed.from.parse().map_err(|_| NotDone::setting("from", "is not a mail address"))?;
        let domain = typed.message_id_domain.unwrap_or_else(|| from.domain().to_owned());
        if !is_domain(&domain) {
            return Err(NotDone::setting("message_id_domain", "is not a domain name"));
        }
        let inbox = match typed.inbox {
            Some(inbox) => {
                let known = (typed.user.as_str(), inbox_password.as_ref().unwrap_or(&password));
                Some(Inbox::read(inbox, known, ca_file)?)
            }
            None => None,
        };
        let from_name = crate::mail::one_line(&typed.from_name);
        Ok(Self {
            server,
            inbox,
            credentials: credentials(typed.user, password)?,
            from: Mailbox::new(Some(from_name).filter(|name| !name.is_empty()), from),
            domain,
            connections: usize::from(typed.connections),
            timeout: Duration::from_secs(typed.timeout),
        })
    }
}

fn credentials(user: String, password: String) -> Result<Option<Credentials>, NotDone> {
    match (user.is_empty(), password.is_empty()) {
        (true, true) => Ok(None),
        (true, false) => Err(NotDone::setting("user", "is missing beside `password`")),
        (false, true) => Err(NotDone::setting("password", "is missing beside `user`")),
        (false, false) => Ok(Some(Credentials::new(user, password))),
    }
}

/// By name; what the name resolves to is looked at again when connecting.
fn is_this_computer(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn is_domain(text: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty() && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    text.len() <= 253 && text.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read(extra: Value) -> Result<Configuration, NotDone> {
        let mut settings = json!({"host": "smtp.office.test", "from": "xb@office.test"});
        for (key, value) in extra.as_object().unwrap() {
            settings[key] = value.clone();
        }
        Configuration::read(Settings::with_schema(settings, &schema()))
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
        let named = schema["properties"].as_object().unwrap().keys();
        for name in named {
            // Known under this name, whatever is wrong with the value.
            let Err(NotDone::Failed(detail)) = read(json!({name.as_str(): []})) else { continue };
            assert!(!detail.contains("unknown field"), "{detail}");
        }
        assert_eq!(schema["properties"].as_object().unwrap().len(), 12);
    }

    #[test]
    fn plain_is_taken_to_this_computer_only() {
        for host in ["127.0.0.1", "::1", "localhost", "127.8.8.8"] {
            let taken = read(json!({"host": host, "security": "plain"})).ok().unwrap();
            assert_eq!((taken.server.port, taken.server.tls.is_none()), (25, true), "{host}");
        }
        for host in ["10.0.0.1", "mail.office.test", "0.0.0.0", "localhost.evil.test"] {
            check_refused(json!({"host": host, "security": "plain"}), "`security` plain");
        }
    }

    #[test]
    fn ports_follow_the_security_and_the_domain_follows_the_sender() {
        assert_eq!(read(json!({})).ok().unwrap().server.port, 465);
        assert_eq!(read(json!({"security": "starttls"})).ok().unwrap().server.port, 587);
        assert_eq!(read(json!({"port": 2525})).ok().unwrap().server.port, 2525);
        assert_eq!(read(json!({})).ok().unwrap().domain, "office.test");
    }

    #[test]
    fn refusals_name_the_key() {
        check_refused(json!({"host": " "}), "`host` is empty");
        check_refused(json!({"host": "a b"}), "`host` is not a host name");
        check_refused(json!({"from": "secret"}), "`from` is not a mail address");
        check_refused(json!({"user": "office"}), "`password` is missing");
        check_refused(json!({"password": "secret"}), "`user` is missing");
        check_refused(json!({"password": 5}), "`password` has a value it cannot take");
        check_refused(json!({"passwort": "secret"}), "unknown field `passwort`");
        check_refused(json!({"security": "ssl"}), "`security` has a value it cannot take");
        check_refused(json!({"connections": 0}), "`connections` is not between 1 and 16");
        check_refused(json!({"timeout": 601}), "`timeout` is not between");
        check_refused(json!({"message_id_domain": "a>b"}), "`message_id_domain` is not");
        check_refused(json!({"ca_file": "ca.pem"}), "`ca_file` is not an absolute path");
        check_refused(json!({"ca_file": "/nowhere/ca.pem"}), "`ca_file` No such file");
        check_refused(json!({"ca_file": "/dev/null"}), "`ca_file` holds no certificate");
    }
}
