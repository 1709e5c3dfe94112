#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The client's half of infra/moodle/try: asks the plugin as Regrets does, and holds each answer to what is expected."""

import argparse
import base64
import hashlib
import hmac
import http.server
import json
import pathlib
import re
import socket
import socketserver
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

import try_play_booking

PATH = "/webservice/rest/server.php"
WRONG = []


class Mail(socketserver.StreamRequestHandler):
    """Takes mails and counts them by address."""

    sent = []

    def handle(self):
        say = lambda text: self.wfile.write(text.encode() + b"\r\n")
        say("220 try")
        to, data = [], False
        for raw in self.rfile:
            line = raw.rstrip(b"\r\n")
            if data:
                if line == b".":
                    data = False
                    say("250 ok")
                elif line.lower().startswith(b"subject:"):
                    self.sent += [(address, line[8:].strip().decode()) for address in to]
                continue
            verb = line[:4].upper()
            if verb == b"RCPT":
                to.append(line.split(b"<")[1].split(b">")[0].decode())
            if verb == b"DATA":
                data = True
                say("354 go on")
            elif verb == b"QUIT":
                say("221 bye")
                return
            else:
                say("250 ok")


class Hook(http.server.BaseHTTPRequestHandler):
    """Takes messages as Regrets does, and verifies their signatures."""

    secret = b""
    taken = []
    refuse = 0
    redirect = 0
    strangers = 0

    def do_POST(self):
        if isinstance(self.connection, ssl.SSLSocket):
            Hook.strangers += 1
        body = self.rfile.read(int(self.headers["content-length"]))
        signed = f"{self.headers['webhook-id']}.{self.headers['webhook-timestamp']}.".encode() + body
        good = b"v1," + base64.b64encode(hmac.new(Hook.secret, signed, hashlib.sha256).digest())
        known = hmac.compare_digest(good, self.headers["webhook-signature"].encode())
        fresh = abs(time.time() - int(self.headers["webhook-timestamp"])) < 300
        status = 204 if known and fresh else 401
        if Hook.refuse:
            Hook.refuse -= 1
            status = 503
        elif Hook.redirect:
            Hook.redirect -= 1
            status = 307
        elif status == 204:
            message = json.loads(body)
            message["webhook-id"] = self.headers["webhook-id"]
            Hook.taken.append(message)
        self.send_response(status)
        if status == 307:
            self.send_header("Location", self.path)
        self.end_headers()

    def log_message(self, *_):
        pass


