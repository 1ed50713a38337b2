"""Amazon SNS: topics and their subscriptions."""

from panregion.services import Service
from panregion.services.sns import api
from panregion.services.sns.plane import CertificatePlane
from panregion.services.sns.stack import RESOURCES
from panregion.services.sns.work import WORK

SERVICE = Service(name="sns", api=api, work=WORK, plane=CertificatePlane(), resources=RESOURCES)
