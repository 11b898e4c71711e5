// The page of highscores in a real browser: a server, bots that play, rows that appear, runs that are watched, a server that goes
// and comes back; the same from another origin; with a phone, in the dark, by keys alone.
//
//   node page.mjs --server tetris-scores --game tetris --viewer tetris_viewer.wasm --page FOLDER --chromium PROGRAM
//
// `--pictures FOLDER` takes the pictures of the documents besides, for which more bots play.

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { PATIENCE, browse, endAll, open, play, row, serve, vite } from "./steps.mjs";

const names = ["server", "game", "viewer", "page", "chromium", "pictures"];
const { values: given } = parseArgs({ options: Object.fromEntries(names.map((name) => [name, { type: "string" }])) });
const scratch = await mkdtemp(join(tmpdir(), "netcord-page-"));
const tools = { ...given, scratch };
const picture = async (page, name) =>
  given.pictures && (await page.screenshot({ path: join(given.pictures, `scores-${name}.png`) }));

let server, browser, main, ada;

/** Each builds on those before. */
const steps = {
  "an empty board says so": async () => {
    server = await serve(tools, join(scratch, "scores.redb"));
    browser = await browse(tools);
    main = await open(browser, server.url, { colorScheme: "light" });
    await main.page.locator("#empty").waitFor();
    assert.equal(await main.page.locator("#table tbody tr").count(), 0);
  },

  "the runs of two bots appear while one looks": async () => {
    await main.page.evaluate(() => (window.sinceTheStart = true));
    const others = given.pictures ? ["Alan", "Joan", "Radia", "Edsger", "Barbara", "Katherine"] : [];
    const bots = [play(tools, server.url, "Ada", 5), play(tools, server.url, "Grace", 4)];
    const more = others.map((name, index) => play(tools, server.url, name, 12 + 5 * index));
    await row(main.page, "Ada").waitFor();
    await row(main.page, "Grace").waitFor();
    assert.match(await main.page.locator("#news").textContent(), /Ada|Grace/, "it is said, too");
    const [first, second] = await Promise.all(bots);
    ada = first;
    assert.equal(await points(main.page, "Ada"), first.points);
    assert.equal(await points(main.page, "Grace"), second.points);
    assert.ok(await main.page.evaluate(() => window.sinceTheStart), "it was not loaded again");
    await Promise.all(more);
    for (const name of others) {
      await row(main.page, name).waitFor();
    }
    const order = await main.page.locator("#table .points.number").allTextContents();
    const numbers = order.slice(1).map(number);
    assert.deepEqual(numbers, numbers.toSorted((a, b) => b - a), "the better ones first");
  },

  "a player is found by name, and remembered as oneself": async () => {
    const { page } = main;
    await page.getByLabel("Find a player").fill("gra");
    await page.getByRole("link", { name: "Grace" }).last().click();
    await page.getByRole("heading", { name: "Grace" }).waitFor();
    await page.getByRole("button", { name: "This is me" }).click();
    await page.locator("#table tr.me").waitFor();
    await page.goto(server.url);
    await page.getByRole("heading", { name: "Grace" }).waitFor();
    await page.locator("#table tr.me", { hasText: "Grace" }).waitFor();
    await page.locator("#around tr.me", { hasText: "Grace" }).waitFor();
    assert.equal(await page.locator("#history tbody tr").count(), 1);
    await picture(page, "page");
  },

  "the replay of a run is watched in the page": async () => {
    const ends = await watched(main.page, "Ada");
    assert.match(ends, new RegExp(`Score ${ada.points},.*game over`), "it ends as the service says");
    await main.page.locator("#replay-close").click();
    if (given.pictures) {
      await watched(main.page, "Katherine");
      await halfway(main.page);
      await picture(main.page, "replay");
      await main.page.locator("#replay-close").click();
    }
  },

  "when the server goes the page says so, and when it is back all is there": async () => {
    assert.deepEqual(main.complaints, []);
    await server.stop();
    await main.page.getByText("The service doesn’t answer.").waitFor();
    assert.ok(await row(main.page, "Ada").isVisible(), "what was shown stays");
    server = await serve(tools, join(scratch, "scores.redb"), server.port);
    await main.page.getByRole("button", { name: "Try now" }).click();
    await main.page.locator("#trouble").waitFor({ state: "hidden" });
    await main.page.reload();
    assert.equal(await points(main.page, "Ada"), ada.points);
    assert.match(await watched(main.page, "Ada"), new RegExp(`Score ${ada.points},`), "its replay, too");
    // The browser says of each request that it failed.
    assert.deepEqual(main.complaints.filter((text) => !text.includes("ERR_CONNECTION")), []);
    await main.page.context().close();
  },

  "all can be done by keys": async () => {
    const { page, complaints } = await open(browser, server.url);
    await row(page, "Ada").waitFor();
    const passed = [];
    while (!(await page.evaluate(() => document.activeElement.id === "name"))) {
      await page.keyboard.press("Tab");
      passed.push(await page.evaluate(() => document.activeElement.ariaLabel ?? document.activeElement.textContent));
      assert.ok(passed.length < 100, `the search is never reached: ${passed}`);
    }
    assert.equal(passed[0], "To the scores");
    for (const wanted of [/^Theme/, /^Marathon$/, /^Sprint/, /^Ada$/, /^Watch the run of Ada/]) {
      assert.ok(passed.some((text) => wanted.test(text)), `${wanted} is not reached: ${passed}`);
    }
    await page.keyboard.type("ada");
    await page.locator("#found a").waitFor();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.locator("#player-name:focus").waitFor();
    const button = row(page, "Ada").first().getByRole("button");
    await button.focus();
    await page.keyboard.press("Enter");
    await page.locator("#play:focus").waitFor();
    await page.keyboard.press("Enter");
    const before = await page.locator("#clock").textContent();
    await page.keyboard.press("ArrowRight");
    assert.notEqual(await page.locator("#clock").textContent(), before, "five seconds on");
    await page.keyboard.press("Home");
    assert.match(await page.locator("#clock").textContent(), /^0:00/);
    await page.keyboard.press("Escape");
    assert.ok(await button.evaluate((element) => element === document.activeElement), "back to where it was");
    assert.deepEqual(complaints, []);
    await page.context().close();
  },

  "a screen reader is told what everything is": async () => {
    const { page } = await open(browser, server.url);
    await row(page, "Ada").waitFor();
    const told = await page.locator("body").ariaSnapshot();
    for (const part of [
      'link "To the scores"', 'heading "Marathon" [level=2]', 'navigation "Boards"', 'combobox "Season"',
      /table "Marathon, this season: the best \d+ of \d+"/, 'columnheader "Player"', 'columnheader "Points"',
      'rowheader "Ada"', 'button "Watch the run of Ada', 'search', 'searchbox "Find a player"', 'complementary "Players"',
    ]) {
      assert.match(told, part instanceof RegExp ? part : new RegExp(part.replace(/[[\]]/g, "\\$&")), told);
    }
    await page.context().close();
  },

  "it fits a phone, in the dark": async () => {
    const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 };
    const { page, complaints } = await open(browser, server.url, { ...phone, colorScheme: "dark" });
    await row(page, "Ada").waitFor();
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390, "nothing sticks out");
    assert.ok((await lightness(page)) < 0.2, "dark, as the system is");
    await picture(page, "phone");
    await page.locator("#table tbody tr").first().getByRole("button").tap();
    await page.locator("#stage canvas").waitFor();
    const close = await page.locator("#replay-close").boundingBox();
    const controls = await page.locator("#speed").boundingBox();
    assert.ok(close.x + close.width <= 390 && controls.y + controls.height <= 844, "all of the player is seen");
    await page.getByRole("button", { name: "Pause", exact: true }).tap();
    await halfway(page);
    await picture(page, "phone-replay");
    await page.locator("#replay-close").tap();
    await page.getByRole("button", { name: "Theme" }).tap();
    assert.ok((await lightness(page)) > 0.8, "light, as chosen");
    await page.reload();
    assert.ok((await lightness(page)) > 0.8, "and remembered");
    assert.deepEqual(complaints, []);
    await page.context().close();
  },

  "who wants less motion gets less": async () => {
    const { page } = await open(browser, server.url, { reducedMotion: "reduce", colorScheme: "dark" });
    await row(page, "Ada").getByRole("button").click();
    await page.getByRole("button", { name: "Play", exact: true }).waitFor();
    assert.match(await page.locator("#clock").textContent(), /^0:00 /, "it waits to be asked");
    await page.context().close();
  },

  "the same page from Vite, on another port": async () => {
    const { page, complaints } = await open(browser, await vite(tools, server.url));
    await row(page, "Ada").waitFor();
    const bot = play(tools, server.url, "Hedy", 3);
    await row(page, "Hedy").waitFor();
    assert.equal(await points(page, "Hedy"), (await bot).points);
    assert.match(await watched(page, "Ada"), new RegExp(`Score ${ada.points},`));
    assert.deepEqual(complaints, []);
    await page.context().close();
  },

  "a link may name a service, whose scripts are not run": async () => {
    const { page } = await open(browser, `${await vite(tools)}?api=${server.url}`);
    await row(page, "Ada").waitFor();
    await page.getByText("Replays of another service are not run here.").waitFor();
    assert.equal(await page.getByRole("button", { name: "Watch" }).count(), 0);
    await page.context().close();
  },
};

