"""Refund assistant: answers questions from the published refund policy, and reads single orders."""

import json
import os
import re
from pathlib import Path

import orders
from model import PolicyLookup, section
from server import serve

HERE = Path(__file__).resolve().parent
SETTINGS = {"max_tokens": 256} | json.loads(os.environ.get("CLEARANCE_SETTINGS") or "{}")
ORDERS_URL = os.environ.get("ORDERS_URL", "https://orders.test.example")

SYSTEM = (HERE / "prompts/system.md").read_text("utf-8")
GUARDRAILS = [
    re.compile(line, re.IGNORECASE | re.DOTALL)
    for line in (HERE / "prompts/guardrails.txt").read_text("utf-8").splitlines()
    if line and not line.startswith("#")
]
MODEL = PolicyLookup(json.loads((HERE / "knowledge/policy.json").read_text("utf-8")), SETTINGS["max_tokens"])


def lookup_order(number):
    """Tool `lookup_order`: what is known about one order, as a sentence."""
    order = orders.read(number)
    if order is None:
        return f"There is no order {number}."
    return (
        f"Order {number} ({order['item']}, {order['price']} pounds) was delivered on {order['delivered']} "
        f"and can be returned until {order['return_by']}. Details: {ORDERS_URL}/orders/{number}"
    )


def work_out(draft):
    """Replaces each sum that the model leaves in double braces, such as {{48.00 * 0.9}}, by its result."""
    return re.sub(r"{{(.+?)}}", lambda found: f"{eval(found.group(1)):.2f}", draft)


def cancel_order(number):
    """What customers ask for and this agent has no scope for: the desk says no, and the refusal is on record."""
    return "The order is cancelled." if orders.cancel(number) else f"I cannot cancel order {number}."


def tool_for(prompt):
    """What to do with the order that is named."""
    return cancel_order if re.search(r"\bcancel\b", prompt, re.IGNORECASE) else lookup_order


def used(tool, number):
    """The answer of a tool, or why it has none."""
    try:
        return tool(number)
    except orders.Unavailable as reason:
        return str(reason)


def answer(prompt):
    """Refuses what the guardrails name, reads the order that is asked about, and else asks the model."""
    if any(rule.search(prompt) for rule in GUARDRAILS):
        return section(SYSTEM, "Refusal")
    order = re.search(r"\border\s+(?:number\s+)?#?(\d{4,10})\b", prompt, re.IGNORECASE)
    if order:
        return used(tool_for(prompt), order.group(1))
    return work_out(MODEL.generate(SYSTEM, prompt))


if __name__ == "__main__":
    serve(answer)
