# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of try-play.py that is about Booking (mod_booking)."""

BOOKED, WAITING, DELETED = 0, 1, 5


class Booking:
    def __init__(self, play):
        self.play = play
        self.options = play.world["options"]
        self.expect = play.expect

    def place(self, option, learner, **more):
        place = self.play.place(self.options.get(option, option), learner, provider="booking")
        return {**place, **more}

    def get(self, option, learner, token="service", **more):
        return self.play.call(None, "local_regrets_get_signup", token, **self.place(option, learner, **more))

    def cancel(self, option, learner, key=None, token="service"):
        fields = self.place(option, learner, reason="Declined in Outlook", key=key or self.play.key())
        return self.play.call(None, "local_regrets_cancel_signup", token, **fields)

    def restore(self, option, learner, key=None, token="service"):
        fields = self.place(option, learner, key=key or self.play.key())
        return self.play.call(None, "local_regrets_restore_signup", token, **fields)

    def list(self, token="service", **more):
        return self.play.call(None, "local_regrets_list_sessions", token, provider="booking", limit=200, **more)

    def act(self, act, option=None, learner=None, **more):
        fields = {"provider": "booking", "session": self.options.get(option), **more}
        if learner:
            fields["user"] = self.play.learners[learner]["id"]
        return self.play.act(act, **fields)

    def rows(self, option, learner):
        return self.act("statuses", option, learner)

    def run(self):
        for part in (self.lists, self.reads, self.cancels, self.refuses, self.restores, self.races, self.rights, self.tells):
            part()

    def lists(self):
        first = min(self.options.values()) - 1
        seen = {entry["id"]: entry for entry in self.list(**({"cursor": str(first)} if first else {}))["sessions"]}
        wanted = [str(option) for name, option in self.options.items() if name != "hidden"]
        self.expect("booking: options are listed", [option for option in seen if option in wanted], wanted)
        two = seen[str(self.options["twoday"])]
        self.expect("booking: an option of two days", two, {
            "provider": "booking", "name": "Two days", "capacity": 10, "taken": 2, "status": "scheduled", "place": "Room 7",
            "cancellable": True})
        self.expect("booking: its parts", len(two["parts"]), 2)
        self.expect("booking: its answers", [person["state"] for person in two["signups"]], ["held", "held"])
        queue = seen[str(self.options["queue"])]
        self.expect("booking: a full one", queue, {"capacity": 1, "taken": 1, "waiting": 1, "waitlist": True})
        self.expect("booking: a started one", seen[str(self.options["started"])]["status"], "started")
        self.expect("booking: an undated one", seen[str(self.options["undated"])], {"status": "undated", "parts": []})
        self.expect("booking: one that nobody leaves", seen[str(self.options["fixed"])]["cancellable"], False)

    def reads(self):
        ana = self.play.learners["ana"]
        held = self.get("main", "ana")
        self.expect("booking: held", held, {
            "outcome": "found", "state": "held", "status": "booked", "method": "booking", "started": False, "userid": ana["id"]})
        self.expect("booking: when given", isinstance(held["given"], int), True)
        self.expect("booking: waiting list", self.get("queue", "ben"), {"state": "waitlisted"})
        self.expect("booking: to be confirmed", self.get("confirmed", "ana"), {"state": "requested"})
        self.expect("booking: in a shopping cart", self.get("cart", "ana"), {"state": "unknown", "status": "reserved"})
        self.expect("booking: absent", self.get("small", "ben"), {"outcome": "found", "state": "absent", "given": None})
        self.expect("booking: started", self.get("started", "ana"), {"state": "held", "started": True})
        self.expect("booking: nobody", self.get("main", "stranger@example.org"), {"outcome": "unknown_learner"})
        self.expect("booking: several", self.get("main", "twinone"), {"outcome": "ambiguous_learner"})
        self.expect("booking: no option", self.get(999999, "ana"), {"outcome": "unknown_session"})

    def cancels(self):
        key = self.play.key()
        self.expect("booking: done", self.cancel("main", "ana", key), {
            "outcome": "done", "before": "held", "after": "cancelled", "replayed": False})
        self.expect("booking: read after", self.get("main", "ana"), {"state": "cancelled", "status": "cancelled", "given": None})
        self.expect("booking: its row", self.rows("main", "ana"), [DELETED])
        self.expect("booking: its event", self.act("events", "main", "ana", event="bookinganswer_cancelled"), 1)
        self.expect("booking: the activity's pages", self.play.learners["ana"]["id"] in self.act("cached", "main"), False)
        self.expect("booking: the same key", self.cancel("main", "ana", key), {"outcome": "done", "replayed": True})
        self.expect("booking: another key", self.cancel("main", "ana"), {"outcome": "already_cancelled", "replayed": False})
        self.expect("booking: nothing more was written", self.rows("main", "ana"), [DELETED])
        self.expect("booking: once", self.act("events", "main", "ana", event="bookinganswer_cancelled"), 1)
        reused = self.cancel("main", "ben", key)
        self.expect("booking: a key for something else", reused, {"errorcode": "keyreused"})
        self.expect("booking: did nothing", self.rows("main", "ben"), [BOOKED])
        self.expect("booking: with a waiting list", self.cancel("queue", "ana"), {"outcome": "done"})
        self.expect("booking: the next one has it", self.get("queue", "ben"), {"state": "held", "status": "booked"})
        self.expect("booking: undated", self.cancel("undated", "ana"), {"outcome": "done"})
        self.expect("booking: what was to be confirmed", self.cancel("confirmed", "ana"), {
            "outcome": "done", "before": "requested"})
        self.expect("booking: before it was shut", self.cancel("shut", "ana"), {"outcome": "done"})

    def refuses(self):
        self.expect("booking: never booked", self.cancel("small", "ben"), {"outcome": "not_enrolled"})
        self.expect("booking: started", self.cancel("started", "ana"), {"outcome": "too_late", "reason": "sessionstarted"})
        self.expect("booking: late", self.cancel("late", "ana"), {"outcome": "too_late", "reason": "cutoff"})
        fixed = self.cancel("fixed", "ana")
        self.expect("booking: nobody leaves", fixed, {"outcome": "refused", "reason": "cancellationsoff"})
        self.play.act("config", name="obeyallowcancellations", value=0)
        self.expect("booking: but for us", self.cancel("fixed", "ana"), {"outcome": "done"})
        self.play.act("config", name="obeyallowcancellations", value=1)
        self.expect("booking: in a cart", self.cancel("cart", "ana"), {"outcome": "refused", "reason": "unknownstate"})
        self.act("attend", "main", "dan")
        self.expect("booking: attended", self.get("main", "dan"), {"state": "attended"})
        self.expect("booking: too late", self.cancel("main", "dan"), {"outcome": "too_late", "reason": "attendancetaken"})
        self.expect("booking: nobody", self.cancel("main", "stranger@example.org"), {"outcome": "unknown_learner"})
        self.expect("booking: several", self.cancel("main", "twinone"), {"outcome": "refused", "reason": "ambiguouslearner"})
        self.expect("booking: no option", self.cancel(999999, "ana"), {"outcome": "unknown_session"})

    def restores(self):
        key = self.play.key()
        self.expect("booking: given back", self.restore("main", "ana", key), {
            "outcome": "held", "before": "cancelled", "after": "held", "replayed": False})
        self.expect("booking: its rows", self.rows("main", "ana"), [DELETED, BOOKED])
        self.expect("booking: on the pages", self.play.learners["ana"]["id"] in self.act("cached", "main"), True)
        self.expect("booking: the same key", self.restore("main", "ana", key), {"outcome": "held", "replayed": True})
        self.expect("booking: still held", self.restore("main", "ana"), {"outcome": "held", "reason": "stillheld"})
        self.expect("booking: cancelled again", self.cancel("main", "ana"), {"outcome": "done"})
        self.expect("booking: its rows then", self.rows("main", "ana"), [DELETED, DELETED])
        self.expect("booking: and given back", self.restore("main", "ana"), {"outcome": "held"})
        self.expect("booking: undated", self.restore("undated", "ana"), {"outcome": "held"})
        self.expect("booking: to be confirmed", self.restore("confirmed", "ana"), {"outcome": "requested"})
        self.expect("booking: full", self.restore("queue", "ana"), {"outcome": "full", "after": "cancelled"})
        self.play.act("config", name="restoretowaitlist", value=1)
        self.expect("booking: onto the list", self.restore("queue", "ana"), {"outcome": "waitlisted", "after": "waitlisted"})
        self.play.act("config", name="restoretowaitlist", value=0)
        self.expect("booking: shut", self.restore("shut", "ana"), {"outcome": "refused", "reason": "maynotsignup"})
        self.expect("booking: its row stays", self.rows("shut", "ana"), [DELETED])
        never = self.restore("small", "ben")
        self.expect("booking: never had one", never, {"outcome": "refused", "reason": "nevercancelled"})
        self.act("remove", "main", "reneaccent")
        other = self.restore("main", "reneaccent")
        self.expect("booking: a trainer took it", other, {"outcome": "refused", "reason": "notours"})

    def races(self):
        two = self.play.together([lambda: self.cancel("main", "cleo"), lambda: self.cancel("main", "cleo")])
        self.expect("booking: two at once", sorted(answer.get("outcome") for answer in two), ["already_cancelled", "done"])
        self.expect("booking: were written once", self.rows("main", "cleo"), [DELETED])
        key = self.play.key()
        same = self.play.together([lambda: self.cancel("main", "eve", key)] * 4)
        self.expect("booking: one key four times", [answer.get("outcome") for answer in same], ["done"] * 4)
        self.expect("booking: one did it", sorted(answer.get("replayed") for answer in same), [False, True, True, True])
        self.expect("booking: once", self.act("events", "main", "eve", event="bookinganswer_cancelled"), 1)

    def rights(self):
        denied = {"errorcode": "nopermissions"}
        self.expect("booking: reader may not cancel", self.cancel("main", "ben", token="reader"), denied)
        self.expect("booking: nobody reads", self.get("main", "ben", "nobody"), denied)
        self.expect("booking: nothing happened", self.rows("main", "ben"), [BOOKED])
        self.expect("booking: hidden", self.cancel("hidden", "ana"), {"errorcode": "requireloginerror"})

    def tells(self):
        taken = self.play.hook.taken
        self.play.act("config", name="post", value=1)
        self.play.cron("sweep")
        self.play.cron()
        taken.clear()
        key = self.play.key()
        self.cancel("twoday", "ana", key)
        self.play.cron()
        mine = [message for message in taken if message["data"]["provider"] == "booking"]
        self.expect("booking: one message", [message["type"] for message in mine], ["enrolment.removed"])
        self.expect("booking: our own deed", mine[0]["data"], {
            "causedBy": key, "state": "cancelled", "session": str(self.options["twoday"])})
        taken.clear()
        self.act("signup", "small", "ben") if self.cancel("small", "ana")["outcome"] == "done" else None
        self.play.cron()
        told = [(message["type"], message["data"]["causedBy"]) for message in taken if message["type"] == "enrolment.upserted"]
        self.expect("booking: a trainer's deed", told, [("enrolment.upserted", None)])
        taken.clear()
        self.act("cancel", "twoday")
        self.play.cron()
        gone = [message["type"] for message in taken if message["data"]["session"] == str(self.options["twoday"])]
        self.expect("booking: a cancelled option", gone, ["session.cancelled"])
        self.expect("booking: is gone", self.get("twoday", "ana"), {"outcome": "unknown_session"})
        self.play.act("config", name="post", value=0)
