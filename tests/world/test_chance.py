"""Chance: the same seed gives the same choices, and identifiers have their form."""

import uuid

from panregion.world import SeededChance


def test_a_uuid_is_a_random_one_in_its_usual_form() -> None:
    chance = SeededChance(1)
    made = [chance.uuid() for _ in range(1000)]
    assert len(set(made)) == 1000
    for text in made:
        parsed = uuid.UUID(text)
        assert (str(parsed), parsed.version, parsed.variant) == (text, 4, uuid.RFC_4122)


def test_a_seed_repeats() -> None:
    first, second = SeededChance("x"), SeededChance("x")
    assert [first.token(8), first.random(), first.uuid()] == [second.token(8), second.random(), second.uuid()]
