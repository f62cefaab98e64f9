"""The agent's HTTP contract: GET /ping and POST /invocations, standard library only."""

import json
import os
import signal
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MAX_BODY = 1_000_000  # bytes; a question longer than this is not a question
MAX_PROMPT = 20_000  # characters


class Rejected(Exception):
    """A request that cannot be served, with the status code that says why."""

    def __init__(self, status, reason):
        super().__init__(reason)
        self.status = status


def log(**fields):
    """One JSON line on standard output. Prompts and answers are personal data and stay out of it."""
    try:
        print(json.dumps(fields), flush=True)
    except OSError:
        pass  # whoever read the log is gone: go on serving


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60  # seconds that an idle connection is kept
    disable_nagle_algorithm = True

    def log_message(self, *_):
        """Silences the default access log: `log` writes what is worth keeping."""

    def do_GET(self):
        if self.path == "/ping":
            self.reply(200, {"status": "Healthy"})
        else:
            self.reply(405 if self.path == "/invocations" else 404, {"error": "not served here"})

    def do_POST(self):
        started = time.monotonic()
        try:
            status, body = 200, {"result": self.server.answer(self.prompt())}
        except Rejected as refusal:
            status, body = refusal.status, {"error": str(refusal)}
            self.close_connection = True
        except Exception as fault:  # one bad question must not end the agent
            status, body = 500, {"error": "the agent failed to answer"}
            log(event="fault", kind=type(fault).__name__, detail=str(fault)[:200])
        self.reply(status, body)
        log(event="invocation", status=status, ms=round((time.monotonic() - started) * 1000))

    def prompt(self):
        """Reads and checks the body of an invocation."""
        if self.path != "/invocations":
            raise Rejected(404, "not served here")
        length = self.headers.get("content-length", "")
        if not (length.isascii() and length.isdigit()):
            raise Rejected(411, "send a Content-Length")
        if int(length) > MAX_BODY:
            raise Rejected(413, f"the body is larger than {MAX_BODY} bytes")
        try:
            payload = json.loads(self.rfile.read(int(length)))
        except (ValueError, RecursionError) as fault:
            raise Rejected(400, "the body is not JSON") from fault
        prompt = payload.get("prompt") if isinstance(payload, dict) else None
        if not isinstance(prompt, str) or not prompt.strip():
            raise Rejected(400, 'send {"prompt": "..."} with some text')
        return prompt[:MAX_PROMPT]

    def reply(self, status, body):
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        if self.close_connection:
            self.send_header("connection", "close")
        self.end_headers()
        self.wfile.write(data)


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        """A caller that hangs up early is not worth a traceback."""
        log(event="connection_lost", kind=type(sys.exc_info()[1]).__name__)


def serve(answer):
    """Serves `answer`, a function from prompt to text, on HOST and PORT until SIGTERM."""
    host, port = os.environ.get("HOST", "127.0.0.1"), int(os.environ.get("PORT", "8080"))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with Server((host, port), Handler) as server:
        server.answer = answer
        log(event="listening", host=host, port=port, version=os.environ.get("CLEARANCE_VERSION", "dev"))
        server.serve_forever()
