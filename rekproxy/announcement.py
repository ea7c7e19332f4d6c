"""What `serve` tells people when it starts: where it is, what it sees, and commands ready to paste."""

from dataclasses import dataclass
from ipaddress import ip_address
from textwrap import fill
from typing import Self
from urllib.parse import urlsplit

from .config import Settings


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where requests of the API go, and the base of the pictures' URLs; of one cloud."""

    api: str
    delivery: str
    cloud: str

    @classmethod
    def of(cls, settings: Settings, host: str, port: int) -> Self:
        """As seen from this machine: a wildcard address is reached by loopback."""
        own = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)  # noqa: S104 - a name, no bind
        api = f"http://{f'[{own}]' if ':' in own else own}:{port}"
        return cls(api, settings.delivery_url or api, settings.cloud_name)

    def login(self, secret: str) -> str:
        """The link that signs somebody in to the console once."""
        return f"{self.delivery}/console/login?link={secret}"

    def cloudinary_url(self, key: str | None, secret: str | None) -> str:
        """The line that points Cloudinary's SDKs here."""
        parts = urlsplit(self.delivery)
        base = f"cloudinary://{key}:{secret}@{self.cloud}?upload_prefix={self.api}"
        if parts.scheme == "https":
            return f"{base}&secure=true&secure_distribution={parts.netloc}"
        return f"{base}&cname={parts.netloc}"


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches the address."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def announce(
    addresses: Addresses, *, detector: str, secrets: tuple[str, str] | None, show: str, console: str = ""
) -> str:
    """The text. `secrets`, key and secret, are only in it if given; else it says how `show` gives them.
    `console` says how people sign in, where they can."""
    key, secret = secrets or ("$KEY", "$SECRET")
    quote = "'" if secrets else '"'
    login = f"curl -u {quote}{key}:{secret}{quote}"
    api, cloud, delivery = addresses.api, addresses.cloud, f"{addresses.delivery}/{addresses.cloud}"
    keys = "" if secrets else f'\n  # key and secret of this installation\n  eval "$({show})"\n'
    return f"""
rekproxy serves on {addresses.api}
{fill(detector, 100)}
{console}{keys}
  # upload a photograph of yours; the reply holds the verdict
  {login} -F file=@photo.jpg -F public_id=photo {api}/v1_1/{cloud}/image/upload

  # see it at two sizes
  curl -f -o small.jpg {delivery}/image/upload/w_400/photo.jpg
  curl -f -o square.jpg {delivery}/image/upload/c_fill,w_200,h_200/photo.jpg

  # take it down by hand: both are 404 at once; approved brings it back
  {login} -d moderation_status=rejected {api}/v1_1/{cloud}/resources/image/upload/photo
  {login} -d moderation_status=approved {api}/v1_1/{cloud}/resources/image/upload/photo

  # purge every cached answer about it
  {login} -d 'public_ids[]=photo' {api}/v1_1/{cloud}/cache/purge

  # for Cloudinary's SDKs
  export CLOUDINARY_URL={quote}{addresses.cloudinary_url(key, secret)}{quote}
"""


def console_lines(addresses: Addresses, link: str | None) -> str:
    """How people sign in: by a link that works once, or as they are used to."""
    if link is None:
        return f"\n  # the console, for people; `rekproxy user` says who\n  {addresses.delivery}/console/\n"
    said = "the console: this link signs an administrator in, once, within the hour"
    return f"\n  # {said}\n  {addresses.login(link)}\n"
