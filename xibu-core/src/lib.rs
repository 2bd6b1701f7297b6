//! The rules of 渝项目办发〔2009〕22号 as values: who owes what by when, under which clause.
//!
//! What it is: offices and people over time, the two chains of responsibility, the working
//! calendar, dated parameters, deadlines, returns and what typed cells mean, obligations, the
//! notices that follow from them, and an explanation of each with its arithmetic; job
//! advertisements, and whom they fit for which reasons.
//!
//! What it is not: it reads no clock, opens no file, sends nothing and never sees a person's name
//! or address except while it reads a sheet that a caller hands it. Time is always an argument, as
//! civil time in the office's own zone.
//!
//! The line through it: cells → [`intake`] → [`change::Change`] → [`world::World::apply`] →
//! [`assess`] → [`plan`] → [`explain`]. Beside it runs that of job information:
//! [`posting`] → [`matching`] → [`digest`].
#![no_std]

extern crate alloc;

// In reading order.
pub mod absence;
mod almanac;
pub mod appointment;
pub mod assess;
pub mod calendar;
pub mod cell;
pub mod chain;
pub mod change;
pub mod check;
pub mod consent;
pub mod consolidation;
pub mod deadline;
pub mod digest;
pub mod education;
mod error;
pub mod explain;
pub mod form;
pub mod incident;
pub mod intake;
pub mod major;
pub mod matching;
pub mod notice;
pub mod obligation;
pub mod office;
pub mod parameter;
pub mod pay;
pub mod period;
pub mod person;
pub mod plan;
pub mod posting;
pub mod profile;
pub mod region;
pub mod returns;
pub mod rule;
pub mod service;
pub mod source;
pub mod validity;
pub mod world;

pub use error::Error;
