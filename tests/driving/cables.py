"""A private network for a test: a namespace for the test and its head, one for each joiner, and cables that can be
cut.

A cable is a pair of virtual network devices; a packet filter at the head's end drops whatever comes or goes when it
is cut, as a broken switch would: nobody is told. Nothing outside is touched, and all of it is gone when the test
ends, however it ends.
"""
import os
import shutil
import subprocess
import sys
from pathlib import Path

from driving.program import check, wait_until

INSIDE = "FULMAR_PRIVATE_NETWORK"
TOOLS = ("unshare", "nsenter", "ip", "nft")


def command(*words, **options):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False, **options)
    check(done.returncode == 0, " ".join(map(str, words)), "failed:", done.stdout + done.stderr)


def enter_private_network():
    """Goes on in a network of this test's own; ends it with 77, loudly, where the machine does not allow that."""
    if INSIDE not in os.environ:
        options = way_to_unshare()
        if not options:
            print("SKIPPED, NOT TESTED HERE: partitions need network namespaces, virtual devices and a packet filter",
                  f"(by {', '.join(TOOLS)}), which this machine does not have or not allow")
            sys.exit(77)
        os.environ[INSIDE] = "yes"
        os.execvp("unshare", ["unshare", *options, sys.executable, *sys.argv])
    command("ip", "link", "set", "lo", "up")
    for direction, hook, device in (("in", "input", "iifname"), ("out", "output", "oifname")):
        table = f"inet {direction}"
        command("nft", f"add table {table}")
        command("nft", f"add set {table} cut {{ type ifname; }}")
        command("nft", f"add chain {table} filter {{ type filter hook {hook} priority 0; }}")
        command("nft", f"add rule {table} filter {device} @cut drop")


def way_to_unshare():
    """The options with which namespaces can be made here; none where they cannot."""
    attempt = "ip link add name here type veth peer name there && nft add table inet probe"
    if not all(shutil.which(tool) for tool in TOOLS):
        return []
    for options in (["--map-root-user", "--net"], ["--net"]):
        if subprocess.run(["unshare", *options, "sh", "-c", attempt], capture_output=True, check=False).returncode == 0:
            return options
    return []


class Cable:
    """From the head, which has an address of its own on it, to a namespace that `inside` leads into."""

    made = 0

    def __init__(self):
        Cable.made += 1
        self.device = f"cable{Cable.made}"
        self.head, self.node = f"10.77.{Cable.made}.1", f"10.77.{Cable.made}.2"
        self.cut_now = ()
        # The namespace is there for as long as somebody lives in it; cat does until the test closes the pipe or ends.
        self.holder = subprocess.Popen(["unshare", "--net", "cat"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        namespace = Path(f"/proc/{self.holder.pid}/ns/net")
        wait_until(lambda: namespace.readlink() != Path("/proc/self/ns/net").readlink(), "namespace", 10)
        self.inside = ["nsenter", f"--net={namespace}"]
        command("ip", "link", "add", self.device, "type", "veth", "peer", "name", "eth0", "netns", self.holder.pid)
        command("ip", "address", "add", f"{self.head}/30", "dev", self.device)
        command("ip", "link", "set", self.device, "up")
        command(*self.inside, "ip", "address", "add", f"{self.node}/30", "dev", "eth0")
        command(*self.inside, "ip", "link", "set", "eth0", "up")

    def cut(self, *directions):
        """What comes "in" to the head, what goes "out" of it, or both."""
        self.cut_now = directions
        for direction in directions:
            command("nft", f'add element inet {direction} cut {{ "{self.device}" }}')

    def mend(self):
        for direction in self.cut_now:
            command("nft", f'delete element inet {direction} cut {{ "{self.device}" }}')
        self.cut_now = ()

    def take_away(self):
        self.holder.stdin.close()
        self.holder.wait(timeout=10)
