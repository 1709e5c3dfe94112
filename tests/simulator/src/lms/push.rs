//! What the LMS tells by itself of its sessions and places: signed posts to Regrets.
//!
//! Guarantees: a message is told until it was taken, always under the same `webhook-id`; what concerns one
//! session is told in its order. Of a session that was never told of nothing is told at all.

use super::signature::sign;
use super::{LmsError, Session};
use crate::handle::World;
use crate::state::Ticket;
use crate::world::item::Slot;
use chrono::{SecondsFormat, Utc};
use parking_lot::Mutex;
use serde_json::{Value, json};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use url::Url;
use uuid::Uuid;

/// Messages under way side by side, of different sessions.
const LANES: usize = 4;
/// What was not taken is told again after so long.
const REST: Duration = Duration::from_millis(200);
const TIMEOUT: Duration = Duration::from_secs(10);

/// How the telling went so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Told {
    /// Messages that were taken.
    pub taken: usize,
    /// Posts that were not, each to be tried again.
    pub failed: usize,
    /// What was answered to messages that nobody will ever take: they are not told again.
    pub refused: Vec<String>,
}

#[derive(Debug)]
pub(crate) struct Push {
    lanes: Vec<UnboundedSender<Message>>,
    told: Arc<Mutex<Told>>,
}

struct Message {
    id: String,
    body: String,
    /// The world is not quiet before it was told.
    _ticket: Ticket,
}

impl World {
    /// From now on the LMS tells Regrets, at this address and signed with this secret. Said again, it has
    /// no effect.
    pub fn push_to(&self, url: &Url, secret: &str) {
        self.0.push.get_or_init(|| {
            let told = Arc::new(Mutex::new(Told::default()));
            let lane = |_| {
                let (sender, mut waiting) = unbounded_channel();
                let (world, url, secret, told) =
                    (self.clone(), url.clone(), secret.to_owned(), Arc::clone(&told));
                self.spawn(async move {
                    while let Some(message) = waiting.recv().await {
                        world.deliver_message(&url, &secret, &message, &told).await;
                    }
                });
                sender
            };
            Push { lanes: (0..LANES).map(lane).collect(), told: Arc::clone(&told) }
        });
    }

    /// Tells of a session and of everybody who has a place in it, and from now on of whatever changes there.
    pub fn tell_of(&self, session: &str) -> Result<(), LmsError> {
        let learners = {
            let mut lms = self.0.lms.lock();
            let known = lms.sessions().get(session).ok_or_else(|| LmsError::NoSession(session.to_owned()))?;
            let learners: Vec<String> = known.roster.keys().cloned().collect();
            lms.told.insert(session.to_owned());
            learners
        };
        self.tell_of_session(session);
        learners.iter().for_each(|learner| self.tell_of_place(session, learner, None));
        Ok(())
    }

    /// The session is at another time, and that is told.
    pub fn move_session(&self, session: &str, slot: Slot) -> Result<(), LmsError> {
        self.0.lms.lock().session_mut(session)?.slot = slot;
        self.tell_of_session(session);
        Ok(())
    }

    /// The session does not take place, and that is told. Places in it stay.
    pub fn call_off_session(&self, session: &str, reason: &str) -> Result<(), LmsError> {
        self.0.lms.lock().session_mut(session)?;
        self.push("session.cancelled", session, json!({ "session": session, "reason": reason }));
        Ok(())
    }

    /// Tells of a session in the LMS's own words, and from now on of who has a place in it.
    pub fn lms_says(&self, kind: &str, session: &str, data: Value) {
        self.0.lms.lock().told.insert(session.to_owned());
        self.push(kind, session, data);
    }

    pub fn told(&self) -> Told {
        self.0.push.get().map(|push| push.told.lock().clone()).unwrap_or_default()
    }

    fn tell_of_session(&self, id: &str) {
        let Some(Session { title, slot, .. }) = self.0.lms.lock().sessions().get(id).cloned() else { return };
        let time = |time: chrono::DateTime<Utc>| time.to_rfc3339_opts(SecondsFormat::Secs, true);
        let part = json!({ "id": "1", "start": time(slot.start), "end": time(slot.end), "place": "Room 7" });
        let data = json!({ "session": id, "name": title, "timezone": "Europe/Berlin", "parts": [part] });
        self.push("session.upserted", id, data);
    }

    /// `caused_by`: the order of Regrets by which it came to this.
    pub(crate) fn tell_of_place(&self, session: &str, learner: &str, caused_by: Option<&str>) {
        let Some(place) =
            self.0.lms.lock().sessions().get(session).and_then(|known| known.roster.get(learner).cloned())
        else {
            return;
        };
        let (kind, state) = match place.enrolled {
            true => ("enrolment.upserted", "held"),
            false => ("enrolment.removed", "cancelled"),
        };
        let name = self.0.model.lock().whose(learner).map(|(_, user)| user.display_name.clone());
        let data = json!({
            "session": session,
            "learner": { "id": learner, "email": learner, "name": name },
            "state": state,
            "since": place.since.to_rfc3339(),
            "causedBy": caused_by,
        });
        self.push(kind, session, data);
    }

    fn push(&self, kind: &str, session: &str, mut data: Value) {
        let Some(push) = self.0.push.get() else { return };
        if !self.0.lms.lock().told.contains(session) {
            return;
        }
        let id = format!("msg_{}", Uuid::new_v4().simple());
        if let Some(data) = data.as_object_mut() {
            data.insert("id".to_owned(), Value::from(id.as_str()));
        }
        let timestamp = Utc::now().to_rfc3339_opts(SecondsFormat::Millis, true);
        let body = json!({ "type": kind, "timestamp": timestamp, "data": data }).to_string();
        let mut hasher = DefaultHasher::new();
        session.hash(&mut hasher);
        let lane = usize::try_from(hasher.finish() % LANES as u64).unwrap_or(0);
        if let Some(lane) = push.lanes.get(lane) {
            // The receiver lives as long as the world.
            let _ = lane.send(Message { id, body, _ticket: Ticket::draw(&self.0) });
        }
    }

    async fn deliver_message(&self, url: &Url, secret: &str, message: &Message, told: &Mutex<Told>) {
        loop {
            let now = Utc::now().timestamp();
            let Some(signature) = sign(secret, &message.id, now, &message.body) else {
                told.lock().refused.push("the LMS's own secret is not Base64".to_owned());
                return;
            };
            let request = self.0.http.post(url.clone()).timeout(TIMEOUT).body(message.body.clone());
            let request = request
                .header("content-type", "application/json")
                .header("webhook-id", &message.id)
                .header("webhook-timestamp", now)
                .header("webhook-signature", signature);
            if let Ok(answer) = request.send().await {
                let status = answer.status();
                if status.is_success() {
                    told.lock().taken += 1;
                    return;
                }
                if status.is_client_error() && !matches!(status.as_u16(), 404 | 408 | 429) {
                    let text = answer.text().await.unwrap_or_default();
                    told.lock().refused.push(format!("{status}: {text}"));
                    return;
                }
            }
            told.lock().failed += 1;
            tokio::time::sleep(REST).await;
        }
    }
}
