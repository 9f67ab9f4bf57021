#include "tests/simulation/checks.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <type_traits>

#include "tests/simulation/head_process.hpp"
#include "tests/simulation/world.hpp"

namespace fulmar::simulation {
namespace {

constexpr std::size_t kWrongMax = 5;

/// Why a record was written; nothing where its kind needs no reason.
const std::string* reason_of(const core::JournalRecord& record) {
  return std::visit(
      [](const auto& concrete) -> const std::string* {
        using Kind = std::decay_t<decltype(concrete)>;
        if constexpr (requires { concrete.reason; }) return &concrete.reason;
        if constexpr (std::is_same_v<Kind, core::NodeFailed> || std::is_same_v<Kind, core::SlotDied>) {
          return &concrete.cause;
        }
        return nullptr;
      },
      record);
}

}  // namespace

void Checks::fail(const std::string& what) {
  if (wrong_.size() >= kWrongMax) return;
  wrong_.push_back(what);
  world_.log.say(world_.queue.now(), "WRONG", what);
}

// ---- the reduction

void Checks::kept(const Origin& origin, core::Term term, const std::set<core::Incarnation>& members) {
  expect(origin.run == world_.run(), [] { return "AGG-2: a vector of another run is kept"; });
  expect(origin.sender.term == term, [] { return "AGG-2: a vector of another term is kept"; });
  expect(members.contains(origin.sender.incarnation), [&] {
    return "AGG-2: a vector of incarnation " + std::to_string(origin.sender.incarnation) +
           ", which is not alive, is kept";
  });
}

void Checks::applied(HeadProcess& head, core::ShardId shard, const core::Verdict& verdict, const Leaves& leaves) {
  const core::Unit unit = verdict.attempt.unit;
  const auto where = [&] { return "shard " + std::to_string(shard) + ", unit " + std::to_string(unit) + ": "; };
  expect(leaves.unit == unit, [&] { return "AGG-1: " + where() + "leaves of another unit are applied"; });
  expect(leaves.counts.size() == world_.scenario.shape.leaves_in_round(unit) &&
             std::all_of(leaves.counts.begin(), leaves.counts.end(), [](std::uint8_t count) { return count == 1; }),
         [&] { return "REDUCE-1: " + where() + "a leaf is missing or is in it twice"; });
  if (!takes_its_place(head, shard, verdict)) return;
  const ReferenceVersion& made = *head.timeline().at(verdict.base + 1);
  const auto same = [](double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); };
  expect(verdict.action == made.action && same(verdict.loss_sum, made.loss_sum) &&
             verdict.weight_sum == made.weight_sum && same(verdict.squared_norm, made.squared_norm) &&
             verdict.updates_before == made.before->state.updates_applied,
         [&] { return "AGG-1: " + where() + "another verdict on version " + std::to_string(verdict.base); });
}

void Checks::weights(const Timeline& timeline, core::Version version, std::size_t first, const Vector& values,
                     const char* where) {
  const ReferenceVersion* made = timeline.at(version);
  expect(made != nullptr, [&] { return "SUP-2: " + std::string(where) + " of version " + std::to_string(version); });
  if (made == nullptr) return;
  const Vector& truth = made->weights;
  const bool fits = first + values.size() <= truth.size();
  // A shard may have no chunk at all, and memcmp() takes no null pointer.
  const bool equal =
      fits && (values.empty() || std::memcmp(truth.data() + first, values.data(), values.size() * sizeof(float)) == 0);
  world_.log.note(version);
  expect(equal,
         [&] { return "AGG-1: other weights in " + std::string(where) + " of version " + std::to_string(version); });
}

// ---- what is told and written

void Checks::state(const Timeline& timeline, const core::RunState& state, const char* where) {
  const ReferenceVersion* made = timeline.at(state.version);
  expect(made != nullptr && made->state == state, [&] {
    return std::string("SUP-3: ") + where + " of version " + std::to_string(state.version) + " says something else";
  });
}

void Checks::report(const Timeline& timeline, const core::RunState& state) {
  core::RunState validated = state;
  if (const ReferenceVersion* made = timeline.at(state.version)) validated.validation = made->state.validation;
  this->state(timeline, validated, "a report (LEDGER-1)");
}

