"""The labs are everybody's here."""

from tests.services.sns.lab import lab, pair

__all__ = ["lab", "pair"]
