"""Who outside is told of what: messages signed, delivered at least once, given up after a day."""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from django.core import mail
from django.db import transaction
from django.test import Client
from django.utils import timezone
from kombu.exceptions import OperationalError
from pytest_django import Settings
from pytest_django.fixtures import DjangoCaptureOnCommitCallbacks

from ranking import tasks
from ranking.actions import deliver as delivering
from ranking.actions.deliver import deliver, sweep_deliveries
from ranking.actions.notify import tell
from ranking.actions.webhooks import BadAddress, BadEvents, add_webhook, send_test, switch_webhook
from ranking.models import Delivery, Event, Webhook
from ranking.queries.notices import due_deliveries
from taxonomy.models import Category
from tests.ranking.conftest import products, text_of
from tests.ranking.releases import back_to, make_found, publish

pytestmark = [pytest.mark.django_db, pytest.mark.rows]


@dataclass
class Listening:
    """A program that listens on this machine: what it got, and what it answers."""

    address: str = ""
    status: int = 200
    location: str = ""
    pause: float = 0.0
    answer: bytes = b"thanks"
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    def told(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body in self.got]


@pytest.fixture
def shop(settings: Settings) -> Iterator[Listening]:
    """A listener on loopback, which the owner says may be called."""
    listening = Listening()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            listening.got.append((dict(self.headers), body))
            time.sleep(listening.pause)
            self.send_response(listening.status)
            if listening.location:
                self.send_header("Location", listening.location)
            self.end_headers()
            self.wfile.write(listening.answer)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        listening.address = f"http://127.0.0.1:{server.server_port}/told?by=us"
        settings.SEESTOCKS_INNER_HOSTS = ["127.0.0.1"]
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield listening
        server.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def bell(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The deliveries that workers were rung for."""
    rung: list[int] = []
    monkeypatch.setattr(tasks.deliver, "delay", rung.append)
    return rung


def listen(shop: Listening, *events: str) -> Webhook:
    return add_webhook(shop.address, events or ("published", "rolled_back"), by=None)


def deliver_all() -> None:
    for pk in due_deliveries().values_list("pk", flat=True):
        deliver(pk)


def let_pauses_pass() -> None:
    Delivery.objects.update(next_try_at=timezone.now() - timedelta(seconds=1))


def only() -> Delivery:
    return Delivery.objects.get()


# What is told


@pytest.mark.usefixtures("open_gate")
def test_a_shop_is_told_which_pages_changed_when_a_run_is_published_and_rolled_back(
    shop: Listening, pepper: Category
) -> None:
    a, b = products(2)
    first = publish(make_found({pepper: [a]}))
    listen(shop)
    second = publish(make_found({pepper: [b]}), note="new mills")
    back_to(first)
    deliver_all()
    published, rolled_back = shop.told()
    assert published["event"] == "published"
    assert published["payload"]["release"] == second.pk
    assert published["payload"]["pages"] == [pepper.pk]
    assert published["payload"]["note"] == "new mills"
    assert rolled_back["event"] == "rolled_back"
    assert rolled_back["payload"]["back_to"] == first.pk


def test_only_those_who_listen_to_an_event_are_told_of_it(shop: Listening) -> None:
    listen(shop, "gate_shut")
    switch_webhook(listen(shop, "night_failed"), on=False)
    told = listen(shop, "night_failed")
    tell(Event.NIGHT_FAILED, {"run": 7})
    assert only().webhook == told


def test_each_mail_address_is_told_once() -> None:
    tell(Event.SCORE_DROP, {"run": 7}, ["lea@shop.example", "tom@shop.example", "lea@shop.example"])
    assert sorted(Delivery.objects.values_list("mail", flat=True)) == [
        "lea@shop.example",
        "tom@shop.example",
    ]


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_is_not_told(shop: Listening, bell: list[int]) -> None:
    listen(shop)
    with transaction.atomic():
        tell(Event.PUBLISHED, {"pages": []})
        transaction.set_rollback(True)
    assert not Delivery.objects.exists()
    assert bell == []


def test_workers_are_rung_for_after_the_commit(
    shop: Listening,
    bell: list[int],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    listen(shop)
    with django_capture_on_commit_callbacks(execute=True):
        tell(Event.PUBLISHED, {"pages": []})
        assert bell == []
    assert bell == [only().pk]


# Signatures


def test_a_message_is_signed_with_the_listeners_secret_and_the_moment(shop: Listening) -> None:
    webhook = listen(shop)
    tell(Event.PUBLISHED, {"pages": [7]})
    deliver_all()
    ((headers, body),) = shop.got
    moment, signed = headers["SeeStocks-Signature"].removeprefix("t=").split(",v1=")
    expected = hmac.new(webhook.secret.encode(), f"{moment}.".encode() + body, hashlib.sha256)
    assert hmac.compare_digest(signed, expected.hexdigest())
    assert abs(int(moment) - time.time()) < 60
    assert headers["SeeStocks-Delivery"] == str(only().token) == json.loads(body)["token"]
    assert headers["SeeStocks-Event"] == "published"


def test_every_listener_has_a_secret_of_its_own(shop: Listening) -> None:
    assert listen(shop).secret != listen(shop).secret


# At least once, and not for ever


def test_what_arrived_is_not_sent_again(shop: Listening) -> None:
    listen(shop)
    tell(Event.PUBLISHED, {"pages": []})
    for _ in range(3):
        let_pauses_pass()
        deliver(only().pk)
    assert len(shop.got) == 1
    assert (only().state, only().answer, only().tries) == ("delivered", "200 thanks", 1)


def test_what_did_not_arrive_is_sent_again_under_the_same_token_after_growing_pauses(
    shop: Listening,
) -> None:
    listen(shop)
    tell(Event.PUBLISHED, {"pages": []})
    shop.status, shop.answer = 503, b"closed\nfor\0 lunch"
    pauses = []
    for _ in range(4):
        began = timezone.now()
        deliver(only().pk)
        deliver(only().pk)  # at once: it is not due
        pauses.append((only().next_try_at - began).total_seconds())
        let_pauses_pass()
    assert len(shop.got) == 4
    assert [round(pause / 30) for pause in pauses] == [1, 2, 4, 8]
    assert only().answer == "503 closed for lunch"
    assert len({one["token"] for one in shop.told()}) == 1

    shop.status = 204
    deliver(only().pk)
    assert (only().state, only().tries) == ("delivered", 5)


def test_it_is_given_up_after_a_day(shop: Listening) -> None:
    listen(shop)
    shop.status = 500
    tell(Event.PUBLISHED, {"pages": []})
    Delivery.objects.update(made_at=timezone.now() - timedelta(hours=23))
    deliver(only().pk)
    assert only().state == "waiting"
    Delivery.objects.update(made_at=timezone.now() - timedelta(hours=25))
    let_pauses_pass()
    deliver(only().pk)
    assert only().state == "given up"
    let_pauses_pass()
    deliver(only().pk)
    assert len(shop.got) == 2


def test_a_worker_that_dies_in_the_middle_leaves_the_message_to_the_next_try(
    shop: Listening, monkeypatch: pytest.MonkeyPatch
) -> None:
    listen(shop)
    tell(Event.PUBLISHED, {"pages": []})
    with monkeypatch.context() as patched:
        patched.setattr(delivering, "_sent", _die)
        with pytest.raises(SystemExit):
            deliver(only().pk)
    assert not due_deliveries().exists()  # nobody else sends it meanwhile
    let_pauses_pass()
    deliver(only().pk)
    assert only().state == "delivered"


def _die(_: Delivery) -> str:
    raise SystemExit


def test_the_sweep_sends_what_is_due_and_nothing_else(shop: Listening, bell: list[int]) -> None:
    listen(shop)
    for number in range(3):
        tell(Event.PUBLISHED, {"release": number})
    first, _, third = Delivery.objects.order_by("id")
    Delivery.objects.filter(pk=first.pk).update(state="delivered")
    Delivery.objects.filter(pk=third.pk).update(next_try_at=timezone.now() + timedelta(hours=1))
    sweep_deliveries()
    assert [told["payload"]["release"] for told in shop.told()] == [1]
    assert bell == []


def test_what_cannot_go_out_piles_up_no_letters_however_often_it_is_swept(
    shop: Listening, bell: list[int]
) -> None:
    shop.status = 500
    listen(shop)
    for _ in range(3):
        tell(Event.PUBLISHED, {"pages": []})
    for _ in range(4):
        sweep_deliveries()
    assert len(shop.got) == 3  # each once, before its pause
    let_pauses_pass()
    sweep_deliveries()
    assert len(shop.got) == 6
    assert bell == []


def test_a_sweep_leaves_the_worker_to_others_after_some_seconds(
    shop: Listening, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivering, "SWEPT_SECONDS", 0.05)
    shop.pause = 0.06
    listen(shop)
    for _ in range(3):
        tell(Event.PUBLISHED, {"pages": []})
    sweep_deliveries()
    assert len(shop.got) == 1
    assert due_deliveries().count() == 2


def test_a_dead_broker_loses_no_message(
    shop: Listening,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    def dead(_: int) -> None:
        raise OperationalError

    monkeypatch.setattr(tasks.deliver, "delay", dead)
    listen(shop)
    with django_capture_on_commit_callbacks(execute=True):
        tell(Event.PUBLISHED, {"pages": []})
    assert due_deliveries().count() == 1


def test_a_listener_that_is_switched_off_is_not_called_and_what_waits_comes_later(
    shop: Listening,
) -> None:
    webhook = listen(shop)
    tell(Event.PUBLISHED, {"pages": []})
    switch_webhook(webhook, on=False)
    deliver_all()
    assert shop.got == []
    switch_webhook(webhook, on=True)
    let_pauses_pass()
    deliver_all()
    assert len(shop.got) == 1


# Where messages go


def test_a_redirect_is_not_followed(shop: Listening) -> None:
    listen(shop)
    shop.status, shop.location = 302, shop.address
    tell(Event.PUBLISHED, {"pages": []})
    deliver_all()
    assert len(shop.got) == 1
    assert only().state == "waiting"


def test_a_slow_listener_holds_up_nobody_for_long(
    shop: Listening, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivering, "TOTAL_SECONDS", 0.1)
    listen(shop)
    shop.pause = 0.5
    tell(Event.PUBLISHED, {"pages": []})
    deliver_all()
    assert only().answer.startswith("The host did not answer in time.")


def test_of_a_long_answer_only_the_beginning_is_read(shop: Listening) -> None:
    listen(shop)
    shop.answer = b"long " * 10_000
    tell(Event.PUBLISHED, {"pages": []})
    deliver_all()
    assert only().state == "delivered"
    assert len(only().answer) == 300


def test_a_name_that_leads_into_an_inner_network_is_not_called(
    shop: Listening, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The check is made at the connection, whatever was said when it was added."""
    port = shop.address.split(":")[2].split("/")[0]
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda *_, **__: [(2, 1, 6, "", ("127.0.0.1", int(port)))],
    )
    settings.SEESTOCKS_INNER_HOSTS = []
    add_webhook(f"http://shop.example:{port}/", ["published"], by=None)
    tell(Event.PUBLISHED, {"pages": []})
    deliver_all()
    assert shop.got == []
    assert "inner network" in only().answer


