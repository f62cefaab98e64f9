//! What differs between two versions, riskiest first: scopes, tools, model, prompts, settings, then code and image.

pub(crate) mod text;

use domain::tone::Tone;
use domain::view::catalogue::ScopeNote;
use domain::view::diff::{Change, ChangeKind, VersionDiff};
use leptos::prelude::*;

use self::text as long;
use crate::format::{count, counted, length};
use crate::ui::prelude::*;

/// What the two sides are called.
type Sides = [&'static str; 2];

/// Every row of the table, riskiest first. The two sides are called so where a row is a record of its own.
pub(crate) fn rows(diff: &VersionDiff, notes: &[ScopeNote], sides: Sides) -> Vec<AnyView> {
    let mut rows = scopes(diff, notes);
    let config_rows = diff.config.iter().filter(|change| change.part != "Scope");
    rows.extend(config_rows.map(config));
    rows.extend(unchanged(diff));
    rows.push(code(diff));
    rows.push(image(diff));
    rows.extend(packages(diff));
    rows.into_iter().map(|row| row.show(sides)).collect()
}

/// One row before its sides have names.
struct Row {
    part: String,
    added: bool,
    before: AnyView,
    after: AnyView,
    difference: AnyView,
}

impl Row {
    fn show(self, [before, after]: Sides) -> AnyView {
        view! {
            <tr class:add=self.added>
                <th scope="row">{self.part}</th>
                <td data-label=before class="wrap soft">{self.before}</td>
                <td data-label=after class="wrap">{self.after}</td>
                <td data-label="Difference" class="wide first">{self.difference}</td>
            </tr>
        }
        .into_any()
    }
}

fn row(part: &str, added: bool, before: AnyView, after: AnyView, difference: AnyView) -> Row {
    Row {
        part: part.to_owned(),
        added,
        before,
        after,
        difference,
    }
}

/// Red, an icon and the word: an added right is never only coloured.
fn added() -> AnyView {
    view! {
        <span class="added">
            <Icon name="plus"/>
            "Added"
        </span>
    }
    .into_any()
}

fn removed() -> AnyView {
    view! {
        <span class="removed">
            <Icon name="minus"/>
            "Removed"
        </span>
    }
    .into_any()
}

fn code_of(text: &str) -> AnyView {
    view! { <code>{text.to_owned()}</code> }.into_any()
}

fn text(words: impl Into<String>) -> AnyView {
    words.into().into_any()
}

fn same() -> AnyView {
    view! { <span class="same">"No change"</span> }.into_any()
}

fn scopes(diff: &VersionDiff, notes: &[ScopeNote]) -> Vec<Row> {
    let mut rows: Vec<Row> = diff
        .added_scopes
        .iter()
        .map(|scope| {
            let proposed = view! {
                {code_of(scope)}
                {meaning(scope, notes)}
            };
            row(
                "Scope",
                true,
                text("Not granted"),
                proposed.into_any(),
                added(),
            )
        })
        .collect();
    rows.extend(diff.removed_scopes.iter().map(|scope| {
        row(
            "Scope",
            false,
            code_of(scope),
            text("Not granted"),
            removed(),
        )
    }));
    if !diff.kept_scopes.is_empty() {
        let kept = counted(length(&diff.kept_scopes), "scope", "scopes");
        rows.push(row(
            "Scopes",
            false,
            text(kept),
            unchanged_scopes(diff, notes),
            same(),
        ));
    }
    rows
}

/// Scopes that are there already: in one line, unless the catalogue explains them.
fn unchanged_scopes(diff: &VersionDiff, notes: &[ScopeNote]) -> AnyView {
    let explained = |scope: &String| {
        let mut notes = notes.iter();
        notes.any(|note| note.scope == *scope && note.catalogued)
    };
    if diff.kept_scopes.iter().any(explained) {
        let each = diff.kept_scopes.iter();
        let each: Vec<_> = each
            .map(|scope| view! { <div>{code_of(scope)} {meaning(scope, notes)}</div> })
            .collect();
        return each.into_any();
    }
    let each = diff.kept_scopes.iter();
    let names: Vec<_> = each.map(|scope| code_of(scope)).collect();
    view! { <span class="scopes">{names}</span> }.into_any()
}

/// What the catalogue says that a scope lets an agent do, and on what data.
fn meaning(scope: &str, notes: &[ScopeNote]) -> Option<AnyView> {
    let note = notes.iter().find(|note| note.scope == scope)?;
    let missing = (!note.catalogued).then(|| {
        view! { <span class="sub"><Status tone=Tone::Wait label="Not in the catalogue"/></span> }
    });
    let data = (!note.data_class.is_empty()).then(|| format!("{} data", note.data_class));
    let owner = note.owner.as_ref().map(|team| format!("owned by {team}"));
    let facts: Vec<String> = [data, owner].into_iter().flatten().collect();
    let facts = (!facts.is_empty()).then(|| view! { <span class="sub">{facts.join(", ")}</span> });
    let said = (!note.description.is_empty())
        .then(|| view! { <span class="sub wrap">{note.description.clone()}</span> });
    Some(
        view! {
            {said}
            {facts}
            {missing}
        }
        .into_any(),
    )
}

/// Parts whose addition widens what the agent can do.
fn widens(part: &str) -> bool {
    matches!(part, "Tool" | "MCP server")
}

fn value(value: Option<&String>, absent: &str) -> AnyView {
    match value {
        Some(value) if value.starts_with("sha256:") => {
            view! { <Hash value=value.clone()/> }.into_any()
        }
        Some(value) => code_of(value),
        None => text(absent),
    }
}

fn config(change: &Change) -> Row {
    let difference = match change.kind {
        ChangeKind::Added if widens(&change.part) => added(),
        ChangeKind::Added => text("Added"),
        ChangeKind::Removed => removed(),
        ChangeKind::Changed => text("Changed"),
    };
    let name = (change.name != change.part.to_lowercase()).then(|| code_of(&change.name));
    let is_added = change.kind == ChangeKind::Added && widens(&change.part);
    if long::is_long(change) {
        let link = view! {
            {difference}
            " "
            <a rel="external" href=format!("#{}", long::anchor(change))>{change.name.clone()}</a>
            {format!(", {}", long::balance(change))}
        }
        .into_any();
        let (before, after) = (
            long::size(change.before.as_ref()),
            long::size(change.after.as_ref()),
        );
        return row(&change.part, is_added, text(before), text(after), link);
    }
    let difference = view! { {difference} " " {name} }.into_any();
    row(
        &change.part,
        is_added,
        value(change.before.as_ref(), "None"),
        value(change.after.as_ref(), "None"),
        difference,
    )
}

/// The parts of the configuration in which nothing differs, so that silence is not mistaken for an answer.
fn unchanged(diff: &VersionDiff) -> Option<Row> {
    let has = |part: &str| diff.config.iter().any(|change| change.part == part);
    let no_scopes = diff.added_scopes.is_empty() && diff.removed_scopes.is_empty();
    let mut parts: Vec<&str> = Vec::new();
    if no_scopes && diff.kept_scopes.is_empty() {
        parts.push("scopes");
    }
    for (part, words) in [
        ("Tool", "tools"),
        ("MCP server", "MCP servers"),
        ("Model", "model"),
        ("Prompt", "prompts"),
        ("Secret reference", "secret references"),
        ("Setting", "settings"),
        ("Binding", "bindings"),
    ] {
        if !has(part) {
            parts.push(words);
        }
    }
    if !diff.config.iter().any(|one| one.part.starts_with("Card")) {
        parts.push("agent card");
    }
    if parts.is_empty() || diff.live_version.is_none() {
        return None;
    }
    Some(row(
        "Other parts",
        false,
        text("The same"),
        text(parts.join(", ")),
        same(),
    ))
}

fn code(diff: &VersionDiff) -> Row {
    let live = match &diff.live_commit {
        Some(commit) => view! { <Hash value=commit.clone() kind=HashKind::Commit/> }.into_any(),
        None => text("None"),
    };
    let proposed =
        view! { <Hash value=diff.proposed_commit.clone() kind=HashKind::Commit/> }.into_any();
    let difference = if diff.live_commit.as_ref() == Some(&diff.proposed_commit) {
        same()
    } else if diff.files.is_empty() && diff.commits.is_empty() {
        text("Another commit")
    } else if diff.files.is_empty() {
        text(counted(length(&diff.commits), "commit", "commits"))
    } else {
        let (plus, minus) = lines(diff);
        let files = counted(length(&diff.files), "file", "files");
        let commits = counted(length(&diff.commits), "commit", "commits");
        view! {
            <a rel="external" href="#code">{files}</a>
            {format!(" in {commits}, +{} −{}", count(plus), count(minus))}
        }
        .into_any()
    };
    row("Code", false, live, proposed, difference)
}

/// Lines added and removed over all files.
pub(crate) fn lines(diff: &VersionDiff) -> (u64, u64) {
    diff.files.iter().fold((0, 0), |(plus, minus), file| {
        (
            plus + u64::from(file.added_lines),
            minus + u64::from(file.removed_lines),
        )
    })
}

fn image(diff: &VersionDiff) -> Row {
    let live = match &diff.live_image {
        Some(digest) => view! { <Hash value=digest.clone()/> }.into_any(),
        None => text("None"),
    };
    let proposed = view! { <Hash value=diff.proposed_image.clone()/> }.into_any();
    let difference = match &diff.live_image {
        Some(digest) if *digest == diff.proposed_image => same(),
        Some(_) => text("Rebuilt"),
        None => text("New"),
    };
    row("Image", false, live, proposed, difference)
}

fn packages(diff: &VersionDiff) -> Vec<Row> {
    diff.packages
        .iter()
        .map(|change| {
            let difference = match change.kind {
                ChangeKind::Added => text("Added "),
                ChangeKind::Removed => removed(),
                ChangeKind::Changed => text("Changed "),
            };
            let difference = view! { {difference} " " {code_of(&change.name)} }.into_any();
            row(
                "Package",
                false,
                value(change.before.as_ref(), "None"),
                value(change.after.as_ref(), "None"),
                difference,
            )
        })
        .collect()
}
