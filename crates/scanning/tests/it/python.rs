//! The agent rules: each with code that breaks it and code that does not.

use std::fmt::Write as _;

use domain::gate::{Severity, Verdict};

fn python(code: &str) -> Vec<String> {
    super::rules("agent.py", code)
}

fn breaks(rule: &str, codes: &[&str]) {
    for code in codes {
        let found = python(code);
        assert!(
            found.iter().any(|one| one == rule),
            "{rule} should be found, not {found:?}, in:\n{code}"
        );
    }
}

fn clean(codes: &[&str]) {
    for code in codes {
        let found = python(code);
        assert!(
            found.is_empty(),
            "nothing should be found, not {found:?}, in:\n{code}"
        );
    }
}

#[test]
fn dynamic_code() {
    breaks(
        "agent-dynamic-eval",
        &[
            "def f(x):\n    return eval(x)",
            "import builtins\ndef f(x): return builtins.eval(x)",
            "def f(x): exec(f'print({x})')",
            "e = eval\ndef f(x): return e(x)",
            "def f(x): getattr(__builtins__, 'exec')(x)",
            "def f(x): __builtins__['eval'](x)",
            "CODE = 'print(1)'\ndef f(CODE): exec(CODE)",
            "CODE = 'print(1)'\nCODE += input()\nexec(CODE)",
            "for CODE in codes(): exec(CODE)",
            "def f(x): return compile(source=x, filename='a', mode='exec')",
        ],
    );
    clean(&[
        "print(eval('1 + 1'))",
        "CODE = 'print(1)'\nexec(CODE)",
        "CODE = 'print(' + '1' + ')'\nexec(CODE)",
        "import ast\ndef f(x): return ast.literal_eval(x)",
        "import re\ndef f(x): return re.compile(x)",
        "def f(model): model.eval()",
        "import pandas as pd\ndef f(df, q): return df.eval(q)",
    ]);
}

#[test]
fn model_output_in_code_and_shell_is_critical() {
    let codes = [
        "import openai\nr = openai.OpenAI().chat.completions.create(model='m', messages=[])\nexec(r.choices[0].message.content)",
        "def f(llm, q):\n    answer = llm.invoke(q)\n    code = answer.content.strip()\n    exec(code)",
        "@tool\ndef calculate(expression: str):\n    return eval(expression)",
        "@mcp.tool()\nasync def calculate(expression: str):\n    return eval(expression)",
        "def f(agent, q):\n    for step in agent.run(q):\n        eval(step)",
    ];
    breaks("agent-model-output-eval", &codes);
    let report = super::analyse(&[("agent.py", codes[0].as_bytes())]);
    assert_eq!(report.findings[0].severity, Severity::Critical);
    assert_eq!(report.findings[0].line, Some(3));
    assert_eq!(
        (report.verdict, report.reason.as_deref()),
        (Verdict::Failed, Some("findings"))
    );
    breaks(
        "agent-model-output-shell",
        &[
            "import subprocess\ndef f(llm, q): subprocess.run(llm.invoke(q).content, shell=True)",
            "import os\n@function_tool\ndef run(command: str): os.system(command)",
        ],
    );
}

#[test]
fn dynamic_shell() {
    breaks(
        "agent-dynamic-shell",
        &[
            "import os\ndef f(x): os.system('ls ' + x)",
            "from os import system as s\ndef f(x): s(x)",
            "__import__('os').system(input())",
            "import importlib\nimportlib.import_module('os').popen(input())",
            "import subprocess as sp\ndef f(x): sp.run(f'ls {x}', shell=True)",
            "import subprocess\ndef f(x, y): subprocess.Popen(args=x, shell=y)",
            "import subprocess\ndef f(x): subprocess.check_output(['bash', '-lc', x])",
            "import asyncio\nasync def f(x): await asyncio.create_subprocess_shell(x)",
        ],
    );
    clean(&[
        "import os\nos.system('ls -l')",
        "import subprocess\ndef f(x): subprocess.run(['ls', x])",
        "import subprocess\ndef f(x): subprocess.run(['ls', x], shell=False)",
        "import subprocess\nsubprocess.run('ls | wc -l', shell=True)",
        "import subprocess\nCMD = ['sh', '-c', 'ls']\nsubprocess.run(CMD)",
        "def f(run, x): run(x, shell=True)",
    ]);
}

