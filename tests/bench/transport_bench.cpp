// How quickly tensors travel between two threads of one machine, as a shard and a node would have it: chunks of a large
// buffer, sent without a copy and written into another one, with a window of 16 MiB that the receiver renews. For each
// kind of carrier, with CURVE, and with packets that are sealed instead. Prints a table of medians.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

#include "runtime/transport/keys.hpp"
#include "runtime/transport/seal.hpp"
#include "runtime/transport/zmq_carrier.hpp"

namespace {

using namespace fulmar;
using namespace fulmar::transport;
using std::chrono::milliseconds;

constexpr std::size_t kMiB = std::size_t{1} << 20;
constexpr std::size_t kTensorBytes = 100 * kMiB;
constexpr std::size_t kWindowBytes = 16 * kMiB;
constexpr int kTensors = 5;
constexpr int kRepetitions = 5;

using Clock = std::chrono::steady_clock;

struct Kind {
  const char* name;
  std::string endpoint;
  bool has_keys = false;
  bool is_sealed = false;
};

/// The receiver's side: writes what comes to its place, and says so for each quarter of the window.
void receive_all(ZmqListener& listener, Seal* seal, std::vector<std::byte>& tensor, std::size_t bytes) {
  std::size_t received = 0;
  std::size_t said = 0;
  while (received < bytes) {
    for (CarrierEvent& event : listener.wait(milliseconds(50))) {
      auto* arrived = std::get_if<carrier_event::Arrived>(&event);
      if (arrived == nullptr) continue;
      const Packet packet = seal ? std::get<Packet>(seal->open(arrived->packet)) : std::move(arrived->packet);
      const auto body = packet.body.bytes;
      std::memcpy(tensor.data() + received % tensor.size(), body.data(), body.size());
      received += body.size();
      if (received - said < kWindowBytes / 4 && received < bytes) continue;
      said = received;
      Packet acknowledged;
      acknowledged.head.resize(sizeof received);
      std::memcpy(acknowledged.head.data(), &received, sizeof received);
      listener.send(arrived->from, acknowledged);
    }
  }
}

/// Returns when everything was acknowledged.
void send_all(ZmqDialer& dialer, PeerId peer, Seal* seal, const std::shared_ptr<std::vector<std::byte>>& tensor,
              std::size_t chunk_bytes, std::size_t bytes) {
  std::size_t sent = 0;
  std::size_t acknowledged = 0;
  while (acknowledged < bytes) {
    while (sent < bytes && sent - acknowledged + chunk_bytes <= kWindowBytes) {
      const Packet packet = {Bytes(100), {tensor, std::span(*tensor).subspan(sent % tensor->size(), chunk_bytes)}};
      if (dialer.send(peer, seal ? seal->seal(packet) : packet) != Sent::taken) break;
      sent += chunk_bytes;
    }
    for (const CarrierEvent& event : dialer.wait(milliseconds(50))) {
      const auto* arrived = std::get_if<carrier_event::Arrived>(&event);
      if (arrived != nullptr) std::memcpy(&acknowledged, arrived->packet.head.data(), sizeof acknowledged);
    }
  }
}

/// MB/s, once.
double measure(const Kind& kind, std::size_t chunk_bytes, const std::filesystem::path& keys) {
  ListenerSettings listening{parse_endpoint(kind.endpoint).value(), {}, {}};
  DialerSettings dialing;
  if (kind.has_keys) {
    listening.security.emplace(read_head_keys(keys / "head").value(), [](const std::string&) { return true; });
    dialing.keys = read_client_keys(keys / "worker").value();
  }
  const auto listener = ZmqListener::listen(std::move(listening)).value();
  const auto dialer = ZmqDialer::make(std::move(dialing)).value();
  const SessionKey key = draw_session_key();
  Seal sealing(key, 1, Side::node);
  Seal opening(key, 1, Side::head);

  const auto from = std::make_shared<std::vector<std::byte>>(kTensorBytes, std::byte{1});
  std::vector<std::byte> to(kTensorBytes, std::byte{2});
  const PeerId peer = dialer->dial(listener->endpoint()).value();
  double seconds = 0;
  for (const int tensors : {1, kTensors}) {  // the first time warms up
    const std::size_t bytes = static_cast<std::size_t>(tensors) * kTensorBytes;
    const auto begin = Clock::now();
    std::thread receiver([&] { receive_all(*listener, kind.is_sealed ? &opening : nullptr, to, bytes); });
    send_all(*dialer, peer, kind.is_sealed ? &sealing : nullptr, from, chunk_bytes, bytes);
    receiver.join();
    seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  }
  return static_cast<double>(kTensors * kTensorBytes) / 1e6 / seconds;
}

/// GB/s of one thread, sealing and opening.
std::pair<double, double> measure_seal(std::size_t chunk_bytes) {
  const SessionKey key = draw_session_key();
  Seal sealing(key, 1, Side::node);
  Seal opening(key, 1, Side::head);
  const auto bytes = std::make_shared<std::vector<std::byte>>(chunk_bytes, std::byte{1});
  const Packet packet = {Bytes(100), {bytes, *bytes}};
  std::vector<double> times[2];
  for (int i = 0; i < 1000; ++i) {
    const auto begin = Clock::now();
    const Packet sealed = sealing.seal(packet);
    const auto middle = Clock::now();
    static_cast<void>(opening.open(sealed));
    times[0].push_back(std::chrono::duration<double>(middle - begin).count());
    times[1].push_back(std::chrono::duration<double>(Clock::now() - middle).count());
  }
  for (auto& of_one : times) std::ranges::sort(of_one);
  const double gigabytes = static_cast<double>(chunk_bytes) / 1e9;
  return {gigabytes / times[0][500], gigabytes / times[1][500]};
}

}  // namespace

int main() {
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("fulmar-transport-bench-" + std::to_string(::getpid()));
  if (const auto made = generate_keys(folder); !made) {
    std::fprintf(stderr, "%s\n", made.error().message.c_str());
    return 1;
  }
  const std::vector<Kind> kinds = {{"tcp", "tcp://127.0.0.1:0"},
                                   {"ipc", "ipc://" + (folder / "socket").string()},
                                   {"tcp with CURVE", "tcp://127.0.0.1:0", true},
                                   {"tcp, sealed", "tcp://127.0.0.1:0", false, true}};
  std::printf("%-16s %12s %12s   (MB/s: median, lowest, highest of %d times %d MiB)\n", "", "256 KiB", "1 MiB",
              kRepetitions, kTensors * 100);
  for (const Kind& kind : kinds) {
    std::printf("%-16s", kind.name);
    for (const std::size_t chunk_bytes : {kMiB / 4, kMiB}) {
      std::vector<double> speeds;
      for (int i = 0; i < kRepetitions; ++i) speeds.push_back(measure(kind, chunk_bytes, folder));
      std::ranges::sort(speeds);
      std::printf("   %5.0f (%.0f-%.0f)", speeds[kRepetitions / 2], speeds.front(), speeds.back());
    }
    std::printf("\n");
  }
  for (const std::size_t chunk_bytes : {kMiB / 4, kMiB}) {
    const auto [seal, open] = measure_seal(chunk_bytes);
    std::printf("seal alone, %zu KiB: %.2f GB/s; open: %.2f GB/s\n", chunk_bytes / 1024, seal, open);
  }
  std::filesystem::remove_all(folder);
  return 0;
}
