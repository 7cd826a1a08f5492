"""Forms of records: what they hold, what they change, what they refuse."""

import re
from html.parser import HTMLParser
from urllib.parse import quote

import pytest

from aims_api.patches import read_patch
from aims_graph.vocabulary import AIMS

EX = "https://shop.example/aims#"
DATA = """
@prefix aims: <https://w3id.org/aims-graph/ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix ex: <https://shop.example/aims#> .
ex:odd a aims:AISystem ; rdfs:label "Odd"@en, "Sonderbar"@de ; aims:owner ex:maria ;
  aims:intendedUse "\\n  two\\nlines\\r\\nand \\u202Ea third", " spaced ", "x"@tlh ;
  aims:retiredOn "2026-06-30Z"^^xsd:date, "soon" ; aims:affectsPeople "1"^^xsd:boolean ;
  aims:impactLevel ex:unknown-level ; <urn:other:property> "kept", <javascript:alert(1)> .
ex:policy a aims:AIPolicy ; rdfs:label "AI policy" ; aims:documentStatus aims:Draft ; aims:author ex:erik .
ex:erik a aims:Person ; rdfs:label "Erik" .
ex:twin1 a aims:Person ; rdfs:label "Twin" . ex:twin2 a aims:Person ; rdfs:label "Twin" .
"""


class Form(HTMLParser):
    """What a browser would send of the form whose address begins so, when nobody touches it."""

    def __init__(self, text, action):
        super().__init__()
        self.action, self.values, self._wanted = "", {}, action
        self._area = self._select = None
        self._inside = False
        self.feed(text)
        assert self.action, f"no form for {action} in {text[:3000]}"

    def handle_starttag(self, tag, attrs):
        at = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = at["action"].startswith(self._wanted) and not self.action
            self.action = at["action"].partition("#")[0] if self._inside else self.action
        if not self._inside:
            return
        name = at.get("name")
        if tag == "input" and name and at.get("type") not in ("checkbox", "radio", "file"):
            self.values[name] = at.get("value", "")
        elif tag == "input" and name and "checked" in at:
            self.values[name] = at["value"]
        elif tag == "textarea":
            self._area, self.values[name] = name, ""
        elif tag == "select":
            self._select = name
        elif tag == "option" and ("selected" in at or self._select not in self.values):
            self.values[self._select] = at["value"]

    def handle_data(self, data):
        if self._area is not None:
            self.values[self._area] += data

    def handle_endtag(self, tag):
        if tag == "textarea" and self._area is not None:
            text = self.values[self._area].removeprefix("\n")  # as HTML says
            self.values[self._area] = re.sub(r"\r?\n|\r", "\r\n", text)
            self._area = None
        elif tag == "select":
            self._select = None
        elif tag == "form":
            self._inside = False


@pytest.fixture
def odd(workspace, core):
    workspace.commit(
        read_patch(DATA.encode(), "turtle", "urn:aims:source:records"),
        reason="Odd", source="test", actor="somebody",
    )  # fmt: skip
    core.snapshots.notice()
    return workspace


def fresh(client, workspace):
    """Reads what was written by others too."""
    client.get("/systems", params={"after": workspace.sequence})
    return client


def address(what, name):
    return f"/pages/{what}/{quote(EX + name, safe='')}"


def open_form(client, name="odd"):
    answer = client.get(address("edit", name))
    assert answer.status_code == 200, answer.text[:2000]
    return Form(answer.text, "/pages/edit/")


def send(client, form, **changes):
    values = {**form.values, **changes}
    return client.post(form.action, data=values, follow_redirects=False)


def save(client, form, **changes):
    """Looks at the effect, then saves."""
    looked = send(client, form, act="preview", **changes)
    again = Form(looked.text, form.action)
    return send(client, again, act="save", reason="Because")


def properties(client, name, after):
    return client.get(f"/systems/{name}", params={"after": after}).json()["properties"]


def test_a_form_that_nobody_touched_changes_nothing(editor, odd):
    form = open_form(fresh(editor, odd))
    sequence = odd.sequence
    answer = send(editor, form, act="save", reason="x")
    assert "Nothing was changed yet" in answer.text
    assert odd.sequence == sequence


def test_what_somebody_changes_leaves_the_rest_as_it_was(editor, odd):
    form = open_form(fresh(editor, odd))
    before = properties(editor, "odd", odd.sequence)
    name = next(n for n, v in form.values.items() if v == "Odd")
    done = save(editor, form, **{name: "Even odder"})
    assert done.status_code == 303, done.text[:3000]
    after = properties(editor, "odd", odd.sequence)
    assert {"value": "Even odder", "language": "en"} in after["label"]
    assert {k: v for k, v in after.items() if k != "label"} == {
        k: v for k, v in before.items() if k != "label"
    }
    entry = list(odd.journal.entries())[-1]
    assert (entry.reason, entry.added_count, entry.removed_count) == ("Because", 1, 1)


