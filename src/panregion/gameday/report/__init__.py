"""What is made of a result: an HTML page, JUnit XML, and what a terminal shows while a game day runs and afterwards.

`page.html.j2`, `page.css` and `charts.js` are the page; `panregion.vendor` has D3 and Observable Plot.
"""

from panregion.gameday.report.html import to_html
from panregion.gameday.report.junit import to_junit
from panregion.gameday.report.live import watched
from panregion.gameday.report.terminal import summary

__all__ = ["summary", "to_html", "to_junit", "watched"]
