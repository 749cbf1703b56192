"""What every test may rely on: no network but loopback, known Hypothesis profiles, real data."""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.engines"]

settings.register_profile(
    "dev", max_examples=40, deadline=None, suppress_health_check=list(HealthCheck)
)
settings.register_profile(
    "ci", parent=settings.get_profile("dev"), max_examples=100, derandomize=True
)
settings.load_profile("ci" if os.environ.get("CI") else "dev")

ROOT = Path(__file__).parents[1]
SHARED_DATA = Path(os.environ.get("CLEW_SHARED_DATA", ROOT.parent / "shared" / "data"))


class NetworkForbiddenError(RuntimeError):
    """A test tried to leave the machine."""


def _is_loopback(address: object) -> bool:
    if not isinstance(address, tuple):
        return True  # a Unix socket
    host = str(address[0])
    if host in ("localhost", ""):
        return True
    try:
        return ipaddress.ip_address(host.split("%", maxsplit=1)[0]).is_loopback
    except ValueError:
        return False


@pytest.fixture(autouse=True, scope="session")
def _no_network() -> Iterator[None]:
    """Refuse every connection and look-up that is not on the loopback interface."""
    patch = pytest.MonkeyPatch()
    for name in ("connect", "connect_ex", "sendto"):
        original = getattr(socket.socket, name)

        def guarded(self, *args, _original=original):
            if not _is_loopback(args[-1]):
                raise NetworkForbiddenError(f"connection to {args[-1]!r}")
            return _original(self, *args)

        patch.setattr(socket.socket, name, guarded)
    look_up = socket.getaddrinfo

    def guarded_look_up(host, *args, **kwargs):
        if host is not None and not _is_loopback(
            (host.decode() if isinstance(host, bytes) else host,)
        ):
            raise NetworkForbiddenError(f"look-up of {host!r}")
        return look_up(host, *args, **kwargs)

    patch.setattr(socket, "getaddrinfo", guarded_look_up)
    yield
    patch.undo()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real recordings; the test skips, saying so, where it is absent."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"real recordings are not here ({SHARED_DATA}); see docs/howto/real-data.md")
    return SHARED_DATA
