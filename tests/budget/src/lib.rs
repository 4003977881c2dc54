//! What every operation costs, held against docs/COSTS.md: see `tests/budget`.
