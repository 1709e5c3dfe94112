//! A collection as Graph writes it, read where it stands in the invocation. Hands over the same items as
//! [`notification::read`](super::notification::read), or gives nothing: then that has to read it.

use super::notification::Item;
use crate::custom_handler::scan::Scanner;

type Inside<'a> = Scanner<'a, true>;

/// Hands every item to `each`. `None`: what was handed over is worth nothing.
pub(super) fn read<'a>(post: &mut Inside<'a>, mut each: impl FnMut(Item<'a>)) -> Option<()> {
    let mut has_list = false;
    post.object(|post, key| {
        if key.plain()? != b"value" {
            return post.skip();
        }
        has_list = true;
        post.array(|post| {
            let mut item = Item::default();
            one(post, &mut item)?;
            each(item);
            Some(())
        })
    })?;
    has_list.then_some(())
}

/// In place, because items are large.
fn one<'a>(post: &mut Inside<'a>, item: &mut Item<'a>) -> Option<()> {
    post.object(|post, key| {
        let field = match key.plain()? {
            b"clientState" => &mut item.client_state,
            b"tenantId" => &mut item.tenant_id,
            b"subscriptionId" => &mut item.subscription_id,
            b"changeType" => &mut item.change_type,
            b"lifecycleEvent" => &mut item.lifecycle_event,
            b"resource" => &mut item.resource,
            b"resourceData" => {
                item.resource_id = None;
                return post.object(|post, key| {
                    if key.plain()? != b"id" {
                        return post.skip();
                    }
                    item.resource_id = post.text_or_null()?;
                    Some(())
                });
            }
            _ => return post.skip(),
        };
        *field = post.text_or_null()?;
        Some(())
    })
}
