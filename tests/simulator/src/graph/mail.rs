//! `POST users/{user}/sendMail`: taken with 202 and an empty body, and delivered to nobody; what was sent
//! stands among the requests.

use super::auth::{Caller, find_user, not_found};
use super::call::{Answer, Call};
use super::query::{bad, body, only};
use crate::handle::World;
use crate::world::directory::MailboxState;
use serde_json::Value;

pub(crate) fn send(world: &World, caller: &Caller, call: &Call, name: &str) -> Result<Answer, Answer> {
    only(call, &[])?;
    let model = world.0.model.lock();
    let user = find_user(&model, caller, name).ok_or_else(|| not_found(name))?;
    if caller.needs(&["Mail.Send"]).is_err() || world.mailbox_refused(user) {
        let message = "Access is denied. Check credentials and try again.";
        return Err(Answer::error(403, "ErrorAccessDenied", message));
    }
    match user.mailbox_state {
        MailboxState::Active => {}
        MailboxState::NoMailbox => {
            let inactive = "The mailbox is either inactive, soft-deleted, or is hosted on-premise.";
            return Err(Answer::error(404, "MailboxNotEnabledForRESTAPI", inactive));
        }
        MailboxState::OutOfScope | MailboxState::Policy => {
            return Err(Answer::error(403, "ErrorAccessDenied", "Access is denied."));
        }
    }
    let body = body(call)?;
    let message = body.get("message").filter(|message| message.is_object());
    let message = message.ok_or_else(|| bad("The 'message' parameter is missing."))?;
    let to = message.get("toRecipients").and_then(Value::as_array).cloned().unwrap_or_default();
    let has_address = |one: &Value| {
        one.pointer("/emailAddress/address").and_then(Value::as_str).is_some_and(|at| at.contains('@'))
    };
    if to.is_empty() || !to.iter().all(has_address) {
        let text = "At least one recipient is not valid., Recipient '' is not resolved. All recipients must \
                    be resolved before a message can be submitted.";
        return Err(Answer::error(400, "ErrorInvalidRecipients", text));
    }
    let headers =
        message.get("internetMessageHeaders").and_then(Value::as_array).cloned().unwrap_or_default();
    let is_custom = |header: &Value| {
        header.get("name").and_then(Value::as_str).is_some_and(|name| name.to_lowercase().starts_with("x-"))
    };
    if !headers.iter().all(is_custom) {
        let text = "The internet message header name should start with 'x-' or 'X-'.";
        return Err(Answer::error(400, "InvalidInternetMessageHeader", text));
    }
    Ok(Answer::accepted())
}
