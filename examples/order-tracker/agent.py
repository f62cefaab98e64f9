"""Order tracker: says where a parcel is and how delivery works. A LangGraph graph of three nodes."""

import json
import os
import re
from pathlib import Path
from typing import TypedDict

from langchain_core.messages import HumanMessage, SystemMessage
from langgraph.graph import END, START, StateGraph

from model import ParcelChat
from server import serve

HERE = Path(__file__).resolve().parent
SETTINGS = {"max_tokens": 200} | json.loads(os.environ.get("CLEARANCE_SETTINGS") or "{}")
TRACKING_URL = os.environ.get("TRACKING_URL", "https://track.test.example")


def read(name):
    return (HERE / name).read_text("utf-8").strip()


SYSTEM, REFUSAL = read("prompts/system.md"), read("prompts/refusal.md")
GUARDRAILS = [re.compile(line, re.IGNORECASE | re.DOTALL) for line in read("prompts/guardrails.txt").splitlines()]
PARCEL = re.compile(r"\b(?:parcel|order|package|shipment)\s+(?:number\s+)?#?(\d{3,8})\b", re.IGNORECASE)
PARCELS = json.loads(read("knowledge/parcels.json"))
CHAT = ParcelChat(not_known=read("prompts/not-known.md"), max_tokens=SETTINGS["max_tokens"])


class State(TypedDict, total=False):
    question: str
    facts: list[str]
    answer: str


def screen(state):
    """Refuses what the guardrails name, before anything is read."""
    refused = any(rule.search(state["question"]) for rule in GUARDRAILS)
    return {"answer": REFUSAL} if refused else {}


def read_parcel(number):
    """Tool `read_parcel`: the facts of one parcel."""
    parcel = PARCELS.get(number)
    if parcel is None:
        return [f"parcel {number} | There is no parcel {number}."]
    return [
        f"parcel {number} where place now depot | Parcel {number} is {parcel['where']}.",
        f"parcel {number} when day arrive late expected | Parcel {number} arrives on {parcel['arrives']}.",
        f"parcel {number} carrier who brings company | Parcel {number} is carried by {parcel['carrier']}.",
        f"parcel {number} link page follow map | Follow parcel {number} at {TRACKING_URL}/{number}.",
    ]


def look_up(state):
    """Gathers the facts: those of the parcel that is named, else the delivery rules."""
    named = PARCEL.search(state["question"])
    return {"facts": read_parcel(named.group(1)) if named else read("knowledge/delivery.txt").splitlines()}


def compose(state):
    """Lets the chat model answer from the facts."""
    system = f"{SYSTEM}\n\nFacts:\n" + "\n".join(state["facts"])
    return {"answer": CHAT.invoke([SystemMessage(system), HumanMessage(state["question"])]).content}


def build():
    graph = StateGraph(State)
    graph.add_node(screen)
    graph.add_node(look_up)
    graph.add_node(compose)
    graph.add_edge(START, "screen")
    graph.add_conditional_edges("screen", lambda state: END if "answer" in state else "look_up", ["look_up", END])
    graph.add_edge("look_up", "compose")
    graph.add_edge("compose", END)
    return graph.compile()


if __name__ == "__main__":
    tracker = build()
    serve(lambda prompt: tracker.invoke({"question": prompt})["answer"])
