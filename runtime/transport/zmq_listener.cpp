#include <array>
#include <cerrno>
#include <chrono>
#include <sys/resource.h>
#include <utility>

#include "runtime/transport/admission_gate.hpp"
#include "runtime/transport/connection_monitor.hpp"
#include "runtime/transport/connection_table.hpp"
#include "runtime/transport/listening_address.hpp"
#include "runtime/transport/unfinished_packets.hpp"
#include "runtime/transport/wakeup.hpp"
#include "runtime/transport/zmq_carrier.hpp"
#include "runtime/transport/zmq_packet.hpp"
#include "runtime/transport/zmq_socket.hpp"

namespace fulmar::transport {
namespace {

/// So many packets are read at a time, so that a flood of them does not keep the owner from its ticks.
constexpr std::size_t kBatch = 256;
/// Connections that wait to be accepted: a whole cluster may come at once.
constexpr int kBacklog = 4096;

constexpr int kWatched = ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH;

core::Time monotonic_now() {
  return std::chrono::steady_clock::now().time_since_epoch();
}

/// Each connection is an open file.
void allow_as_many_files_as_possible() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  static_cast<void>(::setrlimit(RLIMIT_NOFILE, &limit));  // at worst there are as many as there were
}

}  // namespace

struct ZmqListener::Impl {
  explicit Impl(ListenerSettings listener_settings) : settings(std::move(listener_settings)) {}

  bool valid() const { return wakeup.valid() && gate.valid() && router.valid() && monitor.valid(); }
  void set_up();

  void wait_for_something(core::Time limit);
  void serve_gate();
  bool admits(const AdmissionGate::Request& request) const;
  void watch();
  /// True: nothing more is there.
  bool receive_batch();
  void take(ZmqMessage& route, ZmqMessage& head);
  void tell_closed();

  ListenerSettings settings;
  Wakeup wakeup;
  ZmqContext context;
  AdmissionGate gate{context};
  ZmqSocket router{context, ZMQ_ROUTER};
  ConnectionMonitor monitor{context, router, kWatched, "listener"};
  ConnectionTable table;
  UnfinishedPackets unfinished{settings.liveness.tick()};
  std::size_t refused_keys = 0;  // told as turned away; their connections' closings are still to come
  std::vector<CarrierEvent> events;
};

void ZmqListener::Impl::set_up() {
  limit(router, settings.liveness);
  router.set(ZMQ_ROUTER_MANDATORY, 1);
  router.set(ZMQ_BACKLOG, kBacklog);
  router.set(ZMQ_ZAP_DOMAIN, std::string_view(AdmissionGate::kDomain));
  if (settings.security) {
    router.set(ZMQ_CURVE_SERVER, 1);
    router.set(ZMQ_CURVE_SECRETKEY, std::string_view(settings.security->own.secret.reveal()));
  }
}

void ZmqListener::Impl::wait_for_something(core::Time limit) {
  std::array<zmq_pollitem_t, 4> items = {{{router.handle(), 0, ZMQ_POLLIN, 0},
                                          {monitor.handle(), 0, ZMQ_POLLIN, 0},
                                          {gate.handle(), 0, ZMQ_POLLIN, 0},
                                          {nullptr, wakeup.descriptor(), ZMQ_POLLIN, 0}}};
  zmq_poll(items.data(), static_cast<int>(items.size()), whole_milliseconds(limit));  // a signal ends it as well
  wakeup.clear();
}

bool ZmqListener::Impl::admits(const AdmissionGate::Request& request) const {
  return !settings.security || (!request.key.empty() && settings.security->admits(request.key));
}

// The connection was accepted before it asked, so it is in the table before it gets its stamp.
void ZmqListener::Impl::serve_gate() {
  while (const std::optional<AdmissionGate::Request> request = gate.next()) {
    watch();
    if (admits(*request)) {
      gate.admit(*request, table.stamp());
    } else {
      gate.refuse(*request);
    }
  }
}

