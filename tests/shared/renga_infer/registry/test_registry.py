"""Versions come, answer, are switched and go."""

import asyncio
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import inference
from inference import answer, with_registry
from renga_infer.errors import (
    InferenceError,
    InvalidRequestError,
    ModelRefusedError,
    UnavailableError,
    UnknownModelError,
)
from renga_infer.registry.registry import Registry
from renga_infer.registry.states import NOT_ASKED, UNLOADED
from renga_infer.registry.stores import Bucket, Folder, in_order, store_at


def states(registry: Registry) -> dict[str, tuple[str, str]]:
    """State and reason by version, of a single model."""
    return {line.version: (line.state.value, line.reason) for line in registry.index()}


def test_versions_are_in_order_of_their_numbers() -> None:
    """10 is newer than 9, whatever stands around the numbers."""
    assert in_order(["10", "9", "v2", "v10", "2026.1", "2025.12"]) == ["9", "10", "2025.12", "2026.1", "v2", "v10"]


def test_the_newest_answers_and_an_explicit_version_wins(tmp_path: Path) -> None:
    """A version that is named answers, even if it was not in memory before."""
    for version in ("9", "10"):
        inference.publish(tmp_path, version, float(version))

    async def test(registry: Registry) -> None:
        assert states(registry) == {"9": ("UNAVAILABLE", NOT_ASKED), "10": ("READY", "")}
        assert await answer(registry) == ("10", [70])
        both = await asyncio.gather(*(answer(registry, "9") for _ in range(5)))
        assert both == [("9", [63])] * 5
        assert states(registry)["9"] == ("READY", "")

    with_registry(tmp_path, test)


def test_unknown_names(tmp_path: Path) -> None:
    """What is not there is refused with what may have been meant; while models are being loaded, later it may be."""
    inference.publish(tmp_path, "1", 1.0)

    async def test(registry: Registry) -> None:
        with pytest.raises(UnknownModelError, match="no model 'afine'; did you mean 'affine'"):
            await answer(registry, name="afine")
        with pytest.raises(UnknownModelError, match="has no version '2'; there is 1"):
            await answer(registry, "2")
        with pytest.raises(UnknownModelError, match="The store has no model 'links'"):
            await registry.load("links")
        with pytest.raises(UnknownModelError, match="The store has no version '3'"):
            await registry.load("affine", "3")
        with pytest.raises(UnavailableError, match="are being loaded"):
            await answer(Registry(Folder(tmp_path)))

    with_registry(tmp_path, test)


def test_while_a_model_is_being_loaded(tmp_path: Path) -> None:
    """Nobody is told that it, or a version of it, is not there: it will be, and a caller would give up for good."""
    inference.publish(tmp_path, "1", 1.0)

    async def story() -> None:
        registry = Registry(Folder(tmp_path))
        starting = asyncio.create_task(registry.start())
        told = set()
        while not registry.ready:
            for version in (None, "1"):
                try:
                    await registry.card("affine", version)
                except UnavailableError:
                    told.add(version)
            await asyncio.sleep(0)
        await starting
        assert told == {None, "1"}
        await registry.close()
        with pytest.raises(UnavailableError, match="or the server stops"):
            await answer(registry, "1")

    asyncio.run(story())


def test_a_new_version_takes_over_at_once(tmp_path: Path) -> None:
    """It is loaded beside the old one, which stays; loading one by name switches only if it is told to."""
    inference.publish(tmp_path, "1", 1.0)

    async def test(registry: Registry) -> None:
        inference.publish(tmp_path, "2", 2.0)
        await registry.load("affine", "2")
        assert await answer(registry) == ("1", [7])
        inference.publish(tmp_path, "3", 3.0)
        await registry.load("affine")
        assert await answer(registry) == ("3", [21])
        await registry.load("affine", "2", default=True)
        assert await answer(registry) == ("2", [14])
        assert await answer(registry, "1") == ("1", [7])

    with_registry(tmp_path, test)


def test_a_refused_version_changes_nothing(tmp_path: Path) -> None:
    """What answered goes on to answer, the index says why, and nobody can ask for the refused one."""
    inference.publish(tmp_path, "1", 1.0)

    async def test(registry: Registry) -> None:
        inference.publish(tmp_path, "2", 2.0)
        (tmp_path / "affine" / "2" / "golden.json").write_text('{"cases": []}')
        for version in (None, "2"):
            with pytest.raises(ModelRefusedError, match="no cases"):
                await registry.load("affine", version)
        assert await answer(registry) == ("1", [7])
        assert states(registry)["2"][0] == "UNAVAILABLE"
        assert "no cases" in states(registry)["2"][1]
        with pytest.raises(UnknownModelError, match=r"is not loaded: golden.json has no cases"):
            await answer(registry, "2")
        assert registry.unready() == []

    with_registry(tmp_path, test)


