//! `regrets forecast`: what a deployment asks of Graph, of its storage account and of the host in a day, how
//! far that is from each published limit, and what it costs about. Pure: it calls nobody.
//!
//! Guarantees: every time and page size is the code's own constant; what is derived and what is an input is
//! said in the head of each file. The month suite plays a script and holds what was counted against what
//! this says of it.
//!
//! - [`size`]: a deployment as people describe it. [`load`]: what is in calendars and what happens.
//! - [`timers`], [`comparisons`], [`requests`], [`executions`], [`storage`], [`publishing`]: what follows
//!   from it in a day.
//! - [`limits`]: how far that is from each limit. [`cost`]: what it costs. [`outcome`]: all of it.

pub mod between;
pub mod comparisons;
pub mod cost;
pub mod executions;
pub mod limits;
pub mod load;
pub mod outcome;
pub mod publishing;
pub mod requests;
pub mod size;
pub mod storage;
pub mod timers;
