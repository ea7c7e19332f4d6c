"""Whatever is done to pictures, in whatever order: the public sees what a small model of the pages allows.

The model knows who decided what about which pixels, what hides an asset, and which version is current. It is
written from `docs/moderation.md`, never from the code.
"""

import io
import shutil
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from PIL import Image

from rekproxy.app import Application, mount
from rekproxy.domain.asset import EntryStatus, Status
from rekproxy.domain.policy import Label
from rekproxy.errors import ErasedError, HeldError, NotFoundError, ProviderError, StaleDecisionError
from rekproxy.imaging.inprocess import InProcessImager
from rekproxy.interfaces import AnalysisCopy, Detection, Verdict
from rekproxy.interfaces.reports import Report
from rekproxy.services.jobs import Worker
from rekproxy.services.preview import Link
from rekproxy.services.uploads import Upload
from tests.conftest import encode, house_of, settings_for
from tests.promises.houses import STUDIO

#: What a detector says of each picture, and its colour. Under `lax` the half bad one is approved.
COLOURS = {"clean": (20, 200, 40), "sky": (30, 60, 220), "bad": (220, 30, 30), "half": (230, 200, 20)}
CONFIDENCE = {"clean": 0.0, "sky": 0.0, "bad": 97.0, "half": 70.0}
BYTES = {name: encode(Image.new("RGB", (16, 16), colour), "PNG") for name, colour in COLOURS.items()}

LAX = "aws_rek:explicit:0.9"
CHAINS = [None, None, "manual", "aws_rek|manual", LAX]
NAMES = [("demo", "a"), ("demo", "b"), ("studio", "a")]
ADMIN = ("admin",)
#: One of the assets that there are.
PICK = st.integers(0, len(NAMES) - 1)
PIXELS = st.sampled_from(["clean", "clean", "sky", "half", "bad"])

Name = tuple[str, str]


