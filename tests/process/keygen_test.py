#!/usr/bin/python3
"""fulmar keygen: what it makes, who may read it, and that nothing is overwritten."""
import os
import re
import stat
from pathlib import Path

from driving.program import check, fulmar

KEY = re.compile(r"[0-9a-zA-Z.\-:+=^!/*?&<>()\[\]{}@%$#]{40}\n")  # Z85, on one line


def mode(path):
    return stat.S_IMODE(os.stat(path).st_mode)


def files_of(folder):
    return {str(path.relative_to(folder)): path.read_text() for path in Path(folder).rglob("*") if path.is_file()}


def no_secret_in(text, folder):
    for name, key in files_of(folder).items():
        if name.endswith("secret.key"):
            check(key.strip() not in text, "a secret was printed:", name)


def main():
    os.umask(0)  # what is made is private all the same
    made = fulmar("keygen", "keys")
    files = files_of("keys")
    check(set(files) == {"head/secret.key", "head/head.pub", "head/workers/worker.pub", "head/admins/admin.pub",
                         "worker/secret.key", "worker/head.pub", "worker/worker.pub",
                         "admin/secret.key", "admin/head.pub", "admin/admin.pub"}, "made:", sorted(files))
    for name, key in files.items():
        check(KEY.fullmatch(key), name, "holds no key:", repr(key))
        check(not name.endswith("secret.key") or mode(f"keys/{name}") == 0o600, name, "has mode", oct(mode(f"keys/{name}")))
    check(files["worker/head.pub"] == files["head/head.pub"] == files["admin/head.pub"], "head.pub differs")
    check(files["head/workers/worker.pub"] == files["worker/worker.pub"], "the worker is not the one who is let in")
    check(len(set(files.values())) == 6, "three pairs have six keys")
    for words in ("keys/head", "--listen 'tcp://*:7070' --keys keys/head", "scp -rp keys/worker",
                  "fulmar join tcp://HEAD:7070 --keys worker", "fulmar status tcp://HEAD:7070 --keys keys/admin"):
        check(words in made.out, words, "is not in:", made.out)
    no_secret_in(made.out, "keys")

    again = fulmar("keygen", "keys", code=1)
    check("keys/head is there already" in again.err, again.err)
    check(files_of("keys") == files, "keygen has overwritten something")

    added = fulmar("keygen", "keys", "--add", "node-7")
    check("keys/head/workers/node-7.pub" in added.out and "--keys node-7" in added.out, added.out)
    fulmar("keygen", "keys", "--add", "ops", "--admin")
    files = files_of("keys")
    check(files["head/workers/node-7.pub"] == files["node-7/node-7.pub"], "node-7 is not let in")
    check(files["head/admins/ops.pub"] == files["ops/ops.pub"], "ops is not let in")
    check(mode("keys/node-7/secret.key") == 0o600, "others may read the key of node-7")
    no_secret_in(added.out, "keys")
    check("node-7" in fulmar("keygen", "keys", "--add", "node-7", code=1).err, "it was added twice")
    check("'../x'" in fulmar("keygen", "keys", "--add", "../x", code=1).err, "a path is no name")
    check("none/head/head.pub" in fulmar("keygen", "none", "--add", "x", code=1).err, "there is no head to add to")
    check(files_of("keys") == files, "what failed has changed something")

    fulmar("keygen", code=2)
    fulmar("keygen", "keys", "--admin", code=2)


main()
