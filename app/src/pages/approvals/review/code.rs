//! The commits and files between the live version and the proposed one.

use domain::view::approval::ApprovalDetail;
use domain::view::diff::{ChangeKind, CommitLine, FileChange};
use leptos::prelude::*;

use crate::format::{count, counted, length};
use crate::pages::changes::lines;
use crate::ui::prelude::*;

/// Both lists, closed until asked for.
pub(super) fn section(found: &ApprovalDetail) -> AnyView {
    let diff = &found.diff;
    if diff.commits.is_empty() && diff.files.is_empty() {
        return ().into_any();
    }
    let (plus, minus) = lines(diff);
    let summary = format!(
        "{}, {}, +{} −{}",
        counted(length(&diff.commits), "commit", "commits"),
        counted(length(&diff.files), "file", "files"),
        count(plus),
        count(minus)
    );
    view! {
        <details class="more" id="code">
            <summary>
                <Icon name="chevron-right" small=true/>
                "Commits and files"
                <span class="muted">{summary}</span>
            </summary>
            <div class="stack stack--3">
                {commits(&diff.commits)}
                {files(&diff.files)}
            </div>
        </details>
    }
    .into_any()
}

fn commits(commits: &[CommitLine]) -> AnyView {
    if commits.is_empty() {
        return ().into_any();
    }
    let rows: Vec<_> = commits
        .iter()
        .map(|commit| {
            view! {
                <tr>
                    <th scope="row">
                        <Hash value=commit.commit.clone() kind=HashKind::Commit/>
                    </th>
                    <td data-label="Subject" class="wide wrap">{commit.subject.clone()}</td>
                    <td data-label="Author">{commit.author.clone()}</td>
                </tr>
            }
            .into_any()
        })
        .collect();
    view! {
        <Table
            caption="Commits, newest first"
            heads=&["Commit", "Subject", "Author"]
            class="tbl--dense tbl--stack"
        >
            {rows}
        </Table>
    }
    .into_any()
}

fn files(files: &[FileChange]) -> AnyView {
    if files.is_empty() {
        return ().into_any();
    }
    let rows: Vec<_> = files.iter().map(file).collect();
    view! {
        <Table
            caption="Files that differ"
            heads=&["File", "Difference", "#Lines added", "#Lines removed"]
            class="tbl--dense tbl--stack"
        >
            {rows}
        </Table>
    }
    .into_any()
}

fn file(file: &FileChange) -> AnyView {
    // Neutral on purpose: an added file is not bad and a removed file is not good.
    let class = match file.kind {
        ChangeKind::Added | ChangeKind::Changed => "",
        ChangeKind::Removed => "muted",
    };
    view! {
        <tr>
            <th scope="row" class="wide">
                <code class="wrap">{file.path.clone()}</code>
            </th>
            <td data-label="Difference" class=class>{file.kind.label()}</td>
            <td data-label="Lines added" class="num">{format!("+{}", count(file.added_lines.into()))}</td>
            <td data-label="Lines removed" class="num">{format!("−{}", count(file.removed_lines.into()))}</td>
        </tr>
    }
    .into_any()
}
