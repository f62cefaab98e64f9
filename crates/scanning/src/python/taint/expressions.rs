//! Expressions: what each of them is worth.

use std::collections::BTreeMap;

use ruff_python_ast::{
    BoolOp, CmpOp, Comprehension, Expr, ExprAttribute, ExprBinOp, ExprCompare, ExprDict,
    ExprFString, ExprLambda, ExprUnaryOp, InterpolatedStringElement, Number, Operator, UnaryOp,
};
use ruff_text_size::Ranged;

use super::sinks;
use super::sources;
use super::value::{Constant, Key, Value};
use super::walker::Walker;

impl<'a> Walker<'a> {
    /// The value of an expression. Its calls are looked at on the way.
    pub(super) fn value(&mut self, expr: &'a Expr) -> Value {
        if !self.spend(1) || !self.deeper() {
            return Value::unknown();
        }
        let value = self.worth(expr);
        self.depth -= 1;
        value
    }

    fn worth(&mut self, expr: &'a Expr) -> Value {
        match expr {
            Expr::Name(one) => self.lookup(&one.id),
            Expr::StringLiteral(one) => Value::text(one.value.to_str()),
            Expr::NumberLiteral(one) => number(&one.value),
            Expr::BooleanLiteral(one) => Value::constant(Constant::Bool(one.value)),
            Expr::NoneLiteral(_) => Value::constant(Constant::None),
            Expr::BytesLiteral(_) | Expr::EllipsisLiteral(_) => Value::harmless(),
            Expr::Call(one) => self.call(expr, one),
            Expr::Attribute(one) => self.attribute(one),
            Expr::Subscript(one) => {
                let base = self.value(&one.value);
                let key = self.value(&one.slice);
                base.part(Key::of(key.constant.as_ref()).as_ref())
            }
            Expr::BinOp(one) => self.binary(one),
            Expr::BoolOp(one) => self.either_of(one.op, &one.values),
            Expr::UnaryOp(one) => self.unary(one),
            Expr::Compare(one) => self.compare(one),
            Expr::If(one) => self.conditional(&one.test, &one.body, &one.orelse),
            Expr::FString(one) => self.formatted(one),
            Expr::List(one) => self.listed(&one.elts),
            Expr::Tuple(one) => self.listed(&one.elts),
            Expr::Set(one) => self.listed(&one.elts).whole(),
            Expr::Dict(one) => self.dictionary(one),
            Expr::Named(one) => {
                let value = self.value(&one.value);
                self.assign(&one.target, value.clone());
                value
            }
            Expr::Await(one) => self.value(&one.value),
            Expr::Starred(one) => self.value(&one.value).part(None),
            Expr::YieldFrom(one) => self.value(&one.value),
            Expr::Yield(one) => self.yielded(one.value.as_deref()),
            Expr::ListComp(one) => self.comprehension(&one.generators, &[&one.elt]),
            Expr::SetComp(one) => self.comprehension(&one.generators, &[&one.elt]),
            Expr::Generator(one) => self.comprehension(&one.generators, &[&one.elt]),
            Expr::DictComp(one) => match &one.key {
                Some(key) => self.comprehension(&one.generators, &[&one.value, key]),
                None => self.comprehension(&one.generators, &[&one.value]),
            },
            Expr::Lambda(one) => self.lambda(one),
            Expr::Slice(one) => {
                for part in [&one.lower, &one.upper, &one.step].into_iter().flatten() {
                    self.value(part);
                }
                Value::unknown()
            }
            Expr::TString(_) | Expr::IpyEscapeCommand(_) => Value::unknown(),
        }
    }

    fn attribute(&mut self, one: &'a ExprAttribute) -> Value {
        let base = self.value(&one.value);
        if let Some(source) = sources::attribute(one, self.names) {
            return self.source(source, one.start(), "a request brings a value");
        }
        let key = Key::Text(one.attr.as_str().into());
        sources::of_attribute(&base.part(Some(&key)), one.attr.as_str())
    }

    fn unary(&mut self, one: &'a ExprUnaryOp) -> Value {
        let value = self.value(&one.operand);
        match (one.op, value.constant.as_ref()) {
            (UnaryOp::Not, constant) => {
                truth_value(constant.and_then(Constant::truth).map(|truth| !truth))
            }
            (UnaryOp::USub, Some(Constant::Int(int))) => int
                .checked_neg()
                .map_or_else(Value::harmless, |int| Value::constant(Constant::Int(int))),
            (UnaryOp::USub | UnaryOp::UAdd | UnaryOp::Invert, _) => Value {
                constant: None,
                ..value
            },
        }
    }

    fn lambda(&mut self, one: &'a ExprLambda) -> Value {
        let around = self.frame.state.clone();
        for parameter in one.parameters.iter().flat_map(|all| all.iter()) {
            self.shadow(parameter.name().as_str());
        }
        self.value(&one.body);
        self.frame.state = around;
        Value::unknown()
    }

