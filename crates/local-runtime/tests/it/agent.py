"""A small agent of many vices, after AgentCore's HTTP contract. What it does is chosen by MODE."""

import http.server
import json
import os
import signal
import socketserver
import sys
import time

MODE = os.environ.get("MODE", "healthy")


def fork_children():
    """One ordinary child, one in a session of its own, one that also has nothing of our environment."""
    for kind in ("child", "session", "bare"):
        if os.fork() == 0:
            if kind != "child":
                os.setsid()
            if kind == "bare":
                os.execve(sys.executable, [sys.executable, "-c", "import time; time.sleep(600)", *sys.argv[1:]], {})
            time.sleep(600)
            os._exit(0)


def attempt(work):
    try:
        return work()
    except BaseException as error:
        return f"{type(error).__name__}: {error}"


def write(path):
    with open(path, "w") as file:
        file.write("written")
    return "written"


def perform(order):
    if "exit" in order:
        os._exit(order["exit"])
    if "read" in order:
        return attempt(lambda: open(order["read"]).read())
    if "list" in order:
        return attempt(lambda: sorted(os.listdir(order["list"])))
    if "write" in order:
        return attempt(lambda: write(order["write"]))
    if "say" in order:
        print(order["say"], flush=True)
    if "answer_bytes" in order:
        return "x" * order["answer_bytes"]
    if "sleep" in order:
        time.sleep(order["sleep"])
    if "gulp_mb" in order:
        return attempt(lambda: len(bytearray(order["gulp_mb"] * 1024 * 1024)))
    if "fill_mb" in order:
        kept = []
        for _ in range(order["fill_mb"] // 4):
            kept.append(bytearray(os.urandom(4096) * 1024))
            time.sleep(0.02)
        return len(kept)
    if "forks" in order:
        for _ in range(order["forks"]):
            if os.fork() == 0:
                time.sleep(600)
                os._exit(0)
    return order


class Agent(http.server.BaseHTTPRequestHandler):
    def reply(self, status, body, content_type="application/json"):
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if MODE == "garbage":
            self.reply(200, b"\x1b[31m<html>fine</html>", "text/html")
        elif MODE == "not-http":
            self.wfile.write(b"SSH-2.0-agent\r\n\r\n")
        elif MODE == "wrong-status":
            self.reply(500, b'{"status":"Healthy"}')
        elif MODE == "redirect":
            self.send_response(302)
            self.send_header("Location", "http://127.0.0.1:1/")
            self.end_headers()
        elif MODE == "slow":
            time.sleep(600)
        elif MODE == "endless":
            self.send_response(200)
            self.end_headers()
            while True:
                self.wfile.write(b"x" * 65536)
        else:
            self.reply(200, json.dumps({"status": "HealthyBusy" if MODE == "busy" else "Healthy"}).encode())

    def do_POST(self):
        order = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        answer = {
            "result": perform(order),
            "env": dict(os.environ),
            "cwd": os.getcwd(),
            "session": self.headers["X-Amzn-Bedrock-AgentCore-Runtime-Session-Id"],
        }
        self.reply(200, json.dumps(answer).encode())

    def log_message(self, *arguments):
        pass


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True


def on_terminate(*_):
    print("goodbye", flush=True)
    os._exit(0)


if MODE == "exit":
    print("no such model", flush=True)
    sys.exit(3)
if MODE == "deaf":
    time.sleep(600)
if MODE == "stubborn":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
else:
    signal.signal(signal.SIGTERM, on_terminate)
if MODE == "forks":
    fork_children()
print("ready", flush=True)
Server((os.environ["HOST"], int(os.environ["PORT"])), Agent).serve_forever()
