// The playground: a form drawn from each model's capabilities, the code of the call as one types, its price, and Try.
// The choice is kept in the page's address, so that it can be shared; keys never are.

import { Call } from "./call.js";
import { Inputs } from "./inputs.js";
import { Outcome } from "./outcome.js";
import { follow, messageCard } from "./inbox.js";

const root = document.querySelector("#playground");
const form = document.querySelector("#controls");
const offered = JSON.parse(root.dataset.offered);
const find = (id) => document.getElementById(id);
const fields = [...form.querySelectorAll("[data-param]")];
const fieldOf = Object.fromEntries(fields.map((field) => [field.dataset.param, field]));
const ORDER = ["model", "prompt", "n", "size", "quality", "style", "response_format", "output_format", "output_compression",
  "background", "input_fidelity", "moderation", "seed", "user", "trace_id", "async", "stream", "partial_images", "callback_url"];
const PATHS = { generate: "/v1/images/generations", edit: "/v1/images/edits", vary: "/v1/images/variations" };
const CREDIT = 1_000_000;
const inputs = root.dataset.operation === "edit"
  ? new Inputs({ most: () => (operation() === "vary" ? 1 : can().max_inputs), changed: () => changed(), tell: (text) => outcome.tell(text) })
  : null;
const outcome = new Outcome(find("outcome"), root.dataset.origin, root.dataset.edits, inputs && ((picture) => {
  inputs.replaceWith(picture);
  root.scrollIntoView();
}));
let inbox = null;
let language = document.querySelector("#languages [data-language]").dataset.language;

// ---- the form as the chosen model has it

const model = () => offered.models[fieldOf.model.value];
const can = () => model().capabilities;
const operation = () => (inputs ? form.elements.operation.value : "generate");
const OPERATIONS = { generate: () => true, edit: (has) => has.edits, vary: (has) => has.variations };
const streams = () => can().streaming && operation() !== "vary" && fieldOf.stream.checked;
const later = () => !streams() && (fieldOf.async.checked || fieldOf.callback_url.value !== "");

const OFFERS = {
  prompt: () => operation() !== "vary",
  n: (has) => has.max_images > 1 && !streams(),
  size: () => true,
  quality: (has) => has.qualities.length > 0,
  style: (has) => has.styles.length > 0,
  response_format: (has) => has.response_formats.length > 0,
  output_format: (has) => has.output_formats.length > 1,
  output_compression: (has) => has.output_compression && ["jpeg", "webp"].includes(fieldOf.output_format.value || has.default_output_format),
  background: (has) => has.backgrounds.length > 0,
  seed: (has) => has.seed,
  async: () => !streams(),
  callback_url: () => !streams(),
  stream: (has) => has.streaming && operation() !== "vary" && !later(),
  partial_images: () => streams() || later(),
  ...(inputs && {
    input_fidelity: (has) => has.input_fidelity && operation() === "edit",
    mask: (has) => has.mask && operation() === "edit" && inputs.items.length > 0,
  }),
};

function options(select, values, fallback) {
  const kept = select.value;
  const first = new Option(fallback ? `default (${fallback})` : "default", "");
  select.replaceChildren(first, ...values.map((value) => new Option(value, value)));
  select.value = values.includes(kept) ? kept : "";
}

function drawForm() {
  const has = can();
  options(fieldOf.quality, has.qualities, has.default_quality);
  options(fieldOf.style, has.styles, has.default_style);
  options(fieldOf.response_format, has.response_formats, has.default_response_format);
  options(fieldOf.output_format, has.output_formats, has.default_output_format);
  options(fieldOf.background, has.backgrounds, "auto");
  options(fieldOf.moderation, ["auto", "low"], "auto");
  if (inputs) options(fieldOf.input_fidelity, ["low", "high"], "low");
  const sizes = has.auto_sizes.length || !has.sizes.length ? [...model().sizes, "auto"] : model().sizes;
  options(fieldOf.size, sizes, inputs ? "that of the picture" : has.default_size);
  if (!has.sizes.length) fieldOf.size.append(new Option("custom…", "custom"));
  fieldOf.n.max = has.max_images;
  for (const side of [find("width"), find("height")]) [side.min, side.max] = [has.min_side, has.max_side];
  drawShapes(sizes.filter((size) => size !== "auto"));
  find("model-about").textContent = fieldOf.model.value === offered.default ? "The default model." : "";
}