    /// Hides a name of the surroundings by one of which nothing is known.
    fn shadow(&mut self, name: &'a str) {
        if let Some(state) = &mut self.frame.state {
            std::rc::Rc::make_mut(state).insert(name, Value::unknown());
        }
    }

    fn yielded(&mut self, value: Option<&'a Expr>) -> Value {
        if let Some(value) = value {
            let value = self.value(value);
            self.hand_out(value);
        }
        Value::unknown()
    }

    fn conditional(&mut self, test: &'a Expr, body: &'a Expr, orelse: &'a Expr) -> Value {
        match self.truth(test) {
            Some(true) => self.value(body),
            Some(false) => self.value(orelse),
            None => {
                let around = self.frame.state.clone();
                self.narrow(test, true);
                let one = self.value(body);
                self.frame.state.clone_from(&around);
                self.narrow(test, false);
                let two = self.value(orelse);
                self.frame.state = around;
                one.join(&two)
            }
        }
    }

    /// `a and b`, `a or b`: each part is worth what it is once those before it were passed.
    fn either_of(&mut self, op: BoolOp, values: &'a [Expr]) -> Value {
        let around = self.frame.state.clone();
        let mut all: Option<Value> = None;
        for one in values {
            let value = self.value(one);
            let truth = value.constant.as_ref().and_then(Constant::truth);
            let ends = truth == Some(matches!(op, BoolOp::Or));
            // What is passed over is not the result.
            let passed = truth == Some(matches!(op, BoolOp::And));
            if !passed || std::ptr::eq(one, values.last().unwrap_or(one)) {
                all = Some(match all {
                    Some(known) => known.join(&value),
                    None => value,
                });
            }
            if ends {
                break;
            }
            self.narrow(one, matches!(op, BoolOp::And));
        }
        // Names that the test binds stay; what it checked holds for its parts alone.
        let ended = self.frame.state.take();
        self.frame.state = self.meet(around, ended);
        all.unwrap_or_else(Value::unknown)
    }

    fn formatted(&mut self, string: &'a ExprFString) -> Value {
        let mut all = Value::text("");
        for element in string.value.iter().flat_map(|part| match part {
            ruff_python_ast::FStringPart::Literal(literal) => vec![Element::Text(&literal.value)],
            ruff_python_ast::FStringPart::FString(inner) => {
                inner.elements.iter().map(Element::Part).collect()
            }
        }) {
            let value = match element {
                Element::Text(text) => Value::text(text),
                Element::Part(InterpolatedStringElement::Literal(literal)) => {
                    Value::text(&literal.value)
                }
                Element::Part(InterpolatedStringElement::Interpolation(part)) => {
                    self.value(&part.expression)
                }
            };
            all = sinks::concatenated(&all, &value);
        }
        all
    }

    fn listed(&mut self, elements: &'a [Expr]) -> Value {
        let mut items = BTreeMap::new();
        let mut rest = Value::harmless();
        for (place, one) in elements.iter().enumerate() {
            let value = self.value(one);
            let key = i64::try_from(place).ok().map(Key::Int);
            match key.filter(|_| !one.is_starred_expr() && items.len() == place) {
                Some(key) => {
                    items.insert(key, value);
                }
                None => rest = rest.join(&value.whole()),
            }
            // A long table is one value: what was read so far joins it.
            if items.len() > 64 {
                rest = Value::container(std::mem::take(&mut items), rest);
            }
        }
        Value::container(items, rest)
    }

    fn dictionary(&mut self, dict: &'a ExprDict) -> Value {
        let mut items = BTreeMap::new();
        let mut rest = Value::harmless();
        for item in &dict.items {
            let key = item.key.as_ref().map(|key| self.value(key));
            let value = self.value(&item.value);
            let key = key.as_ref().and_then(|key| Key::of(key.constant.as_ref()));
            match key.filter(|_| items.len() <= 64) {
                Some(key) => {
                    items.insert(key, value);
                }
                None => rest = rest.join(&value.whole()),
            }
        }
        let all = Value::container(items, rest);
        self.message(dict, &all);
        all
    }

