use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use super::{Message, SendError, Sender, mime};

/// Mails as `.eml` files, readable by their owner alone: they hold sign-in links.
#[derive(Debug, Clone)]
pub struct Files {
    directory: PathBuf,
    sender: Sender,
}

impl Files {
    pub(super) fn new(directory: PathBuf, sender: Sender) -> Self {
        Self { directory, sender }
    }

    /// Where the files are.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Writes `20261122T103000-42-votre-lien-de-connexion.eml` (UTC), whole or not at all. A row
    /// that is sent again takes the place of its first file, whatever the time.
    pub(super) async fn send(
        &self,
        id: i64,
        message: &Message,
        now: DateTime<Utc>,
    ) -> Result<(), SendError> {
        let mail = mime::build(&self.sender, id, message, now)?.formatted();
        let stamp = now.format("%Y%m%dT%H%M%S");
        let name = format!("{stamp}-{id}-{}.eml", slug(&message.subject));
        let directory = self.directory.clone();
        tokio::task::spawn_blocking(move || write_whole(&directory, id, &name, &mail))
            .await
            .map_err(io::Error::other)
            .flatten()
            .map_err(|error| {
                let directory = self.directory.display();
                SendError::temporary(format_args!("cannot write into {directory}: {error}"))
            })
    }
}

fn write_whole(directory: &Path, id: i64, name: &str, mail: &[u8]) -> io::Result<()> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(directory)?;
    let path = find_written(directory, id)?.unwrap_or_else(|| directory.join(name));
    let draft = directory.join(format!(".{id}.part"));
    // What a crash left behind.
    match fs::remove_file(&draft) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&draft)?;
    file.write_all(mail)?;
    file.sync_all()?;
    fs::rename(&draft, path)?;
    File::open(directory)?.sync_all()
}

/// The file of this row, if an earlier try wrote it.
fn find_written(directory: &Path, id: i64) -> io::Result<Option<PathBuf>> {
    let prefix = format!("{id}-");
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        let is_this = path
            .file_name()
            .and_then(|name| name.to_str()?.strip_suffix(".eml")?.split_once('-'))
            .is_some_and(|(_, rest)| rest.starts_with(&prefix));
        if is_this {
            return Ok(Some(path));
        }
    }
    Ok(None)
}

/// The ASCII letters and digits of the subject, for the eye.
fn slug(subject: &str) -> String {
    let slug = subject
        .to_lowercase()
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join("-");
    slug.chars().take(60).collect()
}
