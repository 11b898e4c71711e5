// What the tests of the page have in common: programs that are started and ended, a browser, and how to wait.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer as createSocket } from "node:net";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";
import { createServer } from "vite";

/** How long anything may take, in milliseconds: longer than it does on a slow machine, as only a failure waits so long. */
export const PATIENCE = 30_000;

/** All that has to end when the tests do. */
const ends = [];

/** Ends all that runs. */
export async function endAll() {
  for (const end of ends.reverse()) {
    await end();
  }
}

/** A service of highscores of Tetris. With port 0, the system chooses one. */
export async function serve({ server, viewer }, store, port = 0) {
  const child = spawn(server, ["serve", "--listen", `127.0.0.1:${port}`, "--store", store, "--json"], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, TETRIS_VIEWER: viewer, RUST_LOG: "warn" },
  });
  const ended = once(child, "exit");
  const stop = () => {
    child.kill("SIGTERM");
    return ended;
  };
  ends.push(stop);
  const [line] = await Promise.race([once(createInterface(child.stdout), "line"), ended]);
  const url = JSON.parse(line).listening;
  return { url, port: Number(new URL(url).port), stop };
}

/** A bot that plays a marathon for so many seconds, and hands it in. What it says in the end, once it is accepted. */
export async function play({ game }, url, name, seconds) {
  const bot = ["--headless", "--bot", "--mode", "marathon", "--seconds", String(seconds), "--pace", "6"];
  const child = spawn(game, [...bot, "--json", "--scores", url, "--name", name], { stdio: ["ignore", "pipe", "inherit"] });
  ends.push(() => child.kill());
  let said = "";
  child.stdout.on("data", (text) => (said += text));
  const [code] = await once(child, "close");
  if (code !== 0) {
    throw new Error(`the bot ${name} ended with ${code}: ${said}`);
  }
  return JSON.parse(said).games[0];
}

/** Vite's server of the same page, on another port. If `api` is given, the page names that service. */
export async function vite({ page, scratch }, api = "") {
  const names = {
    name: "names-the-service",
    transformIndexHtml: (html) => html.replace('name="netcord-api" content=""', `name="netcord-api" content="${api}"`),
  };
  const server = await createServer({
    configFile: false,
    root: page,
    cacheDir: `${scratch}/vite`,
    logLevel: "error",
    plugins: [names],
    server: { host: "127.0.0.1", port: await freePort(), strictPort: true },
  });
  await server.listen();
  ends.push(() => server.close());
  return server.resolvedUrls.local[0];
}

/** A port that the system chooses; Vite takes 0 for its own. */
async function freePort() {
  const socket = createSocket().listen(0, "127.0.0.1");
  await once(socket, "listening");
  const { port } = socket.address();
  socket.close();
  return port;
}

/** A browser with a profile of its own. */
export async function browse({ chromium: executablePath }) {
  const quiet = ["quic", "background-networking", "component-update", "sync"].map((part) => `--disable-${part}`);
  const args = ["--no-sandbox", "--disable-gpu", "--no-first-run", ...quiet];
  const browser = await chromium.launch({ executablePath, headless: true, args });
  ends.push(() => browser.close());
  return browser;
}

/** A page in a window of its own. `complaints` are what its console and its scripts complained of. */
export async function open(browser, url, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, locale: "en-GB", ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  const complaints = [];
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  await page.goto(url);
  return { page, complaints };
}

/** The row of a player. */
export const row = (page, name) => page.locator("#table tbody tr").filter({ hasText: name });
