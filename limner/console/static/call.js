// One call of the public API: sent as the code shows it, watched by the events of its task while one waits.

const PREVIEWS = 2;

export class Call {
  constructor(body, headers) {
    this.body = body;
    this.text = JSON.stringify(body, null, 2);
    this.later = Boolean(body.async) || body.callback_url !== undefined;
    this.headers = headers;
    this.traceId = body.trace_id ?? crypto.randomUUID?.() ?? `try-${Date.now()}-${Math.random().toString(36).slice(2)}`;
    this.taskId = null;
    this.over = new AbortController();
  }

  async make(onStep) {
    const began = performance.now();
    const headers = { ...this.headers, "content-type": "application/json", "x-trace-id": this.traceId };
    if (!this.later) headers.prefer = `previews=${PREVIEWS}`;
    const watching = this.later ? null : this.watch(onStep);
    let answer;
    try {
      const response = await fetch("/v1/images/generations", { method: "POST", headers, body: JSON.stringify(this.body) });
      answer = await read(response, began);
    } catch {
      answer = { status: 0, body: null, headers: [], milliseconds: performance.now() - began, cost: null, balance: null, message: "The server did not answer." };
    }
    this.taskId = answer.body?.task_id ?? this.taskId;
    if (this.later && answer.status === 200) answer.following = this.follow(onStep);
    else this.over.abort();
    await watching;
    return answer;
  }

  // The task of a call that is still waiting goes by the trace id that the call has from us.
  async watch(onStep) {
    for (let wait = 60; !this.over.signal.aborted && !this.taskId; wait = Math.min(wait * 1.5, 1000)) {
      await new Promise((done) => setTimeout(done, wait));
      const found = await this.ask(`/v1/tasks?limit=1&trace_id=${encodeURIComponent(this.traceId)}`);
      this.taskId = found?.data?.[0]?.id ?? null;
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

  // Server-sent events by fetch, for EventSource sends no headers. Gives the task's record once it is over.
  async follow(onStep) {
    try {
      const response = await fetch(`/v1/tasks/${this.taskId}/events`, { headers: this.headers, signal: this.over.signal });
      if (!response.ok) return null;
      let text = "";
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        const events = (text + part.value).split("\n\n");
        text = events.pop();
        for (const event of events.map(parse)) {
          if (event) onStep(event);
          if (event?.task) return event.task;
        }
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

function parse(event) {
  const data = event.split("\n").find((line) => line.startsWith("data: "));
  return data ? JSON.parse(data.slice(6)) : null;
}

async function read(response, began) {
  const text = await response.text();
  let body = null;
  try {
    body = JSON.parse(text);
  } catch {
    body = { text };
  }
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
