//! The local host keeps the contract between the Functions host and a custom handler: every row that a
//! handler can meet, through real HTTP, with a real child process that follows a script.

mod http;
mod options;
mod process;
mod queues;
mod service;
mod stage;
mod timers;
