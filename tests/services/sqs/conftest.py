"""The lab is everybody's here."""

from tests.services.sqs.lab import lab

__all__ = ["lab"]
