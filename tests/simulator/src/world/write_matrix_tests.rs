use super::*;

#[test]
fn every_field_has_a_switch_that_turns_it_over_and_nothing_else() {
    let json = |matrix: &WriteMatrix| serde_json::to_value(matrix).unwrap().as_object().unwrap().clone();
    let before = json(&WriteMatrix::default());
    let names: Vec<&str> = WriteMatrix::SWITCHES.iter().map(|(name, _)| *name).collect();
    let mut fields: Vec<&str> = before.keys().map(String::as_str).collect();
    let mut sorted = names.clone();
    fields.sort_unstable();
    sorted.sort_unstable();
    assert_eq!(sorted, fields);
    for name in names {
        let after = json(&WriteMatrix::flipped(&[name]));
        let changed: Vec<&String> = before.keys().filter(|key| before[*key] != after[*key]).collect();
        assert_eq!(changed, [name]);
    }
}
