// A live screen: one stream; parts of the page are fetched again when something changed; new critical cases ring.
// Nothing is kept in the browser. Pages work without this file; they only do not move by themselves.
"use strict";

const mark = document.body.dataset.mark;
const title = document.title;
const known = new Set(); // critical cases that were on the screen before
let first = true;
let ringing = false;
let handled = false; // a human touched the page since the last answer
let leaving = false; // on the way to another page: nothing else may send it elsewhere
let met = Date.now(); // when the server last answered
let sound = null; // the tone, once a click allowed it

// -- a human is here ---------------------------------------------------------------------------------
for (const kind of ["pointerdown", "pointermove", "keydown", "scroll"]) {
  addEventListener(kind, () => { handled = true; show("idle", false); }, { passive: true });
}
addEventListener("pointerdown", quiet);
addEventListener("keydown", quiet);

function quiet() {
  ringing = false;
  document.title = title;
}

function show(id, visible) {
  const element = document.getElementById(id);
  if (element) element.hidden = !visible;
}

// -- talking to the server ---------------------------------------------------------------------------
async function get(path) {
  const answer = await fetch(path, { credentials: "same-origin", redirect: "manual" });
  if (answer.status === 401 || answer.type === "opaqueredirect") return leave();
  if (answer.ok) met = Date.now();
  return answer.ok ? answer : null;
}

async function here() {
  const body = new URLSearchParams({ active: handled ? "yes" : "" });
  handled = false;
  const answer = await fetch("/api/here", { method: "POST", body, headers: { "X-Form-Mark": mark } });
  if (answer.status === 401) leave();
}

function leave() {
  stream.close();
  document.getElementById("main").replaceChildren(); // also where the server is out of reach
  if (!leaving) location.replace("/login?done=ended");
  leaving = true;
  return null;
}

async function refresh(changed) {
  const critical = await get("/api/cases");
  if (critical) announce(await critical.json());
  for (const part of document.querySelectorAll("[data-part]")) {
    const talk = part.dataset.conversation;
    if (changed && talk && !changed.includes(talk) && !changed.includes("*")) continue;
    const answer = await get(part.dataset.part);
    if (answer) replace(part, await answer.text());
  }
  await here(); // only now: the page shows what it was told
}

const shown = new WeakMap(); // what stands in a part now: the same again would only disturb the reader

function replace(part, markup) {
  if (shown.get(part) === markup) return;
  shown.set(part, markup);
  const atEnd = innerHeight + scrollY > document.body.scrollHeight - 80;
  const open = [...part.querySelectorAll("details")].map((d) => d.open);
  const focused = part.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  const fresh = new DOMParser().parseFromString(markup, "text/html"); // escaped by the server
  part.replaceChildren(...fresh.body.childNodes);
  part.querySelectorAll("details").forEach((d, n) => { d.open = open[n] || false; });
  if (focused) part.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus();
  const words = part.querySelector(".live dd, .gone dd");
  const hint = document.getElementById("window");
  if (words && hint) {
    hint.textContent = words.textContent;
    document.getElementById("send").textContent = words.closest(".live") ? "Send" : "Keep as a draft";
  }
  times(part);
  if (atEnd && part.id === "case") scrollTo(0, document.body.scrollHeight);
}

// -- new critical cases ------------------------------------------------------------------------------
function announce(cases) {
  const waiting = cases.filter((c) => c.level === "critical" && c.state === "waiting");
  const fresh = waiting.filter((c) => !known.has(c.id));
  known.clear();
  waiting.forEach((c) => known.add(c.id));
  const link = document.getElementById("alert-link");
  show("alert", waiting.length > 0);
  if (waiting.length > 0) {
    link.textContent = waiting.length === 1 ? "1 critical case is waiting" : `${waiting.length} critical cases are waiting`;
    link.href = waiting.length === 1 ? `/cases/${waiting[0].id}` : "/";
  }
  if (fresh.length > 0 && !first) ring();
  first = false;
}

function ring() {
  ringing = true;
  document.title = `⚠ CRITICAL – ${title}`;
  play();
}

setInterval(() => { // until somebody touches the page
  if (!ringing) return;
  document.title = document.title.startsWith("⚠") ? title : `⚠ CRITICAL – ${title}`;
}, 1000);
setInterval(() => { if (ringing) play(); }, 5000);

const button = document.getElementById("sound");
if (button) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    if (sound) { await sound.context.close(); sound = null; } else {
      const context = new AudioContext(); // browsers want a click before a page may be heard
      sound = { context, tone: await context.decodeAudioData(await (await fetch("/static/alert.wav")).arrayBuffer()) };
      play();
    }
    button.textContent = sound ? "Turn sound off" : "Turn sound on";
    button.setAttribute("aria-pressed", String(Boolean(sound)));
  });
}

function play() {
  if (!sound) return;
  const source = sound.context.createBufferSource();
  source.buffer = sound.tone;
  source.connect(sound.context.destination);
  source.start();
}

// -- the stream --------------------------------------------------------------------------------------
const status = document.getElementById("connection");

function connected(words, good) {
  status.textContent = words;
  status.classList.toggle("good", good);
  status.classList.toggle("bad", !good);
}

const stream = new EventSource("/api/stream");
stream.addEventListener("open", () => connected("live", true));
stream.addEventListener("error", () => connected("not connected – trying again", false));
stream.addEventListener("ended", () => { stream.close(); leave(); });
stream.addEventListener("change", (event) => refresh(JSON.parse(event.data).conversations));
stream.addEventListener("beat", (event) => {
  show("idle", JSON.parse(event.data).left < 120 && !handled);
  refresh(null);
});
setInterval(() => { if (Date.now() - met > 15 * 60 * 1000) leave(); }, 10000); // no session lives so long unheard
setInterval(() => { // a stream that was refused for want of a session does not say why
  if (stream.readyState === EventSource.CLOSED) get("/api/cases").then((ok) => ok && location.reload());
}, 5000);
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

// -- small helps -------------------------------------------------------------------------------------
function times(root) {
  for (const element of root.querySelectorAll("time")) {
    const moment = new Date(element.dateTime);
    const today = moment.toDateString() === new Date().toDateString();
    const day = today ? "" : moment.toLocaleDateString("en-GB", { day: "numeric", month: "short" }) + " ";
    element.title = element.textContent;
    element.textContent = day + moment.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  }
}
times(document);

document.addEventListener("click", (event) => {
  const draft = event.target.closest("[data-draft]");
  if (!draft) return;
  const box = document.getElementById("text");
  box.value = draft.closest(".line").querySelector(".words").textContent;
  document.getElementById("instead-of").value = draft.dataset.draft;
  box.focus();
});

document.addEventListener("submit", (event) => { // one press, one message; the server judges doubles all the same
  const pressed = event.submitter;
  if (event.target.action.endsWith("/logout")) { leaving = true; stream.close(); }
  setTimeout(() => { if (pressed) pressed.disabled = true; }, 0);
});
