"""An agent of the standard library alone. The prompt says how to answer."""

import json
import os
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def answer(prompt):
    if prompt == "environment":
        key = os.environ.get("CLEARANCE_PRIVATE_KEY_FILE")
        return {
            "names": sorted(os.environ),
            "setting": os.environ.get("MODE"),
            "secret": os.environ.get("CRM_TOKEN"),
            "key": json.load(open(key))["kty"] if key else None,
        }
    return {"result": prompt}


class Agent(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def reply(self, body):
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.reply(b'{"status": "Healthy"}')

    def do_POST(self):
        prompt = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["prompt"]
        if prompt == "hang":
            threading.Event().wait()
        elif prompt == "garbage":
            self.wfile.write(b"\x00\x01 no HTTP at all\r\n\r\n")
        elif prompt == "endless":
            self.reply(b"x" * (3 << 20))
        elif prompt == "binary":
            self.reply(b"\xff\xfe")
        else:
            self.reply(json.dumps(answer(prompt)).encode())


print("listening", flush=True)
ThreadingHTTPServer((os.environ["HOST"], int(os.environ["PORT"])), Agent).serve_forever()
