//! Operators, alerts, retention.

mod alerting;
mod consent;
mod disconnecting;
mod doctor;
mod invocation_deadline;
mod isolation;
mod management_json;
mod operators;
mod purging;
mod retention;
mod tenants;