@pytest.mark.parametrize(
    "address",
    [
        "ftp://shop.example/",
        "shop.example",
        "https://",
        "https://me:secret@shop.example/",
        "http://127.0.0.1/",
        "http://10.1.2.3/",
        "http://[::1]/",
        "http://169.254.169.254/latest/",
        "http://localhost:8000/",
        f"https://shop.example/{'a' * 500}",
        "http://[",
    ],
)
def test_addresses_that_cannot_be_called_are_refused(address: str) -> None:
    with pytest.raises(BadAddress):
        add_webhook(address, ["published"], by=None)
    assert not Webhook.objects.exists()


@pytest.mark.parametrize("events", [[], ["published", "birthday"]])
def test_events_that_there_are_not_are_refused(events: list[str]) -> None:
    with pytest.raises(BadEvents):
        add_webhook("https://shop.example/", events, by=None)


# Mails


def test_a_mail_says_in_words_what_happened_and_where_to_look(settings: Settings) -> None:
    settings.SEESTOCKS_ADDRESS = "https://sort.shop.example/"
    payload = {"run": 12, "text": "The night was not published.", "reasons": ["Mills is worse."]}
    tell(Event.GATE_SHUT, payload, ["lea@shop.example"])
    deliver_all()
    (sent,) = mail.outbox
    assert sent.to == ["lea@shop.example"]
    assert sent.subject == "SeeStocks: a run was not published by itself (run 12)"
    assert "The night was not published." in sent.body
    assert "Mills is worse." in sent.body
    assert "https://sort.shop.example/runs/12/" in sent.body
    assert only().state == "delivered"


