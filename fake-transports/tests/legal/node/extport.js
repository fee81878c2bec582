'use strict';
// Where a server's connections go; by the Extended ORPort if there is one.
const crypto = require('crypto');
const fs = require('fs');
const {Wire, dial} = require('./wire');
const {shown} = require('./config');

const HEADER = Buffer.from('! Extended ORPort Auth Cookie !\n');
const SIZE = 32;

function cookie(path) {
  const all = fs.readFileSync(path);
  if (all.length !== HEADER.length + SIZE ||
      !all.subarray(0, HEADER.length).equals(HEADER)) {
    throw new Error('no cookie');
  }
  return all.subarray(HEADER.length);
}

async function authenticate(wire, path) {
  let known = false;
  for (let type; (type = await wire.one()) !== 0;) known ||= type === 1;
  if (!known) {
    wire.socket.write(Buffer.from([0]));
    throw new Error('no known type');
  }
  const secret = cookie(path), mine = crypto.randomBytes(SIZE);
  wire.socket.write(Buffer.concat([Buffer.from([1]), mine]));
  const proof = await wire.exactly(SIZE), theirs = await wire.exactly(SIZE);
  const hash = (way) => crypto.createHmac('sha256', secret)
    .update(`ExtORPort authentication ${way} hash`)
    .update(mine).update(theirs).digest();
  if (!crypto.timingSafeEqual(proof, hash('server-to-client'))) {
    throw new Error('another server');
  }
  wire.socket.write(hash('client-to-server'));
  if (await wire.one() !== 1) throw new Error('refused');
}

function command(code, body) {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(code, 0);
  head.writeUInt16BE(body.length, 2);
  return Buffer.concat([head, Buffer.from(body)]);
}

async function introduce(wire, from, name) {
  wire.socket.write(Buffer.concat(
    [command(1, from), command(2, name), command(0, '')]));
  for (;;) {
    const code = await wire.two();
    await wire.exactly(await wire.two());
    if (code === 0x1000) return;
    if (code === 0x1001) throw new Error('denied');
  }
}

/** A socket that takes what a client sends. */
async function destination(config, client, name) {
  const from = shown(client.remoteAddress, client.remotePort);
  if (!config.extorport) return dial(config.orport);
  const socket = await dial(config.extorport);
  const wire = new Wire(socket).within(20);
  try {
    await authenticate(wire, config.cookie);
    await introduce(wire, from, name);
  } catch (e) {
    socket.destroy();
    throw e;
  }
  wire.release();
  return socket;
}

module.exports = {destination};
