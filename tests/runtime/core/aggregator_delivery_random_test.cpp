// Which versions reach which member: three aggregators wired together, each pair of them by a queue that is delivered
// in order but at any moment.
#include <algorithm>
#include <array>
#include <deque>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <variant>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "runtime/core/aggregator.hpp"
#include "runtime/vocabulary/random.hpp"
#include "tests/runtime/core/small_rounds.hpp"

namespace fulmar::core {
namespace {

namespace effect = aggregator_effect;
using namespace small_rounds;

using Versions = std::vector<Version>;

constexpr std::uint32_t kShards = 3;
constexpr std::uint64_t kRounds = 5;
constexpr int kSupervisor = -1;

int place_of(Incarnation incarnation) {
  return static_cast<int>(kShards + incarnation);
}

/// A member, as far as versions reach it.
struct Receiver {
  bool alive = true;
  std::optional<Version> turn;  // the first version that the lead had it sent
  std::array<Versions, kShards> sent;
  std::map<Version, std::uint32_t> arrived;  // how many slices
  Version newest = 0;
  bool holds_one = false;
};

struct Cluster {
  using Mail = std::variant<AggregatorEvent, Version>;

  explicit Cluster(std::uint64_t of) : seed(of), stream(of, Purpose::simulation, 2, 0) {
    for (ShardId shard = 0; shard < kShards; ++shard) shards.emplace_back(settings(shard, kShards, kRounds), 0, 0, 0);
    admit();
  }

  std::uint64_t below(std::uint64_t n) { return stream.words(draw++)[0] % n; }
  bool is_validated(Version version) const { return settings(0, kShards, kRounds).shape.is_validated(version); }
  Version newest_published() const { return std::ranges::max(published); }

  void send(int from, int to, Mail mail) { queues[{from, to}].push_back(std::move(mail)); }
  void send_to_shards(int from, const AggregatorEvent& event) {
    for (ShardId shard = 0; shard < kShards; ++shard) send(from, static_cast<int>(shard), event);
  }

  // ---- the supervisor

  void admit() {
    const Incarnation incarnation = receivers.size() + 1;
    receivers[incarnation];
    send_to_shards(kSupervisor, MemberAdmitted{static_cast<NodeId>(incarnation), incarnation});
  }
  void lose(Incarnation incarnation) {
    receivers.at(incarnation).alive = false;
    send_to_shards(kSupervisor, MemberLost{incarnation});
  }
  void release() {
    const Version version = released + kRounds;
    if (std::ranges::min(published) < version) return;
    released = version;
    send_to_shards(kSupervisor, ReleaseVersion{version});
  }

  // ---- the shards

  /// The first member computes whole rounds.
  void push(ShardId shard) {
    Aggregator& core = shards[shard];
    if (core.missing().empty()) return;
    step(shard, BlockPushed{sender(1), core.version(), kRoot, 1, true, 1.0, 1.0});
  }
  void step(ShardId shard, const AggregatorEvent& event) {
    if (const auto* admitted = std::get_if<MemberAdmitted>(&event)) alive[shard].insert(admitted->incarnation);
    if (const auto* lost = std::get_if<MemberLost>(&event)) {
      alive[shard].erase(lost->incarnation);
      if (shard == 0) newcomers.erase(lost->incarnation);
    }
    if (const auto* held = std::get_if<VersionHeld>(&event)) {
      if (held->version >= receivers.at(held->sender.incarnation).turn) newcomers.erase(held->sender.incarnation);
    }
    for (const AggregatorEffect& next : shards[shard].step(Time{}, event)) carry_out(shard, next);
  }
  void carry_out(ShardId shard, const AggregatorEffect& next) {
    const int from = static_cast<int>(shard);
    if (const auto* root = std::get_if<effect::ReportRoot>(&next)) {
      send(from, 0, RootReport{shard, root->base, true, 1.0, 1.0, {1.0}});
    } else if (const auto* known = std::get_if<effect::SendKnown>(&next)) {
      send(from, 0, known->known);
    } else if (const auto* verdict = std::get_if<effect::SendVerdict>(&next)) {
      passed_over += verdict->reached.behind.size();
      send_to_shards(from, verdict->reached);
    } else if (const auto* decision = std::get_if<effect::SendDecision>(&next)) {
      const auto& catch_up = std::get<CatchUp>(decision->decision);
      take_turn(catch_up);
      send_to_shards(from, catch_up);
    } else if (const auto* publish = std::get_if<effect::Publish>(&next)) {
      published[shard] = publish->version;
      for (const Incarnation member : alive[shard]) {
        if (!std::ranges::binary_search(publish->members, member)) send_slice(shard, member, publish->version);
      }
    } else if (const auto* slice = std::get_if<effect::SendSlice>(&next)) {
      send_slice(shard, slice->incarnation, slice->version);
    }
  }

  void take_turn(const CatchUp& catch_up) {
    Receiver& receiver = receivers.at(catch_up.incarnation);
    if (receiver.turn) return;
    receiver.turn = catch_up.version;
    newcomers.insert(catch_up.incarnation);
    BOOST_TEST(newcomers.size() <= kNewcomersMax, "WINDOW-3, seed " << seed);
    most_newcomers = std::max(most_newcomers, newcomers.size());
  }

