"""The moderation chain that an upload asks for, `aws_rek|manual`: read, and never less than the floor."""

from dataclasses import dataclass

from ..errors import SubscriptionError
from .policies import PolicyBook, Resolved, split_name
from .policy import invalid, read_pairs
from .taxonomy import nearest

#: Kinds that this installation can run.
INSTALLED = ("aws_rek", "manual")

#: Kinds that the wire knows.
KINDS = (
    *INSTALLED,
    "webpurify",
    "metascan",
    "perception_point",
    "aws_rek_video",
    "google_video_moderation",
    "duplicate",
)


@dataclass(frozen=True, slots=True)
class Item:
    """One moderation of a chain: its kind, the text that is judged by (`aws_rek:violence:0.7`), and the named
    policy that it was asked as (`marketplace@3`)."""

    kind: str
    text: str
    policy_name: str | None = None


def parse_chain(text: str, policies: PolicyBook | None = None) -> tuple[Item, ...]:
    """Read moderations joined by `|`, in the order they run; a named policy is written out of `policies`.

    Without them only the form is read: whether there is such a policy is not asked, and it stays a name.
    Raises `InvalidModerationError`, or `SubscriptionError` for a kind of the wire that is not installed.
    """
    items = tuple(_item(text, part, policies) for part in text.split("|"))
    kinds = [item.kind for item in items]
    for kind in INSTALLED:
        if kinds.count(kind) > 1:
            raise invalid(text, f"{kind} is named twice")
    if "manual" in kinds[:-1]:
        raise invalid(text, "manual must be last")
    return items


def _item(text: str, part: str, policies: PolicyBook | None) -> Item:
    kind = part.split(":")[0]
    if kind not in KINDS:
        raise invalid(text, f"unknown kind {kind[:80] or 'without a name'}{nearest(kind, INSTALLED)}")
    if kind not in INSTALLED:
        raise SubscriptionError(f"You don't have an active subscription for {kind}")
    if kind == "aws_rek":
        resolved = policies.resolve(part) if policies else _form(part)
        return Item(kind, resolved.text, resolved.name)
    if part != kind:
        raise invalid(text, f"{kind} takes no values")
    return Item(kind, part)


def _form(part: str) -> Resolved:
    name, pairs = split_name(part)
    read_pairs(part, pairs)
    return Resolved(part, name)


def compose(
    asked: str | None, default: str, floor: str | None, policies: PolicyBook | None = None
) -> tuple[Item, ...]:
    """The chain of an upload: what it asks for, or else the default; and never less than the floor.

    A kind of the floor that the chain lacks is added. `none`, as default or floor, is the empty chain.
    Raises as `parse_chain` does.
    """
    items = parse_chain(asked, policies) if asked else _configured(default, policies)
    kinds = {item.kind for item in items}
    added = tuple(item for item in _configured(floor, policies) if item.kind not in kinds)
    return tuple(sorted(items + added, key=lambda item: item.kind == "manual"))


def written_out(text: str | None, policies: PolicyBook) -> str | None:
    """A default or floor with its named policies written out. Raises as `parse_chain` does."""
    return "|".join(item.text for item in _configured(text, policies)) or text


def _configured(text: str | None, policies: PolicyBook | None) -> tuple[Item, ...]:
    return () if text in (None, "none") else parse_chain(text, policies)