class Play:
    def __init__(self, options):
        self.site = options.site
        self.moodle = options.moodle
        self.world = json.loads(pathlib.Path(options.world).read_text())
        self.record = pathlib.Path(options.record) if options.record else None
        self.tokens = self.world["tokens"]
        self.sessions = self.world["sessions"]
        self.learners = self.world["learners"]
        self.seed = pathlib.Path(__file__).with_name("try-site.php")
        self.hook = Hook
        self.checked = 0
        self.keys = 0

    def key(self):
        self.keys += 1
        return f"{self.world['tag']}enrolment-{self.keys:04}.1.1"

    def body(self, function, token="service", **fields):
        form = {"wstoken": self.tokens.get(token, token), "wsfunction": function, "moodlewsrestformat": "json", **fields}
        return urllib.parse.urlencode(form)

    def call(self, name, function, token="service", **fields):
        """Sends one request; with --record and a name it is written down. Returns the JSON."""
        body = self.body(function, token, **fields)
        request = urllib.request.Request(self.site + PATH, body.encode(), {"Content-Type": "application/x-www-form-urlencoded"})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                status, kind, text = answer.status, answer.headers["content-type"], answer.read().decode()
        except urllib.error.HTTPError as answer:
            status, kind, text = answer.code, answer.headers["content-type"], answer.read().decode()
        if name:
            self.write(name, body, status, kind, text)
        try:
            return json.loads(text)
        except ValueError:
            raise SystemExit(f"{name or function}: no JSON, but {status} {kind}: {text[:500]!r}") from None

    def write(self, name, body, status, kind, text):
        if not self.record:
            return
        for token in self.tokens.values():
            body = body.replace(token, "TOKEN")
        here = self.site.replace("/", "\\/")
        # The answer about the site holds a second secret of the account.
        text = re.sub(r'("userprivateaccesskey":)"[^"]*"', r'\1"KEY"', text)
        exchange = {
            "request": {
                "method": "POST",
                "url": "https://lms.example" + PATH,
                "headers": {"content-type": "application/x-www-form-urlencoded"},
                "body": body,
            },
            "response": {
                "status": status,
                "headers": {"content-type": kind},
                "body": text.replace(here, "https:\\/\\/lms.example").replace(self.site, "https://lms.example"),
            },
        }
        self.record.mkdir(parents=True, exist_ok=True)
        path = self.record / f"{name}.json"
        path.write_text(json.dumps(exchange, indent=2, ensure_ascii=False) + "\n")

    def act(self, act, **fields):
        """Lets a trainer or an administrator do something inside the site."""
        done = subprocess.run(
            ["php", str(self.seed), self.moodle, act, json.dumps(fields)], capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise SystemExit(f"{act}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
        return json.loads(done.stdout[done.stdout.index("\n") + 1 :] if done.stdout.startswith("++") else done.stdout)

    def cron(self, task=None):
        """Runs the queued tasks, or one scheduled task."""
        script = ["admin/cli/scheduled_task.php", f"--execute=\\local_regrets\\task\\{task}"] if task else [
            "admin/cli/adhoc_task.php", "--execute", "--classname=\\local_regrets\\task\\post_changes", "--ignorelimits"]
        done = subprocess.run(["php", *script], cwd=self.moodle, capture_output=True, text=True, check=False)
        return done.stdout + done.stderr

    def expect(self, what, found, wanted):
        """Holds what was found to what is wanted: a value, or the named fields of an object."""
        self.checked += 1
        seen = {field: found.get(field) for field in wanted} if isinstance(wanted, dict) else found
        if seen != wanted:
            WRONG.append(what)
            print(f"WRONG {what}: wanted {wanted}, got {found}", file=sys.stderr)

    def place(self, session, learner, **more):
        """Parameters that name a learner's place."""
        place = {
            "session": self.sessions.get(session, session),
            "field": "email",
            "value": self.learners[learner]["email"] if learner in self.learners else learner,
        }
        return {**place, **more}

    def get(self, name, session, learner, token="service", **more):
        return self.call(name, "local_regrets_get_signup", token, **self.place(session, learner, **more))

    def cancel(self, name, session, learner, key=None, token="service", **more):
        fields = self.place(session, learner, reason="Declined in Outlook", key=key or self.key(), **more)
        return self.call(name, "local_regrets_cancel_signup", token, **fields)

    def restore(self, name, session, learner, key=None, token="service", **more):
        fields = self.place(session, learner, key=key or self.key(), **more)
        return self.call(name, "local_regrets_restore_signup", token, **fields)

    def statuses(self, session, learner):
        rows = self.act("statuses", session=self.sessions[session], user=self.learners[learner]["id"])
        return [int(row["statuscode"]) for row in rows]

    def mails(self, learner):
        address = self.learners[learner]["email"]
        return [subject for to, subject in Mail.sent if to == address]

    def together(self, calls):
        answers = [None] * len(calls)

        def one(place):
            answers[place] = calls[place]()

        threads = [threading.Thread(target=one, args=(place,)) for place in range(len(calls))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return answers

    def run(self):
        for part in (self.lists, self.reads, self.cancels, self.refuses, self.restores, self.races, self.rights, self.tells):
            part()
        if self.world.get("options"):
            try_play_booking.Booking(self).run()


def lists(self):
    f = "local_regrets_list_sessions"
    site = self.call("site-info", "core_webservice_get_site_info")
    names = sorted(entry["name"] for entry in site["functions"] if entry["name"].startswith("local_regrets"))
    self.expect("the service has the functions", len(names), 4)
    # A site that is kept has sessions of earlier plays.
    first = min(self.sessions.values()) - 1
    begin = {"cursor": str(first)} if first else {}
    pages = [self.call("list-page-1", f, limit=4, **begin)]
    while pages[-1]["nextcursor"] and len(pages) < 50:
        name = f"list-page-{len(pages) + 1}" if len(pages) < 3 else None
        pages.append(self.call(name, f, limit=4, cursor=pages[-1]["nextcursor"]))
    ids = [entry["id"] for page in pages for entry in page["sessions"]]
    wanted = [str(i) for name, i in self.sessions.items() if name != "hidden"]
    self.expect("pages hold each session once", [i for i in ids if i in wanted], wanted)
    self.expect("the last page says so", pages[-1]["nextcursor"], "")
    self.expect("a hidden course is left out", str(self.sessions["hidden"]) in ids, False)
    self.expect("and that is said", pages[-1]["warnings"] != [], True)
    every = {entry["id"]: entry for entry in self.call(None, f, limit=200, **begin)["sessions"]}
    two = every[str(self.sessions["twoday"])]
    self.expect("a session of two days", len(two["parts"]), 2)
    self.expect("its sign-ups", [person["state"] for person in two["signups"]], ["held", "held"])
    self.expect("its first learner", two["signups"][0], {
        "email": self.learners["ana"]["email"], "idnumber": self.learners["ana"]["idnumber"]})
    queue = every[str(self.sessions["queue"])]
    self.expect("a full session", queue, {"capacity": 1, "taken": 1, "waiting": 1, "waitlist": True, "status": "scheduled"})
    self.expect("a started one", every[str(self.sessions["started"])]["status"], "started")
    undated = every[str(self.sessions["undated"])]
    self.expect("an undated one", undated, {"status": "undated", "parts": []})
    self.expect("the zone", self.call(None, f, limit=1)["timezone"], "Europe/Berlin")
    time.sleep(1.1)
    now = self.call("list-since-empty", f, since=int(time.time()) + 60)
    self.expect("nothing changed since", now["sessions"], [])
    since = now["now"]
    self.act("signup", session=self.sessions["twoday"], user=self.learners["eve"]["id"])
    changed = self.call("list-since", f, since=since)
    self.expect("a new sign-up makes a change", [e["id"] for e in changed["sessions"]], [str(self.sessions["twoday"])])
    self.expect("over limit", self.call("list-limit-too-high", f, limit=1000), {"errorcode": "invalidparameter"})
    self.expect("foreign cursor", self.call("list-cursor-unknown", f, cursor="abc"), {"errorcode": "invalidparameter"})


def reads(self):
    ana = self.learners["ana"]
    held = self.get("get-held", "main", "ana")
    self.expect("held", held, {
        "outcome": "found", "state": "held", "status": "booked", "method": "signup", "started": False, "userid": ana["id"]})
    self.expect("when given", isinstance(held["given"], int), True)
    self.expect("letter case", self.get("get-letter-case", "main", ana["email"].upper()), {"state": "held", "userid": ana["id"]})
    for field in ("id", "username", "idnumber"):
        more = {"field": field, "value": ana[field]}
        self.expect(f"by {field}", self.get(f"get-by-{field}", "main", "ana", **more), {"state": "held", "userid": ana["id"]})
    accent = self.get("get-accent", "main", "reneaccent")
    self.expect("accents count", accent, {"state": "held", "userid": self.learners["reneaccent"]["id"]})
    plain = self.get("get-no-accent", "main", "rene")
    self.expect("and are not taken away", plain, {"state": "absent", "userid": self.learners["rene"]["id"]})
    self.expect("wait list", self.get("get-waitlisted", "queue", "ben"), {"state": "waitlisted"})
    self.expect("absent", self.get("get-absent", "small", "ben"), {"outcome": "found", "state": "absent", "given": None})
    self.expect("started", self.get("get-started", "started", "ana"), {"state": "held", "started": True})
    self.expect("ambiguous", self.get("get-ambiguous-learner", "main", "twinone"), {"outcome": "ambiguous_learner", "state": ""})
    nobody = self.get("get-unknown-learner", "main", "stranger@example.org")
    self.expect("nobody", nobody, {"outcome": "unknown_learner", "state": ""})
    self.expect("no session", self.get("get-unknown-session", 999999, "ana"), {"outcome": "unknown_session"})
    self.expect("no id", self.get("get-session-not-a-number", "4711abc", "ana"), {"outcome": "unknown_session"})
    field = self.get("get-field-unknown", "main", "ana", field="upn")
    self.expect("no field", field, {"errorcode": "invalidparameter"})
    other = self.get("get-provider-unknown", "main", "ana", provider="nothing")
    self.expect("no provider", other, {"errorcode": "unknownprovider"})


def cancels(self):
    key = self.key()
    done = self.cancel("cancel-done", "main", "ana", key)
    self.expect("done", done, {"outcome": "done", "before": "held", "after": "cancelled", "replayed": False})
    self.expect("read after", self.get("get-cancelled", "main", "ana"), {"state": "cancelled", "status": "user_cancelled"})
    self.expect("its rows", self.statuses("main", "ana"), [70, 10])
    self.expect("its notice", len(self.mails("ana")), 1)
    user = self.learners["ana"]["id"]
    told = self.act("events", event="cancel_booking", session=self.sessions["main"], user=user)
    self.expect("its event", told, 1)
    again = self.cancel("cancel-same-key", "main", "ana", key)
    self.expect("the same key", again, {"outcome": "done", "before": "held", "after": "cancelled", "replayed": True})
    other = self.cancel("cancel-other-key", "main", "ana")
    self.expect("another key", other, {"outcome": "already_cancelled", "before": "cancelled", "replayed": False})
    self.expect("nothing more was written", self.statuses("main", "ana"), [70, 10])
    self.expect("nor sent", len(self.mails("ana")), 1)
    reused = self.cancel("cancel-key-of-another-request", "main", "ben", key)
    self.expect("a key for something else", reused, {"errorcode": "keyreused"})
    self.expect("did nothing", self.statuses("main", "ben"), [70])
    # The wait list moves up, and who moves up is told.
    moved = self.cancel("cancel-with-wait-list", "queue", "ana")
    self.expect("full session", moved, {"outcome": "done"})
    self.expect("the next one moves up", self.get("get-moved-up", "queue", "ben"), {"state": "held", "status": "booked"})
    self.expect("and is told", len(self.mails("ben")), 1)
    waiting = self.cancel("cancel-waitlisted", "undated", "ana")
    self.expect("from a wait list", waiting, {"outcome": "done", "before": "waitlisted", "after": "cancelled"})


def refuses(self):
    self.expect("started", self.cancel("cancel-started", "started", "ana"), {"outcome": "too_late", "reason": "sessionstarted"})
    fixed = self.cancel("cancel-not-allowed-by-session", "fixed", "ana")
    self.expect("no cancellations", fixed, {"outcome": "refused", "reason": "cancellationsoff", "after": "held"})
    self.act("config", name="cutoff", value=200 * 3600)
    late = self.cancel("cancel-cut-off", "small", "ana")
    self.expect("cut-off", late, {"outcome": "too_late", "reason": "cutoff"})
    self.act("config", name="cutoff", value=0)
    self.expect("not signed up", self.cancel("cancel-not-enrolled", "small", "ben"), {"outcome": "not_enrolled"})
    nobody = self.cancel("cancel-unknown-learner", "main", "stranger@example.org")
    self.expect("unknown learner", nobody, {"outcome": "unknown_learner", "before": ""})
    self.expect("unknown session", self.cancel("cancel-unknown-session", 999999, "ana"), {"outcome": "unknown_session"})
    twins = self.cancel("cancel-ambiguous-learner", "main", "twinone")
    self.expect("ambiguous", twins, {"outcome": "refused", "reason": "ambiguouslearner"})
    self.expect("nobody was taken", self.statuses("main", "twinone"), [70])
    self.expect("no key", self.cancel("cancel-key-invalid", "main", "dan", "a b"), {"errorcode": "invalidkey"})
    self.act("attend", session=self.sessions["started"], user=self.learners["ana"]["id"])
    attended = self.cancel("cancel-attended", "started", "ana")
    self.expect("attendance taken", attended, {"outcome": "too_late", "reason": "attendancetaken", "before": "attended"})


def restores(self):
    key = self.key()
    back = self.restore("restore-held", "main", "ana", key)
    self.expect("given back", back, {"outcome": "held", "before": "cancelled", "after": "held", "replayed": False})
    again = self.restore("restore-same-key", "main", "ana", key)
    self.expect("the same key", again, {"outcome": "held", "replayed": True})
    self.expect("another key", self.restore("restore-still-held", "main", "ana"), {"outcome": "held", "reason": "stillheld"})
    self.expect("its rows", self.statuses("main", "ana"), [70, 10, 70])
    self.expect("cancelled again", self.cancel("cancel-after-restore", "main", "ana"), {"outcome": "done"})
    full = self.restore("restore-full", "queue", "ana")
    self.expect("the next one has it", full, {"outcome": "full", "after": "cancelled"})
    self.act("config", name="restoretowaitlist", value=1)
    waits = self.restore("restore-waitlisted", "queue", "ana")
    self.expect("onto the wait list", waits, {"outcome": "waitlisted", "after": "waitlisted"})
    self.act("config", name="restoretowaitlist", value=0)
    undated = self.restore("restore-undated", "undated", "ana")
    self.expect("without a date", undated, {"outcome": "waitlisted"})
    never = self.restore("restore-never-cancelled", "small", "ben")
    self.expect("never had one", never, {"outcome": "refused", "reason": "nevercancelled"})
    self.act("remove", session=self.sessions["main"], user=self.learners["dan"]["id"])
    other = self.restore("restore-cancelled-by-trainer", "main", "dan")
    self.expect("a trainer took it", other, {"outcome": "refused", "reason": "notours"})
    self.expect("in a course of one place", self.cancel("cancel-single", "single", "ana"), {"outcome": "done"})
    self.act("signup", session=self.sessions["other"], user=self.learners["ana"]["id"])
    elsewhere = self.restore("restore-signed-up-elsewhere", "single", "ana")
    self.expect("signed up elsewhere", elsewhere, {"outcome": "refused", "reason": "signedupelsewhere"})
    self.expect("attended", self.restore("restore-session-started", "started", "ana"), {"outcome": "closed"})
    self.expect("nobody", self.restore("restore-unknown-learner", "main", "stranger@example.org"), {"outcome": "unknown_learner"})
    self.expect("no session", self.restore("restore-unknown-session", 999999, "ana"), {"outcome": "unknown_session"})


def races(self):
    # The client hangs up before the answer comes: the place is cancelled all the same, and the key tells.
    key = self.key()
    fields = self.place("twoday", "ben", reason="Declined in Outlook", key=key)
    body = self.body("local_regrets_cancel_signup", **fields).encode()
    host = urllib.parse.urlsplit(self.site)
    with socket.create_connection((host.hostname, host.port)) as line:
        head = f"POST {PATH} HTTP/1.1\r\nHost: {host.netloc}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        line.sendall(f"{head}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body)
    for _ in range(50):
        if self.get(None, "twoday", "ben")["state"] == "cancelled":
            break
        time.sleep(0.2)
    lost = self.cancel("cancel-after-lost-answer", "twoday", "ben", key)
    self.expect("a lost answer", lost, {"outcome": "done", "before": "held", "replayed": True})
    self.expect("was written once", self.statuses("twoday", "ben"), [70, 10])

    two = self.together([lambda: self.cancel("cancel-two-at-once-1", "main", "cleo"), lambda: self.cancel("cancel-two-at-once-2", "main", "cleo")])
    self.expect("two at once", sorted(answer.get("outcome") for answer in two), ["already_cancelled", "done"])
    self.expect("were written once", self.statuses("main", "cleo"), [70, 10])
    key = self.key()
    same = self.together([lambda: self.cancel(None, "main", "eve", key)] * 4)
    self.expect("one key four times", [answer.get("outcome") for answer in same], ["done"] * 4)
    self.expect("of which one did it", sorted(answer.get("replayed") for answer in same), [False, True, True, True])
    self.expect("once", self.statuses("main", "eve"), [70, 10])
    self.expect("with one notice", len(self.mails("eve")), 1)
    open_ends = [row for row in self.act("requests") if row["followup"] != "0" and row["keytext"].startswith(self.world["tag"])]
    self.expect("nothing is left over", open_ends, [])


def rights(self):
    denied = {"errorcode": "nopermissions"}
    self.expect("reader reads", self.get(None, "main", "ben", "reader"), {"state": "held"})
    self.expect("reader may not cancel", self.cancel("cancel-no-permission", "main", "ben", token="reader"), denied)
    self.expect("nor for nothing", self.cancel("cancel-no-permission-unknown-session", 999999, "ben", token="reader"), denied)
    self.expect("nor restore", self.restore("restore-no-permission", "main", "ben", token="reader"), denied)
    self.expect("nothing happened", self.statuses("main", "ben"), [70])
    self.expect("nobody reads", self.get("get-no-permission", "main", "ben", "nobody"), denied)
    self.expect("nor lists", self.call("list-no-permission", "local_regrets_list_sessions", "nobody"), denied)
    hidden = self.cancel("cancel-hidden-course", "hidden", "ana")
    self.expect("a hidden course", hidden, {"errorcode": "requireloginerror"})
    self.expect("a course's right reads", self.get(None, "main", "ben", "course"), {"state": "held"})
    away = self.get("get-learner-of-another-course", "main", "away", "course")
    self.expect("but names no one else", away, {"outcome": "unknown_learner"})
    self.expect("as the site's does", self.get(None, "main", "away"), {"outcome": "found", "state": "absent"})
    mine = self.call(None, "local_regrets_list_sessions", "course", limit=200)
    self.expect("and lists its course", {entry["courseid"] for entry in mine["sessions"]}, {self.world["course"]})
    self.expect("wrong token", self.get("token-wrong", "main", "ben", "00000000000000000000000000000000"), {"errorcode": "invalidtoken"})


def tells(self):
    self.act("config", name="post", value=1)
    self.cron("sweep")
    self.expect("the first pass tells nothing", Hook.taken, [])
    small, main = str(self.sessions["small"]), str(self.sessions["main"])
    key = self.key()
    self.cancel(None, "small", "ana", key)
    self.cron()
    mine = [message for message in Hook.taken if message["data"]["session"] == small]
    self.expect("one message", [message["type"] for message in mine], ["enrolment.removed"])
    self.expect("marked as our own deed", mine[0]["data"], {
        "causedBy": key, "state": "cancelled", "previousState": "held", "id": mine[0]["webhook-id"]})
    self.expect("about the learner", mine[0]["data"]["learner"], {"email": self.learners["ana"]["email"]})
    self.write_message("message-enrolment-removed", mine[0])
    # A trainer's page tells nobody; the sweep finds it.
    Hook.taken.clear()
    self.act("signup", session=self.sessions["small"], user=self.learners["ben"]["id"])
    self.cron("sweep")
    self.cron()
    seen = [(message["type"], message["data"]["causedBy"]) for message in Hook.taken]
    self.expect("a trainer's deed", seen, [("enrolment.upserted", None)])
    self.write_message("message-enrolment-upserted", Hook.taken[0])
    # Whoever has no certificate that the site trusts learns nothing, nor does whoever one is sent on to.
    Hook.taken.clear()
    told = self.act("config", name="url", value=f"https://localhost:{self.impostor}/api/lms/try/events")
    self.act("signup", session=self.sessions["twoday"], user=self.learners["cleo"]["id"])
    self.cron("sweep")
    self.cron()
    self.expect("a certificate of one's own", (Hook.taken, Hook.strangers), ([], 0))
    self.act("config", name="url", value=told)
    Hook.redirect = 1
    self.act_due()
    self.cron()
    self.expect("a redirect", Hook.taken, [])
    self.act_due()
    self.cron()
    self.expect("told in the end", [message["type"] for message in Hook.taken], ["enrolment.upserted"])
    # A receiver that is away: the task fails, is tried again, and nothing comes twice.
    Hook.taken.clear()
    Hook.refuse = 1
    self.act("move", session=self.sessions["main"], details="Another room.")
    self.cron()
    self.expect("refused", Hook.taken, [])
    self.cron("sweep")
    self.act_due()
    self.cron()
    self.expect("told later", [message["type"] for message in Hook.taken if message["data"]["session"] == main], ["session.upserted"])
    self.write_message("message-session-upserted", Hook.taken[0])
    Hook.taken.clear()
    self.act("unenrol", course=self.world["course"], user=self.learners["ben"]["id"])
    self.cron()
    gone = sorted((message["type"], message["data"]["session"]) for message in Hook.taken)
    wanted = sorted(("enrolment.removed", str(self.sessions[name])) for name in ("main", "small", "queue"))
    self.expect("who leaves the course", gone, wanted)
    Hook.taken.clear()
    self.act("delete", session=self.sessions["main"])
    self.cron()
    self.expect("a deleted session", [message["type"] for message in Hook.taken], ["session.cancelled"])
    self.write_message("message-session-cancelled", Hook.taken[0])
    Hook.taken.clear()
    self.cron("sweep")
    self.cron()
    self.expect("nothing is told twice", Hook.taken, [])
    self.expect("gone", self.get("get-deleted-session", "main", "ana"), {"outcome": "unknown_session"})
    privacy = self.act("privacy", user=self.learners["ana"]["id"])
    self.expect("privacy", privacy["left"], 0)
    self.cron("prune")
    self.act("config", name="post", value=0)


def act_due(self):
    """What failed is due at once."""
    self.act("due")


def write_message(self, name, message):
    if self.record:
        message = {field: value for field, value in message.items() if field != "webhook-id"}
        path = self.record.parent / "messages" / f"{name[8:]}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(message, indent=2, ensure_ascii=False) + "\n")


for part in (lists, reads, cancels, refuses, restores, races, rights, tells, act_due, write_message):
    setattr(Play, part.__name__, part)


def impostor():
    """A receiver over TLS whose certificate nobody has signed."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    with tempfile.TemporaryDirectory() as folder:
        pem = f"{folder}/own.pem"
        make = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1"]
        names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", pem, "-out", pem + ".crt"]
        subprocess.run([*make, *names], check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem + ".crt", pem)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    return server


def main():
    parser = argparse.ArgumentParser()
    for option in ("site", "world", "hook", "mail", "moodle"):
        parser.add_argument(f"--{option}", required=True)
    parser.add_argument("--record")
    options = parser.parse_args()
    play = Play(options)
    Hook.secret = base64.b64decode(play.world["secret"].removeprefix("whsec_"))
    stranger = impostor()
    play.impostor = stranger.server_address[1]
    servers = [
        stranger,
        http.server.ThreadingHTTPServer(("127.0.0.1", int(options.hook)), Hook),
        socketserver.ThreadingTCPServer(("127.0.0.1", int(options.mail)), Mail),
    ]
    for server in servers:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    for _ in range(100):
        try:
            urllib.request.urlopen(options.site + "/README.txt", timeout=60).close()
            break
        except urllib.error.HTTPError:
            break
        except OSError:
            time.sleep(0.1)
    play.run()
    print(f"moodle: {play.checked - len(WRONG)} passed, {len(WRONG)} failed")
    sys.exit(1 if WRONG else 0)


main()
