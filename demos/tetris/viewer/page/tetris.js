// Draws a replay of Tetris, as the game does: field, ghost, hold, what comes, figures. What is drawn comes from the rules
// themselves, as WebAssembly beside this file. It knows no service and no controls: a page tells it which tick to show.

const WIDTH = 10;
const HEIGHT = 20;
/** Rows above those of the field into which pieces come. */
const ENTRY = 2;
const NEXT = 5;
const TICKS_PER_SECOND = 60;

const COLORS = {
  backdrop: "#0b0d1f",
  surface: "#131735",
  line: "#39407a",
  ink: "#eef0ff",
  muted: "#9aa1d6",
  // By the numbers of the pieces: I, O, T, S, Z, J, L.
  pieces: ["", "#3ee6d6", "#ffc24b", "#a98bff", "#6fe07a", "#ff5d8f", "#5b9bff", "#ff9248"],
};
const FONT = "ui-rounded, 'SF Pro Rounded', 'Segoe UI', Roboto, 'Helvetica Neue', sans-serif";

/**
 * Shows a replay in `container`: bytes in, `{ ticks, show(tick), describe(), destroy() }` out.
 * @param {HTMLElement} container
 * @param {{ replay: Uint8Array }} run
 */
export async function mount(container, { replay }) {
  const game = await load();
  for (const byte of replay) {
    game.push(byte);
  }
  if (!game.open()) {
    throw new Error("This replay was recorded by another version of the game.");
  }
  const canvas = document.createElement("canvas");
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", "The field of Tetris");
  container.append(canvas);
  const context = canvas.getContext("2d");

  function draw() {
    const { clientWidth, clientHeight } = container;
    const layout = clientWidth < 0.8 * clientHeight ? PORTRAIT : LANDSCAPE;
    const scale = Math.min(clientWidth / layout.width, clientHeight / layout.height);
    const pixels = window.devicePixelRatio || 1;
    const width = Math.round(layout.width * scale * pixels);
    const height = Math.round(layout.height * scale * pixels);
    if (width === 0 || height === 0) {
      return;
    }
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
      canvas.style.width = `${width / pixels}px`;
      canvas.style.height = `${height / pixels}px`;
    }
    context.setTransform(scale * pixels, 0, 0, scale * pixels, 0, 0);
    paint(context, layout, game);
  }

  const resized = new ResizeObserver(draw);
  resized.observe(container);
  return {
    ticks: game.ticks(),
    show(tick) {
      game.seek(tick);
      draw();
    },
    describe: () => describe(game),
    destroy() {
      resized.disconnect();
      canvas.remove();
    },
  };
}

/** A game of its own: an instance of the module has one. */
async function load() {
  const response = await fetch(new URL("tetris.wasm", import.meta.url));
  if (!response.ok) {
    throw new Error(`The rules of Tetris could not be loaded (${response.status}).`);
  }
  const { instance } = await WebAssembly.instantiate(await response.arrayBuffer());
  return instance.exports;
}

function describe(game) {
  const figures = `Score ${game.score()}, level ${game.level()}, ${game.lines()} lines, ${game.pieces()} pieces`;
  return figures + ["", ", completed", ", game over"][game.ending()];
}

// As the game's window has it: beside the field where it is wide, above it where it is high. In units of its own.

const CELL = 24;
const BOARD = { width: WIDTH * CELL, height: HEIGHT * CELL };

const LANDSCAPE = {
  width: 540,
  height: 552,
  board: { x: 150, y: 54 },
  hold: { x: 8, y: 48, width: 122, height: 96, title: 13 },
  next: { x: 410, y: 48, width: 122, height: 344, title: 13, way: [0, 62] },
  waiting: 19,
  figures: (index) => ({ x: 69, y: 182 + 66 * index, size: 22, title: 12 }),
};

const PORTRAIT = {
  width: 272,
  height: 650,
  board: { x: 16, y: 154 },
  hold: { x: 8, y: 6, width: 62, height: 56, title: 9 },
  next: { x: 78, y: 6, width: 186, height: 56, title: 9, way: [36, 0] },
  waiting: 8,
  figures: (index) => ({ x: 30 + 53 * index, y: 80, size: 14, title: 9 }),
};

function paint(context, layout, game) {
  context.fillStyle = COLORS.backdrop;
  context.fillRect(0, 0, layout.width, layout.height);
  field(context, layout.board, game);
  waiting(context, layout, game);
  figures(game).forEach(([name, value], index) => {
    const { x, y, size, title } = layout.figures(index);
    write(context, name, x, y, title, COLORS.muted);
    write(context, value, x, y + 1.2 * size, size, COLORS.ink);
  });
}

