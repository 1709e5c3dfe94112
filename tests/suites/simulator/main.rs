//! The simulator over the wire: it answers as real Graph is said to, and refuses what real Graph would
//! refuse.

#[cfg(test)]
mod client;
#[cfg(test)]
mod contract;
#[cfg(test)]
mod entra;
#[cfg(test)]
mod graph;
#[cfg(test)]
mod lms;
#[cfg(test)]
mod matrix;
#[cfg(test)]
mod notifications;
#[cfg(test)]
mod requests;
#[cfg(test)]
mod writing;
