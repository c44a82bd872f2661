//! The tokens of an HTML text, as the standard reads them.

use std::cell::RefCell;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{
    BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};

/// What reads the tokens of a text, in order.
pub(super) trait Reader {
    /// An element begins.
    fn start(&mut self, tag: &Tag);
    /// An element ends; it may never have begun.
    fn end(&mut self, name: &str);
    /// Text, with its character references resolved.
    fn text(&mut self, text: &str);
}

/// Reads a text. Scripts, styles, drawings and what else is not text to read are left out with all
/// they hold, and so are comments.
pub(super) fn read<R: Reader>(html: &str, reader: R) -> R {
    let sink = Sink(RefCell::new(State {
        reader,
        hidden: None,
    }));
    let tokenizer = Tokenizer::new(sink, TokenizerOpts::default());
    let queue = BufferQueue::default();
    queue.push_back(StrTendril::from(html));
    // Without a tree builder nothing ever suspends the tokenizer: one call reads everything.
    let _ = tokenizer.feed(&queue);
    tokenizer.end();
    tokenizer.sink.0.into_inner().reader
}

struct Sink<R>(RefCell<State<R>>);

struct State<R> {
    reader: R,
    /// The name of the element whose content is left out.
    hidden: Option<String>,
}

impl<R: Reader> TokenSink for Sink<R> {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut state = self.0.borrow_mut();
        match token {
            Token::TagToken(tag) => return state.tag(&tag),
            Token::CharacterTokens(text) if state.hidden.is_none() => state.reader.text(&text),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

impl<R: Reader> State<R> {
    fn tag(&mut self, tag: &Tag) -> TokenSinkResult<()> {
        match (tag.kind, self.hidden.as_deref()) {
            (TagKind::EndTag, Some(hidden)) if hidden == &*tag.name => self.hidden = None,
            (_, Some(_)) => {}
            (TagKind::EndTag, None) => self.reader.end(&tag.name),
            (TagKind::StartTag, None) => {
                if !matches!(&*tag.name, "svg" | "math" | "template")
                    && raw_kind(&tag.name).is_none()
                {
                    self.reader.start(tag);
                } else if !tag.self_closing || raw_kind(&tag.name).is_some() {
                    self.hidden = Some(tag.name.to_string());
                }
                return raw_kind(&tag.name)
                    .map_or(TokenSinkResult::Continue, TokenSinkResult::RawData);
            }
        }
        TokenSinkResult::Continue
    }
}

/// Elements whose content is not markup.
fn raw_kind(name: &str) -> Option<RawKind> {
    match name {
        "script" => Some(RawKind::ScriptData),
        "title" | "textarea" => Some(RawKind::Rcdata),
        "style" | "xmp" | "iframe" | "noembed" | "noframes" => Some(RawKind::Rawtext),
        _ => None,
    }
}
