// The head's HTTP side, at --metrics HOST:PORT: /metrics for Prometheus, / for people (the status page), and what that
// page reads, /status.json and /history.json. It shows and changes nothing.
// Thread rule: serves on threads of its own; made and destroyed by one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "monitoring/onlookers.hpp"
#include "monitoring/run_board.hpp"
#include "monitoring/run_metrics.hpp"
#include "runtime/vocabulary/result.hpp"

namespace fulmar::monitoring {

class StatusEndpoint {
 public:
  virtual ~StatusEndpoint() = default;
  /// That it listens on: the one asked for, or what port 0 became.
  virtual std::uint16_t port() const = 0;
  virtual Onlookers& onlookers() = 0;
};

/// Listens on `address`, "HOST:PORT", as listening_address.hpp reads it; port 0 takes a free one. `metrics` and `board`
/// must live as long as the endpoint. Errors name --metrics, the address and what to do.
Result<std::unique_ptr<StatusEndpoint>> serve(const std::string& address, const RunMetrics& metrics,
                                              const RunBoard& board);

}  // namespace fulmar::monitoring
