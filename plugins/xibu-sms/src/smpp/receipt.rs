//! A delivery receipt as centres write it. SMPP 3.4 appendix B, and its optional parameters.
//!
//! What it is not: no matching to a message; ids are only read.

use rusmpp::pdus::DeliverSm;
use rusmpp::tlvs::TlvValue;
use rusmpp::values::{MessageState, MessageType};
use xibu_plugin_sdk::message::{Blame, Fate};

use crate::civil;
use crate::outcome::scrub;

/// A receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reported {
    /// The id of `submit_sm_resp`.
    pub(super) id: String,
    /// None where it is no end yet.
    pub(super) fate: Option<Fate>,
    pub(super) at_unix_ms: Option<i64>,
}

/// Whether a delivery is a receipt and no message of a person.
pub(super) fn is_receipt(delivery: &DeliverSm) -> bool {
    delivery.esm_class.message_type != MessageType::Default
}

/// Reads a receipt; none where it names no message.
pub(super) fn read(delivery: &DeliverSm, text: &str) -> Option<Reported> {
    let (mut id, mut state) = (None, None);
    for tlv in delivery.tlvs() {
        match tlv.value() {
            Some(TlvValue::ReceiptedMessageId(value)) => id = Some(value.as_str().to_owned()),
            Some(TlvValue::MessageState(value)) => state = Some(by_number(*value)),
            _ => {}
        }
    }
    let id = id.or_else(|| word(text, "id:"))?;
    let said = word(text, "stat:").unwrap_or_default();
    let state = state.unwrap_or(said.as_str());
    let error = word(text, "err:").unwrap_or_default();
    let at_unix_ms = word(text, "done date:").and_then(|date| civil::of_receipt(&date));
    Some(Reported { id, fate: fate(state, &error), at_unix_ms })
}

/// What follows a label up to the next space.
fn word(text: &str, label: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    // `id:` is also the end of other labels.
    let at = lower
        .match_indices(label)
        .map(|(at, _)| at)
        .find(|at| *at == 0 || !lower.as_bytes()[at - 1].is_ascii_alphanumeric())?;
    let rest = text.get(at + label.len()..)?;
    rest.split_whitespace().next().map(str::to_owned)
}

fn by_number(state: MessageState) -> &'static str {
    match state {
        MessageState::Delivered => "DELIVRD",
        MessageState::Expired => "EXPIRED",
        MessageState::Deleted => "DELETED",
        MessageState::Undeliverable => "UNDELIV",
        MessageState::Rejected | MessageState::Skipped => "REJECTD",
        MessageState::Scheduled | MessageState::Enroute | MessageState::Accepted => "ENROUTE",
        MessageState::Unknown | MessageState::Other(_) => "UNKNOWN",
    }
}

fn fate(state: &str, error: &str) -> Option<Fate> {
    let blame = match state.to_ascii_uppercase().as_str() {
        "DELIVRD" | "DELIVERED" => return Some(Fate::Delivered),
        "ENROUTE" | "ACCEPTD" | "ACCEPTED" | "SCHEDULED" => return None,
        "UNDELIV" | "EXPIRED" | "DELETED" => Blame::Address,
        "REJECTD" => Blame::Message,
        _ => Blame::Unknown,
    };
    Some(Fate::Failed { blame, detail: scrub(&format!("smpp {state} err {error}")) })
}

#[cfg(test)]
mod tests {
    use rusmpp::values::EsmClass;

    use super::*;

    #[test]
    fn receipts_are_read_as_centres_write_them() {
        let table = [
            ("DELIVRD", Some("delivered")),
            ("UNDELIV", Some("Address")),
            ("EXPIRED", Some("Address")),
            ("REJECTD", Some("Message")),
            ("UNKNOWN", Some("Unknown")),
            ("MK:0001", Some("Unknown")),
            ("ENROUTE", None),
            ("ACCEPTD", None),
        ];
        let delivery = DeliverSm::builder().esm_class(EsmClass::from(4)).build();
        assert!(is_receipt(&delivery));
        assert!(!is_receipt(&DeliverSm::builder().esm_class(EsmClass::from(0x40)).build()));
        for (state, expected) in table {
            let text = format!(
                "id:7f3a sub:001 dlvrd:001 submit date:2606150830 done date:2606150830 \
                 stat:{state} err:000 text:"
            );
            let reported = read(&delivery, &text).unwrap();
            assert_eq!(reported.id, "7f3a");
            assert_eq!(reported.at_unix_ms, Some(1_781_483_400_000));
            let fate = reported.fate.map(|fate| match fate {
                Fate::Failed { blame, .. } => format!("{blame:?}"),
                _ => "delivered".to_owned(),
            });
            assert_eq!(fate.as_deref(), expected, "{state}");
        }
        assert_eq!(read(&delivery, "no receipt at all"), None);
    }
}
