"""What rows become: nodes, values, links, blanks, and what is said about the rest."""

import pytest

from aims_graph.errors import InputError


def one(properties, *, subject='"{id}"', more="", source="{}"):
    """A mapping with one source and one entity; ``properties`` is YAML of one line each."""
    lines = "".join(f"      {line}\n" for line in properties)
    return (
        f"sources: {{t: {source}}}\nentities:\n  thing:\n    subject: {subject}\n{more}"
        f"    properties:\n{lines or '      {}' + chr(10)}"
    )


def triples(found):
    return {quad.triple for quad in found.quads}


def test_a_row_becomes_a_node_with_its_values(map_table, turtle):
    found = map_table(
        'id,name,n,when,ok,url\nA,  Ann ,"1,200",2024-01-31,Yes,https://y.example/\n',
        one(
            [
                "ex:name: {column: name}",
                "ex:n: {column: n, datatype: xsd:integer}",
                "ex:when: {column: when, datatype: xsd:date}",
                "ex:ok: {column: ok, datatype: xsd:boolean}",
                "ex:url: {column: url, datatype: iri}",
                "ex:said: {template: 'name: {name}', language: en}",
                "ex:kind: {constant: [ex:a, 5, '5']}",
            ],
            more="    type: [ex:Thing, ex:Other]\n",
        ),
    )
    assert triples(found) == turtle(
        ':A a ex:Thing, ex:Other ; ex:name "Ann" ; ex:n 1200 ; ex:when "2024-01-31"^^xsd:date ;'
        ' ex:ok true ; ex:url <https://y.example/> ; ex:said "name: Ann"@en ; ex:kind ex:a, 5, "5" .'
    )
    assert found.report.entities == {
        "https://x.example/ns#Thing": 1,
        "https://x.example/ns#Other": 1,
    }
    assert not found.report.not_understood


def test_what_a_blank_means_is_declared_for_each_column(map_table, turtle):
    found = map_table(
        "id,a,b,c,d\nA,,,,n/a\n",
        one(
            [
                "ex:a: {column: a}",
                "ex:b: {column: b, blank: not-reported}",
                "ex:c: {column: c, blank: {value: ex:none}}",
                "ex:d: {column: d, blanks: [n/a], blank: not-reported}",
            ]
        ),
    )
    assert triples(found) == turtle(":A aims:notReported ex:b, ex:d ; ex:c ex:none .")
    assert dict(found.report.sources[0].not_reported) == {"b": 1, "d": 1}


def test_a_blank_that_is_an_error_names_row_and_column(map_table):
    with pytest.raises(InputError, match="b: the value is missing") as error:
        map_table("id,b\nA,1\nB,\n", one(["ex:b: {column: b, blank: error}"]))
    assert (error.value.line, error.value.column) == (3, 2)


def test_a_value_list_translates_and_reports_what_it_does_not_know(map_table, turtle):
    values = "{Yes: aims:Completed, In-progress: aims:InProgress, 'NA': ignore, '': not-reported}"
    found = map_table(
        "id,s\nA,Yes\nB,In-progress\nC,NA\nD,\nE,perhaps\nF,perhaps\n",
        one([f"ex:s: {{column: s, values: {values}}}"]),
    )
    assert triples(found) == turtle(
        ":A ex:s aims:Completed . :B ex:s aims:InProgress . :D aims:notReported ex:s ."
        " :E rdfs:comment \"s given as 'perhaps': not understood\" ."
        " :F rdfs:comment \"s given as 'perhaps': not understood\" ."
    )
    (unknown,) = found.report.not_understood
    assert (unknown.column, unknown.value, unknown.rows) == ("s", "perhaps", [6, 7])


def test_an_unknown_value_may_be_an_error_or_kept(map_table, turtle):
    with pytest.raises(InputError, match="s: 'x' is not in the list") as error:
        map_table("id,s\nA,x\n", one(["ex:s: {column: s, values: {a: ex:b}, unknown: error}"]))
    assert (error.value.line, error.value.column) == (2, 2)
    found = map_table("id,s\nA,x\n", one(["ex:s: {column: s, values: {a: ex:b}, unknown: keep}"]))
    assert triples(found) == turtle(':A ex:s "x" .')


@pytest.mark.parametrize(
    ("how", "text"),
    [
        ("datatype: xsd:integer", "1.5"),
        ("datatype: xsd:decimal", "ten"),
        ("datatype: xsd:boolean", "perhaps"),
        ("datatype: xsd:date", "Q3 2024"),
        ("datatype: iri", "javascript:alert(1)"),
        ("datatype: xsd:anyURI", "no link"),
        ("datatype: xsd:duration", "a year"),
        ("transforms: [python-list]", "a and b"),
        ("transforms: [{extract: '[0-9]+'}]", "none"),
    ],
)
def test_a_value_of_another_kind_is_reported_and_not_invented(map_table, turtle, how, text):
    found = map_table(f"id,s\nA,{text}\n", one([f"ex:s: {{column: s, {how}}}"]))
    assert triples(found) == turtle(f":A rdfs:comment \"s given as '{text}': not understood\" .")
    (unknown,) = found.report.not_understood
    assert (unknown.value, unknown.rows) == (text, [2])


