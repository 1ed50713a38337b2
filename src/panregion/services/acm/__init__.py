"""AWS Certificate Manager: certificates are kept, and issued at once.

Nobody is asked to prove that a domain is theirs: the validation records are shown as AWS shows them, and do not have to
exist. Certificates are issued by the world's own authority, and a region presents them to clients that ask for one of
their names (SNI); for a name that no certificate is for, a server makes one when it is first asked.
"""

from panregion.services import Service
from panregion.services.acm import api
from panregion.services.acm.stack import RESOURCES

SERVICE = Service(name="acm", api=api, resources=RESOURCES)
