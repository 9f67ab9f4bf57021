#include <algorithm>
#include <cerrno>
#include <chrono>
#include <map>
#include <utility>

#include "runtime/transport/connection_monitor.hpp"
#include "runtime/transport/wakeup.hpp"
#include "runtime/transport/zmq_carrier.hpp"
#include "runtime/transport/zmq_packet.hpp"
#include "runtime/transport/zmq_socket.hpp"

namespace fulmar::transport {
namespace {

/// So many packets of a connection are read at a time, so that a flood of them does not keep the owner from its ticks.
constexpr std::size_t kBatch = 256;
/// A listener that was never reached and has hung up so often in the handshake is another kind of listener, or does not
/// know our idea of its key: it does not say which. A head that is killed in a handshake does so once.
constexpr int kHangUpsMax = 3;

constexpr int kWatched = ZMQ_EVENT_CLOSED | ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_HANDSHAKE_SUCCEEDED |
                         ZMQ_EVENT_HANDSHAKE_FAILED_AUTH | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL |
                         ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL;

core::Time monotonic_now() {
  return std::chrono::steady_clock::now().time_since_epoch();
}

bool is_name(const Endpoint& endpoint) {
  return endpoint.kind == Endpoint::Kind::tcp && endpoint.host.find_first_not_of("0123456789.") != std::string::npos &&
         endpoint.host.find(':') == std::string::npos;
}

std::string key_not_allowed(const Endpoint& endpoint, bool has_keys) {
  if (!has_keys) return "the head at " + to_string(endpoint) + " does not let us in";
  return "the head at " + to_string(endpoint) +
         " does not allow this key; copy its .pub file into the folder workers (or admins) of the head's keys, which "
         "takes "
         "effect without a restart";
}

std::string speaks_differently(const Endpoint& endpoint, bool has_keys) {
  if (has_keys) {
    return "what listens at " + to_string(endpoint) +
           " uses no keys, or is no fulmar head; leave out --keys if the head was started without them";
  }
  return "what listens at " + to_string(endpoint) +
         " wants keys, or is no fulmar head; give --keys DIR, with a directory that fulmar keygen has made";
}

std::string hangs_up(const Endpoint& endpoint, bool has_keys) {
  const std::string found =
      "what listens at " + to_string(endpoint) + " hung up " + std::to_string(kHangUpsMax) + " times without a word: ";
  if (has_keys) return found + "its key is not the one in head.pub, it uses no keys, or it is no fulmar head";
  return found + "it wants keys (--keys DIR), or is no fulmar head";
}

/// A connection, from dial() to its end.
struct Call {
  Call(const ZmqContext& context, PeerId peer, const Endpoint& dialed)
      : endpoint(dialed),
        socket(context, ZMQ_DEALER),
        monitor(context, socket, kWatched, "call-" + std::to_string(peer)),
        dialed_at(monotonic_now()) {}

  Endpoint endpoint;
  ZmqSocket socket;
  ConnectionMonitor monitor;
  core::Time dialed_at;
  bool is_made = false;      // hands were shaken
  bool is_over = false;      // to be told
  bool was_hung_up = false;  // by the peer, in the handshake
  std::string refusal;       // why, if it is for good
};

}  // namespace

struct ZmqDialer::Impl {
  explicit Impl(DialerSettings dialer_settings) : settings(std::move(dialer_settings)) {}

  void set_up(Call& call);
  void wait_for_something(core::Time limit);
  void watch(Call& call);
  void note(Call& call, const ConnectionEvent& event);
  /// True: nothing more is there.
  bool receive_batch(PeerId peer, Call& call);
  void tell_over(PeerId peer, const Call& call);
  void learn_from(const Call& call);
  void forget(std::map<PeerId, Call>::iterator call);

