use std::time::{Duration, Instant};

use proptest::prelude::*;
use scraper::{Html, Node};

use super::*;

fn page(typed: &str) -> String {
    Markdown::new(typed).page_html()
}

fn wire(typed: &str) -> String {
    Markdown::new(typed).wire_html()
}

#[test]
fn markdown_becomes_the_elements_of_our_pages() {
    assert_eq!(
        page("# Besoin\n\n**Un** *agenda*\n\n- un\n- deux\n\n> cité\n\n`code`"),
        "<h3>Besoin</h3>\n<p><strong>Un</strong> <em>agenda</em></p>\n<ul>\n<li>un</li>\n\
         <li>deux</li>\n</ul>\n<blockquote>\n<p>cité</p>\n</blockquote>\n<p><code>code</code></p>\n"
    );
}

#[test]
fn line_ends_are_kept_as_people_typed_them() {
    assert_eq!(page("un\ndeux"), "<p>un<br>\ndeux</p>\n");
}

#[test]
fn links_do_not_pass_anything_on() {
    assert_eq!(
        page("[ici](https://exemple.org/?a=1&b=2)"),
        "<p><a href=\"https://exemple.org/?a=1&amp;b=2\" rel=\"nofollow noopener noreferrer ugc\">ici</a></p>\n"
    );
    for wrong in [
        "[x](javascript:alert)",
        "[x](data:text/html,x)",
        "[x](/admin)",
        "[x](//exemple.org)",
    ] {
        assert_eq!(page(wrong), "<p>x</p>\n", "{wrong}");
    }
    assert!(page("<camille@exemple.org>").contains("href=\"mailto:camille@exemple.org\""));
}

#[test]
fn bare_addresses_become_links_without_the_punctuation_of_the_sentence() {
    let html = page("Voir https://exemple.org/a_b_c, ou (http://exemple.org/x).");
    assert!(
        html.contains(">https://exemple.org/a_b_c</a>, ou"),
        "{html}"
    );
    assert!(html.contains(">http://exemple.org/x</a>)."), "{html}");
    let literal = page("`https://exemple.org` [https://a.example](https://b.example)");
    assert_eq!(literal.matches("<a ").count(), 1, "{literal}");
}

#[test]
fn html_in_markdown_shows_as_typed() {
    for typed in [
        "<script>alert(1)</script>",
        "un <b>mot</b>",
        "<div onclick=x>a</div>",
    ] {
        let html = page(typed);
        assert_eq!(plain_text(&html), typed);
        assert!(html.contains("&lt;"), "{html}");
    }
}

#[test]
fn the_wire_has_no_heading_and_no_image() {
    assert_eq!(wire("## Titre"), "<p><strong>Titre</strong></p>\n");
    assert_eq!(
        wire("![un chat](https://exemple.org/chat.png)"),
        "<p>un chat</p>\n"
    );
    assert_eq!(
        page("![un chat](https://exemple.org/chat.png)"),
        "<p>un chat</p>\n"
    );
}

#[test]
fn remote_texts_keep_mentions_hashtags_and_shortened_addresses() {
    let sent = "<p><span class=\"h-card x\"><a href=\"https://a.example/@b\" class=\"u-url mention\" \
                target=\"_blank\" onclick=\"x\">@<span>b</span></a></span><br />\
                <span class=\"invisible\">https://</span><span class=\"ellipsis evil\">a</span></p>";
    assert_eq!(
        sanitise_remote(sent),
        "<p><span class=\"h-card\"><a href=\"https://a.example/@b\" class=\"mention u-url\" \
         rel=\"nofollow noopener noreferrer ugc\">@<span>b</span></a></span><br>\
         <span class=\"invisible\">https://</span><span class=\"ellipsis\">a</span></p>"
    );
}

