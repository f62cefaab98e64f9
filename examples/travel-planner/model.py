"""`travel-desk-1`: a CrewAI model that runs offline and answers only with facts of the travel desk."""

import re

from crewai import BaseLLM

STOP_WORDS = frozenset(
    "a about am an and any are as at be been but by can could did do does for from go had has have hello how i if "
    "in is it like me much my name need not of on or our please should so take tell that the there this to travel "
    "trip was we what when where which who will with would you your".split()
)


def stems(text):
    """The words of `text` that carry meaning, cut down to their stems."""
    words = re.findall(r"[a-z]+|\d+", text.lower())
    return {re.sub(r"(?<=[a-z]{3})(ing|ies|ed|es|e|s|y)$", "", word) for word in words if word not in STOP_WORDS}


class TravelDesk(BaseLLM):
    """Looks facts up for the researcher and writes them out for the planner.

    A fact is a pair of topics and a sentence; the topics help to find it and are never said.
    """

    facts: list[tuple[str, str]]
    not_known: str

    def call(self, messages, *args, **kwargs):
        task = messages if isinstance(messages, str) else messages[-1]["content"]
        question = re.search(r"Question: (.+)\n\nThis is the expected", task, re.DOTALL)
        if question:
            return self._look_up(question.group(1))
        # The planner's context is what the researcher found. It never holds words of the traveller.
        found = re.search(r"working with:\n(.+?)\n\nProvide", task, re.DOTALL)
        return " ".join(found.group(1).split()) if found else self.not_known

    def _look_up(self, question):
        """Every fact of a city for a plan, else the one fact that fits best; a shared word or two decide."""
        asked = stems(question)
        if asked & stems("plan itinerary"):
            cities = [fact for fact in self.facts if fact[0][0].isupper()]  # their topics begin with the city's name
            trip = [sentence for topics, sentence in cities if stems(topics.split()[0]) & asked]
            if trip:
                return "\n".join(trip)
        best, best_score = self.not_known, 1
        for topics, sentence in self.facts:
            score = 2 * len(asked & stems(topics)) + len(asked & stems(sentence))
            if score > best_score:
                best, best_score = sentence, score
        return best
