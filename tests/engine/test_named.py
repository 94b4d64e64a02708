"""Which cluster the tests of this folder take, and what they must know of it."""

from pathlib import Path

import pytest

from engine import Engine


def test_what_a_kubeconfig_does_not_tell_is_asked_for() -> None:
    """Each variable that is missing is named with what it is, before the cluster is asked anything."""
    config = Path("/nowhere/kubeconfig")
    with pytest.raises(
        ValueError, match=r"of /nowhere/kubeconfig: RENGA_VIA is HOST:PORT .*; RENGA_BESIDE is .*; RENGA_LOAD"
    ):
        Engine.of_kubeconfig(config, {})
    with pytest.raises(
        ValueError, match=r"kubeconfig: RENGA_BESIDE is the address of this machine, seen from its pods\.$"
    ):
        Engine.of_kubeconfig(
            config, {"RENGA_VIA": "127.0.0.1:80", "RENGA_BESIDE": "", "REGISTRY": "r.example.org/renga"}
        )
