//! What lies between two commits.

use domain::view::diff::ChangeKind;

use super::bench::Bench;

fn config() -> Vec<String> {
    vec!["clearance.yaml".to_owned(), "prompts/system.md".to_owned()]
}

#[tokio::test]
async fn commits_files_and_config_editors_are_told() {
    let bench = Bench::new();
    bench.write("bot/agent.py", "a\nb\n");
    bench.write("bot/old.py", "x\n");
    let from = bench.commit("start", "Alice");
    bench.write("bot/agent.py", "a\nc\nd\n");
    bench.commit("Change the agent", "Bob");
    bench.write("bot/clearance.yaml", "agent: bot\n");
    bench.commit("Change the config", "Carol");
    bench.write("elsewhere/file", "x");
    std::fs::remove_file(bench.origin().join("bot/old.py")).unwrap();
    bench.write("bot/logo.png", b"\x89PNG\0\0");
    let to = bench.commit("Tidy \x1b[31mup", "Dave");

    let history = bench
        .git
        .history(&bench.repository(), Some(&from), &to, "bot", &config())
        .await
        .unwrap();
    let subjects: Vec<_> = history
        .commits
        .iter()
        .map(|c| (c.author.as_str(), c.subject.as_str()))
        .collect();
    assert_eq!(
        subjects,
        [
            ("Dave", "Tidy [31mup"),
            ("Carol", "Change the config"),
            ("Bob", "Change the agent")
        ]
    );
    let files: Vec<_> = history
        .files
        .iter()
        .map(|f| (f.path.as_str(), f.kind, f.added_lines, f.removed_lines))
        .collect();
    assert_eq!(
        files,
        [
            ("bot/agent.py", ChangeKind::Changed, 2, 1),
            ("bot/clearance.yaml", ChangeKind::Added, 1, 0),
            ("bot/logo.png", ChangeKind::Added, 0, 0),
            ("bot/old.py", ChangeKind::Removed, 0, 1),
        ]
    );
    assert_eq!(history.config_editors, ["carol@example.com"]);
}

#[tokio::test]
async fn the_first_deployment_sees_everything() {
    let bench = Bench::new();
    bench.write("clearance.yaml", "1");
    bench.commit("one", "alice");
    bench.write("clearance.yaml", "2");
    let to = bench.commit("two", "bob");
    // A checkout fetches one commit; the history is fetched when it is asked for.
    bench.check_out(&to, "out").await.unwrap();
    let history = bench
        .git
        .history(&bench.repository(), None, &to, "", &config())
        .await
        .unwrap();
    assert_eq!((history.commits.len(), history.files.len()), (2, 1));
    assert_eq!(
        history.config_editors,
        ["alice@example.com", "bob@example.com"]
    );
}

#[tokio::test]
async fn an_editor_cannot_hide_on_a_branch_or_behind_a_mail_map() {
    let bench = Bench::new();
    bench.write("clearance.yaml", "1\n");
    bench.write("file", "1\n");
    bench.write(
        ".mailmap",
        "Nobody <nobody@example.com> <mallory@example.com>\n",
    );
    let from = bench.commit("start", "alice");
    bench.run(&["checkout", "--quiet", "-b", "side"]);
    bench.write("clearance.yaml", "2\n");
    bench.commit("change", "mallory");
    bench.write("clearance.yaml", "1\n");
    bench.commit("change back", "mallory");
    bench.run(&["checkout", "--quiet", "main"]);
    bench.write("file", "2\n");
    bench.commit("other", "bob");
    bench.run(&["merge", "--quiet", "--no-ff", "-m", "merge", "side"]);
    let to = bench.run(&["rev-parse", "HEAD"]);
    let history = bench
        .git
        .history(&bench.repository(), Some(&from), &to, "", &config())
        .await
        .unwrap();
    assert_eq!(history.config_editors, ["mallory@example.com"]);
}

#[tokio::test]
async fn a_range_is_complete_although_only_single_commits_were_fetched() {
    let bench = Bench::new();
    bench.write("clearance.yaml", "0");
    let from = bench.commit("0", "alice");
    bench.check_out(&from, "first").await.unwrap();
    let mut to = String::new();
    for number in 1..=60 {
        bench.write("clearance.yaml", number.to_string());
        to = bench.commit(&number.to_string(), &format!("author{number}"));
    }
    bench.check_out(&to, "last").await.unwrap();
    let history = bench
        .git
        .history(&bench.repository(), Some(&from), &to, "", &config())
        .await
        .unwrap();
    assert_eq!(
        (history.commits.len(), history.config_editors.len()),
        (50, 60)
    );
}

#[tokio::test]
async fn a_rewritten_branch_counts_as_new() {
    let bench = Bench::new();
    bench.write("clearance.yaml", "1");
    let old = bench.commit("old", "alice");
    bench.run(&["checkout", "--quiet", "--orphan", "fresh"]);
    bench.write("clearance.yaml", "2");
    let new = bench.commit("new", "bob");
    bench.run(&["branch", "--quiet", "-M", "fresh", "main"]);
    bench.run(&["reflog", "expire", "--expire=now", "--all"]);
    bench.run(&["gc", "--quiet", "--prune=now"]);
    let history = bench
        .git
        .history(&bench.repository(), Some(&old), &new, "", &config())
        .await
        .unwrap();
    assert_eq!(history.commits.len(), 1);
    assert_eq!(history.config_editors, ["bob@example.com"]);
}

#[tokio::test]
async fn paths_that_lead_out_are_refused() {
    let bench = Bench::new();
    let commit = bench.commit("one", "alice");
    for path in ["..", "/etc", "a/../b", ":(top)"] {
        let asked = bench
            .git
            .history(&bench.repository(), None, &commit, path, &[])
            .await;
        assert!(asked.is_err() || path == ":(top)", "{path}");
        // Magic words of git's path patterns mean nothing.
        assert!(asked.is_err() || asked.unwrap().files.is_empty(), "{path}");
    }
}
