// Journal records as transcripts have them.
#include "tests/simulation/datagram.hpp"

namespace fulmar::simulation {
namespace {

std::string number(std::uint64_t value) {
  return std::to_string(value);
}

std::string session(core::NodeId node, core::Incarnation incarnation) {
  return number(node) + "/" + number(incarnation);
}

std::string kind(core::CheckpointKind kind) {
  return kind == core::CheckpointKind::full ? "" : " (weights)";
}

}  // namespace

std::string describe(const core::JournalRecord& record) {
  return "records: " +
         std::visit(
             Overloaded{
                 [](const core::RunStarted&) { return std::string("the run starts"); },
                 [](const core::TermStarted& term) {
                   return "term " + number(term.term) + " starts at version " + number(term.version);
                 },
                 [](const core::PlanRecorded& plan) {
                   return "plan " + number(plan.number) + " from version " + number(plan.from_version) + ", because " +
                          plan.reason + ": " + plan.holders;
                 },
                 [](const core::ValidationDone& done) { return "version " + number(done.version) + " is validated"; },
                 [](const core::CheckpointWritten& written) {
                   return "checkpoint " + number(written.version) + kind(written.kind) + " is written";
                 },
                 [](const core::CheckpointFailed& failed) {
                   return "checkpoint " + number(failed.version) + " failed: " + failed.reason;
                 },
                 [](const core::UpdateApplied& update) {
                   return "version " + number(update.version) + " is made of unit " + number(update.attempt.unit) +
                          " from version " + number(update.attempt.base) + " by lease " + number(update.attempt.lease);
                 },
                 [](const core::PolicySwitched& switched) {
                   return "from version " + number(switched.version) + " the policy is " + switched.policy +
                          ", because " + switched.reason;
                 },
                 [](const core::RoundVoided& voided) { return "a round is voided: " + voided.reason; },
                 [](const core::NodeAdmitted& node) {
                   return "node " + session(node.node, node.incarnation) + " is admitted, which is " + node.name;
                 },
                 [](const core::NodeFailed& node) {
                   return "node " + session(node.node, node.incarnation) + " failed: " + node.cause;
                 },
                 [](const core::NodeLeft& node) {
                   return "node " + session(node.node, node.incarnation) + " left: " + node.reason;
                 },
                 [](const core::SlotDied& slot) {
                   return "slot " + number(slot.slot) + " of node " + number(slot.node) + " died at " + slot.where +
                          ": " + slot.cause;
                 },
                 [](const core::DecisionMade& made) {
                   return made.decision + " at version " + number(made.version) + ", because " + made.reason;
                 },
                 [](const core::RunEnded& ended) {
                   return "the run ended at version " + number(ended.version) + ": " + ended.reason;
                 }},
             record);
}

}  // namespace fulmar::simulation
