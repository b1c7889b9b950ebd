// One call of the public API: sent as the code shows it, watched by the events of its task while one waits.

const PREVIEWS = 2;

export class Call {
  // `parts` are files that go along in a form: [name, blob, file's name]. Without any the body is sent as JSON.
  constructor(path, body, headers, parts = []) {
    this.path = path;
    this.body = body;
    this.parts = parts;
    this.later = Boolean(body.async) || body.callback_url !== undefined;
    this.streams = Boolean(body.stream) && !this.later;
    this.headers = headers;
    this.traceId = body.trace_id ?? crypto.randomUUID?.() ?? `try-${Date.now()}-${Math.random().toString(36).slice(2)}`;
    this.taskId = null;
    this.over = new AbortController();
  }

  async make(onStep) {
    const began = performance.now();
    const headers = { ...this.headers, "x-trace-id": this.traceId };
    if (!this.parts.length) headers["content-type"] = "application/json";
    if (!this.later && !this.streams) headers.prefer = `previews=${PREVIEWS}`;
    // a stream brings its pictures itself; how far they are, the task's events tell
    const watching = this.later ? null : this.watch(this.streams ? ({ b64_json: _, ...step }) => onStep(step) : onStep);
    let answer;
    try {
      const response = await fetch(this.path, { method: "POST", headers, body: this.content() });
      answer = isStream(response) ? await this.receive(response, began, onStep) : await read(response, began);
    } catch {
      answer = { status: 0, body: null, headers: [], milliseconds: performance.now() - began, cost: null, balance: null, message: "The server did not answer." };
    }
    this.taskId = answer.body?.task_id ?? this.taskId;
    if (this.later && answer.status === 200) answer.following = this.follow(onStep);
    else this.over.abort();
    await watching;
    return answer;
  }

  content() {
    if (!this.parts.length) return JSON.stringify(this.body);
    const form = new FormData();
    for (const [name, value] of Object.entries(this.body)) form.append(name, typeof value === "string" ? value : JSON.stringify(value));
    for (const part of this.parts) form.append(...part);
    return form;
  }

  // Takes what a stream brings: partial pictures as they come, then the finished one, or what went wrong on the way.
  async receive(response, began, onStep) {
    this.taskId = response.headers.get("x-task-id") ?? this.taskId;
    const events = [];
    let error = null;
    try {
      for await (const event of frames(response)) {
        events.push(event);
        if (event.b64_json) onStep(event);
      }
    } catch {
      error = { message: "The connection broke. The task goes on without it: look at its page." };
    }
    error = events.find((event) => event.error)?.error ?? error;
    const pictures = events.filter((event) => event.type?.endsWith(".completed"));
    if (!pictures.length) error ??= { message: "The stream ended without a picture." };
    const task = await this.ask(`/v1/tasks/${this.taskId}`);
    const made = task?.response?.data ?? [];
    const data = pictures.map(({ b64_json }, place) => ({ ...made[place], b64_json }));
    return {
      ...told(response, began, error ? { error } : { data }),
      body: { task_id: this.taskId, ...(error ? { error } : { data }) },
      events,
      cost: task?.cost ?? null,
    };
  }

  // The task of a call that is still waiting goes by the trace id that the call has from us.
  async watch(onStep) {
    for (let wait = 60; !this.over.signal.aborted && !this.taskId; wait = Math.min(wait * 1.5, 1000)) {
      await new Promise((done) => setTimeout(done, wait));
      const found = await this.ask(`/v1/tasks?limit=1&trace_id=${encodeURIComponent(this.traceId)}`);
      this.taskId ??= found?.data?.[0]?.id ?? null;
    }
    if (!this.over.signal.aborted) await this.follow(onStep);
  }

  async ask(path, method = "GET") {
    try {
      const response = await fetch(path, { method, headers: this.headers, signal: method === "GET" ? this.over.signal : undefined });
      return response.ok ? await response.json() : null;
    } catch {
      return null;
    }
  }

  // The events of the task, by fetch, for EventSource sends no headers. Gives the task's record once it is over.
  async follow(onStep) {
    try {
      const response = await fetch(`/v1/tasks/${this.taskId}/events`, { headers: this.headers, signal: this.over.signal });
      if (!response.ok) return null;
      for await (const event of frames(response)) {
        onStep(event);
        if (event.task) return event.task;
      }
    } catch {
      // the call is over, or the connection is: the answer itself tells what happened
    }
    return this.over.signal.aborted ? null : (await this.ask(`/v1/tasks/${this.taskId}`));
  }

  cancel() {
    return this.taskId ? this.ask(`/v1/tasks/${this.taskId}/cancel`, "POST") : null;
  }
}

const isStream = (response) => response.ok && (response.headers.get("content-type") ?? "").startsWith("text/event-stream");

// Server-sent events as they come: the data of each, read as JSON; comments, which keep the line warm, have none.
async function* frames(response) {
  let text = "";
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    const events = (text + part.value).split(/\r?\n\r?\n/);
    text = events.pop();
    for (const event of events) {
      const lines = event.split(/\r?\n/).filter((line) => line.startsWith("data:"));
      if (lines.length) yield JSON.parse(lines.map((line) => line.slice(5)).join("\n"));
    }
  }
}

async function read(response, began) {
  const text = await response.text();
  let body = null;
  try {
    body = JSON.parse(text);
  } catch {
    body = { text };
  }
  return told(response, began, body);
}

function told(response, began, body) {
  const number = (name) => (response.headers.has(name) ? Number(response.headers.get(name)) : null);
  return {
    status: response.status,
    body,
    headers: [...response.headers].sort(),
    milliseconds: performance.now() - began,
    cost: number("x-cost"),
    balance: number("x-balance"),
    retryAfter: number("retry-after"),
    code: body?.error?.code ?? null,
    message: body?.error?.message ?? null,
    param: body?.error?.param ?? null,
  };
}
