"""One tab of one person: fast, impatient, on a bad line, and sometimes gone for coffee."""

from __future__ import annotations

import re
import uuid
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic, sleep, time
from typing import Any

import httpx

from seestocks.demo.chance import dice

PASSWORD = "judge-with-care"
DECK = 4  # products asked for at a time
# How often somebody does what, of all answers.
TWICE, CUT_OFF, LATER, CANNOT_TELL, UNDO, ABSENT = 0.05, 0.04, 0.04, 0.04, 0.04, 0.02
PATIENCE = 20.0  # seconds for what is still to be sent at the end


@dataclass(frozen=True)
class Grant:
    """A seat was given to a tab at some moment from `sent` to `received`, until then."""

    seat: int
    person: str
    sitting: str
    sent: float
    received: float
    until: float


@dataclass(frozen=True)
class Acknowledged:
    """The server said that this answer is in, and whether it counts."""

    token: str
    kind: str
    seat: int
    person: str
    refused: str
    sent: float
    received: float


@dataclass
class Diary:
    """What one tab saw."""

    grants: list[Grant] = field(default_factory=list)
    acknowledged: list[Acknowledged] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)  # of each save's round trip
    counts: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


class Tab:
    """A browser tab that judges until a moment, and then sends what is left."""

    def __init__(self, address: str, name: str, *, think: float, lease: float, seed: int) -> None:
        self.diary = Diary()
        self._name, self._think, self._lease = name, think, lease
        self._dice = dice(seed, "judging")
        self._client = httpx.Client(base_url=address, trust_env=False, timeout=30)
        self._sitting, self._sequence = str(uuid.uuid4()), 0
        self._last: dict[str, Any] | None = None

    def sign_in(self) -> None:
        form = self._client.get("/sign-in/")
        found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', form.text)
        assert found
        said = {"username": self._name, "password": PASSWORD, "csrfmiddlewaretoken": found[1]}
        assert self._client.post("/sign-in/", data=said).status_code == 302
        self._asked("/api/judging/sittings/", {"id": self._sitting, "view": "focus"})

    def judge_until(self, end: float) -> None:
        """Judge until the monotonic clock shows `end`."""
        while monotonic() < end:
            deck = self._next()
            if not deck:
                sleep(0.2)
            for seat in deck:
                if monotonic() >= end:
                    break
                self._judge(seat)
        self._client.close()

    def _next(self) -> list[int]:
        sent = time()
        told = self._asked(f"/api/judging/sittings/{self._sitting}/next/", {"count": DECK})
        received = time()
        for row in told["seats"]:
            until = datetime.fromisoformat(row["lease_until"]).timestamp()
            self.diary.grants.append(
                Grant(row["seat"], self._name, self._sitting, sent, received, until)
            )
        return [row["seat"] for row in told["seats"]]

    def _judge(self, seat: int) -> None:
        sleep(self._think * self._dice.uniform(0.5, 1.5))
        if self._happens(ABSENT):
            self.diary.counts["absent"] += 1
            sleep(self._lease * 1.3)
        self._send(self._answer(seat))
        if self._happens(UNDO) and self._last and self._last["kind"] == "grade":
            self.diary.counts["undone"] += 1
            undone = {"kind": "undo", "seat": seat, "undoes": self._last["token"]}
            self._send(self._numbered(undone))

    def _answer(self, seat: int) -> dict[str, Any]:
        if self._happens(LATER):
            return self._numbered({"kind": "later", "seat": seat})
        if self._happens(CANNOT_TELL):
            return self._numbered({"kind": "cannot_tell", "reason": "picture", "seat": seat})
        grade = self._dice.randrange(4)
        return self._numbered({"kind": "grade", "grade": grade, "seat": seat, "seconds": 0.4})

    def _numbered(self, said: dict[str, Any]) -> dict[str, Any]:
        self._sequence += 1
        self._last = said | {"token": str(uuid.uuid4()), "sequence": self._sequence}
        return self._last

    def _send(self, answer: dict[str, Any]) -> None:
        """Send the answer until somebody says it is in; some twice, some with the line cut."""
        address = f"/api/judging/sittings/{self._sitting}/answers/"
        body = {"answers": [answer]}
        sent = time()
        if self._happens(CUT_OFF):
            self._cut_off(address, body)
        began = monotonic()
        told = self._asked(address, body)
        self.diary.seconds.append(monotonic() - began)
        if self._happens(TWICE):
            self.diary.counts["twice"] += 1
            if self._asked(address, body)["results"] != told["results"]:
                self.diary.faults.append(f"{answer} had two different outcomes.")
        (result,) = told["results"]
        if result["token"] != answer["token"]:
            self.diary.faults.append(f"{answer} was answered for another: {result}.")
        self.diary.acknowledged.append(
            Acknowledged(
                answer["token"],
                answer["kind"],
                answer["seat"],
                self._name,
                result["refused"],
                sent,
                time(),
            )
        )

    def _cut_off(self, address: str, body: dict[str, Any]) -> None:
        """Send, and hang up before an answer can come."""
        self.diary.counts["cut off"] += 1
        try:
            self._client.post(
                address, json=body, headers=self._headers(), timeout=httpx.Timeout(5, read=0.002)
            )
        except httpx.TransportError:
            return

    def _asked(self, address: str, body: dict[str, Any]) -> Any:
        """Return what the address answers; asks again when told to slow down."""
        end = monotonic() + PATIENCE
        while True:
            answer = self._client.post(address, json=body, headers=self._headers())
            if answer.status_code == 200:
                return answer.json()
            if answer.status_code != 429 or monotonic() > end:
                told = f"{address} answered {answer.status_code}: {answer.text[:200]}"
                self.diary.faults.append(told)
                raise RuntimeError(told)
            self.diary.counts["told to slow down"] += 1
            sleep(0.5)

    def _headers(self) -> dict[str, str]:
        return {"X-CSRFToken": self._client.cookies["csrftoken"]}

    def _happens(self, chance: float) -> bool:
        return self._dice.random() < chance
