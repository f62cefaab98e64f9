"""Refund assistant: answers questions from the published refund policy, reads single orders, and opens refunds."""

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


def open_refund(number):
    """Tool `open_refund`: prepares the refund of one order. The customer confirms it on the order page."""
    order = orders.read(number)
    if order is None:
        return f"There is no order {number}."
    return (
        f"The refund for order {number} ({order['price']} pounds) is ready to confirm "
        f"until {order['return_by']}. Confirm: {ORDERS_URL}/orders/{number}/refund"
    )


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
    """Refuses what the guardrails name, reads or refunds the order that is named, and else asks the model."""
    if any(rule.search(prompt) for rule in GUARDRAILS):
        return section(SYSTEM, "Refusal")
    order = re.search(r"\border\s+(?:number\s+)?#?(\d{4,10})\b", prompt, re.IGNORECASE)
    if order:
        wants_refund = re.search(r"\b(open|start|request)\b.{0,20}\brefund\b", prompt, re.IGNORECASE)
        wanted = open_refund if wants_refund else tool_for(prompt)
        return used(wanted, order.group(1))
    return MODEL.generate(SYSTEM, prompt)


if __name__ == "__main__":
    serve(answer)
