//! The shape of `[tenant.<name>.lms]`: the connector, and what it is given.

use super::raw_secrets::Secrets;
use super::table::{Field, May, Must, Table, tables};
use super::tree::Node;
use super::values::Duration;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use std::borrow::Cow;

tables! {
    /// To an LMS whose vendor adds one endpoint.
    Lms {
        /// How the LMS is called.
        #[schemars(extend("const" = "webhook", "default" = "webhook"))]
        connector: May<String>,
        /// Where cancellations are posted.
        #[schemars(url)]
        url: Must<String>,
        /// What requests are signed with.
        secret: Must<Secrets>,
        /// At most `requests` per `per`.
        rate: May<Rate<'n>>,
        /// Waits before a failed request is repeated.
        retry: May<Retry<'n>>,
    }

    /// To an LMS that a connector file describes; beside these its own settings.
    FileLms {
        /// The name of a connector, or a file beside this one, such as ./my-lms.toml
        connector: Must<String>,
        /// At most `requests` per `per`. Default: the connector's
        rate: May<Rate<'n>>,
        /// Waits before a failed request is repeated.
        retry: May<Retry<'n>>,
        /// Membership of a whole course may be taken away.
        #[schemars(extend("default" = false))]
        allow_course_unenrol: May<bool>,
        /// A connector that nobody has seen work may be used.
        #[schemars(extend("default" = false))]
        accept_draft: May<bool>,
        /// Further hosts that the connector's addresses may lead to.
        hosts: May<Vec<String>>,
    }

    /// At most `requests` per `per`.
    Rate {
        /// At most so many requests.
        #[schemars(range(min = 1), extend("default" = 10))]
        requests: May<u32>,
        /// In each such time.
        #[schemars(extend("default" = "1s"))]
        per: May<Duration>,
    }

    /// Waits before a failed request is repeated; doubling, with jitter.
    Retry {
        /// The first wait.
        #[schemars(extend("default" = "30s"))]
        first: May<Duration>,
        /// The longest wait.
        #[schemars(extend("default" = "1h"))]
        most: May<Duration>,
    }
}

/// Where cancellations go: which keys there are follows from `connector`.
pub(super) struct AnyLms;

impl JsonSchema for AnyLms {
    fn schema_name() -> Cow<'static, str> {
        "AnyLms".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let webhook = generator.subschema_for::<Lms<'static>>();
        let file = generator.subschema_for::<FileLms<'static>>();
        json_schema!({
            "description": "Where cancellations go.",
            "if": { "properties": { "connector": { "const": "webhook" } } },
            "then": webhook,
            "else": file,
        })
    }
}