const number = (text) => Number(text.replaceAll(",", ""));

async function points(page, name) {
  return number(await row(page, name).first().locator(".points").textContent());
}

/** Watches a run: the picture moves; what is said at its end. */
async function watched(page, name) {
  await row(page, name).first().getByRole("button").click();
  const canvas = page.locator("#stage canvas");
  await canvas.waitFor();
  const look = () => canvas.evaluate((element) => element.toDataURL());
  const first = await look();
  const moved = async () => {
    for (const end = Date.now() + PATIENCE; Date.now() < end; ) {
      if ((await look()) !== first) {
        return true;
      }
    }
    return false;
  };
  assert.ok(await moved(), "the picture moves");
  await page.keyboard.press("End");
  await page.getByRole("button", { name: "Play", exact: true }).waitFor();
  return page.locator("#describe").textContent();
}

/** Goes to the middle of the run that is watched. */
async function halfway(page) {
  const seek = page.locator("#seek");
  await seek.fill(String(Math.floor(Number(await seek.getAttribute("max")) / 2)));
}

/** How light the ground of the page is, 0 to 1. */
async function lightness(page) {
  const color = await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const [red, green, blue] = color.match(/\d+/g).map(Number);
  return (red + green + blue) / 3 / 255;
}

let at;
try {
  for (const [name, step] of Object.entries(steps)) {
    const start = Date.now();
    at = name;
    await step();
    console.log(`ok: ${name} (${((Date.now() - start) / 1_000).toFixed(1)} s)`);
  }
  console.log(`${Object.keys(steps).length} passed`);
} catch (error) {
  process.exitCode = 1;
  console.log(`FAILED: ${at}`);
  console.error(error);
} finally {
  await endAll();
  await rm(scratch, { recursive: true, force: true });
}
