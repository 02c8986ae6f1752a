"""Compares every day of the working-day calendar with another reading of the same notices, PyPI's chinesecalendar.

    python calendar_oracle.py server/data/calendar.toml

A slip of the pen in either shows as a difference. Each is listed, and any makes the exit status 1. What is compared is
whether a day is worked, which is all that a deadline counts; whether a weekend beside a holiday is called part of it
differs from notice to notice.
"""

import sys
import tomllib
from datetime import date, timedelta
from pathlib import Path

import chinese_calendar

FIRST, LAST = date(2011, 1, 1), date(2026, 12, 31)
SATURDAY = 5


def days(text):
    """The days of "2019-05-01", or of the range "2019-10-01/2019-10-07" with both its ends."""
    first, _, last = text.partition("/")
    day, last = date.fromisoformat(first), date.fromisoformat(last or first)
    while day <= last:
        yield day
        day += timedelta(days=1)


def is_worked(day, off, worked):
    """Whether a day is worked by our file: a notice's word first, then the week."""
    return day not in off and (day in worked or day.weekday() < SATURDAY)


def main():
    calendar = tomllib.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    covered = {year["year"] for year in calendar["year"]}
    holidays = [holiday for year in calendar["year"] for holiday in year.get("holidays", [])]
    off = {day for holiday in holidays for text in holiday.get("off", []) for day in days(text)}
    worked = {day for holiday in holidays for text in holiday.get("work", []) for day in days(text)}

    words = {True: "a workday", False: "a day off", None: "in no year of the file"}
    compared, differences = 0, []
    for day in days(f"{FIRST}/{LAST}"):
        compared += 1
        ours = is_worked(day, off, worked) if day.year in covered else None
        theirs = chinese_calendar.is_workday(day)
        if ours != theirs:
            differences.append(f"{day} {day:%a}: ours {words[ours]}, theirs {words[theirs]}")

    for difference in differences:
        print(difference)
    print(f"{compared} days from {FIRST} to {LAST} compared, {len(differences)} differ")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
