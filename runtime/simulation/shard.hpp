// The shell of core::Aggregator: what it keeps is only counted, and its arithmetic takes its time.
// Thread rule: one simulation, one thread.
#pragma once

#include <map>
#include <memory>

#include "runtime/core/aggregator.hpp"
#include "runtime/simulation/mailbox.hpp"
#include "runtime/simulation/node.hpp"

namespace fulmar::planner {

class Shard {
 public:
  Shard(World& world, Head& head, core::ShardId shard);

  /// A message, at this moment.
  void receive(const core::AggregatorEvent& event);
  void receive_push(const core::BlockPushed& pushed, PushTrace trace);
  void admit(const core::MemberAdmitted& admitted, const std::weak_ptr<Node>& node);
  void lose(const core::MemberLost& lost);
  void tick();

  const Mailbox& mailbox() const { return mailbox_; }

 private:
  void step(const core::AggregatorEvent& event);
  void carry_out(const core::aggregator_effect::Keep& keep);
  void carry_out(const core::aggregator_effect::Drop& drop);
  void carry_out(const core::aggregator_effect::Discard& discard);
  void carry_out(const core::aggregator_effect::Combine& combine);
  void carry_out(const core::aggregator_effect::ReportRoot& report);
  void carry_out(const core::aggregator_effect::SendVerdict& send);
  void carry_out(const core::aggregator_effect::SendDecision& send);
  void carry_out(const core::aggregator_effect::SendKnown& send);
  void carry_out(const core::aggregator_effect::Apply& apply);
  void carry_out(const core::aggregator_effect::Publish& publish);
  void carry_out(const core::aggregator_effect::SendSlice& send);
  void carry_out(const core::aggregator_effect::Tell& tell);
  // Tensors that stay where they are.
  void carry_out(const core::aggregator_effect::Pin&) {}
  void carry_out(const core::aggregator_effect::Unpin&) {}
  void carry_out(const core::aggregator_effect::KeepBase&) {}
  void carry_out(const core::aggregator_effect::ForgetBase&) {}

  bool is_lead() const { return shard_ == 0; }
  std::uint64_t leaves_of(const core::Block& block) const;

  World& world_;
  Head& head_;
  core::ShardId shard_;
  core::Aggregator core_;
  Mailbox mailbox_;
  std::map<core::Incarnation, std::weak_ptr<Node>> nodes_;
  struct Push {
    std::uint64_t leaves = 0;
    PushTrace trace;
  } push_;  // that is being handled
};

}  // namespace fulmar::planner
