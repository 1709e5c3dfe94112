//! The use cases, held against the design's rules (sections 5, 6 and 9) in a world in memory.

mod cheap;
mod claim;
mod crash;
mod crashes;
mod dispatching;
mod everyday;
mod generations;
mod interleaving;
mod keeping;
mod oracle;
mod order;
mod organizing;
mod outages;
mod people;
mod planning;
mod resyncing;
mod series;
mod slow;
mod telling;
mod vanishing;
mod watching;
mod watching_errors;
mod watching_near;
mod watching_pace;
mod watching_silence;
mod watching_strays;