def test_a_mail_that_the_server_does_not_take_is_sent_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise ConnectionRefusedError("no server")

    tell(Event.NIGHT_FAILED, {"run": 12}, ["lea@shop.example"])
    with monkeypatch.context() as patched:
        patched.setattr(delivering, "send_mail", refuse)
        deliver_all()
    assert (only().state, only().answer) == (
        "waiting",
        "The mail server did not take it: no server",
    )
    let_pauses_pass()
    deliver_all()
    assert only().state == "delivered"


# What people see


def test_people_add_a_listener_send_it_a_test_and_see_what_came_back(
    merchandiser: Client, shop: Listening
) -> None:
    said = {"address": shop.address, "events": ["published", "night_failed"]}
    merchandiser.post("/webhooks/add/", said)
    webhook = Webhook.objects.get()
    merchandiser.post(f"/webhooks/{webhook.pk}/test/")
    waiting = text_of(merchandiser, "/webhooks/")
    assert 'hx-trigger="every 3s"' in waiting
    deliver_all()
    shown = text_of(merchandiser, "/webhooks/")
    assert "200 thanks" in shown
    assert "a test" in shown
    assert webhook.secret in shown
    assert "hx-trigger" not in shown
    assert shop.told()[0]["payload"]["test"] is True


def test_what_cannot_be_called_is_said_beside_what_was_typed(merchandiser: Client) -> None:
    said = {"address": "http://10.0.0.1/", "events": ["published"]}
    response = merchandiser.post("/webhooks/add/", said)
    assert response.status_code == 422
    assert "inner network" in response.content.decode()
    assert 'value="http://10.0.0.1/"' in response.content.decode()


