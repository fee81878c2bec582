#!/usr/bin/node
'use strict';
// A transport in plain Node that changes nothing: net.createServer(), pipe(),
// promises. Legal: who finds something in it is wrong.
const parent = process.ppid;
for (const signal of ['SIGTERM', 'SIGINT']) {
  process.on(signal, () => process.exit(0));
}
const fs = require('fs');
const net = require('net');
const {Fatal, given, version, read, shown} = require('./config');
const {destination} = require('./extport');
const {join} = require('./wire');
const socks = require('./socks');

const NAME = 'nident';
let spoken = 0;

function print(fd, line) {
  try {
    fs.writeSync(fd, `${line}\n`);
  } catch {
    // Nobody reads.
  }
}
const say = (line) => print(1, line);
const complain = (line) => print(spoken === 1 ? 1 : 2, line);

/** A listener; resolves when its line has been said. */
function offer(word, middle, at, handle) {
  const server = net.createServer(
    {allowHalfOpen: true, pauseOnConnect: true, noDelay: true}, (socket) => {
      socket.on('error', () => {});
      handle(socket);
    });
  return new Promise((resolve) => {
    server.on('error', (e) => {
      if (!server.listening) complain(`${word}-ERROR ${NAME} ${e.code}`);
      resolve();
    });
    server.listen({...at, ipv6Only: true}, () => {
      const {address, port} = server.address();
      say(`${word} ${NAME} ${middle}${shown(address, port)}`);
      resolve();
    });
  });
}

async function relay(config, socket) {
  try {
    join(socket, await destination(config, socket, NAME));
  } catch {
    socket.destroy();
  }
}

async function start(config) {
  const ours = config.transports.includes(NAME);
  const at = {host: '127.0.0.1', port: 0};
  if (config.client) {
    if (ours) {
      await offer('CMETHOD', 'socks5 ', at, (socket) => {
        socket.resume();
        socks.serve(socket, spoken);
      });
    }
    say('CMETHODS DONE');
    return;
  }
  if (config.far) {
    const text = 'the extended port is on another host';
    if (spoken === 1) say(`LOG SEVERITY=warning MESSAGE="${text}"`);
    else print(2, text);
  }
  if (ours) {
    await offer('SMETHOD', '', config.bind.get(NAME) || at,
                (socket) => relay(config, socket));
  }
  say('SMETHODS DONE');
}

function main() {
  const [values, wrongFlag] = given(process.argv.slice(2), process.env);
  spoken = version(values);
  say(`VERSION ${spoken}`);
  const config = read(values, wrongFlag);
  setInterval(() => {
    if (process.ppid !== parent) process.exit(0);
  }, 1000);
  if (config.stdinClose) {
    for (const what of ['end', 'close', 'error']) {
      process.stdin.on(what, () => process.exit(0));
    }
    process.stdin.resume();
  }
  start(config);
}

for (const signal of ['SIGHUP', 'SIGPIPE', 'SIGUSR1', 'SIGUSR2']) {
  process.on(signal, () => {});
}
try {
  main();
} catch (e) {
  if (!(e instanceof Fatal)) throw e;
  complain(e.message);
  process.exit(e.status);
}
