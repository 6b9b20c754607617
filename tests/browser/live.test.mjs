// The live page as a browser sees it: requests come, are explained, filtered and judged by a clock that is moved.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { startMock } from '../node/mock.mjs';
import { keep, launch, visit } from './browser.mjs';

const LIMIT = { timeout: 120_000 };
const JSON_TYPE = { 'content-type': 'application/json' };
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const PHONE = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true };
const MANY = 10_000;

let mock, browser;

before(async () => {
  mock = await startMock();
  browser = await launch();
});

after(async () => {
  try {
    await browser?.close();
  } finally {
    await mock?.stop();
  }
});

test('a request appears without reload, and an invalid one shows why', LIMIT, async () => {
  await live({}, async (page) => {
    await page.locator('#empty', { hasText: 'No requests yet' }).waitFor();
    await post('/api/sessions', { identifier: 'device-1' });
    await row(page, 'POST /api/sessions 200').waitFor();
    await post('/api/sessions', {});
    const faulty = row(page, 'POST /api/sessions 400');
    await faulty.waitFor();
    assert.match(await faulty.locator('.found').innerText(), /✗.*invalid-body/s, 'it is told by a sign and a word');
    await faulty.click();
    const told = await page.locator('#detail').innerText();
    assert.match(told, /Body of the request/);
    assert.match(told, /identifier/);
    assert.match(told, /device-sessions\.yaml:\d+/, 'the place in the document has its line');
    assert.ok((await page.locator('#detail .source .here').count()) > 0, 'the line that rules it is shown');
    assert.deepEqual(await page.locator('.checks > li').evaluateAll((items) => items.map((item) => item.className)), [
      'clean', 'clean', 'clean', 'found', 'clean', 'clean',
    ]);
    assert.match(await page.locator('#verdict').innerText(), /✗ 1 request with errors/);
  });
});

test('the clock is moved by a button, and the answer that tells of an expired token comes', LIMIT, async () => {
  await live({}, async (page) => {
    const login = await post('/be/v1/login', { user: 'ada', password: 'lovelace' });
    const session = (await login.json()).session.token;
    const auth = await fetch(`${mock.url}/be/v1/auth`, { method: 'POST', headers: { 'x-rockit-besession-token': session } });
    const headers = { 'x-rockit-beauth-token': (await auth.json()).auth.token };
    assert.equal((await fetch(`${mock.url}/be/v1/apps`, { headers })).status, 200);
    await page.locator('#freeze').click();
    await page.locator('#away', { hasText: 'stopped' }).waitFor();
    await page.locator('#later').click();
    await page.locator('#away', { hasText: '+5m' }).waitFor();
    const { now, frozen } = await (await fetch(`${mock.url}/_standin/clock`)).json();
    assert.ok(frozen && Date.parse(now) - Date.now() > 290_000, now);
    assert.equal((await fetch(`${mock.url}/be/v1/apps`, { headers })).status, 401);
    const expired = row(page, 'GET /be/v1/apps 401');
    await expired.waitFor();
    assert.match(await expired.innerText(), /token-expired/);
    await expired.click();
    await page.locator('#detail .finding', { hasText: 'token-expired' }).waitFor();
    await keep(page, 'live-expired', { fullPage: false });
    await page.locator('#reset').click();
    await page.locator('#away').waitFor({ state: 'hidden' });
  });
});