  void send_slice(ShardId shard, Incarnation member, Version version) {
    Receiver& receiver = receivers.at(member);
    Versions& sent = receiver.sent[shard];
    BOOST_TEST((sent.empty() || sent.back() < version), "AGG-4: ascending, seed " << seed);
    sent.push_back(version);
    std::set<Version> under_way;
    for (const Versions& versions : receiver.sent) {
      for (const Version one : versions) {
        if (!is_validated(one) && !(receiver.holds_one && one <= receiver.newest)) under_way.insert(one);
      }
    }
    // Shards that have not heard of a loss yet go on by themselves.
    if (receiver.alive) BOOST_TEST(under_way.size() <= kVersionsInFlightMax, "WINDOW-1, seed " << seed);
    send(static_cast<int>(shard), place_of(member), version);
  }

  // ---- the network

  /// Members with even numbers are slow. Gives whether something was under way.
  bool deliver() {
    std::erase_if(queues, [](const auto& queue) { return queue.second.empty(); });
    if (queues.empty()) return false;
    auto queue = std::next(queues.begin(), static_cast<std::ptrdiff_t>(below(queues.size())));
    const int to = queue->first.second;
    const bool to_shard = to < static_cast<int>(kShards);
    if (!to_shard && to % 2 == place_of(2) % 2 && below(30) > 0) return true;
    const Mail mail = std::move(queue->second.front());
    queue->second.pop_front();
    if (to_shard) {
      step(static_cast<ShardId>(to), std::get<AggregatorEvent>(mail));
    } else {
      receive(static_cast<Incarnation>(to) - kShards, std::get<Version>(mail));
    }
    return true;
  }
  void receive(Incarnation member, Version version) {
    Receiver& receiver = receivers.at(member);
    if (!receiver.alive || ++receiver.arrived[version] < kShards) return;
    receiver.newest = std::max(receiver.newest, version);
    receiver.holds_one = true;
    send(place_of(member), 0, VersionHeld{sender(member), version});
  }

  void act() {
    const std::uint64_t choice = below(200);
    if (choice < 100) push(static_cast<ShardId>(below(kShards)));
    if (choice == 100 && receivers.size() < 12) admit();
    if (choice == 101) {
      const Incarnation member = 2 + below(receivers.size());
      if (receivers.contains(member) && receivers.at(member).alive) lose(member);
    }
    if (choice > 190) release();
    for (int i = 0; i < 4; ++i) deliver();
  }

  /// No more rounds: everything that is under way arrives.
  void settle() {
    do release();
    while (deliver());
  }

  std::uint64_t seed;
  RandomStream stream;
  std::uint64_t draw = 0;
  std::vector<Aggregator> shards;
  std::array<std::set<Incarnation>, kShards> alive;
  std::array<Version, kShards> published{};
  Version released = 0;
  std::map<Incarnation, Receiver> receivers;
  std::map<std::pair<int, int>, std::deque<Mail>> queues;  // from, to
  std::uint64_t passed_over = 0;
  std::set<Incarnation> newcomers;  // being sent their first version
  std::size_t most_newcomers = 0;
};

BOOST_AUTO_TEST_SUITE(aggregator_delivery_of_three_shards)

// AGG-4, WINDOW-1, WINDOW-2, WINDOW-3: whenever members come, go and acknowledge, every shard sends a member the same
// versions, from its turn on validated ones among them, and when nothing is under way any longer everybody has the
// newest one.
BOOST_AUTO_TEST_CASE(every_member_however_slow_ends_up_with_the_newest_version_from_all_shards) {
  std::uint64_t passed_over = 0, rounds = 0, members = 0, crowds = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    Cluster cluster(seed);
    for (int i = 0; i < 4000; ++i) cluster.act();
    cluster.settle();
    passed_over += cluster.passed_over;
    rounds += cluster.newest_published();
    if (cluster.most_newcomers == kNewcomersMax) ++crowds;
    for (const auto& [incarnation, receiver] : cluster.receivers) {
      if (!receiver.alive) continue;
      ++members;
      BOOST_TEST(receiver.newest == cluster.newest_published(), "member " << incarnation << ", seed " << seed);
      BOOST_REQUIRE(receiver.turn.has_value());
      const auto from_turn_on = [&](ShardId shard) {
        const auto first = std::ranges::lower_bound(receiver.sent[shard], *receiver.turn);
        return Versions(first, receiver.sent[shard].end());
      };
      BOOST_TEST((from_turn_on(1) == from_turn_on(0) && from_turn_on(2) == from_turn_on(0)), "seed " << seed);
      for (Version version = *receiver.turn; version <= cluster.newest_published(); ++version) {
        const bool sent = std::ranges::binary_search(receiver.sent[0], version);
        BOOST_TEST((sent || !cluster.is_validated(version)), "validated " << version << ", seed " << seed);
      }
    }
  }
  // The seeds do exercise it.
  BOOST_TEST_MESSAGE(rounds << " rounds, " << members << " members, passed over " << passed_over << " times");
  BOOST_TEST(passed_over > rounds);
  BOOST_TEST(members > 500U);
  BOOST_TEST(rounds > 10000U);
  BOOST_TEST(crowds > 100U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace fulmar::core
