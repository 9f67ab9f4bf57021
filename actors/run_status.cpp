#include "actors/run_status.hpp"

#include <charconv>
#include <chrono>
#include <optional>
#include <vector>

namespace fulmar::actors {
namespace {

constexpr std::size_t kNodesNamedMax = 16;

transport::NodeStatus status_of(const core::Supervisor& run, core::NodeId node, const core::Member& member,
                                std::uint64_t leaf_size) {
  const core::Version holds = member.holds.value_or(0);
  transport::NodeStatus status;
  status.name = member.name;
  status.node = node;
  status.state = core::to_string(member.state);
  status.slots = member.slots;
  status.samples_per_second = member.leaves_per_second * static_cast<double>(leaf_size);
  status.share = run.share_of(node);
  // A node may have a version before the supervisor has counted it.
  const std::uint64_t behind = run.state().version > holds ? run.state().version - holds : 0;
  status.staleness = run.works_in_rounds() ? behind : member.staleness.value_or(behind);
  status.gate_idle_seconds = core::in_seconds(run.waited_for_units(node));
  if (!member.local) status.last_seen_seconds = core::in_seconds(run.silence_of(node));
  return status;
}

std::string described(core::NodeId node, const core::Member& member) {
  return std::to_string(node) + " (" + member.name + ")";
}

std::string listed(const core::Membership& members) {
  std::string list;
  std::size_t named = 0;
  for (const auto& [node, member] : members.all()) {
    if (named == kNodesNamedMax) return list + ", and " + std::to_string(members.all().size() - named) + " more";
    list += (named++ == 0 ? "" : ", ") + described(node, member);
  }
  return list.empty() ? "none" : list;
}

std::optional<core::NodeId> parse_node(const std::string& text) {
  core::NodeId node = 0;
  const char* end = text.data() + text.size();
  const auto [rest, failure] = std::from_chars(text.data(), end, node);
  return failure == std::errc{} && rest == end ? std::optional(node) : std::nullopt;
}

/// By name; or by number, where no name is in the way.
std::vector<core::NodeId> meant_by(const core::Membership& members, const std::string& name_or_number) {
  std::vector<core::NodeId> meant;
  for (const auto& [node, member] : members.all()) {
    if (member.name == name_or_number) meant.push_back(node);
  }
  const std::optional<core::NodeId> number = parse_node(name_or_number);
  if (meant.empty() && number && members.all().contains(*number)) meant.push_back(*number);
  return meant;
}

}  // namespace

transport::Status status_of(const core::Supervisor& run, const RunContext& context, double samples_per_second) {
  const core::RunState& state = run.state();
  transport::Status status;
  status.run = context.manifest.run_id;
  status.version = state.version;
  status.epoch = state.ledger.epoch();
  if (state.version > 0) status.loss = state.train_loss;
  status.samples_per_second = samples_per_second;
  status.policy = core::to_string(run.policy());
  status.units_in_flight = run.units().outstanding();
  status.staleness_max = run.staleness_max();
  status.gate_idle_seconds = core::in_seconds(run.waited_for_units());
  for (const auto& [node, member] : run.members().all()) {
    status.nodes.push_back(status_of(run, node, member, context.shape.leaf_size));
  }
  return status;
}

Result<core::NodeId> member_to_drain(const core::Membership& members, const std::string& name_or_number) {
  const std::vector<core::NodeId> meant = meant_by(members, name_or_number);
  if (meant.empty()) {
    return Error{"there is no node \"" + name_or_number + "\" in the run; its nodes are: " + listed(members)};
  }
  if (meant.size() > 1) {
    std::string numbers;
    for (const core::NodeId node : meant) numbers += (numbers.empty() ? "" : ", ") + std::to_string(node);
    return Error{std::to_string(meant.size()) + " nodes are called \"" + name_or_number +
                 "\"; say which by its number: " + numbers};
  }
  const core::Member& member = members.at(meant.front());
  if (member.local) {
    return Error{"node " + described(meant.front(), member) +
                 " is the head's own worker, which stays as long as the head; for a head that does not compute, end it "
                 "there with SIGTERM and start it with --resume --slots 0"};
  }
  return meant.front();
}

}  // namespace fulmar::actors
