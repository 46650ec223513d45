// Live pages. Entries are sent without a reload, and kept while the connection is lost. Parts that change are fetched
// again when the event stream reports news. Every page also works without this script.
"use strict";

(() => {
  const page = document.body.dataset.page;
  const token = document.getElementById("token");
  if (token && location.hash.startsWith("#t=")) {
    token.value = decodeURIComponent(location.hash.slice(3));
    history.replaceState(null, "", location.pathname); // the token must not stay in the address
  }
  if (!page) return;

  const news = document.getElementById("news");
  const lost = document.getElementById("lost");
  const newKey = () => Array.from(crypto.getRandomValues(new Uint8Array(12)), (b) => b.toString(16).padStart(2, "0")).join("");
  const later = (ms) => new Promise((done) => setTimeout(done, ms));

  // One entry: repeated with the same key until the server answers, so that it is neither lost nor doubled.
  const send = async (form, body) => {
    const output = form.querySelector("output");
    for (let wait = 500; ; wait = Math.min(wait * 2, 5000)) {
      try {
        const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } });
        if (answer.ok) return (output.textContent = ""), true;
        const type = answer.headers.get("content-type") || "";
        output.textContent = type.includes("json") ? (await answer.json()).error : await answer.text();
        return false;
      } catch {
        output.textContent = "Waiting for the connection. Your entry will be sent.";
        await later(wait);
      }
    }
  };
  const content = (form, button) => {
    const fields = new URLSearchParams(new FormData(form, button));
    fields.delete("key");
    return fields.toString();
  };

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.matches("form[data-act]")) return;
    event.preventDefault();
    const button = event.submitter;
    const sent = content(form, button);
    if (form.dataset.pending === sent) return; // a double click
    form.dataset.pending = sent;
    const body = new URLSearchParams(new FormData(form, button));
    form.elements.key.value = newKey();
    const done = await send(form, body);
    if (form.dataset.pending === sent) delete form.dataset.pending;
    if (!done) return;
    news.textContent = "Entered.";
    refresh();
    if (content(form, button) !== sent) return; // someone is already typing the next entry
    const key = form.elements.key.value;
    form.reset();
    form.elements.key.value = key;
    const panel = form.closest("details.panel");
    if (panel) {
      panel.open = false;
      panel.querySelector("summary").focus();
    }
  });

  // Parts that change. A part in which someone is typing is not replaced until the focus moves elsewhere.
  let asked = false;
  let running = false;
  const typing = (part) => {
    const active = document.activeElement;
    return part.contains(active) && active.matches("input:not([type=hidden]), textarea, select");
  };
  // What was typed into a form, and which form it is: the text is copied into the part that replaces the old one.
  const fieldsOf = (part) => [...part.querySelectorAll("form[data-act] :is(input:not([type=hidden]), textarea, select)")];
  const placeOf = (field) => {
    const hidden = [...field.form.querySelectorAll("input[type=hidden]")].filter((one) => !["key", "form_token"].includes(one.name));
    return [field.form.getAttribute("action"), ...hidden.map((one) => one.value), field.name].join("|");
  };
  const isEdited = (field) => {
    if (field.type === "checkbox") return field.checked !== field.defaultChecked;
    return field.matches("select") ? field.selectedIndex !== 0 : field.value !== field.defaultValue;
  };
  const carryOver = (old, fresh) => {
    const edited = new Map(fieldsOf(old).filter(isEdited).map((field) => [placeOf(field), field]));
    for (const field of edited.size ? fieldsOf(fresh) : []) {
      const typed = edited.get(placeOf(field));
      if (typed && field.type === "checkbox") field.checked = typed.checked;
      else if (typed) field.value = typed.value;
    }
  };
  const shape = (part) => part.innerHTML.replace(/name="key" value="\w*"/g, "");
  const replace = (old, fresh) => {
    if (shape(old) === shape(fresh) && old.hidden === fresh.hidden && old.className === fresh.className) return;
    const open = [...old.querySelectorAll("details[open][id]")].map((one) => one.id);
    const active = old.contains(document.activeElement) ? document.activeElement : null;
    const place = active ? [...old.querySelectorAll("button, summary, a")].indexOf(active) : -1;
    carryOver(old, fresh);
    old.replaceWith(fresh);
    for (const id of open) {
      const again = document.getElementById(id);
      if (again) again.open = true;
    }
    if (place >= 0) (fresh.querySelectorAll("button, summary, a")[place] || document.getElementById("main")).focus();
  };
  const refresh = async () => {
    asked = true;
    if (running) return;
    running = true;
    while (asked) {
      asked = false;
      try {
        const answer = await fetch(`/part/${page}`);
        if (answer.redirected || answer.status === 401) return location.assign("/");
        if (answer.ok) {
          const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
          for (const part of fresh.querySelectorAll("[data-part]")) {
            const old = document.getElementById(part.id);
            if (!old) continue;
            if (typing(old)) old.dataset.stale = "1";
            else replace(old, document.adoptNode(part));
          }
        }
      } catch {
        // the event stream reports when the connection is back
      }
      await later(700);
    }
    running = false;
  };
  document.addEventListener("focusout", () => setTimeout(() => document.querySelector("[data-stale]") && refresh(), 50));

  const stream = new EventSource("/stream");
  stream.onopen = () => {
    if (!lost.hidden) refresh();
    lost.hidden = true;
  };
  stream.onerror = () => (lost.hidden = false);
  stream.addEventListener("reload", () => refresh());
  stream.addEventListener("news", (event) => {
    const lines = JSON.parse(event.data).lines;
    if (lines.length) news.textContent = lines.map((line) => `${line.author === "gameday" ? "" : line.author + " "}${line.text}`).slice(-3).join(". ");
    refresh();
  });

  // Clocks count down between two refreshes. A clock that becomes due fetches the new state.
  setInterval(() => {
    for (const clock of document.querySelectorAll("[data-due]")) {
      const left = Math.round((Number(clock.dataset.due) - Date.now()) / 1000);
      clock.textContent = left >= 0 ? `in ${Math.floor(left / 60)} min ${String(left % 60).padStart(2, "0")} s` : "overdue";
      if (left === -1) refresh();
    }
    if (page === "control") refresh();
  }, 1000);
})();
