//! The four ways out, behind one face.

use tokio::time::Instant;
use xibu_plugin_sdk::message::{Item, Outcome};
use xibu_plugin_sdk::{NotDone, Sink};

use crate::aliyun::Aliyun;
use crate::batch::Ready;
use crate::door::Came;
use crate::gateway::Gateway;
use crate::smpp::Smpp;
use crate::tencent::Tencent;

/// Look again, in seconds, where nothing is known to wait.
const AGAIN_SECONDS: u64 = 60;

pub(crate) enum Provider {
    /// Larger than the others by its many patterns.
    Gateway(Box<Gateway>),
    Aliyun(Aliyun),
    Tencent(Tencent),
    Smpp(Smpp),
}

impl Provider {
    pub(crate) async fn send(&self, ready: &Ready<'_>) -> Outcome {
        match self {
            Self::Gateway(gateway) => gateway.send(ready).await,
            Self::Aliyun(aliyun) => aliyun.send(ready).await,
            Self::Tencent(tencent) => tencent.send(ready).await,
            Self::Smpp(smpp) => smpp.send(ready).await,
        }
    }

    pub(crate) async fn poll(
        &self,
        now_unix_ms: i64,
        by: Instant,
        cursor: Option<&str>,
        sink: &mut Sink<'_>,
    ) -> Result<(), NotDone> {
        match self {
            // A gateway pushes, and has nothing to be asked for.
            Self::Gateway(_) => polled(String::new(), 3600, sink),
            Self::Aliyun(aliyun) => {
                let waits = aliyun.poll(now_unix_ms, by, sink).await?;
                polled(String::new(), if waits { 20 } else { AGAIN_SECONDS }, sink)
            }
            Self::Tencent(tencent) => {
                let (cursor, more) = tencent.poll(now_unix_ms, by, cursor, sink).await?;
                polled(cursor, if more { 1 } else { AGAIN_SECONDS }, sink)
            }
            Self::Smpp(smpp) => {
                let (cursor, waits) = smpp.poll(now_unix_ms, by, cursor, sink).await?;
                polled(cursor, if waits { 1 } else { 5 }, sink)
            }
        }
    }

    /// What a push to the host's listener brings.
    ///
    /// # Errors
    /// What is wrong with it, for the answer.
    pub(crate) fn read_push(
        &self,
        what: Came,
        push: &crate::door::Push<'_>,
    ) -> Result<Vec<Item>, &'static str> {
        match self {
            Self::Gateway(gateway) => gateway.read_push(what, push),
            Self::Aliyun(_) => crate::aliyun::push::read(what, push),
            Self::Tencent(_) => crate::tencent::push::read(what, push),
            Self::Smpp(_) => Err("an SMPP centre pushes nothing"),
        }
    }

    /// What a vendor waits for as the answer to a push: body and media type.
    pub(crate) fn push_answer(&self) -> (String, &'static str) {
        match self {
            Self::Gateway(gateway) => gateway.push_answer(),
            Self::Aliyun(_) => (r#"{"code":0,"msg":"OK"}"#.into(), "application/json"),
            Self::Tencent(_) => (r#"{"result":0,"errmsg":"OK"}"#.into(), "application/json"),
            Self::Smpp(_) => (String::new(), "text/plain"),
        }
    }
}

fn polled(cursor: String, again_after_seconds: u64, sink: &mut Sink<'_>) -> Result<(), NotDone> {
    sink.emit(&Item::Polled { cursor, again_after_seconds }, &[])
}
