//! `regrets ledger`: the ledger in the terminal.

use super::columns::aligned;
use super::explain::explain;
use super::local_time::maybe;
use crate::cli::manage::asks::{Asks, Attribution};
use crate::cli::management_client::{Management, Place, segment};
use crate::jobs::operate::management_json::{Item, List, Story};
use crate::jobs::operate::operator::counted;
use chrono::Local;
use clap::{Args, Subcommand};
use futures::{StreamExt as _, TryStreamExt as _};
use serde_json::{Value, json};
use std::collections::BTreeMap;

#[derive(Debug, Args)]
pub(in crate::cli) struct LedgerArgs {
    #[command(flatten)]
    place: Place,
    #[command(subcommand)]
    command: LedgerCommand,
}

#[derive(Debug, Subcommand)]
enum LedgerCommand {
    /// List enrolments, one a line, times in your zone
    List(Wanted),
    /// Print one enrolment as JSON, with its story
    Show {
        /// Its id, or any id that the LMS was given
        id: String,
    },
    /// Tell one enrolment's story in plain sentences, and what you may do about it
    Explain {
        /// Its id, or any id that the LMS was given
        #[arg(required_unless_present_all = ["learner", "session"], conflicts_with_all = ["learner",
        "session"])]
        id: Option<String>,
        /// What the LMS knows the learner by
        #[arg(long, requires = "session")]
        learner: Option<String>,
        /// The LMS's id of the session
        #[arg(long, requires = "learner")]
        session: Option<String>,
        /// Where several tenants have it
        #[arg(long)]
        tenant: Option<String>,
    },
    /// Have what waits for a person carried out
    Approve(Word),
    /// Say that what waits for a person does not count
    Ignore(Word),
    /// Try a cancellation again now
    Retry(Word),
}

#[derive(Debug, Default, Args)]
struct Wanted {
    #[arg(long)]
    tenant: Option<String>,
    /// watched, waiting, running, done, expired, review, or taken-back (accepted again after the
    /// cancellation)
    #[arg(long)]
    state: Option<String>,
    /// The LMS's id of the session
    #[arg(long)]
    session: Option<String>,
    /// What the LMS knows the learner by
    #[arg(long)]
    learner: Option<String>,
    /// How many at most
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
    /// Show what the LMS knows the learners by, instead of a hash of it
    #[arg(long)]
    show_learners: bool,
}

#[derive(Debug, Args)]
struct Word {
    id: String,
    #[command(flatten)]
    signed: Attribution,
    /// Even after the deadline
    #[arg(long)]
    late: bool,
}

impl Asks for LedgerArgs {
    fn place(&self) -> &Place {
        &self.place
    }

    async fn ask(&self, management: &Management) -> Result<String, String> {
        match &self.command {
            LedgerCommand::List(wanted) => list(management, wanted, self.place.json).await,
            LedgerCommand::Show { id } => {
                let found: Value = management.get(&format!("enrolments/{}", segment(id)), &[]).await?;
                Ok(format!("{found:#}\n"))
            }
            LedgerCommand::Explain { id: Some(id), .. } => self.told(management, &segment(id)).await,
            LedgerCommand::Explain { id: None, learner, session, tenant } => {
                let id = find(management, tenant.as_ref(), learner.as_deref(), session.as_deref()).await?;
                self.told(management, &id).await
            }
            LedgerCommand::Approve(word) => self.say(management, "approve", word).await,
            LedgerCommand::Ignore(word) => self.say(management, "ignore", word).await,
            LedgerCommand::Retry(word) => self.say(management, "retry", word).await,
        }
    }
}

impl LedgerArgs {
    async fn told(&self, management: &Management, id: &str) -> Result<String, String> {
        self.tell(management.get(&format!("enrolments/{id}"), &[]).await?)
    }

    async fn say(&self, management: &Management, word: &str, given: &Word) -> Result<String, String> {
        let body = json!({ "by": given.signed.by, "reason": given.signed.reason, "late": given.late });
        self.tell(management.post(&format!("enrolments/{}/{word}", segment(&given.id)), &body).await?)
    }

    fn tell(&self, found: Value) -> Result<String, String> {
        if self.place.json {
            return Ok(format!("{found:#}\n"));
        }
        let story: Story =
            serde_json::from_value(found).map_err(|why| format!("the story can't be read: {why}"))?;
        Ok(explain(&story, &Local))
    }
}

