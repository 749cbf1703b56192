"""What the digits of a number say, and what they do not."""

import pytest

from clew.errors import OptionsInvalid
from clew.model.kinds import entity_of
from clew.model.statements import derived
from clew.model.telephones import describe


@pytest.mark.parametrize(
    ("number", "countries", "is_shared", "line"),
    [
        ("+442079460018", ("GB",), True, "fixed line"),
        ("+16135550123", ("CA",), True, "fixed line or mobile"),
        ("+77012345678", ("KZ",), True, "mobile"),
        ("+79161234567", ("RU",), True, "mobile"),
        ("+5997123456", ("BQ",), True, None),
        ("+420601123456", ("CZ",), False, "mobile"),
    ],
)
def test_country_and_line(number, countries, is_shared, line):
    told = describe(number)
    assert (told.countries, told.is_shared, told.line) == (countries, is_shared, line)


def test_one_that_is_only_possible_says_so():
    told = describe("+447700900123")  # reserved for drama
    assert not told.is_valid
    assert told.countries == ("GB", "GG", "IM", "JE")
    assert told.properties["validity"] == "possible"
    assert "line" not in told.properties


@pytest.mark.parametrize(
    ("number", "former"),
    [
        ("+420601123456", "+42 was Czechoslovakia's until 1997; +420 came after it"),
        ("+381601234567", "+38 was Yugoslavia's until 1993; +381 came after it"),
        ("+5997123456", "+599 was the Netherlands Antilles' until 2010"),
        ("+442079460018", None),
    ],
)
def test_former_codes(number, former):
    assert describe(number).former == former


@pytest.mark.parametrize("number", ["", "12", "+4420", "+999", "x" * 100, "+42 2 1234567"])
def test_refuses_what_is_no_number(number):
    with pytest.raises(OptionsInvalid, match="no telephone number"):
        describe(number)


def test_a_number_of_a_country_that_is_no_more():
    with pytest.raises(OptionsInvalid, match="Czechoslovakia"):
        describe("+42 2 1234567")


def test_what_a_value_says_stands_on_the_graph():
    said = {each.prop: each.value for each in derived(entity_of("phone", "+44 20 7946 0018"))}
    assert said["country"] == "GB"
    assert said["region"] == "London"
    assert said["zones"] == "Europe/London"
    said = {each.prop: each.value for each in derived(entity_of("domain", "a.b.host.example"))}
    assert said == {"registered_domain": "host.example"}
    assert derived(entity_of("person", "Ann")) == []
