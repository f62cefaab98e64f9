"""Contract summariser: answers questions about three contracts. A Lyzr Automata pipeline of two tasks."""

import json
import os
import re
import tempfile
from pathlib import Path

os.chdir(tempfile.mkdtemp(prefix="contract-summariser-"))  # the library makes a folder where it is imported

from lyzr_automata import Agent, LinearSyncPipeline, Task  # noqa: E402

from model import ClauseFinder, ClauseSummariser  # noqa: E402
from server import serve  # noqa: E402

HERE = Path(__file__).resolve().parent
SETTINGS = {"max_sentences": 6} | json.loads(os.environ.get("CLEARANCE_SETTINGS") or "{}")


def read(name):
    return (HERE / name).read_text("utf-8").strip()


def clauses(contract):
    """Title and text of each clause of a Markdown contract."""
    parts = re.split(r"^## \d+ ", contract, flags=re.MULTILINE)[1:]
    return [(title.strip(), " ".join(text.split())) for title, _, text in (part.partition("\n") for part in parts)]


REFUSAL = read("prompts/refusal.md")
GUARDRAILS = [re.compile(line, re.IGNORECASE | re.DOTALL) for line in read("prompts/guardrails.txt").splitlines()]
CONTRACTS = {path.stem: clauses(path.read_text("utf-8")) for path in sorted((HERE / "contracts").glob("*.md"))}
ANALYST = Agent(role="contract analyst", prompt_persona=read("prompts/system.md"))
FIND, SUMMARISE = read("prompts/find.md"), read("prompts/summarise.md")
FINDER = ClauseFinder(CONTRACTS)
SUMMARISER = ClauseSummariser(SETTINGS["max_sentences"], read("prompts/not-found.md"))


class QuietPipeline(LinearSyncPipeline):
    """A pipeline whose run writes nothing to standard output: that is for the agent's own log."""

    def run(self):
        self.output = self._execute()
        return self.output


def answer(prompt):
    """Refuses what the guardrails name, else finds the clauses and sums them up."""
    if any(rule.search(prompt) for rule in GUARDRAILS):
        return REFUSAL
    find = Task(name="find", model=FINDER, agent=ANALYST, instructions=FIND, default_input=prompt)
    summarise = Task(name="summarise", model=SUMMARISER, agent=ANALYST, instructions=SUMMARISE, default_input=prompt)
    return QuietPipeline(name="contract", tasks=[find, summarise]).run()[-1]["task_output"]


if __name__ == "__main__":
    serve(answer)
