//! Graph's notification collection, read as if a stranger had written it: a field of the wrong type is a missing field, and
//! a bad item never spoils its neighbours (reference/graph-notifications.md#notifications).
//!
//! Guarantee: items are handed over one by one, as they are read; none is kept here. Four mebibytes hold a million of them.

use crate::custom_handler::lenient_json::Loose;
use serde::de::{Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
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

/// What a post is, apart from its items.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Post {
    List,
    /// JSON, but no object with a list `value`: whatever was handed over before that was seen is worth nothing.
    NoList,
}

/// Hands every item to `each`, `None` for one that can't be read. `None` when the post is not JSON: then what was handed over is
/// worth nothing either. Nothing here recurses with the depth of the JSON.
pub(super) fn read<'a>(body: &'a [u8], mut each: impl FnMut(Option<Item<'a>>)) -> Option<Post> {
    let text = std::str::from_utf8(body).ok()?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).trim_ascii();
    if text.starts_with('{') {
        let mut reader = serde_json::Deserializer::from_str(text);
        let read = Members(&mut each).deserialize(&mut reader);
        if let (Ok(true), Ok(())) = (read, reader.end()) {
            return Some(Post::List);
        }
    }
    serde_json::from_str::<IgnoredAny>(text).ok().map(|_| Post::NoList)
}

/// The collection's members; true when one of them is a list `value`.
struct Members<'f, F>(&'f mut F);

impl<'de, F: FnMut(Option<Item<'de>>)> DeserializeSeed<'de> for Members<'_, F> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, F: FnMut(Option<Item<'de>>)> Visitor<'de> for Members<'_, F> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a notification collection")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<bool, A::Error> {
        let mut has_list = false;
        while let Some(Loose(key)) = members.next_key()? {
            match key.as_deref() {
                // Cut out first, so that another kind of value is no error.
                Some("value") => {
                    let value: &'de RawValue = members.next_value()?;
                    if value.get().starts_with('[') {
                        has_list = true;
                        let mut reader = serde_json::Deserializer::from_str(value.get());
                        drop(List(&mut *self.0).deserialize(&mut reader));
                    }
                }
                _ => drop(members.next_value::<IgnoredAny>()?),
            }
        }
        Ok(has_list)
    }
}

/// The list, cut into items without reading them, so that only the items that are wrong are lost.
struct List<'f, F>(&'f mut F);

impl<'de, F: FnMut(Option<Item<'de>>)> DeserializeSeed<'de> for List<'_, F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de, F: FnMut(Option<Item<'de>>)> Visitor<'de> for List<'_, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of notifications")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while let Some(raw) = items.next_element::<&'de RawValue>()? {
            (self.0)(serde_json::from_str(raw.get()).ok());
        }
        Ok(())
    }
}

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
