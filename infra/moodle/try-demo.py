#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lets the demo's learners decline in their simulated Outlook, and looks at their places in the real Moodle.

    MOODLE_SOURCE=… infra/moodle/try --keep DIR -- infra/moodle/try-demo.py DIR/site target/release/demo [--chaos …]

It is a receiver of signed requests that asks the plugin, with the id of the request as its key. In the end each sign-up in Moodle must be
as the answers said.
"""

import base64
import collections
import hashlib
import hmac
import http.server
import json
import os
import pathlib
import re
import subprocess
import sys
import threading
import urllib.parse
import urllib.request

WORLD = json.loads(pathlib.Path(os.environ["MOODLE_SITE"]).read_text())
SITE, DEMO = sys.argv[1], sys.argv[2:]
SEED = pathlib.Path(__file__).with_name("try-site.php")
CAST, SESSIONS, ANSWERS = {}, {}, []
SECRET = []
LOCK = threading.Lock()


def ask(function, **fields):
    form = {"wstoken": WORLD["tokens"]["service"], "wsfunction": function, "moodlewsrestformat": "json", **fields}
    body = urllib.parse.urlencode(form).encode()
    with urllib.request.urlopen(WORLD["url"] + "/webservice/rest/server.php", body, timeout=60) as answer:
        return json.load(answer)


def make_cast():
    with LOCK:
        if not SESSIONS:
            made = subprocess.run(
                ["php", str(SEED), SITE, "cast", json.dumps({"sessions": CAST})], capture_output=True, text=True, check=True
            )
            SESSIONS.update(json.loads(made.stdout))


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        signed = f"{self.headers['webhook-id']}.{self.headers['webhook-timestamp']}.".encode() + body
        mine = "v1," + base64.b64encode(hmac.new(base64.b64decode(SECRET[0][6:]), signed, hashlib.sha256).digest()).decode()
        message = json.loads(body)
        if not any(hmac.compare_digest(mine, other) for other in self.headers["webhook-signature"].split()):
            self.say(401)
        elif message["type"] != "enrolment.cancel":
            make_cast()
            self.say(204)
        else:
            data = message["data"]
            answer = ask(
                "local_regrets_cancel_signup", session=SESSIONS.get(data["session"], data["session"]), field="email",
                value=data["learner"], reason=f"Declined in Outlook ({data['verdict']})", key=data["id"],
            )
            ANSWERS.append((data["session"], data["learner"], answer.get("outcome"), answer.get("replayed")))
            self.say(200 if "outcome" in answer else 503, answer)

    def say(self, status, answer=None):
        body = b"" if answer is None else json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    receiver = f"http://127.0.0.1:{server.server_address[1]}/hooks/regrets"
    with subprocess.Popen([*DEMO, "--lms", receiver], stdout=subprocess.PIPE, text=True) as demo:
        for line in demo.stdout:
            print(line, end="", flush=True)
            secret = re.search(r"Its secret:\s+(\S+)", line)
            if secret:
                SECRET.append(secret[1])
            session = re.match(r"\s+session (\S+): (.*)", line)
            if session:
                CAST[session[1]] = session[2].split(", ")
    done = {(session, learner) for session, learner, outcome, _ in ANSWERS if outcome in ("done", "already_cancelled")}
    states, wrong = collections.Counter(), []
    for session, learners in CAST.items():
        for learner in learners:
            state = ask("local_regrets_get_signup", session=SESSIONS[session], field="email", value=learner)["state"]
            states[state] += 1
            if (state == "cancelled") != ((session, learner) in done):
                wrong.append(f"{learner} in {session} is {state}")
    repeated = sum(1 for *_, replayed in ANSWERS if replayed)
    told = ", ".join(f"{state} {count}" for state, count in sorted(states.items()))
    print(f"\nIn the real Moodle: {told}; {repeated} answers were repeated under their key, and nothing was done for them.")
    for line in wrong:
        print(f"WRONG {line}", file=sys.stderr)
    sys.exit(1 if wrong or demo.returncode else 0)


main()