def test_at_the_start_an_older_version_is_better_than_none(tmp_path: Path) -> None:
    """A refused newest version leaves the one before it; a model with nothing else is not ready, and others are."""
    inference.publish(tmp_path, "1", 1.0)
    inference.publish(tmp_path, "2", 2.0)
    inference.publish(tmp_path, "1", 1.0, name="broken")
    for broken in ("affine/2", "broken/1"):
        (tmp_path / broken / "model.safetensors").write_bytes(b"")

    async def test(registry: Registry) -> None:
        assert await answer(registry) == ("1", [7])
        assert registry.unready() == ["broken"]
        with pytest.raises(UnknownModelError, match=r"No version of the model 'broken' is loaded: .*has the sha256"):
            await answer(registry, name="broken")

    with_registry(tmp_path, test)


def test_unloading(tmp_path: Path) -> None:
    """A version that answers is not unloaded; another is gone until it is loaded again; a whole model goes at once."""
    for version in ("1", "2"):
        inference.publish(tmp_path, version, float(version))

    async def test(registry: Registry) -> None:
        await answer(registry, "1")
        with pytest.raises(InvalidRequestError, match="led to its version 2: lead them elsewhere first"):
            await registry.unload("affine", "2")
        await registry.unload("affine", "1")
        assert states(registry)["1"] == ("UNAVAILABLE", UNLOADED)
        with pytest.raises(UnknownModelError, match=r"version 1, is not loaded: It was unloaded\."):
            await answer(registry, "1")
        await registry.load("affine", "1")
        assert await answer(registry, "1") == ("1", [7])
        await registry.unload("affine")
        for version in ("1", "2", None):
            with pytest.raises(UnknownModelError):
                await answer(registry, version)
        assert registry.unready() == [], "somebody wanted it so"
        await registry.load("affine")
        assert [await answer(registry, version) for version in ("1", None)] == [("1", [7]), ("2", [14])]

    with_registry(tmp_path, test)


def test_a_split_is_by_weight_and_sticks(tmp_path: Path) -> None:
    """Senders are divided by weight; each always gets the same version; an explicit version wins."""
    for version in ("1", "2"):
        inference.publish(tmp_path, version, float(version))
    routing = {"default": "1", "split": {"1": 3, "2": 1}}
    (tmp_path / "affine" / "routing.json").write_text(json.dumps(routing))

    async def test(registry: Registry) -> None:
        counted = Counter()  # type: Counter[str]
        for tenant in map(str, range(400)):
            chosen = {(await answer(registry, parameters={"tenant": tenant}))[0] for _ in range(2)}
            assert len(chosen) == 1
            counted.update(chosen)
        assert 0.2 < counted["2"] / 400 < 0.3
        assert len({(await answer(registry, id=str(number)))[0] for number in range(40)}) == 2, "the id is a key too"
        assert {(await answer(registry))[0] for _ in range(9)} == {"1"}, "without a key the default answers"
        assert (await answer(registry, "2", parameters={"tenant": "0"}))[0] == "2"

    with_registry(tmp_path, test)


def test_a_shadow_computes_and_does_not_answer(tmp_path: Path) -> None:
    """Its answers are compared and counted; one that fails costs nobody anything."""
    inference.publish(tmp_path, "1", 1.0)
    inference.publish(tmp_path, "2", 1.0 + 1e-9)
    inference.publish(tmp_path, "3", 1.5)
    inference.publish(tmp_path, "4", 1.0, batching={"max_batch_size": 2})

    async def test(registry: Registry) -> None:
        async def shadowed(version: str, rows: int = 1) -> Any:
            await registry.route("affine", json.dumps({"default": "1", "shadow": version}).encode())
            for _ in range(3):
                response = await registry.infer("affine", None, inference.as_request([[3.0, 4.0]] * rows))
                assert (response.model_version, response.outputs[0].data.tolist()) == ("1", [7.0] * rows)
            await asyncio.gather(*registry.shadows.tasks)
            counted = registry.find("affine", version).statistics
            return counted.shadow_compared, counted.shadow_different, counted.shadow_failed, counted.shadow_largest

        assert (await shadowed("2"))[:3] == (3, 0, 0)
        assert await shadowed("3") == (3, 3, 0, 3.5)
        assert (await shadowed("4", rows=3))[:3] == (0, 0, 3)

    with_registry(tmp_path, test)


WRONG_ROUTING: dict[str, tuple[bytes, str]] = {
    "no JSON": (b"{", "the routing: invalid json"),
    "no default": (b"{}", "default: field required"),
    "an unknown version": (b'{"default": "7"}', "The routing names version '7'; there is 1"),
    "a weight of nothing": (b'{"default": "1", "split": {"1": 0}}', "split.1: input should be greater than 0"),
    "its own shadow": (b'{"default": "1", "shadow": "1"}', "answers already, so it cannot be the shadow"),
}


