"""DynamoDB of a region whose store is in memory."""

import pytest

from panregion.region import Region
from tests.services.dynamodb.support import DynamoDb


@pytest.fixture
def db(region: Region) -> DynamoDb:
    return DynamoDb(region)
