#include "tests/runtime/transport/carrier_suite.hpp"

#include <filesystem>
#include <poll.h>
#include <string>
#include <unistd.h>
#include <utility>

#include <boost/test/unit_test.hpp>

#include "runtime/transport/keys.hpp"
#include "runtime/transport/zmq_carrier.hpp"
#include "tests/runtime/transport/in_process_carrier.hpp"
#include "tests/runtime/transport/simulated_carrier.hpp"

namespace fulmar::transport {
namespace {

enum Kind : std::size_t { tcp, ipc, tcp_with_keys, in_process, simulated };

/// A folder that lasts as long as the program.
class Folder {
 public:
  explicit Folder(const char* name)
      : path_(std::filesystem::temp_directory_path() / (std::string(name) + "-" + std::to_string(::getpid()))),
        owner_(::getpid()) {
    std::filesystem::create_directories(path_);
  }
  ~Folder() {
    std::error_code ignored;
    if (::getpid() == owner_) std::filesystem::remove_all(path_, ignored);
  }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  ::pid_t owner_;  // forked processes leave it alone
};

/// Made once, and before anything is forked.
const std::filesystem::path& key_folder() {
  static const Folder folder("fulmar-carrier-keys");
  static const bool made = generate_keys(folder.path()).ok();
  BOOST_TEST_REQUIRE(made);
  return folder.path();
}

ClientKeys worker_keys() {
  return read_client_keys(key_folder() / "worker").value();
}

class ZmqPair final : public CarrierPair {
 public:
  explicit ZmqPair(std::size_t kind) : kind_(kind) {
    static const Folder folder("fulmar-carriers");
    ListenerSettings settings;
    settings.endpoint = kind == ipc ? Endpoint{Endpoint::Kind::ipc, {}, 0, (folder.path() / "socket").string()}
                                    : Endpoint{Endpoint::Kind::tcp, "127.0.0.1", 0, {}};
    if (kind == tcp_with_keys) {
      KeyPair own = read_head_keys(key_folder() / "head").value();
      settings.security.emplace(std::move(own),
                                [](const std::string& key) { return key == worker_keys().own.public_key; });
    }
    listener_ = ZmqListener::listen(std::move(settings)).value();
    dialer_ = make_dialer();
  }

  Carrier& listener() override { return *listener_; }
  Dialer& dialer() override { return *dialer_; }
  std::unique_ptr<Dialer> make_dialer() override { return make_zmq_dialer(kind_); }
  Endpoint endpoint() const override { return listener_->endpoint(); }
  void end_listener() override { listener_.reset(); }
  core::Time now() const override { return std::chrono::steady_clock::now().time_since_epoch(); }
  void pass(core::Time time) override {
    ::poll(nullptr, 0, static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(time).count()));
  }

 private:
  std::size_t kind_;
  std::unique_ptr<ZmqListener> listener_;
  std::unique_ptr<Dialer> dialer_;
};

class InProcessPair final : public CarrierPair {
 public:
  Carrier& listener() override { return *listener_; }
  Dialer& dialer() override { return *dialer_; }
  std::unique_ptr<Dialer> make_dialer() override { return network_->make_dialer(); }
  Endpoint endpoint() const override { return {}; }
  void end_listener() override { listener_.reset(); }
  core::Time now() const override { return std::chrono::steady_clock::now().time_since_epoch(); }
  void pass(core::Time) override {}

 private:
  std::shared_ptr<InProcessNetwork> network_ = std::make_shared<InProcessNetwork>();
  std::unique_ptr<Carrier> listener_ = network_->listen();
  std::unique_ptr<Dialer> dialer_ = network_->make_dialer();
};

class SimulatedPair final : public CarrierPair {
 public:
  SimulatedPair(std::uint64_t seed, SimulatedNetwork::Health health)
      : network_(std::make_shared<SimulatedNetwork>(seed, health)) {}

  Carrier& listener() override { return *listener_; }
  Dialer& dialer() override { return *dialer_; }
  std::unique_ptr<Dialer> make_dialer() override { return network_->make_dialer(); }
  Endpoint endpoint() const override { return {}; }
  void end_listener() override { listener_.reset(); }
  core::Time now() const override { return network_->now(); }
  void pass(core::Time time) override { network_->pass(time); }

 private:
  std::shared_ptr<SimulatedNetwork> network_;
  std::unique_ptr<Carrier> listener_ = network_->listen();
  std::unique_ptr<Dialer> dialer_ = network_->make_dialer();
};

}  // namespace

const char* carrier_name(std::size_t kind) {
  constexpr const char* kNames[kCarrierKinds] = {"tcp", "ipc", "tcp with keys", "in process", "simulated"};
  return kNames[kind];
}

std::unique_ptr<Dialer> make_zmq_dialer(std::size_t kind) {
  DialerSettings settings;
  if (kind == tcp_with_keys) settings.keys = worker_keys();
  return ZmqDialer::make(std::move(settings)).value();
}

std::unique_ptr<CarrierPair> make_carrier_pair(std::size_t kind) {
  if (kind < kZmqKinds) return std::make_unique<ZmqPair>(kind);
  if (kind == in_process) return std::make_unique<InProcessPair>();
  return std::make_unique<SimulatedPair>(1, SimulatedNetwork::Health{});
}

std::unique_ptr<CarrierPair> make_lossy_pair(std::uint64_t seed) {
  return std::make_unique<SimulatedPair>(seed, SimulatedNetwork::Health{0.05, 0.05, 0.2});
}

void Told::listen_to(Carrier& carrier) {
  for (CarrierEvent& event : carrier.wait(core::Time(0))) {
    if (auto* packet = std::get_if<carrier_event::Arrived>(&event)) arrived.push_back(std::move(*packet));
    if (auto* closing = std::get_if<carrier_event::Closed>(&event)) closed.push_back(*closing);
    if (auto* refusal = std::get_if<carrier_event::Refused>(&event)) refused.push_back(std::move(*refusal));
    if (auto* nobody = std::get_if<carrier_event::TurnedAway>(&event)) turned_away.push_back(*nobody);
  }
}

}  // namespace fulmar::transport
