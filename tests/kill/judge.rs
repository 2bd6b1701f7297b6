//! Holds what lies in the mailbox against what the outbox says, knowing of both only what anybody
//! can see.
//!
//! A mail is known by its Message-ID, which is made from its envelope's key and a secret of the
//! mail plugin's, and so the same on every try.

use std::collections::{BTreeMap, BTreeSet};

use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;
use xibu_daemon::store::{SqliteStore, Store};

use crate::harness::mailbox::Mail;
use crate::harness::office::Office;

/// What was found.
pub(super) struct Verdict {
    pub states: BTreeMap<String, u64>,
    pub mails: usize,
    pub duplicates: usize,
    /// Accepted, but not in the mailbox.
    lost: Vec<String>,
    /// In the mailbox more often than its unknown tries explain.
    doubled: Vec<String>,
    /// In the mailbox, but in no envelope.
    strangers: Vec<String>,
    /// Left in a state in which the daemon itself would still have to do something.
    stuck: Vec<String>,
    recipients: BTreeSet<String>,
}

pub(super) fn judge(office: &Office, mails: &[Mail]) -> Verdict {
    let mut found: BTreeMap<String, usize> = BTreeMap::new();
    for mail in mails {
        *found.entry(mail.header("message-id").to_owned()).or_default() += 1;
    }
    let recipients = mails.iter().map(|mail| mail.header("envelope-to").to_owned()).collect();
    let mut verdict = Verdict {
        states: BTreeMap::new(),
        mails: mails.len(),
        duplicates: 0,
        lost: Vec::new(),
        doubled: Vec::new(),
        strangers: Vec::new(),
        stuck: Vec::new(),
        recipients,
    };
    let secret = secret(office);
    // 0 or 1: there may be something for a person to look at.
    let listed = office.run(&["outbox", "list", "--json"]);
    assert!(matches!(listed.status.code(), Some(0 | 1)), "{}", listed.err);
    for line in listed.out.lines() {
        let envelope: Value = serde_json::from_str(line).unwrap();
        let key = envelope["key"].as_str().unwrap();
        let state = envelope["state"].as_str().unwrap();
        let copies = found.remove(&message_id(&secret, key)).unwrap_or(0);
        *verdict.states.entry(state.to_owned()).or_default() += 1;
        verdict.weigh(office, key, state, copies);
    }
    verdict.strangers = found.into_keys().collect();
    verdict
}

/// The secret that the mail plugin made at its first look.
fn secret(office: &Office) -> Vec<u8> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let store = SqliteStore::open(&office.path().join("data")).await.unwrap();
        store.plugin_state("email").await.unwrap().remove("message_id_secret").unwrap()
    })
}

/// As the mail plugin makes it, said again here: its tests and these must not agree by accident.
fn message_id(secret: &[u8], key: &str) -> String {
    let hash = |parts: &[&[u8]]| {
        let mut hash = Hmac::<Sha256>::new_from_slice(secret).unwrap();
        parts.iter().for_each(|part| hash.update(part));
        hash.finalize().into_bytes()
    };
    let tag = hash(&[b"tag", key.as_bytes()])[..12].to_vec();
    let covers = (0..u8::MAX).flat_map(|block| hash(&[b"cover", &tag, &[block]]));
    let covered: Vec<u8> = key.bytes().zip(covers).map(|(byte, cover)| byte ^ cover).collect();
    format!("<{}{}@office.test>", hex::encode(tag), hex::encode(covered))
}

impl Verdict {
    fn weigh(&mut self, office: &Office, key: &str, state: &str, copies: usize) {
        if ["claimed", "sending"].contains(&state) {
            self.stuck.push(format!("{key} {state}"));
        }
        if state == "accepted" && copies == 0 {
            self.lost.push(key.to_owned());
        }
        if copies > 1 {
            self.duplicates += copies - 1;
            let tries = tries(office, key);
            let unknown = tries.iter().filter(|one| one["outcome"] == "unknown").count();
            if copies - 1 > unknown {
                self.doubled.push(format!("{key}: {copies} copies, tries {tries:?}"));
            }
        }
    }

    /// The promise. Every unit's contact owes from the first day, so that each has had at least
    /// one mail.
    #[track_caller]
    pub(super) fn assert_kept(&self, contacts: &[String]) {
        assert_eq!(self.lost, Vec::<String>::new(), "accepted, but in no mailbox");
        assert_eq!(self.doubled, Vec::<String>::new(), "doubled without an Unknown");
        assert_eq!(self.strangers, Vec::<String>::new(), "sent without a record");
        assert_eq!(self.stuck, Vec::<String>::new(), "nobody will move these on");
        let unheard: Vec<&String> =
            contacts.iter().filter(|address| !self.recipients.contains(*address)).collect();
        assert_eq!(unheard, Vec::<&String>::new(), "owe, but never heard of it");
        assert!(self.mails > contacts.len(), "{} mails: the test has seen too little", self.mails);
    }
}

fn tries(office: &Office, key: &str) -> Vec<Value> {
    let shown = office.run(&["outbox", "show", key, "--json"]);
    let shown: Value = serde_json::from_str(&shown.out).unwrap();
    shown["tries"].as_array().unwrap().clone()
}