def test_notes_may_be_left_out_of_the_graph(map_table):
    mapping = "note: none\n" + one(["ex:s: {column: s, datatype: xsd:date}"])
    found = map_table(
        "id,s\nA,soon\n", "base: https://x.example/\nprefixes: {ex: 'urn:ex:'}\n" + mapping
    )
    assert found.quads == []
    assert len(found.report.not_understood) == 1


def test_cells_may_hold_several_values(map_table, turtle):
    found = map_table(
        'id,a,b\nA,x; y ;;x,"[\'c) Age\', ""d\'e""]"\nB,,[]\n',
        one(
            [
                "ex:a: {column: a, transforms: [{split: ';'}]}",
                "ex:b:",
                "  column: b",
                "  blank: not-reported",
                "  transforms: [python-list, {replace: {pattern: '^[a-z]\\) '}}]",
            ]
        ),
    )
    assert triples(found) == turtle(
        ':A ex:a "x", "y" ; ex:b "Age", "d\'e" . :B aims:notReported ex:b .'
    )


def test_one_row_gives_several_linked_nodes(map_table, turtle):
    found = map_table(
        "id,test,vendor\nA,Yes,Big Co; Small\nB,,\n",
        one(
            [
                "aims:hasVerification:",
                "  column: test",
                "  blank: not-reported",
                "  node:",
                "    subject: '{@subject}/test'",
                "    type: aims:Verification",
                "    properties: {aims:status: {column: test, values: {'Yes': aims:Completed}}}",
                "ex:vendor:",
                "  column: vendor",
                "  transforms: [{split: ';'}]",
                "  node:",
                "    subject: 'v/{@value|slug}'",
                "    type: aims:Supplier",
                "    properties: {rdfs:label: {template: '{@value}'}}",
                "ex:part: {when: {column: test, blank: false}, node: {type: ex:Part}}",
                "ex:of: {iri: 'all', inverse: true}",
            ]
        ),
    )
    assert triples(found) == turtle(
        ":A aims:hasVerification <https://x.example/A/test> ; ex:vendor <https://x.example/v/big-co>,"
        " <https://x.example/v/small> ; ex:part <https://x.example/A/part> ."
        "<https://x.example/A/test> a aims:Verification ; aims:status aims:Completed ."
        '<https://x.example/v/big-co> a aims:Supplier ; rdfs:label "Big Co" .'
        '<https://x.example/v/small> a aims:Supplier ; rdfs:label "Small" .'
        "<https://x.example/A/part> a ex:Part . :B aims:notReported aims:hasVerification ."
        ":all ex:of :A, :B ."
    )


@pytest.mark.parametrize(
    ("condition", "subjects"),
    [
        ("{column: a, equals: x}", "A"),
        ("{column: a, in: [x, y]}", "AB"),
        ("{column: a, not-in: [x, y]}", "C"),
        ("{column: a, blank: true}", "C"),
        ("{column: a, matches: '^[xz]'}", "A"),
        ("{all: [{column: a, blank: false}, {column: id, equals: B}]}", "B"),
        ("{any: [{column: a, equals: x}, {column: id, equals: C}]}", "AC"),
        ("{not: {column: a, equals: x}}", "BC"),
    ],
)
def test_conditions_choose_rows(map_table, condition, subjects):
    found = map_table(
        "id,a\nA,x\nB,y\nC,\n", one(["ex:k: {constant: 1}"], more=f"    when: {condition}\n")
    )
    assert sorted(quad.subject.value[-1] for quad in found.quads) == list(subjects)


def test_duplicate_ids_that_disagree_are_an_error_with_both_lines(map_table):
    with pytest.raises(InputError, match=r"lines 2 and 3 .* differ in t") as error:
        map_table("id,t\nA,x\nA,y\n", one(["ex:t: {column: t}"]))
    assert error.value.line == 3


@pytest.mark.parametrize(
    ("policy", "nodes", "note"),
    [
        ("skip", ["A"], "row not read"),
        ("suffix", ["A", "A-2"], "a number was added"),
        ("merge", ["A"], None),
    ],
)
def test_duplicate_ids_may_be_skipped_numbered_or_merged(map_table, policy, nodes, note):
    found = map_table(
        "id,t\nA,x\nA,y\n",
        one(["ex:t: {column: t}"], subject=f"{{template: '{{id}}', duplicates: {policy}}}"),
    )
    assert sorted({q.subject.value.rpartition("/")[2] for q in found.quads}) == nodes
    assert [n.rows for n in found.report.notes if note and note in n.message] == (
        [[3]] if note else []
    )


