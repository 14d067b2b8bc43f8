/*
 * The web chat: shows a conversation with a bot, and keeps it in step with the server over a WebSocket.
 *
 * The server holds what was said. This page holds what the server has not acknowledged, and sends it again with the
 * same id after every new connection, so that it is one message however often it travels. The server's side, with the
 * frames that go back and forth, is webchat.py.
 */

const ANSWER_WITHIN = 10_000; // when a network vanishes, its sockets seem open for minutes
const LONGEST_WAIT = 10_000;
const CALM = 1_000; // a shorter gap in the connection is nobody's concern
const TYPING_LASTS = 25_000;
const GROUP_LASTS = 300;
const NEAR_LIMIT = 200;
const NEAR_END = 48;

const UNNUMBERED = Number.MAX_SAFE_INTEGER; // what has no place at the server yet stands last
const STATES = { refused: "Not sent", sending: "Sending", sent: "Sent", delivered: "Delivered", read: "Read" };
const RANKS = Object.keys(STATES);
const REASONS = {
  empty: "There is nothing in this message.",
  too_long: "This message is too long.",
  too_fast: "That was a little fast. Please wait a moment.",
};

/* A URL without the punctuation of the sentence around it; parentheses belong to it in pairs. */
const LINK = /https?:\/\/(?:[^\s<>"()]|\([^\s<>"()]*\))*(?:[^\s<>"'().,:;!?…\]»”’]|\([^\s<>"()]*\))/gi;

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });
const calendar = new Intl.DateTimeFormat(undefined, { dateStyle: "full" });
const nearDays = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });

// ─── small tools ───

const part = (id) => document.getElementById(id);
const capital = (words) => words.replace(/^\p{L}/u, (letter) => letter.toLocaleUpperCase());
const readable = (name) => capital(name.replace(/[_-]+/g, " "));

/* At random, so that a server that restarts is not met by all pages at once. */
const waitBefore = (attempt) => Math.min(LONGEST_WAIT, 500 * 2 ** attempt) * (0.5 + Math.random() / 2);

function make(tag, properties, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

function tryTo(work) {
  try {
    return work();
  } catch {
    return null;
  }
}

/* A browser may forbid storage; the chat then works until the page is left. */
const recall = (area, key) => tryTo(() => window[area].getItem(key));
const remember = (area, key, value) => tryTo(() => window[area].setItem(key, value));

// ─── the page and its bot ───

const [input, log, newer, typing, connection] = ["text", "log", "newer", "typing", "connection"].map(part);
const scroller = document.querySelector("main");
const hasMouse = matchMedia("(hover: hover)").matches; // elsewhere, focus raises a keyboard over half the page

async function listBots() {
  for (let attempt = 0; ; attempt++) {
    const answer = await fetch("/webchat/bots").then((response) => response.json()).catch(() => null);
    if (answer?.bots) return answer;
    showConnection(false);
    await new Promise((resolve) => setTimeout(resolve, waitBefore(attempt)));
  }
}

const { bots, scopes } = await listBots();
const wanted = new URLSearchParams(location.search).get("bot");
const bot = bots.includes(wanted) ? wanted : bots[0];
const botName = bot ? readable(bot) : "Chat";

const SESSION = `botkit.session.${bot}`;
const UNSENT = `botkit.unsent.${bot}`;
let session = recall("localStorage", SESSION) ?? recall("sessionStorage", SESSION) ?? undefined;

// ─── the connection ───

/* A socket that comes back by itself. It is ready once the server has said welcome. */
class Line {
  isReady = false;
  #socket = null;
  #attempt = 0;
  #readySince = 0;
  #timers = {};

  connect() {
    this.#hangUp();
    const origin = location.origin.replace(/^http/, "ws");
    const socket = new WebSocket(`${origin}/webchat/${encodeURIComponent(bot)}/socket`);
    socket.onopen = () => socket.send(JSON.stringify({ type: "hello", session, after: knownUpTo() }));
    socket.onmessage = ({ data }) => this.#receive(JSON.parse(data));
    socket.onclose = () => this.#comeBack();
    this.#socket = socket;
    this.#expectAnswer();
  }

  send(frame) {
    if (!this.isReady) return;
    this.#socket.send(JSON.stringify(frame));
    if (frame.type === "message") this.#expectAnswer();
  }

  #receive(frame) {
    this.#stop("answer");
    if (frame.type === "welcome") this.#becomeReady();
    frames[frame.type]?.(frame);
  }

  #becomeReady() {
    this.isReady = true;
    this.#readySince = Date.now();
    this.#stop("notice");
    showConnection(true);
  }

  #hangUp() {
    this.isReady = false;
    this.#stop("retry");
    this.#stop("answer");
    this.#start("notice", CALM, () => showConnection(false));
    if (this.#socket) this.#socket.onopen = this.#socket.onmessage = this.#socket.onclose = null;
    this.#socket?.close();
  }

  /* Only a connection that lasted ends the waiting; else a server that fails at once would be called without rest. */
  #comeBack() {
    if (this.isReady && Date.now() - this.#readySince > LONGEST_WAIT) this.#attempt = 0;
    this.#hangUp();
    this.#start("retry", waitBefore(this.#attempt++), () => this.connect());
  }

  #expectAnswer() {
    this.#start("answer", ANSWER_WITHIN, () => this.#comeBack());
  }

  #start(timer, wait, work) {
    this.#timers[timer] ??= setTimeout(work, wait);
  }

  #stop(timer) {
    clearTimeout(this.#timers[timer]);
    delete this.#timers[timer];
  }
}

