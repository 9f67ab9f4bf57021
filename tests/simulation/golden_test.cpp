// The canonical stories of a cluster, told with nothing left to chance and compared line by line with what they were
// when somebody last read them (golden/*.txt). SIM_REWRITE_GOLDEN=1 rewrites them, to be read again before they are
// committed.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "tests/simulation/cluster.hpp"
#include "tests/simulation/simulation.hpp"
#include "tests/simulation/world.hpp"

namespace fulmar::simulation {
namespace {

using std::chrono::milliseconds;

/// So many lines before a difference are shown.
constexpr std::size_t kContext = 3;

/// Two nodes of one slot, two shards, rounds of 8 leaves of 40 ms each; two rounds are an epoch.
Scenario story(core::Version rounds) {
  Scenario scenario;
  scenario.even = true;
  scenario.seed = 7;
  scenario.shape.seed = 7;
  scenario.shape.train_samples = 32;
  scenario.shape.leaf_size = 2;
  scenario.shape.leaves = 8;
  scenario.end_version = rounds;
  scenario.parameters = 32;
  scenario.shards = 2;
  scenario.node_slots = {1, 1};
  scenario.leaf_time = milliseconds(40);
  scenario.latency_min = scenario.latency_max = milliseconds(1);
  scenario.faults.horizon = std::chrono::hours(1);  // what goes wrong is in the plot
  return scenario;
}

std::vector<std::string> lines_of(std::istream& text) {
  std::vector<std::string> lines;
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  return lines;
}

void compare(const std::string& name, const std::vector<std::string>& expected, const std::vector<std::string>& told) {
  std::size_t first = 0;
  while (first < expected.size() && first < told.size() && expected[first] == told[first]) ++first;
  if (first == expected.size() && first == told.size()) return;
  std::string text = "golden/" + name + ".txt tells another story from line " + std::to_string(first + 1) + " on\n";
  for (std::size_t i = first - std::min(first, kContext); i < first; ++i) text += "    " + told[i] + "\n";
  text += "  - " + (first < expected.size() ? expected[first] : "(the end)") + "\n";
  text += "  + " + (first < told.size() ? told[first] : "(the end)") + "\n";
  BOOST_ERROR(text +
              "If that is as it should be: SIM_REWRITE_GOLDEN=1 build/release/test_simulation --run_test=golden/" +
              name + ", and read the difference before you commit it.");
}

/// `about`: what a reader is to look for.
void expect_story(const std::string& name, const std::vector<std::string>& about, const Scenario& scenario,
                  const Plot& plot) {
  std::stringstream text;
  for (const std::string& line : about) text << "# " << line << "\n";
  const Outcome outcome = tell(scenario, plot, text);
  BOOST_TEST(outcome.wrong.empty(), (outcome.wrong.empty() ? "" : outcome.wrong.front()));
  const std::string path = std::string(FULMAR_GOLDEN) + "/" + name + ".txt";
  if (std::getenv("SIM_REWRITE_GOLDEN") != nullptr) {
    std::ofstream(path) << text.str();
    return;
  }
  std::ifstream file(path);
  compare(name, lines_of(file), lines_of(text));
}

BOOST_AUTO_TEST_SUITE(golden)

BOOST_AUTO_TEST_CASE(join) {
  Scenario scenario = story(6);
  scenario.node_slots = {1};
  expect_story(
      "join",
      {"Node 1 computes alone; at 500 ms another one asks to take part. It is sent the newest weights, is measured",
       "on a first leaf that node 1 computes too, and is in the plan from the next round on."},
      scenario,
      [](World& world, Cluster& cluster) { world.queue.at(milliseconds(500), [&] { cluster.add_node(1); }); });
}

BOOST_AUTO_TEST_CASE(drain) {
  expect_story(
      "drain",
      {"In the middle of round 2 an administrator asks node 2 to leave: it finishes the leaf that it is at, pushes",
       "what it has and goes; node 1 is leased the rest."},
      story(5), [](World& world, Cluster& cluster) {
        world.queue.at(milliseconds(600), [&] { cluster.head()->supervisor().request_drain(1); });
      });
}

BOOST_AUTO_TEST_CASE(kill) {
  expect_story(
      "kill",
      {"In the middle of round 2 node 2 is killed, which its closed connection shows at once. Its work is leased",
       "to node 1 in the same round. It comes back as a new incarnation."},
      story(7), [](World& world, Cluster& cluster) {
        world.queue.at(milliseconds(600), [&] { cluster.crash_node(*cluster.node(1), milliseconds(300)); });
      });
}

BOOST_AUTO_TEST_CASE(freeze_and_thaw) {
  expect_story(
      "freeze_and_thaw",
      {"Node 2 freezes for 1.2 s. First its work is doubled, because the round is late; after 0.7 s it is lost.",
       "When it thaws, nothing of its old session is taken, and it joins anew."},
      story(7), [](World& world, Cluster& cluster) {
        const auto second = [&]() -> Process& { return *cluster.node(1); };
        world.queue.at(milliseconds(600), [second] { second().freeze(); });
        world.queue.at(milliseconds(1800), [second] { second().thaw(); });
      });
}

BOOST_AUTO_TEST_CASE(partition) {
  expect_story(
      "partition",
      {"For 1.2 s nothing gets from node 2 to the head or back. Both sides notice by silence. When the network",
       "heals, node 2 joins anew."},
      story(7), [](World& world, Cluster&) {
        const auto cut = [&world](bool is_cut) {
          world.hosts[2].cut_in = world.hosts[2].cut_out = is_cut;
          world.log.say(world.queue.now(), "network", is_cut ? "node 2 is cut off" : "node 2 can be reached");
        };
        world.queue.at(milliseconds(600), [cut] { cut(true); });
        world.queue.at(milliseconds(1800), [cut] { cut(false); });
      });
}

BOOST_AUTO_TEST_CASE(head_restart) {
  Scenario scenario = story(4);
  scenario.shape.validation_samples = 4;
  scenario.checkpoint_every_rounds = 2;
  scenario.resets = false;
  expect_story(
      "head_restart",
      {"The head crashes in the middle of round 3. Its successor goes on from checkpoint 2, in term 2. What nodes",
       "say of term 1 is answered with: gone. Round 2 is computed again, to the same bits."},
      scenario,
      [](World& world, Cluster& cluster) { world.queue.at(milliseconds(800), [&] { cluster.crash_heads(false); }); });
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace fulmar::simulation
