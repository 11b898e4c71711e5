// A run that is watched. It knows no game: the board names a module that does, its viewer. That module has a function
//
//   mount(container, { replay, board, entry, base }) -> { ticks, show(tick), describe()?, destroy() }, or a promise of it:
//
// `replay` are the bytes that were played, as a Uint8Array, `board` and `entry` what the service says of them, `base` the address of
// the service. `ticks` is how long the run lasts, `show` draws what is after so many ticks, `describe` says it in words,
// `destroy` ends it. Clock, keys and controls are here.

import * as api from "./api.js";
import { duration, points } from "./format.js";

const $ = (id) => document.getElementById(id);
/** How far an arrow key goes, in seconds. */
const LEAP = 5;

/** What is watched: its viewer, where it is in ticks, since when it plays. */
let watched = null;

$("replay-close").addEventListener("click", () => $("replay").close());
$("replay").addEventListener("close", stop);
$("replay").addEventListener("keydown", press);
$("play").addEventListener("click", () => (watched.playing ? pause() : play()));
$("seek").addEventListener("input", () => seek(Number($("seek").value)));

/** Opens the dialog, and shows a run in it. */
export async function watch(board, entry) {
  stop();
  const run = { board, entry, tick: 0, playing: false };
  watched = run;
  $("replay-title").textContent = `${entry.player.name}, ${points(entry.points, board)}`;
  $("replay-about").textContent = board.title;
  $("describe").textContent = "";
  $("replay-trouble").hidden = true;
  $("controls").hidden = true;
  $("stage").textContent = "Loading the run…";
  $("replay").showModal();
  try {
    const [{ mount }, replay] = await Promise.all([import(/* @vite-ignore */ api.viewer(board)), api.replay(entry.score)]);
    if (watched !== run) {
      return;
    }
    $("stage").textContent = "";
    const viewer = await mount($("stage"), { replay, board, entry, base: api.base.href });
    if (watched !== run) {
      viewer.destroy();
      return;
    }
    run.viewer = viewer;
  } catch (error) {
    if (watched === run) {
      $("stage").textContent = "";
      $("replay-trouble").textContent = `This run can’t be shown. ${error.message}`;
      $("replay-trouble").hidden = false;
    }
    return;
  }
  $("seek").max = String(run.viewer.ticks);
  $("controls").hidden = false;
  $("play").focus();
  seek(0);
  if (!matchMedia("(prefers-reduced-motion: reduce)").matches) {
    play();
  }
}

function stop() {
  if (watched) {
    pause();
    watched.viewer?.destroy();
    watched = null;
    $("stage").textContent = "";
  }
}

function play() {
  if (watched.tick >= watched.viewer.ticks) {
    seek(0);
  }
  watched.playing = true;
  $("play").textContent = "Pause";
  $("describe").textContent = "";
  watched.before = performance.now();
  watched.frame = requestAnimationFrame(frame);
}

function pause() {
  watched.playing = false;
  cancelAnimationFrame(watched.frame);
  $("play").textContent = "Play";
  describe();
}

function frame(now) {
  const { before, board, viewer } = watched;
  watched.before = now;
  // A page that was not looked at goes on where it was.
  const seconds = Math.min(0.25, (now - before) / 1000);
  seek(watched.tick + seconds * board.ticks_per_second * Number($("speed").value));
  if (watched.tick >= viewer.ticks) {
    pause();
  } else {
    watched.frame = requestAnimationFrame(frame);
  }
}

function seek(tick) {
  const { viewer, board } = watched;
  watched.tick = Math.max(0, Math.min(tick, viewer.ticks));
  const whole = Math.floor(watched.tick);
  viewer.show(whole);
  const [now, all] = [whole, viewer.ticks].map((ticks) => duration(ticks, board.ticks_per_second, false));
  $("seek").value = String(whole);
  $("seek").setAttribute("aria-valuetext", `${now} of ${all}`);
  $("clock").textContent = `${now} / ${all}`;
  if (!watched.playing) {
    describe();
  }
}

/** Says in words what is drawn; not while it moves. */
function describe() {
  $("describe").textContent = watched.viewer?.describe?.() ?? "";
}

function press(event) {
  if (!watched?.viewer || event.altKey || event.ctrlKey || event.metaKey || event.target === $("speed")) {
    return;
  }
  const leap = LEAP * watched.board.ticks_per_second;
  const onButton = event.target instanceof HTMLButtonElement;
  const keys = {
    " ": onButton ? null : () => (watched.playing ? pause() : play()),
    ArrowLeft: () => seek(watched.tick - leap),
    ArrowRight: () => seek(watched.tick + leap),
    ",": () => seek(Math.floor(watched.tick) - 1),
    ".": () => seek(Math.floor(watched.tick) + 1),
    Home: () => seek(0),
    End: () => seek(watched.viewer.ticks),
  };
  if (keys[event.key]) {
    event.preventDefault();
    keys[event.key]();
  }
}
