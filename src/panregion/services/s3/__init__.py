"""Amazon S3: buckets, objects and their versions, uploads in parts; bytes on disk, records in the store; websites."""

from panregion.services import Service
from panregion.services.s3 import api, keeping, layout, plane, stack

SERVICE = Service(
    name="s3",
    api=api,
    plane=plane.WebsitePlane(),
    work={layout.DROP: keeping.drop},
    resources=stack.RESOURCES,
    start=keeping.sweep,
)