def test_a_repeated_row_is_read_once(map_table):
    found = map_table("id,t\nA,x\nA,x\n", one(["ex:t: {column: t}"]))
    assert len(found.quads) == 1
    assert "repeats" in found.report.notes[0].message


def test_a_blank_id_is_an_error_a_skip_or_a_fallback(map_table):
    table = "id,t\n,x\n"
    with pytest.raises(InputError, match="the id is blank") as error:
        map_table(table, one(["ex:t: {column: t}"]))
    assert error.value.line == 2
    found = map_table(table, one(["ex:t: {column: t}"], subject="{template: '{id}', blank: skip}"))
    assert found.quads == []
    assert found.report.notes[0].rows == [2]
    found = map_table(
        table, one(["ex:t: {column: t}"], subject="{template: '{id}', fallback: 'row-{@row}'}")
    )
    assert found.quads[0].subject.value == "https://x.example/row-2"


def test_the_digest_of_a_row_does_not_change_when_rows_move(map_table):
    how = one(["ex:t: {column: t}"], subject="'{@digest}'")
    before = {q.subject for q in map_table("id,t\n1,x\n2,y\n", how).quads}
    after = {q.subject for q in map_table("id,t\n2,y\n1,x\n", how).quads}
    assert before == after
    assert len(before) == 2


def test_an_id_cannot_climb_out_of_the_base(map_table):
    found = map_table("id\n../../etc\n", one(["ex:t: {constant: 1}"], subject="'s/{id}'"))
    assert found.quads[0].subject.value == "https://x.example/s/..%2F..%2Fetc"


def test_a_missing_column_is_an_error_of_the_mapping_with_a_hint(map_table):
    with pytest.raises(InputError, match=r"no column 'nmae'.* Did you mean 'name'") as error:
        map_table("id,name\nA,x\n", one(["ex:t: {column: nmae}"]))
    assert error.value.file.endswith("mapping.yaml")


def test_an_optional_column_may_be_missing(map_table, turtle):
    found = map_table(
        "id\nA\n",
        one(["ex:t: {column: t, blank: not-reported}"], source="{optional-columns: [t]}"),
    )
    assert triples(found) == turtle(":A aims:notReported ex:t .")


def test_long_headers_can_have_short_names(map_table, turtle):
    found = map_table(
        'id,"Use\n(Y/N)?"\nA,x\n',
        one(["ex:t: {column: use}"], source="{columns: {use: 'Use (Y/N)?'}}"),
    )
    assert triples(found) == turtle(':A ex:t "x" .')


def test_columns_that_are_not_mapped_are_reported(map_table):
    found = map_table(
        "id,a,b,c\nA,1,2,\nB,,3,\n",
        one(["ex:t: {column: a}"], source="{ignore-columns: [c]}"),
    )
    assert found.report.sources[0].unmapped == {"b": 2}


def test_the_first_value_may_be_the_only_one(map_table, turtle):
    found = map_table(
        "id,org,name\nA,1,One\nB,1,ONE\n",
        one(
            ["rdfs:label: {column: name, once: true}"],
            subject="{template: 'org/{org}', duplicates: merge}",
        ),
    )
    assert triples(found) == turtle('<https://x.example/org/1> rdfs:label "One" .')


def test_a_partial_record_says_so_on_each_of_its_nodes(map_table, turtle):
    found = map_table(
        "id\nA\n",
        "record: partial\n"
        + one(["ex:p: {node: {type: aims:Risk}}", "ex:q: {node: {type: ex:Q}}"]),
    )
    assert triples(found) == turtle(
        ":A ex:p <https://x.example/A/p> ; ex:q <https://x.example/A/q> ."
        "<https://x.example/A/q> a ex:Q ."
        "<https://x.example/A/p> a aims:Risk ; aims:recordCompleteness aims:PartialRecord ."
    )


def test_static_nodes_are_added_once_a_table_is_read(map_table, turtle):
    mapping = one([]) + "static:\n  - {iri: ex:p, type: ex:Q, properties: {rdfs:label: A name}}\n"
    assert triples(map_table("id\nA\n", mapping)) == turtle('ex:p a ex:Q ; rdfs:label "A name" .')


def test_a_cell_is_data_whatever_it_looks_like(map_table, turtle):
    found = map_table(
        "id,t\nA,\"=cmd|' /C calc'!A0\"\nB,{id} <script> aims:Risk\n", one(["ex:t: {column: t}"])
    )
    assert triples(found) == turtle(
        ':A ex:t "=cmd|\' /C calc\'!A0" . :B ex:t "{id} <script> aims:Risk" .'
    )


def test_lists_in_yaml_are_several_values(map_table, turtle):
    found = map_table(
        "A: {tags: [x, y], owner: {name: Ann}}",
        one(["ex:t: {column: tags}", "ex:o: {column: owner.name}"], subject="'{@key}'"),
        name="t.yaml",
    )
    assert triples(found) == turtle(':A ex:t "x", "y" ; ex:o "Ann" .')
