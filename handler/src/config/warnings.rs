//! What a person should know before a configuration runs.

use crate::config::{
    Alerts, ConnectorConfig, Publish, PublishSource, Tenant, Tenants, overlap, removals, show_duration,
};
use crate::enrolment::lms_order::BUDGET;
use crate::enrolment::policy::{Mailboxes, PolicyMode, TakeBack};
use crate::lms::RosterReach;
use crate::lms::engine::reach;
use crate::lms::recipe::connector::{Cancels, ConnectorFile, Status};
use chrono::Duration;

/// What a person should know before these tenants are served.
pub(crate) fn warnings(tenants: &Tenants) -> Vec<String> {
    let mut all = removals::warnings(tenants);
    all.extend(overlap::warnings(tenants));
    all.extend(tenants.values().filter(|tenant| has_idle_mailboxes(tenant)).map(|tenant| {
        format!(
            "tenant {}: watch.mailboxes has no effect in mode organizer: only the organizers' mailboxes are \
             read",
            tenant.name
        )
    }));
    all.extend(tenants.values().flat_map(of_the_connector));
    all.extend(tenants.values().flat_map(of_what_is_published));
    all
}

/// Invitations go out, and what learners answer is not carried out; or nothing goes out.
fn of_what_is_published(tenant: &Tenant) -> Vec<String> {
    if !tenant.publish.as_ref().is_some_and(Publish::writes) {
        return Vec::new();
    }
    let name = &tenant.name;
    let switched_off = (!tenant.active).then(|| {
        format!("tenant {name}: with active = false nothing is published, although publish.state is \"on\"")
    });
    let observed = (tenant.policy.mode == PolicyMode::Observe).then(|| {
        format!(
            "tenant {name}: publish.state = \"on\" sends invitations, and with policy.mode = \"observe\" who \
             declines one keeps the place in the LMS; say \"act\", with policy.only where it is to act for \
             some"
        )
    });
    [switched_off, observed, nobody_is_read(tenant)].into_iter().flatten().collect()
}

/// Sessions are published to whoever holds a place, and no setting has that read.
fn nobody_is_read(tenant: &Tenant) -> Option<String> {
    let connector = match &tenant.publish.as_ref()?.source {
        PublishSource::Lms => &tenant.lms.connector,
        PublishSource::From(lms) => &lms.connector,
        PublishSource::Push(_) => return None,
    };
    let ConnectorConfig::File { file, settings, .. } = connector else { return None };
    (reach::roster_reach(file, settings) == RosterReach::Nothing).then(|| {
        format!(
            "tenant {}: the connector `{}` reads who holds a place only where it is given `{}`: as it is, \
             nobody is invited",
            tenant.name,
            file.name,
            reach::settings_of_the_roster(file).join("`, `")
        )
    })
}

/// Channels of which nobody makes use.
pub(crate) fn of_alerts(alerts: &Alerts) -> Vec<String> {
    let used = |name: &String| {
        std::iter::once(&alerts.default)
            .chain(alerts.tenants.values())
            .any(|route| route.channels.contains(name))
    };
    let idle = alerts.channels.keys().filter(|name| !used(name));
    idle.map(|name| {
        format!("alerts.channel.{name} is named in no list of `channels`, so nobody is told through it")
    })
    .collect()
}

/// What its LMS's connector may do, or may not do well. Each names the key, and what would be right.
fn of_the_connector(tenant: &Tenant) -> Vec<String> {
    let all = match &tenant.lms.connector {
        ConnectorConfig::Webhook { .. } => vec![never_gives_back(tenant, "the webhook", "")],
        ConnectorConfig::File { file, .. } => {
            let own = ", or let the connector file say [[restore]]";
            let named = format!("the connector `{}`", file.name);
            let gives_back = !file.recipes.restore.is_empty();
            vec![
                only_reads(tenant, file),
                draft(tenant, file),
                course(tenant, file),
                never_gives_back(tenant, &named, own).filter(|_| !gives_back),
                too_slow(tenant, file),
            ]
        }
    };
    all.into_iter().flatten().collect()
}

fn only_reads(tenant: &Tenant, file: &ConnectorFile) -> Option<String> {
    file.only_reads().then(|| {
        format!(
            "tenant {}: lms.connector: the connector `{}` cancels nothing, so each decline waits for a \
             person; name one that cancels, and this one in publish.from",
            tenant.name, file.name
        )
    })
}

fn draft(tenant: &Tenant, file: &ConnectorFile) -> Option<String> {
    (file.about.status == Status::Draft).then(|| {
        format!(
            "tenant {}: lms.accept_draft: the connector `{}` is a draft, written from public descriptions: \
             see it cancel a place of your own before it acts for others",
            tenant.name, file.name
        )
    })
}

fn course(tenant: &Tenant, file: &ConnectorFile) -> Option<String> {
    (file.about.cancels == Cancels::Course).then(|| {
        format!(
            "tenant {}: the connector `{}` cancels places in courses: a decline of one session ends the \
             place in the whole course",
            tenant.name, file.name
        )
    })
}

/// Of a connector that can't.
fn never_gives_back(tenant: &Tenant, named: &str, or: &str) -> Option<String> {
    (tenant.policy.take_back == TakeBack::Reinstate).then(|| {
        format!(
            "tenant {}: policy.take_back = \"reinstate\" gives nothing back: {named} can't, and a person is \
             told of each who accepts again; say \"record\"{or}",
            tenant.name
        )
    })
}

/// Of an attempt's time, what writing and reading back may take: the rest may be spent on waiting.
const WRITES_AND_READS: Duration = Duration::seconds(50);

/// One cancellation has more requests than the rate lets through while an attempt lasts.
fn too_slow(tenant: &Tenant, file: &ConnectorFile) -> Option<String> {
    let (rate, needs) = (tenant.lms.rate, file.requests_per_order());
    let patience = Duration::from_std(BUDGET).unwrap_or_default() - WRITES_AND_READS;
    let waits = |requests: u32| {
        let times = needs.saturating_sub(1) / requests.max(1);
        rate.per.checked_mul(i32::try_from(times).unwrap_or(i32::MAX)).unwrap_or(Duration::MAX)
    };
    let wait = waits(rate.requests);
    if wait <= patience {
        return None;
    }
    let least = (rate.requests..needs).find(|requests| waits(*requests) <= patience).unwrap_or(needs);
    Some(format!(
        "tenant {}: lms.rate = {{ requests = {}, per = \"{}\" }} is too slow: one cancellation by the \
         connector `{}` may need {needs} requests, which would take {}; an attempt waits {} at most, and \
         would end before it writes; say requests = {least} or more",
        tenant.name,
        rate.requests,
        show_duration(rate.per),
        file.name,
        show_duration(wait),
        show_duration(patience),
    ))
}

fn has_idle_mailboxes(tenant: &Tenant) -> bool {
    !tenant.watch.mode.reads_learners() && tenant.watch.mailboxes != Mailboxes::None
}