test('the list is filtered by text, findings, status class, operation and sandbox', LIMIT, async () => {
  await live({}, async (page) => {
    await some();
    const paths = async () => [...new Set(await page.locator('.row:visible .target').allInnerTexts())].sort();
    await page.locator('#text').fill('sessions 400');
    assert.deepEqual(await paths(), ['/api/sessions']);
    await page.locator('#text').fill('nothing like this');
    await page.locator('#empty', { hasText: 'Nothing fits' }).waitFor();
    await page.locator('#text').fill('');
    await page.locator('#faulty').click();
    assert.ok((await paths()).includes('/nowhere'));
    assert.equal(await page.locator('.row:visible[data-severity=""]').count(), 0);
    await page.locator('#faulty').click();
    await page.locator('[data-class="2"]').first().click();
    assert.ok(!(await paths()).includes('/nowhere'));
    await page.locator('[data-class="2"]').first().click();
    await page.locator('#operation').selectOption('login');
    assert.deepEqual(await paths(), ['/be/v1/login']);
    await page.locator('#operation').selectOption('');
    await fetch(`${mock.url}/boxed`, { headers: { 'standin-sandbox': 'of-this-test' } });
    await page.locator('#sandbox').selectOption('of-this-test');
    assert.deepEqual(await paths(), ['/boxed']);
  });
});

test('everything is done by the keyboard alone', LIMIT, async () => {
  await live({}, async (page) => {
    await some();
    await page.keyboard.press('/');
    await page.keyboard.type('api');
    await page.keyboard.press('ArrowDown');
    assert.equal(await focused(page), 'grid');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.locator('#detail h2').waitFor();
    const first = await page.locator('#detail .facts').innerText();
    const active = await page.locator('#grid').getAttribute('aria-activedescendant');
    assert.equal(await page.locator(`#${active}`).getAttribute('aria-selected'), 'true');
    await page.keyboard.press('End');
    await page.waitForFunction((before) => document.querySelector('#detail .facts').innerText !== before, first);
    await page.keyboard.press('Escape');
    await page.locator('#detail').waitFor({ state: 'hidden' });
    assert.equal(await focused(page), 'grid');
  });
});

test('nothing that a request holds is taken for a part of the page', LIMIT, async () => {
  await live({}, async (page) => {
    const nasty = '<img src=x onerror="document.title=1"><script>document.title=2</script>';
    await post('/api/sessions', { identifier: [nasty] });
    await fetch(`${mock.url}/nasty?q=${nasty}`, { headers: { 'x-nasty': nasty } });
    await row(page, 'GET /nasty').click();
    await page.locator('#detail', { hasText: 'x-nasty' }).waitFor();
    assert.equal(await page.locator('#detail img, #detail script, #grid img').count(), 0);
    assert.equal(await page.title(), 'Requests · standin');
    const policy = (await fetch(`${mock.url}/_standin/`)).headers.get('content-security-policy');
    assert.match(policy, /^default-src 'none'; connect-src 'self'; .*script-src 'sha256-[^']+';/);
  });
});

test('the documents are shown with their operations and findings', LIMIT, async () => {
  await live({ hash: '#documents' }, async (page) => {
    await some();
    await page.locator('article h2', { hasText: 'ROCKITPLAY API' }).waitFor();
    assert.equal(await page.locator('article').count(), 3);
    const link = page.locator('article', { hasText: 'ROCKITPLAY' }).getByRole('link', { name: 'Swagger UI' });
    assert.match(await link.getAttribute('href'), /docs\/\?urls\.primaryName=rockitplay$/);
    await keep(page, 'live-documents', { fullPage: false });
    await page.reload();
    await page.getByRole('button', { name: /requests? of login$/ }).click();
    await row(page, 'POST /be/v1/login').waitFor();
    assert.deepEqual([...new Set(await page.locator('.row:visible .target').allInnerTexts())], ['/be/v1/login']);
  });
});

test('a document that is broken while it is served is told without reload, with its line', LIMIT, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'standin-live-'));
  const document = join(folder, 'pets.yaml');
  const pets = "openapi: 3.1.0\ninfo: {title: Pets, version: '1'}\npaths: {/pets: {get: {responses: {'204': {description: None}}}}}\n";
  writeFileSync(document, pets);
  const watching = await startMock(document, '--watch');
  try {
    await live({ from: watching, hash: '#documents' }, async (page) => {
      await page.locator('article h2', { hasText: 'Pets' }).waitFor();
      writeFileSync(document, pets.replace('{description: None}', "{$ref: '#/nowhere'}"));
      await page.locator('#broken', { hasText: 'pets is broken, the last good version is served' }).waitFor();
      await page.locator('.refused .source', { hasText: 'pets.yaml:3' }).waitFor();
      assert.equal((await fetch(`${watching.url}/pets`)).status, 204);
      await keep(page, 'live-broken', { fullPage: false });
      writeFileSync(document, pets.replace('/pets', '/cats'));
      await page.locator('#broken').waitFor({ state: 'hidden' });
      await page.locator('.operations', { hasText: '/cats' }).waitFor();
      assert.equal((await fetch(`${watching.url}/cats`)).status, 204);
    });
  } finally {
    await watching.stop();
    rmSync(folder, { recursive: true });
  }
});

