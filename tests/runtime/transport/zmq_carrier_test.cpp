// What is particular to ZeroMQ's carriers: addresses, keys, and who is told what when it does not fit.
#include "runtime/transport/zmq_carrier.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

#include <boost/test/unit_test.hpp>

namespace fulmar::transport {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using std::chrono::seconds;

core::Time now() {
  return std::chrono::steady_clock::now().time_since_epoch();
}

struct Folder {
  Folder() {
    std::string name = (fs::temp_directory_path() / "fulmar-zmq-XXXXXX").string();
    BOOST_TEST_REQUIRE(::mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~Folder() { fs::remove_all(path); }

  std::unique_ptr<ZmqListener> listen(const std::string& endpoint) {
    return ZmqListener::listen({parse_endpoint(endpoint).value(), {}, {}}).value();
  }
  std::string error_of_listening(const std::string& endpoint) {
    const auto listener = ZmqListener::listen({parse_endpoint(endpoint).value(), {}, {}});
    BOOST_TEST_REQUIRE(!listener.ok(), endpoint);
    BOOST_TEST(listener.error().message.find(endpoint) != std::string::npos, listener.error().message);
    return listener.error().message;
  }
  /// With the keys of `path`/head, for those whom it allows.
  std::unique_ptr<ZmqListener> listen_with_keys() {
    if (!fs::exists(path / "head")) BOOST_TEST_REQUIRE(generate_keys(path).ok());
    auto allowed = std::make_shared<AllowList>(AllowList::read(path / "head").value());
    ListenerSecurity security{read_head_keys(path / "head").value(),
                              [allowed](const std::string& key) { return allowed->role_of(key).has_value(); }};
    return ZmqListener::listen({parse_endpoint("tcp://127.0.0.1:0").value(), {}, std::move(security)}).value();
  }
  fs::path path;
};

/// What a dialer and a listener have been told.
struct Outcome {
  std::vector<carrier_event::Arrived> arrived;
  std::string refusal;
  bool is_closed = false;
  std::size_t turned_away = 0, turned_away_for_keys = 0;

  void add(const std::vector<CarrierEvent>& by_dialer) {
    for (const CarrierEvent& event : by_dialer) {
      if (const auto* refused = std::get_if<carrier_event::Refused>(&event)) refusal = refused->reason;
      if (std::holds_alternative<carrier_event::Closed>(event)) is_closed = true;
    }
  }
  void add_heard(std::vector<CarrierEvent> by_listener) {
    for (CarrierEvent& event : by_listener) {
      if (auto* packet = std::get_if<carrier_event::Arrived>(&event)) arrived.push_back(std::move(*packet));
      if (const auto* away = std::get_if<carrier_event::TurnedAway>(&event)) {
        ++(away->for_its_key ? turned_away_for_keys : turned_away);
      }
    }
  }
};

/// What becomes of a dial: the listener has a packet, or the dialer has been told something.
Outcome dial_once(ZmqDialer& dialer, Carrier* listener, const Endpoint& endpoint) {
  Outcome outcome;
  const PeerId peer = dialer.dial(endpoint).value();
  dialer.send(peer, {Bytes(1), {}});
  for (const core::Time end = now() + seconds(20); now() < end;) {
    outcome.add(dialer.wait(milliseconds(5)));
    if (listener != nullptr) outcome.add_heard(listener->wait(milliseconds(5)));
    if (!outcome.arrived.empty() || outcome.is_closed || !outcome.refusal.empty()) break;
  }
  // The other end hears of it as well.
  const auto is_heard = [&] {
    return !outcome.arrived.empty() || outcome.turned_away + outcome.turned_away_for_keys > 0;
  };
  for (const core::Time end = now() + seconds(20); listener != nullptr && !is_heard() && now() < end;) {
    outcome.add_heard(listener->wait(milliseconds(5)));
  }
  return outcome;
}

/// As a node does it: again, while the connection is merely closed.
Outcome dial_until_refused(ZmqDialer& dialer, Carrier* listener, const Endpoint& endpoint, int times) {
  Outcome outcome;
  for (int i = 0; i < times && outcome.refusal.empty(); ++i) outcome = dial_once(dialer, listener, endpoint);
  return outcome;
}

std::unique_ptr<ZmqDialer> make_dialer(std::optional<ClientKeys> keys = {}, core::Liveness liveness = {}) {
  return ZmqDialer::make({liveness, std::move(keys)}).value();
}

bool mentions(const std::string& text, const std::string& words) {
  return text.find(words) != std::string::npos;
}

/// Listens without a word; what connects waits in the system's queue, or is hung up on.
class SilentListener {
 public:
  SilentListener() : descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    BOOST_TEST_REQUIRE(::bind(descriptor_, reinterpret_cast<const sockaddr*>(&address), size) == 0);
    BOOST_TEST_REQUIRE(::listen(descriptor_, 16) == 0);
    BOOST_TEST_REQUIRE(::getsockname(descriptor_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    endpoint.host = "127.0.0.1";
    endpoint.port = ntohs(address.sin_port);
  }
  ~SilentListener() { ::close(descriptor_); }

  void hang_up_on_all() {
    for (int caller = 0; (caller = ::accept(descriptor_, nullptr, nullptr)) >= 0;) ::close(caller);
  }
  Endpoint endpoint;

 private:
  int descriptor_;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(zmq_carrier, Folder)

// ---- addresses

BOOST_AUTO_TEST_CASE(the_endpoint_tells_the_port_that_was_taken) {
  const auto listener = listen("tcp://127.0.0.1:0");
  BOOST_TEST(listener->endpoint().host == "127.0.0.1");
  BOOST_TEST(listener->endpoint().port != 0);
  BOOST_TEST(mentions(error_of_listening(to_string(listener->endpoint())), "in use"));
}

BOOST_AUTO_TEST_CASE(every_way_to_write_an_address_is_reached) {
  for (const char* text : {"tcp://127.0.0.1:0", "tcp://localhost:0", "tcp://*:0", "tcp://0.0.0.0:0"}) {
    const auto listener = listen(text);
    for (const char* host : {"127.0.0.1", "localhost"}) {
      Endpoint endpoint = listener->endpoint();
      endpoint.host = host;
      BOOST_TEST(dial_once(*make_dialer(), listener.get(), endpoint).arrived.size() == 1U, text);
    }
  }
  const auto listener = listen("ipc://" + (path / "socket").string());
  BOOST_TEST(dial_once(*make_dialer(), listener.get(), listener->endpoint()).arrived.size() == 1U);
}

BOOST_AUTO_TEST_CASE(ipv6_is_reached_where_the_machine_has_it) {
  const auto listener = ZmqListener::listen({parse_endpoint("tcp://[::1]:0").value(), {}, {}});
  if (!listener) {
    BOOST_TEST(mentions(listener.error().message, "[::1]"));
    return;
  }
  BOOST_TEST(dial_once(*make_dialer(), listener->get(), (*listener)->endpoint()).arrived.size() == 1U);
}

BOOST_AUTO_TEST_CASE(an_address_that_is_not_ours_is_an_error) {
  BOOST_TEST(mentions(error_of_listening("tcp://192.0.2.1:7070"), "use an address of this machine"));
  BOOST_TEST(mentions(error_of_listening("tcp://no.such.host.invalid:7070"), "use an address of this machine"));
}

BOOST_AUTO_TEST_CASE(a_path_is_taken_over_only_from_the_dead) {
  const std::string endpoint = "ipc://" + (path / "socket").string();
  {
    const auto listener = listen(endpoint);
    BOOST_TEST(mentions(error_of_listening(endpoint), "in use"));
    BOOST_TEST(dial_once(*make_dialer(), listener.get(), listener->endpoint()).arrived.size() == 1U);
    fs::create_hard_link(path / "socket", path / "left behind");
  }
  fs::rename(path / "left behind", path / "socket");
  BOOST_TEST((fs::status(path / "socket").type() == fs::file_type::socket));
  BOOST_TEST(listen(endpoint) != nullptr);
  std::ofstream(path / "file") << "mine";
  BOOST_TEST(mentions(error_of_listening("ipc://" + (path / "file").string()), "no socket"));
  BOOST_TEST(fs::file_size(path / "file") == 4U);
  BOOST_TEST(mentions(error_of_listening("ipc://" + (path / "none" / "socket").string()), "make the directory"));
}

BOOST_AUTO_TEST_CASE(what_cannot_be_dialed_is_an_error) {
  for (const char* text : {"tcp://*:7070", "tcp://localhost:0"}) {
    const Result<PeerId> peer = make_dialer()->dial(parse_endpoint(text).value());
    BOOST_TEST_REQUIRE(!peer.ok());
    BOOST_TEST(mentions(peer.error().message, text));
  }
}

// ZeroMQ says nothing of a name that is not found, nor of a host that does not answer.
BOOST_AUTO_TEST_CASE(a_dial_that_leads_nowhere_is_closed_in_time) {
  const core::Liveness liveness{milliseconds(100)};
  const SilentListener silent;
  for (const Endpoint& endpoint : {parse_endpoint("tcp://no.such.host.invalid:7070").value(), silent.endpoint,
                                   parse_endpoint("ipc://" + (path / "none").string()).value()}) {
    const core::Time began = now();
    const Outcome outcome = dial_once(*make_dialer({}, liveness), nullptr, endpoint);
    BOOST_TEST(outcome.is_closed, to_string(endpoint));
    BOOST_TEST(outcome.refusal.empty());
    BOOST_TEST((now() - began < seconds(10)));
  }
}

// ---- keys

BOOST_AUTO_TEST_CASE(a_packet_tells_whose_key_its_sender_has) {
  const auto listener = listen_with_keys();
  for (const char* name : {"worker", "admin"}) {
    const ClientKeys keys = read_client_keys(path / name).value();
    const Outcome outcome = dial_once(*make_dialer(keys), listener.get(), listener->endpoint());
    BOOST_TEST_REQUIRE(outcome.arrived.size() == 1U);
    BOOST_TEST(outcome.arrived.front().key == keys.own.public_key);
  }
  const auto open = listen("tcp://127.0.0.1:0");
  BOOST_TEST(dial_once(*make_dialer(), open.get(), open->endpoint()).arrived.front().key.empty());
}

BOOST_AUTO_TEST_CASE(a_key_that_is_not_allowed_is_refused_with_the_remedy) {
  const auto listener = listen_with_keys();
  BOOST_TEST_REQUIRE(add_client(path, "late", Role::worker).ok());  // the list was read before
  const Outcome outcome =
      dial_once(*make_dialer(read_client_keys(path / "late").value()), listener.get(), listener->endpoint());
  BOOST_TEST(outcome.arrived.empty());
  BOOST_TEST(mentions(outcome.refusal, "does not allow this key"));
  BOOST_TEST(mentions(outcome.refusal, to_string(listener->endpoint())));
  BOOST_TEST(outcome.turned_away_for_keys == 1U);
  BOOST_TEST(outcome.turned_away == 0U);
}

BOOST_AUTO_TEST_CASE(who_comes_without_keys_is_told_that_they_are_wanted) {
  const auto listener = listen_with_keys();
  const auto dialer = make_dialer();
  const Outcome outcome = dial_until_refused(*dialer, listener.get(), listener->endpoint(), 3);
  BOOST_TEST(mentions(outcome.refusal, "wants keys"));
  BOOST_TEST(outcome.arrived.empty());
  BOOST_TEST(outcome.turned_away + outcome.turned_away_for_keys == 1U);
}

BOOST_AUTO_TEST_CASE(who_comes_with_keys_to_a_head_without_is_told) {
  BOOST_TEST_REQUIRE(generate_keys(path).ok());
  const auto listener = listen("tcp://127.0.0.1:0");
  const auto dialer = make_dialer(read_client_keys(path / "worker").value());
  const Outcome outcome = dial_until_refused(*dialer, listener.get(), listener->endpoint(), 3);
  BOOST_TEST(mentions(outcome.refusal, "uses no keys"));
  BOOST_TEST(outcome.arrived.empty());
}

BOOST_AUTO_TEST_CASE(who_has_another_heads_key_is_told) {
  const auto listener = listen_with_keys();
  BOOST_TEST_REQUIRE(generate_keys(path / "other").ok());
  ClientKeys keys = read_client_keys(path / "worker").value();
  keys.head = read_client_keys(path / "other" / "worker")->head;
  const auto dialer = make_dialer(keys);
  const Outcome outcome = dial_until_refused(*dialer, listener.get(), listener->endpoint(), 3);
  BOOST_TEST(mentions(outcome.refusal, "head.pub"));
  BOOST_TEST(outcome.arrived.empty());
  BOOST_TEST(outcome.turned_away == 1U);
}

// A head that is killed hangs up as well, and comes back.
BOOST_AUTO_TEST_CASE(only_a_listener_that_was_never_reached_is_refused_for_hanging_up) {
  const auto listener = listen("tcp://127.0.0.1:0");
  const auto hung_up = [](ZmqDialer& dialer, SilentListener& silent) {
    Outcome outcome;
    static_cast<void>(dialer.dial(silent.endpoint));
    for (const core::Time end = now() + seconds(20); now() < end && !outcome.is_closed && outcome.refusal.empty();) {
      outcome.add(dialer.wait(milliseconds(5)));
      silent.hang_up_on_all();
    }
    return outcome;
  };
  SilentListener silent;
  const auto stranger = make_dialer();
  const auto friendly = make_dialer();
  BOOST_TEST(dial_once(*friendly, listener.get(), listener->endpoint()).arrived.size() == 1U);
  for (int i = 0; i < 10; ++i) {
    BOOST_TEST(hung_up(*friendly, silent).is_closed);
    BOOST_TEST(hung_up(*stranger, silent).refusal.empty() == (i % 3 != 2));
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace fulmar::transport
