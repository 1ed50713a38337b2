"""Where IAM keeps things. All keys begin with "iam"; names are kept as given and found without regard to case.

(kind, lower-case name)          -> Entity        kind is role, user or group
("policy", arn)                  -> Policy
("profile", lower-case name)     -> Profile
("access-key", user, key id)     -> AccessKey
"""

from collections.abc import Iterator
from typing import TypeVar

import msgspec

from panregion.services.iam.errors import EntityAlreadyExistsException, NoSuchEntityException
from panregion.services.iam.model import AccessKey, Entity, Policy, Profile
from panregion.store import Transaction

T = TypeVar("T")
_encode = msgspec.msgpack.encode


def _get(tx: Transaction, type: type[T], *key: str) -> T | None:
    data = tx.get(("iam", *key))
    return None if data is None else msgspec.msgpack.decode(data, type=type)


def _all(tx: Transaction, type: type[T], *key: str) -> Iterator[T]:
    return (msgspec.msgpack.decode(data, type=type) for data in tx.values(("iam", *key)))


def find(tx: Transaction, kind: str, name: str) -> Entity | None:
    return _get(tx, Entity, kind, name.lower())


def require(tx: Transaction, kind: str, name: str) -> Entity:
    found = find(tx, kind, name)
    if found is None:
        raise NoSuchEntityException(f"The {kind} with name {name} cannot be found.")
    return found


def refuse(tx: Transaction, kind: str, name: str) -> None:
    if find(tx, kind, name) is not None:
        raise EntityAlreadyExistsException(f"{kind.title()} with name {name} already exists.")


def put(tx: Transaction, entity: Entity) -> Entity:
    tx.put(("iam", entity.kind, entity.name.lower()), _encode(entity))
    return entity


def delete(tx: Transaction, entity: Entity) -> None:
    tx.delete(("iam", entity.kind, entity.name.lower()))


def entities(tx: Transaction, kind: str) -> Iterator[Entity]:
    return _all(tx, Entity, kind)


def find_policy(tx: Transaction, arn: str) -> Policy | None:
    return _get(tx, Policy, "policy", arn)


def put_policy(tx: Transaction, policy: Policy) -> Policy:
    tx.put(("iam", "policy", policy.arn), _encode(policy))
    return policy


def delete_policy(tx: Transaction, policy: Policy) -> None:
    tx.delete(("iam", "policy", policy.arn))


def policies(tx: Transaction) -> Iterator[Policy]:
    return _all(tx, Policy, "policy")


def find_profile(tx: Transaction, name: str) -> Profile | None:
    return _get(tx, Profile, "profile", name.lower())


def put_profile(tx: Transaction, profile: Profile) -> Profile:
    tx.put(("iam", "profile", profile.name.lower()), _encode(profile))
    return profile


def delete_profile(tx: Transaction, profile: Profile) -> None:
    tx.delete(("iam", "profile", profile.name.lower()))


def profiles(tx: Transaction) -> Iterator[Profile]:
    return _all(tx, Profile, "profile")


def put_key(tx: Transaction, key: AccessKey) -> AccessKey:
    tx.put(("iam", "access-key", key.user.lower(), key.id), _encode(key))
    return key


def delete_key(tx: Transaction, key: AccessKey) -> None:
    tx.delete(("iam", "access-key", key.user.lower(), key.id))


def keys(tx: Transaction, user: str) -> list[AccessKey]:
    return list(_all(tx, AccessKey, "access-key", user.lower()))