function field(context, { x, y }, game) {
  plate(context, x - 6, y - 6, BOARD.width + 12, BOARD.height + 12);
  context.fillStyle = COLORS.line;
  context.globalAlpha = 0.25;
  for (let column = 1; column < WIDTH; column++) {
    context.fillRect(x + column * CELL - 0.5, y, 1, BOARD.height);
  }
  for (let row = 1; row < HEIGHT; row++) {
    context.fillRect(x, y + row * CELL - 0.5, BOARD.width, 1);
  }
  context.globalAlpha = 1;
  for (let row = 0; row < HEIGHT + ENTRY; row++) {
    for (let column = 0; column < WIDTH; column++) {
      const seen = game.cell(column, row);
      const left = x + column * CELL;
      const top = y + (HEIGHT - 1 - row) * CELL;
      const color = COLORS.pieces[seen & 7];
      if (seen & 8) {
        ghost(context, left, top, color);
      } else if (seen !== 0) {
        block(context, left, top, CELL, seen & 16 ? COLORS.line : color);
      }
    }
  }
}

function waiting(context, layout, game) {
  const { hold, next } = layout;
  for (const [name, area] of [["HOLD", hold], ["NEXT", next]]) {
    plate(context, area.x, area.y, area.width, area.height);
    write(context, name, area.x + area.width / 2, area.y + 0.9 * area.title + 2, area.title, COLORS.muted);
  }
  const middle = (area) => area.y + area.title + 4 + (area.height - area.title - 4) / 2;
  const color = game.can_hold() ? COLORS.pieces[game.held()] : COLORS.line;
  piece(context, game, game.held(), hold.x + hold.width / 2, middle(hold), layout.waiting, color);
  for (let place = 0; place < NEXT; place++) {
    const off = place - (NEXT - 1) / 2;
    const kind = game.next(place);
    const [right, down] = next.way;
    const [x, y] = [next.x + next.width / 2 + off * right, middle(next) + off * down];
    piece(context, game, kind, x, y, layout.waiting, COLORS.pieces[kind]);
  }
}

/** A piece about the middle of its cells. */
function piece(context, game, kind, x, y, size, color) {
  if (kind === 0) {
    return;
  }
  const cells = [0, 1, 2, 3].map((cell) => game.shape(kind, cell)).map((at) => [(at >> 4) - 8, (at & 15) - 8]);
  const [middleX, middleY] = [0, 1].map((axis) => {
    const places = cells.map((cell) => cell[axis]);
    return (Math.min(...places) + Math.max(...places) + 1) / 2;
  });
  for (const [column, row] of cells) {
    block(context, x + (column - middleX) * size, y - (row + 1 - middleY) * size, size, color);
  }
}

function figures(game) {
  const { left, tenths } = time(game);
  return [
    ["SCORE", String(game.score())],
    ["LEVEL", String(game.level())],
    ["LINES", game.goal() ? `${game.lines()}/${game.goal()}` : String(game.lines())],
    ["TIME", clock(left, tenths)],
    ["PIECES", String(game.pieces())],
  ];
}

/** The time that is shown: what is left where it ends the game. */
function time(game) {
  const left = game.time() ? game.time() - game.tick() : game.tick();
  return { left, tenths: game.time() > 0 || game.goal() === 40 };
}

function clock(ticks, tenths) {
  const seconds = Math.floor(ticks / TICKS_PER_SECOND);
  const minutes = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  return tenths ? `${minutes}.${Math.floor(((ticks % TICKS_PER_SECOND) * 10) / TICKS_PER_SECOND)}` : minutes;
}

function write(context, text, x, y, size, color) {
  context.fillStyle = color;
  context.font = `600 ${size}px ${FONT}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(text, x, y);
}

function plate(context, x, y, width, height) {
  context.beginPath();
  context.roundRect(x, y, width, height, 8);
  context.fillStyle = COLORS.surface;
  context.fill();
  context.strokeStyle = COLORS.line;
  context.lineWidth = 1.5;
  context.stroke();
}

/** A block, lit from above. */
function block(context, x, y, size, color) {
  const gap = 0.03 * size;
  const bevel = 0.1 * size;
  context.fillStyle = color;
  context.beginPath();
  context.roundRect(x + gap, y + gap, size - 2 * gap, size - 2 * gap, 0.12 * size);
  context.fill();
  context.save();
  context.clip();
  context.fillStyle = "rgb(0 0 0 / 0.16)";
  context.fillRect(x, y + bevel, size, size);
  context.fillStyle = "rgb(0 0 0 / 0.22)";
  context.fillRect(x, y + size - gap - bevel, size, bevel);
  context.fillRect(x + size - gap - bevel, y + bevel, bevel, size);
  context.restore();
}

function ghost(context, x, y, color) {
  context.beginPath();
  context.roundRect(x + 2, y + 2, CELL - 4, CELL - 4, 3);
  context.globalAlpha = 0.14;
  context.fillStyle = color;
  context.fill();
  context.globalAlpha = 0.75;
  context.strokeStyle = color;
  context.lineWidth = 1.5;
  context.stroke();
  context.globalAlpha = 1;
}
