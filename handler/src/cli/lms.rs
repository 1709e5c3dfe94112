//! `regrets lms`: the LMS's side of the connection. `ping` asks a receiver whether it is there and takes what
//! is signed.

use super::{check, wiring};
use crate::cli::streams::Streams;
use crate::clock::SystemClock;
use crate::config::{self, ConnectorConfig, Env, WebhookSecret};
use crate::enrolment::policy::Rate;
use crate::http::client::client;
use crate::ids::TenantName;
use crate::lms::webhook::{Pong, WebhookConnector};
use clap::{Args, Subcommand};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use url::Url;

#[derive(Debug, Args)]
pub(super) struct LmsArgs {
    #[command(subcommand)]
    command: LmsCommand,
}

#[derive(Debug, Subcommand)]
enum LmsCommand {
    /// Send one signed `test.ping` to each tenant's receiver, and explain what comes back; nobody's place is
    /// touched
    Ping(PingArgs),
}

#[derive(Debug, Args)]
struct PingArgs {
    /// Only this tenant of the configuration
    #[arg(long, value_name = "NAME", conflicts_with = "url")]
    tenant: Option<String>,
    /// The folder of host.json
    #[arg(long, value_name = "DIR", default_value = ".")]
    root: PathBuf,
    /// The configuration's file [default: what REGRETS_CONFIG names, or regrets.toml in the root]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// A receiver that stands in no configuration
    #[arg(long, value_name = "URL", requires = "secret")]
    url: Option<Url>,
    /// The environment variable that holds the receiver's secret, beside --url
    #[arg(long, value_name = "NAME", requires = "url")]
    secret: Option<String>,
}

/// One receiver to ask.
struct Receiver {
    tenant: TenantName,
    url: Url,
    /// Empty where one is missing.
    secrets: Vec<WebhookSecret>,
    /// What is, in sentences.
    missing: String,
}

pub(super) fn run(args: &LmsArgs, env: Env, streams: &mut Streams<'_>) -> io::Result<u8> {
    let LmsCommand::Ping(args) = &args.command;
    let receivers = match (&args.url, &args.secret) {
        (Some(url), Some(name)) => match given(url, name, &env) {
            Ok(receiver) => vec![receiver],
            Err(why) => return writeln!(streams.err, "regrets lms ping: {why}").map(|()| 2),
        },
        (Some(_) | None, _) => match configured(args, env, streams)? {
            Ok(receivers) => receivers,
            Err(code) => return Ok(code),
        },
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut code = 0;
    for receiver in receivers {
        writeln!(streams.out, "{}: {}", receiver.tenant, shown(&receiver.url))?;
        if receiver.secrets.is_empty() {
            writeln!(streams.out, "  Nothing can be signed: a secret is missing. {}", receiver.missing)?;
            code = 1;
            continue;
        }
        match runtime.block_on(ping(&receiver)) {
            Ok(pong) => {
                tell(&pong, streams)?;
                code = code.max(u8::from(!pong.is_well));
            }
            Err(why) => {
                writeln!(streams.out, "  {why}")?;
                code = 1;
            }
        }
    }
    Ok(code)
}

/// A query may hold a token.
fn shown(url: &Url) -> String {
    let mut url = url.clone();
    if url.query().is_some() {
        url.set_query(Some("…"));
    }
    url.to_string()
}

fn given(url: &Url, name: &str, env: &Env) -> Result<Receiver, String> {
    let local = url.host_str().is_some_and(|host| matches!(host, "localhost" | "127.0.0.1" | "[::1]"));
    if url.scheme() != "https" && !(local && url.scheme() == "http") {
        return Err("--url: give an https URL, or http on this machine".to_owned());
    }
    let text = env.get(name).map(|text| text.trim()).filter(|text| !text.is_empty());
    let text = text.ok_or_else(|| {
        format!("--secret names the environment variable that holds the secret, and {name} is not set")
    })?;
    let secret = WebhookSecret::parse(text).map_err(|error| format!("the secret in {name} {error}"))?;
    Ok(Receiver {
        tenant: TenantName::from("test"),
        url: url.clone(),
        secrets: vec![secret],
        missing: String::new(),
    })
}

/// The receivers of the configuration; inner error: the exit code, and the reason is told.
fn configured(args: &PingArgs, env: Env, streams: &mut Streams<'_>) -> io::Result<Result<Vec<Receiver>, u8>> {
    let read = || {
        let env = config::with_local_settings(&args.root, env)?;
        let path = match &args.config {
            Some(path) => path.clone(),
            None => config::path_of(&args.root, &env)?,
        };
        config::inspect_file(&args.root, &path, &env).outcome
    };
    let config = match read() {
        Ok(config) => config,
        Err(errors) => {
            check::complain(&errors, streams)?;
            return Ok(Err(1));
        }
    };
    let wanted = |name: &TenantName| args.tenant.as_deref().is_none_or(|wanted| wanted == name.as_str());
    let receivers: Vec<Receiver> = config
        .tenants
        .iter()
        .filter(|(name, _)| wanted(name))
        .filter_map(|(name, tenant)| {
            let ConnectorConfig::Webhook { url, secrets } = &tenant.lms.connector else { return None };
            let of_the_lms = tenant.missing.iter().filter(|missing| missing.key.contains(".lms."));
            let missing = of_the_lms.map(ToString::to_string).collect::<Vec<_>>().join("; ");
            Some(Receiver { tenant: name.clone(), url: url.clone(), secrets: secrets.clone(), missing })
        })
        .collect();
    for (name, tenant) in config.tenants.iter().filter(|(name, _)| wanted(name)) {
        if let ConnectorConfig::File { file, .. } = &tenant.lms.connector {
            writeln!(
                streams.out,
                "{name}: its LMS is reached by the connector {}, which has no receiver to ping",
                file.name
            )?;
        }
    }
    if !config.tenants.keys().any(wanted) {
        let known: Vec<&str> = config.tenants.keys().map(TenantName::as_str).collect();
        let wanted = args.tenant.as_deref().unwrap_or_default();
        writeln!(
            streams.err,
            "regrets lms ping: there is no tenant `{wanted}`; the configuration has {}",
            known.join(", ")
        )?;
        return Ok(Err(2));
    }
    Ok(Ok(receivers))
}

async fn ping(receiver: &Receiver) -> Result<Pong, String> {
    let http = client(&wiring::lms_options()).map_err(|error| error.to_string())?;
    let rate = Rate { requests: 1, per: chrono::Duration::seconds(1) };
    let connector =
        WebhookConnector::new(receiver.url.clone(), &receiver.secrets, rate, http, Arc::new(SystemClock));
    Ok(connector.ping(&receiver.tenant).await)
}

fn tell(pong: &Pong, streams: &mut Streams<'_>) -> io::Result<()> {
    writeln!(streams.out, "  {}", pong.seen)?;
    if let Some(said) = &pong.said {
        writeln!(streams.out, "  It said: {said}")?;
    }
    if let Some(step) = &pong.step {
        writeln!(streams.out, "  {}{step}", if pong.is_well { "warning: " } else { "" })?;
    }
    Ok(())
}
