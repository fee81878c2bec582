'use strict';
// Variables and flags; a flag overrides its variable.
const net = require('net');

const FLAGS = {
  '-ptversion': 'MANAGED_TRANSPORT_VER', '-state': 'STATE_LOCATION',
  '-transports': 'TRANSPORTS', '-proxy': 'PROXY', '-target': 'TARGET',
  '-options': 'SERVER_TRANSPORT_OPTIONS', '-bindaddr': 'SERVER_BINDADDR',
  '-orport': 'ORPORT', '-extorport': 'EXTENDED_SERVER_PORT',
  '-authcookie': 'AUTH_COOKIE_FILE',
};

/** A line after which the process ends. */
class Fatal extends Error {
  constructor(line, status) {
    super(line.replace(/[^ -~]/g, '?'));
    this.status = status;
  }
}

const refuse = (why) => { throw new Fatal(`ENV-ERROR ${why}`, 64); };

/** At unescaped separators; escapes stay. */
function split(text, separator, limit = Infinity) {
  const parts = [''];
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '\\') {
      if (i + 1 === text.length) throw new Error('a backslash at the end');
      parts[parts.length - 1] += text[i] + text[++i];
    } else if (text[i] === separator && parts.length < limit) {
      parts.push('');
    } else {
      parts[parts.length - 1] += text[i];
    }
  }
  return parts;
}

/** KEY=VALUE, or it says what is wrong. */
function pair(text) {
  const [key, value] = split(text, '=', 2);
  if (!key || value === undefined) throw new Error('no KEY=VALUE');
}

function address(text, lowest, named = false) {
  const m = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9._-]+)):([0-9]{1,5})$/
    .exec(text);
  if (!m || +m[3] < lowest || +m[3] > 65535) {
    throw new Error('a broken address');
  }
  const host = m[1] || m[2];
  const literal = m[1] ? net.isIPv6(host) : net.isIPv4(host);
  const name = named && !m[1] && !/(^|\.)[0-9]+\.?$/.test(host);
  if (!literal && !name) throw new Error('no address');
  return {host, port: +m[3]};
}

/** Without a zone. */
function shown(host, port) {
  const plain = host.replace(/%.*/, '');
  return plain.includes(':') ? `[${plain}]:${port}` : `${plain}:${port}`;
}

function given(argv, env) {
  const values = {};
  for (const [key, value] of Object.entries(env)) {
    if (key.startsWith('TOR_PT_')) values[key.slice(7)] = value;
  }
  for (let i = 0; i < argv.length; i++) {
    if (argv[i] === '-exit-on-stdin-close') {
      values.EXIT_ON_STDIN_CLOSE = '1';
    } else if (argv[i] in FLAGS && i + 1 < argv.length) {
      values[FLAGS[argv[i]]] = argv[++i];
    } else {
      return [values, argv[i]];
    }
  }
  return [values, null];
}

function version(values) {
  const offered = values.MANAGED_TRANSPORT_VER;
  if (!offered) refuse('no TOR_PT_MANAGED_TRANSPORT_VER');
  const known = offered.split(',');
  if (known.includes('2')) return 2;
  if (known.includes('1')) return 1;
  throw new Fatal('VERSION-ERROR no-version', 78);
}

function client(values, config) {
  if (values.TARGET) address(values.TARGET, 1, true);
  if (values.PROXY) throw new Fatal('PROXY-ERROR no proxies', 69);
  config.client = true;
}

function server(values, config) {
  const items = (text, separator) => text ? split(text, separator) : [];
  for (const item of items(values.SERVER_TRANSPORT_OPTIONS, ';')) {
    const [name, text] = split(item, ':', 2);
    if (!name || text === undefined) throw new Error('a broken option');
    pair(text);
  }
  config.bind = new Map();
  for (const item of items(values.SERVER_BINDADDR, ',')) {
    const m = /^([^-]+)-(.*)$/s.exec(item);
    if (!m || config.bind.has(m[1])) throw new Error('a broken bind address');
    config.bind.set(m[1], address(m[2], 0));
  }
  if (values.ORPORT) config.orport = address(values.ORPORT, 1, true);
  if (values.EXTENDED_SERVER_PORT) {
    config.extorport = address(values.EXTENDED_SERVER_PORT, 1);
    config.cookie = values.AUTH_COOKIE_FILE;
    if (!config.cookie) throw new Error('no TOR_PT_AUTH_COOKIE_FILE');
    config.far = !/^(127\.|::1$)/.test(config.extorport.host);
  }
  if (!config.orport && !config.extorport) throw new Error('no destination');
}

/** All but the version. */
function read(values, wrongFlag) {
  if (wrongFlag !== null) refuse(`flag ${wrongFlag}`);
  const clients = values.CLIENT_TRANSPORTS, servers = values.SERVER_TRANSPORTS;
  if (!clients === !servers) {
    refuse('one of TOR_PT_CLIENT_TRANSPORTS and TOR_PT_SERVER_TRANSPORTS ' +
           'has to be set');
  }
  const list = values.TRANSPORTS ?? (clients || servers);
  if (!list) refuse('no transports');
  const config = {
    transports: [...new Set(list.split(','))],
    stdinClose: values.EXIT_ON_STDIN_CLOSE === '1',
  };
  try {
    (clients ? client : server)(values, config);
  } catch (e) {
    if (e instanceof Fatal) throw e;
    refuse(e.message);
  }
  return config;
}

module.exports = {Fatal, given, version, read, split, pair, shown};
