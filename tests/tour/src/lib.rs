//! The README's tour, typed in and compared with what the README shows: see `tests/tour`.
