"""What the commands of the wire make of an asset's tags and context."""

from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Any

from ..errors import InvalidRequestError
from .uploadparameters import MOST_TAGS, PARAMETERS


class TagCommand(StrEnum):
    """What may be done with tags. To set one exclusively is to add it here and remove it elsewhere."""

    ADD = "add"
    REMOVE = "remove"
    REPLACE = "replace"
    REMOVE_ALL = "remove_all"
    SET_EXCLUSIVE = "set_exclusive"


class ContextCommand(StrEnum):
    """What may be done with context."""

    ADD = "add"
    REMOVE_ALL = "remove_all"


def check_tags(tags: Collection[str]) -> tuple[str, ...]:
    """Tags that an asset may have, each once. Raises `InvalidRequestError`."""
    return tuple(PARAMETERS["tags"].check("tag", tuple(tags)))


def tagged(before: Collection[str], command: TagCommand, tags: Collection[str]) -> tuple[str, ...]:
    """The tags of an asset after a command, sorted. Raises `InvalidRequestError` for too many."""
    match command:
        case TagCommand.ADD | TagCommand.SET_EXCLUSIVE:
            after = {*before, *tags}
        case TagCommand.REMOVE:
            after = set(before) - set(tags)
        case TagCommand.REPLACE:
            after = set(tags)
        case TagCommand.REMOVE_ALL:
            after = set()
    if len(after) > MOST_TAGS:
        raise InvalidRequestError(f"Too many tags. Maximum is {MOST_TAGS}.")
    return tuple(sorted(after))


def with_context(
    before: Mapping[str, Any], command: ContextCommand, context: Mapping[str, str]
) -> dict[str, Any]:
    """The context of an asset after a command."""
    return {**before, **context} if command is ContextCommand.ADD else {}
