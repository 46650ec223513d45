"""TLS: the client is who it says, and so is the engine; against a server of our own."""

from __future__ import annotations

import datetime
import json
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from chaos.adapters.engine_connection import connect
from chaos.engine import EngineAddress, resolve_engine
from chaos.errors import EnvironmentProblem
from tests.unit.engine.docker_config import add_context, write_config

DAY = datetime.timedelta(days=1)


class Authority:
    """A certificate authority that lives as long as a test."""

    def __init__(self, name: str) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        ca = x509.BasicConstraints(ca=True, path_length=None)
        self.certificate = (
            self._builder(self.name, self.key).add_extension(ca, True).sign(self.key, hashes.SHA256())
        )

    def _builder(self, subject: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
        now = datetime.datetime.now(datetime.UTC)
        builder = x509.CertificateBuilder().subject_name(subject).issuer_name(self.name)
        builder = builder.public_key(key.public_key()).serial_number(x509.random_serial_number())
        own = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
        above = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
        builder = builder.add_extension(own, False).add_extension(above, False)
        return builder.not_valid_before(now - DAY).not_valid_after(now + DAY)

    def issue(self, folder: Path, name: str) -> Path:
        """``ca.pem``, ``cert.pem`` and ``key.pem`` in ``folder``, for a server or a client of 127.0.0.1."""
        folder.mkdir(parents=True, exist_ok=True)
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        names = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
        signed = self._builder(subject, key).add_extension(names, False).sign(self.key, hashes.SHA256())
        pem = serialization.Encoding.PEM
        (folder / "ca.pem").write_bytes(self.certificate.public_bytes(pem))
        (folder / "cert.pem").write_bytes(signed.public_bytes(pem))
        (folder / "key.pem").write_bytes(
            key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        )
        return folder


class Handler(BaseHTTPRequestHandler):
    """What a client asks at first: the versions, and a ping."""

    def do_GET(self) -> None:
        known = {"ApiVersion": "1.41", "MinAPIVersion": "1.12", "Version": "20.10"}
        body = json.dumps(known).encode() if self.path.endswith("/version") else b"OK"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing on the terminal."""


class Server(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """A client that was refused is what some tests are about."""


@dataclass(frozen=True)
class TlsEngine:
    host: str
    authority: Authority


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TlsEngine]:
    """An engine that accepts only clients with a certificate of its own authority."""
    authority = Authority("engine")
    files = authority.issue(tmp_path_factory.mktemp("server"), "127.0.0.1")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files / "cert.pem", files / "key.pem")
    context.load_verify_locations(files / "ca.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    server = Server(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield TlsEngine(f"tcp://127.0.0.1:{server.server_address[1]}", authority)
    server.shutdown()
    server.server_close()
    thread.join()


def answers(address: EngineAddress) -> bool:
    client = connect(address, 5.0)
    try:
        return bool(client.version()["Version"] == "20.10")
    finally:
        client.close()


def of_environment(host: str, files: Path, **more: str) -> EngineAddress:
    return resolve_engine({"HOME": "/nowhere", "DOCKER_HOST": host, "DOCKER_CERT_PATH": str(files), **more})


def test_named_by_variables(engine: TlsEngine, tmp_path: Path) -> None:
    files = engine.authority.issue(tmp_path / "client", "me")
    assert answers(of_environment(engine.host, files, DOCKER_TLS_VERIFY="1"))
    assert answers(of_environment(engine.host, files, DOCKER_TLS="1"))


def test_named_by_a_context(engine: TlsEngine, tmp_path: Path) -> None:
    config = write_config(tmp_path / "config", current="safe")
    engine.authority.issue(add_context(config, "safe", engine.host), "me")
    assert answers(resolve_engine({"DOCKER_CONFIG": str(config)}))


def test_an_engine_that_another_authority_vouches_for_is_refused(engine: TlsEngine, tmp_path: Path) -> None:
    files = engine.authority.issue(tmp_path / "client", "me")
    Authority("somebody else").issue(tmp_path / "other", "me")
    (files / "ca.pem").write_bytes((tmp_path / "other" / "ca.pem").read_bytes())
    with pytest.raises(EnvironmentProblem, match="certificate"):
        answers(of_environment(engine.host, files, DOCKER_TLS_VERIFY="1"))
    assert answers(of_environment(engine.host, files, DOCKER_TLS="1")), "unless it is not to be verified"


def test_a_client_without_a_certificate_is_refused_by_the_engine(engine: TlsEngine, tmp_path: Path) -> None:
    files = engine.authority.issue(tmp_path / "client", "me")
    (files / "cert.pem").unlink()
    with pytest.raises(EnvironmentProblem, match="no Docker engine answers"):
        answers(of_environment(engine.host, files, DOCKER_TLS_VERIFY="1"))


def test_without_tls_such_an_engine_does_not_answer(engine: TlsEngine) -> None:
    with pytest.raises(EnvironmentProblem, match="no Docker engine answers"):
        answers(EngineAddress(engine.host))


def test_certificates_that_cannot_be_read_are_a_clear_error(engine: TlsEngine, tmp_path: Path) -> None:
    files = engine.authority.issue(tmp_path / "client", "me")
    (files / "key.pem").write_text("no key")
    with pytest.raises(EnvironmentProblem, match="no Docker engine answers"):
        answers(of_environment(engine.host, files, DOCKER_TLS_VERIFY="1"))
