#!/usr/bin/env python3
"""A receiver for Regrets, whole but for your own LMS: replace `cancel` and keep ANSWERS in your database.

    SECRET=whsec_... python3 receiver.py 8080        then POST to http://localhost:8080/hooks/regrets
"""
import base64, hashlib, hmac, json, os, sys, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock

SECRET = os.environ["SECRET"].strip().removeprefix("whsec_").translate(str.maketrans("-_", "+/"))
KEY = base64.b64decode(SECRET + "=" * (-len(SECRET) % 4))
ANSWERS, NEWEST, LOCK = {}, {}, Lock()  # by id; by place: the newest (generation, decision)


def cancel(session, learner):
    """Take the place away in your LMS, once. Say what became of it."""
    return {"outcome": "done"}


def is_signed(headers, body):
    id, at = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not at.isdigit() or abs(time.time() - int(at)) > 300:
        return False
    mac = hmac.new(KEY, f"{id}.{at}.".encode() + body, hashlib.sha256).digest()
    wanted = "v1," + base64.b64encode(mac).decode()
    return any(hmac.compare_digest(given.encode(), wanted.encode()) for given in headers.get("webhook-signature", "").split(" "))


def answer(order):
    if order["type"] != "enrolment.cancel":
        return {}  # a ping, or something newer than this receiver
    data = order["data"]
    with LOCK:  # one transaction in your database
        if data["id"] in ANSWERS:
            return ANSWERS[data["id"]]  # a repetition: say again what was said, do nothing again
        place, this = (data["session"], data["learner"]), (data["generation"], data.get("decision", 0))
        if this < NEWEST.get(place, (0, 0)):
            return {"outcome": "refused", "message": "a newer decision about this place has come before"}
        NEWEST[place], ANSWERS[data["id"]] = this, cancel(*place)
        return ANSWERS[data["id"]]


class Receiver(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        signed = is_signed(self.headers, body)
        said = json.dumps(answer(json.loads(body)) if signed else {"message": "bad signature"}).encode()
        self.send_response(200 if signed else 401)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Receiver).serve_forever()