def test_a_look_at_the_effect_writes_nothing_and_goes_before_saving(editor, odd):
    form = open_form(fresh(editor, odd))
    sequence = odd.sequence
    owner = next(n for n in form.values if n.startswith("v.owner."))
    looked = send(editor, form, act="preview", **{owner: ""})
    assert "What it would do" in looked.text
    assert "has no owner" in looked.text or "owner" in looked.text.partition("would appear")[2]
    assert "Look again" not in looked.text
    hasty = send(editor, form, act="save", reason="x", **{owner: ""})
    assert "look again" in hasty.text
    unexplained = send(editor, Form(looked.text, "/pages/edit/"), act="save", reason=" ")
    assert unexplained.status_code == 422
    assert 'id="reason-problem"' in unexplained.text
    assert odd.sequence == sequence


@pytest.mark.parametrize(
    ("field", "text", "said"),
    [
        ("v.owner.1", "Nobody of this name", "nothing that fits"),
        ("v.owner.1", "Twin", "2 things"),
        ("v.retiredOn.2", "tomorrow", "form of date"),
        ("v.systemStage.0", "javascript alert", "nothing that fits"),
    ],
)
def test_a_wrong_value_is_named_at_its_field(editor, odd, field, text, said):
    form = open_form(fresh(editor, odd))
    sequence = odd.sequence
    answer = send(editor, form, act="preview", **{field: text})
    assert answer.status_code == 422
    name = field.rsplit(".", 1)[0]
    assert f'id="{name}.0-problem"' in answer.text
    assert said in answer.text.casefold()
    if field.startswith("v.retiredOn"):  # a choice offers only what there is
        assert Form(answer.text, "/pages/edit/").values[field] == text
    assert odd.sequence == sequence


def test_a_person_is_named_by_label(editor, odd):
    form = open_form(fresh(editor, odd))
    done = save(editor, form, **{"v.owner.0": "Erik"})
    assert done.status_code == 303, done.text[:3000]
    assert properties(editor, "odd", odd.sequence)["owner"][0]["label"] == "Erik"


def test_a_conflict_shows_what_somebody_else_changed_and_keeps_both(editor, login, odd):
    form = open_form(fresh(editor, odd))
    other = login("editor", name="Other editor")
    their = open_form(fresh(other, odd))
    label = next(n for n, v in form.values.items() if v == "Odd")
    assert save(other, their, **{label: "Theirs", "v.owner.0": "Erik"}).status_code == 303
    fresh(editor, odd)
    answer = send(
        editor, form, act="save", reason="Mine", **{label: "Mine", "v.comment.0": "New remark"}
    )
    assert answer.status_code == 409
    text = answer.text
    assert "Other editor" in text.partition("Somebody else changed")[2]
    assert "It now says:" in text
    merged = Form(text, "/pages/edit/")
    assert merged.values["v.comment.0"] == "New remark"
    assert "Mine" in merged.values.values()
    done = save(editor, merged)
    assert done.status_code == 303, done.text[:3000]
    now = properties(editor, "odd", odd.sequence)
    assert {v["value"] for v in now["label"]} == {"Mine", "Sonderbar"}
    assert now["owner"][0]["label"] == "Erik"
    assert now["comment"][0]["value"] == "New remark"


def test_a_new_thing_is_made_and_linked_in_one_entry(editor, odd):
    fresh(editor, odd)
    page = editor.get(address("edit", "odd")).text
    link = next(
        a.replace("&amp;", "&")
        for a in re.findall(r'href="(/pages/new\?[^"]*)"', page)
        if re.search(r"by=hasRisk(&|$)", a)
    )
    form = Form(editor.get(link).text, "/pages/new")
    unnamed = send(editor, form, act="preview")
    assert "Give it a name" in unnamed.text
    sequence = odd.sequence
    done = save(editor, form, **{"v.label.0": "Unfair odds"})
    assert done.status_code == 303, done.text[:3000]
    assert odd.sequence == sequence + 1
    assert properties(editor, "odd", odd.sequence)["hasRisk"][0]["label"] == "Unfair odds"


def test_each_kind_can_be_made_from_a_form(editor, odd):
    from aims_api.things import KINDS

    for kind in KINDS:
        answer = editor.get(f"/pages/new?kind={kind}")
        assert answer.status_code == 200, kind
        links = re.findall(r'href="(/pages/new\?class=[^"]*)"', answer.text)
        for link in links[:1]:
            assert editor.get(link).status_code == 200


