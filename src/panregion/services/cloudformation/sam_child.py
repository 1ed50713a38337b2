"""The child process that runs aws-sam-translator: a question as JSON on stdin, the answer as JSON on stdout.

It is run as a file and imports nothing of panregion's, which would be a quarter of the time it takes.
"""

import logging
import os
import sys
from pathlib import Path
from typing import Any

import msgspec


def translate(question: dict[str, Any]) -> dict[str, Any]:
    """{"template": ...} or {"error": why the document is not valid SAM}."""
    import samtranslator
    from samtranslator.model.exceptions import InvalidDocumentException
    from samtranslator.translator.transform import transform

    data = Path(samtranslator.__file__).parent / "internal" / "data" / "aws_managed_policies.json"
    policies = msgspec.json.decode(data.read_bytes())["aws"]

    class Policies:
        def load(self) -> dict[str, str]:
            return dict(policies)

    region = question["region"]
    os.environ["AWS_DEFAULT_REGION"] = region  # the translator asks a session of its own for it
    parameters = {
        "AWS::Region": region,
        "AWS::AccountId": question["account_id"],
        "AWS::Partition": "aws",
        **{name: _text(value) for name, value in question["parameters"].items()},
    }
    try:
        translated = transform(question["template"], parameters, Policies(), passthrough_metadata=True)
    except InvalidDocumentException as error:
        causes = " ".join(cause.message for cause in error.causes) if error.causes else ""
        return {"error": f"{error.message} {causes}".strip()}
    return {"template": translated}


def _text(value: Any) -> Any:
    return ",".join(value) if isinstance(value, list) else value


def main() -> None:
    logging.disable(logging.CRITICAL)
    question = msgspec.json.decode(sys.stdin.buffer.read())
    sys.stdout.buffer.write(msgspec.json.encode(translate(question)))


if __name__ == "__main__":
    main()
