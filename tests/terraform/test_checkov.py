"""Checkov over every file, and our own policies over what they should refuse and take."""

from pathlib import Path
from typing import Any

import pytest

POLICIES = tuple(f"CKV2_RENGA_{number}" for number in range(1, 10))
GOOGLE = (1, *range(6, 14), 14, 18, 20, 21, 23, 25, 41, 42, 46, 49, *range(51, 58), 60, 61, 64, 65, 66, *range(68, 73))
GOOGLE = (*GOOGLE, 79, 83, 84, 95, 97, 99, *range(108, 112), 117, 118, 123, 125)
AZURE = (*range(4, 9), 33, 35, 36, 59, 116, 117, 120, *range(136, 139), 141, 143, 160, 163, 164, *range(166, 173))
AZURE = (*AZURE, 182, 183, 190, 217, 218, 226, 227, 232, 233, 237, 246)
AMAZON = (7, 16, 17, *range(29, 32), 33, 37, 38, 39, 46, 51, 58, 60, 61, 79, 88, 100, *range(107, 112), 118, 129, 130)
AMAZON = (*AMAZON, 136, 161, 163, 191, 211, 226, 274, 293, 341, 353, 356)
WANTED = {
    *(f"CKV_GCP_{number}" for number in GOOGLE),
    *(f"CKV_AZURE_{number}" for number in AZURE),
    *(f"CKV_AWS_{number}" for number in AMAZON),
    *("CKV2_AWS_11", "CKV2_AWS_12", "CKV2_AWS_64"),
    *("CKV2_GCP_19", "CKV2_AZURE_29", "CKV2_AZURE_31", "CKV2_AZURE_33", "CKV2_AZURE_40", "CKV2_AZURE_47"),
}
"""What must be looked at and hold, or be skipped with a reason beside the resource; plans have more (test_life.py)."""


@pytest.mark.timeout(600)
def test_nothing_fails(checkov: Any, repository: Path) -> None:
    """Every check holds, or is skipped beside the resource with its reason; and those that we count on were made."""
    results = checkov("--directory", str(repository / "terraform"), "--framework", "terraform")
    failed = [(each["check_id"], each["resource"], each["check_name"]) for each in results["failed_checks"]]
    assert failed == []
    skipped = {each["check_id"]: each["check_result"]["suppress_comment"].strip() for each in results["skipped_checks"]}
    assert all(len(reason) > 20 for reason in skipped.values()), skipped
    made = {each["check_id"] for each in results["passed_checks"]} | skipped.keys()
    assert WANTED - made == set()


@pytest.fixture(scope="module")
def verdicts(checkov: Any, repository: Path) -> dict[str, dict[str, bool]]:
    """Of each policy, which resource of its cases it takes."""
    results = checkov(
        "--directory", str(Path(__file__).parent / "policies"), "--framework", "terraform",
        "--external-checks-dir", str(repository / "terraform/policies"), "--check", ",".join(POLICIES),
    )  # fmt: skip
    found: dict[str, dict[str, bool]] = {policy: {} for policy in POLICIES}
    for outcome, taken in (("passed_checks", True), ("failed_checks", False)):
        for each in results[outcome]:
            if Path(each["file_path"]).stem == each["check_id"]:
                found[each["check_id"]][each["resource"]] = taken
    return found


@pytest.mark.timeout(600)
@pytest.mark.parametrize("policy", POLICIES)
def test_own_policies(verdicts: dict[str, dict[str, bool]], policy: str) -> None:
    """A policy refuses what is called refused, and takes what is called taken."""
    assert verdicts[policy]
    for resource, taken in verdicts[policy].items():
        assert taken == resource.partition(".")[2].startswith("taken"), resource
    assert not all(verdicts[policy].values())


def test_every_policy_has_cases(repository: Path) -> None:
    """There is no policy that nothing tries."""
    ids = {path.read_text().split("id: ")[1].split()[0] for path in (repository / "terraform/policies").glob("*.yaml")}
    assert ids == set(POLICIES)
