//! MCP servers in configuration.

fn rules(name: &str, text: &str) -> Vec<String> {
    super::rules(name, text)
}

fn server(command: &str, args: &str) -> String {
    format!(r#"{{"mcpServers": {{"files": {{"command": "{command}", "args": {args}}}}}}}"#)
}

#[test]
fn open_versions_are_found() {
    for (command, args) in [
        ("npx", r#"["-y", "@acme/server"]"#),
        ("npx", r#"["-y", "@acme/server@latest"]"#),
        ("npx", r#"["server@^1.2.0"]"#),
        ("npx", r#"["server@1"]"#),
        ("/usr/bin/npx", r#"["--package=server", "run"]"#),
        ("npx -y", r#"["server"]"#),
        ("uvx", r#"["mcp-server-files"]"#),
        ("uvx", r#"["--from", "mcp-server-files>=1.0", "run"]"#),
        (
            "uvx",
            r#"["--from", "git+https://git.example/a/b@main", "run"]"#,
        ),
        ("pipx", r#"["run", "mcp-server"]"#),
        ("uv", r#"["tool", "run", "mcp-server"]"#),
        (
            "docker",
            r#"["run", "-i", "--rm", "-e", "A=b", "acme/server:latest"]"#,
        ),
    ] {
        assert_eq!(
            rules(".mcp.json", &server(command, args)),
            ["agent-mcp-unpinned"],
            "{command} {args}"
        );
    }
}

#[test]
fn pinned_and_local_servers_are_left_alone() {
    for (command, args) in [
        ("npx", r#"["-y", "@acme/server@1.2.3"]"#),
        ("npx", r#"["./server"]"#),
        ("uvx", r#"["mcp-server-files==1.2.0"]"#),
        ("uvx", r#"["mcp-server-files@1.2.0"]"#),
        (
            "uvx",
            r#"["--from", "git+https://git.example/a/b@0123456789abcdef0123456789abcdef01234567", "run"]"#,
        ),
        ("uv", r#"["run", "server.py"]"#),
        ("python", r#"["-m", "server"]"#),
        ("docker", r#"["run", "acme/server@sha256:0123"]"#),
    ] {
        assert!(
            rules(".mcp.json", &server(command, args)).is_empty(),
            "{command} {args}"
        );
    }
}

#[test]
fn plain_http_is_found_where_it_leaves_the_machine() {
    for (url, found) in [
        ("http://mcp.example/sse", true),
        ("HTTP://10.0.0.7:8000", true),
        ("http://localhost.example/", true),
        ("http://localhost@evil.example/", true),
        ("http://127.0.0.1.evil.example/", true),
        ("https://mcp.example/sse", false),
        ("http://localhost:8000/sse", false),
        ("http://127.0.0.1/", false),
        ("http://[::1]:80/", false),
    ] {
        let yaml = format!("config:\n  mcp_servers:\n    - name: files\n      url: {url}\n");
        let wanted: &[&str] = if found {
            &["agent-mcp-plain-http"]
        } else {
            &[]
        };
        assert_eq!(rules("clearance.yaml", &yaml), wanted, "{url}");
    }
    let report = super::analyse(&[(
        "clearance.yaml",
        b"config:\n  mcp_servers:\n    - url: http://mcp.example\n",
    )]);
    assert_eq!(report.findings[0].line, Some(3));
}

#[test]
fn hostile_configuration_is_survived() {
    let bomb = "mcp: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d]\nf: [*e,*e,*e,*e,*e,*e,*e,*e]\n";
    rules("a.yaml", bomb);
    rules("a.yaml", &format!("mcp: {}", "[".repeat(100_000)));
    rules(
        "a.yaml",
        &format!(
            "mcp:\n{}",
            (0..400)
                .map(|n| format!("{}- \n", " ".repeat(n)))
                .collect::<String>()
        ),
    );
    rules("a.json", &format!("{{\"mcp\": {}", "[".repeat(100_000)));
}
