// The page: which board, which season and which player are shown stands in the address, behind the #, so that it can be
// linked. What is shown is asked for again every two seconds, while somebody looks.

import * as api from "./api.js";
import { count, points } from "./format.js";
import { playerPanel } from "./players.js";
import { watch } from "./replay.js";
import { element, fill } from "./table.js";
import { themes } from "./theme.js";

const $ = (id) => document.getElementById(id);

/** From one look to the next, in milliseconds; and at most, when there is no answer. */
const POLL = 2_000;
const LONGEST_WAIT = 30_000;
/** How many rows there are at first, how many “more” adds, and how many the service tells at once. */
const ROWS = 25;
const MORE = 50;
const AT_ONCE = 100;
/** For how long a new row is marked, in milliseconds. */
const FRESH = 6_000;

let boards = [];
/** How far the clock here is behind that of the service. */
let skew = 0;
let listing = empty("");
let wanted = ROWS;
let shownAt = "";
let failures = 0;
let wake = () => {};
let isStale = false;

const panel = playerPanel({ place, address, watch, changed });

function empty(key) {
  return { key, tag: null, entries: [], next: null, total: 0, rows: 0, fresh: new Map() };
}

/** What the address asks for: { board, season, player }. */
function place() {
  const asked = Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
  const board = boards.find(({ id }) => id === asked.board) ?? boards[0];
  const endless = board?.seasons.kind === "endless";
  return { board, season: endless ? "all" : (asked.season ?? "current"), player: asked.player ?? null };
}

/** The address of the same place with some of it changed; what is null is left out. */
function address(changes) {
  const { board, season, player } = place();
  const all = Object.entries({ board: board?.id, season, player, ...changes });
  return `#${new URLSearchParams(all.filter(([, value]) => value !== null && value !== undefined))}`;
}

/** Something else is to be shown, or more of it: at once. */
function changed() {
  isStale = true;
  wake();
}

async function look() {
  if (boards.length === 0) {
    const { name, time } = await api.info();
    skew = time - Date.now();
    $("service").textContent = name;
  }
  boards = await api.boards();
  const { board, season } = place();
  if (!board) {
    $("title").textContent = "No boards";
    return;
  }
  showBoards();
  const key = `${board.id} ${season}`;
  const before = listing.key === key ? listing : empty(key);
  const after = await rows(board, season, before);
  if (place().board?.id !== board.id || place().season !== season) {
    return;
  }
  if (before.tag !== null && after !== before && before.rows === after.rows) {
    news(board, before, after);
  }
  listing = after;
  showListing(board, season);
  await panel.show(board, season, after.tag, Date.now() + skew);
}

/** The listing as it is now, as many rows as are wanted; the one from before if nothing has changed. */
async function rows(board, season, before) {
  const goal = wanted;
  const ask = (after, length) => api.top(board.id, season, Math.min(AT_ONCE, goal - length), after);
  const { value, tag } = await ask(undefined, 0);
  if (tag !== null && tag === before.tag && goal === before.rows) {
    return before;
  }
  let { entries, next, total } = value;
  while (next !== null && entries.length < goal) {
    const { value: more } = await ask(next, entries.length);
    entries = [...entries, ...more.entries];
    next = more.next;
  }
  return { key: before.key, tag, entries, next, total, rows: goal, fresh: before.fresh };
}

/** Marks the rows that came since, and says them to who can't see it. */
function news(board, before, after) {
  const newest = Math.max(0, ...before.entries.map(({ score }) => score));
  const arrived = after.entries.filter(({ score }) => score > newest);
  arrived.forEach(({ score }) => after.fresh.set(score, Date.now() + FRESH));
  if (arrived.length > 0) {
    const told = arrived.slice(0, 3).map((entry) => {
      return `${entry.player.name} is on rank ${count(entry.rank)} with ${points(entry.points, board)}`;
    });
    $("news").textContent = `${told.join("; ")}.`;
  }
}

