//! What becomes of an entry of a list: its fields.

use super::file_reader::FileReader;
use super::reading_shape as shape;
use crate::config::table::{At, May};
use crate::lms::recipe::reading::{
    ApartFields, InstructorFields, PartFields, PlaceFields, SessionFields, SpanFields, TimeKind,
};

impl FileReader<'_> {
    pub(super) fn session_map(&mut self, given: At<'_, shape::SessionMap<'_>>) -> Option<SessionFields> {
        let node = given.node;
        let shape::SessionMap {
            id,
            aliases,
            title,
            description,
            reason,
            state,
            capacity,
            instructors,
            parts,
            zone,
            start,
            end,
            venue,
            room,
            mailbox,
            link,
        } = self.table(given)?;
        let id = self.required(id, "where its id stands, a JSONPath").and_then(|id| self.text_of(id.node));
        let title =
            self.required(title, "where its name stands, a JSONPath").and_then(|at| self.text_of(at.node));
        let state = self
            .required(state, "a word, or a map of the LMS's words; presence says nothing")
            .and_then(|state| {
                self.states(state.node, |reader, node| {
                    let shape::SessionStateMap { at, up, value, map, when } =
                        reader.table(At::<shape::SessionStateMap<'_>>::new(node))?;
                    Some(((at, up, value), map, when))
                })
            });
        let aliases = match aliases {
            Some(aliases) => self.several(aliases.node, Self::text_source),
            None => Some(Vec::new()),
        };
        let (description, reason) = (self.may_text(description), self.may_text(reason));
        let capacity = match capacity {
            Some(capacity) => self.capacity(capacity.node).map(Some),
            None => Some(None),
        };
        let instructors = match instructors {
            Some(instructors) => self.instructor_map(instructors).map(Some),
            None => Some(None),
        };
        let own = [start.map(|at| at.node), end.map(|at| at.node)].into_iter().flatten().next();
        if let Some(own) = own.filter(|_| parts.is_some()) {
            let why = format!("`{}` is of the parts, where there are some", own.key);
            self.wrong_key(own, why, "of which part?", Some("put it into `parts`".to_owned()));
        }
        let has_times = start.is_some() || parts.is_some();
        if has_times && zone.is_none() && !has_zone(parts) {
            let hint =
                "an IANA or Windows name: of the entry, of a setting, or { value = \"Europe/Berlin\" }";
            self.missing(node, "zone", hint);
            return None;
        }
        let span = self.span_fields(zone, start, end, venue, room, mailbox, link);
        let parts = match parts {
            Some(parts) => self.part_map(parts).map(Some),
            None => Some(None),
        };
        Some(SessionFields {
            id: id?,
            aliases: aliases?,
            title: title?,
            description: description?,
            reason: reason?,
            state: state?,
            capacity: capacity?,
            instructors: instructors?,
            parts: parts?,
            span: span?,
        })
    }

    fn instructor_map(&mut self, given: At<'_, shape::InstructorMap<'_>>) -> Option<InstructorFields> {
        let node = given.node;
        let shape::InstructorMap { from, address, name, primary } = self.table(given)?;
        if address.is_none() && name.is_none() {
            self.missing(node, "address", "where the mail address stands; or name");
        }
        let from = self
            .required(from, "who leads it, a JSONPath such as \"$.trainers[*]\"")
            .and_then(|from| self.json_path(from));
        self.deeper(1);
        let [address, name, is_primary] = [address, name, primary].map(|text| self.may_text(text));
        self.deeper(-1);
        Some(InstructorFields { from: from?, address: address?, name: name?, is_primary: is_primary? })
    }

    /// A date that is listed apart from its session.
    pub(super) fn apart_map(&mut self, given: At<'_, shape::ApartMap<'_>>) -> Option<ApartFields> {
        let node = given.node;
        let shape::ApartMap { session, id, title, cancelled, zone, start, end, venue, room, mailbox, link } =
            self.table(given)?;
        let session = self
            .required(session, "where the id of its session stands, a JSONPath")
            .and_then(|at| self.text_of(at.node));
        let id = self.required(id, "where its id stands, a JSONPath").and_then(|at| self.text_of(at.node));
        let start = self.required(start, "when it begins");
        if zone.is_none() {
            let hint =
                "an IANA or Windows name: of the entry, of a setting, or { value = \"Europe/Berlin\" }";
            self.missing(node, "zone", hint);
            return None;
        }
        let span = self.span_fields(zone, start, end, venue, room, mailbox, link);
        let [title, cancelled] = [title, cancelled].map(|text| self.may_text(text));
        Some(ApartFields { session: session?, id: id?, title: title?, cancelled: cancelled?, span: span? })
    }

    fn part_map(&mut self, given: At<'_, shape::PartMap<'_>>) -> Option<PartFields> {
        let shape::PartMap { from, id, title, cancelled, zone, start, end, venue, room, mailbox, link } =
            self.table(given)?;
        let from = self
            .required(from, "the dates within the entry, a JSONPath such as \"$.dates[*]\"")
            .and_then(|from| self.json_path(from));
        self.deeper(1);
        let start = self.required(start, "when it begins");
        let span = self.span_fields(zone, start, end, venue, room, mailbox, link);
        let (id, title, cancelled) = (self.may_text(id), self.may_text(title), self.may_text(cancelled));
        self.deeper(-1);
        Some(PartFields { from: from?, id: id?, title: title?, cancelled: cancelled?, span: span? })
    }

    #[allow(clippy::too_many_arguments, reason = "the keys that a session and its parts share")]
    fn span_fields(
        &mut self,
        zone: May<'_, shape::TextOf<'_>>,
        start: May<'_, shape::TimeOf<'_>>,
        end: May<'_, shape::TimeOf<'_>>,
        venue: May<'_, shape::TextOf<'_>>,
        room: May<'_, shape::TextOf<'_>>,
        mailbox: May<'_, shape::TextOf<'_>>,
        link: May<'_, shape::TextOf<'_>>,
    ) -> Option<SpanFields> {
        let texts = [zone, venue, room, mailbox, link].map(|text| self.may_text(text));
        let begins = self.may_time(start);
        let ends = self.may_time(end);
        if let (Some(node), Some(times)) = (start, &begins) {
            self.no_lengths(node.node, times, "a length is of an end");
        }
        if let (None, Some(end)) = (start, end) {
            self.wrong_key(end.node, "an end without a start", "and when does it begin?", None);
        }
        let [zone, venue, room, mailbox, link] = texts;
        Some(SpanFields {
            zone: zone?,
            start: begins?,
            end: ends?,
            venue: venue?,
            room: room?,
            mailbox: mailbox?,
            link: link?,
        })
    }

    pub(super) fn place_map(&mut self, given: At<'_, shape::PlaceMap<'_>>) -> Option<PlaceFields> {
        let node = given.node;
        let shape::PlaceMap { id, session, learner, address, name, language, state, since, is_test } =
            self.table(given)?;
        let id = self.required(id, "where its id stands, a JSONPath").and_then(|id| self.text_of(id.node));
        let learner = self
            .required(learner, "where the LMS's name for the learner stands, a JSONPath")
            .and_then(|at| self.text_of(at.node));
        let state = self
            .required(state, "a word, or a map of the LMS's words; presence says nothing")
            .and_then(|state| {
                self.states(state.node, |reader, node| {
                    let shape::RecordStateMap { at, up, value, map, when } =
                        reader.table(At::<shape::RecordStateMap<'_>>::new(node))?;
                    Some(((at, up, value), map, when))
                })
            });
        let [session_id, address, name, language, is_test] =
            [session, address, name, language, is_test].map(|text| self.may_text(text));
        let times = self.may_time(since);
        if let (Some(since), Some(times)) = (since, &times) {
            self.no_lengths(since.node, times, "a length is no time");
            if times.iter().any(|time| matches!(time.kind, TimeKind::Naive | TimeKind::Date | TimeKind::Any))
            {
                let why = "a record has no zone, so its times are iso, epoch_seconds or epoch_millis";
                self.wrong(since.node, why, "of which zone?", None);
            }
        }
        if session.is_none() && !self.roster_of_a_session {
            let hint = "where the session's id stands; or ask for one session by {{ session }}";
            self.missing(node, "session", hint);
            return None;
        }
        Some(PlaceFields {
            id: id?,
            session: session_id?,
            learner: learner?,
            address: address?,
            name: name?,
            language: language?,
            state: state?,
            since: times?,
            is_test: is_test?,
        })
    }
}

/// Where the parts have one of their own.
fn has_zone(parts: May<'_, shape::PartMap<'_>>) -> bool {
    parts.is_some_and(|parts| parts.node.child("zone").is_some())
}
