// Walks through pages in a headless Chromium over its debugging protocol.
// node --experimental-websocket browser.mjs PORT < STEPS  ->  JSON {answers, requests, troubles}
// A step is one of {"cookie": [ADDRESS, VALUE]}, {"go": ADDRESS}, {"wait": SCRIPT}, {"ask": SCRIPT},
// {"keys": [NAME…]}, {"type": TEXT}, {"size": [WIDTH, HEIGHT]}, {"picture": FILE}, {"print": FILE};
// "ask" adds its value to the answers, "wait" goes on when its script is true.
import { readFileSync, writeFileSync } from "node:fs";

const made = await fetch(`http://127.0.0.1:${process.argv[2]}/json/new?about:blank`, { method: "PUT" });
const socket = new WebSocket((await made.json()).webSocketDebuggerUrl);
await new Promise((resolve) => (socket.onopen = resolve));
let last = 0;
let loaded = () => {};
const waiting = new Map();
const [answers, requests, troubles] = [[], [], []];
socket.onmessage = ({ data }) => {
  const { id, method, params, result, error } = JSON.parse(data);
  if (id) return waiting.get(id)?.(error ? Promise.reject(new Error(error.message)) : result);
  if (method === "Page.loadEventFired") loaded();
  if (method === "Network.requestWillBeSent") requests.push(params.request.url);
  if (method === "Runtime.exceptionThrown") troubles.push(params.exceptionDetails.exception?.description ?? params.exceptionDetails.text);
  if (method === "Log.entryAdded" && params.entry.level === "error") troubles.push(`${params.entry.text} ${params.entry.url ?? ""}`);
  if (method === "Page.javascriptDialogOpening") {
    troubles.push(`dialog: ${params.message}`);
    send("Page.handleJavaScriptDialog", { accept: true });
  }
};
const send = (method, params = {}) =>
  new Promise((resolve) => {
    waiting.set(++last, resolve);
    socket.send(JSON.stringify({ id: last, method, params }));
  });
const run = async (expression) => {
  const { result, exceptionDetails } = await send("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
  if (exceptionDetails) throw new Error(`${expression}: ${exceptionDetails.exception?.description ?? exceptionDetails.text}`);
  return result.value;
};
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const CODES = { Tab: 9, Enter: 13, Escape: 27, " ": 32 };
const steps = {
  cookie: ([url, value]) => send("Network.setCookie", { name: "aims_session", value, url, httpOnly: true }),
  go: async (url) => {
    const done = new Promise((resolve) => (loaded = resolve));
    const { errorText } = await send("Page.navigate", { url });
    if (errorText) throw new Error(`${url}: ${errorText}`);
    await done;
  },
  wait: async (script) => {
    for (let tries = 0; tries < 600; tries++) {
      if (await run(script).catch(() => false)) return; // a page in between answers nothing
      await pause(100);
    }
    throw new Error(`never: ${script}\n${await run("document.body.innerText")}`);
  },
  ask: async (script) => answers.push(await run(script)),
  keys: async (names) => {
    for (const key of names) {
      const event = { key, code: key, windowsVirtualKeyCode: CODES[key], text: key === "Enter" ? "\r" : key === " " ? " " : undefined };
      await send("Input.dispatchKeyEvent", { type: "keyDown", ...event });
      await send("Input.dispatchKeyEvent", { type: "keyUp", ...event });
    }
  },
  type: (text) => send("Input.insertText", { text }),
  size: ([width, height]) => send("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: 1, mobile: width < 600 }),
  picture: async (file) => writeFileSync(file, Buffer.from((await send("Page.captureScreenshot")).data, "base64")),
  print: async (file) => writeFileSync(file, Buffer.from((await send("Page.printToPDF", { paperWidth: 8.27, paperHeight: 11.69, preferCSSPageSize: true })).data, "base64")),
};
for (const domain of ["Page", "Network", "Runtime", "Log"]) await send(`${domain}.enable`);
for (const step of JSON.parse(readFileSync(0, "utf8"))) {
  for (const [name, given] of Object.entries(step)) await steps[name](given);
}
console.log(JSON.stringify({ answers, requests, troubles }));
socket.close();
