"""Schedules as EventBridge writes them: `rate(5 minutes)`, `cron(0 12 ? * MON-FRI *)`.

schedule = parse_schedule("cron(0 12 ? * MON-FRI *)")     # raises ScheduleError
schedule.next_after(moment, since)                        # epoch seconds, or None where nothing more is to come
"""

from panregion.languages.schedules.cron import Cron
from panregion.languages.schedules.schedule import Rate, Schedule, ScheduleError, parse_schedule

__all__ = ["Cron", "Rate", "Schedule", "ScheduleError", "parse_schedule"]
