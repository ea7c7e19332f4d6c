"""Structured metadata: fields that administrators define, and values of pictures that are held to them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from ..domain import metadata as rules
from ..domain.asset import Job
from ..domain.metadata import LISTED, MOST_FIELDS, Field
from ..errors import InvalidRequestError, NotFoundError
from ..interfaces import Catalog

#: Pictures that one update of values may name.
MOST_NAMED: Final = 1000
#: What fields, and what entries, can be ordered by.
_ORDERS: Final = ("label", "external_id", "created_at")


@dataclass(frozen=True, slots=True)
class Metadata:
    """Keeps fields, and holds values to them."""

    catalog: Catalog

    # --- values

    def at_upload(self, cloud: str, given: Mapping[str, Any]) -> dict[str, Any]:
        """What a picture has that is uploaded with these values: defaults where it names none.

        Raises `InvalidRequestError` for values that cannot be, and where a mandatory one is missing.
        """
        return rules.uploaded(self.catalog.metadata_fields(cloud), given)

    def merged(
        self, cloud: str, before: Mapping[str, Any], given: Mapping[str, Any], clear_invalid: bool = False
    ) -> dict[str, Any]:
        """What a picture has after an update that gives these values; an empty one takes one away.

        With `clear_invalid`, values that it had and that the rules of now refuse go too. Raises
        `InvalidRequestError`.
        """
        fields = self.catalog.metadata_fields(cloud)
        return rules.changed(fields, before, given, clear_invalid=clear_invalid)

    def update(
        self,
        cloud: str,
        type: str,
        public_ids: Sequence[str],
        given: Mapping[str, Any],
        *,
        clear_invalid: bool = False,
        actor: str,
        notification_url: str | None = None,
    ) -> tuple[str, ...]:
        """Give pictures these values; gives the names of those that there are. Raises as `merged`, and for
        too many names."""
        if not public_ids:
            raise InvalidRequestError("Missing required parameter - public_ids")
        if len(set(public_ids)) > MOST_NAMED:
            raise InvalidRequestError(f"Too many public_ids. Maximum is {MOST_NAMED}.")
        fields = self.catalog.metadata_fields(cloud)
        rules.changed(fields, {}, given)  # nothing is written where what is given cannot be
        return self.catalog.revise_each(
            cloud,
            type,
            public_ids,
            lambda asset: {
                "metadata": rules.changed(fields, asset.metadata, given, clear_invalid=clear_invalid)
            },
            actor=actor,
            notification_url=notification_url,
        )

    # --- fields

    def fields(self, cloud: str) -> tuple[Field, ...]:
        """All fields, in their order."""
        return self.catalog.metadata_fields(cloud)

    def get(self, cloud: str, external_id: str) -> Field:
        """One field; raises `NotFoundError`."""
        return _there(self.catalog.metadata_field(cloud, external_id), external_id)

    def create(self, cloud: str, given: Mapping[str, Any], *, actor: str) -> Field:
        """Define a field; raises `InvalidRequestError`."""
        field = rules.define(given)
        return self.catalog.add_metadata_field(cloud, field, most=MOST_FIELDS, actor=actor)

    def change(self, cloud: str, external_id: str, given: Mapping[str, Any], *, actor: str) -> Field:
        """Change what is given of a field; raises `NotFoundError` and `InvalidRequestError`."""
        return _there(
            self.catalog.change_metadata_field(
                cloud, external_id, lambda field: rules.redefine(field, given), actor=actor
            ),
            external_id,
        )

    def drop(self, cloud: str, external_id: str, *, actor: str) -> None:
        """Delete a field, and its values soon; raises `NotFoundError`."""
        if not self.catalog.drop_metadata_field(cloud, external_id, actor=actor):
            raise _missing(external_id)

    def forget(self, job: Job) -> None:
        """Take the values of a deleted field away, a few pictures at a time."""
        while self.catalog.forget_metadata(job.cloud, str(job.payload["external_id"])):
            pass

    def order(self, cloud: str, by: str, *, descending: bool, actor: str) -> tuple[Field, ...]:
        """Put all fields into an order; raises `InvalidRequestError`."""
        if by not in _ORDERS:
            raise InvalidRequestError(f"Invalid value for parameter order_by: one of {', '.join(_ORDERS)}")
        fields = sorted(self.fields(cloud), key=lambda field: _key(field, by), reverse=descending)
        ids = [field.external_id for field in fields]
        self.catalog.order_metadata_fields(cloud, ids, actor=actor)
        return tuple(fields)

    # --- entries of a list

    def add_entries(self, cloud: str, external_id: str, values: Any, *, actor: str) -> Field:
        """Change entries of known ids, and add the others."""
        given = rules.read_entries(values)
        return self._change_entries(
            cloud, external_id, lambda entries: rules.merged_entries(entries, given), actor
        )

    def set_active(
        self, cloud: str, external_id: str, external_ids: Sequence[str], *, active: bool, actor: str
    ) -> Field:
        """Take entries away, or bring them back."""
        return self._change_entries(
            cloud, external_id, lambda entries: rules.set_active(entries, external_ids, active=active), actor
        )

    def order_entries(self, cloud: str, external_id: str, by: str, *, descending: bool, actor: str) -> Field:
        """Put entries into the order of their values."""
        if by != "value":
            raise InvalidRequestError("Invalid value for parameter order_by: value")
        return self._change_entries(
            cloud, external_id, lambda entries: rules.in_order(entries, descending=descending), actor
        )

    def _change_entries(self, cloud: str, external_id: str, change: Any, actor: str) -> Field:
        def changed(field: Field) -> Field:
            if field.type not in LISTED:
                raise InvalidRequestError(f"Metadata field {external_id} has no datasource")
            return replace(field, entries=change(field.entries))

        return _there(
            self.catalog.change_metadata_field(cloud, external_id, changed, actor=actor), external_id
        )


def _key(field: Field, by: str) -> Any:
    value = getattr(field, by)
    return value.casefold() if isinstance(value, str) else (value, field.position)


def _there(field: Field | None, external_id: str) -> Field:
    if field is None:
        raise _missing(external_id)
    return field


def _missing(external_id: str) -> NotFoundError:
    return NotFoundError(f"Metadata field {external_id[:128]} doesn't exist")