// Only models that do what is wanted can be chosen.
function drawModels() {
  const able = [...fieldOf.model.options].filter((option) => {
    option.disabled = !OPERATIONS[operation()](offered.models[option.value].capabilities);
    return !option.disabled;
  });
  if (fieldOf.model.selectedOptions[0]?.disabled && able.length) fieldOf.model.value = able[0].value;
}

function drawShapes(sizes) {
  find("shapes").replaceChildren(...sizes.map((size) => {
    const [width, height] = size.split("x").map(Number);
    const button = Object.assign(document.createElement("button"), { type: "button", tabIndex: -1, title: size.replace("x", " × ") });
    const shape = document.createElement("i");
    const scale = 22 * Math.min(1, 0.45 + Math.max(width, height) / 2400) / Math.max(width, height);
    shape.style.width = `${width * scale}px`;
    shape.style.height = `${height * scale}px`;
    button.dataset.size = size;
    button.append(shape);
    button.addEventListener("click", () => { fieldOf.size.value = size; changed(); });
    return button;
  }));
}

function show() {
  const has = can();
  for (const [name, offers] of Object.entries(OFFERS)) form.querySelector(`[data-for="${name}"]`).hidden = !offers(has);
  find("custom").hidden = fieldOf.size.value !== "custom";
  const chosen = fieldOf.size.value || usualSize();
  for (const button of find("shapes").children) button.classList.toggle("chosen", button.dataset.size === chosen);
  const length = [...fieldOf.prompt.value].length;
  find("prompt-count").textContent = `${length.toLocaleString()} / ${has.prompt_limit.toLocaleString()}`;
  find("prompt-count").classList.toggle("over", length > has.prompt_limit);
  form.querySelector(".paste").hidden = find("authorization").value !== "paste";
}

// ---- what is asked for

function valueOf(field) {
  if (field.dataset.kind === "boolean") return field.checked || undefined;
  if (field.value === "") return undefined;
  if (field.dataset.param === "size" && field.value === "custom") return `${find("width").value}x${find("height").value}`;
  if (field.dataset.kind === "integer") return Number.isInteger(Number(field.value)) ? Number(field.value) : field.value;
  return field.value;
}

function body() {
  const made = {};
  for (const name of ORDER) {
    const field = fieldOf[name];
    const value = !field || field.closest("[data-for], .field").hidden ? undefined : valueOf(field);
    if (value !== undefined) made[name] = value;
  }
  if (operation() !== "vary") made.prompt ??= "";
  return made;
}

const masked = () => Boolean(inputs) && !form.querySelector('[data-for="mask"]').hidden && inputs.mask.painted;

// The body and files as they are sent; `written` for the code, which shows bytes by three dots.
async function request(asked, written) {
  if (!inputs) return { body: asked, parts: [], files: [], mask: null };
  if (inputs.named) return { body: { ...asked, ...(await inputs.references(masked(), written)) }, parts: [], files: [], mask: null };
  return { body: asked, parts: written ? [] : await inputs.parts(masked()), files: inputs.files, mask: masked() ? "mask.png" : null };
}

// The size of a call that names none: the first picture's own where there is one and the model can make it.
function usualSize() {
  const has = can(), [first] = inputs?.items ?? [];
  const fits = first && !has.sizes.length && Math.max(first.width, first.height) <= has.max_side && first.width * first.height <= has.max_pixels;
  return fits ? `${first.width}x${first.height}` : has.default_size;
}

function price(asked) {
  const has = can();
  const quality = offered.qualities[!asked.quality || asked.quality === "auto" ? has.default_quality : asked.quality];
  const sizes = asked.size === "auto" ? [has.default_size, ...has.auto_sizes] : [asked.size ?? usualSize()];
  const one = Math.max(...sizes.map((size) => {
    const [width, height] = size.split("x").map(Number);
    return model().prices[quality].find(([pixels]) => width * height <= pixels)?.[1] ?? NaN;
  }));
  return one * (asked.n ?? 1);
}

const inCredits = (micro) => (micro / CREDIT).toLocaleString(undefined, { minimumFractionDigits: 2, maximumFractionDigits: 4 });

function showPrice(asked) {
  const cost = price(asked);
  const balance = root.dataset.balance === undefined || find("authorization").value === "paste" ? null : Number(root.dataset.balance);
  const told = Number.isNaN(cost) ? "No such size" : cost ? `${inCredits(cost)} credits` : "Free";
  const rest = balance === null || !cost ? "" : cost > balance ? ` · only ${inCredits(balance)} left` : ` · ${inCredits(balance)} left`;
  find("price").textContent = told + rest;
}

// ---- the address

