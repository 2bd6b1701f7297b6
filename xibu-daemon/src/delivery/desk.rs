//! The daemon's own channel and desk: calls to plugins through carriers.

use std::time::Duration;

use tracing::warn;
use xibu_plugin_abi::message::{Item, Message, Outcome, Request, Status};

use super::{Channel, Desk, Lost, Written};
use crate::carrier::Carrier;
use crate::clock::Now;
use crate::compose::{About, Brief, Letter, MarkedFile, Medium, compose};
use crate::intake::{self, returned::returned};
use crate::store::ArrivalFile;

/// Media type of the forms.
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
/// The longest a form may take to be made.
const FORM_MAX: Duration = Duration::from_secs(30);

impl Channel for Carrier {
    fn id(&self) -> &str {
        Carrier::id(self)
    }

    async fn deliver(
        &self,
        messages: Vec<Message>,
        blobs: Vec<Vec<u8>>,
        now_unix_ms: i64,
        deadline: Duration,
        on_outcome: &mut dyn FnMut(u32, Outcome),
    ) -> Result<(), Lost> {
        let request = Request::Deliver { messages };
        let called = self.call(request, blobs, now_unix_ms, deadline, |item, _| {
            if let Item::Delivered { index, outcome } = item {
                on_outcome(index, outcome);
            }
        });
        match called.await {
            Ok(Status::Done) => Ok(()),
            Ok(Status::Unsupported) => Err(Lost {
                may_have_acted: false,
                detail: "the plugin delivers no messages".to_owned(),
            }),
            Ok(Status::Failed { detail } | Status::Panicked { detail }) => {
                Err(Lost { may_have_acted: true, detail })
            }
            Err(lost) => {
                Err(Lost { may_have_acted: lost.may_have_acted(), detail: lost.to_string() })
            }
        }
    }
}

/// Composes letters and has their forms made by the workbook plugin.
#[derive(Clone, Debug)]
pub struct PluginDesk {
    /// The workbook plugin.
    pub workbook: Carrier,
}

impl Desk for PluginDesk {
    async fn write(&self, letter: &Letter<'_>, now: Now) -> Result<Written, String> {
        let mut rendered = compose(letter);
        let mut files = Vec::with_capacity(rendered.forms.len());
        for form in std::mem::take(&mut rendered.forms) {
            let mut bytes = None;
            let request = Request::WriteWorkbook { workbook: form.workbook };
            let made =
                self.workbook.call(request, Vec::new(), now.unix_ms, FORM_MAX, |item, blobs| {
                    if item == Item::Written {
                        bytes = blobs.into_iter().next();
                    }
                });
            let status = made.await.map_err(|lost| lost.to_string())?;
            let bytes = bytes.ok_or_else(|| match status {
                Status::Failed { detail } | Status::Panicked { detail } => detail,
                Status::Done | Status::Unsupported => "the plugin wrote no workbook".to_owned(),
            })?;
            files.push((form.file_name, XLSX.to_owned(), bytes));
        }
        if let (About::Errand(Brief::Files(answer)), Medium::Letter) = (letter.about, letter.medium)
        {
            let marked = answer.marked.iter();
            files.extend(
                marked.map(|one| (one.file_name.clone(), XLSX.to_owned(), one.bytes.clone())),
            );
        }
        Ok(Written { rendered, files })
    }

    async fn mark(
        &self,
        arrival: intake::Arrival,
        kept: &ArrivalFile,
        now: Now,
    ) -> Option<MarkedFile> {
        match returned(&self.workbook, arrival, kept, now).await {
            Ok(marked) => marked.map(|(file_name, bytes)| MarkedFile { file_name, bytes }),
            Err(lost) => {
                warn!(%lost, "a workbook is sent back in words alone");
                None
            }
        }
    }
}
