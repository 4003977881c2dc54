//! `slipway`: verifies snapshots and keeps mirrors.

fn main() {}
