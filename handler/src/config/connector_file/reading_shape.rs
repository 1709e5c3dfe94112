//! The shape of readings in a connector file: lists of sessions and of who holds a place.

use super::step_shape::{Filter, GraphQl, Paging, RuleOrName, TakeOrPath, When};
use super::values::{Json, Scalar, Texts};
use super::words::EmptyWord;
use crate::config::table::{Field, May, Must, Table, tables};
use crate::config::tree::Node;
use crate::config::values::Duration;
use crate::lms::recipe::reading::{RecordWord, SessionWord, TimeKind};
use crate::lms::recipe::step::Expect;
use schemars::JsonSchema;
use std::collections::BTreeMap;

tables! {
    /// A list, and what becomes of its entries.
    Reading {
        /// Its values are {{ name.value }}.
        #[schemars(regex(pattern = "^[a-z][a-z0-9_]{0,40}$"))]
        name: Must<String>,
        /// What it is for, in a line.
        about: May<String>,
        /// All must hold, else it is passed over.
        when: May<Vec<When<'n>>>,
        /// GET, or POST with reads = true.
        #[schemars(regex(pattern = "^(GET|HEAD|POST|PUT|PATCH|DELETE)$"))]
        method: May<String>,
        /// Below the base.
        path: May<String>,
        /// A whole address; its host must be that of the base, or one that the tenant allows.
        url: May<String>,
        /// Values are encoded.
        query: May<Texts>,
        /// Of this request.
        headers: May<Texts>,
        /// Values are encoded.
        form: May<Texts>,
        /// Of any depth; texts in it are templates, and "{{ x | number }}" becomes a number.
        json: May<Json>,
        /// Values are escaped.
        xml: May<String>,
        /// A query without placeholders, and its variables.
        graphql: May<GraphQl<'n>>,
        /// Values of the query hold OData: placeholders stand inside '…'.
        odata: May<bool>,
        /// It changes nothing at the LMS, whatever its method.
        reads: May<bool>,
        /// false: without the connection's credential, for an address that is somebody else's.
        credential: May<bool>,
        /// At most 30s. Default: 20s
        timeout: May<Duration>,
        /// What a 2xx must be: json, or a file that becomes JSON: csv, icalendar.
        #[schemars(extend("default" = "json", "enum" = ["json", "csv", "icalendar"]))]
        expect: May<Expect>,
        /// What an empty 2xx is.
        empty: May<EmptyWord>,
        /// What the answer means: names of sets, or rules.
        rules: May<Vec<RuleOrName<'n>>>,
        /// How further pages are had.
        paging: May<Paging<'n>>,
        /// Once for each entry of the reading of this name, which stands before it and takes values.
        each: May<String>,
        /// Once for so many of them together: fields of query and form that name their values are repeated.
        #[schemars(range(min = 2, max = 1000))]
        batch: May<u32>,
        /// Each of a batch is an entry of the answer: fewer are a doubt.
        finds_each: May<bool>,
        /// No entry at all is a doubt: this LMS also says so where a right is missing.
        never_empty: May<bool>,
        /// The entries, a JSONPath.
        records: Must<String>,
        /// Lists within an entry, JSONPaths, each within an entry of the one before.
        #[schemars(length(min = 1))]
        explode: May<Vec<String>>,
        /// All must hold of the innermost entry; others are passed over.
        r#where: May<Vec<Filter<'n>>>,
        /// Where the LMS says how many entries there are, a JSONPath.
        total: May<String>,
        /// Where the LMS says that it left something out: if anything stands there, the reading is doubted.
        left_out: May<String>,
        /// Values of an entry, for readings that are made once for each.
        take: May<BTreeMap<String, TakeOrPath<'n>>>,
        /// sessions: what becomes of an entry.
        session: May<SessionMap<'n>>,
        /// sessions: what becomes of an entry that is a date of a session, which another reading gives.
        part: May<ApartMap<'n>>,
        /// roster: what becomes of an entry.
        place: May<PlaceMap<'n>>,
    }

    /// An entry as a session.
    SessionMap {
        /// The LMS's id, as `session` stands in other recipes.
        id: Must<TextOf<'n>>,
        /// Other ids under which the LMS knows it.
        aliases: May<Vec<TextOrPath<'n>>>,
        /// Its name.
        title: Must<TextOf<'n>>,
        /// What it is about, plain text.
        description: May<TextOf<'n>>,
        /// Why it was cancelled.
        reason: May<TextOf<'n>>,
        /// A word, or a map of the LMS's words, or several maps; what is in none of them is unknown.
        state: Must<SessionStates<'n>>,
        /// How many places there are.
        capacity: May<CapacityOrPath<'n>>,
        /// Who leads it.
        instructors: May<InstructorMap<'n>>,
        /// The dates within an entry, where it may have several.
        parts: May<PartMap<'n>>,
        /// An IANA or Windows name.
        zone: May<TextOf<'n>>,
        /// When it begins.
        start: May<TimeOf<'n>>,
        /// When it ends.
        end: May<TimeOf<'n>>,
        /// Where, as people read it.
        venue: May<TextOf<'n>>,
        /// The LMS's id of the room.
        room: May<TextOf<'n>>,
        /// The room's mail address.
        mailbox: May<TextOf<'n>>,
        /// For attendees, https.
        link: May<TextOf<'n>>,
    }

    /// A list of who leads a session.
    InstructorMap {
        /// They, a JSONPath within the entry.
        from: Must<String>,
        /// The mail address; who has none is not invited.
        address: May<TextOf<'n>>,
        /// The name.
        name: May<TextOf<'n>>,
        /// true where it is the first of them.
        primary: May<TextOf<'n>>,
    }

    /// An entry as a date of a session.
    ApartMap {
        /// The session's id, or one of its aliases.
        session: Must<TextOf<'n>>,
        /// The LMS's id of the date.
        id: Must<TextOf<'n>>,
        /// Its own name.
        title: May<TextOf<'n>>,
        /// true where this date alone is cancelled.
        cancelled: May<TextOf<'n>>,
        /// An IANA or Windows name.
        zone: May<TextOf<'n>>,
        /// When it begins.
        start: Must<TimeOf<'n>>,
        /// When it ends.
        end: May<TimeOf<'n>>,
        /// Where, as people read it.
        venue: May<TextOf<'n>>,
        /// The LMS's id of the room.
        room: May<TextOf<'n>>,
        /// The room's mail address.
        mailbox: May<TextOf<'n>>,
        /// For attendees, https.
        link: May<TextOf<'n>>,
    }

    /// A list of dates within an entry.
    PartMap {
        /// The dates, a JSONPath within the entry.
        from: Must<String>,
        /// The LMS's id of the date. Default: its number
        id: May<TextOf<'n>>,
        /// Its own name.
        title: May<TextOf<'n>>,
        /// true where this date alone is cancelled.
        cancelled: May<TextOf<'n>>,
        /// An IANA or Windows name. Default: the session's
        zone: May<TextOf<'n>>,
        /// When it begins.
        start: Must<TimeOf<'n>>,
        /// When it ends.
        end: May<TimeOf<'n>>,
        /// Where, as people read it. Default: the session's
        venue: May<TextOf<'n>>,
        /// The LMS's id of the room. Default: the session's
        room: May<TextOf<'n>>,
        /// The room's mail address. Default: the session's
        mailbox: May<TextOf<'n>>,
        /// For attendees, https. Default: the session's
        link: May<TextOf<'n>>,
    }

    /// An entry as a record of a place.
    PlaceMap {
        /// The LMS's id of the record.
        id: Must<TextOf<'n>>,
        /// The session's id. Default: the session that is asked for
        session: May<TextOf<'n>>,
        /// What the LMS knows the learner by, as `learner` stands in other recipes.
        learner: Must<TextOf<'n>>,
        /// The learner's mail address.
        address: May<TextOf<'n>>,
        /// The learner's name.
        name: May<TextOf<'n>>,
        /// The learner's language, an IETF tag.
        language: May<TextOf<'n>>,
        /// A word, or a map of the LMS's words, or several maps; what is in none of them is unknown.
        state: Must<RecordStates<'n>>,
        /// Since when.
        since: May<TimeOf<'n>>,
        /// true where it is no learner.
        is_test: May<TextOf<'n>>,
    }

    /// Where a text stands; exactly one of at and value.
    Text {
        /// Of the entry, a JSONPath.
        at: May<String>,
        /// So many lists further out.
        #[schemars(range(min = 1, max = 5))]
        up: May<u32>,
        /// A template: {{ record.name }} is of the entry, {{ parent.name }} of the one around it,
        /// {{ answer.name }} of all that came with it.
        value: May<String>,
        /// Where a map of languages stands: which of them, in this order.
        languages: May<Vec<Scalar>>,
        /// All must hold, else it gives nothing.
        when: May<Vec<When<'n>>>,
    }

    /// Where a time stands; exactly one of at and value.
    Time {
        /// Of the entry, a JSONPath.
        at: May<String>,
        /// So many lists further out.
        #[schemars(range(min = 1, max = 5))]
        up: May<u32>,
        /// A template: {{ record.name }} is of the entry, {{ parent.name }} of the one around it.
        value: May<String>,
        /// How it is written.
        #[schemars(extend("default" = "iso"))]
        kind: May<TimeKind>,
        /// naive, date: as strftime writes it. Default: ISO 8601
        format: May<String>,
    }

    /// A number of places; exactly one of at and value.
    CapacityAt {
        /// Of the entry, a JSONPath.
        at: May<String>,
        /// So many lists further out.
        #[schemars(range(min = 1, max = 5))]
        up: May<u32>,
        /// A template.
        value: May<String>,
        /// What stands there where there is no limit.
        unlimited: May<Vec<Scalar>>,
    }

    /// A session's state by a word of the LMS's; exactly one of at and value.
    SessionStateMap {
        /// Of the entry, a JSONPath.
        at: May<String>,
        /// So many lists further out.
        #[schemars(range(min = 1, max = 5))]
        up: May<u32>,
        /// A template.
        value: May<String>,
        /// The LMS's words.
        #[schemars(extend("minProperties" = 1))]
        map: Must<BTreeMap<String, SessionWord>>,
        /// All must hold, else it says nothing.
        when: May<Vec<When<'n>>>,
    }

    /// A record's state by a word of the LMS's; exactly one of at and value.
    RecordStateMap {
        /// Of the entry, a JSONPath.
        at: May<String>,
        /// So many lists further out.
        #[schemars(range(min = 1, max = 5))]
        up: May<u32>,
        /// A template.
        value: May<String>,
        /// The LMS's words.
        #[schemars(extend("minProperties" = 1))]
        map: Must<BTreeMap<String, RecordWord>>,
        /// All must hold, else it says nothing.
        when: May<Vec<When<'n>>>,
    }
}

