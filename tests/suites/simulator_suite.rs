//! The simulator over the wire: it answers as real Graph is said to, and refuses what real Graph would refuse.

#[cfg(test)]
mod simulator_client;
#[cfg(test)]
mod simulator_contract;
#[cfg(test)]
mod simulator_entra;
#[cfg(test)]
mod simulator_graph;
#[cfg(test)]
mod simulator_lms;
#[cfg(test)]
mod simulator_matrix;
#[cfg(test)]
mod simulator_notifications;
#[cfg(test)]
mod simulator_requests;
