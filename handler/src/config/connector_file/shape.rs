//! The shape of a connector file: every table, every key and what kind of value stands there, written once
//! (rules and steps: `step_shape.rs`). The JSON Schema is made of it, and the reader reads by it.

use super::reading_shape::Reading;
use super::step_shape::{Rule, RuleOrName, Step};
use super::values::{Json, Scalar, Texts};
use super::words::{AuthWord, ClientWord, FieldsWord, GrantWord, SettingWord, StillHeldWord};
use crate::config::table::{Field, May, Must, Table, tables};
use crate::config::tree::Node;
use crate::config::values::Duration;
use crate::lms::recipe::connector::{Cancels, LmsSendsInvites, Status, Verified};
use std::collections::BTreeMap;

tables! {
    /// How one LMS is asked for a place, and how the place is cancelled
    #[schemars(title = "Connector file", extend("$id" = "urn:regrets:connector"))]
    File {
        /// Of this format.
        #[schemars(extend("const" = 1))]
        version: Must<u32>,
        /// A short name: a-z, 0-9 and hyphens.
        #[schemars(regex(pattern = "^[a-z][a-z0-9-]{0,40}$"))]
        name: Must<String>,
        /// What people call it.
        title: Must<String>,
        /// What it does, and how sure that is.
        about: Must<About<'n>>,
        /// What a tenant gives in [tenant.<name>.lms], by names of your own.
        #[schemars(extend("propertyNames" = { "pattern": "^[a-z][a-z0-9_]{0,40}$" }))]
        settings: May<BTreeMap<String, Setting<'n>>>,
        /// Where the LMS is, and what holds for every request.
        service: Must<Service<'n>>,
        /// How requests are signed in.
        auth: Must<Auth<'n>>,
        /// Named, ordered sets of rules.
        rules: May<BTreeMap<String, Vec<Rule<'n>>>>,
        /// Who and what is this called at the LMS? Runs before all others but probe and lookup.
        find: May<Vec<Step<'n>>>,
        /// Does the learner have the place? Ends with a state.
        read: May<Vec<Step<'n>>>,
        /// Cancels the place.
        write: Must<Vec<Step<'n>>>,
        /// Is it gone? Left out: read again.
        verify: May<Vec<Step<'n>>>,
        /// Gives the place back.
        restore: May<Vec<Step<'n>>>,
        /// What is left to do once the place is gone.
        tidy: May<Vec<Step<'n>>>,
        /// Is the LMS there, and is the credential taken?
        probe: May<Vec<Step<'n>>>,
        /// Which session is this event of? Takes a value named session.
        lookup: May<Vec<Step<'n>>>,
        /// All dated sessions: lists, and what becomes of their entries.
        sessions: May<Vec<Reading<'n>>>,
        /// Who holds a place: lists, of one session ({{ session }}) or of all.
        roster: May<Vec<Reading<'n>>>,
        /// Is one session ({{ session }}) there? 404, 410 and then = "unknown_session" say that it is gone.
        session: May<Vec<Step<'n>>>,
        /// How soon a write is believed.
        after_write: May<AfterWrite<'n>>,
    }

    /// What the connector does, and how sure that is.
    About {
        /// place: in one dated session. course: membership, only where the tenant allows it.
        cancels: Must<Cancels>,
        /// With the default settings, the place can't be given back as it was.
        destructive: Must<bool>,
        /// read-back: the LMS is read again. answer: the write's own answer is all there is.
        verified: Must<Verified>,
        /// draft: written from public descriptions; a tenant must accept it.
        #[schemars(extend("default" = "draft"))]
        status: May<Status>,
        /// Whether the LMS mails invitations of its own.
        #[schemars(extend("default" = "unknown"))]
        lms_sends_invites: May<LmsSendsInvites>,
        /// Markdown: what it cancels, what is lost, which rights it needs, what was seen live.
        notes: May<String>,
    }

    /// One thing that a tenant gives.
    Setting {
        /// What may stand there.
        kind: Must<SettingWord>,
        /// What it is, in a line.
        about: Must<String>,
        /// A value as an example.
        example: May<String>,
        /// Where the tenant gives none; left out: it must be given.
        default: May<Scalar>,
        /// Where the tenant gives none it is empty.
        optional: May<bool>,
        /// The words of a choice.
        #[schemars(length(min = 1))]
        of: May<Vec<String>>,
        /// A regular expression that a text must match.
        pattern: May<String>,
    }

    /// Where the LMS is, and what holds for every request.
    Service {
        /// https; paths hang below it. Settings may stand in it.
        base: Must<String>,
        /// Of every request.
        headers: May<Texts>,
        /// For every step, behind its own: names of sets, or rules.
        rules: May<Vec<RuleOrName<'n>>>,
        /// Requests at once on one instance.
        #[schemars(range(min = 1, max = 64), extend("default" = 4))]
        concurrency: May<u32>,
        /// A header that counts down; at 0 nothing is sent until `reset`.
        remaining: May<String>,
        /// The header that says until when: seconds, or seconds since 1970.
        reset: May<String>,
        /// Of one answer to a read.
        #[schemars(regex(pattern = "^[1-9][0-9]{0,4} ?(KiB|MiB)$"), extend("default" = "1MiB"))]
        read_limit: May<String>,
        /// At most so many requests, where the tenant says nothing else.
        rate: May<Rate<'n>>,
    }

    /// At most `requests` per `per`.
    Rate {
        /// At most so many requests.
        #[schemars(range(min = 1))]
        requests: Must<u32>,
        /// In each such time.
        #[schemars(extend("default" = "1s"))]
        per: May<Duration>,
    }

    /// How requests are signed in. Which keys belong to it follows from kind.
    Auth {
        /// How.
        kind: Must<AuthWord>,
        /// Of the header, the query's or the form's field.
        name: May<String>,
        /// bearer, header, query, form: the credential. oauth2, login: how the token is sent.
        value: May<String>,
        /// basic: the user's name.
        user: May<String>,
        /// basic: the password.
        password: May<String>,
        /// oauth2: which grant.
        grant: May<GrantWord>,
        /// oauth2, login: GET, POST or PUT. Default: POST
        method: May<String>,
        /// oauth2, login: where the token is had, below the base.
        path: May<String>,
        /// oauth2, login: the same as a whole address.
        url: May<String>,
        /// oauth2: how the fields are sent. Default: form
        body: May<FieldsWord>,
        /// oauth2: where client_id and client_secret stand. Default: body
        client: May<ClientWord>,
        /// oauth2: what is sent, named as the server wants it.
        fields: May<Texts>,
        /// login: fields of a form.
        form: May<Texts>,
        /// login: JSON; texts in it are templates.
        json: May<Json>,
        /// oauth2, login: headers of the request for the token.
        headers: May<Texts>,
        /// oauth2, login: where the token stands in the answer, a JSONPath.
        token: May<String>,
        /// login: the header of the answer that holds the token.
        token_header: May<String>,
        /// login: the cookie that holds the token.
        cookie: May<String>,
        /// oauth2, login: where the seconds stand that the token lives, a JSONPath.
        lifetime: May<String>,
        /// oauth2, login: how long a token lives whose answer does not say.
        #[schemars(extend("default" = "10m"))]
        lasts: May<Duration>,
        /// oauth2: where a new refresh token stands, a JSONPath.
        refresh_token: May<String>,
        /// oauth2, login: what the answer means, before the default.
        rejected: May<Vec<RuleOrName<'n>>>,
        /// oauth2, login: the header in which the token is sent. Default: Authorization
        header: May<String>,
    }

    /// How soon a write is believed.
    AfterWrite {
        /// The write was answered well, and the place is still there.
        #[schemars(extend("default" = "unclear"))]
        still_held: May<StillHeldWord>,
        /// So often it is read until that is believed.
        #[schemars(range(min = 1, max = 10), extend("default" = 1))]
        reads: May<u32>,
        /// Between two readings; at most 10s.
        #[schemars(extend("default" = "2s"))]
        wait: May<Duration>,
    }
}
