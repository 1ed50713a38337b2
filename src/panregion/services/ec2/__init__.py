"""The little of EC2 that templates of load balancers name: networks, kept as descriptions.

Nothing here carries or refuses a packet: there are no instances, and regions, load balancers and functions are in no
network. What is created is checked, kept and shown, so that an ordinary template deploys and its parts fit together.
Every region has a default VPC with a subnet in each of three zones, as a new account has.
"""

from panregion.services import Service
from panregion.services.ec2 import api
from panregion.services.ec2.stack import RESOURCES

SERVICE = Service(name="ec2", api=api, resources=RESOURCES)
