//! Where a list goes on (RFC 8288).

use http::HeaderMap;
use http::header::LINK;

/// The target of the first link with the relation `next`; none at the end of the list.
pub fn next(headers: &HeaderMap) -> Option<&str> {
    let lines = headers.get_all(LINK).iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(links).find_map(|(target, parameters)| is_next(parameters).then_some(target))
}

/// The links of a line: each target, and what follows it up to the next one.
fn links(line: &str) -> impl Iterator<Item = (&str, &str)> {
    line.split('<').skip(1).filter_map(|link| link.split_once('>'))
}

fn is_next(parameters: &str) -> bool {
    parameters.split(';').filter_map(|parameter| parameter.split_once('=')).any(|(name, value)| {
        let value = value.trim().trim_end_matches(',').trim().trim_matches('"');
        name.trim().eq_ignore_ascii_case("rel")
            && value.split(' ').any(|relation| relation.eq_ignore_ascii_case("next"))
    })
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn next_of(line: &str) -> Option<String> {
        let headers = HeaderMap::from_iter([(LINK, HeaderValue::from_str(line).unwrap())]);
        next(&headers).map(str::to_owned)
    }

    #[test]
    fn the_next_page_is_found_as_registries_write_it() {
        let target = Some("/v2/a/tags/list?n=2&last=b".to_owned());
        for line in [
            r#"</v2/a/tags/list?n=2&last=b>; rel="next""#,
            "</v2/a/tags/list?n=2&last=b>;rel=next",
            r#"</first>; rel="first", </v2/a/tags/list?n=2&last=b>; title="x"; REL="prev Next""#,
        ] {
            assert_eq!(next_of(line), target, "{line}");
        }
        for line in
            ["", "</a>", r#"</a>; rel="prev""#, r#"/a; rel="next""#, r#"</a>; title="next""#]
        {
            assert_eq!(next_of(line), None, "{line}");
        }
    }
}
