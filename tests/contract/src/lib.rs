//! What every endpoint and job has to have, and that every function runs: see `tests/contract`.
