// What must be true of sessions, of the connections that they have, and of their links.
#include <algorithm>

#include "runtime/core/delivery_window.hpp"
#include "tests/simulation/checks.hpp"
#include "tests/simulation/head_process.hpp"
#include "tests/simulation/node_process.hpp"
#include "tests/simulation/world.hpp"

namespace fulmar::simulation {
namespace {

/// What is told takes a few messages' time, and never so many looks at the clock.
constexpr int kTicksToHear = 4;
/// A node says something with each beat, which comes at every second tick.
constexpr int kTicksToBeat = 3;

}  // namespace

// ---- links

void Checks::delivered(const Route& route, const Letter& letter) {
  std::deque<Letter>& promised = promised_[route];
  const bool next = !promised.empty() && promised.front() == letter;
  expect(next, [&] {
    return "LINK-1: it is not the turn of what incarnation " + std::to_string(route.session) +
           (route.to_head ? " says: " : " is told: ") + describe(letter->message);
  });
  if (next) promised.pop_front();
}

void Checks::transmitted(const Route& route, const core::Frame<Letter>& frame) {
  UnderWay& under_way = under_way_[route];
  if (!frame.payload || frame.sequence <= under_way.acknowledged) return;
  const std::size_t bytes = size_bytes(*frame.payload);
  if (!under_way.bytes.emplace(frame.sequence, bytes).second) return;  // once more
  under_way.total += bytes;
  const std::size_t count = under_way.bytes.size();
  const bool fits = count == 1 || under_way.total <= world_.scenario.link_window_bytes;
  if (count > 1 && 2 * under_way.total > world_.scenario.link_window_bytes) world_.happened(Happening::window_filled);
  expect(fits && count <= core::Link<Letter>::kWindowMax, [&] {
    return "LINK-2: " + std::to_string(count) + " letters of " + std::to_string(under_way.total) +
           " bytes are under way " + (route.to_head ? "from" : "to") + " incarnation " + std::to_string(route.session);
  });
}

void Checks::acknowledged(const Route& route, std::uint64_t sequence) {
  UnderWay& under_way = under_way_[route];
  under_way.acknowledged = std::max(under_way.acknowledged, sequence);
  while (!under_way.bytes.empty() && under_way.bytes.begin()->first <= sequence) {
    under_way.total -= under_way.bytes.begin()->second;
    under_way.bytes.erase(under_way.bytes.begin());
  }
}

// ---- sessions and their connections

void Checks::session_begins(ProcessId head, const core::Sender& session) {
  const bool fresh = sessions_.emplace(head, session.incarnation).second;
  expect(fresh, [&] { return "SESSION-2: incarnation " + std::to_string(session.incarnation) + " begins twice"; });
}

void Checks::session_loses_connection(const core::Sender& session, ConnectionId connection) {
  expect(!world_.network.is_open(connection), [&] {
    return "SESSION-3: incarnation " + std::to_string(session.incarnation) +
           " is given up because another connection than its own was closed";
  });
}

// Between the network and the supervisor lies a queue, and a role may be busy for a moment.
void Checks::connections(HeadProcess& head) {
  if (head.supervisor().ended()) return;
  for (const auto& [node, member] : head.supervisor().core().members().all()) {
    const std::pair key(head.id(), member.incarnation);
    const bool closed = told_closed_.contains({head.id(), head.switchboard().connection(member.incarnation)});
    int& ticks = overdue_[key];
    ticks = closed ? ticks + 1 : 0;
    expect(ticks <= kTicksToHear, [&] {
      return "LIVE-2: incarnation " + std::to_string(member.incarnation) + " is a member without a connection";
    });
  }
}

bool Checks::is_stranger_to_its_head(const NodeProcess& node) const {
  for (const Fault fault : {Fault::message_loss, Fault::message_delay, Fault::link_cut}) {
    if (world_.faulty(fault)) return false;
  }
  const auto* head = dynamic_cast<const HeadProcess*>(world_.network.head_of(node.connection()));
  if (head == nullptr || head->frozen() || head->is_over() || head->supervisor().ended()) return false;
  return !head->switchboard().has(node.identity().incarnation) || head->term() != node.identity().term;
}

void Checks::session_of(NodeProcess& node) {
  const core::Sender session = node.identity();
  if (session.node == 0) return;
  expect(!told_closed_.contains({node.id(), node.connection()}),
         [&] { return "LIVE-2: " + node.name() + " goes on without a connection"; });
  int& ticks = overdue_[{node.id(), session.incarnation}];
  ticks = is_stranger_to_its_head(node) ? ticks + 1 : 0;
  expect(ticks <= kTicksToBeat + kTicksToHear,
         [&] { return "LIVE-2: " + node.name() + " was not told that its head does not know its session"; });
}

void Checks::drained(ProcessId head, const core::Sender& session) {
  for (core::ShardId shard = 0; shard < world_.scenario.shards; ++shard) {
    const std::deque<Letter>& promised = promised_[{head, session.incarnation, channel_of(shard), true}];
    const auto is_push = [](const Letter& letter) {
      return std::holds_alternative<core::BlockPushed>(letter->message);
    };
    expect(std::ranges::none_of(promised, is_push), [&] {
      return "WORK-5: node " + std::to_string(session.node) + " says that it has drained, and shard " +
             std::to_string(shard) + " does not have all yet";
    });
  }
}

void Checks::newcomers(std::size_t count) {
  expect(count <= core::kNewcomersMax,
         [&] { return "WINDOW-3: " + std::to_string(count) + " members are sent their first version at once"; });
}

}  // namespace fulmar::simulation
