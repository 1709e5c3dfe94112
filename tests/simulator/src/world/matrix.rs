//! The uncertain lines of the facts sheet's section 6 as switches. The defaults are the sheet's guesses; a consumer must
//! survive either setting.

use super::item::Answer;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Matrix {
    /// A decline that removes the copy gives an `updated` before its `deleted`.
    pub updated_before_deleted: bool,
    /// Moving to another calendar gives the item a new immutable id too, not only a new mutable one.
    pub move_changes_immutable_id: bool,
    /// Accepting again after the copy was removed makes a new item; otherwise the one in Deleted Items comes back.
    pub restored_copy_is_new: bool,
    /// A learner who is dropped keeps a cancelled copy; otherwise the copy is removed at once.
    pub dropped_copy_stays: bool,
    /// A changed time brings the invitation back to learners who had removed their copy.
    pub retime_restores_removed: bool,
    /// What the organizer's copy says of a learner who has not answered yet.
    pub unanswered: Answer,
    /// The organizer's copy that was cancelled disappears; otherwise it stays with `isCancelled`.
    pub cancelled_original_goes: bool,
    /// A deleted item's notification has an `@odata.etag`.
    pub etag_on_deleted: bool,
    /// `users/{mail}` finds a user whose UPN differs from the mail address.
    pub mail_finds_user: bool,
}

impl Default for Matrix {
    fn default() -> Self {
        Self {
            updated_before_deleted: false,
            move_changes_immutable_id: true,
            restored_copy_is_new: true,
            dropped_copy_stays: true,
            retime_restores_removed: true,
            unanswered: Answer::NotResponded,
            cancelled_original_goes: true,
            etag_on_deleted: true,
            mail_finds_user: true,
        }
    }
}
