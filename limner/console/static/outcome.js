// What came of a call: progress with previews, the pictures, the answer as it is, and what an error asks for.

const HINTS = {
  no_token: "Choose a credential, or paste a key.",
  invalid_token: "Choose another credential, or paste the whole key.",
  token_expired: "Make a new credential in the console.",
  token_mismatched: "This credential lacks a scope: make one that may draw.",
  used_up: "Nothing was charged. A smaller size, a lower quality or fewer pictures cost less; an admin can grant credits.",
  disabled: "An admin has switched this off: ask them.",
  too_many_requests: "Nothing was charged. Wait a moment and try again; clients of OpenAI do so by themselves.",
  moderation_blocked: "Nothing was charged. Say it in other words.",
  api_not_implemented: "Leave the parameter out, or choose another model.",
  upstream_error: "Nothing was charged. Trying again is safe.",
  timeout: "Nothing was charged. Trying again is safe.",
  api_error: "Nothing was charged. Trying again is safe; the server's log knows more by the request's id.",
  conflict: "Nothing was charged.",
};

export class Outcome {
  // `edits` is the page that edits pictures, if there is one; `onEdit` takes a picture there, on that page itself.
  constructor(element, origin, edits, onEdit) {
    this.element = element;
    this.origin = origin;
    this.edits = edits;
    this.onEdit = onEdit;
    this.last = null;
    this.inboxCards = null;
  }

  announce(text) {
    document.querySelector("#told").textContent = text;
  }

  tell(text, link) {
    const told = make("p", "notice bad", text);
    if (link) told.append(" ", Object.assign(make("a", "", "Sign in"), { href: link }));
    this.fill(told);
    this.announce(text);
  }

  fill(...parts) {
    this.element.replaceChildren(this.element.querySelector("h2"), ...parts);
  }

  begin(call, before = null) {
    this.call = call;
    this.before = before;
    this.bar = Object.assign(make("progress"), { max: 1, value: 0 });
    this.bar.setAttribute("aria-label", "Progress of the call");
    this.stage = make("span", "soft", call.later ? "sending" : "drawing");
    this.preview = Object.assign(make("img", "preview"), { alt: "The picture so far", hidden: true });
    const cancel = make("button", "button quiet small", "Cancel");
    cancel.type = "button";
    cancel.addEventListener("click", () => { cancel.disabled = true; call.cancel(); });
    const line = make("div", "working");
    line.append(this.bar, this.stage, cancel);
    this.inboxCards = null;
    this.fill(line, this.preview);
    const box = this.element.getBoundingClientRect();
    if (box.top > innerHeight - 120 || box.bottom < 120) this.element.scrollIntoView({ block: "start" });
  }

  progress(step) {
    if (step.fraction !== undefined) this.bar.value = step.fraction;
    if (step.stage) this.stage.textContent = step.stage;
    else if (step.status === "queued") this.stage.textContent = step.queue_position ? `waiting behind ${step.queue_position}` : "waiting";
    if (step.b64_json) {
      this.preview.src = this.inline(step);
      this.preview.hidden = false;
    }
  }

  async show(answer) {
    const parts = [this.summary(answer)];
    const pictures = answer.body?.data;
    if (answer.message) parts.push(this.problem(answer));
    else if (pictures) parts.push(this.gallery(pictures));
    else if (answer.following) parts.push(this.waiting());
    parts.push(...answered(answer));
    this.fill(...parts);
    this.announce(answer.message ?? (pictures ? `${pictures.length} picture${pictures.length > 1 ? "s" : ""} drawn` : "accepted"));
    if (answer.following) await this.finished(await answer.following);
  }

