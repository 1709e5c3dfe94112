//! A number that can't be told closer than between two.

use serde::Serialize;
use std::ops::Add;

/// In a day: between the least and the most, where they can't be told closer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Between {
    pub least: f64,
    pub most: f64,
}

impl Between {
    pub fn just(count: f64) -> Self {
        Self { least: count, most: count }
    }

    pub fn mean(&self) -> f64 {
        (self.least + self.most) / 2.0
    }
}

impl Add for Between {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { least: self.least + other.least, most: self.most + other.most }
    }
}
