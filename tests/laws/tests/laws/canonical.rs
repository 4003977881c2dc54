//! The canonical form (RFC 8785) of a document is what implementations in other languages make of
//! it: a difference would be a signature that one of them refuses, or accepts for another document.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::process::Command;

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use slipway_domain::i_json;

/// Documents of the corpus that are made at random.
const RANDOM: usize = 3000;

/// Where implementations differ, if they do.
fn known_to_be_hard() -> Vec<Value> {
    // Numbers whose shortest form is hard to find, or whose exponent begins to be written.
    let numbers = [
        0.1,
        0.3,
        1e-6,
        9.999_999e-7,
        1e-7,
        5e-324,
        2.225_073_858_507_201_4e-308,
        1.5,
        100.0,
        1e15,
        9_007_199_254_740_991.0,
        -9_007_199_254_740_991.0,
        4_503_599_627_370_495.5,
        31.245_270_191_439_438,
        121.487_919_511_619_45,
        333_333_333.333_333_3,
        1e-27,
    ];
    // UTF-16 sorts U+1F600 before U+FB33, code points the other way round.
    let names = [
        "\u{fb33}",
        "\u{1f600}",
        "\u{20ac}",
        "\r",
        "1",
        "\u{80}",
        "\u{f6}",
        "",
        "a",
        "A",
        "aa",
        "__proto__",
    ];
    let texts = [
        "\u{7f}\u{80}\u{2028}\u{2029}",
        "\u{0}\u{1f}\u{8}\t\n\u{c}\r\"\\/",
        "</script>",
        "e\u{301}",
        "\u{e9}",
    ];
    let mut documents: Vec<Value> =
        numbers.into_iter().map(|number| json!([number, -number])).collect();
    documents.push(names.iter().map(|name| ((*name).to_owned(), json!(name))).collect());
    documents.extend(texts.map(|text| json!({ text: text })));
    documents.extend([
        json!([]),
        json!({}),
        json!(null),
        json!([true, false, [[{}]]]),
        json!({ "10": 1, "9": 2, "b": { "z": 1, "y": 2 } }),
    ]);
    documents
}

fn number() -> impl Strategy<Value = Value> {
    const LIMIT: f64 = 9_007_199_254_740_991.0;
    prop_oneof![
        (-9_007_199_254_740_991_i64..=9_007_199_254_740_991).prop_map(|number| json!(number)),
        any::<u64>()
            .prop_map(f64::from_bits)
            .prop_filter("a number of I-JSON", |number| number.abs() <= LIMIT
                && !(*number == 0.0 && number.is_sign_negative()))
            .prop_map(|number| json!(number)),
    ]
}

fn text() -> impl Strategy<Value = String> {
    // Characters from all planes, without the noncharacters.
    "[\u{0}-\u{d7ff}\u{e000}-\u{fdcf}\u{fdf0}-\u{fffd}\u{10000}-\u{1fffd}\u{e0000}-\u{efffd}]{0,6}"
}

fn document() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        number(),
        text().prop_map(Value::String),
    ];
    leaf.prop_recursive(4, 24, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Value::Array),
            btree_map(text(), inner, 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// What another implementation prints for a file of documents; `None` where it is not here, which
/// CI does not let pass.
fn printed_by(program: Option<OsString>, script: &str, file: &std::path::Path) -> Option<String> {
    let is_ci = std::env::var("CI").as_deref() == Ok("true");
    let script = format!("{}/../{script}", env!("CARGO_MANIFEST_DIR"));
    let output =
        program.and_then(|program| Command::new(program).arg(&script).arg(file).output().ok());
    let Some(output) = output else {
        assert!(!is_ci, "{script} needs its interpreter: SLIPWAY_PYTHON, or node in PATH");
        eprintln!("skipped: {script}; its interpreter is not here");
        return None;
    };
    assert!(output.status.success(), "{script}: {}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).unwrap())
}

#[test]
fn three_languages_make_the_same_canonical_form_of_every_document() {
    let mut runner = TestRunner::default();
    let random = (0..RANDOM).map(|_| document().new_tree(&mut runner).unwrap().current());
    let documents: Vec<Value> = known_to_be_hard().into_iter().chain(random).collect();

    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("documents.jsonl");
    let (mut lines, mut ours) = (String::new(), String::new());
    for document in &documents {
        let line = document.to_string();
        let read = i_json::from_slice(line.as_bytes()).unwrap_or_else(|e| panic!("{line}: {e}"));
        writeln!(lines, "{line}").unwrap();
        writeln!(ours, "{}", slipway_signing::canonical_digest(&read).unwrap()).unwrap();
    }
    std::fs::write(&file, lines).unwrap();
    for (program, script) in [
        (std::env::var_os("SLIPWAY_PYTHON"), "python/canonical.py"),
        (Some("node".into()), "node/canonical.mjs"),
    ] {
        let Some(theirs) = printed_by(program, script, &file) else { continue };
        assert_eq!(theirs.lines().count(), documents.len(), "{script}");
        for ((ours, theirs), document) in ours.lines().zip(theirs.lines()).zip(&documents) {
            assert_eq!(ours, theirs, "{script}: {document}");
        }
    }
}