void Checks::checkpoint(HeadProcess& head, const core::RunState& state) {
  this->state(head.timeline(), state, "a checkpoint (SUP-3)");
  expect(head.timeline().is_clean(state.version), [&] {
    return "SUP-7: something is under way across the checkpoint of version " + std::to_string(state.version);
  });
  head.timeline().add_barrier(state.version);
}

void Checks::record(HeadProcess& head, const core::JournalRecord& record) {
  const std::string* reason = reason_of(record);
  expect(reason == nullptr || !reason->empty(), [] { return "BUDGET-1: a record has no reason"; });
  if (const auto* done = std::get_if<core::ValidationDone>(&record)) {
    const ReferenceVersion* made = head.timeline().at(done->version);
    const bool known = made != nullptr && made->state.validation.latest;
    const bool same = known && (made->state.validation.latest->loss == done->loss || std::isnan(done->loss));
    expect(same, [&] { return "VALID-1: another loss of version " + std::to_string(done->version); });
    if (!std::isfinite(done->loss)) not_finite_.insert(head.id());
  }
  if (const auto* update = std::get_if<core::UpdateApplied>(&record)) update_recorded(head, *update);
  if (const auto* switched = std::get_if<core::PolicySwitched>(&record)) switch_recorded(head, *switched);
}

void Checks::durable_write(core::Term term, const char* what) {
  expect(term == newest_term_, [&] {
    return "FENCE-1: the head of term " + std::to_string(term) + " wrote " + what + " beside that of term " +
           std::to_string(newest_term_);
  });
}

// What bits flip in or a lying disk forgets, nobody can find; beyond that, retention keeps what is newest.
const ReferenceVersion& Checks::resumed(const core::RunState& state, const Vector& weights,
                                        const std::vector<Vector>& optimizer,
                                        const std::vector<core::JournalRecord>& records,
                                        const core::RunHistory& history) {
  const ReferenceVersion* version = follow(history, state.version);
  const bool replays = version != nullptr && version->weights == weights && version->optimizer == optimizer;
  expect(replays || disk_may_lie(), [&] {
    return "REPLAY-1: the journal makes other weights than checkpoint " + std::to_string(state.version) + " has";
  });
  if (!replays) version = world_.reference.known(state.version, weights, optimizer);
  expect(version != nullptr, [&] {
    return "AGG-1: other weights in a checkpoint that a head goes on from, of version " + std::to_string(state.version);
  });
  if (version == nullptr) return world_.reference.beginning();
  expect(version->state == state, [&] {
    return "SUP-3: the checkpoint that a head goes on from, of version " + std::to_string(state.version) +
           " says something else";
  });
  const Faults& faults = world_.scenario.faults;
  if (faults.has(Fault::bit_flip) || disk_may_lie()) return *version;
  for (const core::JournalRecord& record : records) {
    const auto* written = std::get_if<core::CheckpointWritten>(&record);
    if (written == nullptr || written->kind != core::CheckpointKind::full) continue;
    expect(written->version <= state.version, [&] {
      return "CHECKPOINT-1: the journal has checkpoint " + std::to_string(written->version) +
             " as written, but the newest that can be read is " + std::to_string(state.version);
    });
  }
  return *version;
}

// ---- who has what

void Checks::members(HeadProcess& head) {
  std::set<core::Incarnation> living;
  for (const auto& [node, member] : head.supervisor().core().members().all()) living.insert(member.incarnation);
  for (core::ShardId shard = 0; shard < world_.scenario.shards; ++shard) members_of(shard, head, living);
}

void Checks::members_of(core::ShardId shard, HeadProcess& head, const std::set<core::Incarnation>& living) {
  for (const core::Incarnation member : head.shard(shard).members()) {
    const std::tuple key(head.id(), shard, member);
    if (living.contains(member)) continue;
    const Time since = outlived_.try_emplace(key, head.true_time()).first->second;
    expect(head.true_time() - since <= world_.scenario.liveness.value, [&] {
      return "AGG-2: shard " + std::to_string(shard) + " still takes what incarnation " + std::to_string(member) +
             " sends, whose session is over";
    });
  }
}

