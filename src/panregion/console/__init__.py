"""The console: the page that an engineer keeps open while a world runs.

It is a process of its own beside the others (`python -m panregion.console`), a client of the control API, of the edge's
API and of the regions' AWS APIs like any other: nothing that it shows or does needs it. Pages are made on the server
from templates; small scripts draw what moves, from one stream of events a page.

    app.py       a request to a page, an action, an asset or the stream       routes.py   which page is where
    guard.py     who may ask, and what a page may load                        site.py     what a page is given
    watching/    looks at the world once a second, keeps the last 15 minutes  actions/    what can be done, a file each
    pages/       a file for each page                                         templates/, static/
    kinds/       what there is in a region or at the edge, as lists for pages
"""
