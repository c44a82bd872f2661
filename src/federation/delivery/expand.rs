//! From what our actors say to one delivery per inbox.

use serde_json::Value;

use crate::{
    app::{
        App, AppError,
        expansion::{self, Bodies, Expanding, Remaining},
    },
    federation::outgoing,
};

/// Chunks of recipients before another activity has its turn.
const TURN: usize = 20;

/// Works on the activity that has waited longest, for one turn; gives how many chunks of
/// recipients were served, 0 when nothing was due.
pub async fn expand_due(app: &App) -> Result<usize, AppError> {
    let Some(expanding) = expansion::claim_next(app).await? else {
        return Ok(0);
    };
    let Some(mut expanding) = with_bodies(app, expanding).await? else {
        return Ok(1);
    };
    for chunks in 1..=TURN {
        if expansion::expand_chunk(app, &mut expanding).await? == Remaining::None {
            return Ok(chunks);
        }
    }
    expansion::give_back(app, &expanding).await?;
    Ok(TURN)
}

/// Makes the bytes of an activity when nobody did; `None` when there is nothing left to do now.
async fn with_bodies(app: &App, expanding: Expanding) -> Result<Option<Expanding>, AppError> {
    if !expanding.is_new() {
        return Ok(Some(expanding));
    }
    match outgoing::render(app, expanding.activity()).await {
        Ok(rendered) => {
            let bodies = rendered.map_or_else(Bodies::default, |rendered| Bodies {
                note: rendered.note.as_ref().map(Value::to_string),
                article: rendered.article.as_ref().map(Value::to_string),
            });
            expansion::keep_bodies(app, expanding, bodies).await
        }
        Err(error) => {
            tracing::error!(activity = expanding.activity().uri, %error, "cannot be put into words");
            expansion::postpone(app, &expanding).await?;
            Ok(None)
        }
    }
}
