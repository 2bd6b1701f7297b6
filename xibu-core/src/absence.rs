//! Absence: somebody in a post is away for some days, and who acts meanwhile (外出、休假期间代理).
//!
//! Why somebody is away is nobody's business here and stands nowhere. Not a change of post: the
//! post stays held, and whoever comes back finds it as before.

use serde::{Deserialize, Serialize};

use crate::person::PersonId;
use crate::validity::Validity;

/// Somebody is away, with the deputy that was named, if one was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Absence {
    /// Who is away.
    pub person: PersonId,
    /// On which days.
    pub validity: Validity,
    /// Who acts meanwhile: somebody of the same office, before the office's own order.
    #[serde(default)]
    pub deputy: Option<PersonId>,
}