/// Up to `limit` items, page by page, and where it would go on.
async fn gather(management: &Management, wanted: &Wanted) -> Result<List<Item>, String> {
    let most = usize::try_from(wanted.limit).unwrap_or(usize::MAX);
    let filters = [
        ("tenant", &wanted.tenant),
        ("state", &wanted.state),
        ("session", &wanted.session),
        ("learner", &wanted.learner),
    ];
    let mut query: Vec<(&str, String)> =
        filters.into_iter().filter_map(|(name, value)| Some((name, value.clone()?))).collect();
    let fixed = query.len();
    let mut found = List { items: Vec::new(), next: None };
    loop {
        query.truncate(fixed);
        query.extend(found.next.take().map(|next| ("after", next)));
        query.push(("limit", (most - found.items.len()).min(1000).to_string()));
        let page: List<Item> = management.get("enrolments", &query).await?;
        found.items.extend(page.items);
        found.next = page.next;
        if found.next.is_none() || found.items.len() >= most {
            return Ok(found);
        }
    }
}

/// Learner keys are personal: they stand in the stories only, and are asked for one by one.
const AT_ONCE: usize = 8;

async fn list(management: &Management, wanted: &Wanted, as_json: bool) -> Result<String, String> {
    let found = gather(management, wanted).await?;
    let hashed = |item: &Item| item.id.rsplit('.').next().unwrap_or_default().to_owned();
    let learners: Vec<String> = match wanted.show_learners {
        false => found.items.iter().map(hashed).collect(),
        true => {
            futures::stream::iter(&found.items)
                .map(|item| async {
                    let story: Story = management.get(&format!("enrolments/{}", item.id), &[]).await?;
                    Ok::<_, String>(story.learner.into_string())
                })
                .buffered(AT_ONCE)
                .try_collect()
                .await?
        }
    };
    if as_json {
        let mut shown = json!(found);
        if wanted.show_learners {
            let items = shown.get_mut("items").and_then(Value::as_array_mut);
            for (item, learner) in items.into_iter().flatten().zip(learners) {
                if let Some(members) = item.as_object_mut() {
                    members.insert("learner".to_owned(), learner.into());
                }
            }
        }
        return Ok(format!("{shown:#}\n"));
    }
    if found.items.is_empty() {
        return Ok("No enrolments.\n".to_owned());
    }
    let head = ["STATE", "TENANT", "SESSION", "LEARNER", "START", "DUE", "VERDICT", "OUTCOME", "ID"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for (item, learner) in found.items.iter().zip(learners) {
        let word = |word: &Option<String>| word.clone().unwrap_or_else(|| "-".to_owned());
        rows.push(vec![
            state(item),
            item.tenant.to_string(),
            item.session.clone(),
            learner,
            maybe(item.start, &Local),
            maybe(item.due, &Local),
            word(&item.verdict),
            word(&item.outcome),
            item.id.clone(),
        ]);
    }
    let count = counted(found.items.len(), "enrolment", "enrolments");
    let more = found.next.map(|_| "; there are more: raise --limit, or ask for less").unwrap_or_default();
    Ok(format!("{}{count}{more}.\n{}", aligned(&rows), held_back(&found.items)))
}

/// On its way to the LMS, and held back.
fn is_held(item: &Item) -> bool {
    item.held.is_some() && matches!(item.state.as_str(), "waiting" | "running")
}

fn state(item: &Item) -> String {
    let mark = if item.canary { " (canary)" } else { "" };
    if is_held(item) { format!("{}, held back{mark}", item.state) } else { format!("{}{mark}", item.state) }
}

/// Why some are held back, each reason once.
fn held_back(items: &[Item]) -> String {
    let mut reasons: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for item in items.iter().filter(|item| is_held(item)) {
        *reasons.entry((item.tenant.as_str(), item.held.as_deref().unwrap_or_default())).or_default() += 1;
    }
    let told = |((tenant, why), count): (&(&str, &str), &usize)| {
        format!("Held back of {tenant}: {count}, because {why}.\n")
    };
    reasons.iter().map(told).collect()
}

/// The one enrolment of a learner in a session.
async fn find(
    management: &Management,
    tenant: Option<&String>,
    learner: Option<&str>,
    session: Option<&str>,
) -> Result<String, String> {
    let wanted = Wanted {
        tenant: tenant.cloned(),
        learner: learner.map(str::to_owned),
        session: session.map(str::to_owned),
        limit: 10,
        ..Wanted::default()
    };
    let found = gather(management, &wanted).await?;
    match found.items.as_slice() {
        [one] => Ok(one.id.clone()),
        [] => Err(format!(
            "no enrolment of this learner in session {} is known; `regrets ledger list --learner …` shows \
             theirs, by what \
             the LMS knows them by",
            session.unwrap_or_default()
        )),
        many => {
            let tenants: Vec<&str> = many.iter().map(|item| item.tenant.as_str()).collect();
            Err(format!("several tenants have it; name one by --tenant: {}", tenants.join(", ")))
        }
    }
}
