//! `regrets forecast`: what a deployment will ask of Graph, of the storage account and of the host, how far
//! that is from each limit, and what it costs about. Offline, but for `--count`.

mod args;
mod count;
mod data;
mod tell;

use crate::cli::report::Report;
use crate::cli::streams::Streams;
use crate::config::{Env, Tenant, nearest_name, with_local_settings};
use crate::enrolment::policy::Mailboxes;
use crate::jobs::operate::forecast::outcome::forecast;
pub(super) use args::ForecastArgs;
use std::io;

pub(super) fn run(args: &ForecastArgs, env: Env, streams: &mut Streams<'_>) -> io::Result<u8> {
    let completed = with_local_settings(&args.root, env.clone()).unwrap_or(env.clone());
    let report = Report::of(&args.root, args.config.as_deref(), &completed, None);
    // Missing secrets change nothing of what is asked: whoever plans has none.
    let Some(meaning) = report.meaning.as_ref().filter(|meaning| !meaning.tenants.is_empty()) else {
        if let Some(errors) = &report.refused {
            write!(streams.err, "{}", errors.render(streams.color))?;
        }
        for why in &report.others {
            writeln!(streams.err, "error: {why}")?;
        }
        writeln!(streams.err, "\nThe forecast is made of the configuration, so that has to be good first.")?;
        return Ok(1);
    };
    let names: Vec<&str> = meaning.tenants.keys().map(|name| name.as_str()).collect();
    let tenant = match chosen(args.tenant.as_deref(), meaning.tenants.values(), &names) {
        Ok(tenant) => tenant,
        Err(why) => return writeln!(streams.err, "regrets forecast: {why}").map(|()| 2),
    };
    let mailboxes = match (args.mailboxes, args.count, &tenant.watch.mailboxes) {
        (Some(given), ..) => given,
        (None, true, _) => match count::count(args, env, tenant.name.as_str()) {
            Ok(count) => count,
            Err(why) => return writeln!(streams.err, "regrets forecast: {why}").map(|()| 1),
        },
        (None, false, Mailboxes::Users(names)) => names.len() as f64,
        (None, false, Mailboxes::Group(_) | Mailboxes::All | Mailboxes::None) => {
            writeln!(
                streams.err,
                "regrets forecast: say how many learners there are: --mailboxes <N>; or --count, which asks \
                 Graph"
            )?;
            return Ok(2);
        }
    };
    let assumed = args.assumed(tenant, mailboxes);
    let found = forecast(tenant, &assumed);
    match args.json {
        true => writeln!(streams.out, "{:#}", data::data(tenant, &assumed, &found))?,
        false => write!(streams.out, "{}", tell::tell(tenant, &assumed, &found))?,
    }
    Ok(0)
}

fn chosen<'a>(
    wanted: Option<&str>,
    mut tenants: impl ExactSizeIterator<Item = &'a Tenant>,
    names: &[&str],
) -> Result<&'a Tenant, String> {
    let all = names.join(", ");
    let Some(wanted) = wanted else {
        return match (tenants.len(), tenants.next()) {
            (1, Some(only)) => Ok(only),
            _ => Err(format!("there are several tenants: name one by --tenant: {all}")),
        };
    };
    tenants.find(|tenant| tenant.name.as_str() == wanted).ok_or_else(|| match nearest_name(wanted, names) {
        Some(near) => format!("tenant `{wanted}` is not configured; did you mean `{near}`?"),
        None => format!("tenant `{wanted}` is not configured; there are {all}"),
    })
}

#[cfg(test)]
mod tests;
