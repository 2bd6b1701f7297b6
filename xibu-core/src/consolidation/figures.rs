//! How many returns are expected, in, nil, late, silent and held, and in time on either reading.
//!
//! Counted from [`Obligation`]s, whoever worked those out, so every table of this house shows the
//! same numbers.

use serde::{Deserialize, Serialize};

use crate::obligation::{Obligation, Standing, Timeliness};
use crate::returns::Content;

/// Counts of obligations. Always `expected = came + sent_back + held + silent`, and what came in
/// any form is either `on_time_lenient` or `late`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    /// 应报.
    pub expected: u32,
    /// 已报: in, and readable.
    #[serde(rename = "in")]
    pub came: u32,
    /// 安全无事, among those that are in.
    pub nil: u32,
    /// 待看: came, and waits for a person to read it.
    pub held: u32,
    /// 已退回: came, and is owed again.
    pub sent_back: u32,
    /// 未报: nothing came.
    pub silent: u32,
    /// 逾期未报: nothing came, and `late_after` has passed.
    pub overdue: u32,
    /// 迟报: came after `late_after`.
    pub late: u32,
    /// Came by `target`: on time on the strict reading of 前.
    pub on_time: u32,
    /// Came by `late_after`: on time on the lenient reading.
    pub on_time_lenient: u32,
}

impl Figures {
    /// Counts one more, with what it says as far as it can be read.
    pub fn add(&mut self, obligation: &Obligation, content: Option<&Content>) {
        self.expected += 1;
        let timeliness = match obligation.standing {
            Standing::In(timeliness) => {
                self.came += 1;
                self.nil += u32::from(content.is_some_and(Content::is_nil));
                timeliness
            }
            Standing::Unread(timeliness) => {
                self.held += 1;
                timeliness
            }
            Standing::SentBack(timeliness) => {
                self.sent_back += 1;
                timeliness
            }
            Standing::NotOpen | Standing::Acknowledged { .. } | Standing::Late | Standing::Owed => {
                self.silent += 1;
                self.overdue += u32::from(obligation.standing == Standing::Late);
                return;
            }
        };
        self.late += u32::from(timeliness == Timeliness::Late);
        self.on_time += u32::from(timeliness == Timeliness::OnTime);
        self.on_time_lenient += u32::from(timeliness != Timeliness::Late);
    }

    /// Adds other counts to these.
    pub fn join(&mut self, other: &Self) {
        self.expected += other.expected;
        self.came += other.came;
        self.nil += other.nil;
        self.held += other.held;
        self.sent_back += other.sent_back;
        self.silent += other.silent;
        self.overdue += other.overdue;
        self.late += other.late;
        self.on_time += other.on_time;
        self.on_time_lenient += other.on_time_lenient;
    }

    /// In thousandths, rounded down: on time by `target`, and by `late_after`. None where nothing
    /// is expected. Rounded down, so that 1000 says that not one is missing.
    pub fn on_time_rates(&self) -> Option<(u32, u32)> {
        let rate = |part: u32| u64::from(part) * 1_000 / u64::from(self.expected);
        let rate = |part| u32::try_from(rate(part)).unwrap_or(u32::MAX);
        (self.expected > 0).then(|| (rate(self.on_time), rate(self.on_time_lenient)))
    }
}