bool Checks::can_work(HeadProcess& head, core::Incarnation incarnation) const {
  if (head.local_workers().has(incarnation)) return true;
  if (!head.switchboard().has(incarnation)) return false;
  const Process* node = world_.processes.find(head.switchboard().peer(incarnation));
  if (node == nullptr || node->frozen() || node->is_over()) return false;
  const Host& host = world_.hosts.at(node->host());
  return !host.cut_in && !host.cut_out;
}

void Checks::holders(HeadProcess& head) {
  auto clock = clocks_.try_emplace(head.id(), world_.scenario.liveness.gap_max()).first;
  const Time now = clock->second.look(head.now());
  // What may have killed nodes is leased one by one, to nodes that have nothing else: that may take any time.
  if (head.supervisor().ended() || world_.scenario.killer || !head.supervisor().core().works_in_rounds()) return;
  for (core::ShardId shard = 0; shard < world_.scenario.shards; ++shard) holders_of_round(head, shard, now);
}

// A leaf may be nobody's for as long as it takes to notice that its holder is lost, which liveness bounds, and to have
// it leased anew: twice liveness is time enough for both.
void Checks::holders_of_round(HeadProcess& head, core::ShardId shard, Time now) {
  const Time patience = 2 * world_.scenario.liveness.value;
  const core::Aggregator& aggregator = head.shard(shard).core();
  Waiting& waiting = waiting_[{head.id(), shard}];
  if (waiting.base != aggregator.version() || waiting.since == Time{}) {
    waiting = {aggregator.version(), now, {}};
  }
  if (now - waiting.since < patience / 2 || waiting.base >= world_.scenario.end_version) return;
  const core::Supervisor& supervisor = head.supervisor().core();
  const bool somebody = supervisor.members().has_active();
  const core::BlockTree tree = world_.scenario.shape.tree(waiting.base);
  for (const core::Block& block : aggregator.missing()) {
    for (std::uint64_t leaf = tree.first_leaf(block); leaf < tree.end_leaf(block); ++leaf) {
      Time& held = waiting.held.try_emplace(leaf, now).first->second;
      const std::vector<core::Incarnation> holders =
          somebody ? supervisor.holders(waiting.base, leaf) : std::vector<core::Incarnation>{};
      const bool in_good_hands =
          std::any_of(holders.begin(), holders.end(), [&](core::Incarnation holder) { return can_work(head, holder); });
      if (!somebody || in_good_hands) held = now;
      expect(now - held <= patience, [&] {
        return "SUP-1: nobody can compute leaf " + std::to_string(leaf) + " of round " + std::to_string(waiting.base);
      });
    }
  }
}

// ---- the end

void Checks::audit(const Timeline& timeline, core::Version end) {
  const core::RunShape& shape = world_.scenario.shape;
  const core::Version rounds = shape.rounds_per_epoch();
  for (core::Version first = 0; first + rounds <= end; first += rounds) {
    std::vector<std::uint32_t> passed(shape.train_samples);
    std::uint64_t counted = 0;
    for (core::Version version = first + 1; version <= first + rounds; ++version) {
      const ReferenceVersion* made = timeline.at(version);
      expect(made != nullptr, [&] { return "LEDGER-1: version " + std::to_string(version) + " was not made"; });
      if (made == nullptr) return;
      const core::Unit unit = made->update.unit;
      expect(shape.epoch_of(unit) == shape.epoch_of(first),
             [&] { return "UNIT-1: unit " + std::to_string(unit) + " made version " + std::to_string(version); });
      for (std::uint64_t leaf = 0; leaf < shape.leaves_in_round(unit); ++leaf) {
        for (const std::uint64_t sample : shape.leaf_samples(unit, leaf)) {
          ++passed.at(sample);
          if (made->action == core::Action::apply) ++counted;
        }
      }
    }
    expect(std::all_of(passed.begin(), passed.end(), [](std::uint32_t times) { return times == 1; }), [&] {
      return "LEDGER-1: a sample of the epoch up to version " + std::to_string(first + rounds) +
             " was not used exactly once";
    });
    const std::uint64_t before = timeline.at(first)->state.ledger.samples_counted();
    expect(timeline.at(first + rounds)->state.ledger.samples_counted() - before == counted,
           [&] { return "LEDGER-2: the ledger counts other samples up to version " + std::to_string(first + rounds); });
  }
}

}  // namespace fulmar::simulation
