#include "runtime/core/policy.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "runtime/vocabulary/assert.hpp"
#include "runtime/vocabulary/nearest_name.hpp"

namespace fulmar::core {
namespace {

constexpr std::string_view kSync = "sync", kBounded = "bounded", kAsync = "async";

void check(const InFlight& in_flight) {
  const bool in_order = in_flight.bases.empty() || (in_flight.bases.front() <= in_flight.bases.back() &&
                                                    in_flight.bases.back() <= in_flight.version);
  FULMAR_ASSERT(in_order, "bases of leases out of order, or above version " + std::to_string(in_flight.version));
}

/// Every round is computed from the version before it, and nothing is leased beside it.
class SyncPolicy final : public Policy {
 public:
  bool is_asynchronous() const override { return false; }
  bool admits(const InFlight&) const override { return false; }
  bool revokes_oldest(const InFlight&) const override { return false; }
  std::optional<std::uint64_t> bound() const override { return 0; }
  std::optional<std::uint64_t> units_in_flight_max() const override { return 1; }
};

class AsyncPolicy final : public Policy {
 public:
  bool is_asynchronous() const override { return true; }
  bool admits(const InFlight& in_flight) const override { return check(in_flight), true; }
  bool revokes_oldest(const InFlight&) const override { return false; }
  std::optional<std::uint64_t> bound() const override { return std::nullopt; }
  std::optional<std::uint64_t> units_in_flight_max() const override { return std::nullopt; }
};

/// A lease of base b can come in behind all others, as version `version + outstanding`; its update is then
/// `version + outstanding − 1 − b` stale. An arrival moves one from `outstanding` to `version` and a loss takes one
/// away, so what holds for this sum when a lease is granted holds until the next grant.
class BoundedPolicy final : public Policy {
 public:
  BoundedPolicy(std::uint64_t staleness, OnStale on_stale) : staleness_(staleness), on_stale_(on_stale) {}

  bool is_asynchronous() const override { return true; }

  bool admits(const InFlight& in_flight) const override {
    check(in_flight);
    return has_room(in_flight);
  }

  // A lease whose base is still the newest version stays: what would take its place could be no fresher. So no unit is
  // revoked twice without an update between, and work goes on whoever asks how often.
  bool revokes_oldest(const InFlight& in_flight) const override {
    if (on_stale_ != OnStale::revoke || admits(in_flight)) return false;
    const auto younger = std::upper_bound(in_flight.bases.begin(), in_flight.bases.end(), in_flight.bases.front());
    return in_flight.bases.front() < in_flight.version &&
           has_room({in_flight.version, {younger, in_flight.bases.end()}});
  }

  std::optional<std::uint64_t> bound() const override { return staleness_; }
  std::optional<std::uint64_t> units_in_flight_max() const override { return staleness_ + 1; }

 private:
  /// The oldest lease has the least room; beside none, the new one has room enough.
  bool has_room(const InFlight& in_flight) const {
    if (in_flight.bases.empty()) return true;
    const std::uint64_t outstanding = in_flight.bases.size() + 1;
    return in_flight.version + outstanding - 1 - in_flight.bases.front() <= staleness_;
  }

  std::uint64_t staleness_;
  OnStale on_stale_;
};

Error impossible(std::string_view text, const std::string& why) {
  return Error{"policy \"" + std::string(text) + "\" is impossible: " + why + "; a policy is sync, bounded:S or async"};
}

Result<std::uint64_t> parse_bound(std::string_view text, std::string_view number) {
  const std::string expected = "S is a whole number from 0 to " + std::to_string(kStalenessMax) +
                               ", the updates that others may make while a node computes one: bounded:4";
  if (number.empty()) return impossible(text, "there is nothing behind the colon; " + expected);
  std::uint64_t bound = 0;
  const auto [end, failure] = std::from_chars(number.data(), number.data() + number.size(), bound);
  if (failure != std::errc() || end != number.data() + number.size() || bound > kStalenessMax) {
    return impossible(text, expected);
  }
  return bound;
}

}  // namespace

bool PolicySettings::same_as(const PolicySettings& other) const {
  return kind == other.kind && (kind != PolicyKind::bounded || staleness == other.staleness);
}

std::string to_string(const PolicySettings& policy) {
  switch (policy.kind) {
    case PolicyKind::sync:
      return std::string(kSync);
    case PolicyKind::bounded:
      return std::string(kBounded) + ":" + std::to_string(policy.staleness);
    case PolicyKind::async:
      return std::string(kAsync);
  }
  FULMAR_ASSERT(false, "a policy kind that is none");
}

Result<PolicySettings> parse_policy(std::string_view text, const PolicySettings& before) {
  const std::size_t colon = text.find(':');
  const std::string_view name = text.substr(0, colon);
  PolicySettings policy = before;
  if (name == kBounded) {
    policy.kind = PolicyKind::bounded;
    if (colon == std::string_view::npos) return policy;
    const Result<std::uint64_t> bound = parse_bound(text, text.substr(colon + 1));
    if (!bound) return bound.error();
    policy.staleness = *bound;
    return policy;
  }
  if (name != kSync && name != kAsync) {
    const std::array<std::string, 3> names{std::string(kSync), std::string(kBounded), std::string(kAsync)};
    return Error{"policy \"" + std::string(text) + "\" is unknown (a policy is sync, bounded:S or async); " +
                 suggestion(name, names)};
  }
  if (colon != std::string_view::npos) return impossible(text, std::string(name) + " has no S");
  policy.kind = name == kSync ? PolicyKind::sync : PolicyKind::async;
  return policy;
}

std::unique_ptr<const Policy> make_policy(const PolicySettings& settings) {
  switch (settings.kind) {
    case PolicyKind::sync:
      return std::make_unique<SyncPolicy>();
    case PolicyKind::bounded:
      return std::make_unique<BoundedPolicy>(settings.staleness, settings.on_stale);
    case PolicyKind::async:
      return std::make_unique<AsyncPolicy>();
  }
  FULMAR_ASSERT(false, "a policy kind that is none");
}

}  // namespace fulmar::core