#[test]
fn sql_from_text() {
    breaks(
        "agent-sql-built-from-text",
        &[
            "def f(c, x): c.execute(f'SELECT * FROM t WHERE a = {x}')",
            "def f(c, x): c.execute('select * from t where a = ' + x)",
            "def f(c, x): c.execute('DELETE FROM t WHERE a = %s' % x)",
            "def f(c, x): c.execute('UPDATE t SET a = {}'.format(x))",
            "def f(c, x):\n    q = f'INSERT INTO t VALUES ({x})'\n    c.executemany(q, [])",
            "from sqlalchemy import text\ndef f(s, x): s.execute(text(f'SELECT {x}'))",
            "def f(c, x):\n    q = 'SELECT * FROM t'\n    q += ' WHERE a = ' + x\n    c.execute('SELECT 1 UNION ' + q)",
        ],
    );
    clean(&[
        "def f(c, x): c.execute('SELECT * FROM t WHERE a = ?', (x,))",
        "TABLE = 't'\ndef f(c, x): c.execute(f'SELECT * FROM {TABLE} WHERE a = ?', (x,))",
        "def f(pool, x): pool.execute(f'task {x}')",
        "def f(c, sql): c.execute(sql)",
        "def f(x): print(f'select {x} from the menu')",
    ]);
}

#[test]
fn deserialisers() {
    breaks(
        "agent-unsafe-deserialisation",
        &[
            "import pickle\ndef f(b): return pickle.loads(b)",
            "from cloudpickle import load\ndef f(b): return load(b)",
            "import marshal\ndef f(b): return marshal.loads(b)",
        ],
    );
    breaks(
        "agent-unsafe-yaml",
        &[
            "import yaml\ndef f(b): return yaml.load(b)",
            "import yaml\ndef f(b): return yaml.load(b, Loader=yaml.FullLoader)",
            "import yaml\ndef f(b): return yaml.unsafe_load(b)",
            "from yaml import load, Loader\ndef f(b): return load(b, Loader)",
        ],
    );
    breaks(
        "agent-pickled-model",
        &["import torch\ndef f(p): return torch.load(p)"],
    );
    clean(&[
        "import yaml\ndef f(b): return yaml.safe_load(b)",
        "import yaml\ndef f(b): return yaml.load(b, Loader=yaml.SafeLoader)",
        "from yaml import load, CSafeLoader\ndef f(b): return load(b, CSafeLoader)",
        "import torch\ndef f(p): return torch.load(p, weights_only=True)",
        "import json\ndef f(b): return json.loads(b)",
        "import pickle\ndef f(x): return pickle.dumps(x)",
    ]);
}

#[test]
fn network() {
    breaks(
        "agent-tls-verification-off",
        &[
            "import requests\nrequests.get('https://a.example', verify=False, timeout=5)",
            "import httpx\nc = httpx.AsyncClient(verify=False)",
            "import requests\ns = requests.Session()\ns.verify = False",
            "import ssl\nc = ssl._create_unverified_context()",
        ],
    );
    breaks(
        "agent-request-without-timeout",
        &[
            "import requests\nrequests.get('https://a.example')",
            "from requests import post\npost('https://a.example')",
            "import httpx\nhttpx.get('https://a.example', timeout=None)",
            "import urllib.request\nurllib.request.urlopen('https://a.example')",
        ],
    );
    clean(&[
        "import requests\nrequests.get('https://a.example', timeout=5)",
        "import requests\ndef f(**kw): requests.get('https://a.example', **kw)",
        "import httpx\nhttpx.get('https://a.example')",
        "def f(cache, key): cache.get(key)",
    ]);
    let low = super::analyse(&[(
        "agent.py",
        b"import requests\nrequests.get('https://a.example')",
    )]);
    assert_eq!(
        low.verdict,
        Verdict::Passed,
        "a low finding is listed and does not fail"
    );
    assert_eq!(low.findings[0].severity, Severity::Low);
}

#[test]
fn dangerous_options_and_mcp_servers_in_code() {
    breaks(
        "agent-dangerous-option",
        &[
            "FAISS.load_local('x', e, allow_dangerous_deserialization=True)",
            "AutoModel.from_pretrained('x', trust_remote_code=True)",
        ],
    );
    breaks(
        "agent-shell-tool",
        &["from langchain_community.tools import ShellTool\nt = ShellTool()"],
    );
    breaks(
        "agent-mcp-unpinned",
        &[
            "p = StdioServerParameters(command='npx', args=['-y', '@acme/server'])",
            "c = {'files': {'command': 'uvx', 'args': ['mcp-server-files']}}",
        ],
    );
    breaks(
        "agent-mcp-plain-http",
        &[
            "c = {'a': {'transport': 'sse', 'url': 'http://mcp.example/sse'}}",
            "from mcp.client.sse import sse_client\nx = sse_client('http://mcp.example/sse')",
        ],
    );
    clean(&[
        "p = StdioServerParameters(command='npx', args=['-y', '@acme/server@1.4.2'])",
        "c = {'a': {'transport': 'sse', 'url': 'https://mcp.example/sse'}}",
        "c = {'a': {'transport': 'sse', 'url': 'http://localhost:8000/sse'}}",
        "load(trust_remote_code=False)",
    ]);
}