for (const colorScheme of ['light', 'dark']) {
  test(`axe finds nothing, nor does the eye, in ${colorScheme}`, LIMIT, async () => {
    await live({ colorScheme, bypassCSP: true }, async (page) => {
      await some();
      await judged(page, 'list');
      await row(page, 'POST /api/sessions 400').click();
      await page.locator('#detail .source').first().waitFor();
      await judged(page, 'explanation');
      await keep(page, `live-${colorScheme}`, { fullPage: false });
      await page.evaluate(() => (location.hash = 'documents'));
      await page.locator('article').first().waitFor();
      await judged(page, 'documents');
    });
  });

  test(`the page is read on a phone in ${colorScheme}`, LIMIT, async () => {
    await live({ colorScheme, bypassCSP: true, ...PHONE }, async (page) => {
      await some();
      await judged(page, 'list');
      await keep(page, `live-phone-${colorScheme}`, { fullPage: false });
      await row(page, 'POST /api/sessions 400').tap();
      await page.locator('#detail .source').first().waitFor();
      await judged(page, 'explanation');
      await keep(page, `live-phone-detail-${colorScheme}`, { fullPage: false });
      await page.getByRole('button', { name: 'Close the explanation' }).tap();
      await page.locator('#detail').waitFor({ state: 'hidden' });
      await page.evaluate(() => (location.hash = 'documents'));
      await page.locator('article').first().waitFor();
      await judged(page, 'documents');
      await keep(page, `live-phone-documents-${colorScheme}`, { fullPage: false });
    });
  });

  test(`Swagger UI stands under the same bar in ${colorScheme}`, LIMIT, async () => {
    await live({ colorScheme, path: '/_standin/docs/' }, async (page) => {
      await page.locator('.opblock').first().waitFor();
      await keep(page, `docs-${colorScheme}`, { fullPage: false });
      const ground = await page.evaluate(() => getComputedStyle(document.querySelector('.bar')).backgroundColor);
      await page.getByRole('link', { name: 'Requests', exact: true }).click();
      await page.locator('#grid').waitFor();
      assert.equal(await page.evaluate(() => getComputedStyle(document.querySelector('.bar')).backgroundColor), ground);
    });
  });
}

test('the theme is chosen, and kept on both pages', LIMIT, async () => {
  await live({ colorScheme: 'light' }, async (page) => {
    const shown = () => page.evaluate(() => document.documentElement.dataset.theme);
    assert.equal(await shown(), 'light');
    await page.locator('#theme').click();
    await page.locator('#theme').click();
    assert.equal(await shown(), 'dark');
    await page.getByRole('link', { name: 'Swagger UI' }).click();
    await page.locator('.opblock').first().waitFor();
    assert.equal(await shown(), 'dark');
    assert.ok(await page.evaluate(() => document.documentElement.classList.contains('dark-mode')));
  });
});

