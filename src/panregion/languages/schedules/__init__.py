"""Schedules as EventBridge writes them: `rate(5 minutes)`, `cron(0 12 ? * MON-FRI *)`.

schedule = parse_schedule("cron(0 12 ? * MON-FRI *)")     # raises ScheduleError
schedule.next_after(moment, since)                        # epoch seconds, or None where nothing more is to come

and as EventBridge Scheduler does, which also has at(2027-01-01T09:00:00) and time zones (zoned.py).
"""

from panregion.languages.schedules.cron import Cron
from panregion.languages.schedules.schedule import Rate, Schedule, ScheduleError, parse_schedule
from panregion.languages.schedules.zoned import Timetable, parse_timetable, parse_zone

__all__ = [
    "Cron",
    "Rate",
    "Schedule",
    "ScheduleError",
    "Timetable",
    "parse_schedule",
    "parse_timetable",
    "parse_zone",
]
