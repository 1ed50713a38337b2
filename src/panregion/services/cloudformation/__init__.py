"""AWS CloudFormation: templates to stacks, SAM included."""

from panregion.services.cloudformation import api, engine, journal, stack
from panregion.services.service import Service

SERVICE = Service(
    name="cloudformation",
    api=api,
    work={journal.ADVANCE: engine.advance},
    resources=stack.RESOURCES,
)

__all__ = ["SERVICE"]
