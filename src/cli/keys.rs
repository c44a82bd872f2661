//! Keys of our actors, for who administers the machine.

use anyhow::Context as _;
use clap::Subcommand;

use super::explain;
use crate::{
    app::{
        App,
        key_rotation::{self, Rotation, RsaPair},
    },
    domain::addresses::INSTANCE_HANDLE,
    federation::keys::RsaKeyPair,
};

#[derive(Debug, Subcommand)]
pub enum KeyCommand {
    /// Give an actor other keys, and tell the servers that know it.
    Rotate {
        /// What stands before the @: `relay`, `annonces`, the name of a structure…
        handle: String,
        /// Somebody may have read the former keys: what they signed is signed anew.
        #[arg(long)]
        compromised: bool,
    },
}

/// Runs a command about keys.
pub async fn run(app: &App, command: KeyCommand) -> anyhow::Result<()> {
    let KeyCommand::Rotate {
        handle,
        compromised,
    } = command;
    let pair = RsaKeyPair::generate().context("a key pair cannot be made")?;
    let (public_pem, private_pem) = (pair.public_key_pem()?, pair.to_pkcs8_pem()?);
    let pair = RsaPair {
        public_pem: &public_pem,
        private_pem: &private_pem,
    };
    let why = if compromised {
        Rotation::Compromised
    } else {
        Rotation::Precaution
    };
    let again = key_rotation::rotate(app, &handle, &pair, why)
        .await
        .map_err(explain)?;
    eprintln!("{handle} has new keys; the servers that know it are told.");
    if again > 0 {
        eprintln!("Recommendations signed anew: {again}.");
    }
    if handle == INSTANCE_HANDLE {
        eprintln!("Restart the service: it still reads other sites with the former key.");
    }
    Ok(())
}
