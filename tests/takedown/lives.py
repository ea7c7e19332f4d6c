"""What is done to pictures in a storm: for each a life of its own, deed after deed, at any server."""

import http.client
import random
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from rekproxy.domain.asset import Hidden
from tests.serving import Answer, Server
from tests.takedown.ledger import Deed
from tests.takedown.motifs import draw

#: How many reports hide a picture in a storm.
HIDE_AFTER = 2
#: How long a call is tried while servers are killed and started, in seconds.
_PERSISTENCE = 60
_TRIED_AGAIN = frozenset({500, 502, 503, 504})


@dataclass
class Life:
    """One picture's. `numbers` gives a fresh number for each version; `note` writes a deed down."""

    name: str
    type: str
    servers: Callable[[], list[Server]]
    numbers: Iterator[int]
    note: Callable[[Deed], None]
    seed: int
    large: bool = False
    asset_id: str = ""
    number: int = 0
    chance: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)

    def rounds(self) -> list[Callable[[], None]]:
        """All that may happen to it. Each leaves it shown."""
        light = [self.override, self.override, self.restrict, self.report, self.purge]
        if self.large:
            return [*light, self.override, self.override, self.overwrite]
        return [
            *light,
            self.overwrite,
            self.overwrite,
            self.overwrite_unseen,
            self.destroy,
            self.bring_back,
            self.go_back,
            self.follow,
        ]

    def override(self) -> None:
        """Rejected by a person, and approved."""
        self.do("reject", None, lambda server: self.decide(server, "rejected"))
        self.rest()
        self.approve()

    def approve(self) -> None:
        self.do("approve", self.number, lambda server: self.decide(server, "approved"))

    def overwrite(self, **form: str) -> str:
        """Other bytes under its name; gives the version's id."""
        self.number = next(self.numbers)
        return str(self.upload(self.name, self.number, self.number, **form)["version_id"])

    def overwrite_unseen(self) -> None:
        """Other bytes, which wait for a person."""
        self.number = next(self.numbers)
        self.upload(self.name, self.number, None, moderation="manual")
        self.rest()
        self.approve()

    def destroy(self) -> None:
        """Gone, and other bytes in its place."""
        self.do("destroy", None, self.destroyed)
        self.rest()
        self.overwrite()

    def bring_back(self) -> None:
        """Gone, and restored as it was."""
        version = self.overwrite(backup="true")
        self.do("destroy", None, self.destroyed)
        self.rest()
        self.restore(version)

    def go_back(self) -> None:
        """The version before brought back over the current one."""
        before = self.overwrite(backup="true")
        number = self.number
        self.overwrite(backup="true")
        self.rest()
        self.number = number
        self.restore(before)

    def restrict(self) -> None:
        """Hidden from all but moderators, now and then overwritten meanwhile, and let go."""
        path = f"/resources/{self.asset_id}/restrict"
        self.do("restrict", None, lambda server: server.admin("POST", path, reason="privacy"))
        self.rest()
        if not self.large and self.chance.random() < 0.3:
            self.number = next(self.numbers)
            self.upload(self.name, self.number, None)
        self.do("lift", self.number, lambda server: server.admin("DELETE", path))

    def report(self) -> None:
        """Hidden by reports, until a person approves it."""
        who = [f"user-{self.name}-{time.monotonic_ns()}-{number}" for number in range(HIDE_AFTER)]
        first = time.monotonic_ns()
        for reporter in who[:-1]:
            self.call(lambda server, reporter=reporter: self.reported(server, reporter))
        self.do("report", None, lambda server: self.reported(server, who[-1]), since=first)
        self.rest()
        self.approve()

    def purge(self) -> None:
        """Every cache is told to forget it, and it stays."""
        self.do(
            "purge",
            self.number,
            lambda server: server.admin("POST", "/cache/purge", **{"public_ids[]": self.name}),
        )

    def follow(self) -> None:
        """The same pixels under another name, which a worker finds when these are rejected."""
        twin = f"{self.name}-twin"
        self.overwrite()
        self.upload(twin, self.number, self.number)
        self.rest()
        sent = time.monotonic_ns()
        self.do("reject", None, lambda server: self.decide(server, "rejected"))
        deadline = time.monotonic() + _PERSISTENCE
        while self.standing(twin) != "rejected":
            assert time.monotonic() < deadline, f"{twin} was never followed"
            time.sleep(0.05)
        self.note(Deed(sent, time.monotonic_ns(), twin, None, "follow"))
        self.approve()

    def rest(self, at_most: float = 0.2) -> None:
        """Leave it as it is for a while, in seconds."""
        time.sleep(self.chance.uniform(0, at_most))

    # -- calls ------------------------------------------------------------------------------------

    def decide(self, server: Server, status: str, name: str = "") -> Answer:
        path = f"/resources/image/{self.type}/{name or self.name}"
        return server.admin("POST", path, moderation_status=status)

    def destroyed(self, server: Server) -> Answer:
        return server.admin("DELETE", f"/resources/image/{self.type}?public_ids[]={quote(self.name)}")

    def restore(self, version: str) -> None:
        path = f"/resources/image/{self.type}/restore"
        form = {"public_ids[]": self.name, "versions[]": version}
        answer = self.do("restore", self.number, lambda server: server.admin("POST", path, **form))
        assert "error" not in answer.json[self.name], answer.body

    def reported(self, server: Server, reporter: str) -> Answer:
        """Report it; one that a killed server had taken before it could say so is found hidden."""
        form = {"public_id": self.name, "type": self.type, "reason": "privacy", "reporter": reporter}
        answer = server.admin("POST", "/image/report", **form)
        if answer.status == 404 and self.standing(self.name) == Hidden.REPORTED:
            return server.admin("GET", f"/resources/image/{self.type}/{self.name}")
        return answer

    def standing(self, name: str) -> str:
        answer = self.call(lambda server: server.admin("GET", f"/resources/image/{self.type}/{name}"))
        return str(answer.json["standing"])

    def upload(self, name: str, number: int, shows: int | None, **form: str) -> Any:
        """Upload a version; `shows` is what everybody sees from then on."""
        body = draw(number, 2000, noise=True) if self.large else draw(number)
        form |= {"public_id": name, "type": self.type}
        what = f"upload {number} {form}"
        reply = self.do(what, shows, lambda server: self.uploaded(server, body, form), name=name).json
        if name == self.name:
            self.asset_id = reply["asset_id"]
        return reply

    def uploaded(self, server: Server, body: bytes, form: dict[str, str]) -> Answer:
        """Upload, and approve what no machine has: one that was killed may have had the labels."""
        answer = server.upload(body, **form)
        if answer.status == 200 and "moderation" not in form:
            status = answer.json["moderation"][0]["status"]
            assert status in ("approved", "pending"), answer.body
            if (
                status == "pending"
                and (late := self.decide(server, "approved", form["public_id"])).status != 200
            ):
                return late
        return answer

    def do(
        self,
        what: str,
        shows: int | None,
        call: Callable[[Server], Answer],
        *,
        name: str = "",
        since: int | None = None,
    ) -> Answer:
        """Call until it is done, and write it down."""
        sent = time.monotonic_ns() if since is None else since
        answer = self.call(call)
        self.note(Deed(sent, time.monotonic_ns(), name or self.name, shows, what))
        return answer

    def call(self, call: Callable[[Server], Answer]) -> Answer:
        """Call any server until one answers; what it answers has to be 200."""
        until = time.monotonic() + _PERSISTENCE
        while time.monotonic() < until:
            with suppress(OSError, http.client.HTTPException):
                answer = call(self.chance.choice(self.servers()))
                if answer.status not in _TRIED_AGAIN:
                    assert answer.status == 200, (self.name, answer.status, answer.body)
                    return answer
            time.sleep(0.02)
        raise AssertionError(f"{self.name}: no server ever answered")
