#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stands between a client and the site of infra/moodle/try and writes down what passes.

A client that calls http://127.0.0.1:PORT/@SITUATION/… gets the site's answer; request and answer are written to
DIR/SITUATION-NUMBER-FUNCTION.json, with https://lms.example for the site and TOKEN for its tokens.
"""

import http.client
import http.server
import json
import pathlib
import re
import sys
import urllib.parse


def main():
    port, site, world, folder = int(sys.argv[1]), urllib.parse.urlsplit(sys.argv[2]), sys.argv[3], pathlib.Path(sys.argv[4])
    tokens = json.loads(pathlib.Path(world).read_text())["tokens"].values()
    counts = {}
    folder.mkdir(parents=True, exist_ok=True)

    class Proxy(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            situation, path = re.fullmatch(r"(?:/@([a-z0-9-]+))?(/.*)", self.path).groups()
            line = http.client.HTTPConnection(site.netloc, timeout=60)
            kind = self.headers.get("content-type", "")
            line.request("POST", path, body, {"Host": site.netloc, "Content-Type": kind, "Accept": "application/json"})
            answer = line.getresponse()
            said = answer.read()
            if situation:
                self.write(situation, path, kind, body.decode(), answer, said.decode())
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.headers["content-type"])
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def write(self, situation, path, kind, body, answer, said):
            for token in tokens:
                body = body.replace(token, "TOKEN")
            counts[situation] = number = counts.get(situation, 0) + 1
            function = urllib.parse.parse_qs(body).get("wsfunction", ["call"])[0].split("_")[-2]
            exchange = {
                "request": {
                    "method": "POST",
                    "url": "https://lms.example" + path,
                    "headers": {"content-type": kind},
                    "body": body,
                },
                "response": {
                    "status": answer.status,
                    "headers": {"content-type": answer.headers["content-type"]},
                    "body": said.replace(site.geturl(), "https://lms.example"),
                },
            }
            text = json.dumps(exchange, indent=2, ensure_ascii=False)
            (folder / f"{situation}-{number}-{function}.json").write_text(text + "\n")

        def log_message(self, *_):
            pass

    http.server.ThreadingHTTPServer(("127.0.0.1", port), Proxy).serve_forever()


main()
