//! Who stands at the door of a session, and whether they are led on.
//!
//! Guarantees: three rows are read, by their keys, and a fourth where the LMS shows no link; none is written;
//! where nothing is published any more, or learners are handed no page, none is read.

use crate::ids::TenantName;
use crate::jobs::context::AppContext;
use crate::jobs::publish::wish;
use crate::ledger::{enrolments, source_places, source_sessions, written_events};
use crate::messages::EnrolmentRef;
use crate::publishing::compose;
use crate::publishing::event_key::{Audience, EventKey};
use crate::publishing::join_link::Seat;
use crate::publishing::standing::Decline;
use crate::sessions::join::{Door, Facts, Shut, door};
use crate::sessions::moment::Span;
use crate::sessions::session::{Part, Session};
use crate::store::StoreError;
use chrono::{DateTime, Utc};
use std::borrow::Cow;

/// What the page tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joining {
    /// `None`: nothing is known of the session any more.
    pub title: Option<String>,
    pub span: Option<Span>,
    pub door: Door,
}

/// `None`: there is no such page now.
///
/// # Errors
/// The ledger can't be read; nobody is let in then.
pub async fn look(app: &AppContext, seat: &Seat, now: DateTime<Utc>) -> Result<Option<Joining>, StoreError> {
    let Some(context) = app.tenants.get(&seat.tenant).filter(|context| context.tenant.active) else {
        return Ok(None);
    };
    let publish = context.tenant.publish.as_ref().filter(|publish| publish.is_wanted());
    let Some(join) = publish.and_then(|publish| publish.publisher.hands_out_page()) else { return Ok(None) };
    let (ledger, tenant) = (&app.ledger, &seat.tenant);
    let Some(source) = source_sessions::load_hashed(ledger, tenant, &seat.session).await? else {
        return Ok(Some(Joining { title: None, span: None, door: Door::Shut(Shut::Forgotten) }));
    };
    let place = source_places::load_hashed(ledger, tenant, (&seat.session, &seat.learner)).await?;
    let row = enrolments::load(ledger, &EnrolmentRef::hashed(tenant, &seat.session, &seat.learner)).await?;
    let session = &source.session;
    let part = session.parts.iter().find(|part| seat.is_of(&part.id));
    let part = match part {
        Some(part) => Some(with_meeting(app, tenant, session, part).await?),
        None => None,
    };
    let part = part.as_deref();
    let facts = Facts {
        session,
        is_gone: source.gone.is_some(),
        part,
        place: place.as_ref().map(|place| (&place.place, place.changed_at)),
        lost_at: match wish::decline(row.as_ref().map(|read| &read.value)) {
            Decline::LostPlace { at } => Some(at),
            // Declined, and the LMS holds the place still.
            Decline::None | Decline::Judged => None,
        },
    };
    Ok(Some(Joining {
        title: Some(part.map_or_else(|| session.title.clone(), |part| compose::title(session, part))),
        span: part.map(|part| part.span.clone()),
        door: door(&facts, join.opens, now),
    }))
}

/// Where the LMS shows no link: that of the meeting that was made for it.
async fn with_meeting<'a>(
    app: &AppContext,
    tenant: &TenantName,
    session: &Session,
    part: &'a Part,
) -> Result<Cow<'a, Part>, StoreError> {
    if part.link.is_some() {
        return Ok(Cow::Borrowed(part));
    }
    let (session, part_id) = (session.id.clone(), part.id.clone());
    let own = EventKey { session, part: part_id, audience: Audience::Session };
    let row = written_events::load(&app.ledger, tenant, &own).await?;
    let link = row.and_then(|read| read.value.meeting?.link);
    Ok(match link {
        Some(link) => Cow::Owned(Part { link: Some(link), ..part.clone() }),
        None => Cow::Borrowed(part),
    })
}
