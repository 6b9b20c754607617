// Chromium, for the tests of pages.
// Environment: STANDIN_BIN names the program, CHROMIUM the browser, STANDIN_ARTEFACTS the folder for screenshots.
import assert from 'node:assert/strict';
import { accessSync, constants, mkdirSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { chromium } from 'playwright-core';
import { ROOT } from '../node/mock.mjs';

const ARTEFACTS = resolve(ROOT, process.env.STANDIN_ARTEFACTS || 'target/test-artefacts');
const PATIENCE = 15_000;

export function launch() {
  mkdirSync(ARTEFACTS, { recursive: true });
  return chromium.launch({
    executablePath: chromiumPath(),
    headless: true,
    timeout: 30_000,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

// Runs `steps` in a page of its own, and holds it to have asked only `origin`, got no status of error but the `expected`
// ones, and written no error to the console.
export async function visit(browser, { origin, expected = [], ...options }, steps) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  try {
    context.setDefaultTimeout(PATIENCE);
    const page = await context.newPage();
    const strays = [];
    const errors = [];
    const fine = (status) => status < 400 || expected.includes(status);
    page.on('request', (request) => {
      const asked = new URL(request.url());
      if (asked.origin !== origin && asked.protocol.startsWith('http')) strays.push(request.url());
    });
    page.on('response', (response) => {
      if (!fine(response.status())) errors.push(`${response.status()} ${response.url()}`);
    });
    page.on('requestfailed', (request) => {
      // A page that is left, or that asks anew, gives up what it had asked.
      if (request.failure()?.errorText !== 'net::ERR_ABORTED') errors.push(`${request.failure()?.errorText} ${request.url()}`);
    });
    page.on('pageerror', (error) => errors.push(String(error)));
    page.on('console', (message) => {
      const status = /status of (\d{3})/.exec(message.text());
      if (message.type() === 'error' && !(status && fine(Number(status[1])))) errors.push(message.text());
    });
    await steps(page);
    if (expected !== 'any') assert.deepEqual({ strays, errors }, { strays: [], errors: [] });
  } finally {
    await context.close();
  }
}

// Keeps a screenshot, with nothing pointed at.
export async function keep(page, name, { fullPage = true } = {}) {
  await page.mouse.move(0, 0);
  await page.screenshot({ path: join(ARTEFACTS, `${name}.png`), fullPage, animations: 'disabled' });
}

function chromiumPath() {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
  const found = names.flatMap((name) => folders.map((folder) => join(folder, name))).find(executable);
  if (!found) throw new Error('there is no Chromium on PATH: install it, or name it in CHROMIUM');
  return found;
}

function executable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