def colour_of(data: bytes) -> str:
    """Which of the pictures this is."""
    image = Image.open(io.BytesIO(data)).convert("RGB")
    seen = image.getpixel((image.width // 2, image.height // 2))  # a small copy has grey around it
    assert isinstance(seen, tuple)
    return min(COLOURS, key=lambda name: sum(abs(a - b) for a, b in zip(seen, COLOURS[name], strict=True)))


@dataclass
class ColourDetector:
    """Says of each colour what the table says; or fails, while it is down."""

    down: bool = False
    name: str = "told"
    coverage: frozenset[str] | None = None
    min_side: int = 1
    paid: bool = False
    limits_said: str = "It sees colours."

    def check(self) -> None:
        pass

    def detect(self, copy: AnalysisCopy, min_confidence: float) -> Detection:
        if self.down:
            raise ProviderError("It is down.", code="Down", retryable=True)
        confidence = CONFIDENCE[colour_of(copy.data)]
        return Detection((Label("Explicit", "", confidence),) if confidence else (), "told-1", "7")

    def ping(self) -> str:
        return "told"


@dataclass
class ModelVersion:
    """Some pixels, how they are judged, and the verdict."""

    version_id: str
    pixels: str
    chain: str
    status: str = "pending"
    waits: bool = False  # for a machine
    touched: bool = False  # by a person
    erased: bool = False
    reporters: set[str] = field(default_factory=set)
    reported: bool = False  # hidden by reports


@dataclass
class ModelAsset:
    asset_id: str
    versions: list[ModelVersion]
    current: ModelVersion
    backup: bool
    deleted: bool = False
    restricted: bool = False
    held: bool = False

    @property
    def shown(self) -> bool:
        hidden = self.deleted or self.restricted or self.current.reported
        return not hidden and self.current.status == "approved"


@pytest.fixture(scope="module")
def template(sqlite_template: Path) -> None:
    Life.template = sqlite_template


class Life(RuleBasedStateMachine):
    """Uploaders, moderators, reporters and workers, in any order."""

    template: Path

    @initialize(first=PIXELS, second=PIXELS)
    def start(self, first: str, second: str) -> None:
        # memory is as good as a disk here: nobody pulls a plug
        shared = Path("/dev/shm")
        self.folder = Path(tempfile.mkdtemp(dir=shared if shared.is_dir() else None))
        shutil.copy(self.template, self.folder / "catalog.db")
        (self.folder / "rekproxy.toml").write_text(STUDIO)
        self.detector = ColourDetector()
        self.open()
        self.assets: dict[Name, ModelAsset] = {}
        self.decided: dict[tuple[str, str, str], tuple[str, int]] = {}  # cloud, pixels, asset
        self.clock = 0
        self.waiting: dict[Name, tuple[str, str | None, bool]] = {}
        self.may_be_lost: set[Name] = set()
        self.links: list[tuple[str, Link]] = []
        self.upload(NAMES[0], first, None, False, True)
        self.upload(NAMES[1], second, None, True, True)

    def open(self) -> None:
        more = {"report_hide_after": "2", "preview_seconds": "300", "originals": "as_uploaded"}
        address = f"sqlite:///{self.folder / 'catalog.db'}"
        config = str(self.folder / "rekproxy.toml")
        settings_ = settings_for(self.folder, database_url=address, config=config, **more)
        imager: Any = InProcessImager(25_000_000)
        detector: Any = self.detector
        self.app: Application = house_of(settings_, imager, detector)
        self.client = mount(self.app).test_client()

    def teardown(self) -> None:
        if hasattr(self, "app"):
            self.app.moderate.patience.close()
            self.app.close()
            shutil.rmtree(self.folder, ignore_errors=True)  # notes may still be written in the background

    def pick(self, which: int) -> tuple[Name, ModelAsset]:
        names = sorted(self.assets)
        name = names[which % len(names)]
        return name, self.assets[name]

    # --- the model -----------------------------------------------------------------------------------

    def said(self, name: Name, pixels: str, asset_id: str | None) -> str | None:
        """What people decided: a rejection counts for the cloud, a later approval for its asset."""
        rows = {key[2]: row for key, row in self.decided.items() if key[:2] == (name[0], pixels)}
        rejected = max((at for status, at in rows.values() if status == "rejected"), default=0)
        own = rows.get(asset_id or "")
        if own and own[0] == "approved" and own[1] > rejected:
            return "approved"
        return "rejected" if rejected else None

    def judged(self, name: Name, asset: ModelAsset, version: ModelVersion) -> str:
        """What a machine makes of a version that waits for it."""
        verdict = self.said(name, version.pixels, asset.asset_id)
        if verdict is None:
            level = 90 if LAX in version.chain else 50
            verdict = "rejected" if CONFIDENCE[version.pixels] > level else "approved"
        return "pending" if verdict == "approved" and "manual" in version.chain else verdict

    def settle(self, name: Name, asset: ModelAsset, version: ModelVersion) -> None:
        """A machine has or has not answered: which of both the catalog knows, what it may say we do."""
        if not version.waits:
            return
        chain = self.real(name, version)
        version.waits = any(entry.waits_for_machine for entry in chain)
        if not version.waits:
            version.status = self.judged(name, asset, version)

    def real(self, name: Name, version: ModelVersion) -> Any:
        from rekproxy.backends.sql.rows import entries_of

        with self.app.catalog._database.read() as connection:  # type: ignore[attr-defined]
            return entries_of(connection, version.version_id)

    def written(self, name: Name, pixels: str, chain: str | None, backup: bool) -> None:
        """An upload was registered."""
        real = self.app.catalog.asset(name[0], "upload", name[1])
        assert real is not None
        chain = chain or "aws_rek"
        if chain == "manual" and self.said(name, pixels, None) == "rejected":
            chain = "aws_rek|manual"
        version = ModelVersion(real.current.version_id, pixels, chain, waits=chain != "manual")
        asset = self.assets.get(name)
        if asset is None:
            asset = self.assets[name] = ModelAsset(real.asset_id, [], version, backup)
        elif not (asset.backup or asset.held or asset.deleted):
            asset.current.erased = True
        for same in [each for each in asset.versions if each.pixels == pixels][-1:]:
            version.reporters, version.reported = set(same.reporters), same.reported
        asset.versions.append(version)
        asset.current, asset.backup, asset.deleted = version, backup, False
        assert real.asset_id == asset.asset_id
        self.settle(name, asset, version)

    # --- uploads -------------------------------------------------------------------------------------

    @rule(
        name=st.sampled_from(NAMES),
        pixels=PIXELS,
        chain=st.sampled_from(CHAINS),
        backup=st.booleans(),
        overwrite=st.sampled_from([True, True, False]),
    )
    def upload_now(self, name: Name, pixels: str, chain: str | None, backup: bool, overwrite: bool) -> None:
        self.upload(name, pixels, chain, backup, overwrite)

    def upload(self, name: Name, pixels: str, chain: str | None, backup: bool, overwrite: bool) -> None:
        before = self.assets.get(name)
        asked = self.asked(name, pixels, chain, backup, overwrite)
        accepted = self.app.ingest.accept(name[0], asked, actor="key:1")
        assert accepted.existing == (before is not None and not overwrite and not before.deleted)
        if not accepted.existing:
            self.written(name, pixels, chain, backup)
        link = self.app.preview.link(accepted.asset)
        if link is not None:
            self.links.append((name[0], link))

    def asked(self, name: Name, pixels: str, chain: str | None, backup: bool, overwrite: bool) -> Upload:
        return Upload(BYTES[pixels], public_id=name[1], moderation=chain, backup=backup, overwrite=overwrite)

    @rule(
        name=st.sampled_from(NAMES),
        pixels=PIXELS,
        chain=st.sampled_from(CHAINS),
        backup=st.booleans(),
    )
    def upload_later(self, name: Name, pixels: str, chain: str | None, backup: bool) -> None:
        if name not in self.waiting:
            self.app.later.accept(name[0], self.asked(name, pixels, chain, backup, True), actor="key:1")
            self.waiting[name] = (pixels, chain, backup)

    # --- people --------------------------------------------------------------------------------------

    @precondition(lambda self: self.assets)
    @rule(which=PICK, status=st.sampled_from(["approved", "rejected", "pending"]))
    def decide(self, which: int, status: str) -> None:
        name, asset = self.pick(which)
        real = self.app.catalog.asset(name[0], "upload", name[1])
        assert real is not None
        version = asset.current
        if status == "approved" and version.erased:
            with pytest.raises(ErasedError):
                self.app.review.override(name[0], real, Status(status), actor="key:2")
            return
        time.sleep(0.002)  # decisions are told apart by milliseconds
        self.app.review.override(name[0], real, Status(status), actor="key:2")
        time.sleep(0.002)
        self.clock += 1
        self.decided[name[0], version.pixels, asset.asset_id] = (status, self.clock)
        if version.status != status:
            version.status, version.touched, version.waits = status, True, False
        if status != "pending":
            version.reporters, version.reported = set(), False

    @precondition(lambda self: self.assets)
    @rule(which=PICK, status=st.sampled_from(["approved", "rejected"]))
    def decide_about_what_was(self, which: int, status: str) -> None:
        name, asset = self.pick(which)
        if asset.versions[0] is asset.current:
            return
        with pytest.raises(StaleDecisionError):
            self.app.catalog.override(
                name[0],
                asset.asset_id,
                Status(status),
                actor="key:2",
                version_id=asset.versions[0].version_id,
            )

    @precondition(lambda self: self.assets)
    @rule(which=PICK, who=st.sampled_from(["ann", "bob", "cid"]))
    def report(self, which: int, who: str) -> None:
        name, asset = self.pick(which)
        said = Report(who, None, None)
        if not asset.shown:
            with pytest.raises(NotFoundError):
                self.app.reports.accept(name[0], said, actor="key:3", public_id=name[1])
            return
        self.app.reports.accept(name[0], said, actor="key:3", public_id=name[1])
        asset.current.reporters.add(who)
        asset.current.reported = len(asset.current.reporters) >= 2

    # --- custody -------------------------------------------------------------------------------------

    @precondition(lambda self: self.assets)
    @rule(which=PICK)
    def restrict_or_lift(self, which: int) -> None:
        name, asset = self.pick(which)
        on = not asset.restricted
        if on:
            self.app.custody.restrict(name[0], asset.asset_id, None, roles=ADMIN, actor="key:2")
        else:
            self.app.custody.lift(name[0], asset.asset_id, roles=ADMIN, actor="key:2")
        asset.restricted = on

    @precondition(lambda self: self.assets)
    @rule(which=PICK)
    def hold_or_release(self, which: int) -> None:
        name, asset = self.pick(which)
        on = not asset.held
        if on:
            self.app.catalog.hold(name[0], asset.asset_id, "Case", actor="key:2")
        else:
            self.app.catalog.release(name[0], asset.asset_id, actor="key:2")
        asset.held = on

    @precondition(lambda self: self.assets)
    @rule(which=PICK)
    def destroy(self, which: int) -> None:
        name, asset = self.pick(which)
        gone = self.app.library.destroy(name[0], "upload", name[1], actor="key:1")
        assert (gone is not None) == (not asset.deleted)
        if asset.deleted or asset.backup or asset.held or asset.restricted:
            asset.deleted = True
        else:
            del self.assets[name]

    @precondition(lambda self: self.assets)
    @rule(which=PICK, place=st.integers(0, 5))
    def restore(self, which: int, place: int) -> None:
        name, asset = self.pick(which)
        version = asset.versions[place % len(asset.versions)]
        done = self.app.backups.restore(name[0], asset.asset_id, version.version_id, actor="key:1")
        assert (done is not None) == (not version.erased)
        if version.erased or (version is asset.current and not asset.deleted):
            return
        asset.current, asset.deleted = version, False
        asset.versions.remove(version)
        asset.versions.append(version)  # it is the newest again
        if version.status != "rejected" and self.said(name, version.pixels, asset.asset_id) == "rejected":
            version.status, version.waits = "rejected", False
            version.reporters, version.reported = set(), False

    @precondition(lambda self: self.assets)
    @rule(which=PICK)
    def erase(self, which: int) -> None:
        name, asset = self.pick(which)
        if asset.held:
            with pytest.raises(HeldError):
                self.app.custody.erase(name[0], asset.asset_id, actor="key:2")
            return
        self.app.custody.erase(name[0], asset.asset_id, actor="key:2")
        gone = {version.pixels for version in asset.versions}
        self.may_be_lost |= {late for late, (pixels, *_) in self.waiting.items() if pixels in gone}
        del self.assets[name]

    @rule()
    def retain(self) -> None:
        """The retention comes by, and every rejected picture has been kept for long enough."""
        while self.app.catalog.retire(self.app.catalog.clock() + 10_000, 100, actor="retention"):
            pass
        for asset in self.assets.values():
            for version in asset.versions:
                version.erased |= version.status == "rejected" and not asset.held

    # --- machines ------------------------------------------------------------------------------------

    @rule(down=st.booleans())
    def turn_detector(self, down: bool) -> None:
        self.detector.down = down

    @precondition(lambda self: self.assets)
    @rule(which=PICK, place=st.integers(0, 5))
    def verdict_comes_late(self, which: int, place: int) -> None:
        """A machine that began to look long ago approves; it says so twice."""
        name, asset = self.pick(which)
        version = asset.versions[place % len(asset.versions)]
        if version.waits:
            version.waits = False
            refused = self.said(name, version.pixels, asset.asset_id) == "rejected"
            passed = "pending" if "manual" in version.chain else "approved"
            version.status = "rejected" if refused else passed
        for _ in range(2):
            verdict = Verdict(EntryStatus.APPROVED, {"moderation_labels": []})
            self.app.catalog.settle(name[0], version.version_id, 0, verdict, actor="detector:told")

    @rule(kinds=st.sampled_from([("follow_rejection",), ("moderate",), ("ingest",), ("all",)]))
    def work(self, kinds: tuple[str, ...]) -> None:
        """A worker does what is due: verdicts before uploads, so that the model knows what came first."""
        steps = [("follow_rejection",), ("moderate",), ("ingest",), ()] if kinds == ("all",) else [kinds]
        for step in steps:
            self.do_jobs(step)
            if "follow_rejection" in step:
                self.follow()
            if "ingest" in step:
                self.take_in()
            for name, asset in self.assets.items():
                self.settle(name, asset, asset.current)

    def do_jobs(self, kinds: tuple[str, ...]) -> None:
        with self.app.catalog._database.write() as tx:  # type: ignore[attr-defined]
            tx.connection.exec_driver_sql("UPDATE jobs SET run_after = 0")
        worker = self.app.worker()
        apart = {"ingest", "moderate", "follow_rejection", "recurring"}
        chosen = {k: v for k, v in worker.handlers.items() if (k in kinds if kinds else k not in apart)}
        worker = Worker(self.app.catalog, chosen)
        while worker.run_once():
            pass

    def follow(self) -> None:
        """What stands approved with pixels that a person rejected since is rejected."""
        for name, asset in self.assets.items():
            for version in asset.versions:
                if (
                    version.status == "approved"
                    and self.said(name, version.pixels, asset.asset_id) == "rejected"
                ):
                    version.status = "rejected"
                    version.reporters, version.reported = set(), False

    def take_in(self) -> None:
        """Uploads that waited. One whose bytes were erased meanwhile may be lost, which is told."""
        for name, waited in self.waiting.items():
            real, asset = self.app.catalog.asset(name[0], "upload", name[1]), self.assets.get(name)
            known = {version.version_id for version in asset.versions} if asset else set()
            if real is not None and real.current.version_id not in known:
                self.written(name, *waited)
            else:
                assert name in self.may_be_lost
        self.waiting.clear()
        self.may_be_lost.clear()

    @rule()
    def purge(self) -> None:
        self.app.library.purge("demo", actor="key:2")

    @rule()
    def restart(self) -> None:
        self.app.moderate.patience.close()
        self.app.close()
        self.open()

    # --- what holds ----------------------------------------------------------------------------------

    @invariant()
    def the_public_sees_what_the_model_allows(self) -> None:
        for name in NAMES:
            asset = self.assets.get(name)
            path = f"/{name[0]}/image/upload/{name[1]}"
            for url in (path, path.replace("upload/", "upload/w_8/")):
                reply = self.client.get(url, buffered=True)
                assert reply.status_code == (200 if asset and asset.shown else 404), (url, asset)
                if asset and asset.shown:
                    assert colour_of(reply.data) == asset.current.pixels
        both = [self.assets.get(name) for name in NAMES[:2]]
        reply = self.client.get("/demo/image/upload/l_b/a", buffered=True)
        assert reply.status_code == (200 if all(asset and asset.shown for asset in both) else 404)

    @invariant()
    def a_preview_shows_only_what_nobody_decided(self) -> None:
        for cloud, link in self.links:
            owner = [a for n, a in self.assets.items() if n[0] == cloud and a.asset_id == link.asset_id]
            open_ = bool(owner) and self.previewed(owner[0], link)
            try:
                self.app.preview.open(cloud, link)
                shown = True
            except NotFoundError:
                shown = False
            assert not shown or open_, link

    def previewed(self, asset: ModelAsset, link: Link) -> bool:
        current = asset.current
        hidden = asset.deleted or asset.restricted or current.reported or current.touched
        return current.version_id == link.version_id and current.status == "pending" and not hidden


@pytest.mark.usefixtures("template")
def test_the_public_sees_only_what_the_model_allows() -> None:
    from hypothesis.stateful import run_state_machine_as_test

    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=25,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
