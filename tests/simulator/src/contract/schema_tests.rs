use super::*;
use serde_json::json;

#[test]
fn each_kind_of_misfit_is_found() {
    let schemas = Schemas::new(json!({ "components": { "schemas": {
            "base": { "type": "object", "properties": { "id": { "type": "string" } } },
            "event": { "allOf": [
                { "$ref": "#/components/schemas/base" },
                { "type": "object", "required": ["kind"], "properties": {
                    "kind": { "type": "string", "enum": ["a", "b"] },
                    "at": { "type": "string", "format": "date-time", "nullable": true },
                    "tags": { "type": "array", "items": { "type": "string" } },
                    "count": { "type": "integer" },
                } },
            ] },
        } } }));
    let event = json!({ "$ref": "#/components/schemas/event" });
    let findings = |value: Value| {
        let mut findings = Vec::new();
        schemas.check(&value, &event, "e", &mut findings);
        findings
    };
    let good = json!({ "id": "1", "kind": "a", "at": null, "tags": ["x"], "count": 1, "@odata.etag": "x" });
    assert_eq!(findings(good), Vec::<String>::new());
    let cases = [
        (json!({ "id": "1" }), "e: kind is missing"),
        (json!({ "kind": "c" }), "e.kind: \"c\" is none of [\"a\",\"b\"]"),
        (json!({ "kind": "a", "at": "noon" }), "e.at: \"noon\" is no date-time"),
        (json!({ "kind": "a", "id": 1 }), "e.id: 1 is not of type string"),
        (json!({ "kind": "a", "id": null }), "e.id: null"),
        (json!({ "kind": "a", "tags": ["x", 2] }), "e.tags[1]: 2 is not of type string"),
        (json!({ "kind": "a", "count": 1.5 }), "e.count: 1.5 is not of type integer"),
        (json!({ "kind": "a", "colour": "red" }), "e: colour is not known"),
    ];
    for (value, finding) in cases {
        assert_eq!(findings(value), [finding]);
    }
}
