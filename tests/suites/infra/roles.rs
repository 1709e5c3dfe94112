//! A role is given by a GUID, and a wrong one is somebody else's right.

use crate::text::{all, read};
use std::collections::BTreeMap;
use suites::checkout::files;

/// Azure built-in roles: <https://learn.microsoft.com/azure/role-based-access-control/built-in-roles>
const AZURE: [(&str, &str); 11] = [
    ("Key Vault Secrets Officer", "b86a8fe4-44ce-4948-aee5-eccb2c155cd7"),
    ("Key Vault Secrets User", "4633458b-17de-408a-b874-0445c86b69e6"),
    ("Log Analytics Reader", "73c42c96-874c-492b-b04d-ab87d138a893"),
    ("Monitoring Metrics Publisher", "3913510d-42f4-4e42-8a64-420c390055eb"),
    ("Reader", "acdd72a7-3385-48ef-bd42-f606fba81ae7"),
    ("Storage Blob Data Owner", "b7e6dc6d-f1e8-4753-8033-0f276bb0955b"),
    ("Storage Queue Data Contributor", "974c5e8b-45b9-4653-ba55-5f855dd0fb88"),
    ("Storage Queue Data Message Sender", "c6a89b2d-59bc-44d0-9896-0f6e12d7b80a"),
    ("Storage Queue Data Reader", "19e7f393-937e-4f77-808e-94535e297925"),
    ("Storage Table Data Contributor", "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3"),
    ("Storage Table Data Reader", "76199698-9eea-4c19-bc75-cec21354c6b6"),
];

/// Application permissions of Microsoft Graph: <https://learn.microsoft.com/graph/permissions-reference>
const GRAPH: [(&str, &str); 8] = [
    ("Calendars.Read", "798ee544-9d2d-430c-a058-570e29e34338"),
    ("Calendars.ReadWrite", "ef54d2bf-783f-4e0f-bca1-3210c0444d99"),
    ("GroupMember.Read.All", "98830695-27a2-44f7-8c18-0c3ebc9698f6"),
    ("Mail.Send", "b633e1c5-b582-4048-a93e-9f11b44c7e96"),
    ("MailboxSettings.Read", "40f97065-369a-49f4-947c-6a255697ae91"),
    ("OnlineMeetings.ReadWrite.All", "b8bb2037-6e08-44ac-a4ea-4674e010e2a4"),
    ("Place.Read.All", "913b9306-0ce1-42b8-9137-6a7df690a760"),
    ("User.Read.All", "df021288-bdef-4463-88db-98f22de89214"),
];

fn known(path: &str) -> BTreeMap<String, String> {
    serde_json::from_str(&read(path)).unwrap()
}

fn expected(table: &[(&str, &str)]) -> BTreeMap<String, String> {
    table.iter().map(|(name, id)| ((*name).to_owned(), (*id).to_owned())).collect()
}

#[test]
fn every_guid_is_what_its_name_says() {
    assert_eq!(known("infra/modules/roles.json"), expected(&AZURE));
    assert_eq!(known("infra/entra/roles.json"), expected(&GRAPH));
}

/// A role whose name is looked up and not there would be found out by the deployment only; one that stands
/// there unused is a right that somebody may come to think is needed.
#[test]
fn every_role_that_is_named_is_known_and_used() {
    let templates: String = files("infra/modules", &["bicep"])
        .iter()
        .map(|path| std::fs::read_to_string(path).unwrap())
        .collect();
    for (name, _) in AZURE {
        assert!(templates.contains(&format!("'{name}'")), "{name} is given to nobody");
    }
    for name in all(r"'((?:Storage|Key Vault|Monitoring|Log Analytics) [A-Z][A-Za-z ]+)'", &templates) {
        assert!(AZURE.iter().any(|(known, _)| *known == name), "{name} is in no table");
    }
    let entra = read("infra/entra/main.bicep");
    for (name, _) in GRAPH {
        // In Entra it would be good for every calendar: Exchange alone gives it, on two mailboxes.
        let is_asked = name != "Calendars.ReadWrite";
        assert_eq!(entra.contains(&format!("'{name}'")), is_asked, "{name}");
    }
}

#[test]
fn no_guid_stands_anywhere_else() {
    for path in files("infra", &["bicep"]) {
        let text = std::fs::read_to_string(&path).unwrap();
        for id in all(r"'([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})'", &text) {
            // Microsoft Graph itself.
            assert_eq!(id, "00000003-0000-0000-c000-000000000000", "{}", path.display());
        }
    }
}
