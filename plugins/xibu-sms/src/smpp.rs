//! SMPP 3.4: one session as transceiver, kept between calls; long texts in parts with a user data
//! header; receipts and replies collected as the centre delivers them.
//!
//! The centre hears that a delivery was taken (`deliver_sm_resp`) only after the host has kept it,
//! which the next poll's cursor tells. What it is not: it binds only when there is something to
//! send or to look for, and never twice at once.

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use rusmpp::CommandStatus;
use rusmpp::pdus::DeliverSmResp;
use rusmppc::Client;
use rusmppc::error::Error;
use serde::Deserialize;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout_at};
use xibu_plugin_sdk::message::{Blame, Outcome};
use xibu_plugin_sdk::{NotDone, Sink, tls};

use crate::batch::Ready;
use crate::configuration::needed;
use crate::http::is_this_computer;
use crate::outcome::{accepted, deferred, rejected, throttled};

mod inbox;
mod receipt;
mod session;
mod text;

use inbox::Inbox;
use session::{Login, NoSession, Session};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Security {
    Tls,
    Plain,
}

/// How the centre wants a mainland number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum NumberFormat {
    #[default]
    International,
    National,
}

/// Everything of the settings that only SMPP has, as typed.
pub(crate) struct Typed {
    pub(crate) host: Option<String>,
    pub(crate) port: Option<u16>,
    pub(crate) security: Option<Security>,
    pub(crate) system_id: Option<String>,
    pub(crate) password: Option<String>,
    pub(crate) system_type: Option<String>,
    pub(crate) source: Option<String>,
    pub(crate) number_format: Option<NumberFormat>,
    pub(crate) enquire_link: Option<u64>,
    pub(crate) ca_file: Option<PathBuf>,
    pub(crate) timeout: Duration,
}

pub(crate) struct Smpp {
    login: Login,
    source: String,
    number_format: NumberFormat,
    session: Mutex<Option<Session>>,
    inbox: Arc<std::sync::Mutex<Inbox>>,
}

/// What became of one part.
enum Part {
    Taken(String),
    Refused(CommandStatus),
    Lost,
}

impl Smpp {
    /// # Errors
    /// Names the key that is unusable.
    pub(crate) fn new(typed: Typed) -> Result<Self, NotDone> {
        let host = needed("host", typed.host)?;
        let security = typed.security.unwrap_or(Security::Tls);
        let near = is_this_computer(&host) || host.parse::<IpAddr>().is_ok_and(is_private);
        if security == Security::Plain && !near {
            let why = "plain is allowed to this computer or a private address only; use tls";
            return Err(NotDone::setting("security", why));
        }
        let tls = match security {
            Security::Tls => Some(Arc::new(tls::client(typed.ca_file.as_deref())?)),
            Security::Plain => None,
        };
        let enquire_link = typed.enquire_link.unwrap_or(30);
        if !(1..=600).contains(&enquire_link) {
            return Err(NotDone::setting("enquire_link", "is not between 1 and 600 seconds"));
        }
        let short = |key: &str, text: String, max: usize| match text.len() > max || !text.is_ascii()
        {
            true => {
                Err(NotDone::setting(key, format!("is longer than {max} characters, or not ASCII")))
            }
            false => Ok(text),
        };
        let login = Login {
            port: typed.port.unwrap_or(2775),
            tls,
            system_id: short("system_id", needed("system_id", typed.system_id)?, 15)?,
            password: short("password", typed.password.unwrap_or_default(), 8)?,
            system_type: short("system_type", typed.system_type.unwrap_or_default(), 12)?,
            enquire_link: Duration::from_secs(enquire_link),
            timeout: typed.timeout,
            host,
        };
        Ok(Self {
            login,
            source: short("source", typed.source.unwrap_or_default(), 20)?,
            number_format: typed.number_format.unwrap_or_default(),
            session: Mutex::new(None),
            inbox: Arc::default(),
        })
    }

    pub(crate) async fn send(&self, ready: &Ready<'_>) -> Outcome {
        let to = match self.number_format {
            NumberFormat::International => ready.phone.international(),
            NumberFormat::National => ready.phone.national(),
        };
        let reference = crate::unkept::random() as u8;
        let small = ready.parts.small;
        let Some(parts) = text::parts(&self.source, to, &ready.filled.text, small, reference)
        else {
            return rejected(Blame::Message, "text_not_encodable: a letter is not in UCS-2");
        };
        let client = match timeout_at(ready.by, self.client()).await {
            Ok(Ok(client)) => client,
            Ok(Err(no_session)) => return no_session.outcome(),
            Err(_) => return deferred(Blame::Channel, "smpp: no session in time"),
        };
        let submitted = parts.into_iter().map(|part| submit(&client, part, ready.by));
        let outcome = settle(join_all(submitted).await);
        if let (Outcome::Accepted { reference }, Ok(mut inbox)) = (&outcome, self.inbox.lock()) {
            inbox.sent(ready.key, reference);
        }
        outcome
    }

