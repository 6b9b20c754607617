//! What is wrong, where, how bad.

mod pointer;

pub use self::pointer::{Pointer, Trail};
