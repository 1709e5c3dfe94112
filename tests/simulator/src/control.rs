//! What people do to the world, over HTTP. `GET /` on the control port gives this table:
//!
#![doc = concat!("```text\n", include_str!("help.txt"), "```")]

use crate::faults::Fault;
use crate::handle::World;
use crate::lms::LmsError;
use crate::world::Model;
use crate::world::act::{
    ActError, Cancel, CancelOccurrence, Forward, Invite, List, Move, Reinvite, Reply, Retime,
    RetimeOccurrence, ShareCalendar, Who, Whom,
};
use crate::world::directory::MailboxState;
use crate::world::item::Slot;
use crate::world::rooms::RoomRules;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

/// The help of `GET /`.
pub const HELP: &str = include_str!("help.txt");

pub(crate) fn router(world: World) -> Router {
    Router::new()
        .route("/", get(|| async { HELP }))
        .route("/world", get(show))
        .route("/requests", get(requests))
        .route("/mails", get(mails).delete(forget_mails))
        .route("/acts/{name}", post(act))
        .route("/kit", post(crate::kit::kit))
        .route("/lifecycle", post(lifecycle))
        .route("/faults", get(faults).post(inject).delete(clear))
        .with_state(world)
}

/// Why something was not done.
struct Refused {
    status: StatusCode,
    message: String,
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        (self.status, Json(json!({ "error": self.message }))).into_response()
    }
}

/// It makes no sense in the world as it is.
impl From<ActError> for Refused {
    fn from(error: ActError) -> Self {
        Self { status: StatusCode::CONFLICT, message: error.to_string() }
    }
}

impl From<LmsError> for Refused {
    fn from(error: LmsError) -> Self {
        Self { status: StatusCode::CONFLICT, message: error.to_string() }
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refused> {
    let misfit = |error| Refused {
        status: StatusCode::BAD_REQUEST,
        message: format!("the body does not fit: {error}; GET / shows examples"),
    };
    serde_json::from_slice(body).map_err(misfit)
}

/// One that the LMS has, and to which nobody was invited yet.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Session {
    session: String,
    title: String,
    start: DateTime<Utc>,
    end: DateTime<Utc>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Enrol {
    session: String,
    learner: String,
}

/// A user's mailbox or settings; what is left out stays.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct UserEdit {
    user: String,
    standing: Option<MailboxState>,
    account_enabled: Option<bool>,
    keeps_declined: Option<bool>,
    automatic_replies: Option<bool>,
}

/// Somebody is away, and has Outlook call off what falls into that time.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Absence {
    user: String,
    until: DateTime<Utc>,
}

/// Somebody's mailbox is that of a room.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Room {
    room: String,
    #[serde(default)]
    rules: RoomRules,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Member {
    group: String,
    user: String,
    is_member: bool,
}

/// A second administrator, in the portal; or in Exchange, whose rights no token shows.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rights {
    tenant: String,
    #[serde(default)]
    permissions: Vec<String>,
    #[serde(default)]
    calendars: Option<bool>,
    /// Addresses of mailboxes that may be written in.
    #[serde(default)]
    writes: Option<BTreeSet<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    seconds: i64,
}

async fn act(
    State(world): State<World>,
    Path(name): Path<String>,
    body: Bytes,
) -> Result<Json<Value>, Refused> {
    perform(&world, &name, &body)?;
    Ok(Json(json!({ "done": name })))
}

