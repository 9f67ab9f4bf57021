#include "tests/simulation/datagram.hpp"

namespace fulmar::simulation {
namespace {

std::string text(const core::Sender& sender) {
  return std::to_string(sender.node) + "/" + std::to_string(sender.incarnation) + " of term " +
         std::to_string(sender.term);
}

std::string number(std::uint64_t value) {
  return std::to_string(value);
}

std::string text(const Segment& segment) {
  const core::Frame<Letter>& frame = segment.frame;
  std::string what = role_name(segment.channel) + " link, " + text(segment.session) + ":";
  if (frame.payload) what += " #" + number(frame.sequence) + " " + describe((*frame.payload)->message);
  if (frame.probe) what += " probe up to " + number(frame.probe->sent);
  if (frame.answer) what += " answer, " + number(frame.answer->missing.size()) + " missing";
  return what + " ack " + number(frame.acknowledged);
}

}  // namespace

std::string role_name(Channel channel) {
  return channel == kSupervisorChannel ? "supervisor" : "shard " + number(channel - 1);
}

std::string describe(const std::vector<core::Block>& blocks) {
  std::string list;
  for (const core::Block& block : blocks) list += (list.empty() ? "" : " ") + core::to_string(block);
  return "[" + list + "]";
}

std::string describe(const SessionMessage& message) {
  return std::visit(
      Overloaded{[](const core::Beat& beat) {
                   return "beat" + (beat.holds ? ", holds " + number(*beat.holds) : std::string()) +
                          (beat.leaves_per_second > 0 ? ", measured" : "");
                 },
                 [](const core::Leave&) { return std::string("leave"); },
                 [](const core::Drained&) { return std::string("drained"); },
                 [](const core::SlotFailed& failed) { return "slot " + number(failed.slot) + " failed"; },
                 [](const core::LeafNotFinite& leaf) { return "leaf " + number(leaf.leaf.leaf) + " is not finite"; },
                 [](const core::BlockValidated& validated) {
                   return "losses " + core::to_string(validated.block) + " of version " + number(validated.version);
                 },
                 [](const core::BlockPushed& pushed) {
                   const std::string what = "push " + core::to_string(pushed.block);
                   if (pushed.lease == 0) return what + " of round " + number(pushed.base);
                   return what + " of unit " + number(pushed.unit) + " from version " + number(pushed.base) +
                          " by lease " + number(pushed.lease);
                 },
                 [](const core::VersionHeld& held) { return "holds version " + number(held.version); },
                 [](const core::PlanChanged& plan) {
                   return "plan " + number(plan.number) + " from version " + number(plan.from_version) + " " +
                          describe(plan.blocks);
                 },
                 [](const core::RoundLease& lease) {
                   return "lease in round " + number(lease.base) + " " + describe(lease.blocks);
                 },
                 [](const core::ValidationLease& lease) {
                   return "validate version " + number(lease.version) + " " + describe(lease.blocks);
                 },
                 [](const core::RestartSlot& restart) { return "restart slot " + number(restart.slot); },
                 [](const core::EndAt& end) { return "end at " + number(end.version); },
                 [](const core::Drain&) { return std::string("drain"); },
                 [](const core::ReleaseVersion& release) { return "release version " + number(release.version); },
                 [](const core::UnitLease& lease) {
                   return "lease " + number(lease.lease) + " of unit " + number(lease.unit) + " from version " +
                          number(lease.base);
                 },
                 [](const core::LeaseRevoked& revoked) { return "lease " + number(revoked.lease) + " is revoked"; },
                 [](const core::VersionSlice& slice) {
                   return "slice of version " + number(slice.version) +
                          (slice.lease == 0 ? std::string() : " for lease " + number(slice.lease));
                 }},
      message);
}

std::string describe(const Datagram& datagram) {
  return std::visit(Overloaded{[](const core::Join& join) {
                                 return "join, instance " + number(join.instance) + " attempt " + number(join.attempt);
                               },
                               [](const core::Welcome& welcome) { return "welcome " + text(welcome.identity); },
                               [](const Segment& segment) { return text(segment); },
                               [](const Gone& gone) { return "gone: " + text(gone.session); },
                               [](const Dismissal& dismissal) {
                                 return "farewell to " + text(dismissal.session) + ": " + dismissal.farewell.reason +
                                        (dismissal.farewell.may_return ? ", may return" : "");
                               }},
                    datagram.content);
}

}  // namespace fulmar::simulation
