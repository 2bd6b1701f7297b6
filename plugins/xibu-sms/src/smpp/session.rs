//! A bound session: the connection, plain or TLS, and the task that takes what the centre delivers.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::{Stream, StreamExt};
use rusmpp::pdus::BindTransceiver;
use rusmpp::types::COctetString;
use rusmpp::values::InterfaceVersion;
use rusmpp::{CommandStatus, Pdu};
use rusmppc::error::Error;
use rusmppc::{Client, ConnectionBuilder, Event};
use rustls::ClientConfig;
use rustls_pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use xibu_plugin_sdk::message::{Blame, Outcome};

use super::inbox::Inbox;
use crate::outcome::{deferred, throttled};

/// Who we are to the centre, and where it is.
pub(super) struct Login {
    pub(super) host: String,
    pub(super) port: u16,
    /// None where it is plain.
    pub(super) tls: Option<Arc<ClientConfig>>,
    pub(super) system_id: String,
    pub(super) password: String,
    pub(super) system_type: String,
    pub(super) enquire_link: Duration,
    pub(super) timeout: Duration,
}

/// Why there is no session. Nothing of a message has left.
#[derive(Debug)]
pub(super) enum NoSession {
    NotReached(String),
    Refused(CommandStatus),
    NoAnswer,
}

impl NoSession {
    pub(super) fn detail(&self) -> String {
        match self {
            Self::NotReached(why) => format!("not reached: {why}"),
            Self::Refused(status) => format!("the bind was refused: {status:?}"),
            Self::NoAnswer => "no answer to the bind".into(),
        }
    }

    pub(super) fn outcome(&self) -> Outcome {
        let words = format!("smpp: {}", self.detail());
        match self {
            Self::Refused(CommandStatus::EsmeRthrottled) => throttled(30, words),
            _ => deferred(Blame::Channel, words),
        }
    }
}

pub(super) struct Session {
    client: Client,
    events: JoinHandle<()>,
}

impl Drop for Session {
    fn drop(&mut self) {
        self.events.abort();
    }
}

impl Session {
    pub(super) async fn open(login: &Login, inbox: Arc<Mutex<Inbox>>) -> Result<Self, NoSession> {
        let not_reached = |e: std::io::Error| NoSession::NotReached(e.to_string());
        let connecting = TcpStream::connect((login.host.as_str(), login.port));
        let stream = match timeout(login.timeout, connecting).await {
            Ok(stream) => stream.map_err(not_reached)?,
            Err(_) => return Err(NoSession::NotReached("no answer in time".into())),
        };
        stream.set_nodelay(true).map_err(not_reached)?;
        let builder = ConnectionBuilder::new()
            .enquire_link_interval(login.enquire_link)
            .response_timeout(login.timeout)
            // Centres of the mainland speak 3.4.
            .disable_interface_version_check();
        match &login.tls {
            None => {
                let (client, events) = builder.connected(stream);
                Self::bind(login, inbox, client, events).await
            }
            Some(tls) => {
                let name = ServerName::try_from(login.host.clone())
                    .map_err(|_| NoSession::NotReached("the host is no server's name".into()))?;
                let connector = TlsConnector::from(Arc::clone(tls));
                let stream = match timeout(login.timeout, connector.connect(name, stream)).await {
                    Ok(stream) => stream.map_err(not_reached)?,
                    Err(_) => return Err(NoSession::NotReached("no TLS in time".into())),
                };
                let (client, events) = builder.connected(stream);
                Self::bind(login, inbox, client, events).await
            }
        }
    }

    async fn bind(
        login: &Login,
        inbox: Arc<Mutex<Inbox>>,
        client: Client,
        events: impl Stream<Item = Event> + Unpin + Send + 'static,
    ) -> Result<Self, NoSession> {
        let text = |text: &str| text.to_owned();
        let unfit = |_| NoSession::NotReached("the login cannot be encoded".into());
        let bind = BindTransceiver::builder()
            .system_id(COctetString::from_string(text(&login.system_id)).map_err(unfit)?)
            .password(COctetString::from_string(text(&login.password)).map_err(unfit)?)
            .system_type(COctetString::from_string(text(&login.system_type)).map_err(unfit)?)
            .interface_version(InterfaceVersion::Smpp3_4)
            .build();
        let events = tokio::spawn(take(events, client.clone(), inbox));
        // Ended with it wherever the bind fails.
        let session = Self { client, events };
        match session.client.bind_transceiver(bind).await {
            Ok(_) => Ok(session),
            Err(Error::UnexpectedResponse { response }) => {
                Err(NoSession::Refused(response.status()))
            }
            Err(_) => Err(NoSession::NoAnswer),
        }
    }

    pub(super) fn client(&self) -> Client {
        self.client.clone()
    }

    pub(super) fn lives(&self) -> bool {
        !self.client.is_closed() && self.client.is_active()
    }
}

/// Takes what the centre sends of its own accord, until it hangs up.
async fn take(
    mut events: impl Stream<Item = Event> + Unpin,
    client: Client,
    inbox: Arc<Mutex<Inbox>>,
) {
    while let Some(event) = events.next().await {
        let Event::Incoming(command) = event else { continue };
        let sequence = command.sequence_number();
        match command.pdu() {
            Some(Pdu::DeliverSm(delivery)) => {
                if let Ok(mut inbox) = inbox.lock() {
                    inbox.arrived(delivery, &client, sequence);
                }
            }
            Some(Pdu::Unbind) => {
                let _ = client.unbind_resp(sequence).await;
                let _ = client.close().await;
            }
            _ => {}
        }
    }
}
