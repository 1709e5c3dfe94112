//! The unconfirmed lines of handler/reference/graph-publishing.md#switches: what Exchange does with what is
//! written. The defaults are guesses; who writes must survive either setting of each.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct WriteMatrix {
    /// A PATCH mails whoever is invited though its values are what they were; otherwise nobody.
    pub equal_values_mail: bool,
    /// What is the organizer's own (categories, `showAs`, the reminder, an extended property) mails everybody
    /// when it is changed alone; otherwise nobody.
    pub own_fields_mail: bool,
    /// Another subject, text or place voids answers as another time does; otherwise they stand.
    pub updates_void_answers: bool,
    /// An update brings the invitation back to who had removed the copy, whatever has changed; otherwise
    /// another time alone does (and that by `Matrix::retime_restores_removed`).
    pub updates_restore_removed: bool,
    /// An attendee who is written back without a `status` keeps the answer; otherwise it is lost.
    pub bare_attendees_keep_answers: bool,
    /// A text without the join block ends the online meeting; otherwise it gets another link.
    pub lost_block_ends_online: bool,
    /// The answer to the making of an online event has no link yet; otherwise it has.
    pub join_url_comes_later: bool,
    /// The same request again, by its `transactionId`, is refused; otherwise it gives the event that it made.
    pub same_transaction_is_refused: bool,
    /// A used `transactionId` is answered with 409; otherwise with 400.
    pub duplicates_are_409: bool,
    /// That answer names the event that has it; otherwise it does not.
    pub duplicate_names_event: bool,
    /// A `transactionId` is not remembered at all; otherwise for good.
    pub transactions_are_forgotten: bool,
    /// A `transactionId` stays that of an event that is gone, and is refused; otherwise it may be used anew.
    pub transaction_outlives_event: bool,
    /// A search by extended property does not find an event that was just made; otherwise it does.
    pub marked_search_lags: bool,
    /// Of more than 400 attendees no answers are recorded; otherwise all are.
    pub crowded_lists_lose_answers: bool,
    /// Calling off what nobody is invited to is refused; otherwise the event just goes.
    pub empty_cancel_is_refused: bool,
    /// Without a policy of Teams' an online meeting is refused with 401; otherwise with 403.
    pub missing_policy_is_401: bool,
    /// `createOrGet` with other times moves the meeting that is there.
    pub create_or_get_moves: bool,
    /// `ErrorExceededMessageLimit` comes with 403; otherwise with 400.
    pub message_limit_is_403: bool,
    /// An attendee who is written by an alias is shown by the primary address; otherwise as written.
    pub aliases_are_resolved: bool,
}

impl Default for WriteMatrix {
    fn default() -> Self {
        Self {
            equal_values_mail: true,
            own_fields_mail: false,
            updates_void_answers: false,
            updates_restore_removed: false,
            bare_attendees_keep_answers: true,
            lost_block_ends_online: true,
            join_url_comes_later: false,
            same_transaction_is_refused: false,
            duplicates_are_409: false,
            duplicate_names_event: true,
            transactions_are_forgotten: false,
            transaction_outlives_event: true,
            marked_search_lags: false,
            crowded_lists_lose_answers: false,
            empty_cancel_is_refused: true,
            missing_policy_is_401: false,
            create_or_get_moves: false,
            message_limit_is_403: true,
            aliases_are_resolved: false,
        }
    }
}

/// A switch by the name that the JSON has for it, and how it is turned over.
pub type WriteSwitch = (&'static str, fn(&mut WriteMatrix));

impl WriteMatrix {
    /// Every switch there is.
    pub const SWITCHES: &[WriteSwitch] = &[
        ("equalValuesMail", |m| m.equal_values_mail ^= true),
        ("ownFieldsMail", |m| m.own_fields_mail ^= true),
        ("updatesVoidAnswers", |m| m.updates_void_answers ^= true),
        ("updatesRestoreRemoved", |m| m.updates_restore_removed ^= true),
        ("bareAttendeesKeepAnswers", |m| m.bare_attendees_keep_answers ^= true),
        ("lostBlockEndsOnline", |m| m.lost_block_ends_online ^= true),
        ("joinUrlComesLater", |m| m.join_url_comes_later ^= true),
        ("sameTransactionIsRefused", |m| m.same_transaction_is_refused ^= true),
        ("duplicatesAre409", |m| m.duplicates_are_409 ^= true),
        ("duplicateNamesEvent", |m| m.duplicate_names_event ^= true),
        ("transactionsAreForgotten", |m| m.transactions_are_forgotten ^= true),
        ("transactionOutlivesEvent", |m| m.transaction_outlives_event ^= true),
        ("markedSearchLags", |m| m.marked_search_lags ^= true),
        ("crowdedListsLoseAnswers", |m| m.crowded_lists_lose_answers ^= true),
        ("emptyCancelIsRefused", |m| m.empty_cancel_is_refused ^= true),
        ("missingPolicyIs401", |m| m.missing_policy_is_401 ^= true),
        ("createOrGetMoves", |m| m.create_or_get_moves ^= true),
        ("messageLimitIs403", |m| m.message_limit_is_403 ^= true),
        ("aliasesAreResolved", |m| m.aliases_are_resolved ^= true),
    ];

    /// The defaults with every switch turned over.
    pub fn otherwise() -> Self {
        let mut matrix = Self::default();
        Self::SWITCHES.iter().for_each(|(_, flip)| flip(&mut matrix));
        matrix
    }

    /// The defaults with these switches turned over; names that no switch has are passed over.
    pub fn flipped(names: &[&str]) -> Self {
        let mut matrix = Self::default();
        Self::SWITCHES
            .iter()
            .filter(|(name, _)| names.contains(name))
            .for_each(|(_, flip)| flip(&mut matrix));
        matrix
    }
}

#[cfg(test)]
#[path = "write_matrix_tests.rs"]
mod tests;
