"""What packs know, read strictly and claimed carefully."""

from __future__ import annotations

import json
from collections import defaultdict

import pytest

from clew.case.graph import Graph
from clew.case.learning import learn
from clew.errors import SourceUnusable
from clew.formats.knowledge_packs import read_pack
from clew.model.statements import Judged
from tests.case.exports import make_case

GALAXY = {
    "type": "threat-actor",
    "name": "Threat actor",
    "version": 7,
    "values": [
        {
            "value": "Grey Heron",
            "uuid": "u1",
            "meta": {
                "synonyms": ["APT-Z1", "Reedbed"],
                "country": "XX",
                "refs": ["https://a.example/"],
            },
        },
        {"value": "Mud Lark", "uuid": "u2", "meta": {"synonyms": ["Reedbed", 7, None]}},
        {"value": "\u202e", "uuid": "u3"},
        {"meta": None},
    ],
}
BUNDLE = {
    "type": "bundle",
    "objects": [
        {"type": "malware", "name": "Siltworm", "x_mitre_aliases": ["Siltworm", "Ooze"], "id": "m"},
        {"type": "malware", "name": "Old", "revoked": True},
        {
            "type": "attack-pattern",
            "name": "Phishing",
            "external_references": [{"external_id": "T1566", "url": "https://t.example/"}],
        },
        {"type": "relationship"},
        {"type": "tool", "name": ["no", "text"]},
    ],
}


@pytest.fixture
def case(tmp_path):
    opened = make_case(tmp_path / "case")
    yield opened
    opened.close()


def pack_of(content):
    return read_pack(json.dumps(content).encode())


def claimed(case, entity_id):
    properties = Graph(case).view().node(entity_id).properties
    return {name: [each.value for each in said] for name, said in properties.items()}


def test_reads_a_galaxy():
    pack = pack_of(GALAXY)
    assert pack.name.startswith("Threat actor 7, ")
    assert [entry.name for entry in pack.entries] == ["Grey Heron", "Mud Lark"]
    assert pack.entries[0].aliases == ("APT-Z1", "Reedbed")
    assert pack.entries[1].aliases == ("Reedbed",)
    assert pack.left == 2


def test_reads_a_bundle():
    pack = pack_of(BUNDLE)
    assert [(entry.kind, entry.name) for entry in pack.entries] == [
        ("malware", "Siltworm"),
        ("technique", "T1566"),
    ]
    assert pack.entries[0].aliases == ("Ooze",)
    assert pack.entries[1].properties == {"name": "Phishing"}
    assert pack.left == 3


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[]", b'{"type": "bundle"}', b'{"type": "list", "objects": []}', b"\xff",
             b'{"type": "sector", "values": []}', b'{"type": "threat-actor", "values": 3}']
)  # fmt: skip
def test_refuses_what_is_no_pack(data):
    with pytest.raises(SourceUnusable):
        read_pack(data)


def test_an_actor_is_given_its_aliases(case):
    graph = Graph(case)
    graph.add("actor_group", "grey heron")
    learnt = learn(case, pack_of(GALAXY))
    assert (learnt.known, learnt.unknown, learnt.ambiguous) == (1, 0, ())
    said = claimed(case, "actor_group:grey heron")
    assert sorted(said["aliases"]) == ["APT-Z1", "Grey Heron", "Reedbed"]
    assert said["country"] == ["XX"]
    graph.undo()
    assert claimed(case, "actor_group:grey heron") == {}


def test_a_phrase_is_linked_to_the_one_that_is_called_so(case):
    Graph(case).add("phrase", "APT-Z1")
    Graph(case).add("phrase", "Siltworm")
    learn(case, pack_of(GALAXY))
    learn(case, pack_of(BUNDLE))
    edges = {(edge.source, edge.link, edge.target) for edge in Graph(case).view().edges.values()}
    assert edges == {
        ("actor_group:Grey Heron", "uses_alias", "phrase:APT-Z1"),
        ("malware:Siltworm", "uses_alias", "phrase:Siltworm"),
    }


def test_of_an_ambiguous_name_nothing_is_claimed(case):
    Graph(case).add("phrase", "reedbed")
    learnt = learn(case, pack_of(GALAXY))
    assert learnt.ambiguous == (("phrase:reedbed", ("Grey Heron", "Mud Lark")),)
    assert learnt.applied.seq is None


def test_an_actor_is_no_malware(case):
    Graph(case).add("actor_group", "Siltworm")
    assert learn(case, pack_of(BUNDLE)).unknown == 1


@pytest.mark.shared_data
def test_no_ambiguous_name_of_a_real_galaxy_is_merged(case, shared_data):
    """Of the names that several of its actors have."""
    pack = read_pack((shared_data / "truth/actors/misp_galaxy/threat-actor.json").read_bytes())
    assert len(pack.entries) > 900
    holders = defaultdict(set)
    for entry in pack.entries:
        for name in (entry.name, *entry.aliases):
            holders[name.casefold()].add(entry.name)
    shared = sorted(name for name, names in holders.items() if len(names) > 1)
    assert len(shared) > 20
    graph = Graph(case)
    for name in shared:
        graph.add("phrase", name)
    learnt = learn(case, pack)
    assert len(learnt.ambiguous) == len(shared)
    assert learnt.applied.seq is None
    assert not [each for each in graph.view().judgements if each.prop == Judged.SAME]
