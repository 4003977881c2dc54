//! Forms of rows: newer and older ones, and text that today's rules would refuse.

use std::borrow::Cow;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::Deserialize;
use slipway_domain::policy::{LevelPolicy, Policy};
use slipway_domain::product::Product;
use slipway_domain::release::Release;
use slipway_domain::{Channel, Error, Result, Version};

use super::{FIRST_FORM, StoredEntity, read, write};
use crate::schema::{DOC, FORM, Key};
use crate::store::{Item, Row, decode};

/// An entity whose first form had one name, where the second has two.
#[derive(Debug, PartialEq)]
struct Person {
    given: String,
    family: String,
}

#[derive(Deserialize)]
struct PersonForm1<'a> {
    name: Cow<'a, str>,
}

impl StoredEntity for Person {
    const FORM: u64 = 2;
    type Row<'a> = (Cow<'a, str>, Cow<'a, str>);

    fn to_row(&self) -> Self::Row<'_> {
        (self.given.as_str().into(), self.family.as_str().into())
    }

    fn from_row((given, family): Self::Row<'_>) -> Result<Self> {
        Ok(Self { given: given.into_owned(), family: family.into_owned() })
    }

    fn from_older(form: u64, doc: &str) -> Result<Self> {
        assert_eq!(form, FIRST_FORM);
        let PersonForm1 { name } = serde_json::from_str(doc).map_err(Error::internal)?;
        let (given, family) = name.split_once(' ').unwrap();
        Ok(Self { given: given.to_owned(), family: family.to_owned() })
    }
}

fn item(form: Option<u64>, doc: &str) -> Item {
    let form = form.map(|form| (FORM.to_owned(), AttributeValue::N(form.to_string())));
    [
        ("PK".to_owned(), AttributeValue::S("PERSON#1".to_owned())),
        ("rev".to_owned(), AttributeValue::N("7".to_owned())),
        (DOC.to_owned(), AttributeValue::S(doc.to_owned())),
    ]
    .into_iter()
    .chain(form)
    .collect()
}

#[test]
fn an_older_form_is_read_and_the_newest_is_written_with_its_number() {
    let ada = Person { given: "Ada".to_owned(), family: "Lovelace".to_owned() };
    let first = decode::<Person>(&item(None, r#"{"name":"Ada Lovelace"}"#)).unwrap();
    assert_eq!((&first.value, first.rev), (&ada, 7));
    let key = Key { pk: "PERSON#1".to_owned(), sk: "PERSON".to_owned() };
    let written = Row::new(key, &ada).unwrap().revision(8).into_item();
    assert_eq!(written[FORM], AttributeValue::N("2".to_owned()));
    assert_eq!(written[DOC], AttributeValue::S(r#"["Ada","Lovelace"]"#.to_owned()));
    assert_eq!(decode::<Person>(&written).unwrap().value, ada);
}

#[test]
fn a_form_that_a_newer_version_wrote_is_refused_and_not_misread() {
    let error = decode::<Product>(&item(Some(2), "{}")).unwrap_err();
    assert!(format!("{error:?}").contains("form 2 of a row; this version knows 1"), "{error:?}");
}

const PRODUCT: &str = r#"{"product_id":"prod_Old","name":" old ","slug":"Old_Slug","description":null,"channels":["Old.Channel"],"artifact_access":"public","created_at":"2026-03-01T09:00:00Z","updated_at":"2026-03-01T09:00:00Z"}"#;

#[test]
fn text_that_today_s_rules_refuse_loads_and_is_written_as_it_was() {
    assert!("Old.Channel".parse::<Channel>().is_err());
    let product: Product = read(FIRST_FORM, PRODUCT).unwrap();
    assert_eq!(write(&product).unwrap(), PRODUCT);
    let long = format!("1.0.0-{}", "a".repeat(200));
    assert!(long.parse::<Version>().is_err());
    assert_eq!(Version::from_stored(&long).unwrap().to_string(), long);
}

const POLICY: &str = r#"{"tenant_id":"tenant_Old","product_id":"prod_Old","mode":"NOTIFY_ONLY","channel":"Old.Channel","pinned_range":">2.0.0, <1.0.0","blocked_versions":["1.0.0+win","^1.4","1.2.*","1.0.0+win"],"allow_downgrade":false,"updated_at":"2026-03-01T09:00:00Z","updated_by":"tok_1"}"#;
const EMPTY_POLICY: &str =
    r#"{"blocked_versions":[],"updated_at":"2026-03-01T09:00:00Z","updated_by":"bootstrap"}"#;

#[test]
fn a_policy_that_today_s_rules_refuse_loads_and_is_written_as_it_was() {
    let stored: LevelPolicy = read(FIRST_FORM, POLICY).unwrap();
    assert!(stored.policy.check().is_err());
    assert_eq!(write(&stored).unwrap(), POLICY);
    let empty: LevelPolicy = read(FIRST_FORM, EMPTY_POLICY).unwrap();
    assert_eq!(empty.policy, Policy::default());
    assert_eq!(write(&empty).unwrap(), EMPTY_POLICY);
}

#[test]
fn what_an_older_version_left_out_and_a_newer_one_added_does_not_matter() {
    let complete: Product = read(FIRST_FORM, PRODUCT).unwrap();
    let without = PRODUCT.replace(r#""description":null,"#, "");
    let added = PRODUCT.replace(r#""slug""#, r#""added_later":{"a":[1]},"slug""#);
    assert_eq!(read::<Product>(FIRST_FORM, &without).unwrap(), complete);
    assert_eq!(read::<Product>(FIRST_FORM, &added).unwrap(), complete);
}

#[test]
fn a_platform_that_no_version_wrote_is_an_internal_fault() {
    let rows = include_str!("../../tests/rows/0.1.0/release.json");
    let rows: Vec<serde_json::Value> = serde_json::from_str(rows).unwrap();
    let doc = rows[0]["doc"]["S"].as_str().unwrap();
    assert!(read::<Release>(FIRST_FORM, doc).is_ok());
    let error = read::<Release>(FIRST_FORM, &doc.replace("\"windows\"", "\"haiku\"")).unwrap_err();
    assert!(format!("{error:?}").contains("the Platform `haiku`"), "{error:?}");
}
