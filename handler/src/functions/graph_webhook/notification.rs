//! Graph's notification collection, read as if a stranger had written it: a field of the wrong type is a missing field, and
//! a bad item never spoils its neighbours (facts sheet 3 and 4).

use crate::host::loose::Loose;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

pub(super) type Text<'a> = Option<Cow<'a, str>>;

/// What the webhook reads of one item. All of it is optional: the two kinds of item have little in common.
#[derive(Debug, Default)]
pub(super) struct Item<'a> {
    pub(super) client_state: Text<'a>,
    pub(super) tenant_id: Text<'a>,
    pub(super) subscription_id: Text<'a>,
    pub(super) change_type: Text<'a>,
    pub(super) lifecycle_event: Text<'a>,
    pub(super) resource: Text<'a>,
    /// `resourceData.id`.
    pub(super) resource_id: Text<'a>,
}

#[derive(Debug)]
pub(super) enum Items<'a> {
    /// `None` stands for an item that can't be read.
    List(Vec<Option<Item<'a>>>),
    /// JSON, but no object with a list `value`.
    NoList,
}

/// The items of a post; `None` when it is not JSON. Nothing here recurses with the depth of the JSON.
pub(super) fn items(body: &[u8]) -> Option<Items<'_>> {
    let text = std::str::from_utf8(body).ok()?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).trim_ascii();
    match serde_json::from_str::<Post<'_>>(text) {
        Ok(Post(Some(items))) => Some(Items::List(items.into_iter().map(Some).collect())),
        Ok(Post(None)) => Some(Items::NoList),
        Err(_) => one_by_one(text),
    }
}

/// The slow way, when something is wrong somewhere: cuts the list into items without reading them, so that only the items
/// that are wrong are lost.
fn one_by_one(text: &str) -> Option<Items<'_>> {
    #[derive(serde::Deserialize)]
    struct Raw<'a> {
        #[serde(borrow)]
        value: Vec<&'a RawValue>,
    }
    let raw = serde_json::from_str::<Raw<'_>>(text).ok().filter(|_| text.starts_with('{'));
    match raw {
        Some(Raw { value }) => {
            Some(Items::List(value.into_iter().map(|raw| serde_json::from_str(raw.get()).ok()).collect()))
        }
        None => serde_json::from_str::<IgnoredAny>(text).ok().map(|_| Items::NoList),
    }
}

/// The whole collection; `None` without `value`.
struct Post<'a>(Option<Vec<Item<'a>>>);

struct ResourceData<'a>(Text<'a>);

/// Implements `Deserialize` for objects only: serde's derive would take an array for a struct.
macro_rules! from_object {
    ($type:ident, $visitor:ident, $what:literal, |$members:ident| $read:block) => {
        impl<'de: 'a, 'a> Deserialize<'de> for $type<'a> {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_map($visitor)
            }
        }

        struct $visitor;

        impl<'de> Visitor<'de> for $visitor {
            type Value = $type<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str($what)
            }

            fn visit_map<A: MapAccess<'de>>(self, mut $members: A) -> Result<Self::Value, A::Error> {
                $read
            }
        }
    };
}

from_object!(Post, PostVisitor, "a notification collection", |members| {
    let mut items = None;
    while let Some(Loose(key)) = members.next_key()? {
        match key.as_deref() {
            Some("value") => items = members.next_value()?,
            _ => drop(members.next_value::<IgnoredAny>()?),
        }
    }
    Ok(Post(items))
});

from_object!(Item, ItemVisitor, "a notification", |members| {
    let mut item = Item::default();
    while let Some(Loose(key)) = members.next_key()? {
        let field = match key.as_deref() {
            Some("clientState") => &mut item.client_state,
            Some("tenantId") => &mut item.tenant_id,
            Some("subscriptionId") => &mut item.subscription_id,
            Some("changeType") => &mut item.change_type,
            Some("lifecycleEvent") => &mut item.lifecycle_event,
            Some("resource") => &mut item.resource,
            Some("resourceData") => {
                item.resource_id = members.next_value::<Option<ResourceData<'_>>>()?.and_then(|data| data.0);
                continue;
            }
            _ => {
                members.next_value::<IgnoredAny>()?;
                continue;
            }
        };
        *field = members.next_value::<Loose<'_>>()?.0;
    }
    Ok(item)
});

from_object!(ResourceData, ResourceDataVisitor, "an object", |members| {
    let mut id = None;
    while let Some(Loose(key)) = members.next_key()? {
        match key.as_deref() {
            Some("id") => id = members.next_value::<Loose<'_>>()?.0,
            _ => drop(members.next_value::<IgnoredAny>()?),
        }
    }
    Ok(ResourceData(id))
});
