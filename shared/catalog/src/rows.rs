//! What is stored, apart from what the API answers.

#[cfg(test)]
mod released_rows;
