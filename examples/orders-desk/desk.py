"""An orders desk: a resource that only agents with clearance reach. Standard library only.

For each call it asks Clearance two things, with an API token of the scope `access`: whose token is this (RFC 7662), and may
that agent do this, now (OpenID AuthZEN)? Then it acts or refuses, and reports what was done (access events).

    GET    /<environment>/orders/<number>    needs orders:read
    DELETE /<environment>/orders/<number>    needs orders:write

It reads CLEARANCE_URL, CLEARANCE_TOKEN, HOST and PORT; with UNTIL_EOF set it ends when its standard input does. Whatever is not a clear yes is a no: when Clearance does not answer,
nobody gets in.
"""

import json
import os
import re
import signal
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections import deque
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

CLEARANCE = os.environ.get("CLEARANCE_URL", "http://127.0.0.1:3000").rstrip("/")
TOKEN = os.environ.get("CLEARANCE_TOKEN", "")
ORDERS = json.loads((Path(__file__).resolve().parent / "orders.json").read_text("utf-8"))
PLACE = re.compile(r"/(non_prod|production)/orders/([0-9]{1,10})")
ACTIONS = {"GET": "read", "DELETE": "write"}
TIMEOUT = 5
WAITING_MAX = 10_000  # reports that are kept while Clearance does not answer
BATCH = 200
PAUSE = 2  # seconds between two tries to report


def log(**fields):
    """One JSON line on standard output. Tokens stay out of it."""
    print(json.dumps(fields), flush=True)


def ask(path, body, kind):
    """Asks Clearance, and answers what it said."""
    headers = {"authorization": f"Bearer {TOKEN}", "content-type": kind}
    request = urllib.request.Request(f"{CLEARANCE}{path}", body, headers)
    with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
        return json.load(answer)


def whose(token):
    """The client id of a token that is active now; else none."""
    form = urllib.parse.urlencode({"token": token}).encode()
    said = ask("/oauth/introspect", form, "application/x-www-form-urlencoded")
    return said.get("client_id") if said.get("active") is True else None


def may(client, action, number, environment):
    """Does Clearance let this agent do this, now?"""
    question = {
        "subject": {"type": "agent", "id": client},
        "action": {"name": action},
        "resource": {"type": "orders", "id": f"order/{number}"},
        "context": {"environment": environment},
    }
    said = ask("/access/v1/evaluation", json.dumps(question).encode(), "application/json")
    return said.get("decision") is True


class Reports:
    """What was done, sent in batches and again until it arrived. The same report twice counts once, by its id."""

    def __init__(self):
        self.waiting, self.some = deque(maxlen=WAITING_MAX), threading.Event()
        threading.Thread(target=self.run, daemon=True).start()

    def add(self, client, action, number, allowed):
        self.waiting.append(
            {
                "id": str(uuid.uuid4()),
                "identity": client,
                "resource": "orders",
                "action": action,
                "object": f"order/{number}",
                "allowed": allowed,
                "occurred_at": datetime.now(timezone.utc).isoformat(),
            }
        )
        self.some.set()

    def run(self):
        while True:
            self.some.wait()
            self.some.clear()
            while self.waiting:
                batch = list(self.waiting)[:BATCH]
                try:
                    ask("/api/v1/access-events", json.dumps({"events": batch}).encode(), "application/json")
                except (OSError, ValueError) as fault:
                    log(event="report_waits", kind=type(fault).__name__, waiting=len(self.waiting))
                    time.sleep(PAUSE)
                    continue
                for _ in batch:
                    self.waiting.popleft()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60

    def log_message(self, *_):
        """Silences the default access log: `log` writes what is worth keeping."""

    def do_GET(self):
        self.serve("GET")

    def do_DELETE(self):
        self.serve("DELETE")

    def serve(self, method):
        place = PLACE.fullmatch(self.path)
        if place is None:
            return self.reply(404, {"error": "no such place"})
        environment, number = place.groups()
        kind, _, token = self.headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer" or not token:
            return self.reply(401, {"error": "send the agent's access token"})
        try:
            client = whose(token)
            if client is None:
                return self.reply(401, {"error": "this token is not active"})
            allowed = may(client, ACTIONS[method], number, environment)
        except (OSError, ValueError) as fault:
            log(event="clearance_silent", kind=type(fault).__name__)
            return self.reply(503, {"error": "Clearance does not answer, so nobody gets in"})
        self.server.reports.add(client, ACTIONS[method], number, allowed)
        log(event="call", client=client, action=ACTIONS[method], order=number, allowed=allowed)
        if not allowed:
            return self.reply(403, {"error": "this agent may not do that now"})
        order = ORDERS.get(number)
        if order is None:
            return self.reply(404, {"error": "no such order"})
        return self.reply(200, order)

    def reply(self, status, body):
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        if status == 401:
            self.send_header("www-authenticate", "Bearer")
        self.end_headers()
        self.wfile.write(data)


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """A caller that hangs up early is not worth a traceback."""
        log(event="connection_lost", kind=type(sys.exc_info()[1]).__name__)


def end_with_input():
    """Ends this process when nobody holds its standard input any more."""
    sys.stdin.read()
    os._exit(0)


def main():
    if os.environ.get("UNTIL_EOF"):
        threading.Thread(target=end_with_input, daemon=True).start()
    host, port = os.environ.get("HOST", "127.0.0.1"), int(os.environ.get("PORT", "0"))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with Server((host, port), Handler) as server:
        server.reports = Reports()
        log(event="listening", host=host, port=server.server_port)
        server.serve_forever()


if __name__ == "__main__":
    main()