function showConnection(isUp) {
  if (isUp && !connection.hidden) announce("Connected");
  connection.hidden = isUp;
  if (isUp) connection.textContent = "Connecting again…";
  else announce(connection.textContent);
}

const line = new Line();

const frames = {
  welcome({ session: given, messages: missed }) {
    if (given !== session) forgetConversation();
    session = given;
    readUpTo = 0;
    remember("sessionStorage", SESSION, session);
    if (missed.length && !latest()) keepQuiet();
    show(missed);
    unsent().forEach(transmit);
  },
  accepted({ message }) {
    remember("localStorage", SESSION, session); // not earlier: the server forgets a session that never said anything
    show([message]);
  },
  refused({ id, reason }) {
    const message = messages.get(id);
    if (message?.status !== "sending") return;
    // half a step behind the latest, so that what comes next stands below
    change(message, { status: "refused", reason, seq: latest() + 0.5 });
  },
  message({ message }) {
    show([message]);
  },
  status({ id, status }) {
    const message = all().find((candidate) => candidate.id === id);
    if (message) change(message, { status });
  },
  typing() {
    showTyping(true);
  },
};

// ─── the conversation ───

const messages = new Map(); // by the id that this page knew first; each is as the server tells it, with its element
let readUpTo = 0;

const all = () => [...messages.values()];
const unsent = () => all().filter(({ status }) => status === "sending");
const isFromBot = ({ from }) => from === "bot";
const choicesOf = (message) => message.buttons ?? message.items ?? message.quick_replies ?? [];

function numbers(isMeant) {
  return all().filter((message) => message.id && isMeant(message)).map(({ seq }) => seq);
}

function latest(isMeant = () => true) {
  return Math.max(0, ...numbers(isMeant));
}

/* A delivery is told once. What was not delivered when the connection broke is therefore asked for again. */
function knownUpTo() {
  const undelivered = numbers(({ from, status }) => from === "contact" && status === "sent");
  return Math.min(latest(), ...undelivered.map((seq) => seq - 1));
}

/* What a button carries goes along with its label. */
function say(words, choice) {
  const message = unsentMessage({ clientId: newId(), text: words, choice, at: Date.now() / 1000 });
  put(message);
  arrange();
  goToEnd();
  transmit(message);
}

function unsentMessage({ clientId, text, choice, at }) {
  return { id: null, clientId, from: "contact", kind: "text", text, choice, at, status: "sending", seq: UNNUMBERED };
}

/* crypto.randomUUID is there on https and on this machine only. */
function newId() {
  return crypto.randomUUID?.() ?? crypto.getRandomValues(new Uint32Array(4)).join("-");
}

