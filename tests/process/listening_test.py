#!/usr/bin/python3
"""`fulmar train --listen` says where it listens and how to join, refuses what is unsafe or of no use, and claims no run directory in vain."""
import re
import socket
from pathlib import Path

from driving.cluster import free_endpoint
from driving.program import SMALL, Training, check, fulmar


def refused(*words, says, code):
    ended = fulmar("train", SMALL, {"run.directory": "refused"}, *words, code=code)
    check(re.search(says, ended.err), "it says:", ended.err)
    check(len(ended.err.splitlines()) <= 2, "more than two lines:", ended.err)
    check(not Path("refused").exists(), "a run directory was claimed in vain by", words)


def what_makes_no_sense_is_bad_usage():
    refused("--slots", 0, says=r"--slots 0 .* add --listen ENDPOINT", code=2)
    refused("--keys", "keys/head", says=r"--keys .* add --listen ENDPOINT", code=2)
    refused("--insecure", says=r"--insecure .* add --listen ENDPOINT", code=2)
    refused("--listen", "7070", says=r"--listen 7070: .*tcp://", code=2)
    refused("--listen", "tcp://127.0.0.1:0", "--keys", "keys/head", "--insecure", says=r"contradict", code=2)


def without_keys_other_machines_are_heard_only_where_that_is_wanted():
    remedy = r"fulmar keygen DIR.*--keys DIR/head.*--insecure"
    for endpoint in ("tcp://0.0.0.0:0", "tcp://*:0", "tcp://[::]:0", "tcp://192.0.2.7:0"):
        refused("--listen", endpoint, says=remedy, code=2)
    with Training(SMALL, {"run.directory": "open"}, "--listen", "tcp://0.0.0.0:0", "--insecure") as training:
        training.wait_for_text("join with: fulmar join tcp://")
        said = training.err()
        check(re.search(r"listening on tcp://0\.0\.0\.0:\d+ \(all who can reach it, not encrypted\)", said), "it says:", said)
        check("fulmar join tcp://0.0.0.0" not in said, "nobody can join there:", said)
        training.end()


def addresses_and_keys_that_cannot_be_used_leave_no_directory():
    refused("--listen", "tcp://127.0.0.1:0", "--keys", "nowhere", says=r"nowhere/secret\.key.*fulmar keygen", code=1)
    refused("--listen", "ipc://nowhere/socket", says=r"ipc://nowhere/socket.*make the directory", code=1)
    with socket.socket() as taken:
        # Beyond those that the system hands out, so that the one before it is nobody's.
        port = int(free_endpoint().rpartition(":")[2]) + 1
        taken.bind(("127.0.0.1", port))
        taken.listen()
        refused("--listen", f"tcp://127.0.0.1:{port}", says=rf"127\.0\.0\.1:{port}.*in use", code=1)
        # The tensors' port is the next one.
        refused("--listen", f"tcp://127.0.0.1:{port - 1}", says=rf"127\.0\.0\.1:{port}.*in use", code=1)


def with_keys_it_names_those_of_the_worker():
    fulmar("keygen", "keys")
    with Training(SMALL, {"run.directory": "locked"}, "--listen", "tcp://127.0.0.1:0", "--keys", "keys/head/") as training:
        training.wait_for_text("join with: ")
        said = training.err()
        check(re.search(r"\(this machine only, encrypted, .*\); join with: fulmar join tcp://127\.0\.0\.1:\d+ "
                        r"--keys keys/worker\n", said), "it says:", said)
        training.end()


what_makes_no_sense_is_bad_usage()
without_keys_other_machines_are_heard_only_where_that_is_wanted()
addresses_and_keys_that_cannot_be_used_leave_no_directory()
with_keys_it_names_those_of_the_worker()
