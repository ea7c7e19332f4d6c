"""`rekproxy import cloudinary://…`: bring over what another service has, and count both sides."""

import os
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)

from ..config import Settings
from ..domain.asset import TYPES
from ..errors import ConfigurationError
from ..services.bringing import Terms
from ..services.importing import Outcome
from ..services.migration import Tally

#: Where the address is looked for, if the command line has it without its secret.
_VARIABLE = "CLOUDINARY_URL"
#: What an image can be counted as, in the order in which it is told.
_STATES = ("approved", "pending", "rejected", "unmoderated", "restricted", "reported", "deleted", "gone")
#: Seconds of a wait that is worth a word.
_LONG = 5.0


def migrate(settings: Settings, url: str, cloud: str, terms: Terms) -> None:
    """Bring everything over, tell what did not come, and count. Exit code 1 if the two sides differ."""
    tally = Tally()
    counts, told = _follow(settings, _address(url), cloud, terms, tally)
    for outcome in told:
        click.echo(f"{outcome.state}: {outcome.name}: {outcome.reason}")
    click.echo(
        ", ".join(f"{number} {what}" for what, number in sorted(counts.items())) or "Nothing was found."
    )
    if not _tell(tally):
        raise SystemExit(1)


def _address(url: str) -> str:
    """The address itself, or the environment's: a command line can be read by others on the machine."""
    if url.rstrip("/") != "cloudinary:":
        return url
    named = os.environ.get(_VARIABLE)
    if not named:
        raise ConfigurationError(f"Say cloudinary://KEY:SECRET@CLOUD, or set {_VARIABLE} to it.")
    return named


@dataclass(frozen=True)
class _Bar:
    """A progress bar that also says why nothing moves. Where nobody watches, only long waits are told."""

    progress: Progress
    task: TaskID

    def pause(self, seconds: float) -> None:
        """Wait, and say until when."""
        if seconds > _LONG:
            until = datetime.now().astimezone() + timedelta(seconds=seconds)
            words = f"The source's rate is used up: waiting until {until:%H:%M:%S}"
            self.progress.update(self.task, description=words)
            if self.progress.disable:
                self.progress.console.print(words, markup=False)
        time.sleep(seconds)

    def of(self, total: int | None) -> None:
        """Say how many there are."""
        self.progress.update(self.task, total=total)

    def step(self, outcome: Outcome) -> None:
        """One more is done."""
        self.progress.update(self.task, advance=1, description=outcome.name)


def _follow(
    settings: Settings, url: str, cloud: str, terms: Terms, tally: Tally
) -> tuple[Counter[str], list[Outcome]]:
    """Run it; gives how many there were of each state, and everything that has a reason."""
    console = Console(stderr=True)
    text = TextColumn("{task.description}", markup=False)
    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), text)
    counts, told = Counter[str](), []
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        bar = _Bar(progress, progress.add_task("", total=None))
        for outcome in _outcomes(settings, url, cloud, terms, tally, bar):
            counts[f"{outcome.state} {outcome.status}".strip()] += 1
            if outcome.reason:
                told.append(outcome)
            bar.step(outcome)
    return counts, told


def _outcomes(
    settings: Settings, url: str, cloud: str, terms: Terms, tally: Tally, bar: _Bar
) -> Iterator[Outcome]:
    from ..app import build
    from ..openers import open_source

    source = open_source(url, settings, bar.pause)
    application = build(settings)
    application.catalog.migrate()
    try:
        application.migration.check(terms)
        bar.of(source.count())
        yield from application.migration.run(cloud, source, terms, tally)
    finally:
        application.imager.close()
        application.close()


def _tell(tally: Tally) -> bool:
    """Count both sides, and name what is here only; whether there are as many here as there."""
    there, here = sum(tally.there.values()), sum(tally.here.values())
    passed = sum(number for (_, state), number in tally.there.items() if state == "deleted")
    click.echo(f"{'':<28}{'there':>10}{'here':>10}")
    for type in (*TYPES, ""):
        for state in (*_STATES, "refused"):
            numbers = tally.there[type, state], tally.here.get((type, state), 0)
            if any(numbers):
                click.echo(f"{f'{type} {state}'.strip():<28}{numbers[0]:>10}{numbers[1]:>10}")
    click.echo(f"{'all, without deleted':<28}{there - passed:>10}{here:>10}")
    for name in tally.vanished:
        click.echo(f"no longer there, but here: {name}")
    return there - passed == here - len(tally.vanished)
