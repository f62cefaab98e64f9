"""`parcel-chat-1`: a LangChain chat model that runs offline and answers only with facts it was given."""

import re

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage
from langchain_core.outputs import ChatGeneration, ChatResult

STOP_WORDS = frozenset(
    "a about am an and any are as at be been but by can could did do does for from had has have hello how i if in "
    "is it like me much my name not of on or our please so tell that the there this to was we what when where "
    "which who will with would you your".split()
)


def stems(text):
    """The words of `text` that carry meaning, cut down to their stems. A hyphen keeps words together."""
    words = re.findall(r"[a-z]+|\d+", text.lower())
    return {re.sub(r"(?<=[a-z]{3})(ing|ies|ed|es|e|s|y)$", "", word) for word in words if word not in STOP_WORDS}


class ParcelChat(BaseChatModel):
    """Answers the last human message with the line below `Facts:` of the system message that fits it best.

    A fact is written as `topics | sentence`; the topics help to find it and are never said.
    """

    not_known: str
    max_tokens: int = 200

    @property
    def _llm_type(self):
        return "parcel-chat"

    def _generate(self, messages, stop=None, run_manager=None, **kwargs):
        system = next(message.content for message in messages if isinstance(message, SystemMessage))
        question = next(message.content for message in reversed(messages) if isinstance(message, HumanMessage))
        facts = [line.split(" | ", 1) for line in system.partition("Facts:\n")[2].splitlines() if " | " in line]
        message = AIMessage(content=self._choose(stems(question), facts))
        return ChatResult(generations=[ChatGeneration(message=message)])

    def _choose(self, asked, facts):
        """The best sentence. A word in the topics counts twice; one shared word is not enough to answer."""
        best, best_score = self.not_known, 1
        for topics, sentence in facts:
            score = 2 * len(asked & stems(topics)) + len(asked & stems(sentence))
            if score > best_score:
                best, best_score = sentence, score
        return " ".join(best.split()[: self.max_tokens])
