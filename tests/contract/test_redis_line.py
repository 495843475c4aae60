"""The line to Redis: what it says of whom it reaches, and that it lets go."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from bot.coordination.clock import SystemClock
from bot.coordination.redis.bells import RedisBells
from bot.coordination.redis.line import Patience, RedisLine
from bot.coordination.redis.opening import probe
from bot.coordination.wakeup import LocalWakeup
from bot.errors import CoordinationLost
from tests.contract.redis_case import PATIENT, SOON, eventually, eventually_answers, unheard
from tests.fakes.log_capture import captured_logs
from tests.redis_server import RedisServer
from tests.services import LOOPBACK, free_port

pytestmark = pytest.mark.redis


@asynccontextmanager
async def kept(url: str) -> AsyncIterator[tuple[RedisLine, list[bool]]]:
    told: list[bool] = []
    line = RedisLine(url, SystemClock(), told.append, PATIENT)
    keeping = asyncio.create_task(line.keep())
    try:
        yield line, told
    finally:
        keeping.cancel()
        await line.close()


async def test_a_loss_is_said_once_and_the_return_once(own_redis: RedisServer) -> None:
    with captured_logs() as logs:
        async with kept(own_redis.url) as (line, told):
            await eventually(lambda: told == [True])
            assert line.troubles() == ()
            own_redis.stop()
            await eventually(lambda: told == [True, False])
            for _ in range(20):
                with pytest.raises(CoordinationLost):
                    await line.ask(lambda client: client.ping())
            await asyncio.sleep(0.3)
            (trouble,) = line.troubles()
            own_redis.start()
            await eventually(lambda: told == [True, False, True])
            assert line.troubles() == ()
    assert trouble == (
        f"Redis at {LOOPBACK}:{own_redis.port} cannot be reached. See that it runs and that "
        "REDIS_URL is right. The desk goes on without it: limits are kept in the database, and "
        "what other processes do is noticed twice a second. Nothing is lost."
    )
    assert [log["event"] for log in logs] == ["redis_lost", "redis_back"]


async def test_an_answer_that_only_came_late_is_said_to_nobody(own_redis: RedisServer) -> None:
    """Half a second may as well be the fault of a machine that is busy."""
    told: list[bool] = []
    line = RedisLine(own_redis.url, SystemClock(), told.append, Patience(answer=1.5, steady=0.0))
    keeping = asyncio.create_task(line.keep())
    with captured_logs() as logs:
        await eventually(lambda: told == [True])
        own_redis.pause()
        with pytest.raises(CoordinationLost):
            await line.ask(lambda client: client.ping())
        own_redis.wake()
        with pytest.raises(CoordinationLost):
            await line.ask(lambda client: client.ping())
        await eventually_answers(line)
        assert (line.troubles(), told, logs) == ((), [True], [])
    keeping.cancel()
    await line.close()


async def test_a_line_that_breaks_again_and_again_rests_longer_each_time_but_not_for_ever(
    own_redis: RedisServer,
) -> None:
    patience = Patience(answer=0.1, look=0.02, rest=0.1, longest_rest=0.4, steady=60.0)
    changes: list[tuple[bool, float]] = []
    line = RedisLine(
        own_redis.url,
        SystemClock(),
        lambda answers: changes.append((answers, time.monotonic())),
        patience,
    )
    keeping = asyncio.create_task(line.keep())
    for _ in range(6):
        await eventually(lambda: bool(changes) and changes[-1][0])
        own_redis.pause()
        await eventually(lambda: not changes[-1][0])
        own_redis.wake()
    await eventually(lambda: changes[-1][0])
    keeping.cancel()
    await line.close()
    moments = [moment for _answers, moment in changes[1:]]
    rests = [back - lost for lost, back in zip(moments[::2], moments[1::2], strict=True)]
    assert all(rest >= least for rest, least in zip(rests, (0.1, 0.2, 0.4, 0.4), strict=False))
    assert rests[5] < 2.0, "twice as long each time would be 3.2 seconds"


async def test_a_password_that_is_missing_or_wrong_is_said_without_being_shown(
    own_redis: RedisServer,
) -> None:
    with own_redis.client() as client:
        client.config_set("requirepass", "right-password")
    for user in ("", ":wrong-password@"):
        with pytest.raises(CoordinationLost) as lost:
            await probe(f"redis://{user}{LOOPBACK}:{own_redis.port}/0", SystemClock())
        assert str(lost.value) == (
            f"Redis at {LOOPBACK}:{own_redis.port} does not let us in. Look at the user and "
            "password in REDIS_URL."
        )
    right = f"redis://:right-password@{LOOPBACK}:{own_redis.port}/0"
    assert f"at {LOOPBACK}:{own_redis.port} answered in" in await probe(right, SystemClock())


async def test_a_full_redis_and_a_copy_are_named_for_what_they_are(
    own_redis: RedisServer,
) -> None:
    line = RedisLine(own_redis.url, SystemClock(), unheard, PATIENT)
    with own_redis.client() as client:
        client.config_set("maxmemory", "1")
        with pytest.raises(CoordinationLost, match=r"is full\. Give it more memory\."):
            await line.knock(lambda client: client.set("a", "b"))
        client.config_set("maxmemory", "0")
        client.replicaof(LOOPBACK, free_port())
        with pytest.raises(CoordinationLost, match="is a copy that takes no writes"):
            await line.knock(lambda client: client.set("a", "b"))
    await line.close()


async def test_something_else_that_listens_there_is_no_redis() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(10)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, LOOPBACK, 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        with pytest.raises(CoordinationLost, match="does not speak as Redis does"):
            await probe(f"redis://{LOOPBACK}:{port}/0", SystemClock())


async def test_an_encrypted_redis_is_asked_when_its_authority_is_known(
    own_redis: RedisServer, tmp_path: Path
) -> None:
    certificate, key = self_signed(tmp_path)
    port = free_port()
    with own_redis.client() as client:
        client.config_set("tls-cert-file", str(certificate))
        client.config_set("tls-key-file", str(key))
        client.config_set("tls-ca-cert-file", str(certificate))
        client.config_set("tls-auth-clients", "no")
        client.config_set("tls-port", port)
    url = f"rediss://{LOOPBACK}:{port}/0"
    with pytest.raises(CoordinationLost, match="a certificate that nobody trusted here has signed"):
        await probe(url, SystemClock())
    assert "answered in" in await probe(f"{url}?ssl_ca_certs={certificate}", SystemClock())


def self_signed(folder: Path) -> tuple[Path, Path]:
    """Files with a certificate for loopback and with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, LOOPBACK)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address(LOOPBACK))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    files = folder / "redis.crt", folder / "redis.key"
    files[0].write_bytes(certificate.public_bytes(Encoding.PEM))
    files[1].write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return files


async def test_whoever_hangs_on_the_line_lets_go_at_any_moment(redis_server: RedisServer) -> None:
    """A cancellation that a library swallows would keep the desk from stopping."""
    for turn in range(60):
        line = RedisLine(redis_server.url, SystemClock(), unheard)
        bells = RedisBells(line, LocalWakeup(), "me")
        bells.announce()
        tasks = [asyncio.create_task(work()) for work in (line.keep, bells.listen, bells.tell)]
        await asyncio.sleep(turn * 0.00005)
        for task in tasks:
            task.cancel()
        _done, pending = await asyncio.wait(tasks, timeout=SOON)
        assert not pending
        await line.close()
