/* The chat page. ES5 and XMLHttpRequest only: it must run on old phones, without any library.
   It keeps nothing but the session's name, in this tab. Words are put on the page as text, never as markup. */
(function () {
  "use strict";

  /* Labels. All but English are drafts that no native speaker has reviewed yet. */
  var WORDS = {
    en: { write: "Write here", send: "Send", leave: "Leave", failed: "Not sent. Tap to try again.",
      closed: "This chat is closed.", sending: "Sending…", sent: "Sent", offline: "No connection" },
    id: { write: "Tulis di sini", send: "Kirim", leave: "Keluar", failed: "Tidak terkirim. Ketuk untuk mencoba lagi.",
      closed: "Obrolan ini sudah ditutup.", sending: "Mengirim…", sent: "Terkirim", offline: "Tidak ada koneksi" },
    th: { write: "เขียนที่นี่", send: "ส่ง", leave: "ออก", failed: "ยังไม่ได้ส่ง แตะเพื่อลองอีกครั้ง",
      closed: "แชตนี้ปิดแล้ว", sending: "กำลังส่ง…", sent: "ส่งแล้ว", offline: "ไม่มีการเชื่อมต่อ" },
    vi: { write: "Viết ở đây", send: "Gửi", leave: "Thoát", failed: "Chưa gửi được. Chạm để thử lại.",
      closed: "Cuộc trò chuyện này đã đóng.", sending: "Đang gửi…", sent: "Đã gửi", offline: "Không có kết nối" },
    km: { write: "សរសេរនៅទីនេះ", send: "ផ្ញើ", leave: "ចាកចេញ", failed: "មិនទាន់បានផ្ញើទេ។ ចុចដើម្បីព្យាយាមម្ដងទៀត។",
      closed: "ការជជែកនេះបានបិទហើយ។", sending: "កំពុងផ្ញើ…", sent: "បានផ្ញើ", offline: "គ្មានការតភ្ជាប់" },
    "zh-Hans": { write: "在此输入", send: "发送", leave: "离开", failed: "未发送。点按重试。",
      closed: "此聊天已关闭。", sending: "正在发送…", sent: "已发送", offline: "无网络连接" }
  };
  var PREFIXES = { en: "en", id: "id", "in": "id", th: "th", vi: "vi", km: "km", zh: "zh-Hans" };
  var KEY = "c";
  var IDLE = 15 * 60 * 1000;
  var SLOWEST = 30;

  var session = null;
  var life = 0;          // rises when a session ends: answers to an earlier one are not for us
  var seen = 0;          // number of the newest letter on the page
  var redraw = false;    // the page was loaded again in a living session: draw the person's own words too
  var queue = [];        // what is not known to be stored yet, oldest first; sent one at a time, so in order
  var busy = false;
  var polling = null;
  var sendTimer = 0, pollTimer = 0, sendWait = 1, pollWait = 1;
  var touched = new Date().getTime();
  var escapes = [];

  var log = document.getElementById("log");
  var text = document.getElementById("text");
  var send = document.getElementById("send");
  var exit = document.getElementById("leave");
  var state = document.getElementById("state");
  var words = WORDS[language()];

  function language() {
    var asked = navigator.languages || [navigator.language || navigator.userLanguage || "en"];
    for (var i = 0; i < asked.length; i++) {
      var known = PREFIXES[String(asked[i]).toLowerCase().split(/[-_]/)[0]];
      if (known) { document.documentElement.lang = known; return known; }
    }
    return "en";
  }

  function remember(value) {
    session = value;
    try {
      if (value) { sessionStorage.setItem(KEY, value); } else { sessionStorage.removeItem(KEY); }
    } catch (refused) { /* private mode of some browsers: the variable is enough */ }
  }

  function recall() {
    try { return sessionStorage.getItem(KEY); } catch (refused) { return null; }
  }

  function label(node, words) {
    node.textContent = words;
  }

  function tell(words) {
    label(state, words || "");
    state.hidden = !words;
  }

  function online(is) {
    if (!is) { tell(words.offline); } else if (state.textContent === words.offline) { tell(""); }
  }

  function empty(node) {
    while (node.firstChild) { node.removeChild(node.firstChild); }
  }

  function add(parent, tag, name) {
    var node = document.createElement(tag);
    if (name) { node.className = name; }
    parent.appendChild(node);
    return node;
  }

  function draw(said, mine) {
    var line = add(log, "div", mine ? "line mine" : "line");
    var bubble = add(line, "div", "said");
    bubble.setAttribute("dir", "auto");
    label(bubble, said);
    return line;
  }

  function showNewest() {
    window.scrollTo(0, Math.max(document.body.scrollHeight, document.documentElement.scrollHeight));
  }

  function mark(item, what) {
    empty(item.mark);
    if (what !== "failed") { label(item.mark, words[what]); return; }
    var again = add(item.mark, "button");
    again.type = "button";
    label(again, words.failed);
    again.onclick = function () { retry(item); };
  }

  function place(item) {
    item.mark = add(draw(item.shown, true), "div", "mark");
    mark(item, "sending");
    showNewest();
  }

  function drawLetter(letter) {
    if (letter.number <= seen) { return; }
    seen = letter.number;
    if (letter.from_person && !redraw) { return; }
    var line = draw(letter.text, letter.from_person);
    if (letter.buttons.length) {
      var choices = add(line, "div", "choices");
      for (var i = 0; i < letter.buttons.length; i++) { drawChoice(choices, letter.buttons[i]); }
    }
    showNewest();
  }

  function drawChoice(choices, choice) {
    var button = add(choices, "button");
    button.type = "button";
    button.setAttribute("dir", "auto");
    label(button, choice.label);
    button.onclick = function () {
      var all = choices.getElementsByTagName("button");
      for (var i = 0; i < all.length; i++) { all[i].disabled = true; }
      enqueue("press", choice.payload, choice.label);
    };
  }

  function call(method, path, body, done) {
    var request = new XMLHttpRequest(), mine = life, over = false, limit;
    function finish(status) {
      var reply = null, wait = 0;
      if (over) { return; }
      over = true;
      clearTimeout(limit);
      if (mine !== life) { return; }
      try {
        wait = Number(request.getResponseHeader("Retry-After")) || 0;
        reply = JSON.parse(request.responseText);
      } catch (unreadable) { reply = null; }
      done(status, reply || {}, wait);
    }
    request.open(method, path, true);
    if (session) { request.setRequestHeader("X-Chat-Session", session); }
    if (body) { request.setRequestHeader("Content-Type", "application/json"); }
    request.onreadystatechange = function () { if (request.readyState === 4) { finish(request.status); } };
    limit = setTimeout(function () { finish(0); request.abort(); }, method === "GET" ? 35000 : 20000);
    request.send(body ? JSON.stringify(body) : null);
    return request;
  }

  function name() {
    var made = new Date().getTime().toString(36);
    while (made.length < 28) { made += Math.random().toString(36).slice(2); }
    return made.slice(0, 28);
  }

  function enqueue(kind, value, shown) {
    var item = { id: name(), kind: kind, value: value, shown: shown };
    touch();
    if (state.textContent === words.closed) { tell(""); }
    redraw = false;
    queue.push(item);
    place(item);
    pump();
  }

  function pump() {
    if (busy || sendTimer || !queue.length) { return; }
    busy = true;
    mark(queue[0], "sending");
    if (session) { post(queue[0]); } else { begin(); }
  }

  function begin() {
    call("POST", "/chat/session", null, function (status, reply, wait) {
      busy = false;
      if (status !== 200 || !reply.session) { later(status, wait); return; }
      remember(reply.session);
      pump();
      poll();
    });
  }

  function post(item) {
    var body = { id: item.id, language: String(navigator.language || navigator.userLanguage || "") };
    body[item.kind] = item.value;
    call("POST", "/chat/messages", body, function (status, reply, wait) {
      busy = false;
      if (status === 200 && reply.stored) {
        queue.shift();
        sendWait = 1;
        mark(item, "sent");
        online(true);
        pump();
        poll();
      } else if (status === 410 || status === 401) {
        renew();
      } else if (status === 400 || status === 413 || status === 415) {
        queue.shift();
        mark(item, "failed");
        pump();
      } else {
        later(status, wait);
      }
    });
  }

  /* Not stored, as far as we know: the same message is sent again, under the same name, until it is. */
  function later(status, wait) {
    online(status !== 0);
    if (queue.length) { mark(queue[0], "failed"); }
    sendTimer = setTimeout(function () { sendTimer = 0; pump(); }, 1000 * (wait || sendWait));
    sendWait = Math.min(sendWait * 2, SLOWEST);
  }

  function retry(item) {
    touch();
    clearTimeout(sendTimer);
    sendTimer = 0;
    if (queue.indexOf(item) < 0) { queue.push(item); }
    pump();
  }

  /* The session had died when the person wrote on: the old view goes, the new words begin a new session. */
  function renew() {
    var kept = [], old = queue;
    for (var i = 0; i < old.length; i++) { if (old[i].kind === "text") { kept.push(old[i]); } }
    forget();
    queue = kept;
    for (i = 0; i < kept.length; i++) { place(kept[i]); }
    pump();
  }

  function poll() {
    if (!session || polling || pollTimer) { return; }
    polling = call("GET", "/chat/messages?after=" + seen, null, function (status, reply) {
      polling = null;
      if (status === 410 || status === 401) { close(); return; }
      var letters = status === 200 && reply.letters, wait = 0;
      online(status !== 0);
      if (letters) {
        for (var i = 0; i < letters.length; i++) { drawLetter(letters[i]); }
        redraw = redraw && !letters.length;
        pollWait = 1;
        wait = letters.length ? 0 : 1;
      } else {
        wait = pollWait;
        pollWait = Math.min(pollWait * 2, SLOWEST);
      }
      pollTimer = setTimeout(function () { pollTimer = 0; poll(); }, 1000 * wait);
    });
  }

  function forget() {
    life += 1;
    clearTimeout(sendTimer);
    clearTimeout(pollTimer);
    sendTimer = pollTimer = 0;
    sendWait = pollWait = 1;
    if (polling) { polling.abort(); }
    polling = null;
    busy = redraw = false;
    queue = [];
    seen = 0;
    remember(null);
    empty(log);
  }

  function close() {
    forget();
    text.value = "";
    tell(words.closed);
  }

  function report(left) {
    if (!left) { return; }
    if (navigator.sendBeacon) { navigator.sendBeacon("/chat/leave", left); return; }
    var request = new XMLHttpRequest();
    request.open("POST", "/chat/leave", true);
    request.send(left);
  }

  function leave(event) {
    var left = session, away = exit.href;
    if (event && event.preventDefault) { event.preventDefault(); }
    forget();
    text.value = "";
    empty(document.body);
    document.title = "";
    try { report(left); } catch (refused) { /* leaving comes first */ }
    location.replace(away);
    return false;
  }

  function touch() {
    touched = new Date().getTime();
  }

  function idle() {
    if (new Date().getTime() - touched < IDLE) { return; }
    var left = session;
    touch();
    if (left || log.firstChild || text.value) { close(); report(left); }
  }

  /* A phone that slept runs no timers: look at the clock before the touch counts as activity. */
  function used() {
    idle();
    touch();
  }

  function submit() {
    var said = text.value;
    if (!/\S/.test(said)) { return; }
    text.value = "";
    enqueue("text", said, said);
    text.focus();
  }

  function key(event) {
    used();
    if ((event.key || "") === "Escape" || event.key === "Esc" || event.keyCode === 27) {
      escapes.push(touched);
      if (escapes.length > 2 && touched - escapes[escapes.length - 3] < 3000) { leave(event); }
    } else {
      escapes = [];
      if ((event.ctrlKey || event.metaKey) && event.keyCode === 13) { submit(); }
    }
  }

  label(exit, words.leave);
  label(send, words.send);
  text.placeholder = words.write;
  text.setAttribute("aria-label", words.write);
  text.value = "";
  exit.onclick = leave;
  send.onclick = submit;
  document.addEventListener("keydown", key, false);
  document.addEventListener("click", used, true);
  document.addEventListener("touchstart", used, true);
  document.addEventListener("visibilitychange", idle, false);
  window.addEventListener("focus", idle, false);
  window.addEventListener("online", function () { clearTimeout(sendTimer); sendTimer = 0; pump(); }, false);
  window.addEventListener("offline", function () { online(false); }, false);
  /* Coming back by the back button must not bring the old page back from memory. */
  window.addEventListener("pageshow", function (event) { if (event.persisted) { location.reload(); } }, false);
  setInterval(idle, 5000);

  session = recall();
  redraw = !!session;
  poll();
}());
