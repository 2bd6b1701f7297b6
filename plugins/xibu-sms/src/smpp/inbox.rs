//! What the centre has delivered and the host has not yet kept.
//!
//! A delivery is answered for after the host has kept it. One that comes again meanwhile, or after
//! the session broke, carries the id it had; after the plugin was started anew, the same words from
//! the same number within an hour are the same.
//!
//! What it is not: nothing on disk. A delivery that is not answered for stays with the centre.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::time::{Duration, Instant};

use rusmpp::pdus::DeliverSm;
use rusmpp::values::DataCoding;
use rusmppc::Client;
use xibu_plugin_sdk::message::{Arrived, Fate, Item, Receipt};

use super::receipt::{self, Reported};
use super::text::{PartOf, content, decode};
use crate::door::id_of;
use crate::phone::as_sender;
use crate::unkept::{ITEMS_MAX, Unkept};

/// How long the missing part of a text is waited for.
const PARTS_WAIT: Duration = Duration::from_secs(600);
/// As many deliveries are known again, and as many sent messages are remembered for their receipts.
const KNOWN_MAX: usize = 10_000;
/// Stands behind a text of which a part never came: nobody may take the rest for the whole.
const INCOMPLETE: &str = "（未收全）";

/// Something delivered, with what is owed to the centre for it.
struct Delivered {
    what: What,
    arrived: Instant,
    owed: Vec<(Client, u32)>,
}

enum What {
    /// As it came: what it says of a message is found out when it is handed over, because a
    /// centre may be quicker with it than we with noting what was sent.
    Reported(Reported),
    Receipt(Receipt),
    Message {
        from: String,
        text: String,
        fingerprint: String,
        id: Option<String>,
    },
    /// To be answered for, and nothing else.
    Nothing,
}

/// Parts of a text that is not whole yet.
struct Pieces {
    parts: BTreeMap<u8, Vec<u8>>,
    of: u8,
    coding: DataCoding,
    begun: Instant,
    owed: Vec<(Client, u32)>,
}

/// A message of which receipts are awaited.
struct SentOne {
    key: String,
    reference: String,
    open: Vec<String>,
}

pub(super) struct Inbox {
    unkept: Unkept<Delivered>,
    pieces: HashMap<(String, u16), Pieces>,
    /// Fingerprints of what was kept and could not be answered for, with their ids.
    known: VecDeque<(String, String)>,
    /// Kept, and being answered for.
    answering: Vec<(u32, Option<(String, String)>)>,
    sent: VecDeque<SentOne>,
}

impl Default for Inbox {
    fn default() -> Self {
        Self {
            unkept: Unkept::new(),
            pieces: HashMap::new(),
            known: VecDeque::new(),
            answering: Vec::new(),
            sent: VecDeque::new(),
        }
    }
}

impl Inbox {
    /// A message was taken under this reference, the ids of its parts.
    pub(super) fn sent(&mut self, key: &str, reference: &str) {
        if self.sent.len() >= KNOWN_MAX {
            self.sent.pop_front();
        }
        let open = reference.split(',').map(str::to_owned).collect();
        self.sent.push_back(SentOne { key: key.to_owned(), reference: reference.to_owned(), open });
    }

    /// The centre delivers something.
    pub(super) fn arrived(&mut self, delivery: &DeliverSm, client: &Client, sequence: u32) {
        // Not answered for: the centre keeps it until there is room.
        if self.unkept.is_full() || self.pieces.len() >= ITEMS_MAX {
            return;
        }
        let owed = (client.clone(), sequence);
        let (bytes, part) = content(delivery);
        if receipt::is_receipt(delivery) {
            let text = decode(&bytes, delivery.data_coding);
            let what = match receipt::read(delivery, &text) {
                Some(reported) => What::Reported(reported),
                None => What::Nothing,
            };
            return self.push(what, vec![owed]);
        }
        let from = delivery.source_addr.as_str().to_owned();
        match part.filter(|part| part.of > 1) {
            Some(part) => self.piece(from, part, bytes, delivery.data_coding, owed),
            None => {
                let text = decode(&bytes, delivery.data_coding);
                self.message(&from, text, vec![owed]);
            }
        }
    }

    fn piece(
        &mut self,
        from: String,
        part: PartOf,
        bytes: Vec<u8>,
        coding: DataCoding,
        owed: (Client, u32),
    ) {
        let name = (from, part.reference);
        let begun = Instant::now();
        let fresh =
            || Pieces { parts: BTreeMap::new(), of: part.of, coding, begun, owed: Vec::new() };
        let pieces = self.pieces.entry(name.clone()).or_insert_with(fresh);
        pieces.parts.insert(part.number, bytes);
        pieces.owed.push(owed);
        if pieces.parts.len() == usize::from(pieces.of)
            && let Some(whole) = self.pieces.remove(&name)
        {
            self.put_together(&name.0, whole);
        }
    }

