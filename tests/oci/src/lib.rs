//! The client of container registries, `slipway-oci`, against a real registry and against servers
//! that do what registries should not. The tests are in `tests/oci`.