def test_a_record_is_retired_with_a_reason(editor, odd):
    fresh(editor, odd)
    form = Form(editor.get(address("retire", "odd")).text, "/pages/retire/")
    assert send(editor, form).status_code == 422
    done = send(editor, form, reason="Replaced")
    assert done.status_code == 303
    stage = properties(editor, "odd", odd.sequence)["systemStage"]
    assert stage[0]["iri"] == AIMS + "Retirement"
    assert list(odd.journal.entries())[-1].reason == "Replaced"


def test_a_file_is_stored_and_given_out_again(editor, odd):
    fresh(editor, odd)
    form = Form(editor.get(address("upload", "policy")).text, "/pages/upload/")
    files = {"file": ("policy.txt", b"We are careful.", "text/plain")}
    bare = editor.post(form.action, data=form.values, follow_redirects=False)
    assert (bare.status_code, "Choose a file" in bare.text) == (422, True)
    wrong = {"file": ("policy.exe", b"MZ", "application/x-msdownload")}
    values = {**form.values, "reason": "Signed"}
    assert editor.post(form.action, data=values, files=wrong).status_code == 415
    done = editor.post(form.action, data=values, files=files, follow_redirects=False)
    assert done.status_code == 303, done.text[:2000]
    page = editor.get(done.headers["location"]).text
    link = re.search(r'href="(/evidence/[^"]*/file)"', page).group(1)
    assert editor.get(link).content == b"We are careful."
    assert editor.get(address("upload", "erik")).status_code == 404


def test_an_approver_sees_what_waits_and_approves_it(login, odd):
    approver = fresh(login("approver", person=EX + "maria"), odd)
    assert "AI policy" in approver.get("/pages/approvals").text
    form = Form(approver.get(address("approve", "policy")).text, "/pages/approve/")
    assert send(approver, form).status_code == 422
    done = send(approver, form, reason="Read and agreed")
    assert done.status_code == 303, done.text[:2000]
    assert "AI policy" not in approver.get("/pages/approvals").text.partition("<main")[2]
    assert list(odd.journal.entries())[-1].reason == "Read and agreed"


def test_who_did_or_wrote_it_reads_why_they_may_not_approve(login, odd):
    erik = fresh(login("approver", person=EX + "erik"), odd)
    page = erik.get(address("approve", "policy"))
    assert "who did the work does not approve it" in page.text.casefold()
    assert 'name="reason"' not in page.text
    sequence = odd.sequence
    answer = erik.post(address("approve", "policy"), data={"reason": "x"})
    assert (answer.status_code, odd.sequence) == (403, sequence)
    nobody = fresh(login("approver"), odd)
    assert "which person" in nobody.get(address("approve", "policy")).text


def test_another_key_of_the_same_person_does_not_approve_what_they_wrote(login, odd):
    writer = fresh(login("editor", person=EX + "maria"), odd)
    form = open_form(writer, "policy")
    assert save(writer, form, **{"v.version.0": "2.0"}).status_code == 303
    approver = fresh(login("approver", person=EX + "maria"), odd)
    page = approver.get(address("approve", "policy"))
    assert "who wrote the record does not approve it" in page.text.casefold()
    answer = approver.post("/documents/policy/approval", json={"reason": "x"})
    assert answer.status_code == 403


@pytest.mark.parametrize("role", ["reader", "auditor", "approver"])
def test_only_who_may_write_gets_forms_for_records(login, odd, role):
    client = fresh(login(role, person=EX + "maria"), odd)
    for what in ("edit", "retire"):
        assert client.get(address(what, "odd")).status_code == 403
        assert client.post(address(what, "odd"), data={"reason": "x"}).status_code == 403
    assert client.get("/pages/new?class=Risk").status_code == 403
    assert "/pages/edit/" not in client.get("/pages/systems/odd").text


def test_a_form_without_the_token_of_the_session_writes_nothing(client, core, odd):
    key = core.keys.create("e", ["editor"], read=["*"], write=["*"]).text
    client.post("/pages/sign-in", data={"key": key})
    form = open_form(fresh(client, odd))
    sequence = odd.sequence
    for path in (form.action, address("retire", "odd"), "/pages/new", address("upload", "policy")):
        values = {k: v for k, v in form.values.items() if k != "csrf"} | {"reason": "x"}
        assert client.post(path, data=values).status_code == 403, path
    assert odd.sequence == sequence


def test_terms_of_the_vocabulary_are_not_edited(editor, odd):
    path = "/pages/edit/" + quote(AIMS + "AISystem", safe="")
    assert editor.get(path).status_code in (403, 404)
    assert editor.get("/pages/edit/urn:nothing:said").status_code == 404
