"""A request that is sent again creates nothing new: also after a lost answer, and at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone

from pult.core.api.models import IdempotencyKey
from pult.core.api.operations.idempotency import Answer, KeyInUse, answer_once, forget_expired
from pult.core.api.queries import next_key_expiry
from pult.core.api.tests.callers import Caller, caller, problem, token_of
from pult.core.people.models import Person
from pult.modules.checks.models import Check

WANTED = {"numbers": ["+79123456789"], "purpose": "test"}
KEY = {"Idempotency-Key": "order-17"}


@pytest.mark.django_db
def test_the_same_request_gets_the_same_answer(anna: Person) -> None:
    programme = caller(anna)
    first, again = (programme.post("/checks", WANTED, **KEY) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert first["Location"] == again["Location"]
    assert "Idempotency-Replayed" not in first
    assert again["Idempotency-Replayed"] == "true"
    assert Check.objects.count() == 1
    # The key is its person's, whichever token carries it.
    assert caller(anna).post("/checks", WANTED, **KEY).json() == first.json()


@pytest.mark.django_db
def test_a_key_belongs_to_one_content_and_one_person(anna: Person, boris: Person) -> None:
    caller(anna).post("/checks", WANTED, **KEY)
    problem(caller(anna).post("/checks", WANTED | {"name": "other"}, **KEY), 422, "key-reused")
    assert caller(boris).post("/checks", WANTED, **KEY).status_code == 201
    assert Check.objects.count() == 2


@pytest.mark.django_db
def test_without_a_key_each_request_counts(anna: Person) -> None:
    for _ in range(2):
        caller(anna).post("/checks", WANTED)
    assert Check.objects.count() == 2


@pytest.mark.django_db
def test_a_refused_request_may_be_mended_under_its_key(anna: Person) -> None:
    programme = caller(anna)
    assert programme.post("/checks", WANTED | {"text": "x"}, **KEY).status_code == 422
    assert programme.post("/checks", WANTED | {"keep_days": 36_000}, **KEY).status_code == 422
    assert not IdempotencyKey.objects.exists()
    assert programme.post("/checks", WANTED, **KEY).status_code == 201


@pytest.mark.django_db
def test_files_are_told_apart_by_their_content(anna: Person) -> None:
    programme = caller(anna)

    def upload(content: bytes) -> Any:
        file = SimpleUploadedFile("list.csv", content)
        return programme.upload("/checks/from-file", file=file, purpose="test", headers=KEY)

    first = upload(b"+79123456789\n")
    assert first.status_code == 201
    # Another boundary, the same content.
    assert upload(b"+79123456789\n").json() == first.json()
    problem(upload(b"+79123456780\n"), 422, "key-reused")


@pytest.mark.django_db
def test_after_a_day_the_key_is_free(anna: Person) -> None:
    programme = caller(anna)
    programme.post("/checks", WANTED, **KEY)
    expiry = next_key_expiry()
    assert expiry is not None
    assert timedelta(hours=23) < expiry - timezone.now() <= timedelta(hours=24)
    IdempotencyKey.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert programme.post("/checks", WANTED, **KEY).status_code == 201
    assert Check.objects.count() == 2
    IdempotencyKey.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    forget_expired()
    assert not IdempotencyKey.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["x" * 256, "with space", "ключ"])
def test_a_key_has_a_form(anna: Person, key: str) -> None:
    answer = caller(anna).post("/checks", WANTED, **{"Idempotency-Key": key})
    assert problem(answer, 422, "invalid")["errors"][0]["parameter"] == "Idempotency-Key"


@pytest.mark.django_db(transaction=True)
def test_while_the_first_runs_the_second_is_told_to_wait() -> None:
    anna = Person.objects.create_user(email="anna@example.org")
    arrived, told = Barrier(2), Barrier(2)

    def deed() -> Answer:
        arrived.wait(10)
        told.wait(10)
        return Answer(201, b"{}")

    def first() -> Answer:
        try:
            return answer_once(person=anna, key="k", fingerprint=b"1" * 32, now=timezone.now(), deed=deed)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as thread:
        running = thread.submit(first)
        arrived.wait(10)
        with pytest.raises(KeyInUse):
            answer_once(person=anna, key="k", fingerprint=b"1" * 32, now=timezone.now(), deed=deed)
        told.wait(10)
        assert running.result(10).repeated is False
    after = answer_once(person=anna, key="k", fingerprint=b"1" * 32, now=timezone.now(), deed=deed)
    assert after.repeated is True


@pytest.mark.django_db(transaction=True)
def test_many_at_once_make_one_check() -> None:
    text = token_of(Person.objects.create_user(email="anna@example.org")).text

    def send(_number: int) -> int:
        try:
            answer: int = Caller(text).post("/checks", WANTED, **KEY).status_code
            return answer
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as threads:
        statuses = list(threads.map(send, range(12)))
    assert set(statuses) <= {201, 409}
    assert 201 in statuses
    assert Check.objects.count() == 1
