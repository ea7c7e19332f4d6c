"""Tags and context of many assets at once, as the upload wire changes them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ..domain.labelling import ContextCommand, TagCommand, check_tags, tagged, with_context
from ..errors import InvalidRequestError
from ..interfaces import Catalog

#: Assets that one call names.
MOST_NAMED: Final = 1000
_PAGE: Final = 100


@dataclass(frozen=True, slots=True)
class Labelling:
    """Changes what assets are labelled with."""

    catalog: Catalog

    def tag(
        self,
        cloud: str,
        type: str,
        public_ids: Sequence[str],
        command: TagCommand,
        tags: Sequence[str],
        *,
        actor: str,
        notification_url: str | None = None,
    ) -> tuple[str, ...]:
        """Change the tags of these assets; gives the names of those that there are.

        Raises `InvalidRequestError` for too many names, and for tags that cannot be.
        """
        named, checked = _named(public_ids), check_tags(tags)
        if command is not TagCommand.REMOVE_ALL and not checked:
            raise InvalidRequestError("Missing required parameter - tag")
        if command is TagCommand.SET_EXCLUSIVE:
            self._untag_others(cloud, type, named, checked, actor, notification_url)
        return self.catalog.revise_each(
            cloud,
            type,
            named,
            lambda asset: {"tags": tagged(asset.tags, command, checked)},
            actor=actor,
            notification_url=notification_url,
        )

    def describe(
        self,
        cloud: str,
        type: str,
        public_ids: Sequence[str],
        command: ContextCommand,
        context: Mapping[str, str],
        *,
        actor: str,
        notification_url: str | None = None,
    ) -> tuple[str, ...]:
        """Change the context of these assets; gives the names of those that there are.

        Raises `InvalidRequestError` for too many names.
        """
        named = _named(public_ids)
        if command is ContextCommand.ADD and not context:
            raise InvalidRequestError("Missing required parameter - context")
        return self.catalog.revise_each(
            cloud,
            type,
            named,
            lambda asset: {"context": with_context(asset.context, command, context)},
            actor=actor,
            notification_url=notification_url,
        )

    def _untag_others(
        self,
        cloud: str,
        type: str,
        named: Sequence[str],
        tags: Sequence[str],
        actor: str,
        notification_url: str | None,
    ) -> None:
        """Take tags from all assets of a type but those named, a page at a time."""
        for tag in tags:
            after = None
            while True:
                page = self.catalog.list_assets(cloud, type=type, tag=tag, after=after, limit=_PAGE)
                others = [asset.public_id for asset in page.assets if asset.public_id not in named]
                self.catalog.revise_each(
                    cloud,
                    type,
                    others,
                    lambda asset: {"tags": tagged(asset.tags, TagCommand.REMOVE, tags)},
                    actor=actor,
                    notification_url=notification_url,
                )
                after = page.after
                if after is None:
                    break


def _named(public_ids: Sequence[str]) -> tuple[str, ...]:
    named = tuple(dict.fromkeys(public_ids))
    if not named:
        raise InvalidRequestError("Missing required parameter - public_ids")
    if len(named) > MOST_NAMED:
        raise InvalidRequestError(f"Too many public_ids. Maximum is {MOST_NAMED}.")
    return named
