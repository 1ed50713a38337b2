"""The certificate by which receivers check signatures, where messages say that it is."""

from panregion.services import Here
from panregion.services.sns.signing import PATH_END, PATH_START, find_key
from panregion.world import Request, Response


class CertificatePlane:
    def matches(self, _here: Here, request: Request) -> bool:
        return request.path.startswith(PATH_START) and request.path.endswith(PATH_END)

    async def handle(self, here: Here, request: Request) -> Response:
        key = here.read(find_key)
        if key is None or request.path != key.path:
            return Response(404, [("Content-Type", "text/plain")], b"no such certificate\n")
        return Response(200, [("Content-Type", "application/x-pem-file")], key.certificate_pem)
