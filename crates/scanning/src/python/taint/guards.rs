//! What a test that was passed says of the values in it: an allow-list, a pattern, a type, a place.

use ruff_python_ast::{BoolOp, CmpOp, Expr, ExprCall, ExprCompare, UnaryOp};

use super::super::expressions::{dotted, method, string};
use super::value::{Constant, Safe, Value};
use super::walker::Walker;

/// Methods of a text that hold for letters and digits alone.
const PLAIN: &[&str] = &[
    "isalnum",
    "isalpha",
    "isdecimal",
    "isdigit",
    "isidentifier",
    "isnumeric",
];
/// Words in the name of a function of the project that say that it checks what it is given.
const CHECKING: &[&str] = &[
    "allow",
    "assert_safe",
    "check",
    "ensure",
    "guard",
    "is_safe",
    "permit",
    "sanit",
    "valid",
    "verify",
    "whitelist",
];

impl<'a> Walker<'a> {
    /// Takes into account that a test held, or did not.
    pub(super) fn narrow(&mut self, test: &'a Expr, held: bool) {
        if self.frame.state.is_none() || !self.spend(1) || !self.deeper() {
            return;
        }
        if let Some(not) = test.as_unary_op_expr().filter(|one| one.op == UnaryOp::Not) {
            self.narrow(&not.operand, !held);
        } else if let Some(both) = test.as_bool_op_expr() {
            // That a whole `and` failed, or a whole `or` held, says nothing of its parts.
            if held == matches!(both.op, BoolOp::And) {
                for one in &both.values {
                    self.narrow(one, held);
                }
            }
        } else if let Some(one) = test.as_compare_expr() {
            self.narrow_compared(one, held);
        } else if let Some(call) = test.as_call_expr().filter(|_| held) {
            self.narrow_called(call);
        } else if let Some(named) = test.as_named_expr() {
            self.narrow(&named.value, held);
        }
        self.depth -= 1;
    }

    fn narrow_compared(&mut self, one: &'a ExprCompare, held: bool) {
        let ([op], [right]) = (&*one.ops, &*one.comparators) else {
            return;
        };
        let holds = match op {
            CmpOp::In | CmpOp::Eq | CmpOp::Is => held,
            CmpOp::NotIn | CmpOp::NotEq | CmpOp::IsNot => !held,
            CmpOp::Lt | CmpOp::LtE | CmpOp::Gt | CmpOp::GtE => false,
        };
        let list = self.value(right);
        // `pattern.fullmatch(x) is None` is the same test as the call itself.
        if right.is_none_literal_expr() {
            if let Some(call) = one.left.as_call_expr().filter(|_| !holds) {
                self.narrow_called(call);
            }
            return;
        }
        let listed = matches!(op, CmpOp::In | CmpOp::NotIn);
        // A piece of a text is not what a list has chosen.
        let is_text = matches!(
            list.constant,
            Some(Constant::Text(_) | Constant::Beginning(_))
        );
        if !holds || list.danger(Safe::CODE).is_some() || (listed && is_text) {
            return;
        }
        if one.left.is_name_expr() || one.left.is_attribute_expr() || one.left.is_subscript_expr() {
            self.make_safe(&one.left, Safe::EVERYTHING);
        }
        // The host of an address, or the folder of a path, vouches for the whole.
        self.make_whole_safe(&one.left, Safe::PLACE);
    }

    fn narrow_called(&mut self, call: &'a ExprCall) {
        let function = dotted(&call.func, self.names).unwrap_or_default();
        let name = method(call).unwrap_or(&function);
        let receiver = call.func.as_attribute_expr().map(|one| &*one.value);
        let argument = |at| call.arguments.find_positional(at);
        if let Some(receiver) = receiver.filter(|_| PLAIN.contains(&name)) {
            self.make_safe(receiver, Safe::EVERYTHING);
        } else if function == "isinstance" {
            if let (Some(subject), Some(kind)) = (argument(0), argument(1))
                && is_plain_type(kind)
            {
                self.make_safe(subject, Safe::EVERYTHING);
            }
        } else if matches!(name, "fullmatch") || (name == "match" && self.is_whole(call, &function))
        {
            let subject = if function.starts_with("re.") {
                argument(1)
            } else {
                argument(0)
            };
            if let Some(subject) = subject {
                self.make_safe(subject, Safe::EVERYTHING);
            }
        } else if let Some(receiver) =
            receiver.filter(|_| matches!(name, "startswith" | "is_relative_to"))
        {
            self.narrow_beginning(receiver, name);
        } else if is_checking(name) {
            for one in &call.arguments.args {
                self.make_safe(one, Safe::CHECKED);
            }
        }
    }

