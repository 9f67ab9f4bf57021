// Serves a run's figures over HTTP at /metrics, in the format that Prometheus scrapes.
// Thread rule: serves on threads of its own; made and destroyed by one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "monitoring/run_metrics.hpp"
#include "runtime/vocabulary/result.hpp"

namespace fulmar::monitoring {

class MetricsEndpoint {
 public:
  virtual ~MetricsEndpoint() = default;
  /// That it listens on: the one asked for, or what port 0 became.
  virtual std::uint16_t port() const = 0;
};

/// Whether `address` is written as serve() wants it; says nothing about whether anyone can listen there.
Result<void> check_address(const std::string& address);

/// Listens on `address`, "HOST:PORT"; the host may be a name, an IPv4 address or an IPv6 address in brackets; port 0
/// takes a free one. The figures of `metrics` are served as long as the endpoint lives.
/// Errors name --metrics, the address and what to do.
Result<std::unique_ptr<MetricsEndpoint>> serve(const std::string& address, const RunMetrics& metrics);

}  // namespace fulmar::monitoring
