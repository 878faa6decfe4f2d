"""Pictures by address: never from inner networks, always within limits, by one worker each."""

from __future__ import annotations

import ipaddress
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from kombu.exceptions import OperationalError
from pytest_django.fixtures import DjangoCaptureOnCommitCallbacks, Settings

from taxonomy import public_network, tasks
from taxonomy.actions import fetching, import_products
from taxonomy.actions.fetching import claim_picture, fetch_waiting
from taxonomy.imports import addresses
from taxonomy.imports.addresses import Fetcher, Unanswered
from taxonomy.imports.pictures import PictureRefused, picture_folder
from taxonomy.models import Product
from taxonomy.public_network import NotPublic, is_public, public_addresses, resolved
from tests.commands import run
from tests.factories import make_product
from tests.taxonomy.test_pictures import drawn


@pytest.fixture(autouse=True)
def _scratch(settings: Settings, tmp_path: Path) -> None:
    settings.DATA = tmp_path


class _Shop(BaseHTTPRequestHandler):
    """A host of pictures with bad habits."""

    def do_GET(self) -> None:
        if self.path.startswith("/to/"):
            self.answer(302, b"", location=self.path.removeprefix("/to/"))
        elif self.path == "/large.png":
            self.answer(200, drawn() + b"\0" * (11 << 20))
        elif self.path == "/slow.png":
            self.send_response(200)
            self.end_headers()
            self.server.stopped.wait(10)  # type: ignore[attr-defined]  # set by the fixture
        elif self.path == "/page.png":
            self.answer(200, b"<html>Sign in</html>", kind="image/png")
        elif self.path == "/lamp.png":
            self.answer(200, drawn(), kind="text/html")
        else:
            self.answer(404, b"")

    def answer(self, status: int, body: bytes, *, location: str = "", kind: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        if location:
            self.send_header("Location", location)
        if kind:
            self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def shop() -> Iterator[str]:
    """Yield the address of a host on loopback, an inner network like any other."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Shop)
    server.stopped = threading.Event()  # type: ignore[attr-defined]  # told to slow answers
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.stopped.set()  # type: ignore[attr-defined]  # as above
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def loopback_is_public(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(public_network, "is_public", lambda address: address.is_loopback)


def fetch(address: str) -> bytes:
    with Fetcher() as fetcher:
        return fetcher.fetch(address)


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0"),  # noqa: S104  nothing is bound
        *("100.64.0.1", "224.0.0.1", "255.255.255.255", "192.0.2.1", "240.0.0.1"),
        *("::1", "::", "fe80::1", "fc00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1"),
        *("64:ff9b::7f00:1", "2002:7f00:1::", "2001:db8::1", "fec0::1"),
    ],
)
def test_no_inner_address_is_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::", "::ffff:93.184.216.34"])
def test_addresses_of_the_internet_are_public(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::1]", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]"]
)
def test_an_inner_address_is_refused_however_it_is_written(shop: str, host: str) -> None:
    port = shop.rpartition(":")[2]
    with pytest.raises(PictureRefused, match="leads into an inner network"):
        fetch(f"http://{host}:{port}/lamp.png")


def test_a_name_that_leads_inside_is_refused_and_resolved_only_once(
    shop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def resolve(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        asked.append(host)
        # Public at first, inner at the next look: as a rebinding name server does.
        places = ["93.184.216.34"] if len(asked) == 1 else ["127.0.0.1"]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (place, port)) for place in places]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    assert public_addresses("pictures.example", 80) == ["93.184.216.34"]
    with pytest.raises(PictureRefused, match="inner network"):
        fetch(f"http://pictures.example:{shop.rpartition(':')[2]}/lamp.png")
    assert asked == ["pictures.example"] * 2


def test_the_connection_goes_to_the_address_that_was_checked(
    shop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(public_network, "public_addresses", lambda *_: ["127.0.0.1"])
    port = shop.rpartition(":")[2]
    assert fetch(f"http://pictures.example:{port}/lamp.png") == drawn()


@pytest.fixture
def mute_name_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Let no name be told before the test ends; yield the names that were asked for."""
    asked, told = list[str](), threading.Event()

    def resolve(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        asked.append(host)
        told.wait(10)
        return [(2, 1, 6, "", ("93.184.216.34", port))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    yield asked
    told.set()
    for thread in threading.enumerate():
        if thread.name.startswith("asks for "):
            thread.join()


def test_a_name_that_nobody_tells_of_is_given_up_in_time(
    mute_name_server: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(TimeoutError, match="Nobody told the address of mute"):
        resolved("mute.example", 80, seconds=0.01)
    monkeypatch.setattr(public_network, "RESOLVE_SECONDS", 0.01)
    with pytest.raises(Unanswered):
        fetch("http://mute.example/lamp.png")
    assert mute_name_server == ["mute.example"] * 2


def test_a_mute_name_server_does_not_gather_threads(
    mute_name_server: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(public_network, "RESOLVERS", threading.BoundedSemaphore(2))
    for number in range(4):
        with pytest.raises(TimeoutError):
            resolved(f"{number}.example", 80, seconds=0.01)
    assert mute_name_server == ["0.example", "1.example"]


def test_one_inner_address_among_public_ones_is_enough_to_refuse(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    places = [(2, 1, 6, "", (place, 80)) for place in ("93.184.216.34", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: places)
    with pytest.raises(NotPublic):
        public_addresses("pictures.example", 80)


def test_a_redirect_is_checked_like_an_address(shop: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(public_network, "is_public", lambda address: str(address) == "127.0.0.1")
    for inner in ("http://127.0.0.2/x.png", "http://169.254.169.254/latest", "http://[::1]/"):
        with pytest.raises(PictureRefused, match="inner network"):
            fetch(f"{shop}/to/{inner}")
    with pytest.raises(PictureRefused, match="Only http and https"):
        fetch(f"{shop}/to/file:///etc/passwd")


@pytest.mark.usefixtures("loopback_is_public")
def test_three_redirects_are_followed_and_no_more(shop: str) -> None:
    assert fetch(f"{shop}/to//to//to//lamp.png") == drawn()
    with pytest.raises(PictureRefused, match="more than 3 times"):
        fetch(f"{shop}/to//to//to//to//lamp.png")


@pytest.mark.usefixtures("loopback_is_public")
def test_proxies_of_the_environment_are_not_used(
    shop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert fetch(f"{shop}/lamp.png") == drawn()


@pytest.mark.usefixtures("loopback_is_public")
def test_what_is_too_large_or_too_slow_or_not_there_is_refused(
    shop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(PictureRefused, match="larger than 10 MB"):
        fetch(f"{shop}/large.png")
    with pytest.raises(PictureRefused, match="answered 404"):
        fetch(f"{shop}/missing.png")
    with pytest.raises(PictureRefused, match="cannot be read"):
        fetch("http://host:port/lamp.png")
    monkeypatch.setattr(addresses, "TOTAL_SECONDS", 0.2)
    with pytest.raises(Unanswered):
        fetch(f"{shop}/slow.png")


@pytest.mark.django_db
@pytest.mark.rows
@pytest.mark.usefixtures("loopback_is_public")
def test_a_worker_fetches_what_waits_and_notes_what_cannot_be_had(shop: str) -> None:
    names = ("lamp.png", "page.png", "missing.png")
    for name in names:
        make_product(image_link=f"{shop}/{name}", picture_state="waiting", offer_id=name)
    assert fetch_waiting(seconds=10) is None
    found = {p.offer_id: (p.picture_state, p.picture_note) for p in Product.objects.all()}
    assert found == {
        "lamp.png": ("ready", ""),
        "page.png": ("failed", "The picture is broken, or not a JPEG, PNG, WebP or GIF."),
        "missing.png": ("failed", "The picture's host answered 404."),
    }
    assert (picture_folder() / Product.objects.get(offer_id="lamp.png").picture).is_file()


@pytest.mark.django_db
def test_a_dead_host_is_asked_three_times_and_not_for_every_picture(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked: list[str] = []

    def silent(host: str, *_: object) -> list[str]:
        asked.append(host)
        raise OSError("no such host")

    monkeypatch.setattr(public_network, "public_addresses", silent)
    feed = tmp_path / "feed.tsv"
    rows = "".join(f"{n}\tLamp\thttp://dead.example/{n}.jpg\n" for n in range(20))
    feed.write_text("id\ttitle\timage_link\n" + rows)
    import_products(feed, retailer="Shop")
    assert fetch_waiting(seconds=10) is None
    assert asked == ["dead.example"] * 3
    assert {p.picture_note for p in Product.objects.all()} == {addresses.UNANSWERED}
    assert import_products(feed, retailer="Shop").unchanged == 20
    assert Product.objects.filter(picture_state="waiting").count() == 20


@pytest.mark.django_db
@pytest.mark.rows
def test_a_picture_is_claimed_by_one_worker_until_its_lease_lapses() -> None:
    product = make_product(image_link="http://a.example/x", picture_state="waiting")
    assert claim_picture() == product
    assert claim_picture() is None
    assert 0 < (fetching.fetch_waiting(seconds=0) or 0) <= fetching.LEASE.total_seconds()
    Product.objects.update(picture_lease_until="2020-01-01T00:00Z")
    assert claim_picture() == product


@pytest.mark.django_db
def test_a_picture_whose_address_the_feed_changed_meanwhile_is_not_overwritten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    product = make_product(image_link="http://a.example/old", picture_state="waiting")

    def change(_: Fetcher, address: str) -> bytes:
        if address.endswith("new"):
            raise PictureRefused("The new one was asked for.")
        Product.objects.update(image_link="http://a.example/new", picture_lease_until=None)
        return drawn()

    monkeypatch.setattr(Fetcher, "fetch", change)
    fetch_waiting(seconds=10)
    product.refresh_from_db()
    assert (product.picture, product.picture_note) == ("", "The new one was asked for.")


@pytest.mark.django_db
def test_a_ready_picture_is_not_fetched_anew_when_only_the_price_changes(tmp_path: Path) -> None:
    feed = tmp_path / "feed.tsv"
    text = "id\ttitle\timage_link\tprice\n1\tLamp\thttp://a.example/x.jpg\t{}\n"
    feed.write_text(text.format("1.00 EUR"))
    import_products(feed, retailer="Shop")
    assert Product.objects.get().picture_state == "waiting"
    Product.objects.update(picture_state="ready", picture="ab/abc.jpg")
    feed.write_text(text.format("2.00 EUR"))
    import_products(feed, retailer="Shop")
    product = Product.objects.get()
    assert (product.picture_state, product.picture) == ("ready", "ab/abc.jpg")
    assert product.price == 2


@pytest.mark.django_db
def test_the_command_rings_a_worker_and_bears_a_dead_broker(
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    feed = tmp_path / "feed.tsv"
    feed.write_text("id\ttitle\timage_link\n1\tLamp\thttp://a.example/x.jpg\n")

    def dead(**_: object) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(tasks.fetch_pictures, "apply_async", dead)
    settings.SEESTOCKS_FETCH_PICTURES = False
    with django_capture_on_commit_callbacks(execute=True) as silent:
        run("import_products", feed, retailer="Shop")
    assert silent == []
    settings.SEESTOCKS_FETCH_PICTURES = True
    with django_capture_on_commit_callbacks(execute=True):
        run("import_products", feed, retailer="Shop")
    assert "the broker cannot be reached" in caplog.text


@pytest.mark.django_db
def test_the_task_and_a_starting_worker_ring_while_pictures_wait(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[float] = []
    monkeypatch.setattr(tasks, "ring_for_pictures", lambda after=0: rung.append(after))
    monkeypatch.setattr(tasks, "SLICE_SECONDS", 0)
    make_product(image_link="http://a.example/x", picture_state="waiting")
    tasks.fetch_pictures()
    tasks.ring_on_start()
    assert rung == []
    settings.SEESTOCKS_FETCH_PICTURES = True
    tasks.fetch_pictures()
    tasks.ring_on_start()
    assert rung == [0, 0]
    Product.objects.update(picture_state="ready")
    tasks.fetch_pictures()
    tasks.ring_on_start()
    assert rung == [0, 0]
