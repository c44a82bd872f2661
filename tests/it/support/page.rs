//! What a browser received.

use reqwest::{
    Response,
    header::{HeaderMap, LOCATION},
};
use scraper::{ElementRef, Html, Selector};

#[derive(Clone, Debug)]
pub struct Page {
    pub status: u16,
    pub headers: HeaderMap,
    pub html: String,
}

impl Page {
    pub async fn read(response: Response) -> Self {
        Self {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            html: response.text().await.unwrap(),
        }
    }

    /// A header, or an empty text.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// Where it leads; an empty text when it is a page.
    pub fn location(&self) -> &str {
        self.header(LOCATION.as_str())
    }

    /// The words of the first element of a selector, white space folded; panics when there is none.
    pub fn text(&self, selector: &str) -> String {
        self.find_text(selector)
            .unwrap_or_else(|| panic!("no {selector} with status {}:\n{}", self.status, self.html))
    }

    /// The words of the first element of a selector.
    pub fn find_text(&self, selector: &str) -> Option<String> {
        self.texts(selector).into_iter().next()
    }

    /// The words of every element of a selector.
    pub fn texts(&self, selector: &str) -> Vec<String> {
        let selector = Selector::parse(selector).unwrap();
        Html::parse_document(&self.html)
            .select(&selector)
            .map(words)
            .collect()
    }

    /// An attribute of every element of a selector that has it.
    pub fn attributes(&self, selector: &str, name: &str) -> Vec<String> {
        let selector = Selector::parse(selector).unwrap();
        Html::parse_document(&self.html)
            .select(&selector)
            .filter_map(|element| element.attr(name).map(str::to_owned))
            .collect()
    }

    /// Whether an element of the selector is there.
    pub fn has(&self, selector: &str) -> bool {
        self.find_text(selector).is_some()
    }

    /// The fields of the form with this address, as a browser would send them untouched.
    pub fn form(&self, action: &str) -> Vec<(String, String)> {
        let document = Html::parse_document(&self.html);
        let forms = Selector::parse("form").unwrap();
        let form = document
            .select(&forms)
            .find(|form| form.attr("action") == Some(action))
            .unwrap_or_else(|| {
                panic!(
                    "no form to {action} with status {}:\n{}",
                    self.status, self.html
                )
            });
        let controls = Selector::parse("input, textarea, select").unwrap();
        form.select(&controls)
            .filter_map(|control| Some((control.attr("name")?.to_owned(), value_of(control)?)))
            .collect()
    }
}

fn words(element: ElementRef<'_>) -> String {
    let text: String = element.text().collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What a control sends; `None` when it sends nothing.
fn value_of(control: ElementRef<'_>) -> Option<String> {
    match control.value().name() {
        "textarea" => {
            let text: String = control.text().collect();
            Some(text.strip_prefix('\n').unwrap_or(&text).to_owned())
        }
        "select" => {
            let options = Selector::parse("option").unwrap();
            let chosen = control
                .select(&options)
                .find(|option| option.attr("selected").is_some())
                .or_else(|| control.select(&options).next())?;
            Some(
                chosen
                    .attr("value")
                    .map_or_else(|| words(chosen), str::to_owned),
            )
        }
        _ => match control.attr("type") {
            Some("checkbox" | "radio") if control.attr("checked").is_none() => None,
            Some("submit" | "button" | "file") => None,
            _ => Some(control.attr("value").unwrap_or_default().to_owned()),
        },
    }
}