function transmit({ clientId, text, choice }) {
  line.send({ type: "message", id: clientId, text, choice });
}

function show(told) {
  const before = latest(isFromBot);
  told.forEach(put);
  arrange();
  if (latest(isFromBot) > before) {
    showTyping(false);
    newer.hidden = isAtEnd;
  }
  tellRead();
}

/* Shows a message, or what is new about one; an older status may come after a newer one when a connection begins. */
function put(told) {
  const key = told.clientId ?? told.id;
  const known = messages.get(key);
  const element = known?.element ?? part("blank").content.firstElementChild.cloneNode(true);
  const status = RANKS[Math.max(RANKS.indexOf(told.status), RANKS.indexOf(known?.status))];
  messages.set(key, { ...told, status, element });
  if (known?.text !== told.text) drawContent(messages.get(key));
  drawState(messages.get(key));
}

function change(message, differences) {
  drawState(Object.assign(message, differences));
  arrange();
}

function sendAgain(message) {
  change(message, { status: "sending", seq: UNNUMBERED });
  transmit(message);
  input.focus();
}

function forgetConversation() {
  for (const [key, { status, element }] of messages) {
    if (status === "sending") continue;
    element.remove();
    messages.delete(key);
  }
}

function tellRead() {
  const seq = latest(isFromBot);
  const isSeen = isAtEnd && document.visibilityState === "visible" && document.hasFocus();
  if (!line.isReady || !isSeen || seq <= readUpTo) return;
  readUpTo = seq;
  line.send({ type: "read", seq });
}

/* Another tab has begun a conversation: this one joins it. */
function joinOtherTab({ key, newValue }) {
  if (key !== SESSION || !newValue || newValue === session) return;
  forgetConversation();
  session = newValue;
  line.connect();
}

function rememberUnsent() {
  const kept = unsent().map(({ clientId, text, choice, at }) => ({ clientId, text, choice, at }));
  remember("sessionStorage", UNSENT, JSON.stringify(kept));
}

function restoreUnsent() {
  const kept = tryTo(() => JSON.parse(recall("sessionStorage", UNSENT))) ?? [];
  kept.map(unsentMessage).forEach(put);
  arrange();
}

// ─── drawing ───

function drawContent(message) {
  const { element } = message;
  const [bubble, words, author, choices, time] = [".bubble", ".words", ".author", ".choices", "time"].map((place) =>
    element.querySelector(place),
  );
  const file = message[message.kind];
  const isTold = message.location || message.text === file?.url; // by what is drawn
  const said = [isTold ? "" : message.text, file?.caption].filter(Boolean).join("\n");
  Object.assign(element.dataset, { from: message.from, kind: message.kind });
  author.textContent = isFromBot(message) ? `${botName}: ` : "You: ";
  words.replaceChildren(...(isFromBot(message) ? withLinks(said) : [said]));
  words.hidden = !said;
  bubble.prepend(...partsOf(message));
  choices.replaceChildren(...choicesOf(message).map(choiceButton));
  choices.ariaLabel = message.button ?? "Answers";
  time.textContent = clock.format(message.at * 1000);
  time.dateTime = new Date(message.at * 1000).toISOString();
}

function* withLinks(words) {
  let end = 0;
  for (const { 0: url, index } of words.matchAll(LINK)) {
    yield words.slice(end, index);
    yield outwardLink(url, url);
    end = index + url.length;
  }
  yield words.slice(end);
}

function outwardLink(href, content) {
  return make("a", { href, target: "_blank", rel: "noopener noreferrer" }, content);
}

/* A file or a place; what a contact sent of that kind has no address here. */
function partsOf({ kind, location, ...message }) {
  if (location?.latitude !== undefined) return [place(location)];
  const file = message[kind];
  return file?.url?.startsWith("https://") ? [(DRAWN[kind] ?? download)(file, kind)] : [];
}

