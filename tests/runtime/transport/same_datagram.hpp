// Whether two datagrams are the same, field by field: most of the types need no equality of their own.
#pragma once

#include <algorithm>
#include <optional>
#include <tuple>
#include <type_traits>
#include <variant>

#include "runtime/transport/datagram.hpp"

namespace fulmar::transport {

// What each message consists of, to be compared.
inline auto fields(const core::Beat& m) {
  return std::tie(m.sender, m.holds, m.leaves_per_second, m.usage);
}
inline auto fields(const core::Leave& m) {
  return std::tie(m.sender);
}
inline auto fields(const core::Drained& m) {
  return std::tie(m.sender);
}
inline auto fields(const core::SlotFailed& m) {
  return std::tie(m.sender, m.slot, m.at_leaf, m.leaf, m.cause);
}
inline auto fields(const core::LeafNotFinite& m) {
  return std::tie(m.sender, m.leaf);
}
inline auto fields(const core::BlockValidated& m) {
  return std::tie(m.sender, m.version, m.block, m.losses);
}
inline auto fields(const core::BlockPushed& m) {
  return std::tie(m.sender, m.base, m.block, m.digest, m.finite, m.loss_sum, m.weight_sum, m.lease, m.unit,
                  m.compute_seconds);
}
inline auto fields(const core::VersionHeld& m) {
  return std::tie(m.sender, m.version);
}
inline auto fields(const core::PlanChanged& m) {
  return std::tie(m.number, m.from_version, m.blocks);
}
inline auto fields(const core::RoundLease& m) {
  return std::tie(m.base, m.blocks);
}
inline auto fields(const core::ValidationLease& m) {
  return std::tie(m.version, m.blocks);
}
inline auto fields(const core::RestartSlot& m) {
  return std::tie(m.slot);
}
inline auto fields(const core::EndAt& m) {
  return std::tie(m.version);
}
inline auto fields(const core::Drain&) {
  return std::tuple();
}
inline auto fields(const core::ReleaseVersion& m) {
  return std::tie(m.version);
}
inline auto fields(const core::VersionSlice& m) {
  return std::tie(m.shard, m.version, m.lease);
}
inline auto fields(const core::UnitLease& m) {
  return std::tie(m.lease, m.unit, m.base);
}
inline auto fields(const core::LeaseRevoked& m) {
  return std::tie(m.lease);
}

inline bool same_bytes(const Body& a, const Body& b) {
  return std::equal(a.bytes.begin(), a.bytes.end(), b.bytes.begin(), b.bytes.end());
}

inline bool same(const core::SessionMessage& a, const core::SessionMessage& b) {
  const auto compare = [&](const auto& left) {
    const auto* right = std::get_if<std::decay_t<decltype(left)>>(&b);
    return right != nullptr && fields(left) == fields(*right);
  };
  return std::visit(compare, a);
}

inline bool same(const std::optional<Letter>& a, const std::optional<Letter>& b) {
  if (!a || !b) return a.has_value() == b.has_value();
  if (a->slice_digest != b->slice_digest || a->content.index() != b->content.index()) return false;
  if (const auto* message = std::get_if<core::SessionMessage>(&a->content)) {
    return same(*message, std::get<core::SessionMessage>(b->content));
  }
  const auto& left = std::get<Chunk>(a->content);
  const auto& right = std::get<Chunk>(b->content);
  return left.offset == right.offset && same_bytes(left.floats, right.floats);
}

template <class Value, class Fields>
bool same_optional(const std::optional<Value>& a, const std::optional<Value>& b, Fields fields_of) {
  return a && b ? fields_of(*a) == fields_of(*b) : a.has_value() == b.has_value();
}

inline bool same(const Segment& a, const Segment& b) {
  const auto probe = [](const core::Probe& p) { return std::tie(p.asked, p.sent); };
  const auto answer = [](const core::ProbeAnswer& p) { return std::tie(p.asked, p.missing); };
  return a.session == b.session && a.channel == b.channel && a.frame.sequence == b.frame.sequence &&
         a.frame.acknowledged == b.frame.acknowledged && same(a.frame.payload, b.frame.payload) &&
         same_optional(a.frame.probe, b.frame.probe, probe) && same_optional(a.frame.answer, b.frame.answer, answer);
}

inline auto fields(const Hello&) {
  return std::tuple();
}
inline auto fields(const JoinRequest& r) {
  return std::tie(r.join.name, r.join.slots, r.join.instance, r.join.attempt, r.join.local, r.credentials);
}
inline auto fields(const Attach& a) {
  return std::tie(a.session, a.key);
}
inline auto fields(const StatusRequest&) {
  return std::tuple();
}
inline auto fields(const DrainRequest& r) {
  return std::tie(r.node);
}
inline auto fields(const PolicyRequest& r) {
  return std::tie(r.policy);
}
inline auto fields(const Offer& o) {
  return std::tie(o.manifest, o.liveness);
}
inline auto fields(const Refusal& r) {
  return std::tie(r.reason, r.may_retry);
}
inline auto fields(const Greeting& g) {
  return std::tie(g.welcome.identity, g.welcome.end_version, g.welcome.attempt, g.welcome.instance, g.tensors, g.sealed,
                  g.key);
}
inline auto fields(const Gone& g) {
  return std::tie(g.session);
}
inline auto fields(const Dismissal& d) {
  return std::tie(d.session, d.farewell.reason, d.farewell.may_return);
}
inline auto fields(const NodeStatus& n) {
  return std::tie(n.name, n.node, n.state, n.slots, n.samples_per_second, n.share, n.staleness, n.gate_idle_seconds,
                  n.last_seen_seconds);
}
inline auto fields(const Status& s) {
  return std::tie(s.run, s.version, s.epoch, s.loss, s.samples_per_second, s.policy, s.units_in_flight, s.staleness_max,
                  s.gate_idle_seconds);
}
inline auto fields(const Done&) {
  return std::tuple();
}

template <class Word>
bool same(const Word& a, const Word& b) {
  return fields(a) == fields(b);
}
inline bool same(const Status& a, const Status& b) {
  const auto same_node = [](const NodeStatus& x, const NodeStatus& y) { return fields(x) == fields(y); };
  return fields(a) == fields(b) &&
         std::equal(a.nodes.begin(), a.nodes.end(), b.nodes.begin(), b.nodes.end(), same_node);
}

inline bool same(const Datagram& a, const Datagram& b) {
  const auto compare = [&](const auto& left) {
    const auto* right = std::get_if<std::decay_t<decltype(left)>>(&b.content);
    return right != nullptr && same(left, *right);
  };
  return a.run == b.run && std::visit(compare, a.content);
}

}  // namespace fulmar::transport
