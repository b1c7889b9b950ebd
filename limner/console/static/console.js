// What the pages do beyond being read: copying, tabs, and a sidebar that says where one is.

const told = document.querySelector("#told");

function textBeside(button) {
  const holder = button.closest("[data-copied], .code");
  const found = holder.querySelector("[data-text]") ?? holder.querySelector(".panel:not([hidden]) code") ?? holder.querySelector("pre code");
  return found.textContent;
}

async function copy(text) {
  if (navigator.clipboard && window.isSecureContext) {
    await navigator.clipboard.writeText(text);
    return;
  }
  // Over plain HTTP from another machine there is no clipboard interface: select the text and copy as a person would.
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "visually-hidden";
  area.setAttribute("readonly", "");
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  if (!done) throw new Error("the browser did not copy");
}

async function copied(button) {
  const words = button.querySelector("span");
  const label = (button.dataset.label ??= words.textContent);
  let outcome = "Copied";
  try {
    await copy(textBeside(button));
  } catch {
    outcome = "Press Ctrl+C";
  }
  button.focus();
  words.textContent = told.textContent = outcome;
  button.classList.add("done");
  clearTimeout(Number(button.dataset.timer));
  button.dataset.timer = setTimeout(() => {
    words.textContent = label;
    told.textContent = "";
    button.classList.remove("done");
  }, 1800);
}

// On a narrow screen the console's pages are a row that scrolls: the current one shall be seen.
document.querySelector(".side [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

// Delegated, so that what a script of a page adds later can be copied too.
for (const button of document.querySelectorAll("[data-copy]")) button.hidden = false;
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy]");
  if (button) copied(button);
});

// Times are written in UTC; whoever reads them has a clock of their own.
for (const time of document.querySelectorAll("time[datetime]")) {
  const at = new Date(time.dateTime);
  time.title = time.textContent;
  time.textContent = at.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "medium" });
}

// What cannot be undone is asked for first.
document.addEventListener("submit", (event) => {
  const question = (event.submitter ?? event.target).dataset.confirm ?? event.target.dataset.confirm;
  if (question && !confirm(question)) event.preventDefault();
});

// Tabs after the pattern of the ARIA Authoring Practices Guide: arrows move and select, Tab goes on to the panel.
function select(tabs, panels, chosen, focus) {
  tabs.forEach((tab, place) => {
    tab.setAttribute("aria-selected", String(place === chosen));
    tab.tabIndex = place === chosen ? 0 : -1;
    panels[place].hidden = place !== chosen;
  });
  if (focus) tabs[chosen].focus();
}

function moved(key, from, count) {
  return { ArrowRight: (from + 1) % count, ArrowLeft: (from + count - 1) % count, Home: 0, End: count - 1 }[key];
}

for (const group of document.querySelectorAll("[data-tabs]")) {
  const list = group.querySelector(".tablist");
  const tabs = [...list.querySelectorAll("button")];
  const panels = [...group.querySelectorAll(".panel")];
  list.setAttribute("role", "tablist");
  list.hidden = false;
  tabs.forEach((tab, place) => {
    tab.setAttribute("role", "tab");
    panels[place].setAttribute("role", "tabpanel");
    tab.addEventListener("click", () => select(tabs, panels, place, false));
    tab.addEventListener("keydown", (event) => {
      const next = moved(event.key, place, tabs.length);
      if (next === undefined) return;
      event.preventDefault();
      select(tabs, panels, next, true);
    });
  });
  select(tabs, panels, 0, false);
}

// The sidebar marks the section that is being read.
const contents = document.querySelector("#contents");
if (contents) {
  const links = new Map([...contents.querySelectorAll("a")].map((link) => [link.hash.slice(1), link]));
  const sections = [...document.querySelectorAll("main [id]")].filter((part) => links.has(part.id));
  let current = null;
  const mark = () => {
    const line = 120;
    const atEnd = window.innerHeight + window.scrollY >= document.documentElement.scrollHeight - 2;
    const passed = sections.filter((part) => part.getBoundingClientRect().top <= line);
    const part = atEnd ? sections.at(-1) : passed.at(-1) ?? sections[0];
    if (part === current) return;
    if (current) links.get(current.id).removeAttribute("aria-current");
    current = part;
    const link = links.get(part.id);
    link.setAttribute("aria-current", "true");
    const box = contents.getBoundingClientRect(), place = link.getBoundingClientRect();
    if (place.top < box.top || place.bottom > box.bottom) contents.scrollTop += place.top - box.top - box.height / 2;
  };
  let waiting = false;
  addEventListener("scroll", () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => { waiting = false; mark(); });
  }, { passive: true });
  mark();

  const folded = document.querySelector("#folded");
  folded?.addEventListener("click", (event) => { if (event.target.closest("a")) folded.open = false; });
}
