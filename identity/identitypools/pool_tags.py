"""Tags of identity pools. Source: AWS Tagging best practices, "Tag naming limits"."""

from collections.abc import Mapping

from identity.identitypools.errors import InvalidParameter

MOST_TAGS = 50


def condition_keys(tags: Mapping[str, str]) -> dict[str, str]:
    """What policies may ask about a pool that has these tags."""
    return {f"aws:ResourceTag/{name}": value for name, value in tags.items()}


def check(tags: Mapping[str, str]) -> None:
    """Raises InvalidParameter for too many tags, names that AWS keeps for itself, and names that differ in case only:
    of these a policy would see one.
    """
    if len(tags) > MOST_TAGS:
        raise InvalidParameter(f"An identity pool has at most {MOST_TAGS} tags.")
    if any(name.lower().startswith("aws:") for name in tags):
        raise InvalidParameter("Tag keys beginning with aws: are reserved for system use.")
    if len({name.lower() for name in tags}) < len(tags):
        raise InvalidParameter("Tag keys must differ in more than case.")
