//! Forms: fields with their values and what is wrong with them. The hotline checks every value; a form only asks.

use hotline_client::{FieldViolation, TextTemplateKind, Uuid};

use super::app::{Directory, named};
use super::content::Cell;
use super::language::Lang;
use super::values::Values;

/// How a field is entered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Line,
    Long,
    Number,
    Time,
    Check,
    Select,
    Many,
}

/// A choice of a field.
#[derive(Debug, Clone)]
pub(crate) struct Choice {
    pub(crate) value: String,
    pub(crate) label: String,
    pub(crate) is_chosen: bool,
}

/// A field of a form. Its name is the path of the field in the contract.
#[derive(Debug, Clone)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) label: String,
    pub(crate) hint: String,
    pub(crate) kind: Kind,
    pub(crate) value: String,
    pub(crate) choices: Vec<Choice>,
    pub(crate) is_required: bool,
    pub(crate) max: usize,
    pub(crate) error: Option<String>,
    /// The kind of the texts that it can begin with.
    pub(crate) template: Option<TextTemplateKind>,
}

/// A text that a field can begin with.
#[derive(Debug, Clone)]
pub(crate) struct TemplateChoice {
    /// The name of the field and the code of the template, with a colon between them.
    pub(crate) value: String,
    pub(crate) label: String,
    pub(crate) text: String,
}

/// The texts that a field can begin with.
#[derive(Debug, Clone)]
pub(crate) struct TemplateGroup {
    pub(crate) label: String,
    pub(crate) choices: Vec<TemplateChoice>,
}

impl Field {
    fn new(kind: Kind, name: &str, label: &str) -> Self {
        Self {
            name: name.to_owned(),
            label: label.to_owned(),
            hint: String::new(),
            kind,
            value: String::new(),
            choices: Vec::new(),
            is_required: false,
            max: 0,
            error: None,
            template: None,
        }
    }

    /// One line.
    pub(crate) fn line(name: &str, label: &str) -> Self {
        Self::new(Kind::Line, name, label)
    }

    /// Several lines, kept as a draft.
    pub(crate) fn long(name: &str, label: &str) -> Self {
        Self::new(Kind::Long, name, label)
    }

    /// A number.
    pub(crate) fn number(name: &str, label: &str) -> Self {
        Self::new(Kind::Number, name, label)
    }

    /// An instant of Beijing.
    pub(crate) fn time(name: &str, label: &str) -> Self {
        Self::new(Kind::Time, name, label)
    }

    /// Yes or no.
    pub(crate) fn check(name: &str, label: &str) -> Self {
        Self::new(Kind::Check, name, label)
    }

    /// One of some values.
    pub(crate) fn select(
        name: &str,
        label: &str,
        choices: impl IntoIterator<Item = (String, String)>,
    ) -> Self {
        let choices = choices.into_iter().map(|(value, label)| Choice { value, label, is_chosen: false });
        Self { choices: choices.collect(), ..Self::new(Kind::Select, name, label) }
    }

    /// Any of some values.
    pub(crate) fn many(name: &str, label: &str, choices: impl IntoIterator<Item = (String, String)>) -> Self {
        Self { kind: Kind::Many, ..Self::select(name, label, choices) }
    }

    /// It must be given.
    pub(crate) fn required(self) -> Self {
        Self { is_required: true, ..self }
    }

    /// The most characters.
    pub(crate) fn max(self, max: usize) -> Self {
        Self { max, ..self }
    }

    /// It can begin with a text of a kind.
    pub(crate) fn template(self, kind: TextTemplateKind) -> Self {
        Self { template: Some(kind), ..self }
    }

    /// A sentence about it.
    pub(crate) fn hint(self, hint: &str) -> Self {
        Self { hint: hint.to_owned(), ..self }
    }

    /// Its first value.
    pub(crate) fn value(mut self, value: impl Into<String>) -> Self {
        self.choose(&[value.into()]);
        self
    }

    /// Its first value, if there is one.
    pub(crate) fn value_or_none(self, value: Option<impl Into<String>>) -> Self {
        match value {
            Some(value) => self.value(value),
            None => self,
        }
    }

    /// Its first values.
    pub(crate) fn values(mut self, values: &[String]) -> Self {
        self.choose(values);
        self
    }

    fn choose(&mut self, values: &[String]) {
        self.value = values.first().cloned().unwrap_or_default();
        for choice in &mut self.choices {
            choice.is_chosen = values.contains(&choice.value);
        }
    }

    /// The name in the attribute `id`.
    pub(crate) fn id(&self) -> String {
        format!("field-{}", self.name.replace(['.', '[', ']'], "-"))
    }
}

/// Values of an enumeration with their labels. For `Field::select`.
macro_rules! labels {
    ($kind:ty, $lang:expr) => {
        <$kind>::ALL.iter().map(|value| (value.to_string(), value.label($lang.sdk()).into_owned()))
    };
}
pub(crate) use labels;

/// Active units, as choices.
pub(crate) fn units(names: &Directory, lang: Lang) -> impl Iterator<Item = (String, String)> {
    let active = names.units.iter().filter(|unit| unit.active);
    active.map(move |unit| (unit.code.clone(), named(&unit.name, unit.name_en.as_deref(), lang).to_owned()))
}

/// Topics, as choices. A branch cannot be asked about, so only leaves are.
pub(crate) fn topics(names: &Directory, lang: Lang) -> impl Iterator<Item = (String, String)> {
    let leaves = names.topics.iter().filter(|topic| {
        let prefix = format!("{}.", topic.code);
        !names.topics.iter().any(|other| other.code.starts_with(&prefix))
    });
    leaves
        .map(move |topic| (topic.code.clone(), named(&topic.name, topic.name_en.as_deref(), lang).to_owned()))
}