#[test]
fn remote_texts_lose_whatever_could_act_or_load() {
    for sent in [
        "<script>alert(1)</script>",
        "<style>p{}</style>",
        "<img src=x onerror=alert(1)>",
        "<iframe src=https://a.example></iframe>",
        "<svg><script>alert(1)</script></svg>",
        "<math><mtext></math>",
        "<textarea></textarea>",
        "<template><b>x</b></template>",
        "<!-- <b>x</b> -->",
        "<p style=\"x\" id=\"y\" class=\"z\"></p>",
    ] {
        let html = sanitise_remote(sent);
        assert!(matches!(html.trim(), "" | "<p></p>"), "{sent} gave {html}");
    }
    for sent in [
        "<a href=\"javascript:alert(1)\">x</a>",
        "<a href=\" java\tscript:alert(1)\">x</a>",
        "<a href=\"/x\">x</a>",
        "<a href=\"mailto:a@b.example\">x</a>",
        "<object>x</object>",
    ] {
        assert_eq!(sanitise_remote(sent), "x", "{sent}");
    }
}

#[test]
fn remote_headings_and_tables_stay_readable() {
    assert_eq!(
        sanitise_remote("<h1>Titre</h1><p>Texte</p>"),
        "<p><strong>Titre</strong></p><p>Texte</p>"
    );
    let table = sanitise_remote("<table><tr><td>un</td><td>deux</td></tr></table>");
    assert_eq!(table.split_whitespace().collect::<Vec<_>>(), ["un", "deux"]);
    assert_eq!(
        sanitise_remote("<ul><li>un<li>deux</ul>"),
        "<ul><li>un</li><li>deux</li></ul>"
    );
}

#[test]
fn plain_text_has_a_line_for_each_paragraph() {
    assert_eq!(
        plain_text(
            "<p>L&#39;été\n &amp; moi<br>ici</p><script>x</script><ul><li>un</li><li>deux</li></ul>"
        ),
        "L'été & moi\nici\nun\ndeux"
    );
}

#[test]
fn an_excerpt_is_cut_between_words() {
    assert_eq!(excerpt("Un agenda\n partagé", 40), "Un agenda partagé");
    assert_eq!(excerpt("Un agenda partagé", 12), "Un agenda…");
    assert_eq!(excerpt("Un agenda, partagé", 11), "Un agenda…");
    assert_eq!(excerpt("Un agenda partagé", 10), "Un agenda…");
    assert_eq!(excerpt("anticonstitutionnellement", 5), "anti…");
    assert_eq!(excerpt("mot", 0), "");
}

/// Texts that make careless parsers take a time or a room out of proportion.
fn bombs() -> Vec<String> {
    let repeated = |unit: &str| unit.repeat(8_000 / unit.len());
    let numbered = |begin: &str, end: &str| {
        let numbers = (0..1_000).map(|number| [begin, &number.to_string(), end].concat());
        numbers.collect::<Vec<_>>().concat()
    };
    let mut bombs: Vec<String> = [
        ">",
        "> - ",
        "- ",
        "[",
        "![",
        "[a](",
        "*a ",
        "**a*",
        "_a_b",
        "`",
        "`` ` ",
        "<",
        "</",
        "<!--",
        "<div>",
        "<p>",
        "<b>",
        "<b><p>",
        "<a href=\"https://a.example\">",
        "<blockquote>",
        "<ul><li>",
        "<table><tr><td>",
        "<svg>",
        "<select><option>",
        "<font color=x>",
        "&amp",
        "&#x41;",
        "\0",
        "</p>",
        "https://a.example/((",
        "http://",
        "<li>",
        "<h1>",
        "\u{fdfa}",
    ]
    .into_iter()
    .map(repeated)
    .collect();
    bombs.push(format!("{}{}", numbered("<b a", "=1>"), repeated("<p>")));
    bombs.push(format!(
        "{}{}",
        numbered("<i><b class=c", "></i>"),
        repeated("<p>x")
    ));
    bombs.push(format!("<a {}>", numbered("x", "=1 ")));
    bombs.push(format!("[a]: /u\n\n{}", repeated("[a][a]")));
    bombs
}

#[test]
fn bombs_take_a_bounded_time_room_and_depth() {
    for bomb in bombs() {
        let begin = bomb.chars().take(12).collect::<String>();
        let started = Instant::now();
        let answers = [page(&bomb), wire(&bomb), sanitise_remote(&bomb)];
        let _ = plain_text(&bomb);
        // Well under a second each, even in a debug build on a busy machine.
        assert!(
            started.elapsed() < Duration::from_secs(15),
            "{begin} took {:?}",
            started.elapsed()
        );
        for html in answers {
            assert!(
                html.len() <= 20 * bomb.len(),
                "{begin} gave {} bytes",
                html.len()
            );
            assert!(depth(&html) <= 64, "{begin} is {} deep", depth(&html));
        }
    }
}