  summary(answer) {
    const line = make("p", "summary");
    const good = answer.status === 200;
    line.append(make("span", `badge ${good ? "good" : "bad"}`, answer.status ? String(answer.status) : "no answer"));
    line.append(make("span", "", `${(answer.milliseconds / 1000).toFixed(2)} s`));
    if (answer.cost !== null) line.append(make("span", "", answer.cost ? `${credits(answer.cost)} credits` : "free"));
    if (answer.balance !== null) line.append(make("span", "soft", `${credits(answer.balance)} left`));
    if (answer.body?.task_id) line.append(Object.assign(make("a", "", "Task"), { href: `/console/tasks/${answer.body.task_id}` }));
    return line;
  }

  problem(answer) {
    const told = make("div", "notice bad");
    told.append(make("strong", "", answer.code ?? "no answer"), " ", make("span", "", answer.message));
    const hint = answer.param ? `Look at ${answer.param}.` : HINTS[answer.code];
    if (hint) told.append(make("p", "soft", hint));
    return told;
  }

  waiting() {
    const box = make("div", "later");
    this.later = make("div");
    const line = make("div", "working");
    line.append(this.bar, this.stage);
    this.later.append(line, this.preview);
    box.append(make("p", "soft", "Accepted: the answer comes later."), this.later);
    this.cards();
    if (this.call.body.callback_url) box.append(this.inboxCards);
    return box;
  }

  async finished(task) {
    const response = task?.response;
    if (response?.data) this.later.replaceChildren(this.gallery(response.data));
    else if (response?.error) this.later.replaceChildren(this.problem({ code: response.error.code, message: response.error.message }));
    this.announce(response?.data ? "the pictures are there" : "the task is over");
  }

  cards() {
    this.inboxCards ??= make("div", "cards");
    return this.inboxCards;
  }

  received(card, inbox) {
    if (!this.inboxCards?.isConnected) return;
    if (!this.inboxCards.childElementCount) {
      const head = make("p", "soft", "Callbacks in your inbox, ");
      head.append(Object.assign(make("a", "", "opened by itself"), { href: inbox.url }), ":");
      this.inboxCards.append(head);
    }
    this.inboxCards.append(card);
    this.announce("a callback arrived");
  }

  gallery(pictures) {
    const box = make("div", "gallery");
    const shown = pictures.map((picture, place) => this.picture(picture, place));
    const grid = make("div", pictures.length > 1 ? "grid" : "one");
    grid.append(...shown.map((one) => one.figure));
    box.append(grid);
    const before = this.before ?? this.last;
    if (before && before !== shown[0].source) box.append(this.comparison(before, shown[0].source, this.before ? "Compare with the picture you gave" : "Compare with the last one"));
    this.last = shown[0].source;
    return box;
  }

  inline({ b64_json, output_format }) {
    return `data:image/${output_format ?? this.call.body.output_format ?? "png"};base64,${b64_json}`;
  }

  picture(picture, place) {
    const source = picture.b64_json ? this.inline(picture) : this.near(picture.url);
    const figure = make("figure", "picture");
    const image = Object.assign(make("img"), { src: source, alt: picture.revised_prompt ?? this.call.body.prompt ?? "The picture that was made" });
    const caption = make("figcaption");
    if (picture.revised_prompt) caption.append(make("span", "", picture.revised_prompt));
    const size = make("span", "soft");
    image.addEventListener("load", () => { size.textContent = `${image.naturalWidth} × ${image.naturalHeight}`; });
    const actions = make("span", "actions");
    actions.append(this.opening(picture, source), this.download(source, place));
    if (picture.url) actions.append(copying("Copy URL", picture.url), ...this.editing(picture.url));
    caption.append(size, actions);
    figure.append(image, caption);
    return { figure, source };
  }

  editing(url) {
    const name = new URL(url).pathname.split("/").pop();
    if (!this.edits) return [];
    const link = Object.assign(make("a", "button quiet small", "Edit this picture"), { href: `${this.edits}?file=${encodeURIComponent(name)}` });
    if (this.onEdit) link.addEventListener("click", (event) => { event.preventDefault(); this.onEdit({ name, link: this.near(url) }); });
    return [link];
  }

