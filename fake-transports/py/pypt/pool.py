"""Which connections carry datagrams: the two tables of PT 2.0 section 3.3.5.

What is known of a connection is its state, and when a packet passed last.
"""
from .loop import now

ABSENT, WAITING, CONNECTED = "not in the pool", "Waiting", "Connected"

PACKET = "Packet received"
SUCCESS = "Connection successful"
CLOSED = "Connection closed"
FAILED = "Connection failed"
WRITE_FAILURE = "Write failure sending packet"
TIMEOUT = "Timeout since last packet"

NOTHING, DROP, CONNECT, SEND = "", "dropped", "dropped, connect", "sent"

# event, state: new state, what becomes of the packet
TABLE_1 = {
    (PACKET, ABSENT): (WAITING, CONNECT),
    (PACKET, WAITING): (WAITING, DROP),
    (PACKET, CONNECTED): (CONNECTED, SEND),
    (SUCCESS, WAITING): (CONNECTED, NOTHING),
    (CLOSED, CONNECTED): (ABSENT, NOTHING),
    (FAILED, WAITING): (ABSENT, NOTHING),
    (WRITE_FAILURE, CONNECTED): (ABSENT, DROP),
    (TIMEOUT, WAITING): (ABSENT, NOTHING),
    (TIMEOUT, CONNECTED): (ABSENT, NOTHING),
}
# A server's connections are in the pool when they have been accepted.
TABLE_2 = {
    (SUCCESS, ABSENT): (CONNECTED, NOTHING),
    (PACKET, ABSENT): (ABSENT, DROP),
    (PACKET, CONNECTED): (CONNECTED, SEND),
    (CLOSED, CONNECTED): (ABSENT, NOTHING),
    (WRITE_FAILURE, CONNECTED): (ABSENT, DROP),
    (TIMEOUT, CONNECTED): (ABSENT, NOTHING),
}


class Entry:
    """A connection in the pool, or one that is not in it any more."""

    def __init__(self, key):
        self.key = key
        self.state = ABSENT
        self.used = now()


class Pool:
    """Of a client, whose keys are the sources of packets (so that answers
    find back, as all of them are for the same server); or of a server."""

    def __init__(self, table, idle):
        self.table, self.idle = table, idle
        self._entries = {}

    def get(self, key):
        """The entry of that key, or None."""
        return self._entries.get(key)

    def happens(self, event, entry):
        """What becomes of the packet. An event that has no row changes
        nothing: the connection is out of the pool already."""
        state, effect = self.table.get((event, entry.state),
                                       (entry.state, DROP))
        if event == PACKET:
            entry.used = now()
        if entry.state == ABSENT and state != ABSENT:
            self._entries[entry.key] = entry
        elif entry.state != ABSENT and state == ABSENT:
            del self._entries[entry.key]
        entry.state = state
        return effect

    def left(self, entry):
        """For how many more seconds it may be unused."""
        return entry.used + self.idle - now()
