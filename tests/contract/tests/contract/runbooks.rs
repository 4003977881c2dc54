//! Each alarm of the template names the part of docs/OPERATIONS.md that says what to do.

use std::collections::BTreeSet;

use crate::sets::workspace;

/// The anchors that GitHub makes of the headings of `page`.
fn anchors(page: &str) -> BTreeSet<String> {
    let headings = page.lines().filter_map(|line| line.strip_prefix("### "));
    headings.map(|heading| heading.to_lowercase().replace(' ', "-")).collect()
}

#[test]
fn every_alarm_names_its_runbook_and_every_runbook_has_an_alarm() {
    let template = std::fs::read_to_string(workspace().join("template.yaml")).unwrap();
    let page = std::fs::read_to_string(workspace().join("docs/OPERATIONS.md")).unwrap();
    let alarms = template.matches("Type: AWS::CloudWatch::Alarm").count();
    let named: Vec<_> = template
        .lines()
        .filter_map(|line| line.trim().strip_prefix("AlarmDescription: "))
        .filter_map(|text| text.split_once("docs/OPERATIONS.md#"))
        .map(|(_, anchor)| anchor.trim_end_matches('"').to_owned())
        .collect();
    assert!(alarms > 5 && named.len() == alarms, "{alarms} alarms name {named:?}");
    assert_eq!(BTreeSet::from_iter(named), anchors(&page));
}
