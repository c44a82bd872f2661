//! What the administrator decided about whole remote hosts.

use std::collections::{HashMap, HashSet};

use crate::{
    app::{App, AppError, Who, permissions},
    domain::federation::{DomainPolicy, PolicyLevel},
    store::{Read, audit, domain_policies},
};

/// Labels of a host name that are looked at, from the right: names deeper than that are decided on
/// by their parents.
const MOST_LABELS: usize = 8;

/// The decision that holds for a host: its own, or that of a domain above it. A port is left out.
pub async fn find_level(app: &App, host: &str) -> Result<Option<PolicyLevel>, AppError> {
    let mut tx = app.store().read().await?;
    find_level_in(&mut tx, host).await
}

/// The same, inside a transaction.
pub(crate) async fn find_level_in(
    tx: &mut Read,
    host: &str,
) -> Result<Option<PolicyLevel>, AppError> {
    for candidate in candidates(host) {
        if let Some(policy) = domain_policies::find(tx, &candidate).await? {
            return Ok(Some(policy.level));
        }
    }
    Ok(None)
}

/// Which of these hosts are suspended, by the same rule.
pub(crate) async fn list_suspended<'a>(
    tx: &mut Read,
    hosts: &HashSet<&'a str>,
) -> Result<HashSet<&'a str>, AppError> {
    let named: HashSet<String> = hosts.iter().flat_map(|host| candidates(host)).collect();
    let named: Vec<&str> = named.iter().map(String::as_str).collect();
    let decided: HashMap<String, PolicyLevel> = domain_policies::list_among(tx, &named)
        .await?
        .into_iter()
        .map(|policy| (policy.host, policy.level))
        .collect();
    let level_of = |host: &str| {
        let mut names = candidates(host).into_iter();
        names.find_map(|name| decided.get(&name).copied())
    };
    Ok(hosts
        .iter()
        .copied()
        .filter(|host| level_of(host) == Some(PolicyLevel::Suspend))
        .collect())
}

/// Decides about a host.
pub async fn save(app: &App, who: &Who, policy: &DomainPolicy) -> Result<(), AppError> {
    permissions::moderate(who)?;
    let mut tx = app.store().write().await?;
    domain_policies::save(&mut tx, policy, app.now()).await?;
    app.audit(&mut tx, who, entry("domain_policy.save", &policy.host))
        .await?;
    tx.commit().await?;
    Ok(())
}

/// Takes a decision back.
pub async fn delete(app: &App, who: &Who, host: &str) -> Result<(), AppError> {
    permissions::moderate(who)?;
    let mut tx = app.store().write().await?;
    if domain_policies::delete(&mut tx, host).await? {
        app.audit(&mut tx, who, entry("domain_policy.delete", host))
            .await?;
    }
    tx.commit().await?;
    Ok(())
}

/// A host has no number: its name is the detail.
fn entry<'a>(action: &'a str, host: &'a str) -> audit::Entry<'a> {
    audit::Entry {
        action,
        subject_kind: "domain_policy",
        subject_id: 0,
        detail: host,
    }
}

/// The host itself, then each domain above it that has at least two labels.
fn candidates(host: &str) -> Vec<String> {
    let host = host.to_ascii_lowercase();
    let host = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host.as_str(),
    };
    let host = host.trim_end_matches('.');
    let labels: Vec<&str> = host.split('.').collect();
    let first = labels.len().saturating_sub(MOST_LABELS);
    let last = labels.len().saturating_sub(1).max(first + 1);
    (first..last)
        .filter_map(|start| labels.get(start..))
        .map(|labels| labels.join("."))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decision_about_a_domain_holds_for_the_hosts_below_it() {
        assert_eq!(
            candidates("A.social.example:8443"),
            ["a.social.example", "social.example"]
        );
        assert_eq!(candidates("localhost"), ["localhost"]);
        assert_eq!(candidates("social.example."), ["social.example"]);
        let deep = "a.".repeat(50) + "evil.example";
        assert_eq!(candidates(&deep).last().unwrap(), "evil.example");
        assert!(candidates(&deep).len() < 10);
    }
}
