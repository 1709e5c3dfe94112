//! From a source's passes to calendars: who is mailed, why, and how often.

mod acts;
mod department;
mod edited;
mod first;
mod for_all;
mod for_all_answers;
mod joined;
mod kills;
mod merging;
mod model;
mod online;
mod oracle;
mod own_events;
mod play;
mod pushed;
mod rooms;
mod rounds;
mod taken_away;
mod taken_over;
mod transactions;
mod while_off;
mod withdrawn;
mod year;
