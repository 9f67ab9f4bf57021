#!/usr/bin/python3
"""Real messages that come from the wrong hands: recorded between a joiner and its head, then cut, changed and sent
once more, to both sockets of the head; and tensors that are changed on their way. Nothing of it is applied, and all
of it is counted. CHAOS_SEED replays what is cut and changed."""
import itertools

from driving.cluster import CLUSTER, Cluster, chaos, check_same, undisturbed
from driving.program import check
from driving.strangers import CHUNK_BYTES, Stranger, Wiretap, check_bounded, tensors_of

CONFIG = (CLUSTER, {"stop.epochs": 40})
MEMORY_BYTES = 64 << 20
CHANGED = 1500  # messages, on each socket
CHANGE_EACH = 40  # so many tensors


def flipped(draw, data):
    changed = bytearray(data)
    bit = draw.randrange(8 * len(data))
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def variations(draw, messages):
    """One of the messages, cut or changed in one of the ways in which a packet can be wrong."""
    head, *rest = draw.choice(messages)
    return draw.choice((
        [head[:draw.randrange(len(head))], *rest],
        [flipped(draw, head), *rest],
        [flipped(draw, head), *rest],
        [head, draw.randbytes(draw.randrange(1, 200))],  # a body where none belongs, or another
        [head, *rest, b"one more"],
        [draw.randbytes(draw.randrange(1, 300)), *rest],
        [head, *(flipped(draw, body) for body in rest)],
        [head + head, *rest],
        [b"", *rest],
    ))


def is_join(message, name):
    return name.encode() in message[0]


def attack_socket(endpoint, kind, wiretap, draw):
    """`kind`: which of the two it is."""
    everything = [message for connection in wiretap.recorded(kind) for message in connection]
    # A changed request to join may make a member, which is a stranger's right where there are no keys: a few are enough.
    said = [message for message in everything if not is_join(message, "recorded")]
    check(said, "nothing was recorded on", kind)
    with Stranger(endpoint) as stranger:
        for message in everything:  # the whole session, once more
            stranger.say(message)
        for _ in range(CHANGED):
            stranger.say(variations(draw, said))
        for message in [message for message in everything if is_join(message, "recorded")][:1]:
            for _ in range(20):
                stranger.say([flipped(draw, message[0])])


def attack(cluster, wiretap, draw):
    before = cluster.head.resident_bytes()
    endpoints = {"control": cluster.endpoint, "tensors": tensors_of(cluster.endpoint)}
    for kind, endpoint in endpoints.items():
        attack_socket(endpoint, kind, wiretap, draw)
        # What was recorded on one socket has no business on the other either.
        other = "tensors" if kind == "control" else "control"
        with Stranger(endpoint) as stranger:
            for message in [message for connection in wiretap.recorded(other) for message in connection][:500]:
                stranger.say(message)
    hello = wiretap.recorded("control")[0][0]
    with Stranger(cluster.endpoint) as stranger:
        for bit in range(8 * len(hello[0])):  # each of them: schema, run and what kind of message it is among them
            changed = bytearray(hello[0])
            changed[bit // 8] ^= 1 << bit % 8
            stranger.say([bytes(changed)])
        check(stranger.is_answered(hello), "the head does not answer any longer")
    check_bounded(cluster.head, before, MEMORY_BYTES, "changed and repeated messages")
    check(cluster.head.is_running(), "the run was over before the attack was")


def from_wrong_hands(draw, expected):
    with Cluster(*CONFIG, run="replayed", pace_ms=10) as cluster:
        cluster.start_head()
        with Wiretap(cluster.endpoint) as wiretap:
            cluster.join("recorded", endpoint=wiretap.endpoint)
            cluster.join("node-1")
            cluster.wait_for_active("recorded", "node-1")
            cluster.wait_for_version(cluster.log.version + 5)
            attack(cluster, wiretap, draw)
            dropped = cluster.dropped()
            print("  not taken:", dropped)
            for reason in ("malformed", "other_schema", "wrong_peer", "unknown_session", "other_term", "not_allowed"):
                check(dropped.get(reason, 0) > 0, "nothing was counted as", reason)
            check_same(cluster.finish(), expected, "a run whose messages came from wrong hands as well")


def tensors_changed_on_their_way(draw, expected):
    tensors = itertools.count(1)

    def change(kind, data):
        is_hit = kind == "tensors" and len(data) > CHUNK_BYTES and next(tensors) % CHANGE_EACH == 0
        return flipped_in_the_middle(draw, data) if is_hit else data

    with Cluster(*CONFIG, run="changed", pace_ms=10) as cluster:
        cluster.start_head()
        with Wiretap(cluster.endpoint, change) as wiretap:
            cluster.join("changed", endpoint=wiretap.endpoint)
            cluster.join("node-1")
            found = cluster.finish()
            check_same(found, expected, "a run whose tensors were changed on their way")
            print(f"  {next(tensors) - 1} tensors were on their way")
            lost = [members for _, members in cluster.log.named("node_failed")]
            check(lost, "nothing was changed")
            print(f"  {len(lost)} sessions ended by that, such as: {lost[0]['cause']}")


def flipped_in_the_middle(draw, data):
    """Far from where frames begin and end, so among the numbers."""
    quarter = len(data) // 4
    return data[:quarter] + flipped(draw, data[quarter:-quarter]) + data[-quarter:]


def main():
    draw = chaos()
    expected = undisturbed(*CONFIG)
    from_wrong_hands(draw, expected)
    tensors_changed_on_their_way(draw, expected)


main()
