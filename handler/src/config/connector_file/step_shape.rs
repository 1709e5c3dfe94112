//! The shape of rules and steps in a connector file.

use super::values::{Json, PathOrPaths, Scalar, Texts};
use super::words::{EmptyWord, EndWord, PagingWord, PickWord, RuleWord, StateWord};
use crate::config::table::{Field, May, Must, Table, tables};
use crate::config::tree::Node;
use crate::config::values::Duration;
use crate::lms::recipe::step::{Expect, PagesEnd};
use schemars::JsonSchema;
use std::collections::BTreeMap;

tables! {
    /// What an answer means: all that is given must hold. Of a list, the first that matches counts.
    Rule {
        /// Numbers, or "2xx"; left out: any.
        #[schemars(length(min = 1))]
        status: May<Vec<Scalar>>,
        /// The beginning of the media type.
        content_type: May<String>,
        /// A header, with one of the tests.
        header: May<String>,
        /// A JSONPath, with one of the tests.
        at: May<String>,
        /// A regular expression over the body's text.
        text: May<String>,
        /// Test: it is this.
        is: May<Scalar>,
        /// Test: it is something else.
        is_not: May<Scalar>,
        /// Test: it is one of these.
        #[schemars(length(min = 1))]
        is_one_of: May<Vec<Scalar>>,
        /// Test: it is this time, however each is written: RFC 3339, or seconds or milliseconds since 1970.
        is_time: May<String>,
        /// Test: a regular expression.
        matches: May<String>,
        /// Test: whether it is there.
        exists: May<bool>,
        /// Test: whether it is empty, null or not there.
        is_empty: May<bool>,
        /// Without regard to capital letters.
        ignore_case: May<bool>,
        /// What follows: ok, a state or an outcome.
        then: Must<RuleWord>,
        /// Where the LMS's words for people stand, a JSONPath.
        message: May<String>,
        /// Where a delay in seconds stands, a JSONPath.
        retry_after: May<String>,
    }

    /// One request, and what is made of its answer; or the end of a recipe.
    Step {
        /// Its values are {{ name.value }}.
        #[schemars(regex(pattern = "^[a-z][a-z0-9_]{0,40}$"))]
        name: Must<String>,
        /// What it is for, in a line.
        about: May<String>,
        /// All must hold, else the step is passed over.
        when: May<Vec<When<'n>>>,
        /// GET, POST, PUT, PATCH, DELETE or HEAD.
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
        /// How long what was picked is kept. Only in find and lookup.
        cache: May<Duration>,
        /// At most 30s. Default: 20s for reads, 30s for writes
        timeout: May<Duration>,
        /// What a 2xx must be.
        #[schemars(extend("default" = "json"))]
        expect: May<Expect>,
        /// An empty 2xx is an answer.
        empty: May<EmptyWord>,
        /// What the answer means: names of sets, or rules.
        rules: May<Vec<RuleOrName<'n>>>,
        /// How further pages are had.
        paging: May<Paging<'n>>,
        /// One of the candidates in the answer.
        pick: May<Pick<'n>>,
        /// Values for later steps, by names of your own.
        take: May<BTreeMap<String, TakeOrPath<'n>>>,
        /// read, verify: what the place is. Ends the recipe.
        state: May<StateOrMap<'n>>,
        /// read: when the place was given, a JSONPath.
        given: May<String>,
        /// read: whether the session has begun, a JSONPath.
        started: May<String>,
        /// Ends the recipe; a step without a request.
        exit: May<EndWord>,
        /// write, of a connector that cancels courses: this step takes away no membership.
        keeps_course: May<bool>,
    }

    /// A condition.
    When {
        /// What is looked at.
        value: Must<String>,
        /// Test: it is this.
        is: May<Scalar>,
        /// Test: it is something else.
        is_not: May<Scalar>,
        /// Test: it is one of these.
        #[schemars(length(min = 1))]
        is_one_of: May<Vec<Scalar>>,
        /// Test: it is this time, however each is written: RFC 3339, or seconds or milliseconds since 1970.
        is_time: May<String>,
        /// Test: a regular expression.
        matches: May<String>,
        /// Test: whether it is empty.
        is_empty: May<bool>,
        /// Without regard to capital letters.
        ignore_case: May<bool>,
    }

    /// A query without placeholders, and its variables.
    GraphQl {
        /// As GraphQL writes it.
        query: Must<String>,
        /// Texts in it are templates.
        variables: May<Json>,
    }

    /// How further pages are had.
    Paging {
        /// link: the header. next: an address in the body. page, offset: counted. cursor: from the body.
        kind: Must<PagingWord>,
        /// next, cursor: where it stands, a JSONPath; of a cursor also several, joined by blanks.
        at: May<PathOrPaths>,
        /// page, offset, cursor: the field of the query. Without it the request says {{ page.number }},
        /// {{ page.offset }} or {{ page.cursor }}.
        query: May<String>,
        /// page: the first page's number. Default: 1
        from: May<u32>,
        /// page, offset: rows of a page.
        #[schemars(range(min = 1))]
        size: May<u32>,
        /// page, offset: the field of the query that says the size.
        size_query: May<String>,
        /// page, offset: which page is the last. Default: empty
        ends: May<PagesEnd>,
        /// More pages than these are a doubtful reading.
        #[schemars(range(min = 1, max = 1000), extend("default" = 50))]
        most: May<u32>,
    }

    /// One of the candidates in the answer.
    Pick {
        /// The candidates, over all pages, a JSONPath.
        from: Must<String>,
        /// All must hold of the candidate.
        r#where: May<Vec<Filter<'n>>>,
        /// What the picked one says of itself: names of sets, or rules; paths are within it.
        rules: May<Vec<RuleOrName<'n>>>,
        /// Where there is none: a state, an outcome, or continue.
        none: Must<PickWord>,
        /// Where there are several: a state or an outcome.
        #[schemars(extend("default" = "unclear"))]
        many: May<EndWord>,
    }

    /// A test of a candidate.
    Filter {
        /// Within the candidate, a JSONPath.
        at: Must<String>,
        /// Test: it is this.
        is: May<Scalar>,
        /// Test: it is something else.
        is_not: May<Scalar>,
        /// Test: it is one of these.
        #[schemars(length(min = 1))]
        is_one_of: May<Vec<Scalar>>,
        /// Test: it is this time, however each is written: RFC 3339, or seconds or milliseconds since 1970.
        is_time: May<String>,
        /// Test: a regular expression.
        matches: May<String>,
        /// Test: whether it is there.
        exists: May<bool>,
        /// Test: whether it is empty, null or not there.
        is_empty: May<bool>,
        /// Without regard to capital letters.
        ignore_case: May<bool>,
    }

    /// One value of an answer; exactly one of at, header, text and value.
    Take {
        /// Of the picked one, else of the answer, a JSONPath.
        at: May<String>,
        /// A header of the answer.
        header: May<String>,
        /// A regular expression with one group over the body's text.
        text: May<String>,
        /// A template: made of what earlier steps took, once this step went well.
        value: May<String>,
        /// Where it is not there, it is empty.
        optional: May<bool>,
    }

    /// A state by a word of the LMS's; one that is not in the map is for a person.
    StateMap {
        /// Of the picked one, else of the answer, a JSONPath.
        at: Must<String>,
        /// The LMS's words.
        #[schemars(extend("minProperties" = 1))]
        map: Must<BTreeMap<String, StateWord>>,
    }
}

/// A rule, or the name of a set of rules.
#[derive(JsonSchema)]
#[schemars(untagged)]
#[allow(dead_code, reason = "for the schema")]
pub(super) enum RuleOrName<'n> {
    Name(String),
    Rule(Rule<'n>),
}

/// A JSONPath, or what says more.
#[derive(JsonSchema)]
#[schemars(untagged)]
#[allow(dead_code, reason = "for the schema")]
pub(super) enum TakeOrPath<'n> {
    Path(String),
    Take(Take<'n>),
}

/// A state, or how it is told from the answer.
#[derive(JsonSchema)]
#[schemars(untagged)]
#[allow(dead_code, reason = "for the schema")]
pub(super) enum StateOrMap<'n> {
    State(StateWord),
    Map(StateMap<'n>),
}
