// The clock that everything is judged by: what it shows, and how far it is from the machine's.
const clock = { ahead: 0, frozenAt: null };
const READ_EVERY = 5_000;

clock.element = h('span', { id: 'now', class: 'now', title: 'The time by which tokens and answers are judged, in UTC' });
clock.away = h('span', { id: 'away', class: 'away', hidden: true });
clock.freeze = h('button', { type: 'button', id: 'freeze', 'aria-pressed': 'false' }, 'Freeze');
clock.later = h('button', { type: 'button', id: 'later', title: 'Move the clock five minutes and one second on' }, '+5 min');
clock.reset = h('button', { type: 'button', id: 'reset', title: "Show the machine's time again" }, 'Reset');
$('bar-end').prepend(
  h('div', { class: 'clock', role: 'group', 'aria-label': 'Clock' }, clock.element, clock.away, clock.freeze, clock.later, clock.reset),
);

clock.taken = ({ now, frozen }) => {
  clock.ahead = Date.parse(now) - Date.now();
  clock.frozenAt = frozen ? Date.parse(now) : null;
  clock.freeze.setAttribute('aria-pressed', frozen);
  clock.freeze.textContent = frozen ? 'Run on' : 'Freeze';
  clock.draw();
};

clock.draw = () => {
  const now = clock.frozenAt ?? Date.now() + clock.ahead;
  // The clock goes to the years -9999 and 9999, of which a browser writes six digits.
  clock.element.textContent = new Date(now).toISOString().replace('T', ' ').replace(/\.\d+Z$/, '');
  const away = Math.round((now - Date.now()) / 1000);
  clock.away.hidden = Math.abs(away) < 2 && clock.frozenAt === null;
  clock.away.textContent = clock.frozenAt === null ? span(away) : `stopped ${Math.abs(away) < 2 ? '' : span(away)}`;
  clock.away.classList.toggle('stopped', clock.frozenAt !== null);
};

// A length of time in its two largest units: `+1d 2h`, `-5m 1s`.
function span(seconds) {
  const units = [['d', 86_400], ['h', 3_600], ['m', 60], ['s', 1]];
  let left = Math.abs(seconds);
  const parts = units.map(([name, length]) => {
    const count = Math.floor(left / length);
    left -= count * length;
    return count ? `${count}${name}` : '';
  });
  return (seconds < 0 ? '−' : '+') + (parts.filter(Boolean).slice(0, 2).join(' ') || '0s');
}

// Each sandbox has a clock of its own; it is the one of the sandbox that is looked at.
const whose = () => (chosen.sandbox ? { 'standin-sandbox': chosen.sandbox } : {});

clock.read = () => ask('clock', { headers: whose() }).then(clock.taken, () => {});

function moves(button, change, told) {
  button.addEventListener('click', async () => {
    try {
      clock.taken(await post('clock', change(), whose()));
      say(`${told()} The clock shows ${clock.element.textContent}.`);
    } catch (error) {
      say(error.message);
    }
  });
}

moves(clock.freeze, () => ({ freeze: clock.frozenAt === null }), () => (clock.frozenAt === null ? 'It runs on.' : 'It is stopped.'));
// A second more: a token that lives five minutes is refused from its last moment on.
moves(clock.later, () => ({ advance: '5m1s' }), () => 'It is moved.');
moves(clock.reset, () => ({ reset: true }), () => 'It is reset.');

setInterval(clock.draw, 1_000);
setInterval(() => document.hidden || clock.read(), READ_EVERY);
