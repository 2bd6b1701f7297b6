//! What a person can and wants to do, as the rules see it: a number and no name.
//!
//! What it is not: no consent (the caller matches only those who gave it) and no way to reach
//! anybody.

use alloc::string::String;
use alloc::vec::Vec;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::education::Education;
use crate::intake::wishes::{VolunteerStanding, WishRow};
use crate::person::PersonId;
use crate::posting::EmploymentKind;
use crate::region::Region;

/// A person who looks for work.
///
/// What is not known is none or empty. A condition of a posting that cannot be checked against it
/// is not met: nobody is told of a post for which they may not apply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// Who.
    pub person: PersonId,
    /// The highest level of education.
    pub education: Option<Education>,
    /// Majors as written, each on its own; see [`crate::major::list`].
    pub majors: Vec<String>,
    /// 毕业年份.
    pub graduated: Option<i32>,
    /// Where they want to work; empty is anywhere (不限).
    pub places: Vec<Region>,
    /// Whether other places are out of the question. A posting that names no place then does not
    /// fit.
    pub places_only: bool,
    /// Kinds of employment they want; empty is any.
    pub kinds: Vec<EmploymentKind>,
    /// Words for the posts they want (教师, 会计), looked for in titles.
    pub posts: Vec<String>,
    /// The least they want a month, in yuan.
    pub pay_min: Option<u32>,
    /// Whether they are or were a volunteer of a project that counts as 服务基层项目.
    pub grassroots: bool,
    /// The last day of their service, where they still serve.
    pub serves_until: Option<NaiveDate>,
}

impl Profile {
    /// Nothing known of this person yet.
    pub fn new(person: PersonId) -> Self {
        Self {
            person,
            education: None,
            majors: Vec::new(),
            graduated: None,
            places: Vec::new(),
            places_only: false,
            kinds: Vec::new(),
            posts: Vec::new(),
            pay_min: None,
            grassroots: false,
            serves_until: None,
        }
    }
    /// What a person wrote into 求职意向登记表.
    ///
    /// Whoever says they are or were a volunteer is taken at their word here; the employer checks
    /// the certificate.
    pub fn from_wishes(person: PersonId, row: &WishRow) -> Self {
        let volunteer = row.volunteer;
        let serving = volunteer == Some(VolunteerStanding::Serving);
        Self {
            person,
            education: row.education,
            majors: row.majors.clone(),
            graduated: row.graduated,
            places: row.places.clone(),
            places_only: row.places_only,
            kinds: row.kinds.clone(),
            posts: row.posts.clone(),
            pay_min: row.pay_min,
            grassroots: serving || volunteer == Some(VolunteerStanding::Former),
            serves_until: row.serves_until.filter(|_| serving),
        }
    }
}