    fn comprehension(&mut self, generators: &'a [Comprehension], results: &[&'a Expr]) -> Value {
        let around = self.frame.state.clone();
        for one in generators {
            let each = self.value(&one.iter).part(None);
            // A comprehension has names of its own, also where it stands in the file itself.
            let module = std::mem::replace(&mut self.frame.module, false);
            self.assign(&one.target, each);
            for test in &one.ifs {
                self.value(test);
                self.narrow(test, true);
            }
            self.frame.module = module;
        }
        let mut all: Option<Value> = None;
        for one in results {
            let value = self.value(one);
            all = Some(match all {
                Some(known) => known.combine(&value),
                None => value.whole(),
            });
        }
        self.frame.state = around;
        all.map_or_else(Value::unknown, |all| Value {
            constant: None,
            ..all
        })
    }

    fn binary(&mut self, both: &'a ExprBinOp) -> Value {
        let left = self.value(&both.left);
        let right = self.value(&both.right);
        self.operate(both.op, &left, &right)
    }

    /// What an operator makes of two values.
    pub(super) fn operate(&self, op: Operator, left: &Value, right: &Value) -> Value {
        if let (Some(Constant::Int(one)), Some(Constant::Int(two))) =
            (&left.constant, &right.constant)
        {
            let result = match op {
                Operator::Add => one.checked_add(*two),
                Operator::Sub => one.checked_sub(*two),
                Operator::Mult => one.checked_mul(*two),
                Operator::FloorDiv => one.checked_div_euclid(*two).filter(|_| *two > 0),
                Operator::Mod => one.checked_rem_euclid(*two).filter(|_| *two > 0),
                Operator::MatMult
                | Operator::Div
                | Operator::Pow
                | Operator::LShift
                | Operator::RShift
                | Operator::BitOr
                | Operator::BitXor
                | Operator::BitAnd => None,
            };
            return result.map_or_else(Value::harmless, |int| Value::constant(Constant::Int(int)));
        }
        match op {
            Operator::Add if left.items.is_none() && right.items.is_none() => {
                sinks::concatenated(left, right)
            }
            // `base / name` joins paths, and `text % values` fills in.
            Operator::Mod if left.beginning().is_some() => sinks::filled(left, right),
            Operator::Add | Operator::Mod | Operator::Div | Operator::BitOr => left.combine(right),
            Operator::Mult if left.taint.is_some() || right.taint.is_some() => left.combine(right),
            Operator::Sub
            | Operator::Mult
            | Operator::FloorDiv
            | Operator::MatMult
            | Operator::Pow
            | Operator::LShift
            | Operator::RShift
            | Operator::BitXor
            | Operator::BitAnd => {
                // These make numbers, whatever they are given.
                if left.taint.is_some() || right.taint.is_some() {
                    Value::harmless()
                } else {
                    left.combine(right)
                }
            }
        }
    }

    fn compare(&mut self, one: &'a ExprCompare) -> Value {
        let left = self.value(&one.left);
        let rights: Vec<Value> = one
            .comparators
            .iter()
            .map(|right| self.value(right))
            .collect();
        let ([op], [right]) = (&*one.ops, &*rights) else {
            return Value::harmless();
        };
        truth_value(compared(*op, &left, right))
    }

    /// Whether a test holds, where that is known. What stands in it is looked at.
    pub(super) fn truth(&mut self, test: &'a Expr) -> Option<bool> {
        let value = self.value(test);
        value.constant.as_ref().and_then(Constant::truth)
    }
}

/// A part of a formatted string.
#[derive(Debug, Clone, Copy)]
enum Element<'a> {
    Text(&'a str),
    Part(&'a InterpolatedStringElement),
}

/// A number as it is written; only whole ones are known.
fn number(number: &Number) -> Value {
    let Number::Int(int) = number else {
        return Value::harmless();
    };
    int.as_i64()
        .map_or_else(Value::harmless, |int| Value::constant(Constant::Int(int)))
}

fn truth_value(truth: Option<bool>) -> Value {
    truth.map_or_else(Value::harmless, |truth| {
        Value::constant(Constant::Bool(truth))
    })
}

fn compared(op: CmpOp, left: &Value, right: &Value) -> Option<bool> {
    let (one, two) = (left.constant.as_ref()?, right.constant.as_ref()?);
    if let (Constant::Int(one), Constant::Int(two)) = (one, two) {
        return match op {
            CmpOp::Eq | CmpOp::Is => Some(one == two),
            CmpOp::NotEq | CmpOp::IsNot => Some(one != two),
            CmpOp::Lt => Some(one < two),
            CmpOp::LtE => Some(one <= two),
            CmpOp::Gt => Some(one > two),
            CmpOp::GtE => Some(one >= two),
            CmpOp::In | CmpOp::NotIn => None,
        };
    }
    if let (Constant::Text(one), Constant::Text(two)) = (one, two) {
        return match op {
            CmpOp::Eq => Some(one == two),
            CmpOp::NotEq => Some(one != two),
            CmpOp::In => Some(two.contains(&**one)),
            CmpOp::NotIn => Some(!two.contains(&**one)),
            CmpOp::Lt | CmpOp::LtE | CmpOp::Gt | CmpOp::GtE | CmpOp::Is | CmpOp::IsNot => None,
        };
    }
    let same = (matches!(one, Constant::None) && matches!(two, Constant::None)).then_some(true);
    match op {
        CmpOp::Is | CmpOp::Eq => same,
        CmpOp::IsNot | CmpOp::NotEq => same.map(|same| !same),
        CmpOp::Lt | CmpOp::LtE | CmpOp::Gt | CmpOp::GtE | CmpOp::In | CmpOp::NotIn => None,
    }
}
