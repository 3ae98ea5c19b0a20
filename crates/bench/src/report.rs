//! What was measured, for people and as JSON.

use std::fmt::{self, Write as _};

use serde::Serialize;

use crate::{
    checker::Violations,
    goals::{self, Goal},
    stats::{Spread, figure},
};

/// One measured thing.
#[derive(Clone, Debug, Serialize)]
pub struct Line {
    pub workload: &'static str,
    pub setting: String,
    pub what: &'static str,
    pub result: Spread,
    pub floor: Option<Floor>,
    pub ratio: Option<f64>,
    pub goal: Option<Goal>,
}

/// What it is held against.
#[derive(Clone, Debug, Serialize)]
pub struct Floor {
    pub name: String,
    pub result: Spread,
}

impl Line {
    pub fn new(
        workload: &'static str,
        setting: impl Into<String>,
        what: &'static str,
        result: impl Into<Spread>,
    ) -> Self {
        let (setting, result) = (setting.into(), result.into());
        Self { workload, setting, what, result, floor: None, ratio: None, goal: None }
    }

    pub fn beside(mut self, name: impl Into<String>, floor: impl Into<Spread>) -> Self {
        let floor = Floor { name: name.into(), result: floor.into() };
        self.ratio = (floor.result.median > 0.0).then(|| self.result.median / floor.result.median);
        self.floor = Some(floor);
        self
    }

    pub fn for_goal(mut self, goal: Goal) -> Self {
        self.goal = Some(goal);
        self
    }

    /// What the goal's limits are compared with.
    fn judged(&self) -> f64 {
        self.ratio.unwrap_or(self.result.median)
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<4} {}: {} {}", self.workload, self.setting, self.what, self.result)?;
        if let Some(floor) = &self.floor {
            write!(f, " | {} {}", floor.name, floor.result)?;
        }
        if let Some(ratio) = self.ratio {
            write!(f, " | ratio {}", figure(ratio))?;
        }
        if let Some(goal) = &self.goal {
            write!(f, " | {} {}", goal.name, verdict(goal, self.judged()))?;
        }
        Ok(())
    }
}

fn verdict(goal: &Goal, value: f64) -> String {
    let word = |met| if met { "met" } else { "MISSED" };
    let Goal { stage_a, stage_b, unit, .. } = goal;
    let (a, b, sign) = (word(goal.met_a(value)), word(goal.met_b(value)), goal.sign());
    format!("stage A {sign} {stage_a}{unit} {a}, stage B {sign} {stage_b}{unit} {b}")
}

/// What the checker found in one run.
#[derive(Clone, Debug, Serialize)]
pub struct Check {
    pub run: String,
    pub checked: u64,
    pub violations: Violations,
}

#[derive(Debug, Serialize)]
pub struct Report {
    /// What is judged.
    #[serde(skip)]
    pub goals: &'static [Goal],
    /// Too small to judge goals by.
    pub indicative: bool,
    pub lines: Vec<Line>,
    pub notes: Vec<String>,
    pub checks: Vec<Check>,
    pub failures: Vec<String>,
}

impl Default for Report {
    fn default() -> Self {
        let (lines, notes, checks, failures) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { goals: &goals::ALL, indicative: false, lines, notes, checks, failures }
    }
}

impl Report {
    pub fn add(&mut self, line: Line) {
        println!("{line}");
        self.lines.push(line);
    }

    pub fn note(&mut self, note: impl Into<String>) {
        let note = note.into();
        println!("     {note}");
        self.notes.push(note);
    }

    /// Books what the checker found after looking at so many deliveries, answers or items.
    pub fn check(&mut self, run: impl Into<String>, checked: u64, violations: Violations) {
        let check = Check { run: run.into(), checked, violations };
        println!("     {}", shown(&check));
        self.checks.push(check);
    }

    pub fn failed(&mut self, what: impl Into<String>) {
        let what = what.into();
        println!("     FAILED: {what}");
        self.failures.push(what);
    }

    /// Nothing lost, doubled or reordered, and every workload ran to its end.
    pub fn sound(&self) -> bool {
        self.failures.is_empty() && self.checks.iter().all(|check| check.violations.none())
    }

    /// The table at the end.
    pub fn summary(&self) -> String {
        let mut text = String::from("\nGoals\n");
        for goal in self.goals {
            self.goal_row(&mut text, goal);
        }
        if self.indicative {
            text.push_str("  (small and short: these figures show that it works, not how fast it is)\n");
        }
        if cfg!(debug_assertions) {
            text.push_str("  (not a release build: only the checks below mean something)\n");
        }
        text.push_str("\nOrder and completeness\n");
        for check in &self.checks {
            text.push_str(&format!("  {}\n", shown(check)));
        }
        for failure in &self.failures {
            text.push_str(&format!("  FAILED: {failure}\n"));
        }
        text
    }

    fn goal_row(&self, text: &mut String, goal: &Goal) {
        let measured = self.lines.iter().find(|line| line.goal == Some(*goal)).map(Line::judged);
        let row = match measured {
            Some(value) => format!("{:>7}{:<3} {}", figure(value), goal.unit, verdict(goal, value)),
            None => "      – not measured".into(),
        };
        // Writing to a string does not fail.
        let _ = writeln!(text, "  {:<4} {:<45} {row}", goal.name, goal.part);
    }
}

fn shown(check: &Check) -> String {
    let Check { run, checked, violations } = check;
    let count = figure(*checked as f64);
    if violations.none() {
        return format!("{run}: {count} checked, nothing lost, doubled or reordered");
    }
    let Violations { lost, doubled, reordered, altered, leaked } = violations;
    format!(
        "{run}: {count} checked: {lost} LOST, {doubled} DOUBLED, {reordered} REORDERED, {altered} ALTERED, {leaked} LEAKED"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_tells_result_floor_ratio_and_verdict() {
        let line = Line::new("W1a", "1,000 sockets", "deliveries per CPU-second", 84_000.0)
            .beside("bare loop", 140_000.0)
            .for_goal(goals::G1_ROOM);
        let shown = line.to_string();
        for part in
            ["84,000", "bare loop 140,000", "ratio 0.60", "stage A ≥ 0.55× met", "stage B ≥ 0.8× MISSED"]
        {
            assert!(shown.contains(part), "{part:?} in {shown:?}");
        }
    }

    #[test]
    fn a_violation_or_failure_makes_the_report_unsound() {
        let mut report = Report::default();
        report.check("fine", 3, Violations::default());
        assert!(report.sound());
        report.check("bad", 3, Violations { lost: 1, ..Violations::default() });
        assert!(!report.sound() && report.summary().contains("1 LOST"));
        let mut broken = Report::default();
        broken.failed("W2: the server ended");
        assert!(!broken.sound());
    }

    #[test]
    fn goals_without_a_line_are_not_measured() {
        assert_eq!(Report::default().summary().matches("not measured").count(), goals::ALL.len());
    }
}
