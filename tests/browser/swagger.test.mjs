// Swagger UI and CORS as a browser sees them: every document is chosen, and its operations are tried out.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { startMock } from '../node/mock.mjs';
import { keep, launch, visit } from './browser.mjs';

const DOCUMENTS = ['device-sessions', 'rhombus', 'rockitplay'];
const CONTROL = 'control interface';
const LIMIT = { timeout: 60_000 };
const JWT = /^[\w-]+\.[\w-]+\.[\w-]+$/;

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

test('the drop-down lists the documents and the control interface', LIMIT, async () => {
  await inPage('start', [], async (page) => {
    await page.goto(`${mock.url}/_standin/docs`);
    await page.locator('.opblock').first().waitFor();
    assert.equal(page.url(), `${mock.url}/_standin/docs/`);
    assert.deepEqual(await page.locator('#select option').allTextContents(), [...DOCUMENTS, CONTROL]);
    assert.match(await page.locator('.info .title').innerText(), /^Device sessions/);
  });
});

test('device-sessions: a session is created', LIMIT, async () => {
  await inPage('device-sessions', [], async (page) => {
    await choose(page, 'device-sessions', 'Device sessions');
    const create = await tryOut(page, 'createSession');
    assert.deepEqual(JSON.parse(await create.locator('textarea').inputValue()), {
      identifier: 'device_unique_id_here',
    });
    const { status, body } = await execute(create);
    assert.equal(status, 200);
    assert.match(body.data.token, JWT);
    assert.match(await create.locator('.curl').innerText(), new RegExp(`'${mock.url}/api/sessions'`));
  });
});

test('rhombus: a federated session token is generated with an API key', LIMIT, async () => {
  await inPage('rhombus', [401], async (page) => {
    await choose(page, 'rhombus', 'Rhombus API');
    const generate = await tryOut(page, 'generateFederatedSessionToken');
    assert.equal((await execute(generate)).status, 401, 'without an API key');
    await authorize(page, 'any-api-key');
    const { status, body } = await execute(generate);
    assert.equal(status, 200);
    assert.match(body.federatedSessionToken, /^[\w-]{22}$/);
    assert.match(await generate.locator('.curl').innerText(), /x-auth-apikey: any-api-key/);
  });
});

test('rockitplay: login, authentication and the protected operation', LIMIT, async () => {
  await inPage('rockitplay', [], async (page) => {
    const { auth } = await walk(page);
    await authorize(page, auth);
    const { status, body } = await execute(await tryOut(page, 'listApps'));
    assert.equal(status, 200);
    assert.equal(body.status, 'success');
    assert.ok(Array.isArray(body.apps));
  });
});

test('control interface: the clock is read and a token is minted', LIMIT, async () => {
  await inPage('control-interface', [], async (page) => {
    await choose(page, CONTROL, 'standin control interface');
    assert.ok((await page.locator('.opblock').count()) >= 8, 'its operations are listed');
    const { status, body } = await execute(await tryOut(page, 'getClock'));
    assert.equal(status, 200);
    assert.equal(body.frozen, false);
    assert.ok(Math.abs(Date.parse(body.now) - Date.now()) < 60_000, body.now);
    const minted = await execute(await tryOut(page, 'mintToken'));
    assert.equal(minted.status, 201);
    assert.match(minted.body.token, JWT);
  });
});

test('rockitplay: the session token expires when the clock is moved', LIMIT, async () => {
  try {
    await inPage('expired', [401], async (page) => {
      const { authentication } = await walk(page);
      await inPage('clock-moved', [], async (other) => {
        await choose(other, CONTROL, 'standin control interface');
        const move = await tryOut(other, 'moveClock');
        assert.deepEqual(JSON.parse(await move.locator('textarea').inputValue()), { advance: '5m1s' });
        await move.locator('textarea').fill('{"advance": "24h1s"}');
        const { status, body } = await execute(move);
        assert.equal(status, 200);
        assert.ok(Date.parse(body.now) - Date.now() > 23.9 * 3_600_000, body.now);
      });
      const { status, body } = await execute(authentication);
      assert.equal(status, 401);
      assert.equal(body.error, 'token-expired');
    });
  } finally {
    await fetch(`${mock.url}/_standin/clock`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"reset": true}',
    });
  }
});

