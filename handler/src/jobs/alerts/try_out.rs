//! `regrets alerts test`: a test through each channel, and what came back.

use crate::jobs::alerts::compose;
use crate::jobs::context::AppContext;
use crate::jobs::operate::management_json::{ChannelTest, List};
use crate::jobs::operate::operator::OperatorError;
use crate::notify::Taken;
use futures::future::join_all;
use uuid::Uuid;

/// Through this channel, or through all. Nothing is written: it changes nothing.
pub async fn try_out(app: &AppContext, wanted: Option<&str>) -> Result<List<ChannelTest>, OperatorError> {
    let channels = &app.alerts.channels;
    if channels.is_empty() {
        let why = "no channel is configured: [alerts.channel.<name>] in regrets.toml makes one";
        return Err(OperatorError::NotFound(why.to_owned()));
    }
    if let Some(unknown) = wanted.filter(|wanted| !channels.contains_key(*wanted)) {
        let known: Vec<&str> = channels.keys().map(String::as_str).collect();
        let why = format!("there is no channel `{unknown}`; these are: {}", known.join(", "));
        return Err(OperatorError::NotFound(why));
    }
    let now = app.ledger.clock.now();
    let message = &compose::test(&Uuid::new_v4().to_string(), now, &app.alerts.deployment);
    let tests = channels.iter().filter(|(name, _)| wanted.is_none_or(|wanted| wanted == *name));
    let items = join_all(tests.map(|(name, channel)| async move {
        let sent = channel.send(message, false).await;
        let taken = match sent.taken {
            Taken::Yes => "yes",
            Taken::No => "no",
            Taken::Unknown => "unknown",
        };
        ChannelTest {
            channel: name.clone(),
            goes: channel.shown(),
            taken: taken.to_owned(),
            seen: sent.seen,
            step: sent.step,
        }
    }));
    Ok(List { items: items.await, next: None })
}
