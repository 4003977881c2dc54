//! Every operation of the API over HTTP, against a real local stack. The tests are in `tests/api`,
//! one module per part of the URL space.
