
"use strict";
(function () {
  var words = JSON.parse(document.getElementById("words").textContent);
  function put(id, text, good) {
    var element = document.getElementById(id);
    element.textContent = text;
    if (good !== undefined) { element.className = good ? "good" : "bad"; }
  }
  function clock(seconds, zone) {
    return new Date(seconds * 1000).toLocaleTimeString(document.documentElement.lang, { timeZone: zone });
  }
  function span(seconds) {
    var whole = Math.floor(seconds), hours = Math.floor(whole / 3600);
    function two(number) { return String(number).padStart(2, "0"); }
    return hours + ":" + two(Math.floor(whole / 60) % 60) + ":" + two(whole % 60);
  }
  function table(id, lines, none) {
    var body = document.createDocumentFragment();
    lines.forEach(function (cells) {
      var row = document.createElement("tr");
      cells.forEach(function (text) { row.appendChild(document.createElement("td")).textContent = text; });
      body.appendChild(row);
    });
    if (!lines.length) {
      var cell = document.createElement("tr").appendChild(document.createElement("td"));
      cell.colSpan = 10;
      cell.textContent = none;
      body.appendChild(cell.parentNode);
    }
    document.getElementById(id).replaceChildren(body);
  }
  function about(call, zone) {
    return [clock(call.started, zone), (call.caller || words.hidden) + (call.test ? " (" + words.test + ")" : ""),
      call.called || "-", call.line || "-", call.flow || "-"];
  }
  function live(now) {
    table("active", now.calls.map(function (call) {
      return about(call, now.timezone).concat([call.node || "-", call.digits.join(" ") || "-", call.queue || "-",
        call.agent || "-", span(call.seconds)]);
    }), words.none);
    table("queues", (now.queues || []).map(function (queue) {
      var longest = queue.waiting.reduce(function (most, caller) { return Math.max(most, caller.seconds); }, 0);
      return [queue.name, queue.waiting.length, span(longest), queue.answered, queue.abandoned,
        queue.agents.map(function (agent) {
          return agent.agent + " " + words[agent.state] + (agent.paused ? ", " + words.paused : "");
        }).join(" · ") || "-"];
    }), now.queues ? words.none : words.no_queues);
  }
  function show(status) {
    put("ready", status.ready ? words.ready : words.not_ready, status.ready);
    put("revision", status.revision || words.no_revision);
    put("numbers", status.numbers);
    put("uptime", span(status.uptime_s));
    put("ami", status.ami.connected ? words.connected : words.away, status.ami.connected);
    put("store", status.store.used ? status.store.failure || words.works : words.unused, !status.store.failure);
    put("in-progress", status.calls.in_progress);
    put("finished", status.calls.finished);
    put("outcomes", Object.entries(status.calls.by_outcome).map(function (pair) { return pair.join(" "); }).join(" · "));
    table("last", status.calls.last.map(function (call) {
      return about(call, status.timezone).concat([call.outcome || "-"]);
    }), words.none);
    put("updated", clock(status.now, status.timezone));
  }
  function refresh() {
    fetch("api/v1/status", { cache: "no-store" }).then(function (answer) {
      if (answer.status === 401) { return ask(true); }
      if (!answer.ok) { throw new Error(answer.status); }
      if (!csrf && answer.headers.get("X-Session")) {
        fetch("api/v1/session", { cache: "no-store" }).then(function (who) {
          if (who.ok) { return who.json().then(session); }
        });
      }
      return answer.json().then(show);
    }).catch(function () { put("ready", words.unreachable, false); }).finally(function () {
      if (form.hidden) { setTimeout(refresh, 1000); }
    });
  }
  var form = document.getElementById("sign-in"), out = document.getElementById("sign-out"), csrf = null, stream = null;
  function ask(needed) {
    form.hidden = !needed;
    document.querySelector("main").hidden = needed;
    if (needed) { put("ready", words.sign_in, false); }
  }
  function session(found) {
    csrf = found.csrf;
    out.hidden = !csrf;
    if (csrf) { out.textContent = words.sign_out + " (" + found.name + ")"; }
  }
  function listen() {
    if (stream) { stream.close(); }
    stream = new EventSource("api/v1/live");
    stream.onmessage = function (told) { live(JSON.parse(told.data)); };
  }
  function begin() {
    ask(false);
    refresh();
    listen();
  }
  form.addEventListener("submit", function (event) {
    event.preventDefault();
    var sent = { name: form.elements.name.value, password: form.elements.password.value };
    fetch("api/v1/session", {
      method: "POST",
      headers: { "Content-Type": "application/json", "Accept-Language": document.documentElement.lang },
      body: JSON.stringify(sent)
    }).then(function (answer) {
      return answer.json().then(function (said) {
        put("refused", answer.ok ? "" : said.detail, answer.ok);
        form.elements.password.value = "";
        if (answer.ok) { session(said); begin(); }
      });
    }).catch(function () { put("refused", words.unreachable, false); });
  });
  out.addEventListener("click", function () {
    fetch("api/v1/session", { method: "DELETE", headers: { "X-CSRF-Token": csrf } }).then(function () {
      location.reload();
    });
  });
  begin();
}());
