//! What somebody types about an accompaniment, and what it must be.

use chrono::{Datelike, Months, NaiveDate};

use super::{Scope, life::check_end};
use crate::domain::{
    host::{LineKind, PriceBracket},
    problem::{Problem, Problems},
    text::{clean_line, clean_text, count_chars},
};

/// The most characters of the description.
const TEXT_LENGTH: usize = 2_000;
/// The most tools on each side, and the most characters of each.
const TOOLS: usize = 20;
const TOOL_LENGTH: usize = 80;
/// The most hours that volunteers can have given.
const MOST_HOURS: i64 = 10_000;
/// Nothing that helps today is older.
const FIRST_YEAR: i32 = 2000;
/// How long ahead one may be declared.
const MONTHS_AHEAD: Months = Months::new(12);

/// A form as it was typed. The names of the fields are those of the problems.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccompanimentInput {
    /// Words of [`LineKind`].
    pub lines: Vec<String>,
    pub text: String,
    /// Separated by commas or line ends.
    pub tools_before: String,
    pub tools_after: String,
    /// A day: `31/12/2027` or `2027-12-31`.
    pub started_on: String,
    /// Empty while it goes on.
    pub ended_on: String,
    pub volunteer_hours: String,
    /// A word of [`PriceBracket`], or nothing.
    pub cost_bracket: String,
    pub is_founding: bool,
}

/// What can be kept about an accompaniment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccompanimentContent {
    pub scope: Scope,
    pub started_on: NaiveDate,
    pub ended_on: Option<NaiveDate>,
    pub volunteer_hours: Option<i64>,
    pub cost_bracket: Option<PriceBracket>,
    pub is_founding: bool,
}

impl AccompanimentInput {
    /// Reads every field, and tells all that is wrong at once.
    pub fn check(&self, today: NaiveDate) -> Result<AccompanimentContent, Problems> {
        let mut problems = Problems::new();
        let lines = problems.check("lines", check_lines(&self.lines));
        let text = problems.check("text", check_text(&self.text));
        let tools_before = problems.check("tools_before", check_tools(&self.tools_before));
        let tools_after = problems.check("tools_after", check_tools(&self.tools_after));
        let started_on = problems.check("started_on", check_start(&self.started_on, today));
        let ended_on = problems.check("ended_on", self.check_end(started_on, today));
        let hours = problems.check("volunteer_hours", check_hours(&self.volunteer_hours));
        let cost = problems.check("cost_bracket", check_cost(&self.cost_bracket));
        let content = (|| {
            Some(AccompanimentContent {
                scope: Scope {
                    lines: lines?,
                    text: text?,
                    tools_before: tools_before?,
                    tools_after: tools_after?,
                },
                started_on: started_on?,
                ended_on: ended_on?,
                volunteer_hours: hours?,
                cost_bracket: cost?,
                is_founding: self.is_founding,
            })
        })();
        problems.or(content)
    }

    fn check_end(
        &self,
        started_on: Option<NaiveDate>,
        today: NaiveDate,
    ) -> Result<Option<NaiveDate>, Problem> {
        if self.ended_on.trim().is_empty() {
            return if self.is_founding {
                Err(Problem::new(
                    "Indiquez la date de fin : cet accompagnement date d’avant ce site.",
                ))
            } else {
                Ok(None)
            };
        }
        let day = parse_day(&self.ended_on)?;
        if let Some(started_on) = started_on {
            check_end(started_on, day, today)?;
        }
        Ok(Some(day))
    }
}

/// A day as people type it.
pub fn parse_day(typed: &str) -> Result<NaiveDate, Problem> {
    let typed = typed.trim();
    NaiveDate::parse_from_str(typed, "%Y-%m-%d")
        .or_else(|_| NaiveDate::parse_from_str(typed, "%d/%m/%Y"))
        .ok()
        .filter(|day| day.year() >= FIRST_YEAR)
        .ok_or(Problem::new(
            "Cette date ne se lit pas. Exemple : 31/12/2025.",
        ))
}

