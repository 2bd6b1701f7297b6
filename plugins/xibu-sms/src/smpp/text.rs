//! Texts to parts on the wire, and what a centre delivers back to texts.
//!
//! What it is not: no meaning of a text.

use rusmpp::extra::concatenation::SubmitSmMultipartExt;
use rusmpp::pdus::{DeliverSm, SubmitSm};
use rusmpp::tlvs::TlvValue;
use rusmpp::types::COctetString;
use rusmpp::values::{
    DataCoding, EsmClass, GsmFeatures, IntermediateNotification, MCDeliveryReceipt, Npi,
    RegisteredDelivery, SmeOriginatedAcknowledgement, Ton,
};

/// The bytes of a part in UCS-2, and the letters of one in the small alphabet, which most centres
/// take one to a byte and pack themselves.
const UCS2_BYTES_MAX: usize = 140;
const SMALL_LETTERS_MAX: usize = 160;
/// A part of several, its six bytes of header included.
const SMALL_PART_MAX: usize = 153 + 6;

/// The parts of a text, each asking for a receipt; none where it cannot be encoded.
pub(super) fn parts(
    source: &str,
    to: &str,
    text: &str,
    small: bool,
    reference: u8,
) -> Option<Vec<SubmitSm>> {
    let receipt = RegisteredDelivery::new(
        MCDeliveryReceipt::McDeliveryReceiptRequestedWhereFinalDeliveryOutcomeIsSuccessOrFailure,
        SmeOriginatedAcknowledgement::NoReceiptSmeAcknowledgementRequested,
        IntermediateNotification::NoIntermediaryNotificationRequested,
        0,
    );
    let international = to.len() > 11;
    let whole = SubmitSm::builder()
        .source_addr_ton(Ton::Unknown)
        .source_addr_npi(Npi::Isdn)
        .source_addr(COctetString::from_string(source.to_owned()).ok()?)
        .dest_addr_ton(if international { Ton::International } else { Ton::Unknown })
        .dest_addr_npi(Npi::Isdn)
        .destination_addr(COctetString::from_string(to.to_owned()).ok()?)
        // Of nought, because the crate's default sets a bit of another network's.
        .esm_class(EsmClass::from(0))
        .registered_delivery(receipt)
        .build()
        .multipart(text)
        .reference_u8(reference);
    match small {
        true => {
            let one = whole.max_short_message_size(SMALL_LETTERS_MAX).build().ok();
            match one {
                Some(parts) if parts.len() == 1 => Some(parts),
                _ => self::parts_of_small(source, to, text, receipt, reference),
            }
        }
        false => whole.ucs2().max_short_message_size(UCS2_BYTES_MAX).build().ok(),
    }
}

fn parts_of_small(
    source: &str,
    to: &str,
    text: &str,
    receipt: RegisteredDelivery,
    reference: u8,
) -> Option<Vec<SubmitSm>> {
    SubmitSm::builder()
        .source_addr_npi(Npi::Isdn)
        .source_addr(COctetString::from_string(source.to_owned()).ok()?)
        .dest_addr_npi(Npi::Isdn)
        .destination_addr(COctetString::from_string(to.to_owned()).ok()?)
        .esm_class(EsmClass::from(0))
        .registered_delivery(receipt)
        .build()
        .multipart(text)
        .reference_u8(reference)
        .max_short_message_size(SMALL_PART_MAX)
        .build()
        .ok()
}

/// Which part of how many a delivery is: reference, number from 1, how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PartOf {
    pub(super) reference: u16,
    pub(super) number: u8,
    pub(super) of: u8,
}

/// The bytes a delivery carries, wherever they stand, without their header; and what the header
/// says.
pub(super) fn content(delivery: &DeliverSm) -> (Vec<u8>, Option<PartOf>) {
    let payload = delivery.tlvs().iter().find_map(|tlv| match tlv.value() {
        Some(TlvValue::MessagePayload(payload)) => Some(payload.value.as_ref().to_vec()),
        _ => None,
    });
    let bytes = match payload {
        Some(payload) if delivery.short_message().is_empty() => payload,
        _ => delivery.short_message().as_ref().to_vec(),
    };
    let has_header = matches!(
        delivery.esm_class.gsm_features,
        GsmFeatures::UdhiIndicator | GsmFeatures::SetUdhiAndReplyPath
    );
    if !has_header {
        return (bytes, sar(delivery));
    }
    let length = usize::from(bytes.first().copied().unwrap_or(0)) + 1;
    let header = bytes.get(1..length).unwrap_or_default();
    let part = part_of(header);
    (bytes.get(length..).unwrap_or_default().to_vec(), part)
}

