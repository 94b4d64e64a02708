"""What is still there when an environment is gone."""

from renga_dev.cloud.programs import CloudName

_RECORDS = "the records that you wrote into your zone"
_REGISTRIES: dict[CloudName, str] = {
    "gcp": "the registry and the environment's key",
    "aws": "the repositories and the environment's key",
    "azure": "the registry, in the resource group",
}
KEPT: dict[CloudName, tuple[str, ...]] = {
    cloud: (
        "the state, where backend.tf puts it",
        f"{registry}, with its images",
        "with Pub/Sub, topics, and subscriptions that are paused: messages wait in them for up to 31 days",
        f"{_RECORDS}: what they name is gone, and comes back with another address",
    )
    for cloud, registry in _REGISTRIES.items()
}
"""By cloud, what stays when an environment is gone."""
GONE = "The cluster with its databases and blobs is no more."

_EVERYWHERE = (
    "the state, empty now, where backend.tf puts it",
    _RECORDS,
)
_OF_GOOGLES_PROJECT = (
    "the APIs of the Google project, enabled as they are",
    "its key rings, for good; their keys, which Google keeps for 30 days; roles and identity pools, for a while",
)
STAYS: dict[CloudName, tuple[str, ...]] = {
    "gcp": (*_EVERYWHERE, *_OF_GOOGLES_PROJECT),
    "aws": (
        *_EVERYWHERE,
        "the certificate that you asked ACM for",
        "the key, which AWS keeps for 30 days, and the log group RDSOSMetrics, which RDS made for the account",
        *(f"with Pub/Sub, {each}" for each in _OF_GOOGLES_PROJECT),
    ),
    "azure": (
        *_EVERYWHERE,
        "your Key Vault with the certificate",
        *(f"with Pub/Sub, {each}" for each in _OF_GOOGLES_PROJECT),
    ),
}
"""By cloud, what stays when all is destroyed. The modules say which names are new in each life: those of these."""
ALL_GONE = "Images, topics with the messages in them, blobs and databases went with it."