macro_rules! any_of {
    ($($(#[$about:meta])* $name:ident { $($variant:ident($kind:ty),)* })*) => {$(
        $(#[$about])*
        #[derive(JsonSchema)]
        #[schemars(untagged)]
        #[allow(dead_code, reason = "for the schema")]
        pub(super) enum $name<'n> {
            $($variant($kind),)*
        }
    )*};
}
any_of! {
    /// A JSONPath, or what says more.
    TextOrPath { Path(String), Text(Text<'n>), }
    /// A JSONPath, or what says more, or several: the first that gives something counts.
    TextOf { Path(String), Text(Text<'n>), Several(Vec<TextOrPath<'n>>), }
    /// A JSONPath to a time in ISO 8601 with its offset, or what says more.
    TimeOrPath { Path(String), Time(Time<'n>), }
    /// One time, or several: the first that gives something counts.
    TimeOf { Path(String), Time(Time<'n>), Several(Vec<TimeOrPath<'n>>), }
    /// A JSONPath, or what says more.
    CapacityOrPath { Path(String), Number(CapacityAt<'n>), }
    /// A state, or how it is told from the entry; of several maps the first that knows its word counts.
    SessionStates { Always(SessionWord), Map(SessionStateMap<'n>), Maps(Vec<SessionStateMap<'n>>), }
    /// A state, or how it is told from the entry; of several maps the first that knows its word counts.
    RecordStates { Always(RecordWord), Map(RecordStateMap<'n>), Maps(Vec<RecordStateMap<'n>>), }
}
