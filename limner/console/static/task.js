// A task on its way: ask again and again where it stands, and show the whole page anew when it is over. Or run it again.

const live = document.querySelector("[data-live]");
const again = document.querySelector("[data-again]");
const OFTEN = 800, SELDOM = 10_000;

const seen = () => new Promise((resolve) => {
  if (!document.hidden) return resolve();
  document.addEventListener("visibilitychange", () => resolve(), { once: true });
});

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function watch() {
  const said = live.querySelector("[data-said]");
  for (let wait = OFTEN; ; ) {
    await pause(wait);
    await seen();
    try {
      const answer = await fetch(live.dataset.live, { headers: { accept: "application/json" }, redirect: "manual" });
      // Signed out, or the task is no longer ours to see: the page itself says so best.
      if (answer.type === "opaqueredirect" || (answer.status >= 400 && answer.status < 500)) return location.reload();
      const now = await answer.json();
      if (now.over) return location.reload();
      if (said.textContent !== now.said) said.textContent = now.said;
      wait = Math.min(wait * 1.1, 3_000);
    } catch {
      wait = Math.min(wait * 2, SELDOM); // the server is away: it comes back
    }
  }
}

// The same request once more, as a new task: through the public API, as any program would.
async function run() {
  again.disabled = true;
  const headers = { "x-limner-credential": again.dataset.credential, "x-csrf-token": again.dataset.csrf, "content-type": "application/json" };
  const answer = await fetch(again.dataset.again, { method: "POST", headers, body: '{"async": true}' });
  const { task_id: made, error } = await answer.json();
  if (answer.ok) return location.assign(`/console/tasks/${made}`);
  again.disabled = false;
  const told = Object.assign(document.createElement("p"), { className: "notice bad", textContent: error.message });
  told.setAttribute("role", "alert");
  document.querySelector(".head").after(told);
}

if (live) watch();
if (again) {
  again.hidden = false;
  again.addEventListener("click", run);
}
