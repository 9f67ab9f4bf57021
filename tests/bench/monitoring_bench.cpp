// What it costs to see a run: the calls that a round makes, in nanoseconds, and what a scrape of a head with many nodes
// takes over loopback, with the number of its time series. Prints medians.
#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <chrono>
#include <cstdio>
#include <string>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

#include "actors/round_clock.hpp"
#include "monitoring/run_board.hpp"
#include "monitoring/run_metrics.hpp"
#include "monitoring/status_endpoint.hpp"

namespace {

using namespace fulmar;
using Clock = std::chrono::steady_clock;

constexpr int kRepeats = 15;

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

/// Seconds that `act` takes, the median of several.
template <class Act>
double seconds_of(Act act) {
  std::vector<double> seconds;
  for (int i = 0; i < kRepeats; ++i) {
    const auto begin = Clock::now();
    act();
    seconds.push_back(std::chrono::duration<double>(Clock::now() - begin).count());
  }
  return median(seconds);
}

/// The answer to one request on a connection of its own; empty where there is none.
std::string http_get(std::uint16_t port, const std::string& path) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int connection = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  std::string answer;
  if (connect(connection, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
    const std::string request = "GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";
    std::array<char, 65536> part{};
    ssize_t length = send(connection, request.data(), request.size(), 0);
    while (length > 0) {
      length = recv(connection, part.data(), part.size(), 0);
      if (length > 0) answer.append(part.data(), static_cast<std::size_t>(length));
    }
  }
  close(connection);
  return answer;
}

/// Of an answer in the text format.
std::size_t series_in(const std::string& answer) {
  std::size_t series = 0;
  for (std::size_t line = answer.find("\r\n\r\n"); line != std::string::npos; line = answer.find('\n', line + 1)) {
    if (answer.compare(line + 1, 7, "fulmar_") == 0) ++series;
  }
  return series;
}

std::vector<monitoring::NodeFigures> nodes_of(std::uint32_t count) {
  std::vector<monitoring::NodeFigures> nodes(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    nodes[i] = {.node = i + 1,
                .incarnation = i + 1,
                .name = "machine-" + std::to_string(i + 1),
                .state = "active",
                .slots = 8,
                .samples_per_second = 123.4 + i,
                .share = 1.0 / count,
                .last_seen_seconds = 0.012,
                .total = {.compute = 1234.5, .exchange = 12.3, .wait = 45.6},
                .cpu_seconds = 5678.9,
                .resident_bytes = 1.5e9};
  }
  return nodes;
}

void print_cost_of_a_round(std::uint32_t nodes) {
  constexpr int kRounds = 2000;
  monitoring::RunMetrics metrics("bench");
  monitoring::RunBoard board;
  actors::RoundClock clock(core::Time{});
  core::Time now{};
  std::uint64_t version = 0;
  const double clock_only = seconds_of([&] {
    for (int round = 0; round < kRounds; ++round) {
      for (std::uint32_t node = 1; node <= nodes; ++node) {
        core::BlockPushed pushed;
        pushed.sender.node = node;
        pushed.compute_seconds = 0.001;
        clock.took(pushed, now += std::chrono::microseconds(10));
      }
      clock.applied(0, now, now);
    }
  });
  const actors::RoundTimes times{{0.4, 0.02, 0.2, 0.005}, {}};
  const double told = seconds_of([&] {
    for (int round = 0; round < kRounds; ++round) {
      const monitoring::PublishedRound out{.version = ++version, .samples = 8, .seconds = 0.001, .loss = 0.5};
      metrics.round_published(out);
      board.round_published(out);
      metrics.round_took(times.parts);
      board.round_took(times.parts);
    }
  });
  std::printf("a round with %4u nodes: %6.0f ns to time it, %6.0f ns to tell it to metrics and page\n", nodes,
              clock_only / kRounds * 1e9, told / kRounds * 1e9);
}

void print_scrape(std::uint32_t count) {
  monitoring::RunMetrics metrics("bench");
  monitoring::RunBoard board;
  const std::vector<monitoring::NodeFigures> nodes = nodes_of(count);
  metrics.nodes_are(nodes);
  board.nodes_are(nodes);
  const auto endpoint = monitoring::serve("127.0.0.1:0", metrics, board);
  if (!endpoint) return (void)std::fprintf(stderr, "%s\n", endpoint.error().message.c_str());
  const std::uint16_t port = (*endpoint)->port();
  std::string text;
  const double scrape = seconds_of([&] { text = http_get(port, "/metrics"); });
  const double page = seconds_of([&] { http_get(port, "/status.json"); });
  const double told = seconds_of([&] {
    metrics.nodes_are(nodes);
    board.nodes_are(nodes);
  });
  std::printf("%4u nodes: %6zu series, %5.1f kB; /metrics %5.1f ms, /status.json %5.1f ms; told in %5.0f us a second\n",
              count, series_in(text), static_cast<double>(text.size()) / 1e3, scrape * 1e3, page * 1e3, told * 1e6);
}

}  // namespace

int main() {
  for (const std::uint32_t nodes : {1U, 10U, 200U}) print_cost_of_a_round(nodes);
  for (const std::uint32_t nodes : {0U, 1U, 10U, 200U, 1000U}) print_scrape(nodes);
}
