// Keeps a lot's page in step with the lot: listens to its events, shows the server's clock, sends bids and says what
// came of them. Words and figures come from the server (room_words.py, core/public.py); nothing is decided here.
"use strict";

(() => {
  const source = document.getElementById("room-data");
  if (!source) return;
  const room = JSON.parse(source.textContent);
  const { words, language, paddle } = room;
  const HEARTBEAT = 12000;
  const RESEND = 1500;
  let lot = room.lot;
  let hasBid = room.hasBid;
  let offset = null;
  let heard = Date.now();
  // Until the stream says what time it is: the page's own time, late by however long it took to come.
  const rendered = Date.parse(room.now) - Date.now();
  let stream = null;

  const filled = (phrase, values) => phrase.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const amount = (text) => Number(text).toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 }).replace(/\.00$/, "");
  const each = (name, act) => document.querySelectorAll(`[data-show="${name}"]`).forEach(act);
  const show = (name, text) => each(name, (place) => { if (place.textContent !== text) place.textContent = text; });
  const capitalised = (text) => text.charAt(0).toUpperCase() + text.slice(1);
  const serverNow = () => Date.now() + (offset ?? rendered);

  const inCorridor = (options) => new Intl.DateTimeFormat("en-CA", { timeZone: "Asia/Shanghai", hourCycle: "h23", ...options });
  const timeOfDay = inCorridor({ hour: "2-digit", minute: "2-digit", second: "2-digit" });
  const day = inCorridor({ month: "2-digit", day: "2-digit" });

  // As `time_words` does on the server: with its day where that is not today.
  function timeTold(at) {
    const days = [at, new Date(serverNow())].map((one) => day.format(one));
    return days[0] === days[1] ? timeOfDay.format(at) : `${days[0]} ${timeOfDay.format(at)}`;
  }

  function span(milliseconds) {
    const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
    const two = (number) => String(number).padStart(2, "0");
    const days = Math.floor(seconds / 86400);
    if (days) return language === "en" ? `${days} d ${Math.floor((seconds % 86400) / 3600)} h` : `${days} 天 ${Math.floor((seconds % 86400) / 3600)} 小时`;
    const hours = Math.floor(seconds / 3600);
    const rest = `${two(Math.floor((seconds % 3600) / 60))}:${two(seconds % 60)}`;
    return hours ? `${hours}:${rest}` : rest;
  }

  // The price of a falling sale, as the terms say it falls.
  function fallen() {
    if (!room.falling || lot.phase !== "open" || !lot.opened) return null;
    const elapsed = (serverNow() - Date.parse(lot.opened)) / 1000;
    const steps = Math.max(0, Math.floor(elapsed / room.falling.interval));
    return Math.max(Number(room.falling.floor), Number(room.falling.start) - steps * Number(room.falling.step)).toFixed(2);
  }

  const running = () => lot.phase === "open" || lot.phase === "awaiting";
  const ended = () => ["sold", "unsold", "annulled"].includes(lot.phase);

  function showClock() {
    let text = "–";
    if (lot.phase === "scheduled" && lot.opens) text = filled(words.opens_in, { time: span(Date.parse(lot.opens) - serverNow()) });
    else if (running() && lot.closes) {
      const left = Date.parse(lot.closes) - serverNow();
      text = left > 0 ? span(left) : words.time_is_up;
      each("clock", (place) => place.classList.toggle("urgent", left <= 30000));
    } else if (running()) text = words.no_clock;
    else if (lot.phase === "paused" && lot.closes && lot.paused) text = span(Date.parse(lot.closes) - Date.parse(lot.paused));
    show("clock", text);
    const price = fallen();
    if (price !== null) showFalling(price);
    if (Date.now() - heard > HEARTBEAT) show("connection", words.lost);
  }

  function showFalling(price) {
    show("price", amount(price));
    document.querySelectorAll('[data-room-form="bid"]').forEach((form) => {
      if (form.dataset.busy) return;
      form.elements.amount.value = price;
      form.querySelector("button").textContent = filled(words.take, { price: amount(price) });
    });
  }

  function ownState() {
    if (!paddle) return "";
    const leads = lot.leader === paddle;
    if (lot.phase === "sold") return leads ? words.won : hasBid ? words.not_won : "";
    if (ended()) return "";
    if (leads) return words.you_lead;
    if (!hasBid) return words.no_bid_yet;
    return lot.leader ? words.outbid : words.has_bid;
  }

  function showLot() {
    const phase = words[`phase_${lot.phase}`];
    show("phase", capitalised(phase));
    show("clock-label", lot.phase === "open" ? words.time_left : capitalised(phase));
    if (!room.falling || ended()) show("price", amount(lot.price ?? lot.asked));
    if (lot.price !== null) show("price-label", words.price);
    show("leader", lot.leader ? filled(words.paddle, { bidder: lot.leader }) : words.nobody);
    show("bids", String(lot.bids));
    show("bidders", String(lot.bidders));
    if (lot.least) show("least", amount(lot.least));
    if (lot.reserve_met !== null) show("reserve", lot.reserve_met ? words.reserve_met : words.reserve_not_met);
    each("own", (place) => {
      const text = ownState();
      place.textContent = text;
      place.classList.toggle("met", lot.leader === paddle);
      place.classList.toggle("missed", text === words.outbid);
    });
    const open = lot.phase === "open" || lot.phase === "awaiting";
    document.querySelectorAll("[data-desk]").forEach((desk) => { desk.hidden = !open; });
    document.querySelectorAll("[data-desk-closed]").forEach((note) => { note.hidden = open; });
    showClock();
  }

  function tell(event) {
    each("happenings", (list) => {
      if (list.querySelector(`[data-sequence="${event.sequence}"]`)) return;
      const item = document.createElement("li");
      item.dataset.sequence = event.sequence;
      const time = document.createElement("time");
      time.className = "figure quiet";
      time.dateTime = event.at;
      time.textContent = timeTold(new Date(event.at));
      const text = document.createElement("span");
      text.textContent = event.text[language];
      item.append(time, " ", text);
      list.prepend(item);
      while (list.children.length > 60) list.lastElementChild.remove();
    });
  }

  // The first message counts as it is; later ones are smoothed, for each may have waited on its way.
  function hear(now) {
    const measured = Date.parse(now) - Date.now();
    offset = offset === null || Math.abs(measured - offset) > 2000 ? measured : offset * 0.8 + measured * 0.2;
    heard = Date.now();
    show("connection", words.connected);
    const seconds = (Math.abs(offset) / 1000).toFixed(1);
    show("offset", Math.abs(offset) < 1000 ? words.in_step : filled(offset > 0 ? words.behind : words.ahead, { seconds }));
  }

  function take(message) {
    const news = JSON.parse(message.data);
    if (news.lot && news.lot.lot !== lot.lot) {
      // The hall's screen follows the sale: another lot has come to life.
      if (room.follow && news.lot.phase === "open" && ended()) location.reload();
      return;
    }
    if (news.now) hear(news.now);
    if (!news.lot || news.lot.sequence < lot.sequence) return;
    const before = lot.phase;
    lot = news.lot;
    (news.events || []).forEach((event) => {
      if (event.bidder === paddle && ["bid_placed", "bid_sealed"].includes(event.kind)) hasBid = true;
      tell(event);
    });
    showLot();
    if (before !== lot.phase && !document.querySelector("form[data-busy]")) renew();
  }

  // Another phase has other forms: they come from the server, without leaving a page that may have no network.
  async function renew() {
    try {
      const response = await fetch(location.href, { credentials: "same-origin" });
      if (!response.ok || response.redirected) return;
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      document.querySelectorAll("[data-renewed]").forEach((place) => {
        const news = page.querySelector(`[data-renewed="${place.dataset.renewed}"]`);
        if (news) place.replaceChildren(...news.childNodes);
      });
      fillReveal();
      showLot();
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
    }
  }

  function listen() {
    const address = room.follow || room.stream;
    stream = new EventSource(`${address}${room.follow ? "" : `?after=${lot.sequence}`}`);
    stream.addEventListener("open", () => {
      heard = Date.now();
      show("connection", words.connected);
    });
    stream.addEventListener("lot", take);
    stream.addEventListener("clock", (message) => hear(JSON.parse(message.data).now));
    stream.addEventListener("error", () => {
      show("connection", words.lost);
      // The browser tries again by itself, unless the server refused: then we do, from the last event that we have.
      if (stream.readyState === EventSource.CLOSED) setTimeout(listen, 2000 + Math.random() * 2000);
    });
  }

  function answer(html) {
    each("answer", (place) => { place.innerHTML = html; });
    const told = document.querySelector(".room-answer");
    return told ? told.dataset : {};
  }

  function say(text) {
    each("answer", (place) => {
      const line = document.createElement("p");
      line.className = "room-answer";
      line.textContent = text;
      place.replaceChildren(line);
    });
  }

  // The same key until there is an answer: the server takes it once, however often it arrives.
  async function send(form) {
    const body = new URLSearchParams(new FormData(form));
    say(words.sending);
    for (;;) {
      try {
        const response = await fetch(form.action, { method: "POST", body, headers: { "X-Yunlang-Room": "1" }, credentials: "same-origin" });
        if (response.redirected) return void say(words.signed_out);
        if (response.status < 500 || response.headers.get("Content-Type")?.startsWith("text/html")) {
          const told = answer(await response.text());
          if (told.key) form.elements.key.value = told.key;
          if (told.accepted === "yes" && form.elements.proxy) form.elements.proxy.checked = false;
          if (told.accepted === "yes" && form.elements.amount) form.elements.amount.value = "";
          return told.accepted === "yes";
        }
      } catch (error) {
        if (!(error instanceof TypeError)) throw error;
      }
      say(words.resending);
      await new Promise((resolve) => setTimeout(resolve, RESEND));
    }
  }

  const cents = (text) => {
    const plain = text.replace(/[,，\s]/g, "");
    const found = /^(\d{1,16})(?:\.(\d{1,2}))?\s*(万元?)?元?$/.exec(plain);
    if (!found) return null;
    const scaled = found[3] ? BigInt(found[1]) * 1000000n + BigInt((found[2] || "").padEnd(6, "0")) : BigInt(found[1]) * 100n + BigInt((found[2] || "").padEnd(2, "0"));
    return scaled > 0n ? `${scaled / 100n}.${String(scaled % 100n).padStart(2, "0")}` : null;
  };

  // Canonical JSON as `core/commitments.py` has it: these keys in this order, no spaces, UTF-8.
  async function commitment(sealed) {
    const text = JSON.stringify({ amount: sealed.amount, bidder: paddle, lot: room.lot.lot, nonce: sealed.nonce });
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
    return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  const decoded = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));

  // To the office's public key, as `sealing.py` has it: RSA-OAEP with SHA-256 over {"amount":…,"nonce":…}.
  async function encrypted(publicKey, sealed) {
    const algorithm = { name: "RSA-OAEP", hash: "SHA-256" };
    const key = await crypto.subtle.importKey("spki", decoded(publicKey), algorithm, false, ["encrypt"]);
    const content = new TextEncoder().encode(JSON.stringify(sealed));
    return btoa(String.fromCharCode(...new Uint8Array(await crypto.subtle.encrypt(algorithm, key, content))));
  }

  const kept = `yunlang-seal-${room.lot.lot}-${paddle}`;

  async function seal(form) {
    if (!globalThis.crypto?.subtle) return void say(words.no_crypto);
    const value = cents(form.querySelector("[data-room-amount]").value);
    if (!value) return void say(words.bad_amount);
    const nonce = [...crypto.getRandomValues(new Uint8Array(24))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    const sealed = { amount: value, nonce };
    form.elements.commitment.value = await commitment(sealed);
    const publicKey = form.dataset.openingKey;
    if (publicKey) form.elements.ciphertext.value = await encrypted(publicKey, sealed);
    else localStorage.setItem(kept, JSON.stringify(sealed));
    const taken = await send(form);
    if (taken) {
      hasBid = true;
      if (!publicKey) each("answer", (place) => {
        const note = document.createElement("p");
        const code = document.createElement("code");
        note.textContent = words.sealed_kept;
        code.textContent = nonce;
        place.append(note, code);
      });
    }
    return taken;
  }

  // What was sealed here is filled in where it is asked for.
  function fillReveal() {
    const form = document.querySelector('[data-room-form="reveal"]');
    const sealed = JSON.parse(localStorage.getItem(kept) || "null");
    if (!form || !sealed) return;
    form.elements.amount.value = sealed.amount;
    form.elements.nonce.value = sealed.nonce;
  }

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.dataset.roomForm) return;
    event.preventDefault();
    if (form.dataset.busy) return;
    form.dataset.busy = "yes";
    form.setAttribute("aria-busy", "true");
    let taken;
    try {
      taken = await (form.dataset.roomForm === "seal" ? seal(form) : send(form));
    } finally {
      delete form.dataset.busy;
      form.removeAttribute("aria-busy");
    }
    if (taken && form.dataset.roomForm !== "bid") await renew();
  });

  fillReveal();
  showLot();
  setInterval(showClock, 200);
  listen();
})();
