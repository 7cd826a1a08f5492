// Makes the plain form of the query page an editor with results below it. Asks this service only.
"use strict";
(() => {
  const place = document.getElementById("editor");
  const field = document.getElementById("query");
  const prefixes = JSON.parse(place.dataset.prefixes);

  // The completers that come with it ask other sites.
  Yasqe.forkAutocompleter("prefixes", {
    name: "known-prefixes",
    persistenceId: null,
    get: () => Object.entries(prefixes).map(([name, iri]) => `${name}: <${iri}>`),
  });
  Yasqe.defaults.autocompleters = ["variables", "known-prefixes"];

  // An IRI of the data is text and leads to our page of it, whatever its scheme says.
  Yasr.plugins.table.prototype.getUriLinkFromBinding = ({ value }) => {
    const link = document.createElement("a");
    const known = Object.entries(prefixes).find(([, iri]) => value.startsWith(iri));
    link.className = "iri";
    link.href = "/pages/things/" + encodeURIComponent(value);
    link.textContent = known ? `${known[0]}:${value.slice(known[1].length)}` : value;
    return link.outerHTML;
  };

  const problem = async ({ text }) => {
    const told = document.createElement("p");
    told.className = "problem";
    told.setAttribute("role", "alert");
    try {
      const { detail, title, line } = JSON.parse(text);
      told.textContent = (detail || title) + (line ? ` (line ${line})` : "");
    } catch {
      told.textContent = text || "The service does not answer.";
    }
    return told;
  };

  field.closest("form").hidden = true;
  place.hidden = false;
  const editor = new Yasqe(place, {
    value: field.value,
    persistenceId: null, // nothing is left in the browser when its user has signed out
    createShareableLink: null,
    consumeShareLink: null,
    requestConfig: {
      endpoint: "/sparql",
      method: "POST",
      queryArgument: "query", // an update is refused: this page asks
      headers: place.dataset.csrf ? { "X-CSRF-Token": place.dataset.csrf } : {},
    },
  });
  editor.getInputField().setAttribute("aria-label", "SPARQL query. Press Escape, then Tab, to leave it.");
  editor.setOption("extraKeys", { ...editor.getOption("extraKeys"), Tab: false, "Shift-Tab": false });
  let results = null;
  editor.on("queryResponse", (_, response, milliseconds) => {
    if (!results) {
      const shown = document.getElementById("results");
      shown.replaceChildren(); // the answer that came with the page
      results = new Yasr(shown, { persistenceId: null, prefixes, errorRenderers: [problem] });
    }
    results.setResponse(response, milliseconds);
    const address = "/pages/query?query=" + encodeURIComponent(editor.getValue());
    if (address.length < 6000) history.replaceState(null, "", address);
  });
})();
