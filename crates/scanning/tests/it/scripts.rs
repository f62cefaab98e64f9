//! The agent rules on JavaScript and TypeScript: each with code that breaks it and code that does not.

use domain::gate::Verdict;

use super::{analyse, rules};

fn breaks(rule: &str, codes: &[&str]) {
    for code in codes {
        for name in ["agent.js", "agent.ts", "agent.tsx"] {
            let found = rules(name, code);
            assert!(
                found.iter().any(|one| one == rule),
                "{rule} should be found, not {found:?}, in {name}:\n{code}"
            );
        }
    }
}

fn clean(codes: &[&str]) {
    for code in codes {
        let found = rules("agent.ts", code);
        assert!(
            found.is_empty(),
            "nothing should be found, not {found:?}, in:\n{code}"
        );
    }
}

#[test]
fn code_and_shells() {
    breaks(
        "agent-dynamic-eval",
        &[
            "eval(x);",
            "const f = new Function(body);",
            "import vm from 'vm';\nvm.runInNewContext(code);",
            "eval(`a${b}`);",
        ],
    );
    breaks(
        "agent-model-output-eval",
        &[
            "const r = await openai.chat.completions.create({messages});\neval(r.choices[0].message.content);",
            "const { text } = await generateText({ prompt });\nconst code = text.trim();\nnew Function(code)();",
        ],
    );
    breaks(
        "agent-dynamic-shell",
        &[
            "import { exec } from 'child_process';\nexec(`ls ${dir}`);",
            "const cp = require('child_process');\ncp.execSync(command);",
            "import { spawn } from 'child_process';\nspawn(command, { shell: true });",
        ],
    );
    breaks(
        "agent-model-output-shell",
        &[
            "import { execSync } from 'child_process';\nconst r = await chain.invoke(q);\nexecSync(r.content);",
        ],
    );
    clean(&[
        "eval('1 + 1');",
        "import { execFile } from 'child_process';\nexecFile('ls', [dir]);",
        "import { exec } from 'child_process';\nexec('ls -l');",
        "const m = /a(b)/.exec(text);\nimport 'child_process';",
        "const m = pattern.exec(text);",
        "const r = await chain.invoke(q);\nconsole.log(r);",
    ]);
}

#[test]
fn statements_certificates_models_and_servers() {
    breaks(
        "agent-sql-built-from-text",
        &[
            "db.query(`SELECT * FROM t WHERE id = ${id}`);",
            "await client.execute('DELETE FROM t WHERE n = ' + name);",
        ],
    );
    breaks(
        "agent-tls-verification-off",
        &[
            "const agent = new https.Agent({ rejectUnauthorized: false });",
            "process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';",
        ],
    );
    breaks(
        "agent-floating-model",
        &[
            "const r = f({ model: 'gpt-4o' });",
            "f({ modelName: \"claude-3-5-sonnet-latest\" });",
        ],
    );
    breaks(
        "agent-missing-step-limit",
        &["run({ maxSteps: Infinity });"],
    );
    breaks(
        "agent-mcp-unpinned",
        &["const s = { command: 'npx', args: ['-y', '@acme/server'] };"],
    );
    breaks(
        "agent-mcp-plain-http",
        &["const s = { transport: 'sse', url: 'http://tools.example.com/sse' };"],
    );
    clean(&[
        "db.query('SELECT * FROM t WHERE id = $1', [id]);",
        "db.query(sql);",
        "log.all(`select ${x}`.length);",
        "const agent = new https.Agent({ rejectUnauthorized: true });",
        "f({ model: 'gpt-4o-2024-08-06', maxSteps: 5 });",
        "const s = { command: 'npx', args: ['-y', '@acme/server@1.2.3'] };",
    ]);
}

#[test]
fn what_does_not_parse_is_not_clean() {
    let fine = analyse(&[("a.ts", b"const x: number = <number>1;")]);
    assert_eq!((fine.verdict, fine.reason), (Verdict::Passed, None));
    let broken = analyse(&[("a.ts", b"function (((")]);
    assert_eq!(
        (broken.verdict, broken.reason.as_deref()),
        (Verdict::Inconclusive, Some("engine_missing"))
    );
    assert!(
        broken
            .findings
            .iter()
            .any(|one| one.rule == "script-not-analysed")
    );
}

#[test]
fn deep_and_long_code_comes_to_an_end() {
    for text in [
        "[".repeat(50_000),
        "a.".repeat(50_000) + "b",
        "f(".repeat(20_000),
        format!("const x = {};", "1+".repeat(30_000) + "1"),
    ] {
        let began = std::time::Instant::now();
        let _report = analyse(&[("a.js", text.as_bytes())]);
        assert!(began.elapsed().as_secs() < 60);
    }
}

#[test]
fn a_zero_byte_does_not_hide_a_script() {
    let report = analyse(&[("agent.ts", b"// \0\neval(x);\n"), ("fine.js", b"f();\n")]);
    let found = &report.findings;
    assert_eq!(
        (
            found.len(),
            found[0].rule.as_str(),
            found[0].location.as_str()
        ),
        (1, "script-not-analysed", "agent.ts")
    );
    assert!(!found[0].fingerprint.is_empty());
    let unassessed = ("not assessed: TypeScript".to_owned(), "1 file".to_owned());
    assert!(report.basis.contains(&unassessed));
    let alone = analyse(&[("agent.ts", b"// \0\neval(x);\n")]);
    assert_eq!(alone.verdict, Verdict::Inconclusive);
}