test('ten thousand requests open fast and stay fast', { timeout: 300_000 }, async () => {
  const full = await startMock('--journal-bytes', '67108864', '--verbose-level', 'silent');
  try {
    await crowd(full, MANY);
    await live({ from: full }, async (page) => {
      const opened = await page.evaluate(() => {
        const rows = performance.getEntriesByName('first-rows')[0];
        return rows.startTime;
      });
      await page.locator('#count', { hasText: '10,000 requests' }).waitFor({ timeout: 60_000 });
      assert.ok((await page.locator('.row').count()) < 80, 'only what is seen is in the page');
      // Each step is measured in the page, from the event to the frame in which it is drawn.
      const took = await page.evaluate(async () => {
        const drawn = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
        const measured = async (act) => {
          await drawn();
          const start = performance.now();
          act();
          await drawn();
          return performance.now() - start;
        };
        const grid = document.getElementById('grid');
        const text = document.getElementById('text');
        const type = (value) => {
          text.value = value;
          text.dispatchEvent(new Event('input'));
        };
        const steps = { end: await measured(() => (grid.scrollTop = grid.scrollHeight)) };
        steps.middle = await measured(() => (grid.scrollTop = grid.scrollHeight / 2));
        steps.filter = await measured(() => type('nowhere 404'));
        steps.none = await measured(() => type(''));
        return steps;
      });
      const steady = frames(page);
      await crowd(full, 500);
      const { longest, count } = await steady();
      await page.locator('#count', { hasText: '10,500 requests' }).waitFor();
      console.log(`first rows after ${Math.round(opened)} ms; ${JSON.stringify(took)}; ${count} frames, the longest ${Math.round(longest)} ms`);
      assert.ok(opened < 5_000, `the first rows are drawn after ${opened} ms`);
      for (const [step, time] of Object.entries(took)) assert.ok(time < 400, `${step} took ${time} ms`);
      assert.ok(count > 0 && longest < 1_000, `a frame took ${longest} ms`);
    });
  } finally {
    await full.stop();
  }
});

// Counts frames and measures the longest, until it is told to stop.
function frames(page) {
  const begun = page.evaluate(() => {
    const told = (globalThis.frames_told = { longest: 0, count: 0, isOn: true });
    let last = performance.now();
    const next = (now) => {
      told.longest = Math.max(told.longest, now - last);
      told.count += 1;
      last = now;
      if (told.isOn) requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
  });
  return async () => {
    await begun;
    return page.evaluate(() => ({ ...globalThis.frames_told, isOn: (globalThis.frames_told.isOn = false) }));
  };
}

// Opens the page, and waits until it follows what happens.
function live({ from = mock, path = '/_standin/', hash = '', ...options }, steps) {
  return visit(browser, { origin: from.url, ...options }, async (page) => {
    await page.goto(from.url + path + hash);
    if (path === '/_standin/') await page.locator('#state.live').waitFor();
    await steps(page);
  });
}

function row(page, words) {
  let rows = page.locator('.row:visible');
  for (const word of words.split(' ')) rows = rows.filter({ hasText: word });
  return rows.first();
}

function focused(page) {
  return page.evaluate(() => document.activeElement.id);
}

function post(path, body) {
  return fetch(mock.url + path, { method: 'POST', headers: JSON_TYPE, body: JSON.stringify(body) });
}

// Requests of every kind.
async function some() {
  await post('/api/sessions', { identifier: 'device-1' });
  await post('/api/sessions', {});
  await post('/be/v1/login', { user: 'ada', password: 'lovelace' });
  await post('/be/v1/login', { user: 'ada' });
  await fetch(`${mock.url}/be/v1/apps`);
  await fetch(`${mock.url}/nowhere`);
  await fetch(`${mock.url}/be/v1/login`, { method: 'DELETE' });
}

// Many requests, some at a time.
async function crowd(from, count) {
  let left = count;
  const one = async () => {
    while (left > 0) {
      left -= 1;
      const target = left % 5 ? '/be/v1/apps' : '/nowhere';
      await (await fetch(from.url + target)).arrayBuffer();
    }
  };
  await Promise.all(Array.from({ length: 16 }, one));
}

// Holds the page as it is to the rules of accessibility, and to its width.
async function judged(page, name) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() =>
    globalThis.axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }),
  );
  const told = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target, failureSummary }) => `${target} ${failureSummary}`).join('; ')}`);
  assert.deepEqual(told, [], name);
  const [inner, outer] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok(inner <= outer, `${name}: ${inner} is wider than ${outer}`);
}