function showBoards() {
  const { board, season } = place();
  const key = JSON.stringify([boards.map(({ id, title }) => [id, title]), location.hash, board.season]);
  if (key === shownAt) {
    return;
  }
  shownAt = key;
  if ($("boards").children.length !== boards.length) {
    $("boards").replaceChildren(...boards.map(() => {
      const item = element("li");
      item.append(element("a"));
      return item;
    }));
  }
  boards.forEach((shown, index) => {
    const link = $("boards").children[index].firstChild;
    link.textContent = shown.title;
    link.href = address({ board: shown.id });
    if (shown === board) {
      link.setAttribute("aria-current", "page");
    } else {
      link.removeAttribute("aria-current");
    }
  });
  $("title").textContent = board.title;
  document.title = `${board.title} · ${$("service").textContent}`;
  const past = Array.from({ length: Math.min(board.season - 1, 200) }, (_, index) => String(board.season - 1 - index));
  const seasons = [["current", `This season (${board.season})`], ["all", "All time"], ...past.map((n) => [n, `Season ${n}`])];
  $("season").replaceChildren(...seasons.map(([value, text]) => new Option(text, value)));
  $("season").value = season;
  $("season").parentElement.hidden = board.seasons.kind === "endless";
  $("no-viewer").hidden = api.viewer(board) !== null;
  $("no-viewer").textContent = board.viewer
    ? "Replays of another service are not run here. Watch them on its own page."
    : "Replays can’t be watched here: this build of the server has no viewer for them.";
}

function showListing(board, season) {
  const { entries, total, next, fresh } = listing;
  const now = Date.now();
  fill($("table"), entries, {
    board,
    now: now + skew,
    me: panel.me(),
    fresh: new Set([...fresh].filter(([, until]) => until > now).map(([score]) => score)),
    watch: api.viewer(board) && ((entry) => watch(board, entry)),
    link: (player) => address({ player }),
    columns: ["rank", "player", "points", "details", "when", "watch"],
  });
  const what = board.entries === "best_per_player" ? ["player", "players"] : ["run", "runs"];
  $("summary").textContent = `${count(total)} ${what[total === 1 ? 0 : 1]}, live`;
  $("summary").className = "muted summary-live";
  const when = { current: "this season", all: "all time" }[season] ?? `season ${season}`;
  $("caption").textContent = `${board.title}, ${when}: the best ${count(entries.length)} of ${count(total)}`;
  $("empty").hidden = entries.length > 0;
  $("empty").textContent = season === "all" ? "Nobody has played yet." : "Nobody has played in this season yet.";
  $("table").hidden = entries.length === 0;
  $("more").hidden = next === null;
}

/** Looks, and looks again, for as long as the page is open. */
async function live() {
  for (;;) {
    if (document.hidden) {
      await until(Infinity);
    }
    isStale = false;
    let wait = POLL;
    try {
      await look();
      failures = 0;
      $("trouble").hidden = true;
    } catch (trouble) {
      failures += 1;
      const backoff = Math.min(LONGEST_WAIT, POLL * 2 ** failures) * (0.75 + Math.random() / 2);
      wait = Math.max(backoff, trouble.wait ?? 0);
      const seconds = count(Math.ceil(wait / 1_000));
      $("trouble-text").textContent = `${trouble.message} What is shown may be old. The next try is in ${seconds} s.`;
      $("trouble").hidden = false;
      $("summary").classList.remove("summary-live");
      if (!(trouble instanceof api.Trouble)) {
        console.error(trouble);
      }
    }
    if (!isStale) {
      await until(wait);
    }
  }
}

/** Waits so many milliseconds, or until something changes. */
function until(millis) {
  return new Promise((resolve) => {
    const timer = millis === Infinity ? undefined : setTimeout(resolve, millis);
    wake = () => {
      clearTimeout(timer);
      resolve();
    };
  });
}

themes($("theme"));
addEventListener("hashchange", () => {
  if (listing.key !== `${place().board?.id} ${place().season}`) {
    wanted = ROWS;
  }
  panel.moved();
  changed();
});
document.addEventListener("visibilitychange", () => !document.hidden && changed());
$("again").addEventListener("click", changed);
$("season").addEventListener("change", () => (location.hash = address({ season: $("season").value })));
$("more").addEventListener("click", () => {
  wanted += MORE;
  changed();
});
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  $("board").focus();
});
live();
