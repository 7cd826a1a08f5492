"""What people need to find their way: where they are, words for codes, and what to do on a page that is empty."""

import asyncio
import re
from urllib.parse import quote

import httpx
import pytest
from fastapi.testclient import TestClient

from aims_api import Settings, create_app
from aims_graph.workspace import Workspace

SHOP = "https://shop.example/aims#"


def of_shop(name):
    return quote(SHOP + name, safe="")


def main(answer):
    assert answer.status_code == 200, answer.text
    return answer.text.partition("<main")[2].partition("</main>")[0]


def words(html):
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


@pytest.fixture
def empty(tmp_path):
    """``empty("editor")``: a client of a workspace in which nothing is recorded."""
    app = create_app(Workspace.create(tmp_path / "empty"), settings=Settings(burst=10_000))

    def client(role):
        key = app.state.core.keys.create(role, [role], read=["*"], write=["*"]).text
        return TestClient(app, headers={"Authorization": f"Bearer {key}"})

    yield client
    app.state.core.close()


@pytest.mark.parametrize(
    ("path", "trail"),
    [
        ("requirements/6.1.3", ["Overview", "6 Planning"]),
        ("systems/pricing", ["Overview", "Records", "AI systems"]),
        ("things/" + of_shop("fraud-train"), ["Overview", "Records", "Datasets"]),
        ("records/risks", ["Overview", "Records"]),
        ("trace/" + of_shop("pricing"), ["Overview", "Dynamic pricing"]),
        ("rules/SystemInUseIsWithinScope", ["Overview", "Rules"]),
        ("questions/untreated-risks", ["Overview", "Questions"]),
        ("audits/audit-2027/requirements/A.7.4", ["Overview", "Audits", "Audit of the controls, 2027"]),
        ("journal/1", ["Overview", "Journal"]),
        ("edit/" + of_shop("pricing"), ["Overview", "Records", "Dynamic pricing"]),
        ("vocabulary/AISystem", ["Overview", "Vocabulary"]),
    ],
)  # fmt: skip
def test_a_page_says_where_it_stands_and_each_step_back_is_there(shop, path, trail):
    text = shop.get("/pages/" + path).text
    found = text.partition('aria-label="You are here"')[2].partition("</nav>")[0]
    steps = re.findall(r'<li><a href="([^"]+)">([^<]+)</a></li>', found)
    assert [name for _, name in steps] == trail
    assert 'aria-current="page"' in found
    for address, _ in steps:
        assert shop.get(address.partition("#")[0]).status_code == 200
    anchor = steps[-1][0].partition("#")[2]
    assert not anchor or f'id="{anchor}"' in shop.get("/pages/").text


def test_the_navigation_marks_where_one_is(shop):
    for path, name in (("", "Overview"), ("findings", "Findings"), ("records/risks", "Records")):
        marked = re.findall(r'aria-current="(?:page|true)">([^<]+)</a>', shop.get("/pages/" + path).text)  # fmt: skip
        assert marked == [name]


def test_one_walks_from_requirement_to_requirement(shop):
    text = main(shop.get("/pages/requirements/6.1.3"))
    assert 'href="/pages/requirements/6.1.2"' in text
    assert 'href="/pages/requirements/6.1.4"' in text
    assert "Before:" not in main(shop.get("/pages/requirements/4.1"))
    assert "Next:" not in main(shop.get("/pages/requirements/A.10.4"))


def test_a_word_of_a_record_leads_to_what_it_means_and_where_else_it_is_said(shop):
    record = main(shop.get("/pages/systems/pricing"))
    assert '<a href="/pages/vocabulary/HighImpact">High impact</a>' in record
    meaning = main(shop.get("/pages/vocabulary/HighImpact"))
    assert "Impact level" in meaning
    assert '<a href="/pages/systems/fraud">Fraud detection</a>' in meaning
    assert shop.get("/pages/vocabulary/NoSuchTerm").status_code == 404
    found = main(shop.get("/pages/vocabulary?q=deployer"))
    assert 'href="/pages/vocabulary/AIDeployer"' in found or "deployer" in found.casefold()


def test_no_page_shows_a_placeholder_or_a_made_name(shop):
    for path in ("requirements/6.1.3", "rules", "search?q=risk", "things/" + of_shop("david-kim")):
        text = main(shop.get("/pages/" + path))
        assert "{?" not in text, path
        assert "hasRoleAssignment-" not in words(text), path
    assert "Role assignment of Dynamic pricing" in main(shop.get("/pages/systems/pricing"))


def test_a_record_says_first_what_it_is_and_yes_instead_of_true(shop):
    text = main(shop.get("/pages/systems/pricing")).partition("<h2>Record</h2>")[2]
    names = re.findall(r"<dt>([^<]+)</dt>", text)
    assert names[:2] == ["identifier", "owner"]
    assert names.index("affects people") < names.index("has change")
    assert "<dt>affects people</dt><dd>yes</dd>" in text


def test_records_are_listed_with_owner_and_findings(shop):
    text = main(shop.get("/pages/records/risks"))
    row = text.partition("Minority language speakers wait longer")[2].partition("</tr>")[0]
    assert "Lena Fischer" in row
    assert "1 finding" in row


def test_evidence_says_what_it_is_how_it_stands_and_from_when(shop):
    text = words(main(shop.get("/pages/requirements/6.1.3")))
    assert "Risk treatment plan Treatment plan, current, of 2026-02-02, approved 2026-02-20" in text


