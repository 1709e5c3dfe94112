//! What a connector file is given on the command line, in place of a tenant's settings.

use crate::config::Env;
use crate::config::connector_settings::{Unfit, judge};
use crate::lms::engine::settings::{SettingValue, Settings};
use crate::lms::recipe::connector::{ConnectorFile, Setting, SettingKind};
use std::collections::BTreeMap;

#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct GivenArgs {
    /// A setting of the connector file
    #[arg(long = "set", value_name = "NAME=VALUE")]
    set: Vec<String>,
    /// A secret setting, and the environment variable that holds it
    #[arg(long = "secret", value_name = "NAME=VARIABLE")]
    secret: Vec<String>,
    /// A further host that addresses in answers may lead to
    #[arg(long = "host", value_name = "HOST")]
    hosts: Vec<String>,
    /// Membership of a whole course may be taken away
    #[arg(long)]
    allow_course_unenrol: bool,
}

impl GivenArgs {
    /// All settings of the file; the error says each that is missing or wrong.
    pub(super) fn settings(&self, file: &ConnectorFile, env: &Env) -> Result<Settings, String> {
        let mut wrong = Vec::new();
        let set = pairs(&self.set, "--set", &mut wrong);
        let secrets = pairs(&self.secret, "--secret", &mut wrong);
        for name in set.keys().chain(secrets.keys()) {
            if !file.settings.iter().any(|setting| setting.name == *name) {
                let known: Vec<&str> = file.settings.iter().map(|setting| setting.name.as_str()).collect();
                wrong.push(format!("the file has no setting `{name}`; it has {}", known.join(", ")));
            }
        }
        let mut values = BTreeMap::new();
        for setting in &file.settings {
            match value(setting, set.get(&setting.name), secrets.get(&setting.name), env) {
                Ok(value) => {
                    values.insert(setting.name.clone(), value);
                }
                Err(why) => wrong.push(why),
            }
        }
        if !wrong.is_empty() {
            return Err(wrong.join("\n"));
        }
        let hosts = self.hosts.iter().map(|host| host.to_lowercase()).collect();
        Ok(Settings { values, hosts, allow_course_unenrol: self.allow_course_unenrol })
    }
}

fn pairs(given: &[String], option: &str, wrong: &mut Vec<String>) -> BTreeMap<String, String> {
    let mut pairs = BTreeMap::new();
    for text in given {
        match text.split_once('=') {
            Some((name, value)) => {
                pairs.insert(name.trim().to_owned(), value.to_owned());
            }
            None => wrong.push(format!("{option} {text}: expected NAME=…")),
        }
    }
    pairs
}

fn value(
    setting: &Setting,
    set: Option<&String>,
    secret: Option<&String>,
    env: &Env,
) -> Result<SettingValue, String> {
    let Setting { name, kind, about, default, .. } = setting;
    if let SettingKind::Secret = kind {
        let Some(variable) = secret else {
            return Err(format!(
                "the secret `{name}` is missing: --secret {name}=VARIABLE names the environment variable \
                 that holds it ({about})"
            ));
        };
        return match env.get(variable).map(|text| text.trim()).filter(|text| !text.is_empty()) {
            Some(text) => Ok(SettingValue::Secret(text.to_owned().into())),
            None => Err(format!("the environment variable {variable} (for `{name}`) is not set")),
        };
    }
    if secret.is_some() {
        return Err(format!("`{name}` is no secret: give it by --set {name}=…"));
    }
    let text = match (set, default) {
        (Some(text), _) => text,
        // It was judged when the file was read.
        (None, Some(default)) => return Ok(SettingValue::Text(default.clone())),
        (None, None) => return Err(format!("the setting `{name}` is missing: --set {name}=… ({about})")),
    };
    match judge(setting, text) {
        Ok(value) => Ok(SettingValue::Text(value)),
        Err(Unfit { expected, why, hint }) => {
            let hint = hint.map_or_else(String::new, |hint| format!(" ({hint})"));
            Err(format!("--set {name}={text}: expected {expected}: {why}{hint}"))
        }
    }
}