fn part_of(mut header: &[u8]) -> Option<PartOf> {
    while let [id, length, rest @ ..] = header {
        let length = usize::from(*length);
        let value = rest.get(..length)?;
        let part = match (id, value) {
            (0, [reference, of, number]) => Some((u16::from(*reference), *of, *number)),
            (8, [high, low, of, number]) => Some((u16::from_be_bytes([*high, *low]), *of, *number)),
            _ => None,
        };
        if let Some((reference, of, number)) = part {
            return (number >= 1 && number <= of).then_some(PartOf { reference, number, of });
        }
        header = rest.get(length..)?;
    }
    None
}

/// The same said in optional parameters.
fn sar(delivery: &DeliverSm) -> Option<PartOf> {
    let (mut reference, mut number, mut of) = (None, None, None);
    for tlv in delivery.tlvs() {
        match tlv.value() {
            Some(TlvValue::SarMsgRefNum(value)) => reference = Some(*value),
            Some(TlvValue::SarSegmentSeqnum(value)) => number = Some(*value),
            Some(TlvValue::SarTotalSegments(value)) => of = Some(*value),
            _ => {}
        }
    }
    let part = PartOf { reference: reference?, number: number?, of: of? };
    (part.number >= 1 && part.number <= part.of).then_some(part)
}

/// Bytes to a text, by the coding their centre names.
pub(super) fn decode(bytes: &[u8], coding: DataCoding) -> String {
    match coding {
        DataCoding::Ucs2 => {
            let units = bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
            char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
        }
        // GBK, as centres of the mainland number it.
        DataCoding::Other(15) => encoding_rs::GB18030.decode(bytes).0.into_owned(),
        _ => match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_says_which_part_of_how_many() {
        let part = |reference, number, of| Some(PartOf { reference, number, of });
        assert_eq!(part_of(&[0, 3, 7, 2, 1]), part(7, 1, 2));
        assert_eq!(part_of(&[8, 4, 1, 7, 3, 2]), part(263, 2, 3));
        assert_eq!(part_of(&[5, 4, 0, 1, 0, 2, 0, 3, 7, 2, 2]), part(7, 2, 2));
        assert_eq!(part_of(&[0, 3, 7, 2, 3]), None, "the third of two");
        assert_eq!(part_of(&[0, 3, 7, 2, 0]), None);
        assert_eq!(part_of(&[0, 9, 7]), None);
        assert_eq!(part_of(&[]), None);
    }

    #[test]
    fn codings_of_the_mainland_are_read() {
        assert_eq!(decode(&[0x5b, 0x89, 0x51, 0x68], DataCoding::Ucs2), "安全");
        assert_eq!(decode(&[0xb0, 0xb2, 0xc8, 0xab], DataCoding::Other(15)), "安全");
        assert_eq!(decode(b"TD", DataCoding::McSpecific), "TD");
        assert_eq!(decode(&[0xd8, 0x00], DataCoding::Ucs2), "\u{fffd}");
    }

    #[test]
    fn texts_are_cut_as_they_are_counted() {
        use crate::content::Parts;
        for (letter, times) in [
            ("长", 1),
            ("长", 70),
            ("长", 71),
            ("长", 77),
            ("长", 134),
            ("长", 135),
            ("a", 160),
            ("a", 161),
            ("a", 306),
            ("a", 307),
            ("{", 80),
            ("{", 81),
        ] {
            let text = letter.repeat(times);
            let counted = Parts::of(&text, true);
            let parts = parts("1069", "8615400000001", &text, counted.small, 7).unwrap();
            assert_eq!(parts.len(), counted.count, "{letter} {times}");
            let class = u8::from(parts[0].esm_class);
            assert_eq!(class, if counted.count > 1 { 0x40 } else { 0 }, "{letter} {times}");
        }
        assert!(parts("1069", "8615400000001", "😀", false, 7).is_none());
    }
}
