"""AWS Certificate Manager: certificates are kept, and issued at once.

Nobody is asked to prove that a domain is theirs: the validation records are shown as AWS shows them, and do not have to
exist. The world's servers make the certificates that they present themselves, for whatever name a client asks for,
signed by the world's own authority; so an issued certificate here is a name that templates can refer to.
"""

from panregion.services import Service
from panregion.services.acm import api
from panregion.services.acm.stack import RESOURCES

SERVICE = Service(name="acm", api=api, resources=RESOURCES)
