//! Calls of Python's libraries that do harm with the wrong argument, by name. The rules that look at a call alone and those
//! that follow values know the same ones.

use ruff_python_ast::ExprCall;

use super::expressions::is_false;

/// The first argument is a command that a shell reads.
pub(super) fn is_shell(function: &str) -> bool {
    matches!(
        function,
        "os.system"
            | "os.popen"
            | "subprocess.getoutput"
            | "subprocess.getstatusoutput"
            | "asyncio.create_subprocess_shell"
            | "asyncio.subprocess.create_subprocess_shell"
            | "commands.getoutput"
            | "pty.spawn"
    )
}

/// A program is started, by a shell if it is asked for.
pub(super) fn is_spawn(function: &str) -> bool {
    matches!(
        function,
        "subprocess.run"
            | "subprocess.call"
            | "subprocess.check_call"
            | "subprocess.check_output"
            | "subprocess.Popen"
    )
}

/// A shell is asked for, or may be.
pub(super) fn asks_for_shell(call: &ExprCall) -> bool {
    let option = call.arguments.find_keyword("shell");
    option.is_some_and(|option| !is_false(&option.value) && !option.value.is_none_literal_expr())
}

/// Data are read that bring code along, whatever else is given.
pub(super) fn unpickles(function: &str) -> bool {
    let (module, name) = function.rsplit_once('.').unwrap_or(("", function));
    let pickles = matches!(
        module,
        "pickle" | "cPickle" | "_pickle" | "dill" | "cloudpickle"
    ) && matches!(name, "load" | "loads" | "Unpickler");
    pickles
        || matches!(
            function,
            "marshal.loads" | "marshal.load" | "jsonpickle.decode"
        )
}

/// YAML is read, and makes objects unless its loader is a safe one.
pub(super) fn loads_yaml(function: &str) -> bool {
    let (module, name) = function.rsplit_once('.').unwrap_or(("", function));
    matches!(module, "yaml" | "ruamel.yaml")
        && matches!(
            name,
            "unsafe_load" | "unsafe_load_all" | "full_load" | "full_load_all" | "load" | "load_all"
        )
}
