"""What CloudFront gives to CloudFormation: distributions, policies, access controls and keys. Ref gives the id."""

from panregion.services.cloudfront.stack.distributions import DISTRIBUTION
from panregion.services.cloudfront.stack.parts import PARTS

RESOURCES = {kind.type_name: kind for kind in (DISTRIBUTION, *PARTS)}
