"""Whoever is shut out is out everywhere at once: pages, API, streams, the bot, what waits to start."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from pult.core.api.operations.tokens import create_token
from pult.core.jobs.database import database_dsn, in_database
from pult.core.live import stream
from pult.core.live.tests.test_live import Browser as Page
from pult.core.people.models import Person
from pult.core.people.operations import (
    UnableToEnter,
    accept_invitation,
    create_sign_in_link,
    create_telegram_link,
    invite_colleague,
    link_telegram,
    switch_off,
    use_sign_in_link,
    use_telegram_link,
)
from pult.core.people.queries import administrators_in_telegram, person_of_telegram
from pult.core.people.tests.conftest import NOW, PASSWORD, Browser, PersonMaker
from pult.core.people.tests.test_departures import account_of
from pult.core.registry import Role
from pult.core.telegram.models import KeyPair, SignIn
from pult.core.telegram.operations.sign_ins import start_sign_in
from pult.modules.checks.models import Check
from pult.modules.checks.queries.waiting import queue_standings
from pult.modules.checks.tests import scenes

pytestmark = pytest.mark.django_db


def test_every_way_in_is_closed_by_one_deed(
    owner: Person, make_person: PersonMaker, browser_of: Browser
) -> None:
    blocked, now = make_person(Role.ADMINISTRATOR), timezone.now()
    browser = browser_of(blocked)
    token = create_token(
        actor=blocked,
        person=blocked,
        name="t",
        scopes=["checks:read"],
        expires_at=now + timedelta(9),
        now=now,
    ).text
    headers = {"Authorization": f"Bearer {token}"}
    link_telegram(person=blocked, user_id=7, name="", username="", now=now)
    sign_in_link = create_sign_in_link(actor=owner, person=blocked, now=now)
    given = invite_colleague(actor=blocked, role=Role.OPERATOR, now=now)
    other_telegram = create_telegram_link(person=blocked, now=now)
    pair = account_of(blocked).key_pair
    KeyPair.objects.update(simulated=settings.TELEGRAM.simulated)
    connecting = start_sign_in(
        key_pair_id=pair.pk, method="code", actor=blocked, now=now, phone="+491510000001"
    )
    check = scenes.check(blocked, numbers=1, state=Check.State.RUNNING)
    assert browser.get("/people/").status_code == 200
    assert Client().get("/api/v1/checks", headers=headers).status_code == 200
    assert (blocked, 7) in administrators_in_telegram()

    switch_off(actor=owner, person=blocked, now=now)
    assert browser.get("/people/").status_code == 302
    assert Client().get("/api/v1/checks", headers=headers).status_code == 401
    assert Client().post("/sign-in/", {"login": blocked.email, "password": PASSWORD})["Location"] != "/"
    bot_knows = person_of_telegram(7)
    assert bot_knows == blocked and not bot_knows.may("checks.use") and administrators_in_telegram() == []
    ways: list[Callable[[], object]] = [
        lambda: use_sign_in_link(secret=sign_in_link.secret, now=now),
        lambda: use_telegram_link(secret=other_telegram.secret, user_id=8, name="", username="", now=now),
        lambda: accept_invitation(
            secret=given.secret, name="N", password=PASSWORD, language="en", email="n@example.org", now=now
        ),
    ]
    for way in ways:
        with pytest.raises(UnableToEnter):
            way()
    connecting.refresh_from_db()
    assert connecting.state == SignIn.State.CANCELLED and connecting.phone is None
    waits = {standing.check_id: standing.waits.name for standing in queue_standings()}
    assert "TURN" not in waits.get(check.pk, ""), "what waits to start does not start"


@pytest.mark.django_db(transaction=True)
async def test_an_open_stream_ends_while_others_go_on(make_person: PersonMaker) -> None:
    def two() -> list[tuple[Person, str]]:
        from pult.core.live.tests.test_live import signed_in_cookie

        people = [Person.objects.create_user(email=f"{name}@example.org") for name in ("a", "b")]
        return [(person, signed_in_cookie(person)) for person in people]

    (blocked, theirs), (other, others) = await in_database(two)
    application = stream.LiveStream(database_dsn())
    first = Page(application, f"topic=person:{blocked.pk}", theirs)
    second = Page(application, f"topic=person:{other.pk}", others)
    for page in (first, second):
        for _ in range(3):
            await page.next()
    await in_database(lambda: switch_off(actor=None, person=blocked, now=NOW))
    await asyncio.wait_for(first.task, 10)
    assert not second.task.done()
    await second.leave()
