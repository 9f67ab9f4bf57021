"""Whoever talks to a head and should not: strangers that send bytes of their own, and a wiretap between a joiner and
its head that records what real ones say, or changes it on its way.

ZMTP is ZeroMQ's protocol (https://rfc.zeromq.org/spec/23): a greeting of 64 bytes, then frames.
"""
import contextlib
import selectors
import socket
import struct
import threading

import zmq

from driving.cluster import free_endpoint
from driving.program import check

NULL_GREETING = b"\xff" + bytes(8) + b"\x7f" + bytes([3, 0]) + b"NULL".ljust(20, b"\0") + bytes(32)
CURVE_GREETING = NULL_GREETING.replace(b"NULL\0", b"CURVE")
READY = b"\x04\x19\x05READY\x0bSocket-Type" + struct.pack(">I", 6) + b"DEALER"
MORE, LONG, COMMAND = 1, 2, 4
CHUNK_BYTES = 1024  # what is longer than this, of a run with a small network, is a tensor


def port_of(endpoint):
    return int(endpoint.rsplit(":", 1)[1])


def call(endpoint):
    """A connection to tcp://HOST:PORT or ipc://PATH."""
    kind, address = endpoint.split("://")
    if kind == "ipc":
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(address)
        return connection
    return socket.create_connection(("127.0.0.1", port_of(endpoint)))


def tensors_of(endpoint):
    """Where a head that listens there has its tensors."""
    return endpoint + ".tensors" if endpoint.startswith("ipc") else f"tcp://127.0.0.1:{port_of(endpoint) + 1}"


def say(endpoint, *words, answer_bytes=0):
    """Sends bytes on a connection of their own, waits for so many in answer, hangs up."""
    with contextlib.suppress(OSError), call(endpoint) as connection:  # a head may hang up in mid-word
        connection.settimeout(10)
        for word in words:
            connection.sendall(word)
        while answer_bytes > 0:
            answer_bytes -= len(connection.recv(answer_bytes)) or answer_bytes


def frame(content, flags=0, claims=None):
    """A frame whose header claims so many bytes."""
    return bytes([flags | LONG]) + struct.pack(">Q", len(content) if claims is None else claims) + content


def messages_in(stream):
    """The messages, each a list of frames, of what one side of a connection has sent."""
    at, messages, parts = len(NULL_GREETING), [], []
    while at < len(stream):
        flags = stream[at]
        begin = at + (9 if flags & LONG else 2)
        at = begin + int.from_bytes(stream[at + 1:begin], "big")
        if at > len(stream):  # cut off in mid-frame
            break
        if flags & COMMAND:
            continue
        parts.append(stream[begin:at])
        if not flags & MORE:
            messages.append(parts)
            parts = []
    return messages


class Stranger:
    """A ZeroMQ peer that says what it likes; with `keys`, of this directory, once it is let in."""

    def __init__(self, endpoint, keys=None):
        self.context = zmq.Context()
        self.socket = self.context.socket(zmq.DEALER)
        self.socket.sndhwm = self.socket.rcvhwm = 100_000
        if keys:
            self.socket.curve_secretkey = (keys / "secret.key").read_bytes().strip()
            self.socket.curve_publickey = (keys / f"{keys.name}.pub").read_bytes().strip()
            self.socket.curve_serverkey = (keys / "head.pub").read_bytes().strip()
        self.socket.connect(endpoint)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.context.destroy(linger=5000)  # what was said is sent, for so many milliseconds

    def say(self, message):
        self.socket.send_multipart(message)

    def is_answered(self, question, seconds=30):
        """Whether something comes after this question, and thus whether all that was said before it has been read."""
        while self.socket.poll(0):
            self.socket.recv_multipart()
        self.say(question)
        return bool(self.socket.poll(1000 * seconds))


class Wiretap:
    """Between a joiner, which is to be given `endpoint`, and its head, on tcp; with keys it sees the control connection
    alone. `change(kind, bytes)` says what becomes of the bytes of a "tensors" or "control" connection on their way."""

    def __init__(self, head, change=lambda kind, data: data):
        self.endpoint = free_endpoint()
        self.change = change
        # The head tells the node where its tensors are; both names are equally long.
        self.told = f":{port_of(head) + 1}".encode()
        self.tells = f":{port_of(self.endpoint) + 1}".encode()
        self.sent = {"control": [], "tensors": []}  # by the node, connection by connection
        self.pairs = {}  # by socket: (the other one, kind, where it is recorded)
        self.selector = selectors.DefaultSelector()
        for offset, kind in ((0, "control"), (1, "tensors")):
            listener = socket.create_server(("127.0.0.1", port_of(self.endpoint) + offset))
            self.selector.register(listener, selectors.EVENT_READ, (kind, port_of(head) + offset))
        self.ends, self.end = socket.socketpair()
        self.selector.register(self.ends, selectors.EVENT_READ, None)
        self.thread = threading.Thread(target=self.listen)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.end.send(b"!")
        self.thread.join()
        for key in list(self.selector.get_map().values()):
            key.fileobj.close()
        self.end.close()

    def recorded(self, kind):
        """What nodes have said: messages, connection by connection."""
        return [messages_in(bytes(stream)) for stream in self.sent[kind]]

    def listen(self):
        while True:
            for key, _ in self.selector.select():
                if key.fileobj is self.ends:
                    return
                if key.fileobj in self.pairs:
                    self.pass_on(key.fileobj)
                elif key.data:
                    self.connect(key.fileobj, *key.data)

    def connect(self, listener, kind, port):
        node, _ = listener.accept()
        try:
            head = socket.create_connection(("127.0.0.1", port))
        except OSError:
            node.close()
            return
        record = bytearray()
        self.sent[kind].append(record)
        for one, other, into in ((node, head, record), (head, node, None)):
            self.pairs[one] = (other, kind, into)
            self.selector.register(one, selectors.EVENT_READ)

    def pass_on(self, connection):
        other, kind, record = self.pairs[connection]
        try:
            data = connection.recv(1 << 20)
            if record is not None:
                record += data
            if data:
                return other.sendall(self.change(kind, data.replace(self.told, self.tells)))
            other.shutdown(socket.SHUT_WR)  # what it was sent before is still to be read
        except OSError:
            pass
        self.selector.unregister(connection)
        del self.pairs[connection]
        if other not in self.pairs:
            connection.close()
            other.close()


def check_bounded(process, before, allowed_bytes, what):
    """The memory of `process` since it had `before` bytes."""
    grown = process.resident_bytes() - before
    print(f"  {what}: the head's memory has grown by {grown / 1e6:.1f} MB", flush=True)
    check(grown <= allowed_bytes, what, "made the head's memory grow by", grown, "bytes")