function place({ latitude, longitude, name, address }) {
  const url = `https://www.openstreetmap.org/?mlat=${latitude}&mlon=${longitude}`;
  const details = address ? [make("small", {}, address)] : [];
  return attachment(url, name || `${latitude}, ${longitude}`, ...details);
}

function download({ url, filename }) {
  return attachment(url, filename || tryTo(() => decodeURI(new URL(url).pathname).split("/").pop()) || url);
}

function attachment(url, ...content) {
  const link = outwardLink(url, content[0]);
  link.append(...content.slice(1));
  return Object.assign(link, { className: "attachment" });
}

function player({ url }, kind) {
  return make(kind, { src: url, controls: true, preload: "metadata", className: "player" });
}

const DRAWN = { image: picture, audio: player, video: player };

function picture({ url, caption }) {
  const image = make("img", { alt: caption || "Image", src: url });
  const link = Object.assign(outwardLink(url, image), { className: "picture" });
  image.onerror = () => link.replaceWith(outwardLink(url, "Open the image"));
  return link;
}

function choiceButton({ id, title, description, url }) {
  const details = description ? [make("small", {}, description)] : [];
  if (url) return Object.assign(outwardLink(url, title), { className: "choice" });
  const onclick = () => {
    say(title, id);
    (hasMouse ? input : scroller).focus();
  };
  return make("button", { type: "button", className: "choice", onclick }, title, ...details);
}

function drawState(message) {
  const { element, status, reason } = message;
  const trouble = element.querySelector(".trouble");
  element.dataset.status = status;
  element.querySelector(".state").ariaLabel = STATES[status];
  trouble.hidden = status !== "refused";
  trouble.firstElementChild.textContent = REASONS[reason] ?? "This message was not sent.";
  trouble.lastElementChild.onclick = () => sendAgain(message);
}

/* Puts everything where it belongs. What is in its place stays untouched, or it would be read aloud again. */
function arrange() {
  const ordered = all().sort((one, other) => one.seq - other.seq || one.at - other.at);
  ordered.forEach((message, index) => {
    const before = ordered[index - 1];
    const place = before ? before.element.nextSibling : log.firstChild;
    if (place !== message.element) log.insertBefore(message.element, place);
    markNeighbours(message, before);
  });
  closeChoices(ordered);
  part("greeting").hidden = !line.isReady || messages.size > 0;
  rememberUnsent();
}

function markNeighbours({ element, from, at, status }, before) {
  const isNewDay = !before || daysAgo(before.at) !== daysAgo(at);
  const isAlike = before?.from === from && (before.status === "refused") === (status === "refused");
  element.toggleAttribute("data-follows", !isNewDay && isAlike && at - before.at < GROUP_LASTS);
  element.toggleAttribute("data-same-minute", !isNewDay && clock.format(before.at * 1000) === clock.format(at * 1000));
  element.toggleAttribute("data-day", isNewDay);
  if (isNewDay) element.dataset.day = dayName(at);
}

function daysAgo(at) {
  const midnight = (moment) => new Date(moment).setHours(0, 0, 0, 0);
  return Math.round((midnight(Date.now()) - midnight(at * 1000)) / 86_400_000);
}

function dayName(at) {
  const days = daysAgo(at);
  return capital(days === 0 || days === 1 ? nearDays.format(-days, "day") : calendar.format(at * 1000));
}

/* Only the latest choices can be taken, and once. */
function closeChoices(ordered) {
  const question = ordered.findLast(isFromBot);
  const answers = ordered.slice(ordered.indexOf(question) + 1).map(({ text }) => text);
  const isAnswered = question && choicesOf(question).some(({ title }) => answers.includes(title));
  for (const choice of log.querySelectorAll("button.choice")) {
    choice.disabled = isAnswered || !question.element.contains(choice);
  }
}

let typingEnds = 0;

function showTyping(isTyping) {
  clearTimeout(typingEnds);
  if (isTyping) typingEnds = setTimeout(showTyping, TYPING_LASTS, false);
  typing.hidden = !isTyping;
  announce(isTyping ? `${botName} is typing` : "");
}

function announce(words) {
  if (part("announcer").textContent !== words) part("announcer").textContent = words;
}

