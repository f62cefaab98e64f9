"""Two Lyzr Automata models that run offline: one finds clauses, the other shortens them. Neither adds a word."""

import re

from lyzr_automata.ai_models.model_base import AIModel

STOP_WORDS = frozenset(
    "a about an and any are as at be been by can could did do does for from had has have hello how i if in is it its "
    "me must my name not of on or our please so tell than that the their there they this to under was we what when "
    "where which who will with would you your contract agreement clause say says summarise summary give us".split()
)


def stems(text):
    """The words of `text` that carry meaning, cut down to their stems."""
    words = re.findall(r"[a-z]+|\d+", text.lower())
    return {re.sub(r"(?<=[a-z]{3})(ation|ing|ies|ed|es|e|s|y)$", "", word) for word in words if word not in STOP_WORDS}


def task_input(prompt):
    """What a Lyzr task hands over, without its instructions."""
    return prompt.partition("  Input: ")[2].strip()


class OfflineModel(AIModel):
    def generate_image(self, *_, **__):
        raise NotImplementedError("this model writes text only")


class ClauseFinder(OfflineModel):
    """`clause-finder-1`: returns the clauses that answer a question, or the first sentence of all for a summary."""

    def __init__(self, contracts):
        """`contracts` maps a contract's name to its clauses, each a title and a text."""
        self._contracts = contracts

    def generate_text(self, task_id=None, system_persona=None, prompt="", tasks=None):
        question = task_input(prompt)
        named = [name for name in self._contracts if name in question.lower()]
        clauses = [clause for name in named or self._contracts for clause in self._contracts[name]]
        asked = stems(question) - stems(" ".join(named))
        if named and not asked:
            found = [text.split(". ")[0].rstrip(".") + "." for _, text in clauses]
        else:
            scores = [2 * len(asked & stems(title)) + len(asked & stems(text)) for title, text in clauses]
            found = [text for (_, text), score in zip(clauses, scores) if score == max(scores) and score > 1]
        return "\n".join(found[: 10 if named else 1]) + "\nQuestion:"


class ClauseSummariser(OfflineModel):
    """`clause-summariser-1`: keeps the sentences that fit the question best, in the order of the contract."""

    def __init__(self, max_sentences, not_found):
        self._max_sentences = max_sentences
        self._not_found = not_found

    def generate_text(self, task_id=None, system_persona=None, prompt="", tasks=None):
        clauses, _, question = task_input(prompt).partition("Question:")
        sentences = [part for part in re.split(r"(?<=\.)\s+", clauses.strip()) if part]
        asked = stems(question)
        best = sorted(sentences, key=lambda sentence: -len(asked & stems(sentence)))[: self._max_sentences]
        return " ".join(sentence for sentence in sentences if sentence in best) or self._not_found