  DialerSettings settings;
  Wakeup wakeup;
  ZmqContext context;
  std::map<PeerId, Call> calls;
  PeerId last_peer = 0;
  bool was_ever_made = false;  // some connection
  int hang_ups = 0;            // in handshakes, one after the other
  bool next_is_ipv6 = false;   // a name may have both kinds of addresses, of which one leads to the head
  std::vector<CarrierEvent> events;
};

void ZmqDialer::Impl::set_up(Call& call) {
  limit(call.socket, settings.liveness);
  call.socket.set(ZMQ_CONNECT_TIMEOUT, static_cast<int>(whole_milliseconds(patience(settings.liveness))));
  call.socket.set(ZMQ_RECONNECT_IVL, -1);
  const bool is_ipv6 = call.endpoint.host.find(':') != std::string::npos;
  call.socket.set(ZMQ_IPV6, is_ipv6 || (is_name(call.endpoint) && next_is_ipv6) ? 1 : 0);
  if (settings.keys) {
    call.socket.set(ZMQ_CURVE_SERVERKEY, std::string_view(settings.keys->head));
    call.socket.set(ZMQ_CURVE_PUBLICKEY, std::string_view(settings.keys->own.public_key));
    call.socket.set(ZMQ_CURVE_SECRETKEY, std::string_view(settings.keys->own.secret.reveal()));
  }
}

void ZmqDialer::Impl::wait_for_something(core::Time limit) {
  std::vector<zmq_pollitem_t> items = {{nullptr, wakeup.descriptor(), ZMQ_POLLIN, 0}};
  for (const auto& [peer, call] : calls) {
    items.push_back({call.socket.handle(), 0, ZMQ_POLLIN, 0});
    items.push_back({call.monitor.handle(), 0, ZMQ_POLLIN, 0});
  }
  zmq_poll(items.data(), static_cast<int>(items.size()), whole_milliseconds(limit));  // a signal ends it as well
  wakeup.clear();
}

void ZmqDialer::Impl::watch(Call& call) {
  while (const std::optional<ConnectionEvent> event = call.monitor.next()) note(call, *event);
  // ZeroMQ does not say that a name was not found.
  if (!call.is_made && monotonic_now() - call.dialed_at >= patience(settings.liveness)) call.is_over = true;
}

void ZmqDialer::Impl::note(Call& call, const ConnectionEvent& event) {
  switch (event.kind) {
    case ZMQ_EVENT_HANDSHAKE_SUCCEEDED:
      call.is_made = was_ever_made = true;
      break;
    case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH:
      call.refusal = key_not_allowed(call.endpoint, settings.keys.has_value());
      break;
    case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
      call.refusal = speaks_differently(call.endpoint, settings.keys.has_value());
      break;
    case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL:
      call.was_hung_up = event.value == EPIPE || event.value == ECONNRESET;
      break;
    default:  // closed, in one way or the other
      call.is_over = true;
  }
}

bool ZmqDialer::Impl::receive_batch(PeerId peer, Call& call) {
  for (std::size_t i = 0; i < kBatch; ++i) {
    ZmqMessage head;
    carrier_event::Arrived arrived;
    if (!receive(call.socket, head)) return true;
    if (!receive_packet(call.socket, head, arrived.packet)) {
      call.is_over = true;  // no head speaks like that
      return true;
    }
    arrived.from = peer;
    events.emplace_back(std::move(arrived));
  }
  return false;
}

void ZmqDialer::Impl::tell_over(PeerId peer, const Call& call) {
  learn_from(call);
  if (!call.refusal.empty()) {
    events.emplace_back(carrier_event::Refused{peer, call.refusal});
  } else if (hang_ups >= kHangUpsMax) {
    hang_ups = 0;
    events.emplace_back(carrier_event::Refused{peer, hangs_up(call.endpoint, settings.keys.has_value())});
  } else {
    events.emplace_back(carrier_event::Closed{peer});
  }
}

void ZmqDialer::Impl::learn_from(const Call& call) {
  if (!call.is_made && is_name(call.endpoint)) next_is_ipv6 = !next_is_ipv6;
  hang_ups = call.was_hung_up && !was_ever_made ? hang_ups + 1 : 0;
}

// Nobody is there to take what has not left yet.
void ZmqDialer::Impl::forget(std::map<PeerId, Call>::iterator call) {
  call->second.socket.set(ZMQ_LINGER, 0);
  calls.erase(call);
}

ZmqDialer::ZmqDialer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ZmqDialer::~ZmqDialer() = default;

Result<std::unique_ptr<ZmqDialer>> ZmqDialer::make(DialerSettings settings) {
  if (settings.keys && zmq_has("curve") == 0) return no_curve();
  auto impl = std::make_unique<Impl>(std::move(settings));
  if (!impl->wakeup.valid()) return too_many_files("prepare a connection");
  return std::unique_ptr<ZmqDialer>(new ZmqDialer(std::move(impl)));
}

Result<PeerId> ZmqDialer::dial(const Endpoint& endpoint) {
  if (endpoint.kind == Endpoint::Kind::tcp && (endpoint.port == 0 || endpoint.host == "*")) {
    return Error{"cannot connect to " + to_string(endpoint) + ": a host and a port are needed"};
  }
  const PeerId peer = ++impl_->last_peer;
  Call& call = impl_->calls.try_emplace(peer, impl_->context, peer, endpoint).first->second;
  if (!call.socket.valid() || !call.monitor.valid()) {
    impl_->calls.erase(peer);
    return too_many_files("connect to " + to_string(endpoint));
  }
  impl_->set_up(call);
  if (zmq_connect(call.socket.handle(), to_string(endpoint).c_str()) != 0) {
    const std::string reason = zmq_strerror(zmq_errno());
    impl_->calls.erase(peer);
    return Error{"cannot connect to " + to_string(endpoint) + ": " + reason};
  }
  return peer;
}

void ZmqDialer::hang_up(PeerId peer) {
  const auto found = impl_->calls.find(peer);
  if (found == impl_->calls.end()) return;
  impl_->watch(found->second);
  impl_->learn_from(found->second);
  impl_->forget(found);
}

void ZmqDialer::wake() {
  impl_->wakeup.ring();
}

Sent ZmqDialer::send(PeerId to, const Packet& packet) {
  const auto found = impl_->calls.find(to);
  if (found == impl_->calls.end()) return Sent::unreachable;
  return send_packet(found->second.socket, packet) ? Sent::taken : Sent::full;
}

// What ZeroMQ has read of a connection may reach us after the word that it has closed: it is told before.
std::vector<CarrierEvent> ZmqDialer::wait(core::Time limit) {
  impl_->wait_for_something(limit);
  for (auto call = impl_->calls.begin(); call != impl_->calls.end();) {
    impl_->watch(call->second);
    if (impl_->receive_batch(call->first, call->second) && call->second.is_over) {
      impl_->tell_over(call->first, call->second);
      impl_->forget(call++);
    } else {
      ++call;
    }
  }
  return std::exchange(impl_->events, {});
}

}  // namespace fulmar::transport
