//! JSON lines on stdout.