fn perform(world: &World, name: &str, body: &[u8]) -> Result<(), Refused> {
    match name {
        "invite" => world.invite(&read::<Invite>(body)?)?,
        "reinvite" => world.reinvite(&read::<Reinvite>(body)?)?,
        "accept" => world.accept(&read::<Reply>(body)?)?,
        "tentative" => world.tentative(&read::<Reply>(body)?)?,
        "decline" => world.decline(&read::<Reply>(body)?)?,
        "delete" => world.delete(&read::<Reply>(body)?)?,
        "auto_decline" => world.auto_decline(&read::<Who>(body)?)?,
        "restore" => world.restore(&read::<Who>(body)?)?,
        "forward" => world.forward(&read::<Forward>(body)?)?,
        "list" => world.set_list(&read::<List>(body)?)?,
        "share_calendar" => world.share_calendar(&read::<ShareCalendar>(body)?)?,
        "clean_up" => world.clean_up(&read::<Who>(body)?)?,
        "empty_calendar" => world.empty_calendar(&read::<Whom>(body)?)?,
        "disable_mailbox" => world.disable_mailbox(&read::<Whom>(body)?)?,
        "enable_mailbox" => world.enable_mailbox(&read::<Whom>(body)?)?,
        "move" => world.move_copy(&read::<Move>(body)?)?,
        "cancel" => world.cancel(&read::<Cancel>(body)?)?,
        "cancel_occurrence" => world.cancel_occurrence(&read::<CancelOccurrence>(body)?)?,
        "retime_occurrence" => world.retime_occurrence(&read::<RetimeOccurrence>(body)?)?,
        "drop" => world.drop_learner(&read::<Who>(body)?)?,
        "retime" => world.retime(&read::<Retime>(body)?)?,
        "remove_cancelled" => world.remove_cancelled(&read::<Who>(body)?)?,
        "touch" => world.touch(&read::<Who>(body)?)?,
        "session" => {
            let Session { session, title, start, end } = read(body)?;
            world.hold_session(&session, &title, Slot { start, end });
        }
        "enrol" => {
            let Enrol { session, learner } = read(body)?;
            world.enrol(&session, &learner)?;
        }
        "unenrol" => {
            let Enrol { session, learner } = read(body)?;
            world.unenrol(&session, &learner)?;
        }
        "person" => {
            let edit: UserEdit = read(body)?;
            let edited = world.edit_user(&edit.user, |user| {
                user.mailbox_state = edit.standing.unwrap_or(user.mailbox_state);
                user.account_enabled = edit.account_enabled.unwrap_or(user.account_enabled);
                user.keeps_declined = edit.keeps_declined.unwrap_or(user.keeps_declined);
                if let Some(on) = edit.automatic_replies {
                    user.automatic_replies = on.then_some(None);
                }
            });
            edited.ok_or(ActError::Nobody(edit.user))?;
        }
        "absence" => {
            let Absence { user, until } = read(body)?;
            world.be_away(&user, until)?;
        }
        "room" => {
            let Room { room, rules } = read(body)?;
            world.make_room(&room, rules).ok_or(ActError::Nobody(room))?;
        }
        "member" => {
            let Member { group, user, is_member } = read(body)?;
            if !world.set_member(&group, &user, is_member) {
                let message = format!("no group '{group}' in a tenant where '{user}' is a user");
                return Err(Refused { status: StatusCode::CONFLICT, message });
            }
        }
        "grant" | "withdraw" | "exchange" => {
            let Rights { tenant, permissions, calendars, writes } = read(body)?;
            let now = world.0.now();
            let edited = world.edit_tenant(&tenant, |tenant| match name {
                "grant" => tenant.app.grant(&permissions, now),
                "withdraw" => tenant.app.withdraw(&permissions),
                _ => {
                    tenant.app.rbac_calendars = calendars.unwrap_or(tenant.app.rbac_calendars);
                    tenant.app.rbac_writes = writes.unwrap_or_else(|| tenant.app.rbac_writes.clone());
                }
            });
            edited.ok_or(ActError::Nobody(tenant))?;
        }
        "matrix" => world.turn(read(body)?, |model| &mut model.matrix)?,
        "writes" => world.turn(read(body)?, |model| &mut model.writes)?,
        "advance" => {
            world.advance(chrono::Duration::seconds(read::<Advance>(body)?.seconds));
        }
        other => {
            let message = format!("there is no act '{other}'; GET / lists them");
            return Err(Refused { status: StatusCode::NOT_FOUND, message });
        }
    }
    Ok(())
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Lifecycle {
    mailbox: String,
    event: String,
    #[serde(default)]
    pause: bool,
}

async fn lifecycle(State(world): State<World>, body: Bytes) -> Result<Json<Value>, Refused> {
    let wish: Lifecycle = read(&body)?;
    let told = world.lifecycle(&wish.mailbox, &wish.event, wish.pause);
    Ok(Json(json!({ "subscriptions": told })))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Injection {
    fault: Fault,
    #[serde(default)]
    times: Option<u32>,
    #[serde(default)]
    for_ms: Option<u64>,
}

async fn inject(State(world): State<World>, body: Bytes) -> Result<Json<Value>, Refused> {
    let wish: Injection = read(&body)?;
    world.0.faults.lock().inject(wish.fault, wish.times, wish.for_ms.map(Duration::from_millis));
    Ok(faults(State(world)).await)
}

async fn clear(State(world): State<World>) -> Json<Value> {
    world.clear_faults();
    faults(State(world)).await
}

async fn faults(State(world): State<World>) -> Json<Value> {
    Json(json!({ "faults": world.faults() }))
}

async fn requests(State(world): State<World>) -> Json<Value> {
    Json(json!({ "requests": world.requests() }))
}

/// What Exchange has sent for organizers, once for each recipient.
async fn mails(State(world): State<World>) -> Json<Value> {
    Json(json!({ "mails": world.mails() }))
}

async fn forget_mails(State(world): State<World>) -> Json<Value> {
    world.clear_mails();
    mails(State(world)).await
}

/// Users with their copies, meetings, subscriptions, the LMS and the counters.
async fn show(State(world): State<World>) -> Json<Value> {
    Json(world.picture())
}

impl World {
    /// Sets switches by their names; the others stay.
    fn turn<T: Serialize + DeserializeOwned>(
        &self,
        wish: serde_json::Map<String, Value>,
        of: impl FnOnce(&mut Model) -> &mut T,
    ) -> Result<(), Refused> {
        let mut model = self.0.model.lock();
        let switches = of(&mut model);
        let mut all = json!(switches);
        if let Some(all) = all.as_object_mut() {
            all.extend(wish);
        }
        *switches = read(all.to_string().as_bytes())?;
        Ok(())
    }

    /// All that `GET /world` shows.
    pub fn picture(&self) -> Value {
        let (users, meetings, lists, matrix, writes) = {
            let model = self.0.model.lock();
            let users: Vec<Value> = model
                .tenants
                .iter()
                .flat_map(|tenant| tenant.users.iter().map(move |user| (tenant, user)))
                .map(|(tenant, user)| {
                    json!({
                        "tenant": tenant.domain,
                        "id": user.id,
                        "name": user.display_name,
                        "userPrincipalName": user.upn,
                        "mail": user.mail,
                        "standing": user.mailbox_state,
                        "keepsDeclined": user.keeps_declined,
                        "events": user.mailbox.items,
                    })
                })
                .collect();
            (users, json!(model.meetings), json!(model.lists), json!(model.matrix), json!(model.writes))
        };
        let subscriptions: Vec<Value> =
            self.0.registry.lock().all().iter().map(|known| known.body(false)).collect();
        let lms = self.0.lms.lock();
        json!({
            "now": self.now(),
            "users": users,
            "meetings": meetings,
            "lists": lists,
            "matrix": matrix,
            "writes": writes,
            "subscriptions": subscriptions,
            "sessions": lms.sessions(),
            "effects": lms.effects(),
            "counters": self.counters(),
            "faults": self.faults(),
        })
    }
}
