"""The modules of ptpy.

main        the life of the process: roles, shutdown, exit statuses
config      variables and flags to one checked configuration
lists       the little languages of the values: lists, options, addresses
ipc         lines to the parent
state       files in the state directory
loop        tasks that wait for descriptors, without threads
net         streams, listeners and direct connections
proxy       connections through the upstream proxy
socks       the SOCKS5 front end of a client
settings    per-connection settings: JSON block and RFC 1929
extor       the Extended ORPort, seen from the transport
relay       two streams joined, in both directions
framing     datagrams in a stream
pool        which connections carry datagrams
udp         datagrams to connections and back, of both sides
transports  pyident and pyxor
client, server   listeners and what happens to their connections
"""
