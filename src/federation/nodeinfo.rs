//! NodeInfo 2.0 and 2.1: what software this is, and how much it is used (FEP-f1d5, FEP-0151).

use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    app::{App, AppError, figures},
    domain::addresses::INSTANCE_PATH,
};

/// Name by which other servers know our software.
pub const SOFTWARE: &str = "emancipasso";

/// Versions of the schema we answer in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SchemaVersion {
    V2_0,
    V2_1,
}

impl SchemaVersion {
    /// As written in addresses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V2_0 => "2.0",
            Self::V2_1 => "2.1",
        }
    }

    /// From an address.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "2.0" => Some(Self::V2_0),
            "2.1" => Some(Self::V2_1),
            _ => None,
        }
    }

    /// Media type of the document.
    pub fn media_type(self) -> String {
        format!(
            "application/json; profile=\"http://nodeinfo.diaspora.software/ns/schema/{}#\"",
            self.as_str()
        )
    }
}

/// `/.well-known/nodeinfo`: where the documents are, and our instance actor (FEP-2677).
pub fn links(app: &App) -> Value {
    let schema = |version: SchemaVersion| {
        json!({
            "rel": format!("http://nodeinfo.diaspora.software/ns/schema/{}", version.as_str()),
            "href": app.url(&format!("/nodeinfo/{}", version.as_str())),
        })
    };
    json!({
        "links": [
            schema(SchemaVersion::V2_0),
            schema(SchemaVersion::V2_1),
            {
                "rel": "https://www.w3.org/ns/activitystreams#Application",
                "href": app.url(INSTANCE_PATH),
            },
        ]
    })
}

/// A NodeInfo document.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NodeInfoDocument {
    version: &'static str,
    software: SoftwareDocument,
    protocols: [&'static str; 1],
    services: Value,
    open_registrations: bool,
    usage: Value,
    metadata: Value,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct SoftwareDocument {
    name: &'static str,
    version: &'static str,
}

/// The document in one version of the schema.
pub async fn document(app: &App, version: SchemaVersion) -> Result<NodeInfoDocument, AppError> {
    let figures = figures::read(app).await?;
    let instance = &app.config().instance;
    Ok(NodeInfoDocument {
        version: version.as_str(),
        software: SoftwareDocument {
            name: SOFTWARE,
            version: env!("CARGO_PKG_VERSION"),
        },
        protocols: ["activitypub"],
        services: json!({ "inbound": [], "outbound": ["atom1.0"] }),
        open_registrations: true,
        usage: json!({
            "users": {
                "total": figures.accounts,
                "activeMonth": figures.accounts_active_month,
                "activeHalfyear": figures.accounts_active_half_year,
            },
            "localPosts": figures.posts,
            "localComments": 0,
        }),
        metadata: json!({ "nodeName": instance.name, "nodeDescription": instance.description }),
    })
}
