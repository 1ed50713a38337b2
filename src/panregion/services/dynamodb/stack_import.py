"""A table of a stack that begins with what lies in S3: ImportSourceSpecification.

An import can say less of a table than CreateTable: the stream, protection and class are set once it is there.
"""

from typing import Any

from panregion.services.dynamodb import jobs, layout
from panregion.services.dynamodb.errors import ValidationException
from panregion.services.dynamodb.imports import CREATION, import_table
from panregion.services.dynamodb.jobs import IMPORTS, Job
from panregion.services.here import Here
from panregion.wire import AwsError

Output = dict[str, Any]

POLL_S = 0.02
LATER = frozenset({"StreamSpecification", "DeletionProtectionEnabled", "TableClass"})
"""Properties of the table that only UpdateTable can give to it."""


class ImportFailed(AwsError):
    """The table could not be filled."""


def begin(here: Here, name: str, source: Output, definition: Output) -> None:
    """Make the table by an import instead of by CreateTable, whose parameters `definition` has."""
    if definition.get("local_secondary_indexes"):
        raise ValidationException("A table that is imported cannot have LocalSecondaryIndexes")
    names = {parameter: member for member, parameter in CREATION.items()}
    given = {names[key]: value for key, value in definition.items() if key in names and value is not None}
    csv = (source.get("InputFormatOptions") or {}).get("Csv")
    import_table(
        here,
        source["S3BucketSource"],
        source["InputFormat"],
        {"TableName": name, **given},
        input_format_options={"Csv": csv} if csv else None,
        input_compression_type=source.get("InputCompressionType", "NONE"),
    )


def given_already(table: Output) -> set[str]:
    """Which of LATER the table has, by its description."""
    found = {"StreamSpecification"} if "StreamSpecification" in table else set()
    found |= {"DeletionProtectionEnabled"} if table["DeletionProtectionEnabled"] else set()
    return found | ({"TableClass"} if "TableClassSummary" in table else set())


async def done(here: Here, name: str) -> None:
    """Return once the table's import is complete. Raises ImportFailed."""
    while True:
        job = here.read(lambda here: _last(here, name))
        if job is None or job.shown["ImportStatus"] == "COMPLETED":
            return
        if not job.running:
            raise ImportFailed(f"{job.shown.get('FailureCode')}: {job.shown.get('FailureMessage')}")
        await here.world.clock.sleep(POLL_S)


def _last(here: Here, name: str) -> Job | None:
    found = [job for job in _all(here, name) if _is_of(here, job, name)]
    return found[-1] if found else None


def _all(here: Here, name: str) -> list[Job]:
    found: list[Job] = []
    token: str | None = None
    while True:
        page, token = jobs.page(here, IMPORTS, name, token, None)
        found += page
        if token is None:
            return found


def _is_of(here: Here, job: Job, name: str) -> bool:
    """Whether the job filled the table that is there now, or one that is gone because it failed."""
    view = layout.read_table(here.tx, name)
    return view is None or view.table.id == job.shown["TableId"]
