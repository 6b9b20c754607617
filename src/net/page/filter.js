// Which requests are shown.
const chosen = { text: '', isFaulty: false, classes: new Set(), operation: '', sandbox: '' };

function sought() {
  const words = chosen.text.toLowerCase().split(/\s+/).filter(Boolean);
  const { isFaulty, classes, operation, sandbox } = chosen;
  store.wanted = (record) =>
    (!isFaulty || record.findings.length > 0) &&
    (!classes.size || classes.has(Math.floor(record.status / 100))) &&
    (!operation || record.operation === operation) &&
    (!sandbox || record.sandbox === sandbox) &&
    words.every((word) => record.text.includes(word));
  sift();
  grid.scrollTop = 0;
  store.changed(0);
}

$('text').addEventListener('input', () => {
  chosen.text = $('text').value;
  sought();
});
$('text').addEventListener('keydown', (event) => {
  if (event.key === 'ArrowDown' || event.key === 'Enter') {
    event.preventDefault();
    grid.focus();
    if (activeAt() < 0) activate(0);
  } else if (event.key === 'Escape' && !chosen.text) grid.focus();
});
$('faulty').addEventListener('click', () => {
  chosen.isFaulty = !chosen.isFaulty;
  $('faulty').setAttribute('aria-pressed', chosen.isFaulty);
  sought();
});
for (const button of $('classes').children) {
  button.addEventListener('click', () => {
    const number = Number(button.dataset.class);
    if (!chosen.classes.delete(number)) chosen.classes.add(number);
    button.setAttribute('aria-pressed', chosen.classes.has(number));
    sought();
  });
}
for (const name of ['operation', 'sandbox']) {
  $(name).addEventListener('change', () => {
    chosen[name] = $(name).value;
    sought();
    if (name === 'sandbox') clock.read();
  });
}

// Shows the requests of one operation, or of one sandbox, from another view.
function only(name, value) {
  offer(name, [value]);
  chosen[name] = value;
  $(name).value = value;
  sought();
  clock.read();
  location.hash = 'requests';
}

// Adds what there is to choose from, each once, in order.
function offer(name, values) {
  const select = $(name);
  const held = new Set([...select.options].map((option) => option.value));
  const fresh = values.filter((value) => value && !held.has(value));
  if (!fresh.length) return;
  const all = [...[...select.options].slice(1).map((option) => option.value), ...new Set(fresh)].sort();
  select.replaceChildren(select.options[0], ...all.map((value) => h('option', { value }, value)));
  select.value = chosen[name];
}

// The sandboxes are offered as soon as there is more than one.
const sandboxes = new Set();
let offeredUpTo = 0;

function offerSandboxes() {
  for (let at = Math.min(offeredUpTo, store.all.length); at < store.all.length; at += 1) sandboxes.add(store.all[at].sandbox);
  offeredUpTo = store.all.length;
  if (sandboxes.size > 1) {
    offer('sandbox', [...sandboxes]);
    $('sandbox').hidden = false;
  }
}

$('clear').addEventListener('click', async () => {
  await ask('requests', { method: 'DELETE' }).catch((error) => say(error.message));
  detail.close();
  list.active = null;
  offeredUpTo = 0;
  forgetAll();
  say('All requests are forgotten.');
});
