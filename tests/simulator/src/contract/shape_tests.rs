use super::*;
use serde_json::json;

#[test]
fn names_and_types_are_compared_as_strictly_as_asked() {
    let sample = json!({ "a": 1, "b": [{ "c": "x" }] });
    let cases = [
        (json!({ "a": 2, "b": [{ "c": "y" }, 5] }), [0, 0, 0]),
        (json!({ "a": "2", "b": [] }), [1, 1, 1]),
        (json!({ "a": 2 }), [1, 0, 1]),
        (json!({ "a": 2, "b": [{ "c": "y", "d": 1 }] }), [1, 1, 0]),
    ];
    for (ours, wanted) in cases {
        let found = [Strictness::Same, Strictness::Within, Strictness::Covers]
            .map(|strictness| same_shape(&sample, &ours, strictness).len());
        assert_eq!(found, wanted, "{ours}");
    }
}