fn check_lines(typed: &[String]) -> Result<Vec<LineKind>, Problem> {
    let mut lines = Vec::new();
    for word in typed {
        let line = LineKind::parse(word)
            .ok_or(Problem::new("Choisissez ce qui a été fait dans la liste."))?;
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    if lines.is_empty() {
        return Err(Problem::new(
            "Choisissez au moins une chose qui a été faite, ou qui le sera.",
        ));
    }
    Ok(lines)
}

fn check_text(typed: &str) -> Result<String, Problem> {
    let text = clean_text(typed);
    let length = count_chars(&text);
    if length > TEXT_LENGTH {
        return Err(Problem::new(
            "Ce texte est trop long : {most} caractères au plus, il en a {length}.",
        )
        .with("most", TEXT_LENGTH)
        .with("length", length));
    }
    Ok(text)
}

fn check_tools(typed: &str) -> Result<Vec<String>, Problem> {
    let mut tools: Vec<String> = Vec::new();
    for tool in typed.split([',', ';', '\n']) {
        let tool = clean_line(tool);
        if !tool.is_empty() && !tools.contains(&tool) {
            tools.push(tool);
        }
    }
    if let Some(long) = tools.iter().find(|tool| count_chars(tool) > TOOL_LENGTH) {
        return Err(Problem::new(
            "« {tool}… » est trop long : séparez les outils par des virgules.",
        )
        .with("tool", crate::domain::text::truncate_chars(long, 40)));
    }
    if tools.len() > TOOLS {
        return Err(Problem::new("Citez {most} outils au plus.").with("most", TOOLS));
    }
    Ok(tools)
}

fn check_start(typed: &str, today: NaiveDate) -> Result<NaiveDate, Problem> {
    if typed.trim().is_empty() {
        return Err(Problem::new(
            "Indiquez quand l’accompagnement a commencé, par exemple 15/01/2025.",
        ));
    }
    let day = parse_day(typed)?;
    let latest = today.checked_add_months(MONTHS_AHEAD).unwrap_or(today);
    if day > latest {
        return Err(Problem::new(
            "Ce début est trop lointain : un an à l’avance au plus.",
        ));
    }
    Ok(day)
}

fn check_hours(typed: &str) -> Result<Option<i64>, Problem> {
    let digits: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
    if digits.is_empty() {
        return Ok(None);
    }
    digits
        .trim_end_matches('h')
        .parse()
        .ok()
        .filter(|hours| (0..=MOST_HOURS).contains(hours))
        .map(Some)
        .ok_or(Problem::new(
            "Indiquez un nombre d’heures sans virgule, par exemple 12.",
        ))
}

fn check_cost(typed: &str) -> Result<Option<PriceBracket>, Problem> {
    if typed.is_empty() {
        return Ok(None);
    }
    PriceBracket::parse(typed)
        .map(Some)
        .ok_or(Problem::new("Choisissez une fourchette dans la liste."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed() -> AccompanimentInput {
        AccompanimentInput {
            lines: vec!["migration".into(), "support".into(), "migration".into()],
            text: "Quitter les outils de Google.\r\n".into(),
            tools_before: "Google Drive, Gmail,,\nGoogle Drive".into(),
            tools_after: "Nextcloud".into(),
            started_on: "15/01/2026".into(),
            ended_on: "2026-06-30".into(),
            volunteer_hours: "1 200 h".into(),
            cost_bracket: "under-500".into(),
            is_founding: false,
        }
    }

    fn today() -> NaiveDate {
        "2026-11-22".parse().unwrap()
    }

    fn fields_in_trouble(input: &AccompanimentInput) -> Vec<&'static str> {
        match input.check(today()) {
            Ok(_) => Vec::new(),
            Err(problems) => problems.iter().map(|(field, _)| field).collect(),
        }
    }

    #[test]
    fn what_is_typed_is_cleaned() {
        let content = typed().check(today()).unwrap();
        assert_eq!(
            content.scope.lines,
            [LineKind::Migration, LineKind::Support]
        );
        assert_eq!(content.scope.tools_before, ["Google Drive", "Gmail"]);
        assert_eq!(content.scope.text, "Quitter les outils de Google.");
        assert_eq!(content.volunteer_hours, Some(1_200));
        assert_eq!(content.ended_on, "2026-06-30".parse().ok());
    }

    #[test]
    fn every_problem_is_told_at_once() {
        let input = AccompanimentInput {
            lines: vec!["magie".into()],
            started_on: "le printemps".into(),
            ended_on: "30/02/2026".into(),
            volunteer_hours: "-3".into(),
            ..typed()
        };
        assert_eq!(
            fields_in_trouble(&input),
            ["lines", "started_on", "ended_on", "volunteer_hours"]
        );
    }

    #[test]
    fn dates_in_the_wrong_order_are_told_with_both_dates() {
        let input = AccompanimentInput {
            ended_on: "14/01/2026".into(),
            ..typed()
        };
        let problems = input.check(today()).unwrap_err();
        let (field, problem) = problems.iter().next().unwrap();
        assert_eq!(field, "ended_on");
        assert_eq!(
            problem.values,
            [
                ("end", "14/01/2026".to_owned()),
                ("start", "15/01/2026".to_owned())
            ]
        );
    }

    #[test]
    fn one_from_before_the_site_must_be_over() {
        let input = AccompanimentInput {
            ended_on: String::new(),
            is_founding: true,
            ..typed()
        };
        assert_eq!(fields_in_trouble(&input), ["ended_on"]);
        let ongoing = AccompanimentInput {
            is_founding: false,
            ..input
        };
        assert!(fields_in_trouble(&ongoing).is_empty());
    }
}