function remember(asked) {
  const query = new URLSearchParams();
  for (const item of inputs?.items ?? []) if (item.id) query.append("file", item.id);
  if (operation() === "vary") query.set("operation", "vary");
  for (const [name, value] of Object.entries(asked)) {
    if (name === "callback_url" && inbox?.url === value) query.set("inbox", "1");
    else if (name !== "callback_url") query.set(name, value);
    else if (URL.canParse(value) && !new URL(value).username && !new URL(value).search) query.set(name, value);
  }
  if (language !== document.querySelector("#languages [data-language]").dataset.language) query.set("code", language);
  for (const name of ["callback", "retry"]) if (find(`with-${name}`).checked) query.set(name, "1");
  history.replaceState(null, "", `?${query}${location.hash}`);
}

function recall(search) {
  const query = new URLSearchParams(search);
  if (inputs && query.get("operation") === "vary") form.elements.operation.value = "vary";
  if (query.has("model") && query.get("model") in offered.models) fieldOf.model.value = query.get("model");
  drawModels();
  drawForm();
  for (const [name, value] of query) {
    const field = fieldOf[name];
    if (!field || name === "model") continue;
    if (field.dataset.kind === "boolean") field.checked = value === "true";
    else if (name === "size" && ![...field.options].some((option) => option.value === value)) setCustom(value);
    else field.value = value;
  }
  if (query.has("code") && find(`tab-${query.get("code")}`)) language = query.get("code");
  for (const name of ["callback", "retry"]) find(`with-${name}`).checked = query.get(name) === "1";
  if (query.get("inbox") === "1" && root.dataset.csrf) useInbox();
}

function setCustom(size) {
  const sides = /^(\d+)x(\d+)$/.exec(size);
  if (!sides || can().sizes.length) return;
  fieldOf.size.value = "custom";
  [find("width").value, find("height").value] = [sides[1], sides[2]];
}

// ---- the code

let asking = null;
let sent = 0;

function key() {
  const pasted = find("authorization").value === "paste" ? find("pasted").value.trim() : "";
  const fresh = find("fresh-key") && find("authorization").value === root.dataset.fresh ? find("fresh-key").textContent : "";
  return pasted || fresh;
}

async function showCode(asked) {
  asking?.abort();
  asking = new AbortController();
  const turn = ++sent, literal = key();
  const { body: shown, files, mask } = await request(asked, true);
  const sending = inputs && !inputs.items.length ? ["picture.png"] : files; // what would be sent, before there is any
  const given = { language, body: shown, operation: operation(), files: sending, mask, callback: find("with-callback").checked, retry: find("with-retry").checked, literal_key: literal !== "" };
  try {
    const answer = await fetch("/console/samples", {
      method: "POST", body: JSON.stringify(given), headers: { "content-type": "application/json" }, signal: asking.signal,
    });
    const made = await answer.json();
    if (turn !== sent) return;
    if (!answer.ok) throw new Error(made.error.message);
    const [main, handler] = made.files;
    find("code-text").replaceChildren(...marked(main.html, literal));
    find("handler").hidden = !handler;
    find("handler-name").textContent = handler?.name ?? "";
    find("handler-text").replaceChildren(...marked(handler?.html ?? "", literal));
    root.dataset.shown = String(turn);
  } catch (error) {
    if (error.name !== "AbortError") find("code-text").textContent = `The code could not be made. ${error.message}`;
  }
}

// Marked up by the server, which escapes every word of it; the key is put in here and never sent.
function marked(html, literal) {
  const { body: made } = new DOMParser().parseFromString(html, "text/html");
  if (literal) replaceText(made, "lim_YOUR_KEY", literal);
  return made.childNodes;
}

function replaceText(node, from, to) {
  const walker = document.createTreeWalker(node, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) walker.currentNode.data = walker.currentNode.data.replaceAll(from, to);
}

function chooseLanguage(tab, focus) {
  language = tab.dataset.language;
  for (const other of find("languages").children) {
    other.setAttribute("aria-selected", String(other === tab));
    other.tabIndex = other === tab ? 0 : -1;
  }
  find("code-panel").setAttribute("aria-labelledby", tab.id);
  // not `scrollIntoView`, which moves the whole page too
  const list = find("languages");
  list.scrollLeft = Math.min(Math.max(list.scrollLeft, tab.offsetLeft - list.offsetLeft + tab.offsetWidth - list.clientWidth), tab.offsetLeft - list.offsetLeft);
  if (focus) tab.focus();
}

