"""A running installation with a browser's view of it: servers, clouds of their own, people and pictures."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from urllib.parse import quote

import requests
from PIL import Image

from rekproxy.app import Application, build
from rekproxy.config import load
from rekproxy.domain.asset import Asset
from tests.conftest import encode, photograph
from tests.doubles.rekognition import RekognitionDouble, Script
from tests.serving import Server, environment, serving

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SECRET = "a-secret-of-tests"
PASSWORD = "four words make one"
#: Colours that the detector knows: a picture of them alone is judged by them.
RED, GREY, BLUE = (220, 20, 20), (128, 128, 128), (20, 20, 220)
_VIOLENT = [["Violence", "", 97.0, 1], ["Weapons", "Violence", 91.0, 2]]
_NUMBERS = count()


@dataclass(frozen=True)
class Site:
    """A running installation, and its catalog from within this process."""

    server: Server
    house: Application
    double: RekognitionDouble

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.server.port}"


@contextmanager
def running_site(folder: Path, clouds: Sequence[str], **variables: str) -> Iterator[Site]:
    """gunicorn with two workers over one folder, and a detector that knows colours."""
    config = folder / "rekproxy.toml"
    key = '{{ key = "key-{0}", secret = "{1}", roles = ["admin"] }}'
    named = [f'[[clouds]]\nname = "{cloud}"\nkeys = [{key.format(cloud, SECRET)}]\n' for cloud in clouds]
    config.write_text("\n".join(named))
    with RekognitionDouble(script=Script(by_colour={"dc1414": _VIOLENT})) as double:
        given = {
            **double.environment,
            "REKPROXY_CONFIG": str(config),
            "REKPROXY_REPORT_HIDE_AFTER": "1",
            "REKPROXY_OPEN_TRANSFORMATIONS": "all",
            **variables,
        }
        with serving(folder, given) as server:
            house = build(load(environment(folder, given)))
            yield Site(server, house, double)
            house.close()


@dataclass
class Cloud:
    """One test's own cloud."""

    site: Site
    name: str
    people: list[str] = field(default_factory=list)

    def upload(self, data: bytes, public_id: str, **form: str) -> Asset:
        """Upload as a client would, with the cloud's key."""
        reply = requests.post(
            f"{self.site.base}/v1_1/{self.name}/image/upload",
            auth=(f"key-{self.name}", SECRET),
            data={"public_id": public_id, **form},
            files={"file": ("picture.jpg", data)},
            timeout=30,
        )
        assert reply.status_code == 200, reply.text
        return self.asset(public_id)

    def asset(self, public_id: str) -> Asset:
        found = self.site.house.catalog.asset(self.name, "upload", public_id)
        assert found
        return found

    def status(self, public_id: str) -> int:
        """What the public gets at this moment."""
        return self.site.server.get(f"/{self.name}/image/upload/{quote(public_id)}").status

    def decide(self, public_id: str, status: str) -> None:
        """A decision by the API, beside the console."""
        reply = requests.post(
            f"{self.site.base}/v1_1/{self.name}/resources/image/upload/{quote(public_id)}",
            auth=(f"key-{self.name}", SECRET),
            data={"moderation_status": status},
            timeout=30,
        )
        assert reply.status_code == 200, reply.text

    def link(self, role: str = "moderator", name: str = "") -> str:
        """A person of this cloud, and the address that signs them in once."""
        people = self.site.house.people
        name = name or f"{role}-{self.name}-{len(self.people)}"
        self.people.append(name)
        user = people.add(name, role, (self.name,), actor="cli")
        user = people.set_password(user, PASSWORD, actor="cli")
        return f"{self.site.base}/console/login?link={people.link(user, actor='cli')}"


def picture(colour: tuple[int, int, int] | None = None, side: int = 320) -> bytes:
    """A picture unlike every other one: of one colour (but for a mark), or of a photograph."""
    number = next(_NUMBERS)
    if colour is None:
        left, top = 7 * number % 180, 5 * number % 180
        image = photograph().crop((left, top, left + 320, top + 320)).resize((side, side))
    else:
        image = Image.new("RGB", (side, side), colour)
    image.paste((number % 256, number // 256 % 256, os.getpid() % 256), (0, 0, 8, 8))
    return encode(image, quality=90)