test('a page of another origin uses the mock, and not the control interface', LIMIT, async () => {
  const site = createServer((_, response) => {
    response.setHeader('content-type', 'text/html');
    response.end('<!doctype html><html lang="en"><link rel="icon" href="data:,"><title>elsewhere</title></html>');
  });
  site.listen(0, '127.0.0.1');
  await once(site, 'listening');
  const elsewhere = `http://127.0.0.1:${site.address().port}`;
  try {
    await inPage(null, 'any', async (page) => {
      await page.goto(elsewhere);
      const ask = (path, init) => page.evaluate(asked, { url: mock.url + path, init });

      const json = { 'content-type': 'application/json', 'x-custom-header': 'yes' };
      const credentials = 'include';
      const body = JSON.stringify({ user: 'admin@example.org', password: 'correct-horse-battery-staple' });
      const login = await ask('/be/v1/login', { method: 'POST', headers: json, body, credentials });
      assert.equal(login.status, 200, login.failed);
      const headers = { 'x-rockit-besession-token': login.body.session.token };
      const auth = await ask('/be/v1/auth', { method: 'POST', headers: { ...json, ...headers }, credentials });
      assert.equal(auth.status, 200, auth.failed);
      assert.equal(auth.body.status, 'success');
      // An error can be read as well, and so can what is at no path.
      const refused = await ask('/be/v1/apps', { headers: json, credentials });
      assert.equal(refused.status, 401, refused.failed);
      assert.equal((await ask('/nowhere', { headers: json, credentials })).status, 404);
      // Headers that pages are not shown by default are, with credentials as well.
      for (const mode of ['include', 'omit']) {
        const misused = await ask('/be/v1/login', { credentials: mode });
        assert.deepEqual([misused.status, misused.headers?.allow], [405, 'OPTIONS, POST'], mode);
      }

      const clock = async () => Date.parse((await (await fetch(`${mock.url}/_standin/clock`)).json()).now);
      const before = await clock();
      const advance = '{"advance": "1000h"}';
      const unreadable = [
        { path: '/clock' },
        { path: '/openapi.json' },
        { path: '/documents/rockitplay' },
        { path: '/docs/' },
        { path: '/clock', init: { credentials } },
        { path: '/clock', init: { method: 'POST', headers: json, body: advance } },
        // These ask for no leave before they are sent, so they must not be taken for JSON.
        { path: '/clock', init: { method: 'POST', body: advance } },
        { path: '/clock', init: { method: 'POST', body: advance, mode: 'no-cors' } },
        { path: '/clock', init: { method: 'POST', blob: advance, mode: 'no-cors' } },
      ];
      for (const { path, init } of unreadable) {
        const answer = await ask(`/_standin${path}`, init ?? {});
        const hidden = answer.failed === 'TypeError: Failed to fetch' || answer.type === 'opaque';
        assert.ok(hidden, `${path} ${JSON.stringify(init)} gave ${JSON.stringify(answer)}`);
      }
      assert.ok((await clock()) - before < 60_000, 'the clock was not moved from elsewhere');
    });
  } finally {
    site.closeAllConnections();
    site.close();
  }
});

// Runs in the page: what a script of it learns from a request.
async function asked({ url, init }) {
  try {
    const { blob, ...rest } = init;
    const body = blob ? { body: new Blob([blob]) } : {};
    const response = await fetch(url, { ...rest, ...body });
    const text = await response.text();
    const json = response.headers.get('content-type')?.includes('json');
    const headers = Object.fromEntries(response.headers);
    return { type: response.type, status: response.status, headers, body: json ? JSON.parse(text) : text };
  } catch (error) {
    return { failed: String(error) };
  }
}

// Logs in and gets an authentication token, through the page.
async function walk(page) {
  await choose(page, 'rockitplay', 'ROCKITPLAY API');
  const login = await execute(await tryOut(page, 'login'));
  assert.equal(login.status, 200);
  const session = login.body.session.token;
  assert.match(session, /^[\w-]{22}$/);
  const authentication = await tryOut(page, 'authentication');
  await authentication.locator('tr[data-param-name="x-rockit-besession-token"] input').fill(session);
  const auth = await execute(authentication);
  assert.equal(auth.status, 200);
  assert.equal(auth.body.status, 'success');
  assert.match(auth.body.auth.token, JWT);
  return { authentication, session, auth: auth.body.auth.token };
}

// Opens Swagger UI and chooses a document in the drop-down.
async function choose(page, document, title) {
  await page.goto(`${mock.url}/_standin/docs/`);
  await page.locator('#select').selectOption({ label: document });
  await page.locator('.info .title', { hasText: title }).waitFor();
  await page.locator('.opblock').first().waitFor();
  assert.equal(await page.locator('.errors-wrapper').count(), 0, `${document} is shown without errors`);
}

// Unfolds an operation, whose inputs are open at once.
async function tryOut(page, id) {
  const operation = page.locator(`.opblock[id$="-${id}"]`);
  await operation.locator('.opblock-summary-control').click();
  await operation.locator('button.execute').waitFor();
  return operation;
}

async function execute(operation) {
  const clear = operation.locator('button.btn-clear');
  if (await clear.count()) {
    await clear.click();
    await operation.locator('.live-responses-table').waitFor({ state: 'detached' });
  }
  await operation.locator('button.execute').click();
  const live = operation.locator('.live-responses-table');
  await live.waitFor();
  const status = parseInt(await live.locator('.response-col_status').last().innerText(), 10);
  const shown = await live.locator('.response-col_description .highlight-code code').first().textContent();
  return { status, body: JSON.parse(shown) };
}

async function authorize(page, value) {
  await page.locator('.auth-wrapper > button.authorize').click();
  const dialogue = page.locator('.dialog-ux');
  await dialogue.locator('input').fill(value);
  await dialogue.locator('button.authorize').click();
  await dialogue.locator('button', { hasText: 'Logout' }).waitFor();
  await dialogue.locator('button.btn-done').click();
  await dialogue.waitFor({ state: 'detached' });
}

// Runs `steps` in a page of its own, and keeps a screenshot of its end.
function inPage(name, expected, steps) {
  return visit(browser, { origin: mock.url, expected }, async (page) => {
    try {
      await steps(page);
    } finally {
      if (name) await keep(page, `swagger-${name}`);
    }
  });
}
