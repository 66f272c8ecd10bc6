"""The controller's health check: 0 when callers can be served now (``/readyz``), or when it stands
by and follows the one that serves them; else 1."""

from __future__ import annotations

import http.client
import os
import ssl
import sys

_OK = 200


def main() -> int:
    """Ask oneself. Whose certificate it is does not matter on loopback."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        status, said = _ask("/readyz", context)
        stands_by = status != _OK and "standing_by" in said
        follows = stands_by and "\nmadoguchi_standby_follows 1\n" in _ask("/metrics", context)[1]
    except OSError as error:
        sys.stdout.write(f"nobody answers: {error}\n")
        return 1
    sys.stdout.write(f"{status} {said}\n")
    return 0 if status == _OK or follows else 1


def _ask(path: str, context: ssl.SSLContext) -> tuple[int, str]:
    port = int(os.environ.get("MADOGUCHI_API__PORT", "8080"))
    asked = http.client.HTTPSConnection("127.0.0.1", port, timeout=2, context=context)
    asked.request("GET", path)
    answer = asked.getresponse()
    return answer.status, answer.read(10_000).decode(errors="replace")


if __name__ == "__main__":
    sys.exit(main())