find("languages").addEventListener("click", (event) => {
  const tab = event.target.closest("[role=tab]");
  if (tab) { chooseLanguage(tab, false); changed(); }
});
find("languages").addEventListener("keydown", (event) => {
  const tabs = [...find("languages").children], from = tabs.indexOf(document.activeElement), count = tabs.length;
  const to = { ArrowRight: (from + 1) % count, ArrowLeft: (from + count - 1) % count, Home: 0, End: count - 1 }[event.key];
  if (from < 0 || to === undefined) return;
  event.preventDefault();
  chooseLanguage(tabs[to], true);
  changed();
});

// ---- changes

function changed() {
  show();
  const asked = body();
  showPrice(asked);
  remember(asked);
  clearTimeout(Number(root.dataset.timer));
  root.dataset.timer = setTimeout(() => showCode(asked), 40);
}

form.addEventListener("input", (event) => {
  event.target.closest(".field")?.classList.remove("wrong");
  if (event.target.name === "operation") drawModels();
  if (event.target === fieldOf.model || event.target.name === "operation") drawForm();
  if (event.target === fieldOf.stream && fieldOf.stream.checked && !fieldOf.partial_images.value) fieldOf.partial_images.value = 2;
  changed();
});
for (const box of [find("with-callback"), find("with-retry")]) box.addEventListener("input", changed);
for (const idea of form.querySelectorAll("[data-idea]")) {
  idea.addEventListener("click", () => { fieldOf.prompt.value = idea.dataset.idea; fieldOf.prompt.focus(); changed(); });
}
find("dice").addEventListener("click", () => { fieldOf.seed.value = Math.floor(Math.random() * 2 ** 31); changed(); });
for (const link of document.querySelectorAll("[data-example]")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    form.reset();
    recall(link.search);
    changed();
    root.scrollIntoView();
    fieldOf.prompt.focus({ preventScroll: true });
  });
}
for (const picture of document.querySelectorAll("[data-picture]")) {
  picture.addEventListener("click", async () => {
    await inputs.addExample(picture.dataset.picture, picture.dataset.name);
    root.scrollIntoView();
  });
}
for (const come of document.querySelectorAll("[data-come-back]")) {
  come.addEventListener("submit", () => { come.elements.next.value = location.pathname + location.search; });
}

// ---- the inbox

async function useInbox() {
  if (!root.dataset.csrf) return outcome.tell("Sign in first: an inbox belongs to an account.", "/login");
  if (!inbox) {
    const answer = await fetch("/inbox", { method: "POST", headers: { "x-csrf-token": root.dataset.csrf, accept: "application/json" } });
    if (!answer.ok) return outcome.tell("No inbox could be made: reload the page and try again.");
    inbox = await answer.json();
    follow(inbox.events, (message) => outcome.received(messageCard(message), inbox));
  }
  fieldOf.callback_url.value = inbox.url;
  changed();
}
find("use-inbox").addEventListener("click", useInbox);

// ---- Try

let call = null;

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (call) return;
  const chosen = find("authorization").value;
  if (chosen === "" || (chosen === "paste" && !find("pasted").value.trim())) {
    (chosen === "" ? find("authorization") : find("pasted")).focus();
    return outcome.tell(chosen === "" ? "A call needs a credential: acquire one above, or paste a key." : "Paste a key first.");
  }
  if (inputs && !inputs.items.length) {
    find("files").focus();
    return outcome.tell("Give a picture first: choose, drop or paste one, or take one from below.");
  }
  const headers = chosen === "paste"
    ? { authorization: `Bearer ${find("pasted").value.trim()}` }
    : { "x-limner-credential": chosen, "x-csrf-token": root.dataset.csrf };
  find("try").disabled = true;
  try {
    const { body: sent, parts } = await request(body(), false);
    call = new Call(PATHS[operation()], sent, headers, parts);
    outcome.begin(call, inputs?.before);
    const answer = await call.make((step) => outcome.progress(step));
    await outcome.show(answer);
    if (chosen !== "paste") root.dataset.balance = answer.balance ?? Number(root.dataset.balance) - (answer.cost ?? 0);
    if (answer.param) blame(answer.param, answer.message);
  } finally {
    call = null;
    find("try").disabled = false;
    showPrice(body());
  }
});

function blame(param, message) {
  const field = form.querySelector(`[data-for="${CSS.escape(param)}"]`);
  if (!field) return;
  field.closest("details")?.setAttribute("open", "");
  field.classList.add("wrong");
  field.querySelector("input, select, textarea").focus();
  outcome.announce(message);
}

recall(location.search);
chooseLanguage(find(`tab-${language}`), false);
await inputs?.addOurs(JSON.parse(root.dataset.given));
changed();
root.dataset.ready = "true";
