"""Pricing analyst: works out quotes from the price list and explains the pricing rules. Built with Strands Agents."""

import json
import os
import re
from decimal import Decimal
from pathlib import Path

from bedrock_agentcore import BedrockAgentCoreApp
from strands import Agent, tool

from model import QuotePlanner

HERE = Path(__file__).resolve().parent
SETTINGS = {"max_tokens": 200, "currency": "euros"} | json.loads(os.environ.get("CLEARANCE_SETTINGS") or "{}")


def read(name):
    return (HERE / name).read_text("utf-8").strip()


SYSTEM, REFUSAL = read("prompts/system.md"), read("prompts/refusal.md")
GUARDRAILS = [re.compile(line, re.IGNORECASE | re.DOTALL) for line in read("prompts/guardrails.txt").splitlines()]
PRICES = json.loads(read("knowledge/prices.json"))
RULES = [line.split(" | ", 1) for line in read("knowledge/rules.txt").splitlines()]


@tool
def quote(product: str, quantity: int) -> str:
    """Works out the price of a quantity of one product.

    Args:
        product: Name as in the price list.
        quantity: How many pieces.
    """
    each = Decimal(PRICES["products"][product])
    if quantity < 1:
        return "A quote needs a quantity of at least 1."
    percent = max((off for least, off in PRICES["discounts"] if quantity >= least), default=0)
    total = each * quantity * (100 - percent) / 100
    pieces = f"{quantity} pieces of the {product} cost" if quantity > 1 else f"One {product} costs"
    reason = f", which includes a discount of {percent} percent" if percent else ""
    return f"{pieces} {total:.2f} {SETTINGS['currency']}{reason}."


@tool
def price_rule(question: str) -> str:
    """Finds the pricing rule that answers a question.

    Args:
        question: The question in the words of the user.
    """
    asked = {word.rstrip("s") for word in re.findall(r"[a-z]{3,}|\d+", question.lower())}
    best = max(RULES, key=lambda rule: len(asked & {word.rstrip("s") for word in rule[0].split()}))
    known = asked & {word.rstrip("s") for word in best[0].split()}
    return best[1] if known else "The pricing rules do not say anything about that."


app = BedrockAgentCoreApp()


@app.entrypoint
def invoke(payload):
    """Answers {"prompt": ...}. Each invocation gets an agent of its own, so no conversation leaks into the next."""
    prompt = str(payload.get("prompt", "")).strip()[:20_000]
    if not prompt:
        raise ValueError('send {"prompt": "..."} with some text')
    if any(rule.search(prompt) for rule in GUARDRAILS):
        return {"result": REFUSAL}
    planner = QuotePlanner(PRICES["products"], SETTINGS["max_tokens"])
    agent = Agent(model=planner, tools=[quote, price_rule], system_prompt=SYSTEM, callback_handler=None)
    return {"result": str(agent(prompt)).strip()}


if __name__ == "__main__":
    app.run(port=int(os.environ.get("PORT", "8080")), host=os.environ.get("HOST", "127.0.0.1"))
