// Rows of scores. Names and all else that comes from the service are put into the page as text, never as markup.

import { ago, count, moment, points, title } from "./format.js";

/** How many of the things that rules tell besides the points have a column. */
const DETAILS = 3;

/** An element with a text, and classes. */
export function element(tag, text = "", className = "") {
  const made = document.createElement(tag);
  made.textContent = text;
  made.className = className;
  return made;
}

/** A time of day, which tells more when pointed at. */
function when(millis, now) {
  const time = element("time", ago(millis, now));
  time.dateTime = new Date(millis).toISOString();
  time.title = moment(millis);
  return time;
}

/**
 * Fills a table. Rows of scores that were there already are not made anew, so that the focus stays where it is.
 * @param {HTMLTableElement} table
 * @param {Array} entries as the service tells them
 * @param {{ board, now: number, me: ?string, fresh: Set<number>, watch: ?function, link: ?function, columns: string[] }} options
 */
export function fill(table, entries, options) {
  const details = options.columns.includes("details") ? detailNames(entries) : [];
  const columns = options.columns.flatMap((column) => (column === "details" ? details : [column]));
  if (table.dataset.columns !== columns.join()) {
    table.dataset.columns = columns.join();
    table.tHead.replaceChildren(head(columns, options));
    table.tBodies[0].replaceChildren();
  }
  const body = table.tBodies[0];
  const kept = new Map([...body.rows].map((row) => [row.dataset.score, row]));
  entries.forEach((entry, place) => {
    const key = String(entry.score);
    const row = kept.get(key) ?? element("tr");
    kept.delete(key);
    const told = JSON.stringify([entry.rank, entry.player?.name, entry.points, entry.hidden, Boolean(options.watch)]);
    if (row.dataset.told !== told) {
      row.dataset.score = key;
      row.dataset.told = told;
      row.replaceChildren(...columns.map((column) => cell(column, entry, options)));
    } else {
      row.querySelector("time")?.replaceWith(when(entry.accepted, options.now));
    }
    row.className = "";
    row.classList.toggle("me", entry.player?.id !== undefined && entry.player.id === options.me);
    row.classList.toggle("first", entry.rank === 1);
    row.classList.toggle("new", options.fresh?.has(entry.score) ?? false);
    if (body.rows[place] !== row) {
      body.insertBefore(row, body.rows[place] ?? null);
    }
  });
  kept.forEach((row) => row.remove());
}

function detailNames(entries) {
  const names = new Set(entries.flatMap((entry) => Object.keys(entry.details ?? {})));
  return [...names].sort().slice(0, DETAILS).map((name) => `detail ${name}`);
}

function head(columns, { board }) {
  const row = element("tr");
  for (const column of columns) {
    const names = {
      rank: "Rank", player: "Player", points: board.unit === "ticks" ? "Time" : "Points", when: "When", season: "Season",
    };
    const cell = element("th", names[column] ?? title(column.slice("detail ".length)), classes(column));
    if (column === "watch") {
      cell.replaceChildren(element("span", "Replay", "hidden"));
    }
    cell.scope = "col";
    row.append(cell);
  }
  return row;
}

function classes(column) {
  const kind = column.split(" ")[0];
  return { rank: "rank number", points: "points number", detail: "detail number", season: "number" }[kind] ?? kind;
}

function cell(column, entry, { board, now, watch, link }) {
  const made = element(column === "player" ? "th" : "td", "", classes(column));
  switch (column) {
    case "rank":
      made.textContent = count(entry.rank);
      break;
    case "player": {
      made.scope = "row";
      const name = element("a", entry.player.name);
      name.href = link(entry.player.id);
      made.append(name);
      break;
    }
    case "points":
      made.textContent = points(entry.points, board);
      break;
    case "season":
      made.textContent = count(entry.season);
      break;
    case "when":
      made.append(when(entry.accepted, now));
      break;
    case "watch":
      if (entry.hidden) {
        made.textContent = "not listed";
      } else if (watch) {
        const button = element("button", "Watch", "quiet");
        button.type = "button";
        const whose = entry.player ? ` of ${entry.player.name}` : "";
        button.setAttribute("aria-label", `Watch the run${whose}, ${points(entry.points, board)}`);
        button.addEventListener("click", () => watch(entry));
        made.append(button);
      }
      break;
    default: {
      const detail = entry.details?.[column.slice("detail ".length)];
      made.textContent = detail === undefined ? "" : count(detail);
    }
  }
  return made;
}
