"""TLS: certificates are verified, and the reason is told when one is not trusted."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from pydantic import SecretStr

from pack.engine.flyte import FlyteEngine
from pack.errors import EngineUnavailable
from tests.engine.conftest import Connect
from tests.engine.peer import PACK, Peer

OPENSSL = shutil.which("openssl")
pytestmark = pytest.mark.skipif(OPENSSL is None, reason="openssl makes the certificate")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a certificate for 127.0.0.1 that nobody signed."""
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    assert OPENSSL is not None
    command = [OPENSSL, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    command += ["-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    command += ["-keyout", str(path), "-out", str(path.with_suffix(".crt"))]
    subprocess.run(command, check=True, capture_output=True)
    path.write_text(path.read_text() + path.with_suffix(".crt").read_text())
    return path


@pytest.fixture
async def secured(certificate: Path) -> AsyncIterator[Peer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    peer = Peer(tls=context)
    await peer.start()
    peer.serve_engine()
    yield peer
    await peer.stop()


async def test_a_certificate_of_nobody_is_not_trusted(secured: Peer, connect: Connect) -> None:
    client = connect(secured.url, jwt="a.b.c")
    with pytest.raises(EngineUnavailable, match=r"CERTIFICATE_VERIFY_FAILED.*SSL_CERT_FILE") as caught:
        await client.register()
    assert caught.value.status is None
    assert secured.seen == []
    assert "SSL_CERT_FILE" in client.status().status


async def test_a_certificate_of_a_known_authority_is_trusted(secured: Peer, certificate: Path) -> None:
    trusting = ssl.create_default_context(cafile=str(certificate))
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=trusting)) as session:
        client = FlyteEngine(
            base_url=secured.url, pack=PACK, session=session, jwt=SecretStr("a.b.c"), timeout_seconds=5
        )
        await client.register()
        assert await client.take() is None
    assert secured.seen[-1].headers["Authorization"] == "Bearer a.b.c"


async def test_plain_http_to_a_tls_port_is_an_outage(secured: Peer, connect: Connect) -> None:
    with pytest.raises(EngineUnavailable):
        await connect(secured.url.replace("https", "http")).register()


async def test_tls_to_a_plain_port_is_an_outage(peer: Peer, connect: Connect) -> None:
    with pytest.raises(EngineUnavailable, match="cannot be reached"):
        await connect(peer.url.replace("http", "https")).register()
