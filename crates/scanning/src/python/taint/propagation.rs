//! Calls that hand on what they are given, and calls that make it safe.

use super::value::{Constant, Safe, Source, Value};

/// Functions that return a form of what they are given, by the whole of their dotted name.
const FORMS: &[&str] = &[
    "ast.literal_eval",
    "bytearray",
    "bytes",
    "copy.copy",
    "copy.deepcopy",
    "dict",
    "enumerate",
    "filter",
    "format",
    "frozenset",
    "functools.reduce",
    "html.unescape",
    "itertools.chain",
    "iter",
    "io.BytesIO",
    "io.StringIO",
    "json.dumps",
    "json.loads",
    "list",
    "map",
    "max",
    "min",
    "next",
    "os.fsdecode",
    "os.fspath",
    "os.path.expanduser",
    "os.path.expandvars",
    "os.path.join",
    "re.findall",
    "re.search",
    "re.split",
    "re.sub",
    "repr",
    "reversed",
    "set",
    "shlex.split",
    "sorted",
    "str",
    "sum",
    "textwrap.dedent",
    "textwrap.indent",
    "tuple",
    "urllib.parse.parse_qs",
    "urllib.parse.unquote",
    "urllib.parse.urljoin",
    "urllib.parse.urlparse",
    "urllib.parse.urlsplit",
    "urllib.request.Request",
    "yaml.safe_load",
    "zip",
    "tomllib.loads",
    "string.Template",
    "aiofiles.os.path.join",
    "pathlib.Path",
    "pathlib.PurePath",
    "pathlib.PosixPath",
    "Path",
];
/// Words in the name of a function that this file does not hold and that say that it changes the form alone.
const FORMING: &[&str] = &[
    "clean",
    "convert",
    "decode",
    "dedent",
    "extract",
    "format",
    "from_string",
    "normalis",
    "normaliz",
    "parse",
    "render",
    "split",
    "strip",
    "to_text",
    "unescape",
    "unquote",
    "unwrap",
];
/// Methods of a value from outside that say something of it and hold none of it.
const ASKING: &[&str] = &[
    "__len__",
    "count",
    "endswith",
    "exists",
    "find",
    "index",
    "is_dir",
    "is_file",
    "isalnum",
    "isalpha",
    "isdigit",
    "startswith",
    "match",
    "raise_for_status",
];

/// What a call of something outside the file makes of its arguments. `None` where nothing is known.
pub(super) fn function(name: &str, arguments: &[Value]) -> Option<Value> {
    let all = || {
        arguments.iter().skip(1).fold(
            arguments.first().map_or_else(Value::unknown, Value::whole),
            |all, one| all.combine(one),
        )
    };
    let first = || arguments.first().map_or_else(Value::unknown, Value::whole);
    let safe = |safe: Safe| {
        Some(
            Value {
                constant: None,
                ..first()
            }
            .made_safe(safe),
        )
    };
    match name {
        "int"
        | "float"
        | "bool"
        | "len"
        | "ord"
        | "hash"
        | "abs"
        | "round"
        | "id"
        | "isinstance"
        | "uuid.UUID"
        | "decimal.Decimal"
        | "datetime.date.fromisoformat"
        | "datetime.datetime.fromisoformat"
        | "ipaddress.ip_address"
        | "any"
        | "all"
        | "callable"
        | "type"
        | "hashlib.sha256"
        | "hashlib.md5"
        | "hashlib.sha1" => Some(Value::harmless()),
        "shlex.quote" | "pipes.quote" => safe(Safe::SHELL),
        "shlex.join" | "subprocess.list2cmdline" => safe(Safe::SHELL),
        "html.escape"
        | "markupsafe.escape"
        | "flask.escape"
        | "bleach.clean"
        | "nh3.clean"
        | "xml.sax.saxutils.escape" => safe(Safe::TEMPLATE),
        "os.path.basename" | "ntpath.basename" | "werkzeug.utils.secure_filename" => {
            safe(Safe::PATH)
        }
        "werkzeug.utils.safe_join" | "flask.safe_join" | "django.utils._os.safe_join" => {
            Some(all().made_safe(Safe::PATH))
        }
        "os.path.realpath" | "os.path.abspath" | "os.path.normpath" => safe(Safe::RESOLVED),
        "urllib.parse.quote" | "urllib.parse.quote_plus" | "urllib.parse.urlencode" => {
            safe(Safe::URL.or(Safe::REDIRECT))
        }
        "re.escape" => safe(Safe::NOTHING),
        "requests.Session"
        | "requests.session"
        | "httpx.Client"
        | "httpx.AsyncClient"
        | "aiohttp.ClientSession" => Some(Value {
            constant: Some(Constant::Session),
            ..Value::unknown()
        }),
        // What the operator sets is not from outside, and is not written here either.
        "os.getenv" | "os.environ.get" | "getpass.getpass" | "open" => None,
        _ if FORMS.contains(&name) => Some(Value {
            constant: None,
            ..all()
        }),
        _ => {
            let last = name.rsplit('.').next().unwrap_or(name).to_lowercase();
            let forms = FORMING.iter().any(|word| last.contains(word));
            let value = all();
            (forms && value.taint.is_some()).then_some(Value {
                safe: Safe::NOTHING,
                feared: Safe::EVERYTHING,
                ..value
            })
        }
    }
}

/// What a method makes of the value that it is called on.
pub(super) fn method(name: &str, receiver: &Value, arguments: &[Value]) -> Option<Value> {
    if ASKING.contains(&name) && receiver.taint.is_some() {
        return Some(Value::harmless());
    }
    let constant = |value: Value| Value {
        constant: None,
        ..value
    };
    match name {
        "format" | "join" | "replace" | "joinpath" | "format_map" | "substitute"
        | "safe_substitute" | "union" => {
            let begins = receiver.beginning().is_some() && name != "join";
            Some(if begins {
                let given = arguments
                    .iter()
                    .fold(Value::harmless(), |all, one| all.combine(one));
                super::sinks::filled(receiver, &given)
            } else {
                arguments
                    .iter()
                    .fold(receiver.whole(), |all, one| all.combine(one))
            })
        }
        "get" | "pop" | "setdefault" => {
            let key =
                super::value::Key::of(arguments.first().and_then(|one| one.constant.as_ref()));
            let found = receiver.part(key.as_ref());
            let known = receiver.items.is_some() || receiver.taint.is_some();
            known.then(|| match arguments.get(1) {
                Some(other) => found.join(other),
                None => found,
            })
        }
        "items" | "values" | "keys" | "copy" | "strip" | "lstrip" | "rstrip" | "lower"
        | "upper" | "title" | "encode" | "decode" | "removeprefix" | "removesuffix" | "split"
        | "rsplit" | "splitlines" | "expanduser" | "partition" => {
            (receiver.taint.is_some() || receiver.items.is_some() || receiver.safe != Safe::NOTHING)
                .then(|| constant(receiver.whole()))
        }
        "resolve" | "absolute" => Some(receiver.clone().made_safe(Safe::RESOLVED)),
        // Whatever else is asked of a value from outside is from outside too: `.group(1)`, `.model_dump()`.
        _ => receiver
            .taint
            .as_ref()
            .filter(|taint| taint.source != Source::Tool || !matches!(name, "execute"))
            .map(|_| constant(receiver.whole())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quoted_text_is_safe_for_a_shell_alone() {
        let given = [Value::unknown()];
        let quoted = function("shlex.quote", &given).unwrap();
        assert!(quoted.is_safe(Safe::SHELL));
        assert!(!quoted.is_safe(Safe::SQL));
        assert!(function("somewhere.else", &given).is_none());
    }
}