/* A whole history must not be read aloud. */
function keepQuiet() {
  log.ariaLive = "off";
  setTimeout(() => (log.ariaLive = "polite"), CALM);
}

// ─── scrolling ───

let isAtEnd = true;
let lastTop = 0;

function goToEnd() {
  isAtEnd = true;
  newer.hidden = true;
  scroller.scrollTop = scroller.scrollHeight;
}

/* Only the reader scrolls up; a picture that has just come also lifts the page from its end. */
function noticeScroll() {
  const { scrollTop, scrollHeight, clientHeight } = scroller;
  isAtEnd = scrollHeight - scrollTop - clientHeight < NEAR_END || (isAtEnd && scrollTop >= lastTop);
  lastTop = scrollTop;
  if (!isAtEnd) return;
  newer.hidden = true;
  tellRead();
}

/* Where scroll bars take room, what stands above and below the conversation is moved in as far as it is. */
function fitGutter() {
  const gutter = (scroller.offsetWidth - scroller.clientWidth) / 2;
  document.documentElement.style.setProperty("--gutter", `${gutter}px`);
}

/* Some phones lay their keyboard over the page instead of shrinking it. */
function fitViewport() {
  if (visualViewport.scale > 1) return;
  document.documentElement.style.setProperty("--height", `${visualViewport.height}px`);
  window.scrollTo(0, 0);
}

// ─── writing ───

function submit() {
  const words = input.value.trim();
  input.focus();
  if (!words) return;
  input.value = "";
  fitText();
  say(words);
}

function fitText() {
  const left = input.maxLength - input.value.length;
  input.style.height = "auto";
  input.style.height = `${input.scrollHeight}px`;
  part("left").hidden = left > NEAR_LIMIT;
  part("left").textContent = `${left} left`;
}

function sendOnEnter(event) {
  // Enter also picks a word of an input method; Safari tells that by the key code only
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
  event.preventDefault();
  submit();
}

// ─── the beginning ───

function introduce() {
  document.title = botName;
  document.querySelectorAll(".name").forEach((place) => (place.textContent = botName));
  document.querySelectorAll(".avatar").forEach((place) => (place.textContent = [...botName][0]));
  typing.firstElementChild.textContent = `${botName} is typing`;
  part("scope").textContent = scopes[bot];
  part("scope").hidden = !scopes[bot];
  part("astray").hidden = !bot || !wanted || wanted === bot;
  part("astray").textContent = `There is no bot “${wanted}” here. You are talking to ${botName}.`;
  part("switch").hidden = bots.length < 2;
  const links = bots.map((name) => make("a", { href: `?bot=${encodeURIComponent(name)}` }, readable(name)));
  part("bots").append(...links);
  links[bots.indexOf(bot)]?.setAttribute("aria-current", "page");
}

function listen() {
  input.addEventListener("keydown", sendOnEnter);
  input.addEventListener("input", fitText);
  part("send").addEventListener("click", submit);
  part("send").addEventListener("mousedown", (event) => event.preventDefault()); // the input keeps the focus
  newer.addEventListener("click", goToEnd);
  scroller.addEventListener("scroll", noticeScroll, { passive: true });
  const sizes = new ResizeObserver(() => {
    fitGutter();
    if (isAtEnd) goToEnd();
  });
  [scroller, scroller.firstElementChild].forEach((element) => sizes.observe(element));
  window.visualViewport?.addEventListener("resize", fitViewport);
  window.addEventListener("storage", joinOtherTab);
  window.addEventListener("focus", tellRead);
  window.addEventListener("online", () => line.connect());
  window.addEventListener("offline", () => line.connect()); // it may fail, and so tell; or the server is near
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible" && !line.isReady) line.connect();
    tellRead();
  });
}

introduce();
if (bot) {
  listen();
  restoreUnsent();
  line.connect();
  input.disabled = part("send").disabled = false; // not earlier: what is typed must not be lost
  if (hasMouse) input.focus();
} else {
  part("greeting").hidden = false;
  part("invitation").textContent = "There is no bot to chat with yet.";
}
