// Opens pages in a headless Chromium over its debugging protocol and runs axe-core in each.
// node --experimental-websocket axe.mjs PORT AXE_FILE COOKIE ADDRESS…  ->  JSON: address -> violations
import { readFileSync } from "node:fs";

const [port, axeFile, cookie, ...addresses] = process.argv.slice(2);
const axe = readFileSync(axeFile, "utf8");
const made = await fetch(`http://127.0.0.1:${port}/json/new?about:blank`, { method: "PUT" });
const socket = new WebSocket((await made.json()).webSocketDebuggerUrl);
await new Promise((resolve) => (socket.onopen = resolve));
let last = 0;
const waiting = new Map();
let loaded = () => {};
socket.onmessage = ({ data }) => {
  const message = JSON.parse(data);
  if (message.method === "Page.loadEventFired") loaded();
  waiting.get(message.id)?.(message);
};
const send = (method, params = {}) =>
  new Promise((resolve) => {
    waiting.set(++last, resolve);
    socket.send(JSON.stringify({ id: last, method, params }));
  });
await send("Page.enable");
await send("Network.enable");
const found = {};
for (const address of addresses) {
  if (cookie) await send("Network.setCookie", { name: "aims_session", value: cookie, url: address });
  const done = new Promise((resolve) => (loaded = resolve));
  await send("Page.navigate", { url: address });
  await done;
  await send("Runtime.evaluate", { expression: axe });
  const { result } = await send("Runtime.evaluate", {
    expression:
      "axe.run().then((r) => ({violations: r.violations.map((v) => v.id + ': ' + v.nodes.map((n) => n.html.slice(0, 150)).slice(0, 3).join(' | ')), passes: r.passes.length}))",
    awaitPromise: true,
    returnByValue: true,
  });
  found[address] = result.result?.value ?? { violations: ["axe did not run: " + JSON.stringify(result)], passes: 0 };
}
console.log(JSON.stringify(found));
socket.close();