/// A form with its fields.
#[derive(Debug, Clone)]
pub(crate) struct Form {
    pub(crate) key: String,
    pub(crate) title: String,
    pub(crate) subject: String,
    pub(crate) fields: Vec<Field>,
    /// The command's id. A form that is sent twice is one command.
    pub(crate) request_id: String,
    /// The version that the user has read.
    pub(crate) etag: String,
    /// When that version was made, in microseconds.
    pub(crate) seen: i64,
    /// What is wrong with the whole form.
    pub(crate) errors: Vec<String>,
    /// The name of the reason in the contract.
    pub(crate) reason: String,
    /// What the hotline suggests, each line perhaps with a link.
    pub(crate) advice: Vec<Cell>,
    /// What others did in the meantime.
    pub(crate) changes: Vec<(String, String, String)>,
    /// The texts that its fields can begin with.
    pub(crate) templates: Vec<TemplateGroup>,
}

impl Form {
    /// An empty form with a new request id.
    pub(crate) fn new(key: &str, title: &str, subject: &str, fields: Vec<Field>) -> Self {
        Self {
            key: key.to_owned(),
            title: title.to_owned(),
            subject: subject.to_owned(),
            fields,
            request_id: Uuid::new_v4().to_string(),
            etag: String::new(),
            seen: 0,
            errors: Vec::new(),
            reason: String::new(),
            advice: Vec::new(),
            changes: Vec::new(),
            templates: Vec::new(),
        }
    }

    /// Shows again what was posted.
    pub(crate) fn fill(&mut self, values: &Values) {
        for field in &mut self.fields {
            match field.kind {
                Kind::Check => field.value = values.text(&field.name),
                Kind::Many => field.choose(&values.all(&field.name)),
                _ => field.choose(&[values.raw(&field.name).unwrap_or_default().to_owned()]),
            }
        }
    }

    /// Puts the text of a template into its field, after what was written there.
    pub(crate) fn insert(&mut self, value: &str) {
        let mut choices = self.templates.iter().flat_map(|group| &group.choices);
        let (Some(choice), Some((name, _))) =
            (choices.find(|choice| choice.value == value), value.rsplit_once(':'))
        else {
            return;
        };
        if let Some(field) = self.fields.iter_mut().find(|field| field.name == name) {
            let before = field.value.trim_end();
            let space = if before.is_empty() { "" } else { "\n" };
            field.value = format!("{before}{space}{}", choice.text);
        }
    }

    /// Puts each violation at its field; those of no field stand above the form.
    pub(crate) fn blame(&mut self, violations: &[FieldViolation]) {
        for violation in violations {
            self.blame_field(&violation.field, &violation.description);
        }
    }

    /// Puts a sentence at a field.
    pub(crate) fn blame_field(&mut self, path: &str, text: &str) {
        let whole = path.split('[').next().unwrap_or(path);
        let fits = |field: &&mut Field| {
            field.name == path || field.name == whole || path.ends_with(&format!(".{}", field.name))
        };
        match self.fields.iter_mut().find(fits) {
            Some(field) => {
                let before = field.error.take().unwrap_or_default();
                let is_new = !before.contains(text);
                let space = if before.is_empty() { "" } else { " " };
                field.error = Some(if is_new { before + space + text } else { before });
            }
            None => self.errors.push(format!("{path}: {text}")),
        }
    }

    /// Whether a field is wrong.
    pub(crate) fn is_wrong(&self) -> bool {
        !self.errors.is_empty() || self.fields.iter().any(|field| field.error.is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_finds_the_field_of_its_path() {
        let fields =
            vec![Field::line("contact.phone", "Telephone"), Field::many("assist_units", "Units", [])];
        let mut form = Form::new("verb", "Verb", "", fields);
        form.blame_field("contact.phone", "too long");
        form.blame_field("assist_units[3]", "unknown");
        form.blame_field("assist_units[4]", "unknown");
        form.blame_field("source.system", "missing");
        assert_eq!(form.fields[0].error.as_deref(), Some("too long"));
        assert_eq!(form.fields[1].error.as_deref(), Some("unknown"));
        assert_eq!(form.errors, ["source.system: missing"]);
    }

    #[test]
    fn a_template_comes_after_what_was_written_in_its_field() {
        let fields = vec![Field::long("note", "Note"), Field::long("reply.content", "Reply")];
        let mut form = Form::new("verb", "Verb", "", fields);
        let choice = |value: &str, text: &str| TemplateChoice {
            value: value.to_owned(),
            label: "A text".to_owned(),
            text: text.to_owned(),
        };
        let choices =
            vec![choice("note:proof", "Please bring proof."), choice("reply.content:done", "Done.")];
        form.templates.push(TemplateGroup { label: "Note".to_owned(), choices });
        form.fill(&Values::parse(b"note=Typed.%0D%0A&reply.content="));
        for value in ["note:proof", "reply.content:done", "note:unknown", "note", ""] {
            form.insert(value);
        }
        assert_eq!(form.fields[0].value, "Typed.\nPlease bring proof.");
        assert_eq!(form.fields[1].value, "Done.");
    }

    #[test]
    fn what_was_posted_is_shown_again() {
        let choices = ["a", "b", "c"].map(|value| (value.to_owned(), value.to_owned()));
        let fields = vec![Field::many("units", "Units", choices), Field::check("yes", "Yes").value("on")];
        let mut form = Form::new("verb", "Verb", "", fields);
        form.fill(&Values::parse(b"units=a&units=c"));
        let chosen: Vec<_> = form.fields[0].choices.iter().map(|choice| choice.is_chosen).collect();
        assert_eq!(chosen, [true, false, true]);
        assert_eq!(form.fields[1].value, "");
    }
}