    /// A beginning says where an address leads, and where a path leads that has no `..` any more.
    fn narrow_beginning(&mut self, receiver: &'a Expr, name: &str) {
        let value = self.value(receiver);
        let place = Safe::URL.or(Safe::REDIRECT);
        let resolved = name == "is_relative_to" || value.safe.holds(Safe::RESOLVED);
        let safe = if resolved { Safe::PLACE } else { place };
        self.make_safe(receiver, safe);
        self.make_whole_safe(receiver, safe);
    }

    /// True for a `match` whose pattern goes to the end of the text.
    fn is_whole(&self, call: &ExprCall, function: &str) -> bool {
        function == "re.match"
            && call
                .arguments
                .find_positional(0)
                .and_then(string)
                .is_some_and(|pattern| pattern.ends_with('$') || pattern.ends_with("\\Z"))
    }

    /// A statement such as `check_path(path)`, which raises where it does not hold.
    pub(super) fn checked_by_call(&mut self, expr: &'a Expr) {
        let awaited = expr.as_await_expr().map_or(expr, |one| &*one.value);
        let Some(call) = awaited.as_call_expr() else {
            return;
        };
        let function = dotted(&call.func, self.names).unwrap_or_default();
        let name = method(call).unwrap_or(&function);
        if is_checking(name) {
            for one in &call.arguments.args {
                self.make_safe(one, Safe::CHECKED);
            }
        } else if name == "relative_to"
            && let Some(receiver) = call.func.as_attribute_expr()
        {
            self.make_whole_safe(&receiver.value, Safe::PLACE);
        }
    }

    /// Marks one value as safe, by the name or the part of one that holds it.
    fn make_safe(&mut self, expr: &'a Expr, safe: Safe) {
        let value = self.value(expr);
        if value.taint.is_some() || value.items.is_some() || expr.is_name_expr() {
            self.keep(expr, value.made_safe(safe));
        }
    }

    /// Binds again without a step on the way.
    fn keep(&mut self, expr: &'a Expr, value: Value) {
        if let Some(name) = expr.as_name_expr() {
            let module = std::mem::replace(&mut self.frame.module, false);
            self.bind(name.id.as_str(), value);
            self.frame.module = module;
        } else if expr.is_attribute_expr() || expr.is_subscript_expr() {
            self.assign(expr, value);
        }
    }

    /// Marks everything that comes from the same source as the expression.
    fn make_whole_safe(&mut self, expr: &'a Expr, safe: Safe) {
        let Some(taint) = self.value(expr).taint else {
            return;
        };
        let Some(state) = &mut self.frame.state else {
            return;
        };
        for value in std::rc::Rc::make_mut(state).values_mut() {
            if value
                .taint
                .as_ref()
                .is_some_and(|one| one.root == taint.root)
            {
                *value = value.clone().made_safe(safe);
            }
        }
    }
}

fn is_checking(name: &str) -> bool {
    let lower = name.to_lowercase();
    CHECKING.iter().any(|word| lower.contains(word)) && !lower.starts_with("checkout")
}

/// A type whose values are no text.
fn is_plain_type(kind: &Expr) -> bool {
    if let Some(elements) = super::super::expressions::elements(kind) {
        return !elements.is_empty() && elements.iter().all(is_plain_type);
    }
    kind.as_name_expr()
        .is_some_and(|name| matches!(name.id.as_str(), "int" | "float" | "bool" | "complex"))
}
