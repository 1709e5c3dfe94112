//! The national clouds: where to log in and where Graph is (reference/entra.md#clouds).

use schemars::JsonSchema;
use serde::Deserialize;
use url::Url;

/// Where one cloud logs in and serves Graph, each without path or version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Endpoints {
    pub authority: &'static str,
    pub graph: &'static str,
}

/// The table itself. For China two login hosts are known; this is that of the current pages
/// (reference/entra.md#clouds).
pub const fn endpoints(cloud: Cloud) -> Endpoints {
    match cloud {
        Cloud::Global => {
            Endpoints { authority: "https://login.microsoftonline.com", graph: "https://graph.microsoft.com" }
        }
        Cloud::UsGov => {
            Endpoints { authority: "https://login.microsoftonline.us", graph: "https://graph.microsoft.us" }
        }
        Cloud::UsGovDod => Endpoints {
            authority: "https://login.microsoftonline.us",
            graph: "https://dod-graph.microsoft.us",
        },
        Cloud::China => Endpoints {
            authority: "https://login.partner.microsoftonline.cn",
            graph: "https://microsoftgraph.chinacloudapi.cn",
        },
    }
}

/// The audience of a managed identity's token that is to serve as an assertion for an app of this cloud.
pub(crate) const fn exchange_audience(cloud: Cloud) -> &'static str {
    match cloud {
        Cloud::Global => "api://AzureADTokenExchange",
        Cloud::UsGov | Cloud::UsGovDod => "api://AzureADTokenExchangeUSGov",
        Cloud::China => "api://AzureADTokenExchangeChina",
    }
}

/// The scope that asks for every application permission consented to: `{Graph's host}/.default`.
pub(crate) fn scope(graph: &Url) -> String {
    format!("{}/.default", graph.as_str().trim_end_matches('/'))
}

/// A national cloud of Microsoft.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Cloud {
    Global,
    #[serde(rename = "usgov")]
    UsGov,
    #[serde(rename = "usgov-dod")]
    UsGovDod,
    China,
}

#[cfg(test)]
#[path = "cloud_tests.rs"]
mod tests;
