//! What leaves the process: errors and the plain sentences, word by word.

use super::*;

#[test]
fn an_unknown_key_is_named_with_the_nearest_known_one() {
    insta::assert_snapshot!(refused(&minimal("grcae = '5m'")), @r#"
      × unknown key `grcae` in `tenant.contoso.policy`
        ╭─[regrets.toml:13:1]
     12 │ [tenant.contoso.policy]
     13 │ grcae = '5m'
        · ──┬──
        ·   ╰── not known here
        ╰────
      help: did you mean `grace`?

    regrets.toml:13:1: unknown key `grcae` in `tenant.contoso.policy`; did you mean `grace`?
    "#);
}

#[test]
fn bad_values_are_all_told_at_once() {
    let policy = "grace = '10 minutes'\nsettle = 600\nremoved = 'cancle'";
    insta::assert_snapshot!(refused(&minimal(policy)), @r#"
      × tenant.contoso.policy.grace: expected a duration such as "1h 30m", found "10 minutes"
        ╭─[regrets.toml:13:9]
     12 │ [tenant.contoso.policy]
     13 │ grace = '10 minutes'
        ·         ──────┬─────
        ·               ╰── `minutes` is not a unit: use d, h, m or s
     14 │ settle = 600
        ╰────

      × tenant.contoso.policy.settle: expected a duration such as "1h 30m", found the number 600
        ╭─[regrets.toml:14:10]
     13 │ grace = '10 minutes'
     14 │ settle = 600
        ·          ─┬─
        ·           ╰── a number without a unit
     15 │ removed = 'cancle'
        ╰────
      help: seconds are "600s"

      × tenant.contoso.policy.removed: expected `cancel`, `review` or `ignore`, found "cancle"
        ╭─[regrets.toml:15:11]
     14 │ settle = 600
     15 │ removed = 'cancle'
        ·           ────┬───
        ·               ╰── not one of them
        ╰────
      help: did you mean "cancel"?

    regrets.toml:13:9: tenant.contoso.policy.grace: expected a duration such as "1h 30m", found "10 minutes": `minutes` is not a unit: use d, h, m or s
    regrets.toml:14:10: tenant.contoso.policy.settle: expected a duration such as "1h 30m", found the number 600: a number without a unit; seconds are "600s"
    regrets.toml:15:11: tenant.contoso.policy.removed: expected `cancel`, `review` or `ignore`, found "cancle": not one of them; did you mean "cancel"?
    "#);
}

#[test]
fn a_missing_secret_is_named_with_its_app_setting() {
    let errors = objections(&minimal(""), &env_with(&[("CONTOSO_LMS_SECRET", "")]));
    insta::assert_snapshot!(told(&errors), @r#"
      × app setting CONTOSO_LMS_SECRET is not set (tenant.contoso.lms.secret needs it)
        ╭─[regrets.toml:11:18]
     10 │ url = "https://lms.contoso.com/hooks/regrets"
     11 │ secret = { env = "CONTOSO_LMS_SECRET" }
        ·                  ──────────┬─────────
        ·                            ╰── named here
     12 │ [tenant.contoso.policy]
        ╰────
      help: set it (on Azure, the app takes it up by a new start of its own), or name another app setting in the
            file

    regrets.toml:11:18: app setting CONTOSO_LMS_SECRET is not set (tenant.contoso.lms.secret needs it); set it (on Azure, the app takes it up by a new start of its own), or name another app setting in the file
    "#);
}

#[test]
fn contradictions_are_told() {
    let text = minimal("brake = { decisions = 0 }\nretention = '1h'")
        .replace("{ client_secret", "{ managed_identity = {}, client_secret")
        .replace(
            "secret = { env = \"CONTOSO_LMS",
            "retry = { first = '2h' }\nsecret = { env = \"CONTOSO_LMS",
        );
    insta::assert_snapshot!(refused(&text), @r#"
      × tenant.contoso.credential: `client_secret` and `managed_identity` exclude each other: keep one
       ╭─[regrets.toml:4:14]
     3 │ client_id = "66666666-7777-8888-9999-000000000000"
     4 │ credential = { managed_identity = {}, client_secret = { env = "CONTOSO_CLIENT_SECRET" } }
       ·              ────────────────────────────────────────────────────────────────────────────
     5 │ [tenant.contoso.watch]
       ╰────

      × tenant.contoso.lms.retry: `first` (2h) must not be longer than `most` (1h)
        ╭─[regrets.toml:11:9]
     10 │ url = "https://lms.contoso.com/hooks/regrets"
     11 │ retry = { first = '2h' }
        ·         ────────────────
     12 │ secret = { env = "CONTOSO_LMS_SECRET" }
        ╰────

      × tenant.contoso.policy.brake.decisions: expected a whole number from 1, found the number 0
        ╭─[regrets.toml:14:23]
     13 │ [tenant.contoso.policy]
     14 │ brake = { decisions = 0 }
        ·                       ─
     15 │ retention = '1h'
        ╰────

      × tenant.contoso.policy.retention: a cancellation is forgotten after 1h (retention), before the 24h of
      │ take_back_window are over
        ╭─[regrets.toml:15:13]
     14 │ brake = { decisions = 0 }
     15 │ retention = '1h'
        ·             ────
        ╰────

    regrets.toml:4:14: tenant.contoso.credential: `client_secret` and `managed_identity` exclude each other: keep one
    regrets.toml:11:9: tenant.contoso.lms.retry: `first` (2h) must not be longer than `most` (1h)
    regrets.toml:14:23: tenant.contoso.policy.brake.decisions: expected a whole number from 1, found the number 0
    regrets.toml:15:13: tenant.contoso.policy.retention: a cancellation is forgotten after 1h (retention), before the 24h of take_back_window are over
    "#);
}

#[test]
fn a_syntax_error_is_told_without_what_follows_from_it() {
    let text = minimal("").replace("CONTOSO_CLIENT_SECRET\" } }", "CONTOSO_CLIENT_SECRET\" }");
    insta::assert_snapshot!(refused(&text), @r#"
      × this is not valid TOML: missing key for inline table element, expected `,`
       ╭─[regrets.toml:5:1]
     4 │ credential = { client_secret = { env = "CONTOSO_CLIENT_SECRET" }
     5 │ [tenant.contoso.watch]
       · ▲
       · ╰── here
     6 │ mailboxes = { all = true }
       ╰────
      help: a { or [ may be left open before this place

    regrets.toml:5:1: this is not valid TOML: missing key for inline table element, expected `,`; a { or [ may be left open before this place
    "#);
}

#[test]
fn an_override_is_refused_like_a_key() {
    let errors = read_with(&[
        ("REGRETS__TENANT__CONTOSO__POLICY__GRACE", "soon"),
        ("REGRETS__TENANT__CONTOSO__POLICY__GRACEE", "5m"),
        ("REGRETS__TENANT__CONTOZO__POLICY__GRACE", "5m"),
        ("REGRETS__TENANT__CONTOSO__LMS__RATE", "{ requests = 1"),
        ("REGRETS_TENANT__CONTOSO__POLICY__SETTLE", "5m"),
    ])
    .unwrap_err();
    insta::assert_snapshot!(told(&errors), @r#"
      × tenant.contoso.lms.rate: expected a table, found "{ requests = 1"
       ╭─[app setting REGRETS__TENANT__CONTOSO__LMS__RATE:1:37]
     1 │ REGRETS__TENANT__CONTOSO__LMS__RATE={ requests = 1
       ·                                     ───────┬──────
       ·                                            ╰── not a table
       ╰────
      help: it was read as a plain string, because it is not valid TOML: unclosed inline table, expected `}`

      × tenant.contoso.policy.grace: expected a duration such as "1h 30m", found "soon"
       ╭─[app setting REGRETS__TENANT__CONTOSO__POLICY__GRACE:1:41]
     1 │ REGRETS__TENANT__CONTOSO__POLICY__GRACE=soon
       ·                                         ──┬─
       ·                                           ╰── `soon` has no number before it
       ╰────

      × unknown key `gracee` in `tenant.contoso.policy`
       ╭─[app setting REGRETS__TENANT__CONTOSO__POLICY__GRACEE:1:35]
     1 │ REGRETS__TENANT__CONTOSO__POLICY__GRACEE=5m
       ·                                   ───┬──
       ·                                      ╰── not known here
       ╰────
      help: did you mean `grace`?

      × unknown key `contozo` in `tenant`
       ╭─[app setting REGRETS__TENANT__CONTOZO__POLICY__GRACE:1:18]
     1 │ REGRETS__TENANT__CONTOZO__POLICY__GRACE=5m
       ·                  ───┬───
       ·                     ╰── the file has no such tenant
       ╰────
      help: did you mean `contoso`?

      × app setting REGRETS_TENANT__CONTOSO__POLICY__SETTLE would override nothing: its name begins with REGRETS
      │ and one underscore
      help: two underscores go between the parts, as in REGRETS__TENANT__CONTOSO__POLICY__GRACE

    app setting REGRETS__TENANT__CONTOSO__LMS__RATE: tenant.contoso.lms.rate: expected a table, found "{ requests = 1": not a table; it was read as a plain string, because it is not valid TOML: unclosed inline table, expected `}`
    app setting REGRETS__TENANT__CONTOSO__POLICY__GRACE: tenant.contoso.policy.grace: expected a duration such as "1h 30m", found "soon": `soon` has no number before it
    app setting REGRETS__TENANT__CONTOSO__POLICY__GRACEE: unknown key `gracee` in `tenant.contoso.policy`; did you mean `grace`?
    app setting REGRETS__TENANT__CONTOZO__POLICY__GRACE: unknown key `contozo` in `tenant`; did you mean `contoso`?
    app setting REGRETS_TENANT__CONTOSO__POLICY__SETTLE would override nothing: its name begins with REGRETS and one underscore; two underscores go between the parts, as in REGRETS__TENANT__CONTOSO__POLICY__GRACE
    "#);
}

#[test]
fn a_configuration_is_told_in_plain_sentences() {
    insta::assert_snapshot!(describe(&meaning(EXAMPLE)), @r#"
    Graph reaches this deployment at https://regrets.contoso.com
    The ledger is in the tables of the account AzureWebJobsStorage

    Tenant contoso (directory 11111111-2222-3333-4444-555555555555)
      Signs in to the global cloud as 66666666-7777-8888-9999-000000000000 with a client secret.
      Watches the calendars of the members of the group aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee, compared anew every 24h; where a copy is gone, learning@contoso.com is asked.
      An event is a training session when it is sent by learning@contoso.com and its iCalUId matches ^lms-(?<session>\d+)@contoso\.com$.
      The LMS knows a learner by mail.
      Observes only: writes down what it would cancel, and cancels nothing.
      A decline is carried to the LMS 10m later, until the session starts.
      A decline that a mailbox gives by itself while its automatic replies are on goes to a person. That needs the right MailboxSettings.Read: without it none is recognised, and each counts as the learner's own.
      All-day events are dates in their own time zone, or in UTC where that is not known.
      A decline with a proposed new time goes to a person, where an organizer's copy can be read that shows it.
      Where several items stand for one place, a decline of some goes to a person.
      An acceptance within 24h after a cancellation is recorded. More than 50 decisions in 1h, or 8 for one learner, wait for a person. What is finished is kept for 90d.
      A learner merely deletes the item: it looks again for 30m, and then, where the organizer's copy can be read and shows no decline, it asks a person; where there is none to ask, it asks a person.
      A clean-up of old mail takes the item away: nobody can tell that from a learner who deletes it, so the same follows.
      The organizer cancels by mail from outside: a cancelled copy that was seen in the calendar is written down, and nothing is cancelled; one that was gone before it was seen counts as deleted, so it asks a person.
      Cancellations are posted to /hooks/regrets at lms.contoso.com, signed with one secret, at most 10 in 1s; failed ones again after 30s, then doubling up to 1h.
      `regrets doctor` proves that the mailbox ceo@contoso.com can't be read.
    "#);
}
