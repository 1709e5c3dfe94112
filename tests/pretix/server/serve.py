"""Serves pretix on a free port of this machine, and ends with whoever started it: then standard input ends."""

import os
import signal
import socket
import sys
import threading

listener = socket.create_server(("127.0.0.1", 0), backlog=256)
host = f"127.0.0.1:{listener.getsockname()[1]}"

# pretix answers to this address alone, and writes it into its links.
os.environ["PRETIX_PRETIX_URL"] = f"http://{host}"
os.environ["DJANGO_SETTINGS_MODULE"] = "server_settings"

from gunicorn.app.base import BaseApplication  # noqa: E402


def end_with_parent():
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGINT)


def ready(_server):
    threading.Thread(target=end_with_parent, daemon=True).start()
    print(f"listening at http://{host}", flush=True)


class Server(BaseApplication):
    def load_config(self):
        for name, value in {
            "bind": f"fd://{listener.fileno()}",
            "workers": int(sys.argv[1]),
            # Loaded once, before the workers are forked.
            "preload_app": True,
            "when_ready": ready,
            "timeout": 300,
            "graceful_timeout": 1,
            "loglevel": "warning",
        }.items():
            self.cfg.set(name, value)

    def load(self):
        from pretix.wsgi import application

        # The first request loads the rest, which each worker would do for itself.
        from django.db import connections
        from django.test import Client

        Client().get("/api/v1/version", HTTP_HOST=host)
        # No connection may be shared by processes.
        connections.close_all()
        return application


Server().run()
