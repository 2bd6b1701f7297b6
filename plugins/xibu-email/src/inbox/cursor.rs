//! How far the mailbox is read: numbered by the server, valid as long as its numbering is.
//!
//! What it is not: it says nothing about what was in the mails.

use chrono::{DateTime, Days, NaiveDate};
use serde::{Deserialize, Serialize};

/// Read again before the newest known mail, when a mailbox is numbered anew.
const OVERLAP_DAYS: u64 = 2;
/// Numbers of mails set aside that are remembered, for whoever looks into the cursor.
const ASIDE_MAX: usize = 20;

/// Where a look goes on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Cursor {
    /// UIDVALIDITY; none before the first look.
    pub(super) validity: Option<u32>,
    /// Everything up to this number was taken.
    pub(super) uid: u32,
    /// When the newest mail that was taken came, milliseconds since the epoch.
    #[serde(default)]
    newest: Option<i64>,
    /// Up to this number one a look, because one among them ended the process.
    #[serde(default)]
    pub(super) careful_until: u32,
    /// Mails set aside unread, the newest last.
    #[serde(default)]
    aside: Vec<u32>,
}

impl Cursor {
    /// From what was kept; what cannot be read is a first look.
    pub(super) fn read(kept: Option<&str>) -> Self {
        kept.and_then(|kept| serde_json::from_str(kept).ok()).unwrap_or_default()
    }

    pub(super) fn written(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Takes the numbering that counts now; whether another one counted before.
    pub(super) fn moves_to(&mut self, validity: Option<u32>) -> bool {
        let was_another = self.validity.is_some() && self.validity != validity;
        if was_another {
            *self = Self { newest: self.newest, ..Self::default() };
        }
        self.validity = validity;
        was_another
    }

    /// What to search for: by number, or by day where no number is known.
    pub(super) fn query(&self, now_unix_ms: i64, days_back: u16) -> String {
        if self.uid > 0 {
            return format!("UID {}:*", u64::from(self.uid) + 1);
        }
        let since = match self.newest {
            Some(newest) => {
                day(newest).and_then(|day| day.checked_sub_days(Days::new(OVERLAP_DAYS)))
            }
            None => day(now_unix_ms)
                .and_then(|day| day.checked_sub_days(Days::new(u64::from(days_back)))),
        };
        since.map_or_else(
            || "ALL".to_owned(),
            |since| format!("SINCE {}", since.format("%-d-%b-%Y")),
        )
    }

    /// Nothing was found by day: by number from the next one on.
    pub(super) fn begin(&mut self, last: Option<u32>) {
        if self.uid == 0 {
            self.uid = last.unwrap_or(0);
        }
    }

    pub(super) fn saw(&mut self, received_unix_ms: i64) {
        self.newest =
            Some(self.newest.map_or(received_unix_ms, |known| known.max(received_unix_ms)));
    }

    pub(super) fn set_aside(&mut self, uid: u32) {
        self.uid = uid;
        self.aside.push(uid);
        let over = self.aside.len().saturating_sub(ASIDE_MAX);
        self.aside.drain(..over);
    }
}

fn day(unix_ms: i64) -> Option<NaiveDate> {
    DateTime::from_timestamp_millis(unix_ms).map(|at| at.date_naive())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_says_what_to_search_for() {
        let now = 1_781_483_400_000;
        let mut cursor = Cursor::read(None);
        assert!(!cursor.moves_to(Some(7)));
        assert_eq!(cursor.query(now, 3), "SINCE 12-Jun-2026");
        cursor.begin(Some(41));
        assert_eq!(cursor.query(now, 3), "UID 42:*");
        cursor.uid = 45;
        cursor.saw(now);
        let mut kept = Cursor::read(Some(&cursor.written()));
        assert_eq!(kept, cursor);
        assert!(!kept.moves_to(Some(7)));
        assert!(kept.moves_to(Some(8)));
        assert_eq!((kept.uid, kept.query(now, 3).as_str()), (0, "SINCE 13-Jun-2026"));
        assert_eq!(Cursor::read(Some("nonsense")), Cursor::default());
    }
}
