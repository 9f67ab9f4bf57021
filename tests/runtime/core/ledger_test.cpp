#include "runtime/core/ledger.hpp"

#include <algorithm>
#include <csignal>
#include <set>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include <boost/test/unit_test.hpp>

namespace fulmar::core {
namespace {

/// Whether `action` ends its process by a broken invariant.
template <class Action>
bool aborts(Action action) {
  const pid_t child = ::fork();
  if (child == 0) {
    std::signal(SIGABRT, SIG_DFL);
    ::close(STDERR_FILENO);  // the message is expected
    action();
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

BOOST_AUTO_TEST_SUITE(ledger)

BOOST_AUTO_TEST_CASE(counted_rounds_move_the_cursor) {
  Ledger ledger;
  ledger.count(0, 32, 100);
  ledger.count(32, 32, 100);
  BOOST_TEST(ledger.epoch() == 0);
  BOOST_TEST(ledger.position() == 64);
  BOOST_TEST(ledger.samples_counted() == 64);
  BOOST_TEST(ledger.voided().empty());
}

BOOST_AUTO_TEST_CASE(the_last_round_of_an_epoch_starts_the_next) {
  Ledger ledger;
  ledger.count(0, 64, 100);
  ledger.count(64, 36, 100);
  BOOST_TEST(ledger.epoch() == 1);
  BOOST_TEST(ledger.position() == 0);
  BOOST_TEST(ledger.samples_counted() == 100);
}

BOOST_AUTO_TEST_CASE(a_voided_round_is_passed_but_not_counted) {
  Ledger ledger;
  ledger.count(0, 40, 100);
  ledger.void_round(2, 40, 60, 100);
  ledger.count(0, 10, 100);
  BOOST_TEST(ledger.epoch() == 1);
  BOOST_TEST(ledger.position() == 10);
  BOOST_TEST(ledger.samples_counted() == 50);
  BOOST_TEST((ledger.voided() == std::vector<VoidedRound>{{2, 0, 40, 60}}));
}

// LEDGER-2, against an explicit set of what entered the weights, over five epochs with every seventh round voided.
BOOST_AUTO_TEST_CASE(counted_and_voided_samples_make_up_what_was_passed) {
  constexpr std::uint64_t kSamples = 103;
  Ledger ledger;
  std::set<std::pair<std::uint64_t, std::uint64_t>> in_the_weights;
  for (std::uint64_t version = 1; ledger.epoch() < 5; ++version) {
    const std::uint64_t epoch = ledger.epoch(), first = ledger.position();
    const std::uint64_t samples = std::min<std::uint64_t>(16, kSamples - first);
    if (version % 7 == 0) {
      ledger.void_round(version, first, samples, kSamples);
      continue;
    }
    ledger.count(first, samples, kSamples);
    for (std::uint64_t i = 0; i < samples; ++i) in_the_weights.emplace(epoch, first + i);
  }
  BOOST_TEST(ledger.samples_counted() == in_the_weights.size());
  std::uint64_t voided = 0;
  for (const VoidedRound& round : ledger.voided()) {
    voided += round.samples;
    for (std::uint64_t i = 0; i < round.samples; ++i) {
      BOOST_TEST(!in_the_weights.contains({round.epoch, round.first_position + i}));
    }
  }
  BOOST_TEST(ledger.voided().size() == 5);
  BOOST_TEST(ledger.samples_counted() + voided == 5 * kSamples);
}

BOOST_AUTO_TEST_CASE(a_restored_ledger_goes_on_like_the_stored_one) {
  Ledger ledger;
  ledger.count(0, 40, 100);
  ledger.void_round(2, 40, 20, 100);
  Ledger restored = Ledger::restore(ledger.epoch(), ledger.position(), ledger.samples_counted(), ledger.voided());
  BOOST_TEST((restored == ledger));
  restored.count(60, 40, 100);
  BOOST_TEST((restored != ledger));
  ledger.count(60, 40, 100);
  BOOST_TEST((restored == ledger));
}

// In an asynchronous policy units come in as they are finished.
BOOST_AUTO_TEST_CASE(what_comes_before_its_turn_counts_and_waits_for_the_cursor) {
  Ledger ledger;
  ledger.count(30, 30, 100);
  BOOST_TEST(ledger.position() == 0);
  BOOST_TEST(!ledger.is_cursor());
  BOOST_TEST(ledger.samples_counted() == 30);
  ledger.void_round(2, 90, 10, 100);
  ledger.count(0, 30, 100);
  BOOST_TEST(ledger.position() == 60);
  BOOST_TEST(!ledger.is_cursor());
  ledger.count(60, 30, 100);
  BOOST_TEST(ledger.epoch() == 1);
  BOOST_TEST(ledger.position() == 0);
  BOOST_TEST(ledger.is_cursor());
  BOOST_TEST((ledger.voided() == std::vector<VoidedRound>{{2, 0, 90, 10}}));
}

BOOST_AUTO_TEST_CASE(what_is_recorded_twice_is_a_broken_invariant) {
  Ledger ledger;
  ledger.count(0, 30, 100);
  ledger.count(60, 30, 100);
  BOOST_TEST(aborts([&] { ledger.count(0, 30, 100); }));
  BOOST_TEST(aborts([&] { ledger.count(60, 30, 100); }));
  BOOST_TEST(aborts([&] { ledger.count(30, 40, 100); }));
  BOOST_TEST(!aborts([&] { ledger.count(30, 30, 100); }));
}

// LEDGER-1: a round that no epoch has is a broken invariant, not a wrong number.
BOOST_AUTO_TEST_CASE(a_round_outside_its_epoch_is_a_broken_invariant) {
  Ledger ledger;
  ledger.count(0, 90, 100);
  BOOST_TEST(aborts([&] { ledger.count(90, 11, 100); }));
  BOOST_TEST(aborts([&] { ledger.void_round(1, 90, 11, 100); }));
  BOOST_TEST(aborts([&] { ledger.count(90, 0, 100); }));
  BOOST_TEST(!aborts([&] { ledger.count(90, 10, 100); }));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace fulmar::core
