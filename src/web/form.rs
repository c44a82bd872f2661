//! What a person typed in a form, and what is wrong with it.
//!
//! A refused form is rendered again with the same [`Form`]: nothing typed is lost.

/// The mistakes of a form: fields in the order of the page, each with its messages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FieldErrors(Vec<(String, Vec<String>)>);

impl FieldErrors {
    /// Adds a message to a field. Say what to do: « Donnez un titre à l’annonce ».
    pub fn add(&mut self, field: &str, message: impl Into<String>) {
        match self.0.iter_mut().find(|(name, _)| name == field) {
            Some((_, messages)) => messages.push(message.into()),
            None => self.0.push((field.to_owned(), vec![message.into()])),
        }
    }

    /// Adds the mistakes of another part of the page.
    pub fn append(&mut self, others: &Self) {
        for (field, message) in others.all() {
            self.add(field, message);
        }
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The messages of one field.
    pub fn of(&self, field: &str) -> &[String] {
        self.0
            .iter()
            .find(|(name, _)| name == field)
            .map_or(&[], |(_, messages)| messages)
    }

    /// Every message with its field, for the summary.
    pub fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().flat_map(|(field, messages)| {
            messages
                .iter()
                .map(move |message| (field.as_str(), message.as_str()))
        })
    }

    /// The number of messages.
    pub fn count(&self) -> usize {
        self.all().count()
    }
}

/// The content of a form: what was typed, or what is proposed, and its mistakes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Form {
    values: Vec<(String, String)>,
    /// What is wrong, field by field.
    pub errors: FieldErrors,
}

impl Form {
    /// A form from the pairs that a browser sent; a field may come several times.
    pub fn from_pairs(values: Vec<(String, String)>) -> Self {
        Self {
            values,
            errors: FieldErrors::default(),
        }
    }

    /// Fills a field in, before it is shown for the first time.
    #[must_use]
    pub fn with(mut self, field: &str, value: impl Into<String>) -> Self {
        self.values.push((field.to_owned(), value.into()));
        self
    }

    /// Puts a value in the place of what the field held.
    #[must_use]
    pub fn replacing(mut self, field: &str, value: impl Into<String>) -> Self {
        self.values.retain(|(name, _)| name != field);
        self.with(field, value)
    }

    /// The same content, with its mistakes.
    #[must_use]
    pub fn refused(mut self, errors: FieldErrors) -> Self {
        self.errors = errors;
        self
    }

    /// What the field holds; empty when it was not sent.
    pub fn value(&self, field: &str) -> &str {
        self.values(field).next().unwrap_or_default()
    }

    /// Everything that the field holds (checkboxes, several choices).
    pub fn values(&self, field: &str) -> impl Iterator<Item = &str> {
        self.values
            .iter()
            .filter(move |(name, _)| name == field)
            .map(|(_, value)| value.as_str())
    }

    /// Every field with what it holds, in the order they were sent.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.values
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Whether this choice of the field is taken.
    pub fn is_chosen(&self, field: &str, value: &str) -> bool {
        self.values(field).any(|chosen| chosen == value)
    }

    /// The mistakes of a field.
    pub fn errors_of(&self, field: &str) -> &[String] {
        self.errors.of(field)
    }

    /// Whether something is wrong with a field.
    pub fn has_error(&self, field: &str) -> bool {
        !self.errors.of(field).is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_stays_with_its_mistakes_in_order() {
        let mut errors = FieldErrors::default();
        errors.add("title", "Donnez un titre");
        errors.add("licence", "Choisissez une licence");
        errors.add("title", "Écrivez moins de 120 lettres");
        let form = Form::from_pairs(vec![
            ("title".into(), " Un\u{202f}titre ".into()),
            ("tag".into(), "a".into()),
            ("tag".into(), "b".into()),
        ])
        .refused(errors);
        assert_eq!(form.value("title"), " Un\u{202f}titre ");
        assert_eq!(form.value("absent"), "");
        assert!(form.is_chosen("tag", "b") && !form.is_chosen("tag", "c"));
        assert_eq!(form.errors.count(), 3);
        assert_eq!(
            form.errors
                .all()
                .map(|(field, _)| field)
                .collect::<Vec<_>>(),
            ["title", "title", "licence"]
        );
        assert!(form.has_error("licence") && !form.has_error("tag"));
    }
}
