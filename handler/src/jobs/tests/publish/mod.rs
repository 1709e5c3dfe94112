//! From a source's passes to calendars: who is mailed, why, and how often.

mod acts;
mod joined;
mod kills;
mod merging;
mod oracle;
mod play;
mod pushed;
mod rounds;
