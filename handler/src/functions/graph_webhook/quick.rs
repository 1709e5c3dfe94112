//! A collection as Graph writes it, read where it stands in the invocation. Gives the same as
//! [`notification::items`](super::notification::items), or nothing: then that has to read it.

use super::notification::Item;
use crate::host::scan::Scanner;

type Inside<'a> = Scanner<'a, true>;

pub(super) fn items<'a>(post: &mut Inside<'a>) -> Option<Vec<Option<Item<'a>>>> {
    let mut items = None;
    post.object(|post, key| {
        if key.plain()? != b"value" {
            return post.skip();
        }
        let mut all = Vec::new();
        post.array(|post| {
            all.push(Some(Item::default()));
            read(post, all.last_mut()?.as_mut()?)
        })?;
        items = Some(all);
        Some(())
    })?;
    items
}

/// In place, because items are large.
fn read<'a>(post: &mut Inside<'a>, item: &mut Item<'a>) -> Option<()> {
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