    /// Hands over what came; the word for the place, and whether something waits to be kept.
    pub(crate) async fn poll(
        &self,
        now_unix_ms: i64,
        by: Instant,
        cursor: Option<&str>,
        sink: &mut Sink<'_>,
    ) -> Result<(String, bool), NotDone> {
        let kept = self.inbox.lock().map_err(|_| broken())?.kept(cursor);
        for (client, sequence) in kept {
            // A centre that is gone delivers it again, under the same id.
            let answered = client.deliver_sm_resp(sequence, DeliverSmResp::default()).await;
            self.inbox.lock().map_err(|_| broken())?.answered(sequence, answered.is_ok());
        }
        let bound = match timeout_at(by, self.client()).await {
            Ok(Ok(_)) => None,
            Ok(Err(no_session)) => Some(no_session.detail()),
            Err(_) => Some("no session in time".to_owned()),
        };
        let (items, cursor) = {
            let mut inbox = self.inbox.lock().map_err(|_| broken())?;
            // What came over an earlier session is not held back by the lack of one now.
            if let (Some(why), true) = (bound, inbox.is_empty()) {
                return Err(NotDone::because(format!("smpp: {why}")));
            }
            inbox.hand_over(now_unix_ms)
        };
        let waits = !items.is_empty();
        for item in items {
            sink.emit(&item, &[])?;
        }
        Ok((cursor, waits))
    }

    /// The session, made if there is none that lives.
    async fn client(&self) -> Result<Client, NoSession> {
        let mut session = self.session.lock().await;
        if let Some(live) = session.as_ref().filter(|session| session.lives()) {
            return Ok(live.client());
        }
        *session = None;
        let new = Session::open(&self.login, Arc::clone(&self.inbox)).await?;
        let client = new.client();
        *session = Some(new);
        Ok(client)
    }
}

fn broken() -> NotDone {
    NotDone::because("the list of what came is broken")
}

fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_private() || address.is_loopback(),
        IpAddr::V6(address) => address.is_loopback() || address.is_unique_local(),
    }
}

async fn submit(client: &Client, part: rusmpp::pdus::SubmitSm, by: Instant) -> Part {
    let left = by.saturating_duration_since(Instant::now());
    if !client.is_active() {
        return Part::Refused(CommandStatus::EsmeRinvbndsts);
    }
    match client.response_timeout(left).submit_sm(part).await {
        Ok(response) => Part::Taken(response.message_id().to_string()),
        Err(Error::UnexpectedResponse { response }) => Part::Refused(response.status()),
        Err(Error::Encode(_)) => Part::Refused(CommandStatus::EsmeRinvmsglen),
        Err(_) => Part::Lost,
    }
}

/// One outcome of all parts: a text is there when all of it is.
fn settle(parts: Vec<Part>) -> Outcome {
    let mut ids = Vec::new();
    let mut refused = None;
    for part in parts {
        match part {
            Part::Taken(id) => ids.push(id),
            Part::Refused(status) => {
                refused.get_or_insert(status);
            }
            Part::Lost => return Outcome::Unknown,
        }
    }
    match refused {
        Some(status) => judge(status),
        None => accepted(ids.join(",")),
    }
}

/// What a status of `submit_sm_resp` means. SMPP 3.4 §5.1.3.
fn judge(status: CommandStatus) -> Outcome {
    use CommandStatus as S;
    let words = format!("smpp {status:?}");
    match status {
        S::EsmeRthrottled => throttled(10, words),
        S::EsmeRmsgqful => throttled(30, words),
        S::EsmeRinvdstadr | S::EsmeRinvdstton | S::EsmeRinvdstnpi | S::EsmeRinvdstaddrsubunit => {
            rejected(Blame::Address, words)
        }
        S::EsmeRinvmsglen
        | S::EsmeRinvcmdlen
        | S::EsmeRinvesmclass
        | S::EsmeRinvdcs
        | S::EsmeRinvdftmsgid
        | S::EsmeRinvsched
        | S::EsmeRinvexpiry
        | S::EsmeRxPAppn
        | S::EsmeRxRAppn => rejected(Blame::Message, words),
        S::EsmeRsubmitfail | S::EsmeRdeliveryfailure | S::EsmeRxTAppn => {
            deferred(Blame::Message, words)
        }
        _ => deferred(Blame::Channel, words),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::word;

    #[test]
    fn each_status_has_its_outcome() {
        use CommandStatus as S;
        let table = [
            (S::EsmeRthrottled, "throttled"),
            (S::EsmeRmsgqful, "throttled"),
            (S::EsmeRinvdstadr, "rejected Address"),
            (S::EsmeRinvmsglen, "rejected Message"),
            (S::EsmeRinvdcs, "rejected Message"),
            (S::EsmeRxPAppn, "rejected Message"),
            (S::EsmeRsubmitfail, "deferred Message"),
            (S::EsmeRxTAppn, "deferred Message"),
            (S::EsmeRsyserr, "deferred Channel"),
            (S::EsmeRinvbndsts, "deferred Channel"),
            (S::EsmeRbindfail, "deferred Channel"),
            (S::EsmeRinvsrcadr, "deferred Channel"),
            (S::Other(0x400), "deferred Channel"),
        ];
        for (status, expected) in table {
            assert_eq!(word(&judge(status)), expected, "{status:?}");
        }
    }

    #[test]
    fn a_text_is_taken_when_all_its_parts_are() {
        let taken = |id: &str| Part::Taken(id.into());
        let refused = || Part::Refused(CommandStatus::EsmeRthrottled);
        assert_eq!(settle(vec![taken("a"), taken("b")]), accepted("a,b"));
        assert_eq!(word(&settle(vec![taken("a"), refused()])), "throttled");
        assert_eq!(settle(vec![taken("a"), Part::Lost]), Outcome::Unknown);
        assert_eq!(settle(vec![refused(), Part::Lost]), Outcome::Unknown);
    }
}
