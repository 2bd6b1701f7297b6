//! 汇总: what the units of a county say for a month, put together; and what the city sees of it.
//!
//! Duty: 区县项目办汇总西部计划志愿者安全、健康情况，并于每月28日前填写《…月报告单》上报市项目办.
//! Source: 渝项目办发〔2009〕22号, section 一. Checked with: [`assess`](crate::assess), with which
//! the figures agree. Limits: the notice names the form and does not show it, so its columns are
//! ours ([`mod@column`]).
//!
//! A consolidation is derived, never stored: the same record gives the same one, with the same
//! [`Version`]. What a county confirmed is stored, and says of which version.
//!
//! Not paper, and no names: a caller that knows them lays it out.

mod city;
pub mod column;
mod confirmation;
mod county;
mod figures;
mod incident;
mod version;

pub use city::{CityMonth, CountyMonth, city_month};
pub use column::{Column, Sum, Sums};
pub use confirmation::{
    Amendment, Confirmation, Confirmed, NotConfirmable, confirm, confirmed, is_complete,
};
pub use county::{Consolidation, State, UnitLine, consolidate};
pub use figures::Figures;
pub use incident::IncidentLine;
pub use version::Version;
