"""What every rule is given: the application, with what has been worked out about it once."""

from functools import cached_property

from panregion.review.application import Application
from panregion.review.failover import Way, ways_in
from panregion.review.graph import Graph
from panregion.review.records import Record, records_of
from panregion.review.stores import Access, Stores


class Scene:
    """An application and its graph, stores, records and ways in."""

    def __init__(self, application: Application) -> None:
        self.application = application
        self.graph = Graph(application)
        self.stores = Stores(application, self.graph)

    @cached_property
    def records(self) -> list[Record]:
        return records_of(self.application)

    @cached_property
    def ways(self) -> list[Way]:
        return ways_in(self.application, self.graph)

    @cached_property
    def writers(self) -> list[Access]:
        """Who may write which store."""
        return self.stores.written_by_somebody()
