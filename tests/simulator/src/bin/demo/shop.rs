//! The cast against a real pretix: it is installed and started, everybody has a place there, and at the end
//! it is asked who still has.

use crate::cast::{Cast, Learner};
use crate::play::say;
use pretix::{Answer, Booking, Desk, DeskError, Pretix};
use serde_json::{Value, json};
use simulator::stage::{Setup, StageError};
use std::collections::BTreeMap;

/// What pretix shows of one learner's place.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Place {
    pub(crate) is_held: bool,
    /// How often it was taken away.
    pub(crate) effects: usize,
}

pub(crate) struct Shop {
    pretix: Pretix,
    desk: Desk,
}

fn failed(error: impl std::fmt::Display) -> StageError {
    StageError::Lms(error.to_string())
}

/// Rows of a list.
fn rows(answer: &Answer) -> impl Iterator<Item = &Value> {
    answer.json.get("results").and_then(Value::as_array).into_iter().flatten()
}

impl Shop {
    /// Each session of the cast becomes a date in pretix and is called after it; everybody gets a place, some
    /// in an order of their own, some with a colleague.
    pub(crate) async fn open(cast: &mut Cast) -> Result<Self, StageError> {
        say("pretix starts; the first time it is installed before, which takes a minute.");
        let started = tokio::task::spawn_blocking(Pretix::start).await.map_err(std::io::Error::other)?;
        let pretix = started.map_err(failed)?;
        let desk = Desk::of(&pretix).map_err(failed)?;
        let shop = Self { pretix, desk };
        shop.book(cast).await.map_err(failed)?;
        say(&format!("pretix runs:     {}, with an order for each one or two learners", shop.pretix.url()));
        Ok(shop)
    }

    async fn book(&self, cast: &mut Cast) -> Result<(), DeskError> {
        for session in &mut cast.sessions {
            let (begins, ends) = ("2036-03-03T09:00:00+01:00", "2036-03-03T12:00:00+01:00");
            let date = self.desk.new_date(session.title, begins, ends, 100).await?;
            let name = format!("safety/{date}");
            let mut theirs: Vec<&mut Learner> =
                cast.learners.iter_mut().filter(|learner| learner.session == session.id).collect();
            for learner in &mut theirs {
                learner.session.clone_from(&name);
            }
            session.id = name;
            let addresses: Vec<&str> = theirs.iter().map(|learner| learner.address.as_str()).collect();
            for (number, colleagues) in addresses.chunks(2).enumerate() {
                let size = if number % 2 == 0 { 2 } else { 1 };
                for order in colleagues.chunks(size) {
                    self.desk.book(&Booking::of(&self.desk, date, order)).await?;
                }
            }
        }
        Ok(())
    }

    /// Regrets asks this pretix, by the connector that is shipped.
    pub(crate) fn connect(&self, setup: &mut Setup) {
        let seed = self.pretix.seed();
        setup.policy.session = "{ ical_uid = '^lms-(?<session>[a-z0-9/-]+)@' }";
        let rate = "{ requests = 100, per = \"1s\" }";
        setup.policy.lms = Some(format!(
            "connector = \"pretix\"\nbase_url = \"{}\"\norganizer = \"{}\"\nrate = {rate}\n\
             token = {{ env = \"PRETIX_TOKEN\" }}\nretry = {{ first = \"1s\", most = \"4s\" }}\n",
            self.pretix.url(),
            seed.organizer,
        ));
        setup.env.push(("PRETIX_TOKEN", Some(seed.token("regrets").to_owned())));
    }

    /// The place of each learner, in the order of the cast.
    pub(crate) async fn places(&self, cast: &Cast) -> Result<Vec<Place>, StageError> {
        let mut found: BTreeMap<(String, String), Place> = BTreeMap::new();
        for session in &cast.sessions {
            let all = self.of_session(&session.id).await.map_err(failed)?;
            found.extend(all.into_iter().map(|(learner, place)| ((session.id.clone(), learner), place)));
        }
        let place = |learner: &Learner| {
            found.get(&(learner.session.clone(), learner.address.clone())).copied().unwrap_or_default()
        };
        Ok(cast.learners.iter().map(place).collect())
    }

    /// By address. A session has fewer places than a page of pretix's has rows.
    async fn of_session(&self, session: &str) -> Result<Vec<(String, Place)>, DeskError> {
        let date = session.rsplit('/').next().unwrap_or_default();
        let ask = async |list: &str| {
            let path =
                self.desk.path("series", &format!("{list}/?subevent={date}&include_canceled_positions=true"));
            self.desk.act(reqwest::Method::GET, &path, None).await
        };
        let (orders, changes) = (ask("orders").await?, ask("transactions").await?);
        let mut places = Vec::new();
        for order in rows(&orders) {
            let is_live = matches!(order.get("status").and_then(Value::as_str), Some("p" | "n"));
            for place in order.get("positions").and_then(Value::as_array).into_iter().flatten() {
                let Some(address) = place.get("attendee_email").and_then(Value::as_str) else { continue };
                let is_taken = |change: &&Value| {
                    change.get("order") == order.get("code")
                        && change.get("positionid") == place.get("positionid")
                        && change.get("count") == Some(&json!(-1))
                };
                let is_held = is_live && place.get("canceled") == Some(&json!(false));
                let effects = rows(&changes).filter(is_taken).count();
                places.push((address.to_owned(), Place { is_held, effects }));
            }
        }
        Ok(places)
    }
}