void ZmqListener::Impl::watch() {
  while (const std::optional<ConnectionEvent> event = monitor.next()) {
    if (event->kind == ZMQ_EVENT_ACCEPTED) {
      table.accept(static_cast<int>(event->value));
    } else if (event->kind == ZMQ_EVENT_DISCONNECTED) {
      table.close(static_cast<int>(event->value));
    } else if (event->kind == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH) {
      events.emplace_back(carrier_event::TurnedAway{true});
      ++refused_keys;
    }
  }
}

bool ZmqListener::Impl::receive_batch() {
  for (std::size_t i = 0; i < kBatch; ++i) {
    ZmqMessage route;
    ZmqMessage head;
    if (!receive(router, route)) return true;
    if (route.more() && receive(router, head)) take(route, head);
  }
  return false;
}

void ZmqListener::Impl::take(ZmqMessage& route, ZmqMessage& head) {
  carrier_event::Arrived arrived;
  const bool is_packet = receive_packet(router, head, arrived.packet);
  Connection* connection = table.find(zmq_msg_get(head.raw(), ZMQ_SRCFD), AdmissionGate::stamp_of(head));
  if (connection == nullptr) return;  // it has been told to be closed
  if (!is_packet) return cut_off(*connection);
  if (!connection->is_known) {
    table.make_known(*connection, std::string(route.text()), AdmissionGate::key_of(head));
  }
  ++connection->packets;
  arrived.from = connection->peer;
  arrived.key = connection->key;
  events.emplace_back(std::move(arrived));
}

void ZmqListener::Impl::tell_closed() {
  for (const Connection& connection : table.take_closed()) {
    if (connection.is_known) {
      events.emplace_back(carrier_event::Closed{connection.peer});
    } else if (refused_keys > 0) {
      --refused_keys;
    } else {
      events.emplace_back(carrier_event::TurnedAway{false});
    }
  }
}

Result<std::unique_ptr<ZmqListener>> ZmqListener::listen(ListenerSettings settings) {
  allow_as_many_files_as_possible();
  if (settings.security && zmq_has("curve") == 0) return no_curve();
  auto impl = std::make_unique<Impl>(std::move(settings));
  if (!impl->valid()) return too_many_files("listen at " + to_string(impl->settings.endpoint));
  impl->set_up();
  Result<Endpoint> bound = bind(impl->router, impl->settings.endpoint);
  if (!bound) return bound.error();
  impl->settings.endpoint = std::move(*bound);
  return std::unique_ptr<ZmqListener>(new ZmqListener(std::move(impl)));
}

ZmqListener::ZmqListener(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ZmqListener::~ZmqListener() = default;

const Endpoint& ZmqListener::endpoint() const {
  return impl_->settings.endpoint;
}

std::size_t ZmqListener::peers() const {
  return impl_->table.known();
}

void ZmqListener::wake() {
  impl_->wakeup.ring();
}

Sent ZmqListener::send(PeerId to, const Packet& packet) {
  const Connection* connection = impl_->table.find(to);
  if (connection == nullptr) return Sent::unreachable;
  const std::string& route = connection->route;
  if (zmq_send(impl_->router.handle(), route.data(), route.size(), ZMQ_DONTWAIT | ZMQ_SNDMORE) < 0) {
    return zmq_errno() == EHOSTUNREACH ? Sent::unreachable : Sent::full;
  }
  static_cast<void>(send_packet(impl_->router, packet));  // what follows a route is always taken
  return Sent::taken;
}

// What ZeroMQ has read of a connection may reach us after the word that it has closed. So closings are noted first and
// told when the packets that are there have been taken, or at the next wait() at the latest.
std::vector<CarrierEvent> ZmqListener::wait(core::Time limit) {
  impl_->wait_for_something(impl_->table.has_closed() ? core::Time(0) : limit);
  const bool have_waited = impl_->table.has_closed();
  impl_->serve_gate();
  impl_->watch();
  const bool drained = impl_->receive_batch();
  if (drained) impl_->unfinished.look(monotonic_now(), impl_->table);
  if (drained || have_waited) impl_->tell_closed();
  return std::exchange(impl_->events, {});
}

}  // namespace fulmar::transport
