"""`quote-planner-1`: a Strands model that runs offline. It plans one tool call and reports what the tool returned."""

import json
import re

from strands.models import Model


class QuotePlanner(Model):
    """Chooses `quote` for a product with a quantity and `price_rule` for everything else."""

    def __init__(self, products, max_tokens):
        self._products = products
        self._config = {"model_id": "quote-planner-1", "max_tokens": max_tokens}

    def update_config(self, **model_config):
        self._config.update(model_config)

    def get_config(self):
        return self._config

    def structured_output(self, output_model, prompt, system_prompt=None, **kwargs):
        raise NotImplementedError("quote-planner-1 answers in text only")

    async def stream(self, messages, tool_specs=None, system_prompt=None, **kwargs):
        last = messages[-1]["content"]
        results = [block["toolResult"] for block in last if "toolResult" in block]
        yield {"messageStart": {"role": "assistant"}}
        if results:
            words = " ".join(part["text"] for part in results[0]["content"] if "text" in part).split()
            yield {"contentBlockStart": {"start": {}}}
            yield {"contentBlockDelta": {"delta": {"text": " ".join(words[: self._config["max_tokens"]])}}}
            stop = "end_turn"
        else:
            name, arguments = self._plan(" ".join(block.get("text", "") for block in last))
            yield {"contentBlockStart": {"start": {"toolUse": {"toolUseId": f"call-{len(messages)}", "name": name}}}}
            yield {"contentBlockDelta": {"delta": {"toolUse": {"input": json.dumps(arguments)}}}}
            stop = "tool_use"
        yield {"contentBlockStop": {}}
        yield {"messageStop": {"stopReason": stop}}

    def _plan(self, question):
        """The tool for a question, with its arguments."""
        text = question.lower()
        product = next((name for name in self._products if name in text), None)
        quantity = re.search(r"\b\d{1,6}\b", text)
        if product:
            return "quote", {"product": product, "quantity": int(quantity.group()) if quantity else 1}
        return "price_rule", {"question": question}
