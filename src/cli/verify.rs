//! `emancipasso verify`: whether a recommendation of any site would count here, check by check.

use std::{
    io::{self, Write as _},
    process::ExitCode,
};

use anyhow::anyhow;

use crate::{
    app::{App, verification},
    domain::recommendation_policy::Outcome,
    federation::context::Federation,
    locales::{Locale, Texts},
};

/// In the language of those who read recommendations.
const TEXTS: Texts = Texts::of(Locale::Fr);

/// Prints what was found. 0 when it would count, 1 otherwise.
pub async fn run(app: &App, address: &str) -> anyhow::Result<ExitCode> {
    let federation = Federation::new(app.clone())?;
    let found = verification::examine(app, &federation, address).await?;
    let verdict = found.map_err(|reason| anyhow!("{}", TEXTS.no_evidence(reason)))?;
    let mut out = io::stdout().lock();
    let (evidence, judgement) = (&verdict.evidence, &verdict.judgement);
    if !evidence.title.is_empty() {
        writeln!(out, "{}", evidence.title)?;
    }
    writeln!(out, "{}.", TEXTS.policy_outcome(judgement.outcome))?;
    if judgement.outcome != Outcome::Withdrawn {
        for (check, passed) in &judgement.checks {
            if *passed {
                writeln!(out, "  oui  {}", TEXTS.check_passed(*check))?;
            } else {
                writeln!(out, "  NON  {}", TEXTS.check_failed(*check))?;
            }
        }
    }
    if let Some(flaw) = evidence.flaw {
        writeln!(out, "{}", TEXTS.proof_flaw(flaw))?;
    }
    for voucher in &evidence.vouchers {
        writeln!(out, "Garant : {} ({})", voucher.site.name, voucher.site.uri)?;
    }
    Ok(if judgement.outcome == Outcome::Count {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