@pytest.mark.parametrize(("content", "reason"), WRONG_ROUTING.values(), ids=WRONG_ROUTING)
def test_a_wrong_routing_changes_nothing(content: bytes, reason: str, tmp_path: Path) -> None:
    """It is refused with the field that is wrong, and what answered goes on to."""
    inference.publish(tmp_path, "1", 1.0)

    async def test(registry: Registry) -> None:
        with pytest.raises(InvalidRequestError, match=reason):
            await registry.route("affine", content)
        assert await answer(registry) == ("1", [7])

    with_registry(tmp_path, test)


def test_at_the_start_a_wrong_routing_keeps_its_own_model_from_answering(tmp_path: Path) -> None:
    """The index says why; the other models answer, and a folder without versions is no model."""
    inference.publish(tmp_path, "1", 1.0)
    inference.publish(tmp_path, "1", 1.0, name="misled")
    (tmp_path / "misled" / "routing.json").write_bytes(b"{")
    (tmp_path / "empty").mkdir()

    async def test(registry: Registry) -> None:
        assert await answer(registry) == ("1", [7])
        assert (registry.ready, registry.unready()) == (True, ["misled"])
        reasons = {line.name: line.reason for line in registry.index()}
        assert sorted(reasons) == ["affine", "misled"]
        assert reasons["misled"].startswith("routing.json is wrong: ")

    with_registry(tmp_path, test)


def test_models_from_a_bucket(tmp_path: Path) -> None:
    """What a URL holds is fetched once, and again only if its card says that it is another."""
    models, cache = tmp_path / "models", tmp_path / "cache"
    inference.publish(models, "1", 1.0)
    store = Bucket(f"file://{models}", cache)
    assert store.models() == {"affine": ["1"]}
    assert store.routing("affine") is None
    held = [store.fetch("affine", "1") for _ in range(2)]
    kept = held[0].path / "model.safetensors"
    first = kept.stat()
    for one in held:
        one.release()
    store.fetch("affine", "1").release()
    assert kept.stat().st_mtime_ns == first.st_mtime_ns

    async def ask() -> Any:
        registry = Registry(store)
        await registry.start()
        answered = await answer(registry)
        await registry.close()
        return answered

    assert asyncio.run(ask()) == ("1", [7])
    inference.publish(models, "1", 5.0)
    assert asyncio.run(ask()) == ("1", [35])
    kept.write_bytes(b"broken on disk")
    assert asyncio.run(ask()) == ("1", [35])


def test_a_store_that_does_not_answer(tmp_path: Path) -> None:
    """It is said to be away, and the server asks again; a folder that is not there is a mistake."""
    store = store_at("http://127.0.0.1:9/models", tmp_path)
    store._store = type(store._store).from_url(  # type: ignore[attr-defined]
        "http://127.0.0.1:9/models", client_options={"allow_http": True}, retry_config={"max_retries": 0}
    )
    with pytest.raises(UnavailableError, match="does not answer"):
        store.models()
    with pytest.raises(ValueError, match=r"no folder of models at .*nowhere: set RENGA_INFER_MODELS"):
        store_at(str(tmp_path / "nowhere"), tmp_path)
    assert isinstance(store_at(f"file://{tmp_path}", tmp_path), Folder)


@pytest.mark.parametrize(
    ("url", "kind"),
    [("gs://bucket/models", "GCSStore"), ("s3://bucket/models", "S3Store"), ("az://box/m", "AzureStore")],
)
def test_a_bucket_is_named_by_its_url(url: str, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each cloud has its scheme; one that is none, or lacks what it wants, is a mistake that says so."""
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_NAME", "account")
    store = store_at(url, tmp_path)
    assert isinstance(store, Bucket)
    assert type(store._store).__name__ == kind
    monkeypatch.delenv("AZURE_STORAGE_ACCOUNT_NAME")
    for wrong, reason in (("ftp://bucket/models", "Unable to recognise URL"), ("az://box/m", "Account must be")):
        with pytest.raises(ValueError, match=f"RENGA_INFER_MODELS is '{wrong}', which cannot be .*{reason}"):
            store_at(wrong, tmp_path)


def test_closing_answers_what_was_accepted(tmp_path: Path) -> None:
    """Everything that was in a queue is answered; what comes later is told that the server stops."""
    inference.publish(tmp_path, "1", 1.0)

    async def run() -> None:
        registry = Registry(Folder(tmp_path))
        await registry.start()
        accepted = [asyncio.ensure_future(answer(registry)) for _ in range(50)]
        await asyncio.sleep(0)
        await registry.close()
        assert await asyncio.gather(*accepted) == [("1", [7])] * 50
        with pytest.raises(InferenceError):
            await answer(registry)

    asyncio.run(run())
