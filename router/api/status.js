
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
  function rows(id, calls, zone, last) {
    var body = document.createDocumentFragment();
    calls.forEach(function (call) {
      var row = document.createElement("tr");
      [clock(call.started, zone), (call.caller || words.hidden) + (call.test ? " (" + words.test + ")" : ""),
        call.called || "-", call.line || "-", call.flow || "-", call[last] || "-"].forEach(function (text) {
        row.appendChild(document.createElement("td")).textContent = text;
      });
      body.appendChild(row);
    });
    if (!calls.length) {
      var cell = document.createElement("tr").appendChild(document.createElement("td"));
      cell.colSpan = 6;
      cell.textContent = words.none;
      body.appendChild(cell.parentNode);
    }
    document.getElementById(id).replaceChildren(body);
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
    rows("active", status.calls.active, status.timezone, "node");
    rows("last", status.calls.last, status.timezone, "outcome");
    put("updated", clock(status.now, status.timezone));
  }
  function refresh() {
    fetch("api/v1/status", { cache: "no-store" }).then(function (answer) {
      if (!answer.ok) { throw new Error(answer.status); }
      return answer.json();
    }).then(show).catch(function () { put("ready", words.unreachable, false); }).finally(function () {
      setTimeout(refresh, 1000);
    });
  }
  refresh();
}());