def test_a_listener_is_switched_off_and_on(merchandiser: Client, shop: Listening) -> None:
    webhook = listen(shop)
    merchandiser.post(f"/webhooks/{webhook.pk}/switch/", {"on": "0"})
    assert "switched off" in text_of(merchandiser, "/webhooks/")
    merchandiser.post(f"/webhooks/{webhook.pk}/switch/", {"on": "1"})
    assert "switched off" not in text_of(merchandiser, "/webhooks/")


def test_a_program_adds_a_listener_and_gets_its_secret_once(merchandiser: Client) -> None:
    said = {"address": "https://shop.example/told", "events": ["rolled_back", "published"]}
    made = merchandiser.post("/api/webhooks", said, content_type="application/json")
    assert made.status_code == 201
    assert made.json()["secret"] == Webhook.objects.get().secret
    assert made.json()["events"] == ["published", "rolled_back"]
    shown = merchandiser.get(made["Location"]).json()
    assert "secret" not in shown
    off = merchandiser.patch(made["Location"], {"is_active": False}, "application/json")
    assert off.json()["is_active"] is False
    faults: list[dict[str, Any]] = [
        {"address": "http://10.0.0.1/"},
        {"events": []},
        {"events": ["birthday"]},
    ]
    for bad in faults:
        response = merchandiser.post("/api/webhooks", said | bad, content_type="application/json")
        assert response.status_code == 400


def test_a_program_sends_a_test_and_reads_what_came_back(
    merchandiser: Client, shop: Listening
) -> None:
    webhook = listen(shop)
    sent = merchandiser.post(f"/api/webhooks/{webhook.pk}/test")
    assert sent.status_code == 202
    deliver_all()
    (told,) = merchandiser.get(f"/api/webhooks/{webhook.pk}/deliveries").json()["results"]
    assert (told["state"], told["answer"]) == ("delivered", "200 thanks")
    assert told["token"] == sent.json()["token"]


def test_a_test_is_told_only_to_the_one_that_is_tested(shop: Listening) -> None:
    listen(shop)
    tested = listen(shop)
    assert send_test(tested).webhook == tested
    assert Delivery.objects.count() == 1
