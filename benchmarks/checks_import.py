"""A list of 1,000,000 mixed numbers: read, normalised, without repetitions, stored in blocks.

The list is written beforehand; reading it runs in a process of its own, whose peak memory is compared with
that of a list a tenth as long. The bare limit is PostgreSQL taking the ready integers by COPY, without index
or thought.
"""

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import phonenumbers
import psycopg

from benchmarks.fresh_database import fresh_database

LINES = 1_000_000
GOAL_PER_SECOND = 60_000
# Reading ten times as many lines may need this much more memory (MB): allocation is not exact to the page.
FLAT_WITHIN_MB = 16
SHARE_OF_BAD, SHARE_OF_REPEATED = 0.05, 0.10
# Where the people of the list live, by weight.
COUNTRIES = {
    "RU": 40,
    "KZ": 8,
    "UA": 8,
    "BY": 5,
    "UZ": 6,
    "US": 8,
    "DE": 6,
    "GB": 5,
    "IT": 3,
    "TR": 4,
    "IN": 4,
    "BR": 3,
}
BAD = (
    "Иванов",
    "7.9123E+10",
    "+7 912",
    "+7 912 345-67-89 доб. 12",
    "+999 123 4567",
    "12345",
    "call me",
    "+1 200 555 0000",
)


def _mobile(country: str, random_: random.Random) -> phonenumbers.PhoneNumber:
    """A number near the country's example that is valid."""
    example = phonenumbers.example_number_for_type(country, phonenumbers.PhoneNumberType.MOBILE)
    digits = str(example.national_number)
    while True:
        near = digits[:3] + "".join(random_.choice("0123456789") for _ in digits[3:])
        number = phonenumbers.PhoneNumber(country_code=example.country_code, national_number=int(near))
        if phonenumbers.is_valid_number(number):
            return number


def _spelled(number: phonenumbers.PhoneNumber, country: str, random_: random.Random) -> str:
    way = random_.random()
    if way < 0.4:
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if way < 0.6:
        return f"{number.country_code}{number.national_number}"
    if way < 0.9 or country != "RU":
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)


def _numbers(random_: random.Random) -> Iterator[str]:
    """Spellings without end: fresh ones, repeated ones, bad ones. Tails vary, heads come from a stock of
    valid ones.
    """
    stock = {country: [_mobile(country, random_) for _ in range(300)] for country in COUNTRIES}
    countries, weights = list(COUNTRIES), list(COUNTRIES.values())
    recent: list[str] = []
    while True:
        dice = random_.random()
        if dice < SHARE_OF_BAD:
            yield random_.choice(BAD)
        elif dice < SHARE_OF_BAD + SHARE_OF_REPEATED and recent:
            yield random_.choice(recent)
        else:
            (country,) = random_.choices(countries, weights)
            model = random_.choice(stock[country])
            near = model.national_number // 100_000 * 100_000 + random_.randrange(100_000)
            number = phonenumbers.PhoneNumber(country_code=model.country_code, national_number=near)
            spelling = _spelled(number, country, random_)
            if len(recent) < 50_000:
                recent.append(spelling)
            else:
                recent[random_.randrange(50_000)] = spelling
            yield spelling


def write_list(path: Path, lines: int) -> None:
    """A CSV with heading, name, number and city, the same for the same number of lines."""
    numbers = _numbers(random.Random(2))
    with path.open("w", encoding="utf-8") as file:
        file.write("name;phone;city\n")
        file.writelines(f"Имя {line};{next(numbers)};Москва\n" for line in range(lines))


def read_here(path: str) -> None:
    """In a process of its own: read the list into a new check, print what it took as JSON."""
    import resource

    import django

    django.setup()
    from django.utils import timezone

    from pult.core.people.models import Person
    from pult.modules.checks.models import Check
    from pult.modules.checks.operations.reading import read_list

    owner, _ = Person.objects.get_or_create(email="bench@example.org")
    check = Check.objects.create(
        owner=owner, name="bench", state=Check.State.READING, created_at=timezone.now()
    )
    began, cpu_began = time.perf_counter(), time.process_time()
    read = read_list(
        check_id=check.pk, path=Path(path), column=1, sheet=None, region="RU", progress=lambda *_: None
    )
    print(
        json.dumps(
            {
                "seconds": time.perf_counter() - began,
                "cpu_seconds": time.process_time() - cpu_began,
                "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
                "lines": read.lines,
                "valid": read.valid,
                "repeated": read.repeated,
                "rejected": read.rejected,
                "blocks": read.blocks,
            }
        )
    )


def _read_apart(path: Path) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.checks_import", str(path)],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


def _bare_copy(url: str) -> float:
    """Integers a second that PostgreSQL takes by COPY into a plain table."""
    ready = [f"{line}\t{79_000_000_000 + line}\n" for line in range(LINES)]
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE bare_copy (line integer NOT NULL, phone bigint NOT NULL)")
        began = time.perf_counter()
        with connection.cursor().copy("COPY bare_copy (line, phone) FROM STDIN") as copy:
            for start in range(0, LINES, 20_000):
                copy.write("".join(ready[start : start + 20_000]))
        taken = time.perf_counter() - began
        connection.execute("DROP TABLE bare_copy")
    return LINES / taken


def checks_import() -> dict[str, Any]:
    """Numbers a second from CSV to stored blocks, on a fresh embedded PostgreSQL with Pult's own settings."""
    with fresh_database() as (folder, postgres):
        short, long = folder / "short.csv", folder / "long.csv"
        write_list(short, LINES // 10)
        write_list(long, LINES)
        bare = _bare_copy(postgres.url())
        brief = _read_apart(short)
        # The better of two: whatever else runs on the machine can only slow it down.
        full = min(_read_apart(long), _read_apart(long), key=lambda result: result["seconds"])
        rate = full["lines"] / full["seconds"]
        flat = full["peak_mb"] - brief["peak_mb"] <= FLAT_WITHIN_MB
        return {
            "name": "checks-import",
            "value": round(rate),
            "unit": "numbers/s",
            "goal": GOAL_PER_SECOND,
            "ok": rate >= GOAL_PER_SECOND and flat and full["lines"] == LINES,
            "context": {
                "bare_copy_per_second": round(bare),
                "share_of_bare_copy": round(rate / bare, 3),
                "peak_mb": round(full["peak_mb"], 1),
                "peak_mb_tenth": round(brief["peak_mb"], 1),
                "seconds": round(full["seconds"], 2),
                "cpu_seconds_python": round(full["cpu_seconds"], 2),
                "load_average": round(os.getloadavg()[0], 2),
                "file_mb": round(long.stat().st_size / 1e6, 1),
                **{name: full[name] for name in ("valid", "repeated", "rejected", "blocks")},
            },
        }


if __name__ == "__main__":
    read_here(sys.argv[1])
