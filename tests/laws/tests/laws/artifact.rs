//! `ExternalUrl`

use proptest::prelude::*;
use slipway_domain::artifact::ExternalUrl;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    // A row that can't be read again would break every list that it is in.
    #[test]
    fn a_url_that_is_taken_can_be_read_again_as_it_is_stored(rest in r#"[a-zA-Z0-9:/?#@\[\]!$&'()*+,;=%.\\{}<>|^`" äß_~-]{1,30}"#) {
        if let Ok(url) = format!("https://{rest}").parse::<ExternalUrl>() {
            prop_assert_eq!(url.as_str().parse(), Ok(url.clone()));
        }
    }
}
