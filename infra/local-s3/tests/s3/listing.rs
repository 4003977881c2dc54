use crate::{
    signing::Presigned,
    support::{BUCKET, Server, http},
};

async fn keys(server: &Server, prefix: &str) -> Vec<String> {
    let listed =
        server.client.list_objects_v2().bucket(BUCKET).prefix(prefix).send().await.unwrap();
    listed.contents().iter().map(|object| object.key().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn keys_are_listed_by_prefix_in_the_order_of_their_bytes() {
    let server = Server::start().await;
    for key in ["b/2", "b/10", "b", "a", "b/é", "b/z", "c"] {
        server.put(key, b"hello").await;
    }
    assert_eq!(keys(&server, "").await, ["a", "b", "b/10", "b/2", "b/z", "b/é", "c"]);
    assert_eq!(keys(&server, "b/").await, ["b/10", "b/2", "b/z", "b/é"]);
    assert_eq!(keys(&server, "d").await, [""; 0]);
}

#[tokio::test]
async fn an_entry_describes_its_object() {
    let server = Server::start().await;
    let etag = server.put("k", b"hello").await;
    let listed = server.client.list_objects_v2().bucket(BUCKET).send().await.unwrap();
    assert_eq!(listed.key_count(), Some(1));
    let entry = &listed.contents()[0];
    assert_eq!((entry.size(), entry.e_tag()), (Some(5), Some(etag.as_str())));
}

#[tokio::test]
async fn pages_continue_where_the_last_one_ended() {
    let server = Server::start().await;
    let all: Vec<String> = (0..7).map(|number| format!("p/{number}")).collect();
    for key in &all {
        server.put(key, b"x").await;
    }
    server.put("q", b"x").await;
    let list = server.client.list_objects_v2().bucket(BUCKET).prefix("p/").max_keys(3);
    let mut pages = list.into_paginator().send();
    let (mut seen, mut sizes) = (Vec::new(), Vec::new());
    while let Some(page) = pages.next().await {
        let page = page.unwrap();
        sizes.push((page.contents().len(), page.is_truncated().unwrap()));
        seen.extend(page.contents().iter().map(|object| object.key().unwrap().to_owned()));
    }
    assert_eq!(seen, all);
    assert_eq!(sizes, [(3, true), (3, true), (1, false)]);
}

#[tokio::test]
async fn a_full_page_that_is_the_last_says_so() {
    let server = Server::start().await;
    for key in ["a", "b"] {
        server.put(key, b"x").await;
    }
    let listed = server.client.list_objects_v2().bucket(BUCKET).max_keys(2).send().await.unwrap();
    assert_eq!((listed.contents().len(), listed.is_truncated()), (2, Some(false)));
}

#[tokio::test]
async fn start_after_skips_the_key_it_names() {
    let server = Server::start().await;
    for key in ["a", "b", "b/c"] {
        server.put(key, b"x").await;
    }
    let listed =
        server.client.list_objects_v2().bucket(BUCKET).start_after("b").send().await.unwrap();
    assert_eq!(
        listed.contents().iter().map(|object| object.key().unwrap()).collect::<Vec<_>>(),
        ["b/c"]
    );
}

#[tokio::test]
async fn a_delimiter_folds_keys_into_common_prefixes() {
    let server = Server::start().await;
    for key in ["d/a", "d/b/1", "d/b/2", "d/c", "d/e/1", "x"] {
        server.put(key, b"x").await;
    }
    let list =
        server.client.list_objects_v2().bucket(BUCKET).prefix("d/").delimiter("/").max_keys(2);
    let mut pages = list.into_paginator().send();
    let (mut keys, mut prefixes) = (Vec::new(), Vec::new());
    while let Some(page) = pages.next().await {
        let page = page.unwrap();
        keys.extend(page.contents().iter().map(|object| object.key().unwrap().to_owned()));
        prefixes.extend(
            page.common_prefixes().iter().map(|prefix| prefix.prefix().unwrap().to_owned()),
        );
    }
    assert_eq!(keys, ["d/a", "d/c"]);
    assert_eq!(prefixes, ["d/b/", "d/e/"]);
}

#[tokio::test]
async fn keys_are_url_encoded_for_those_who_ask() {
    let server = Server::start().await;
    server.put("a b/ü", b"x").await;
    let query = vec![("list-type", "2"), ("encoding-type", "url")];
    let url = Presigned { key: "", query, ..Presigned::default() }.url(&server);
    let text = http().get(url).send().await.unwrap().text().await.unwrap();
    assert!(text.contains("<Key>a+b/%C3%BC</Key>"), "{text}");
}
