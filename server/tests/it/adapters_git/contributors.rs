//! Who made what lies between two commits: attacks by people who would rather not be named.

use control_plane::ports::git_host::Contributors;

use super::bench::Bench;

async fn between(bench: &Bench, from: Option<&str>, to: &str, path: &str) -> Contributors {
    let repository = bench.repository();
    let asked = bench.git.contributors(&repository, from, to, path).await;
    asked.unwrap()
}

fn people(names: &[&str]) -> Vec<String> {
    let address = |name: &&str| format!("{name}@example.com");
    names.iter().map(address).collect()
}

#[tokio::test]
async fn every_commit_since_the_first_one_counts_and_no_earlier_one() {
    let bench = Bench::new();
    bench.write("bot/agent.py", "1\n");
    let from = bench.commit("live", "alice");
    bench.write("bot/agent.py", "2\n");
    bench.commit("change", "mallory");
    bench.write("elsewhere", "1\n");
    bench.commit("another agent", "carol");
    bench.write("bot/agent.py", "3\n");
    let to = bench.commit("change on top", "bob");
    // A checkout fetches one commit; the commits between are fetched when they are asked for.
    bench.check_out(&to, "out").await.unwrap();
    let found = between(&bench, Some(&from), &to, "bot").await;
    assert_eq!(found.authors, people(&["bob", "mallory"]));
    assert_eq!(found.committers, people(&["bob", "mallory"]));
    let found = between(&bench, Some(&from), &to, "").await;
    assert_eq!(found.authors, people(&["bob", "carol", "mallory"]));
    let found = between(&bench, None, &to, "bot").await;
    assert_eq!(found.authors, people(&["alice", "bob", "mallory"]));
}

#[tokio::test]
async fn author_and_committer_are_told_apart_and_a_mail_map_hides_neither() {
    let bench = Bench::new();
    bench.write(
        ".mailmap",
        "Nobody <nobody@example.com> <mallory@example.com>\n",
    );
    let from = bench.commit("live", "alice");
    bench.write("agent.py", "2\n");
    bench.run(&["add", "--all"]);
    let author = "--author=mallory <Mallory@Example.com>";
    bench.run(&["commit", "--quiet", author, "--message", "change"]);
    let to = bench.run(&["rev-parse", "HEAD"]);
    let found = between(&bench, Some(&from), &to, "").await;
    assert_eq!(found.authors, people(&["mallory"]));
    assert_eq!(found.committers, people(&["someone"]));
}

#[tokio::test]
async fn nobody_is_pushed_out_of_sight_by_many_commits() {
    let bench = Bench::new();
    bench.write("agent.py", "1\n");
    let from = bench.commit("live", "alice");
    bench.write("agent.py", "2\n");
    bench.commit("change", "mallory");
    let tree = bench.run(&["write-tree"]);
    let mut to = bench.run(&["rev-parse", "HEAD"]);
    for _ in 0..1_100 {
        to = bench.run(&["commit-tree", &tree, "-p", &to, "-m", "nothing"]);
    }
    bench.run(&["reset", "--quiet", "--hard", &to]);
    let found = between(&bench, Some(&from), &to, "").await;
    assert_eq!(found.authors, people(&["mallory", "someone"]));
}

#[tokio::test]
async fn a_change_on_a_branch_that_was_taken_back_counts() {
    let bench = Bench::new();
    bench.write("bot/agent.py", "1\n");
    let from = bench.commit("live", "alice");
    bench.run(&["checkout", "--quiet", "-b", "side"]);
    bench.write("bot/agent.py", "2\n");
    bench.commit("change", "mallory");
    bench.write("bot/agent.py", "1\n");
    bench.commit("change back", "mallory");
    bench.run(&["checkout", "--quiet", "main"]);
    bench.write("bot/other.py", "1\n");
    bench.commit("other", "bob");
    bench.run(&["merge", "--quiet", "--no-ff", "-m", "merge", "side"]);
    let to = bench.run(&["rev-parse", "HEAD"]);
    let found = between(&bench, Some(&from), &to, "bot").await;
    assert_eq!(found.authors, people(&["bob", "mallory", "someone"]));
}

/// The live fix stands on the side that the merge drops: its result is the old tree of its first parent, so that a
/// history of the path shows neither the merge nor anything else.
#[tokio::test]
async fn whoever_drops_a_change_by_a_merge_counts() {
    let bench = Bench::new();
    bench.write("bot/agent.py", "with a hole\n");
    bench.commit("old", "alice");
    bench.run(&["checkout", "--quiet", "-b", "fix"]);
    bench.write("bot/agent.py", "mended\n");
    let live = bench.commit("fix", "bob");
    bench.run(&["checkout", "--quiet", "main"]);
    let me = [
        "-c",
        "user.name=mallory",
        "-c",
        "user.email=mallory@example.com",
    ];
    let drop = [
        "merge", "--quiet", "--no-ff", "-s", "ours", "-m", "merge", "fix",
    ];
    bench.run(&[&me[..], &drop[..]].concat());
    bench.write("README", "x\n");
    let to = bench.commit("harmless", "carol");
    let found = between(&bench, Some(&live), &to, "bot").await;
    assert_eq!(found.authors, people(&["mallory"]));
    assert_eq!(found.committers, people(&["mallory"]));
}

#[tokio::test]
async fn a_merge_of_another_agents_changes_counts_nobody() {
    let bench = Bench::new();
    bench.write("bot/agent.py", "1\n");
    let from = bench.commit("live", "alice");
    bench.run(&["checkout", "--quiet", "-b", "side"]);
    bench.write("botanist/agent.py", "1\n");
    bench.commit("another agent", "dave");
    bench.run(&["checkout", "--quiet", "main"]);
    bench.run(&["merge", "--quiet", "--no-ff", "-m", "merge", "side"]);
    bench.write("bot/agent.py", "2\n");
    let to = bench.commit("change", "bob");
    let found = between(&bench, Some(&from), &to, "bot").await;
    assert_eq!(found.authors, people(&["bob"]));
}

#[tokio::test]
async fn when_what_is_live_is_gone_everything_counts() {
    let bench = Bench::new();
    bench.write("agent.py", "1");
    let old = bench.commit("old", "alice");
    bench.run(&["checkout", "--quiet", "--orphan", "fresh"]);
    bench.write("agent.py", "2");
    bench.commit("new", "bob");
    bench.write("agent.py", "3");
    let to = bench.commit("newer", "carol");
    bench.run(&["branch", "--quiet", "-M", "fresh", "main"]);
    bench.run(&["reflog", "expire", "--expire=now", "--all"]);
    bench.run(&["gc", "--quiet", "--prune=now"]);
    let found = between(&bench, Some(&old), &to, "").await;
    assert_eq!(found.authors, people(&["bob", "carol"]));
}

#[tokio::test]
async fn ids_and_paths_that_are_none_are_refused() {
    let bench = Bench::new();
    let commit = bench.commit("one", "alice");
    for (from, path) in [("--all", ""), (commit.as_str(), ".."), (&commit, "/etc")] {
        let repository = bench.repository();
        let asked = bench
            .git
            .contributors(&repository, Some(from), &commit, path);
        assert!(asked.await.is_err(), "{from} {path}");
    }
}
