"""`policy-lookup-1`: a model that runs offline and gives the same answer to the same question.

It stands where a hosted model would: it gets the system prompt, the question and the facts it may
use, and answers with the published sentences that fit best. It never writes a sentence of its own.
"""

import math
import re

STOP_WORDS = frozenset(
    "a about after all am an and any are arrive arrived as at back be been before but by can could did do does "
    "for from get had has have hello hi how i if in into is it its like made make many me much my name no not "
    "of on or our please should so some tell than that the their them then there these they this those to us "
    "want was we what when where which who will with would you your".split()
)


def stems(text):
    """The words of `text` that carry meaning, cut down to their stems."""
    words = re.findall(r"[a-z]+|\d+", text.lower().replace("'s", ""))
    return {re.sub(r"(?<=[a-z]{3})(ing|ed|es|e|s|y)$", "", word) for word in words if word not in STOP_WORDS}


class PolicyLookup:
    """Ranks facts, each `{"topics": ..., "text": ...}`, by the rare words they share with a question."""

    def __init__(self, facts, max_tokens=256):
        self._facts = [(stems(fact["topics"]), stems(fact["text"]), fact["text"]) for fact in facts]
        self._max_tokens = max_tokens

    def generate(self, system, question):
        """The answer to `question`, or the sentence that `system` gives for questions without a fact."""
        asked = stems(question)
        scored = [(self._score(asked, topics, words), text) for topics, words, text in self._facts]
        score, text = max(scored, key=lambda pair: pair[0])
        if score < 2.0:
            return section(system, "Not covered")
        return " ".join(text.split()[: self._max_tokens])

    def _score(self, asked, topics, words):
        """Sum over shared words of how rare each is; a word that only the text has counts half."""
        return sum(self._rarity(word) * (1.0 if word in topics else 0.5) for word in asked & (topics | words))

    def _rarity(self, word):
        used = sum(word in topics or word in words for topics, words, _ in self._facts)
        return math.log(1 + len(self._facts) / used)


def section(prompt, title):
    """The text below the heading `## title` of a Markdown prompt."""
    found = re.search(rf"^## {re.escape(title)}\n+(.+?)(?=\n## |\Z)", prompt, re.MULTILINE | re.DOTALL)
    return " ".join(found.group(1).split()) if found else ""
