//! Accounts and keys of the JSON API, for who administers the machine.

use clap::{Subcommand, ValueEnum};

use super::explain;

use crate::{
    app::{
        App, Who,
        accounts::{self, NewAccount},
        api_tokens::{self, NewToken},
    },
    domain::account::Role,
};

#[derive(Debug, Subcommand)]
pub enum AccountCommand {
    /// Make an account; its owner signs in with a link sent to the address.
    Create {
        #[arg(long)]
        email: String,
        #[arg(long)]
        name: String,
        #[arg(long, default_value = "member")]
        role: RoleName,
        /// Language of their mails.
        #[arg(long, default_value = "fr", value_parser = ["fr", "en"])]
        locale: String,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum RoleName {
    Member,
    Moderator,
    Administrator,
}

impl From<RoleName> for Role {
    fn from(name: RoleName) -> Self {
        match name {
            RoleName::Member => Self::Member,
            RoleName::Moderator => Self::Moderator,
            RoleName::Administrator => Self::Administrator,
        }
    }
}

#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Make a key, and print it alone on the standard output. It is not shown again.
    Create {
        /// Address of the account it acts for.
        #[arg(long)]
        email: String,
        /// What it allows, separated by spaces: `ads:write moderation:write`.
        #[arg(long)]
        scopes: String,
        /// What its owner calls it.
        #[arg(long, default_value = "ligne de commande")]
        name: String,
    },
}

pub async fn account(app: &App, command: AccountCommand) -> anyhow::Result<()> {
    let AccountCommand::Create {
        email,
        name,
        role,
        locale,
    } = command;
    let new = NewAccount {
        email: &email,
        name: &name,
        role: role.into(),
        locale: &locale,
    };
    let account = accounts::create(app, &Who::System, new)
        .await
        .map_err(explain)?;
    eprintln!(
        "{} <{}> is now {}.",
        account.name, account.email, account.role
    );
    Ok(())
}

pub async fn token(app: &App, command: TokenCommand) -> anyhow::Result<()> {
    let TokenCommand::Create {
        email,
        scopes,
        name,
    } = command;
    let scopes = scopes
        .split([' ', ','])
        .filter(|word| !word.is_empty())
        .collect();
    let new = NewToken {
        name: &name,
        scopes,
    };
    let token = api_tokens::create_for(app, &Who::System, &email, new)
        .await
        .map_err(explain)?;
    println!("{}", token.expose());
    Ok(())
}
