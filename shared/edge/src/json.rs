//! JSON bodies, on the way in and on the way out.

/// A JSON body. As an input, what the request carries; as an output, 200 with it.
#[derive(Debug)]
pub struct Json<T>(pub T);
