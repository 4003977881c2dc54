//! Laws that decisions and channel heads keep for all inputs. The tests are in `tests/laws`.
