#include "tests/runtime/transport/forked_peer.hpp"

#include <array>
#include <csignal>
#include <memory>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include "tests/runtime/transport/carrier_suite.hpp"

namespace fulmar::transport {
namespace {

[[noreturn]] void live(std::size_t kind, std::size_t connections, std::size_t packets, int orders) {
  std::array<char, 256> text{};
  const ssize_t size = ::read(orders, text.data(), text.size());
  if (size <= 0) ::_exit(0);
  const Endpoint endpoint = parse_endpoint(std::string(text.data(), static_cast<std::size_t>(size))).value();
  const std::unique_ptr<Dialer> dialer = make_zmq_dialer(kind);
  for (std::size_t connection = 0; connection < connections; ++connection) {
    const PeerId peer = dialer->dial(endpoint).value();
    for (std::size_t packet = 0; packet < packets; ++packet) {
      dialer->send(peer, {{static_cast<std::byte>(packet)}, {}});
    }
  }
  while (true) dialer->wait(std::chrono::seconds(1));
}

}  // namespace

ForkedPeer::ForkedPeer(std::size_t kind, std::size_t connections, std::size_t packets) {
  BOOST_TEST_REQUIRE(::pipe(pipe_) == 0);
  static_cast<void>(make_zmq_dialer(kind));  // whatever is prepared once is prepared before
  process_ = ::fork();
  BOOST_TEST_REQUIRE(process_ >= 0);
  if (process_ == 0) {
    ::close(pipe_[1]);
    live(kind, connections, packets, pipe_[0]);
  }
  ::close(pipe_[0]);
}

ForkedPeer::~ForkedPeer() {
  kill();
  ::close(pipe_[1]);
}

void ForkedPeer::dial(const Endpoint& endpoint) {
  const std::string text = to_string(endpoint);
  BOOST_TEST_REQUIRE(::write(pipe_[1], text.data(), text.size()) == static_cast<ssize_t>(text.size()));
}

void ForkedPeer::kill() {
  if (process_ < 0) return;
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
  process_ = -1;
}

}  // namespace fulmar::transport