  // A link of this server works from whatever name the page itself was opened by.
  near(url) {
    return url.startsWith(`${this.origin}/v1/files/`) ? url.slice(this.origin.length) : url;
  }

  opening(picture, source) {
    const link = Object.assign(make("a", "button quiet small", "Open"), { target: "_blank", rel: "noopener", href: source });
    if (picture.b64_json) {
      link.addEventListener("click", async (event) => {
        event.preventDefault();
        window.open(URL.createObjectURL(bytes(source)), "_blank", "noopener");
      });
    }
    return link;
  }

  download(source, place) {
    const format = this.call.body.output_format ?? "png";
    const name = `limner-${place + 1}.${format === "jpeg" ? "jpg" : format}`;
    return Object.assign(make("a", "button quiet small", "Download"), { href: source, download: name });
  }

  comparison(before, after, label) {
    const details = make("details", "comparison");
    details.open = Boolean(this.before);
    details.append(make("summary", "", label));
    const stage = make("div", "stage");
    const old = Object.assign(make("img"), { src: before, alt: "The picture before" });
    const fresh = Object.assign(make("img"), { src: after, alt: "The picture now" });
    const slider = Object.assign(make("input"), { type: "range", min: 0, max: 100, value: 50 });
    slider.setAttribute("aria-label", "How much of the new picture is shown");
    const part = () => {
      fresh.style.clipPath = `inset(0 0 0 ${100 - slider.value}%)`;
      stage.style.setProperty("--at", `${100 - slider.value}%`);
    };
    slider.addEventListener("input", part);
    stage.append(old, fresh);
    details.append(stage, slider);
    part();
    return details;
  }
}

function answered(answer) {
  const json = make("details", "answered");
  json.open = Boolean(answer.message);
  const code = make("code");
  colour(code, JSON.stringify(shortened(answer.events ?? answer.body), null, 2) ?? "");
  const pre = make("pre");
  pre.tabIndex = 0;
  pre.append(code);
  json.append(make("summary", "", answer.events ? "Events" : "Response JSON"), pre);
  const headers = make("details", "answered");
  const list = make("dl", "facts");
  for (const [name, value] of answer.headers) list.append(make("dt", "", name), make("dd", "", value));
  headers.append(make("summary", "", "Headers"), list);
  return answer.status ? [json, headers] : [];
}

// Pictures in base64 are a wall of letters: their beginning and length say enough.
function shortened(value) {
  if (typeof value === "string" && value.length > 300) return `${value.slice(0, 60)}… (${value.length.toLocaleString()} characters)`;
  if (Array.isArray(value)) return value.map(shortened);
  if (value && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, shortened(part)]));
  return value;
}

function colour(code, text) {
  const token = /("(?:\\.|[^"\\])*")(\s*:)?|\b(true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
  let end = 0;
  for (const found of text.matchAll(token)) {
    code.append(text.slice(end, found.index));
    const kind = found[1] ? (found[2] ? "nt" : "s2") : found[3] ? "kc" : "mi";
    code.append(make("span", kind, found[1] ?? found[0]), found[2] ?? "");
    end = found.index + found[0].length;
  }
  code.append(text.slice(end));
}

function copying(label, text) {
  const button = make("button", "button quiet small", label);
  button.type = "button";
  button.addEventListener("click", async () => {
    await navigator.clipboard?.writeText(text);
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = label; }, 1800);
  });
  return button;
}

function bytes(dataUrl) {
  const [head, data] = dataUrl.split(",");
  return new Blob([Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0))], { type: head.slice(5).split(";")[0] });
}

const credits = (micro) => (micro / 1e6).toLocaleString(undefined, { minimumFractionDigits: 2, maximumFractionDigits: 4 });

function make(name, classes = "", text = "") {
  const element = document.createElement(name);
  if (classes) element.className = classes;
  if (text) element.textContent = text;
  return element;
}
