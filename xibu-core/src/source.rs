//! Where a rule or a value comes from: a document's clause, or an office's own policy.

use alloc::string::String;

use serde::{Deserialize, Serialize};

/// The notice this house is built on.
pub const NOTICE: &str = "渝项目办发〔2009〕22号";

/// The ground on which something is asked of somebody.
///
/// Messages cite 文件 only for what it says; everything else is 本办规定 and names the office that
/// set it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A clause of a document, with its words.
    Clause {
        /// 文号, e.g. `渝项目办发〔2009〕22号`.
        document: String,
        /// Which part, e.g. `一`.
        clause: String,
        /// The words themselves.
        text: String,
    },
    /// A policy assumption: ours, or one that an office set for itself.
    Policy {
        /// Who set it, e.g. `市项目办`; `xibu` for a value that comes with the software.
        set_by: String,
        /// Why this value.
        reason: String,
    },
}
