"""Prints a JSON line per day, 2009 to 2026: whether PyPI chinesecalendar calls it a working day."""

import datetime
import json

import chinese_calendar

day = datetime.date(2009, 1, 1)
while day.year <= 2026:
    print(json.dumps({"date": day.isoformat(), "workday": chinese_calendar.is_workday(day)}))
    day += datetime.timedelta(days=1)
