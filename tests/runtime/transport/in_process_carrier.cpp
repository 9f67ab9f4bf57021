#include "tests/runtime/transport/in_process_carrier.hpp"

#include <utility>

namespace fulmar::transport {
namespace {

constexpr std::size_t kBatch = 256;
constexpr std::size_t kUnderWayMax = 4096;

}  // namespace

/// What a carrier has: its wires, and what has arrived.
struct InProcessNetwork::Desk {
  struct Item {
    CarrierEvent event;
    std::shared_ptr<Wire> wire;
    int end = 0;
  };
  void put(Item item) {
    inbox.push_back(std::move(item));
    something.notify_one();
  }

  std::deque<Item> inbox;
  bool is_woken = false;
  std::condition_variable something;
  std::map<PeerId, std::shared_ptr<Wire>> wires;
  PeerId last_peer = 0;
};

void InProcessNetwork::carry(Wire&, int, Freight, std::function<void()> arrive) {
  arrive();
}

/// A carrier of either kind: `end` of its wires.
class InProcessEnd final : public Dialer {
  using Desk = InProcessNetwork::Desk;
  using Wire = InProcessNetwork::Wire;
  using Freight = InProcessNetwork::Freight;

 public:
  InProcessEnd(std::shared_ptr<InProcessNetwork> network, std::shared_ptr<Desk> desk, int end)
      : network_(std::move(network)), desk_(std::move(desk)), end_(end) {}

  ~InProcessEnd() override {
    const std::lock_guard lock(network_->mutex());
    for (const auto& [peer, wire] : std::exchange(desk_->wires, {})) close(wire);
  }

  Result<PeerId> dial(const Endpoint&) override {
    const std::lock_guard lock(network_->mutex());
    const auto wire = std::make_shared<Wire>();
    const PeerId peer = ++desk_->last_peer;
    wire->desks[end_] = desk_;
    wire->peers[end_] = peer;
    desk_->wires.emplace(peer, wire);
    if (const std::shared_ptr<Desk> listener = network_->listener_.lock()) {
      wire->desks[1] = listener;
      wire->peers[1] = ++listener->last_peer;
      listener->wires.emplace(wire->peers[1], wire);
    } else {
      be_closed(wire, end_);
    }
    return peer;
  }

  void hang_up(PeerId peer) override {
    const std::lock_guard lock(network_->mutex());
    const auto found = desk_->wires.find(peer);
    if (found == desk_->wires.end()) return;
    const std::shared_ptr<Wire> wire = found->second;
    desk_->wires.erase(found);
    close(wire);
  }

  Sent send(PeerId to, const Packet& packet) override {
    const std::lock_guard lock(network_->mutex());
    const auto found = desk_->wires.find(to);
    if (found == desk_->wires.end()) return Sent::unreachable;
    const std::shared_ptr<Wire> wire = found->second;
    if (!wire->is_open[end_]) return Sent::unreachable;
    if (wire->under_way[end_] >= kUnderWayMax) return Sent::full;
    ++wire->under_way[end_];
    network_->carry(*wire, end_, Freight::packet, [wire, packet, to_end = 1 - end_] {
      const std::shared_ptr<Desk> desk = wire->desks[to_end].lock();
      if (!desk || !wire->is_open[to_end]) return;
      wire->is_known[to_end] = true;
      desk->put({carrier_event::Arrived{wire->peers[to_end], packet, {}}, wire, to_end});
    });
    return Sent::taken;
  }

  std::vector<CarrierEvent> wait(core::Time limit) override {
    std::unique_lock lock(network_->mutex());
    if (network_->time_is_real()) {
      desk_->something.wait_for(lock, limit, [this] { return desk_->is_woken || !desk_->inbox.empty(); });
    }
    desk_->is_woken = false;
    std::vector<CarrierEvent> events;
    while (!desk_->inbox.empty() && events.size() < kBatch) {
      take(desk_->inbox.front(), events);
      desk_->inbox.pop_front();
    }
    return events;
  }

  void wake() override {
    const std::lock_guard lock(network_->mutex());
    desk_->is_woken = true;
    desk_->something.notify_one();
  }

 private:
  /// What came before this end hung up is not told.
  void take(Desk::Item& item, std::vector<CarrierEvent>& events) {
    const PeerId peer = item.wire->peers[item.end];
    if (std::holds_alternative<carrier_event::Arrived>(item.event)) --item.wire->under_way[1 - item.end];
    const bool is_ours = desk_->wires.contains(peer);
    if (!std::holds_alternative<carrier_event::Arrived>(item.event)) desk_->wires.erase(peer);
    if (is_ours) events.push_back(std::move(item.event));
  }

  /// By this end, and so at the other one.
  void close(const std::shared_ptr<Wire>& wire) {
    if (!std::exchange(wire->is_open[end_], false)) return;
    network_->carry(*wire, end_, Freight::closing, [wire, other = 1 - end_] { be_closed(wire, other); });
  }

  static void be_closed(const std::shared_ptr<Wire>& wire, int end) {
    const std::shared_ptr<Desk> desk = wire->desks[end].lock();
    if (!std::exchange(wire->is_open[end], false) || !desk) return;
    if (wire->is_known[end]) {
      desk->put({carrier_event::Closed{wire->peers[end]}, wire, end});
    } else {
      desk->put({carrier_event::TurnedAway{}, wire, end});
    }
  }

  std::shared_ptr<InProcessNetwork> network_;
  std::shared_ptr<Desk> desk_;
  int end_;
};

std::unique_ptr<Carrier> InProcessNetwork::listen() {
  const auto desk = std::make_shared<Desk>();
  const std::lock_guard lock(mutex_);
  listener_ = desk;
  return std::make_unique<InProcessEnd>(shared_from_this(), desk, 1);
}

std::unique_ptr<Dialer> InProcessNetwork::make_dialer() {
  return std::make_unique<InProcessEnd>(shared_from_this(), std::make_shared<Desk>(), 0);
}

}  // namespace fulmar::transport
