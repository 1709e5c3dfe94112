//! What one table of the file may hold, written once: its keys as the fields of a type, from which the JSON
//! Schema is derived and with which the reader finds its way. A key that only one of them knows can't be
//! written down, and one that nobody reads is told by the compiler.

use super::tree::Node;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use std::borrow::Cow;
use std::marker::PhantomData;
use std::ops::Deref;

/// What stands in the file where something of this kind belongs, with its place.
pub(super) struct At<'n, K> {
    pub(super) node: &'n Node,
    kind: PhantomData<fn() -> K>,
}

/// A key that may be left out.
pub(super) type May<'n, K> = Option<At<'n, K>>;

/// A key that must be given.
pub(super) struct Must<'n, K> {
    pub(super) table: &'n Node,
    pub(super) key: &'static str,
    pub(super) given: May<'n, K>,
}

pub(super) trait Table<'n> {
    /// In the order in which people are told of them.
    const KEYS: &'static [&'static str];

    /// Judges nothing.
    fn of(node: &'n Node) -> Self;
}

pub(super) trait Field<'n> {
    fn of(table: &'n Node, key: &'static str) -> Self;
}

/// `/// What it is.  Name { /// What it is.  key: May<Kind>, … }`, any number of them.
macro_rules! tables {
    ($(
        $(#[$of_table:meta])*
        $table:ident { $($(#[$of_key:meta])* $key:ident: $field:ident<$kind:ty>,)* }
    )*) => {$(
        #[derive(schemars::JsonSchema)]
        #[schemars(deny_unknown_fields)]
        $(#[$of_table])*
        pub(in crate::config) struct $table<'n> {
            $($(#[$of_key])* pub(in crate::config) $key: $field<'n, $kind>,)*
        }

        impl<'n> Table<'n> for $table<'n> {
            const KEYS: &'static [&'static str] = &[$($crate::config::table::plain(stringify!($key))),*];

            fn of(node: &'n Node) -> Self {
                Self { $($key: Field::of(node, $crate::config::table::plain(stringify!($key))),)* }
            }
        }
    )*};
}
pub(super) use tables;

/// A key that is a word of Rust's is written `r#where`.
pub(super) const fn plain(key: &'static str) -> &'static str {
    match key.as_bytes() {
        [b'r', b'#', ..] => key.split_at(2).1,
        _ => key,
    }
}

impl<'n, K> At<'n, K> {
    pub(super) fn new(node: &'n Node) -> Self {
        Self { node, kind: PhantomData }
    }
}

impl<K> Clone for At<'_, K> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K> Copy for At<'_, K> {}

impl<K> Clone for Must<'_, K> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K> Copy for Must<'_, K> {}

impl<K> Deref for At<'_, K> {
    type Target = Node;

    fn deref(&self) -> &Node {
        self.node
    }
}

impl<'n, K> Field<'n> for May<'n, K> {
    fn of(table: &'n Node, key: &'static str) -> Self {
        table.child(key).map(At::new)
    }
}

impl<'n, K> Field<'n> for Must<'n, K> {
    fn of(table: &'n Node, key: &'static str) -> Self {
        Self { table, key, given: May::of(table, key) }
    }
}

/// The schema is that of the kind.
macro_rules! as_its_kind {
    ($field:ident) => {
        impl<K: JsonSchema> JsonSchema for $field<'_, K> {
            fn inline_schema() -> bool {
                K::inline_schema()
            }

            fn schema_name() -> Cow<'static, str> {
                K::schema_name()
            }

            fn schema_id() -> Cow<'static, str> {
                K::schema_id()
            }

            fn json_schema(generator: &mut SchemaGenerator) -> Schema {
                K::json_schema(generator)
            }
        }
    };
}
as_its_kind!(At);
as_its_kind!(Must);
