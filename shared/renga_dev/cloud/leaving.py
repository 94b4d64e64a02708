"""What is still there when an environment is gone."""

from renga_dev.cloud.programs import CloudName

_EVERYWHERE = (
    "the state, empty now, where backend.tf puts it",
    "the records that you wrote into your zone",
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
"""By cloud; the modules say which names are new in each life, because these are kept."""
GONE = "Images, topics with the messages in them, blobs and databases went with it: they are in the same root."
