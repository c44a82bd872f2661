//! What the site is on the fediverse, for who administers the machine.

use clap::Subcommand;

use super::explain;
use crate::{
    app::{App, Who, actors},
    federation::keys::RsaKeyPair,
};

#[derive(Debug, Subcommand)]
pub enum ActorCommand {
    /// Give an actor a new key pair, when the old one may have been read by somebody. Its followers
    /// are told; restart the server afterwards when the actor is `relay`.
    ChangeKey {
        /// `relay`, `annonces`, or `annonce_` and the number of an ad.
        #[arg(long)]
        handle: String,
    },
}

pub async fn run(app: &App, command: ActorCommand) -> anyhow::Result<()> {
    let ActorCommand::ChangeKey { handle } = command;
    let pair = RsaKeyPair::generate()?;
    let keys = (&*pair.public_key_pem()?, &*pair.to_pkcs8_pem()?);
    actors::change_key(app, &Who::System, &handle, keys)
        .await
        .map_err(explain)?;
    eprintln!("{handle} has a new key; its followers are being told.");
    Ok(())
}
