// An inbox, live: what comes in as cards. Other pages use the same two functions beside an asynchronous try.

const WORDS = { valid: "valid signature", invalid: "invalid signature", unsigned: "unsigned" };
const KINDS = { valid: "good", invalid: "bad", unsigned: "" };
const TOKENS = /("(?:\\.|[^"\\])*")(\s*:)?|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\b(?:true|false|null)\b/g;
const COLOURED = 200_000;

function made(tag, className, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children);
  return element;
}

// Listens to an inbox until it is over or `close` is called; each message comes once, in order.
// `onState` hears "open", "lost" (it connects again by itself) and "over".
export function follow(eventsUrl, onMessage, onState = () => {}) {
  const source = new EventSource(eventsUrl);
  let last = 0;
  const close = () => source.close();
  source.onopen = () => onState("open");
  source.onerror = () => onState(source.readyState === EventSource.CLOSED ? "over" : "lost");
  source.addEventListener("message", (event) => {
    const message = JSON.parse(event.data);
    if (message.id <= last) return;
    last = message.id;
    onMessage(message);
  });
  source.addEventListener("expired", () => {
    close();
    onState("over");
  });
  return { close };
}

// JSON is indented and coloured, anything else is shown as it came.
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function coloured(text) {
  const found = [];
  let end = 0;
  for (const match of text.matchAll(TOKENS)) {
    const [whole, string, colon] = match;
    const kind = string ? (colon ? "nt" : "s2") : /^[tfn]/.test(whole) ? "kc" : "mi";
    found.push(text.slice(end, match.index), made("span", kind, string ?? whole));
    if (colon) found.push(colon);
    end = match.index + whole.length;
  }
  return [...found, text.slice(end)];
}

function body(message, json) {
  const text = json === undefined ? message.body : JSON.stringify(json, null, 2);
  const shown = made("code", "");
  shown.append(...(json !== undefined && text.length < COLOURED ? coloured(text) : [text]));
  const frame = made("pre", "", shown);
  frame.tabIndex = 0;
  frame.setAttribute("aria-label", "Body");
  return frame;
}

function headers(list) {
  const table = made("dl", "");
  for (const [name, value] of list) table.append(made("dt", "", name), made("dd", "", value));
  return table;
}

// The pictures of a callback that is really this server's own: only the path of their links is used.
function pictures(message, json) {
  const entries = json?.data?.data;
  if (message.signature !== "valid" || !Array.isArray(entries)) return [];
  return entries.flatMap(({ url }) => {
    if (typeof url !== "string" || !URL.canParse(url)) return [];
    const { pathname, search } = new URL(url);
    if (!pathname.startsWith("/v1/files/")) return [];
    const picture = made("img", "");
    picture.alt = "A picture that was made";
    picture.loading = "lazy";
    picture.src = pathname + search;
    return [picture];
  });
}

function size(bytes) {
  return bytes < 1024 ? `${bytes} bytes` : bytes < 1024 ** 2 ? `${(bytes / 1024).toFixed(1)} kB` : `${(bytes / 1024 ** 2).toFixed(1)} MB`;
}

export function messageCard(message) {
  const at = new Date(message.at * 1000);
  const time = made("time", "", at.toLocaleTimeString());
  time.dateTime = at.toISOString();
  time.title = at.toLocaleString();
  const badge = made("span", `badge ${KINDS[message.signature]}`, WORDS[message.signature]);
  const answer = made("span", message.status_code < 300 ? "status good" : "status off", `answered ${message.status_code}`);
  if (message.delay) answer.append(` after ${message.delay / 1000} s`);
  const top = made("header", "", made("strong", "", `#${message.id}`), time, badge, made("span", "", size(message.size)), answer);

  const all = Object.entries(message.headers);
  const signed = all.filter(([name]) => name.startsWith("webhook-"));
  const folded = made("details", "", made("summary", "", `All ${all.length} headers`), headers(all));
  const json = message.truncated ? undefined : parsed(message.body);
  const card = made("article", "message", top);
  card.setAttribute("aria-label", `Message ${message.id}`);
  if (signed.length) card.append(headers(signed));
  const seen = pictures(message, json);
  if (seen.length) card.append(made("div", "made", ...seen));
  card.append(folded);
  if (message.body) card.append(body(message, json));
  else card.append(made("p", "note", "It has no body."));
  if (message.truncated) card.append(made("p", "note", `The body has ${size(message.size)}; its beginning is kept.`));
  return card;
}

// ---- the page of an inbox
const STATES = { open: ["live", "good"], lost: ["connecting", "busy"], over: ["closed", ""] };

function showInbox(list) {
  const told = document.querySelector("#told"), nothing = document.querySelector("#nothing"), state = document.querySelector("#state");
  const most = Number(list.dataset.most);
  state.hidden = false;
  const following = follow(
    list.dataset.events,
    (message) => {
      nothing.hidden = true;
      const card = messageCard(message);
      card.classList.add("fresh");
      list.prepend(card);
      if (list.childElementCount > most) list.lastElementChild.remove();
      told.textContent = `Message ${message.id} came in, ${WORDS[message.signature]}.`;
    },
    (now) => {
      [state.textContent] = STATES[now];
      state.className = `badge ${STATES[now][1]}`;
    },
  );
  addEventListener("pagehide", following.close);
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
}

function changeLive(form) {
  const said = form.querySelector("#behaviour-told");
  async function send() {
    if (!form.reportValidity()) return;
    const answer = await fetch(form.action, {
      method: "POST",
      headers: { accept: "application/json" },
      body: new URLSearchParams(new FormData(form)),
    });
    if (!answer.ok) {
      said.textContent = "That was not taken: reload the page.";
      return;
    }
    const { status_code: status, delay } = await answer.json();
    said.textContent = `It answers ${status}${delay ? ` after ${delay / 1000} s` : " at once"}.`;
  }
  const settled = () => send().catch(() => { said.textContent = "The server could not be reached."; });
  form.addEventListener("change", settled);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    settled();
  });
}

const list = document.querySelector("#messages[data-events]");
if (list) {
  showInbox(list);
  changeLive(document.querySelector("#behaviour"));
}
