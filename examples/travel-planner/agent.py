"""Travel planner: plans business trips and explains the travel policy. A CrewAI crew of two agents."""

import logging
import os
import re
import tempfile
from pathlib import Path

# The library writes below HOME and reports its use unless told otherwise; both must be settled before it is imported.
os.environ["HOME"] = os.environ["CREWAI_STORAGE_DIR"] = tempfile.mkdtemp(prefix="travel-planner-")
os.environ |= {"CREWAI_DISABLE_TELEMETRY": "true", "OTEL_SDK_DISABLED": "true", "CREWAI_TRACING_ENABLED": "false"}

from crewai import Agent, Crew, Task  # noqa: E402

from model import TravelDesk  # noqa: E402
from server import serve  # noqa: E402

logging.getLogger("crewai.llms.base_llm").setLevel(logging.ERROR)  # one warning a call about its token estimate
HERE = Path(__file__).resolve().parent


def read(name):
    return (HERE / name).read_text("utf-8").strip()


REFUSAL = read("prompts/refusal.md")
GUARDRAILS = [re.compile(line, re.IGNORECASE | re.DOTALL) for line in read("prompts/guardrails.txt").splitlines()]
DESK = TravelDesk(
    model="travel-desk-1",
    facts=[tuple(line.split(" | ", 1)) for line in read("knowledge/travel.txt").splitlines()],
    not_known=read("prompts/not-known.md"),
)


def crew():
    """A researcher who finds the facts, and a planner who writes the answer from them."""
    rules = read("prompts/system.md")
    researcher = Agent(role="travel researcher", goal="find the facts", backstory=rules, llm=DESK, verbose=False)
    planner = Agent(role="travel planner", goal="write the answer", backstory=rules, llm=DESK, verbose=False)
    research = Task(description=read("prompts/research.md"), expected_output="facts", agent=researcher)
    plan = Task(description=read("prompts/plan.md"), expected_output="answer", agent=planner, context=[research])
    return Crew(agents=[researcher, planner], tasks=[research, plan], verbose=False)


def answer(prompt):
    """Refuses what the guardrails name, else puts a fresh crew to work."""
    if any(rule.search(prompt) for rule in GUARDRAILS):
        return REFUSAL
    return crew().kickoff(inputs={"question": prompt}).raw


if __name__ == "__main__":
    serve(answer)
