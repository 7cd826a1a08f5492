"""What `aims check` says of shapes that ask for more than SHACL 1.0."""

import pytest

PREFIXES = """@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix ex: <https://shop.example/> .
"""


@pytest.mark.parametrize(
    ("said", "feature"),
    [
        ("sh:rule [ a sh:TripleRule ; sh:subject sh:this ; sh:predicate ex:p ; sh:object 1 ]", "sh:rule"),
        ("sh:target [ a sh:SPARQLTarget ; sh:select 'SELECT ?this {}' ]", "sh:target"),
        ("sh:property [ sh:path ex:p ; sh:values [ sh:path ex:q ] ]", "sh:values"),
        ("sh:expression [ ex:f ( sh:this ) ]", "sh:expression"),
        ("sh:js [ sh:jsFunctionName 'f' ]", "sh:js"),
    ],
)  # fmt: skip
def test_check_names_the_feature_and_the_shape_and_ends_with_2(aims, tmp_path, said, feature):
    shapes, data = tmp_path / "shapes.ttl", tmp_path / "data.ttl"
    shapes.write_text(f"{PREFIXES} ex:S a sh:NodeShape ; sh:targetClass ex:T ; {said} .")
    data.write_text(f"{PREFIXES} ex:a a ex:T .")
    answer = aims.run("check", data, "--shapes", shapes, code=2)
    assert f"({feature})" in answer.stderr
    assert "not supported" in answer.stderr
