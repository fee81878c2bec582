'use strict';
// The SOCKS5 side of a client, with settings.
const {Wire, join, dial} = require('./wire');
const {split, pair} = require('./config');

const MAX_BLOCK = 65536;
const PATIENCE = 15;
const CODES = {
  ECONNREFUSED: 5, ENETUNREACH: 3, EHOSTUNREACH: 4, ETIMEDOUT: 4,
  ENOTFOUND: 4, EAI_AGAIN: 4,
};
const reply = (code) => Buffer.from([5, code, 0, 1, 0, 0, 0, 0, 0, 0]);

/** Say that and close. */
class Parting extends Error {
  constructor(last) {
    super('refused');
    this.last = last;
  }
}

async function block(wire) {
  try {
    const size = await wire.within(PATIENCE).four();
    if (size > MAX_BLOCK) throw new Parting(reply(0x10));
    const text = new TextDecoder('utf-8', {fatal: true, ignoreBOM: true})
      .decode(await wire.exactly(size));
    const found = JSON.parse(text);
    if (Object.prototype.toString.call(found) !== '[object Object]') {
      throw new SyntaxError('no object');
    }
  } catch (e) {
    if (e.late) throw new Parting(reply(0x11));
    // What is not UTF-8 is a TypeError.
    if (e instanceof SyntaxError || e instanceof TypeError ||
        e instanceof RangeError) {
      throw new Parting(reply(0x12));
    }
    throw e;
  }
}

async function password(wire) {
  await wire.within(PATIENCE).one();
  const user = await wire.exactly(await wire.one());
  const more = await wire.exactly(await wire.one());
  try {
    if (!user.length || !more.length) throw new Error('empty');
    const rest = more.equals(Buffer.from([0])) ? '' : more.toString('latin1');
    split(user.toString('latin1') + rest, ';').forEach(pair);
  } catch {
    throw new Parting(Buffer.from([1, 1]));
  }
  wire.socket.write(Buffer.from([1, 0]));
}

async function settings(wire, version) {
  if (await wire.within(PATIENCE).one() !== 5) throw new Error('no SOCKS5');
  const offered = await wire.exactly(await wire.one());
  if (version === 2 && offered.includes(9)) {
    wire.socket.write(Buffer.from([5, 9]));
    await block(wire);
  } else if (version === 1 && offered.includes(2)) {
    wire.socket.write(Buffer.from([5, 2]));
    await password(wire);
  } else if (offered.includes(0)) {
    wire.socket.write(Buffer.from([5, 0]));
  } else {
    throw new Parting(Buffer.from([5, 0xff]));
  }
}

async function host(wire, kind) {
  if (kind === 1) return (await wire.exactly(4)).join('.');
  if (kind === 4) {
    return (await wire.exactly(16)).toString('hex').match(/..../g).join(':');
  }
  if (kind !== 3) throw new Parting(reply(8));
  return (await wire.exactly(await wire.one())).toString('latin1');
}

async function request(wire) {
  const [version, command, , kind] = await wire.within(PATIENCE).exactly(4);
  if (version !== 5) throw new Parting(reply(1));
  const to = {host: await host(wire, kind), port: await wire.two()};
  if (command !== 1) throw new Parting(reply(7));
  if (!to.port) throw new Parting(reply(1));
  if (kind === 3 && !/^[A-Za-z0-9._-]{1,253}$/.test(to.host)) {
    throw new Parting(reply(4));
  }
  return to;
}

async function talk(socket, version) {
  const wire = new Wire(socket);
  await settings(wire, version);
  const to = await request(wire);
  wire.release();
  try {
    return await dial(to);
  } catch (e) {
    throw new Parting(reply(CODES[e.code] || 1));
  }
}

/** From the greeting to the end. */
async function serve(socket, version) {
  try {
    const there = await talk(socket, version);
    socket.write(reply(0));
    join(socket, there);
  } catch (e) {
    if (!(e instanceof Parting)) {
      socket.destroy();
      return;
    }
    socket.end(e.last);
    socket.resume();
    setTimeout(() => socket.destroy(), 2000);
  }
}

module.exports = {serve};
