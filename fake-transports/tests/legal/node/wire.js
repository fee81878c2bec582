'use strict';
// Reading a number of bytes from a socket, and joining two sockets.
const net = require('net');

/** Promises of bytes, before a deadline. */
class Wire {
  constructor(socket) {
    this.socket = socket;
    this.have = Buffer.alloc(0);
    this.over = false;
    this.wake = () => {};
    this.on = {
      data: (data) => {
        this.have = Buffer.concat([this.have, data]);
        this.wake();
      },
      end: () => { this.over = true; this.wake(); },
    };
    this.on.close = this.on.error = this.on.end;
    for (const what in this.on) socket.on(what, this.on[what]);
  }

  within(seconds) {
    this.until = Date.now() + seconds * 1000;
    return this;
  }

  async exactly(n) {
    while (this.have.length < n) {
      if (this.over) throw new Error('ended');
      const left = this.until - Date.now();
      if (left <= 0) throw Object.assign(new Error('late'), {late: true});
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, left);
        this.wake = () => { clearTimeout(timer); resolve(); };
      });
    }
    const found = this.have.subarray(0, n);
    this.have = this.have.subarray(n);
    return found;
  }

  async one() { return (await this.exactly(1))[0]; }
  async two() { return (await this.exactly(2)).readUInt16BE(0); }
  async four() { return (await this.exactly(4)).readUInt32BE(0); }

  /** What came too early is the next reader's. */
  release() {
    this.socket.pause();
    for (const what in this.on) this.socket.off(what, this.on[what]);
    if (this.have.length) this.socket.unshift(this.have);
    this.have = Buffer.alloc(0);
  }
}

/** Until both directions have ended. */
function join(a, b) {
  const abort = () => {
    for (const s of [a, b]) {
      if (s.destroyed) continue;
      s.resetAndDestroy();
    }
  };
  for (const s of [a, b]) {
    s.on('error', abort);
    s.on('close', (failed) => { if (failed) abort(); });
    if (s.destroyed) return abort();
  }
  a.pipe(b);
  b.pipe(a);
}

/** A socket to there. */
function dial(to, ms = 20000) {
  return new Promise((resolve, reject) => {
    const s = net.connect({...to, allowHalfOpen: true, noDelay: true});
    const timer = setTimeout(() => s.destroy(
      Object.assign(new Error('late'), {code: 'ETIMEDOUT'})), ms);
    s.once('error', (e) => { clearTimeout(timer); reject(e); });
    s.once('connect', () => {
      clearTimeout(timer);
      s.removeAllListeners('error');
      s.on('error', () => {});
      resolve(s);
    });
  });
}

module.exports = {Wire, join, dial};
