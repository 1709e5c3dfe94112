"""Makes the database: tables, and a world to begin with. Says on one line, as JSON, who may do what.

What a test needs beside that (dates, orders, wait lists) it makes over pretix's API, as a customer would.
"""

import json
import os
import sys
from datetime import datetime, timezone

os.environ["DJANGO_SETTINGS_MODULE"] = "server_settings"

import django  # noqa: E402

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import transaction  # noqa: E402
from django_scopes import scopes_disabled  # noqa: E402

call_command("migrate", run_syncdb=True, verbosity=0, stdout=sys.stderr)

from pretix.base.models import Event, Organizer, Team, TeamAPIToken  # noqa: E402

READ_ORDERS = {"event.orders:read": True}
CANCEL = {
    "event.orders:read": True,
    "event.orders:write": True,
    "event.vouchers:read": True,
    "event.vouchers:write": True,
}


def event(organizer, slug, name, series):
    event = Event.objects.create(
        organizer=organizer,
        slug=slug,
        name=name,
        has_subevents=series,
        live=True,
        currency="EUR",
        date_from=datetime(2036, 3, 3, 8, tzinfo=timezone.utc),
        plugins="pretix.plugins.banktransfer,pretix.plugins.checkinlists",
        all_sales_channels=True,
    )
    event.set_defaults()
    event.settings.timezone = "Europe/Berlin"
    event.settings.locales = ["en", "de"]
    event.settings.attendee_emails_asked = True
    event.settings.waiting_list_enabled = True
    # The test says when the wait list moves up.
    event.settings.waiting_list_auto = False
    free = event.items.create(name="Seat", default_price=0, admission=True)
    paid = event.items.create(name="Seat with lunch", default_price=40, admission=True)
    workshop = event.items.create(name="Workshop", default_price=0, admission=True)
    basic = workshop.variations.create(value="Basic")
    category = event.categories.create(name="Extras", is_addon=True)
    extra = event.items.create(name="Handout", default_price=0, category=category)
    for item in (free, paid):
        item.addons.create(base_item=item, addon_category=category)
    check_in = event.checkin_lists.create(name="Door", all_products=True)
    return {
        "slug": slug,
        "free": free.pk,
        "paid": paid.pk,
        "workshop": workshop.pk,
        "basic": basic.pk,
        "extra": extra.pk,
        "door": check_in.pk,
    }


def token(organizer, name, permissions, events):
    team = Team.objects.create(
        organizer=organizer,
        name=name,
        all_events=events is None,
        all_event_permissions=permissions is None,
        all_organizer_permissions=permissions is None,
        limit_event_permissions=permissions or {},
    )
    team.limit_events.set(events or [])
    return TeamAPIToken.objects.create(team=team, name=name).token


with scopes_disabled(), transaction.atomic():
    acme = Organizer.objects.create(name="Acme Academy", slug="acme")
    events = {
        "series": event(acme, "safety", "Safety training", True),
        "single": event(acme, "first-aid", "First aid", False),
        "foreign": event(acme, "board", "Board retreat", False),
    }
    # Nothing can be booked in it: it is only looked up.
    ladders = Event.objects.create(
        organizer=acme,
        slug="ladders",
        name="Working on ladders",
        currency="EUR",
        date_from=datetime(2036, 1, 1, 8, tzinfo=timezone.utc),
        plugins="",
        all_sales_channels=True,
    )
    ladders.set_defaults()
    ladders.settings.timezone = "Europe/Berlin"
    ladders.settings.locales = ["en", "de"]
    open_to_us = list(acme.events.exclude(slug="board"))
    tokens = {
        "admin": token(acme, "admin", None, None),
        "regrets": token(acme, "regrets", CANCEL, open_to_us),
        "no_vouchers": token(acme, "no vouchers", {**READ_ORDERS, "event.orders:write": True}, open_to_us),
        "read_only": token(acme, "read only", READ_ORDERS, open_to_us),
        "nothing": token(acme, "nothing", {}, open_to_us),
    }

print(json.dumps({"organizer": "acme", "events": events, "tokens": tokens}))
