//! The main job from end to end, on real input: see `tests/flows`.
