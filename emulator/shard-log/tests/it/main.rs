//! The engine from outside, through the seam: the contract that every engine keeps, and a naive model to compare with.

mod contract;
mod embedded;
mod reference;
