// One player: found by name, with the best run, those around it, and the latest runs. Who says “this is me” is remembered
// in this browser, and marked in all listings.

import * as api from "./api.js";
import { count, points } from "./format.js";
import { element, fill } from "./table.js";
import { memory } from "./theme.js";

const $ = (id) => document.getElementById(id);
const ME = "netcord.me";
/** How many are around a player, how many runs are shown at first, how many names are found. */
const AROUND = 7;
const RUNS = 5;
const FOUND = 8;
/** How long somebody has to stop typing before names are looked for, in milliseconds. */
const TYPING = 250;

/**
 * The panel of a player. `place` says what the page shows, `address` makes a link to somewhere else, `watch` shows a run,
 * `changed` asks for another look.
 */
export function playerPanel({ place, address, watch, changed }) {
  let me = memory.get(ME);
  let runs = RUNS;
  let shown = "";
  /** Whether the focus goes to the player, once there. */
  let arrives = false;

  const wanted = () => place().player ?? me;

  async function show(board, season, tag, now) {
    const id = wanted();
    $("player").hidden = id === null;
    if (id === null) {
      shown = "";
      return;
    }
    const key = JSON.stringify([board.id, season, tag, id, runs]);
    if (tag !== null && key === shown) {
      return;
    }
    const [player, best, around, history] = await Promise.all([
      known(api.player(id)),
      known(api.best(board.id, season, id)),
      known(api.around(board.id, season, id, AROUND)),
      known(api.history(board.id, id, runs)),
    ]);
    if (wanted() !== id || place().board.id !== board.id) {
      return;
    }
    shown = key;
    $("player-name").textContent = player?.name ?? "Nobody";
    $("player-best").textContent = best
      ? `Rank ${count(best.rank)} with ${points(best.points, board)}`
      : player ? "No run in this listing yet." : "There is no such player here.";
    $("me").hidden = player === null;
    $("me").setAttribute("aria-pressed", String(id === me));
    $("close-player").hidden = place().player === null;
    $("around-part").hidden = around === null;
    const link = (player) => address({ player });
    fill($("around"), around?.entries ?? [], { board, now, me: id, link, columns: ["rank", "player", "points"] });
    const entries = (history?.scores ?? []).map((score) => ({ ...score, score: score.id, player }));
    $("history-part").hidden = entries.length === 0;
    $("more-history").hidden = !history?.next || runs >= 100;
    const show = api.viewer(board) && ((entry) => watch(board, entry));
    fill($("history"), entries, { board, now, me: null, watch: show, columns: ["points", "when", "watch"] });
    if (arrives) {
      arrives = false;
      $("player-name").focus();
    }
  }

  async function search() {
    const name = $("name").value.trim();
    if (name === "") {
      $("found").replaceChildren();
      $("found-status").textContent = "";
      return;
    }
    let players;
    try {
      players = await api.players(name, FOUND);
    } catch (trouble) {
      $("found-status").textContent = trouble.message;
      return;
    }
    if ($("name").value.trim() !== name) {
      return;
    }
    $("found-status").textContent = players.length === 0 ? "No player’s name begins like that." : "";
    $("found").replaceChildren(...players.map(({ id, name }) => {
      const item = element("li");
      const link = element("a", name);
      link.href = address({ player: id });
      item.append(link);
      return item;
    }));
  }

  let typing;
  $("name").addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(search, TYPING);
  });
  $("search").addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(typing);
    search();
  });
  $("me").addEventListener("click", () => {
    me = me === wanted() ? null : wanted();
    memory.set(ME, me);
    shown = "";
    changed();
  });
  $("close-player").addEventListener("click", () => {
    location.hash = address({ player: null });
    $("name").focus();
  });
  $("more-history").addEventListener("click", () => {
    runs = Math.min(100, runs + 20);
    changed();
  });

  return {
    show,
    me: () => me,
    /** The address has changed. */
    moved() {
      const player = place().player;
      if (player !== null && JSON.parse(shown || "[]")[3] !== player) {
        runs = RUNS;
        arrives = true;
        $("found").replaceChildren();
      }
    },
  };
}

/** What is asked for, or null if there is no such thing, or the address spells no player. */
async function known(answer) {
  try {
    return await answer;
  } catch (trouble) {
    if (trouble.code === "not_found" || trouble.code === "bad_request") {
      return null;
    }
    throw trouble;
  }
}