def test_an_entry_of_the_journal_is_said_in_words(tell, admin):
    entry = tell('ex:bot a aims:AISystem ; rdfs:label "Chatbot" ; aims:owner ex:maria .')
    admin.app.state.core.written[admin.get("/self").json()["id"]] = entry
    text = main(admin.get(f"/pages/journal/{entry}"))
    assert "<li>owner: <a " in text
    assert "Maria López" in text
    assert "UTC" in text
    assert "&lt;https://shop.example/aims#bot&gt;" in text


def test_the_journal_is_proved_on_a_page_and_a_change_shows(workspace, admin, reader):
    text = main(admin.get("/pages/journal/verification"))
    assert "The journal is whole" in text
    assert admin.get("/journal-verification").json()["root"] in text
    assert reader.get("/pages/journal/verification").status_code == 403
    part = next(p for p in workspace.journal.folder.rglob("*") if p.is_file() and p.stat().st_size)
    data = bytearray(part.read_bytes())
    data[len(data) // 2] ^= 1
    part.chmod(0o600)
    part.write_bytes(data)
    assert "The journal is not as it was written" in main(admin.get("/pages/journal/verification"))


def test_a_question_takes_a_name_and_calls_columns_as_people_do(shop):
    text = main(shop.get("/pages/questions/decision-log?system=Fraud+detection"))
    assert "Model version</th>" in text
    assert "decidedOn" not in text.partition("<details")[0]
    assert "2 rows." in text
    assert "Dynamic pricing" not in text.partition("<details")[0]
    refused = shop.get("/pages/questions/decision-log?system=No+such+system")
    assert refused.status_code == 422
    assert "Nothing is called" in refused.text


@pytest.mark.parametrize("role", ["auditor", "editor"])
def test_pages_of_an_empty_workspace_say_what_to_do(empty, role):
    client = empty(role)
    writes = role == "editor"
    overview = main(client.get("/pages/"))
    assert "Nothing is recorded yet." in overview
    assert ('href="/pages/new?class=AIManagementSystem"' in overview) is writes
    assert "<img" not in overview
    for path, said in (
        ("journal", "Nothing was recorded yet."),
        ("trend", "As soon as something is recorded"),
        ("heat-map", "No AI system is recorded yet"),
        ("statement-of-applicability", "no entry says whether it applies"),
        ("records/risks", "None is recorded"),
        ("requirements/6.1.3", "comes first: see"),
        ("approvals", "Nothing waits."),
    ):
        assert said in main(client.get("/pages/" + path)), path
    found = re.findall(r'href="(/pages/new[^"]*)"', overview)
    assert bool(found) is writes
    for address in found:
        assert client.get(address).status_code == 200, address


def test_many_findings_are_shown_by_rule(workspace, tell, admin):
    entry = tell("".join(f'ex:s{n} a aims:AISystem ; rdfs:label "System {n}" .\n' for n in range(120)))  # fmt: skip
    admin.app.state.core.written[admin.get("/self").json()["id"]] = entry
    text = main(admin.get("/pages/"))
    address, count = re.search(
        r'<a href="(/pages/findings\?rule=[^"]+)">(\d+) findings<', text
    ).groups()
    assert int(count) >= 120
    assert f"{count} findings of this selection" in words(main(admin.get(address)))
    assert text.count("<tr>") < 200


def test_a_heat_map_of_many_systems_has_pages(tell, admin):
    entry = tell("".join(f'ex:s{n} a aims:AISystem ; rdfs:label "System {n}" .\n' for n in range(50)))  # fmt: skip
    admin.app.state.core.written[admin.get("/self").json()["id"]] = entry
    first = main(admin.get("/pages/heat-map"))
    second = main(admin.get("/pages/heat-map?offset=40"))
    heads = [re.findall(r'<th scope="col"><a [^>]*>([^<]+)</a></th>', t) for t in (first, second)]
    assert [len(h) for h in heads] == [40, len(set(heads[1]))]
    assert not set(heads[0]) & set(heads[1])
    assert 'href="/pages/heat-map?offset=40"' in first


def test_a_slow_trend_shows_what_it_has_and_goes_on(tell, admin, monkeypatch):
    for number in range(5):
        entry = tell(f'ex:s{number} a aims:AISystem ; rdfs:label "S" .')
    admin.app.state.core.written[admin.get("/self").json()["id"]] = entry
    monkeypatch.setattr("aims_api.pages.trend.SECONDS", -1.0)
    address = "/pages/trend?by=entries&points=6&as_of=2100-01-01"
    text = main(admin.get(address))
    assert "Earlier points are not worked out yet." in text
    assert 0 < text.count('<th scope="row">') < 6
    monkeypatch.setattr("aims_api.pages.trend.SECONDS", 3600.0)
    text = main(admin.get(address))
    assert text.count('<th scope="row">') == 6
    assert "Earlier points" not in text


def test_a_refusal_says_who_one_is_and_what_to_do(shop):
    key = shop.app.state.core.keys.create("Rita", ["reader"], read=["*"]).text
    rita = TestClient(shop.app, headers={"Authorization": f"Bearer {key}"})
    for path in ("journal", "edit/" + of_shop("pricing")):
        answer = rita.get("/pages/" + path)
        assert answer.status_code == 403
        assert "You are signed in as Rita (reader)." in answer.text
    answer = rita.get("/pages/nothing")
    assert answer.status_code == 404
    assert 'role="search"' in answer.text


def test_a_form_of_somebody_unknown_is_not_read(client):
    read = []

    async def body():
        for _ in range(3):
            read.append(1)
            yield b"x" * 1024

    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(client.app)
        kind = {"Content-Type": "multipart/form-data; boundary=b"}
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as stranger:
            return await stranger.post("/pages/upload/x", content=body(), headers=kind)

    answer = asyncio.run(send())
    assert (answer.status_code, read) == (303, [])
    assert answer.headers["location"].startswith("/pages/sign-in?next=")
