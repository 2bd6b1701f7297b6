//! The rules as data: tables, sweeps over every month of the box, and properties. Not the intake of
//! sheets, which has its tests beside it.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first thing that is not so")]

mod absence;
mod calendar;
mod chain;
mod check;
mod consolidation;
mod deadline;
mod debts;
mod explain;
mod form;
mod house;
mod incident;
mod ladder;
mod parameter;
mod plan;
mod serves;
mod world;