#[test]
fn a_file_that_does_not_parse_is_never_clean() {
    let report = super::analyse(&[("good.py", b"x = 1"), ("bad.py", b"def f(:\n  pass")]);
    assert_eq!(
        (report.verdict, report.reason.as_deref()),
        (Verdict::Inconclusive, Some("not_parsed"))
    );
    assert_eq!(report.findings[0].rule, "python-syntax-error");
    assert_eq!(report.findings[0].line, Some(1));
    // The rules still see what the parser recovered.
    let report = super::analyse(&[("bad.py", b"import os\nos.system(input())\ndef f(:\n  pass")]);
    assert_eq!(report.verdict, Verdict::Failed);

    let report = super::analyse(&[("a.py", b"x = 1\0\nexec(input())")]);
    assert_eq!(report.reason.as_deref(), Some("not_parsed"));
    let report = super::analyse(&[("a.py", b"# -*- coding: utf-7 -*-\nx = 1")]);
    assert_eq!(report.findings[0].rule, "python-odd-encoding");
    assert_eq!(report.verdict, Verdict::Failed);
}

#[test]
fn hostile_nesting_is_a_finding_and_not_a_crash() {
    let deep = 100_000;
    let mut lambdas = String::new();
    for n in 0..40_000 {
        write!(lambdas, "lambda a, b{n}: ").unwrap();
    }
    let mut indented = String::new();
    for n in 0..1_100 {
        writeln!(indented, "{}if x:", " ".repeat(n)).unwrap();
    }
    writeln!(indented, "{}pass", " ".repeat(1_100)).unwrap();
    for code in [
        format!("x = {}1{}", "(".repeat(deep), ")".repeat(deep)),
        format!("x = {}", "[".repeat(deep)),
        format!("x = 1{}", " + 1".repeat(deep)),
        format!("x = a{}", ".b".repeat(deep)),
        format!("x = a{}", "()".repeat(deep)),
        format!("x = {}1", "-".repeat(deep)),
        format!("x = {}1", "not ".repeat(deep)),
        format!("x = {}1", "1 if 1 else ".repeat(40_000)),
        format!("x = {lambdas}1"),
        format!("x = {}1{}", "f'{".repeat(deep), "}'".repeat(deep)),
        format!("x = 2{}", "**2".repeat(deep)),
        format!("{}pass", "if x: ".repeat(deep)),
        format!(
            "match x:\n  case {}1{}: pass",
            "[".repeat(deep),
            "]".repeat(deep)
        ),
        indented,
    ] {
        let report = super::analyse(&[("agent.py", code.as_bytes())]);
        let head: String = code.chars().take(40).collect();
        assert_eq!(
            report.verdict,
            Verdict::Inconclusive,
            "{head}: {:?}",
            report.summary
        );
        assert!(
            report
                .findings
                .iter()
                .any(|one| one.rule == "python-too-deep"),
            "{head}: {:?}",
            report.findings
        );
    }
}

#[test]
fn nesting_below_the_limit_is_analysed() {
    for code in [
        format!("x = {}eval(y){}", "(".repeat(900), ")".repeat(900)),
        format!("x = eval(y){}", " + 1".repeat(900)),
        format!("x = eval(y){}", ".b".repeat(900)),
        format!("x = {}eval(y)", "- ".repeat(900)),
        format!("x = [{}]\neval(y)", "(1, 'a'), ".repeat(20_000)),
    ] {
        let found = python(&code);
        let head: String = code.chars().take(40).collect();
        assert!(
            found.contains(&"agent-dynamic-eval".to_owned()),
            "{head}: {found:?}"
        );
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]
    #[test]
    fn any_text_is_analysed(text in "(?s)([a-z(){}\\[\\]:,.'\"=+\\-*@\\\\#\n \t]|def |lambda |f\"|match |case |if |else |import |eval\\(){0,60}") {
        let report = super::analyse(&[("agent.py", text.as_bytes())]);
        proptest::prop_assert!(report.verdict != Verdict::Errored);
    }
}