    fn put_together(&mut self, from: &str, pieces: Pieces) {
        let complete = pieces.parts.len() == usize::from(pieces.of);
        let mut text: String =
            pieces.parts.values().map(|bytes| decode(bytes, pieces.coding)).collect();
        if !complete {
            text.push_str(INCOMPLETE);
        }
        self.message(from, text, pieces.owed);
    }

    fn message(&mut self, from: &str, text: String, owed: Vec<(Client, u32)>) {
        let from = as_sender(from, None);
        let fingerprint = id_of(&["smpp", &from, &text]);
        let known = self.known.iter().position(|(known, _)| *known == fingerprint);
        let id = known.and_then(|at| self.known.remove(at)).map(|(_, id)| id);
        self.push(What::Message { from, text, fingerprint, id }, owed);
    }

    fn push(&mut self, what: What, owed: Vec<(Client, u32)>) {
        self.unkept.push(Delivered { what, arrived: Instant::now(), owed });
    }

    /// What the host has kept, if the word is the last one: what is to be answered for.
    pub(super) fn kept(&mut self, cursor: Option<&str>) -> Vec<(Client, u32)> {
        let mut owed = Vec::new();
        for delivered in self.unkept.kept(cursor) {
            let known = match delivered.what {
                What::Message { fingerprint, id: Some(id), .. } => Some((fingerprint, id)),
                _ => None,
            };
            for (client, sequence) in delivered.owed {
                self.answering.push((sequence, known.clone()));
                owed.push((client, sequence));
            }
        }
        owed
    }

    /// Whether the centre could be told; if not it will deliver again.
    pub(super) fn answered(&mut self, sequence: u32, told: bool) {
        let Some(at) = self.answering.iter().position(|(other, _)| *other == sequence) else {
            return;
        };
        if let (Some(known), false) = (self.answering.swap_remove(at).1, told) {
            if self.known.len() >= KNOWN_MAX {
                self.known.pop_front();
            }
            self.known.push_back(known);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.unkept.is_empty()
    }

    /// Everything there is, and the word for it.
    pub(super) fn hand_over(&mut self, now_unix_ms: i64) -> (Vec<Item>, String) {
        let late: Vec<(String, u16)> = self
            .pieces
            .iter()
            .filter(|(_, pieces)| pieces.begun.elapsed() >= PARTS_WAIT)
            .map(|(name, _)| name.clone())
            .collect();
        for name in late {
            if let Some(pieces) = self.pieces.remove(&name) {
                self.put_together(&name.0, pieces);
            }
        }
        let (delivered, cursor) = self.unkept.hand_over();
        for one in delivered.iter_mut() {
            if let What::Reported(reported) = &one.what {
                one.what = meaning(&mut self.sent, reported);
            }
        }
        let items = delivered.iter_mut().filter_map(|one| one.item(now_unix_ms)).collect();
        (items, cursor)
    }
}

/// A receipt for one part says something of the message when it is the last, or a failure.
fn meaning(sent: &mut VecDeque<SentOne>, reported: &Reported) -> What {
    let Some(fate) = reported.fate.clone() else { return What::Nothing };
    let at_unix_ms = reported.at_unix_ms.unwrap_or(0);
    let Some(at) = sent.iter().position(|one| one.open.contains(&reported.id)) else {
        // Of an earlier life of the plugin, or of a message that failed already.
        let reference = Some(reported.id.clone());
        return What::Receipt(Receipt { key: None, reference, at_unix_ms, fate });
    };
    let one = &mut sent[at];
    one.open.retain(|id| *id != reported.id);
    if fate == Fate::Delivered && !one.open.is_empty() {
        return What::Nothing;
    }
    let Some(one) = sent.remove(at) else { return What::Nothing };
    let (key, reference) = (Some(one.key), Some(one.reference));
    What::Receipt(Receipt { key, reference, at_unix_ms, fate })
}

impl Delivered {
    /// The item, under the id it got when it was handed over first.
    fn item(&mut self, now_unix_ms: i64) -> Option<Item> {
        let age = i64::try_from(self.arrived.elapsed().as_millis()).unwrap_or(0);
        let came = now_unix_ms - age;
        match &mut self.what {
            What::Nothing | What::Reported(_) => None,
            What::Receipt(receipt) => {
                if receipt.at_unix_ms == 0 {
                    receipt.at_unix_ms = came;
                }
                Some(Item::Receipt(receipt.clone()))
            }
            What::Message { from, text, fingerprint, id } => {
                let hour = came.div_euclid(3_600_000).to_string();
                let id = id.get_or_insert_with(|| id_of(&[fingerprint.as_str(), hour.as_str()]));
                Some(Item::Arrived(Arrived {
                    id: id.clone(),
                    from: from.clone(),
                    received_unix_ms: came,
                    text: text.clone(),
                    ..Arrived::default()
                }))
            }
        }
    }
}
