//! The README's code blocks.

const README: &str = include_str!("../../../../README.md");

/// The contents of the code blocks whose fence is followed by `info`, in order.
pub fn blocks(info: &str) -> Vec<&'static str> {
    blocks_of(README, info)
}

/// The same of another `page`.
pub fn blocks_of(page: &'static str, info: &str) -> Vec<&'static str> {
    let fence = format!("```{info}\n");
    page.split(&fence).skip(1).map(|rest| rest.split("```").next().unwrap_or_default()).collect()
}
