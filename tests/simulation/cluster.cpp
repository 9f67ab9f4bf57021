#include "tests/simulation/cluster.hpp"

#include <algorithm>
#include <utility>

#include "tests/simulation/world.hpp"

namespace fulmar::simulation {
namespace {

using std::chrono::milliseconds;

/// A process that has said its last word stays for so long, so that it is heard.
constexpr Time kLinger = milliseconds(100);

}  // namespace

Cluster::Cluster(World& world, Ended ended) : world_(world), ended_(std::move(ended)) {}

void Cluster::start() {
  for (const std::uint32_t slots : world_.scenario.node_slots) add_node(slots);
  start_head();
}

// ---- nodes

NodeProcess* Cluster::node(std::uint64_t which) const {
  return nodes_.empty() ? nullptr : nodes_[which % nodes_.size()].get();
}

void Cluster::add_node(std::uint32_t slots) {
  Host host;
  host.slots = slots;
  if (world_.faulty(Fault::clock_rate)) host.clock_rate = static_cast<std::int64_t>(world_.dice.between(800, 1250));
  host.clock_offset = world_.dice.time(Time(0), std::chrono::seconds(1000));
  world_.hosts.push_back(host);
  start_node(static_cast<HostId>(world_.hosts.size() - 1));
}

void Cluster::start_node(HostId host) {
  nodes_.push_back(std::make_unique<NodeProcess>(world_, host, ++instances_));
}

void Cluster::start_node_later(HostId host, Time delay) {
  world_.queue.after(delay, [this, host] {
    if (!settled_) start_node(host);
  });
}

void Cluster::crash_node(NodeProcess& node, std::optional<Time> returns_after) {
  if (world_.log.wanted()) node.say("crashes");
  const HostId host = node.host();
  if (returns_after) start_node_later(host, *returns_after);
  world_.network.close(node);
  std::erase_if(nodes_, [&](const auto& other) { return other.get() == &node; });
}

// Who was killed by a leaf comes back, as an operator or a service manager would have it; who left does not.
void Cluster::bury_node(std::size_t index) {
  NodeProcess& node = *nodes_[index];
  world_.network.close(node);
  if (node.was_killed()) start_node_later(node.host(), world_.dice.time(milliseconds(10), milliseconds(1000)));
  nodes_.erase(nodes_.begin() + static_cast<std::ptrdiff_t>(index));
}

// ---- heads

void Cluster::start_head() {
  Result<OpenedRun> opened = open_run(world_);
  if (!opened) {
    world_.log.say(world_.queue.now(), "operator", "no head could be started: " + opened.error().message);
    return start_head_later(milliseconds(300));
  }
  ++heads_started_;
  heads_.push_back(std::make_unique<HeadProcess>(world_, std::move(*opened)));
  world_.head = heads_.back()->id();
  heads_.back()->start();
}

void Cluster::start_head_later(Time delay) {
  world_.queue.after(delay, [this, start = ++head_start_] {
    if (!settled_ && start == head_start_) start_head();
  });
}

void Cluster::remove_head(const HeadProcess& head) {
  world_.network.close(head);
  std::erase_if(heads_, [&](const auto& other) { return other.get() == &head; });
}

void Cluster::crash_heads(bool power_cut) {
  if (heads_.empty()) return;
  if (world_.log.wanted()) head()->say(power_cut ? "its power is cut" : "crashes");
  if (power_cut) {
    head()->lose_power();
    world_.disk.restart();
    world_.disk.lose_syncs(false);
  }
  // The machine takes all of them with it; the process only itself.
  do {
    remove_head(*heads_.back());
  } while (power_cut && !heads_.empty());
  start_head_later(world_.dice.time(milliseconds(10), milliseconds(world_.dice.one_in(3) ? 3000 : 300)));
}

void Cluster::freeze_head(std::optional<Time> successor_after) {
  HeadProcess* frozen = head();
  if (frozen == nullptr) return;
  if (world_.log.wanted()) frozen->say("freezes");
  frozen->freeze();
  if (!successor_after) return;
  for (Host& host : world_.hosts) {
    if (world_.dice.one_in(3)) host.stale_head = frozen->id();
  }
  start_head_later(*successor_after);
}

void Cluster::thaw_heads() {
  for (std::size_t i = 0; i < heads_.size(); ++i) {
    if (heads_[i]->frozen()) heads_[i]->thaw();
  }
}

void Cluster::look_after_heads() {
  for (std::size_t i = 0; i < heads_.size(); ++i) {
    HeadProcess& head = *heads_[i];
    if (!head.supervisor().ended() || std::ranges::count(judged_, head.id()) > 0) continue;
    judged_.push_back(head.id());
    const bool newest = i + 1 == heads_.size() && world_.head == head.id();
    const bool over = ended_(head, newest);
    if (over) return;
    world_.queue.after(kLinger, [this, id = head.id(), newest] {
      const auto gone = std::ranges::find_if(heads_, [&](const auto& other) { return other->id() == id; });
      if (gone == heads_.end() || settled_) return;
      remove_head(**gone);
      if (newest) start_head_later(world_.dice.time(milliseconds(10), milliseconds(500)));
    });
  }
}

void Cluster::reap() {
  for (std::size_t i = nodes_.size(); i > 0; --i) {
    if (nodes_[i - 1]->is_over()) bury_node(i - 1);
  }
  look_after_heads();
}

// ---- the end of all faults

void Cluster::heal() {
  for (Host& host : world_.hosts) {
    host.cut_in = host.cut_out = false;
    host.clock_rate = 1000;
    host.stale_head.reset();
  }
  const auto set_right = [&](Process& process) {
    process.set_clock_rate(1000);
    Host& host = world_.hosts.at(process.host());
    process.see_slowness(host.slowness, 1);
    if (process.frozen()) process.thaw();
  };
  for (const auto& node : nodes_) set_right(*node);
  for (std::size_t i = 0; i < heads_.size(); ++i) set_right(*heads_[i]);
  for (Host& host : world_.hosts) host.slowness = 1;
  // Whoever is there may be about to leave.
  const Faults& faults = world_.scenario.faults;
  const bool some_leave =
      faults.has(Fault::node_leave) || faults.has(Fault::all_leave) || faults.has(Fault::drain_request);
  if (nodes_.empty() || some_leave) add_node(2);
  if (heads_.empty()) start_head_later(milliseconds(100));
}

void Cluster::settle() {
  settled_ = true;
  thaw_heads();
}

}  // namespace fulmar::simulation