#[test]
fn what_exceeds_the_limits_is_left_out() {
    let huge = "<p>é</p>".repeat(100_000);
    for html in [page(&huge), wire(&huge), sanitise_remote(&huge)] {
        assert!(html.len() < 10 * Markdown::MAX_BYTES);
    }
    assert!(Markdown::new(&huge).as_str().len() <= Markdown::MAX_BYTES);
}

/// How deep elements stand in one another: answers are well nested, `br` alone has no end.
fn depth(html: &str) -> usize {
    let tags = html
        .split('<')
        .skip(1)
        .filter(|tag| !tag.starts_with("br>"));
    let depths = tags.scan(0_usize, |depth, tag| {
        *depth = if tag.starts_with('/') {
            *depth - 1
        } else {
            *depth + 1
        };
        Some(*depth)
    });
    depths.max().unwrap_or(0)
}

/// Everything that a parser finds in an answer is on the lists above.
fn is_safe(html: &str, tags: &[&str], schemes: &[&str]) -> bool {
    let tree = Html::parse_fragment(html);
    tree.tree
        .root()
        .descendants()
        .skip(1)
        .all(|node| match node.value() {
            Node::Text(_) | Node::Fragment => true,
            Node::Element(element) => {
                element.name() == "html"
                    || tags.contains(&element.name())
                        && element.attrs().all(|(name, value)| match name {
                            "href" => schemes.iter().any(|scheme| value.starts_with(scheme)),
                            "rel" => value == LINK_REL,
                            "class" => value
                                .split(' ')
                                .all(|class| REMOTE_CLASSES.contains(&class)),
                            "start" => true,
                            _ => false,
                        })
            }
            _ => false,
        })
}

fn markup() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "<p>",
        "</p>",
        "<a href=\"https://a.example\">",
        "<a href='javascript:x'>",
        "</a>",
        "<b>",
        "</b>",
        "<ul>",
        "<li>",
        "</ul>",
        "<script>",
        "</script>",
        "<svg>",
        "</svg>",
        "<math>",
        "<style>",
        "<img src=x>",
        "<table>",
        "<td>",
        "</table>",
        "<h2>",
        "</h2>",
        "<span class=\"mention x\">",
        "</span>",
        "texte ",
        "&lt;",
        "<!--",
        "-->",
        "<",
        ">",
        "\"",
        "'",
        "&",
        "\0",
        "*",
        "**",
        "`",
        "[",
        "](",
        ")",
        "\n",
        "> ",
        "- ",
        "# ",
        "https://a.example",
        "<title>",
        "<noscript>",
        "<template>",
        "<textarea>",
        "<plaintext>",
        "<p/>",
    ]);
    prop::collection::vec(pieces, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn whatever_is_sent_only_known_elements_come_out(text in markup()) {
        prop_assert!(is_safe(&sanitise_remote(&text), &REMOTE_TAGS, &["http://", "https://"]));
        let schemes = ["http://", "https://", "mailto:"];
        prop_assert!(is_safe(&page(&text), &PAGE_TAGS, &schemes));
        prop_assert!(is_safe(&wire(&text), &WIRE_TAGS, &schemes));
    }

    #[test]
    fn sanitising_twice_changes_nothing_more(text in markup()) {
        let once = sanitise_remote(&text);
        prop_assert_eq!(sanitise_remote(&once), once.clone());
    }

    #[test]
    fn any_text_is_read_without_panic_and_without_nul(text in any::<String>(), max in 0_usize..50) {
        for html in [page(&text), wire(&text), sanitise_remote(&text), plain_text(&text)] {
            prop_assert!(!html.contains('\0'));
        }
        prop_assert!(count_chars(&excerpt(&text, max)) <= max);
    }
}

#[test]
fn plain_text_becomes_paragraphs_and_nothing_else() {
    assert_eq!(
        paragraphs("Un <b>mot</b> & *deux*\nsuite\n\n\n  fin "),
        "<p>Un &lt;b&gt;mot&lt;/b&gt; &amp; *deux*<br />\nsuite</p>\n<p>fin</p>\n"
    );
    assert_eq!(paragraphs(" \n\n "), "");
}
