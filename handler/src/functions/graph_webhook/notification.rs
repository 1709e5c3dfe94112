//! Graph's notification collection, read as if a stranger had written it: a field of the wrong type is a
//! missing field, and a bad item never spoils its neighbours
//! (reference/graph-notifications.md#notifications).
//!
//! Guarantee: items are handed over one by one, as they are read; none is kept here. Four mebibytes hold a
//! million of them.
//!
//! A post is read in one pass as long as each of its items can be; where one can't, it is read once more, cut
//! into items first, so that only the wrong ones are lost.

use crate::custom_handler::lenient_json::LenientText;
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

/// What a post is, and what was made of its items.
#[derive(Debug)]
pub(super) enum Post<S> {
    List(S),
    /// JSON, but no object with a list `value`.
    NoList,
}

/// Hands every item to `each` together with what `begin` gave, `None` for one that can't be read. `None` when
/// the post is not JSON. Nothing here recurses with the depth of the JSON.
pub(super) fn read<'a, S>(
    body: &'a [u8],
    begin: impl Fn() -> S,
    each: impl Fn(&mut S, Option<Item<'a>>),
) -> Option<Post<S>> {
    let text = std::str::from_utf8(body).ok()?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).trim_ascii();
    for is_cut in [false, true] {
        let mut made = begin();
        let collection = Collection { is_cut, each: |item| each(&mut made, item) };
        let mut reader = serde_json::Deserializer::from_str(text);
        if let (Ok(true), Ok(())) = (collection.deserialize(&mut reader), reader.end()) {
            return Some(Post::List(made));
        }
    }
    serde_json::from_str::<IgnoredAny>(text).ok().map(|_| Post::NoList)
}

/// Reads the collection; true when one of its members is a list `value`.
struct Collection<F> {
    /// No item, and no `value` of another kind, is an error.
    is_cut: bool,
    each: F,
}

impl<'de, F: FnMut(Option<Item<'de>>)> DeserializeSeed<'de> for Collection<F> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, F: FnMut(Option<Item<'de>>)> Visitor<'de> for Collection<F> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a notification collection")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut members: A) -> Result<bool, A::Error> {
        let is_cut = self.is_cut;
        let mut has_list = false;
        while let Some(LenientText(key)) = members.next_key()? {
            match key.as_deref() {
                Some("value") if is_cut => {
                    let value: &'de RawValue = members.next_value()?;
                    if value.get().starts_with('[') {
                        has_list = true;
                        let mut reader = serde_json::Deserializer::from_str(value.get());
                        drop(List { is_cut, each: &mut self.each }.deserialize(&mut reader));
                    }
                }
                Some("value") => {
                    members.next_value_seed(List { is_cut, each: &mut self.each })?;
                    has_list = true;
                }
                _ => drop(members.next_value::<IgnoredAny>()?),
            }
        }
        Ok(has_list)
    }
}

struct List<'f, F> {
    is_cut: bool,
    each: &'f mut F,
}

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
        if self.is_cut {
            while let Some(raw) = items.next_element::<&'de RawValue>()? {
                (self.each)(serde_json::from_str(raw.get()).ok());
            }
        } else {
            while let Some(item) = items.next_element()? {
                (self.each)(Some(item));
            }
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
    while let Some(LenientText(key)) = members.next_key()? {
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
        *field = members.next_value::<LenientText<'_>>()?.0;
    }
    Ok(item)
});

from_object!(ResourceData, ResourceDataVisitor, "an object", |members| {
    let mut id = None;
    while let Some(LenientText(key)) = members.next_key()? {
        match key.as_deref() {
            Some("id") => id = members.next_value::<LenientText<'_>>()?.0,
            _ => drop(members.next_value::<IgnoredAny>()?),
        }
    }
    Ok(ResourceData(id))
});
