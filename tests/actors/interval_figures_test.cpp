#include "actors/interval_figures.hpp"

#include <chrono>

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

using namespace fulmar;
using namespace std::chrono_literals;
using actors::IntervalFigures;

namespace {

core::Verdict update(core::Version base, core::LeaseNumber lease = 0, core::Version computed_from = 0) {
  core::Verdict verdict;
  verdict.base = base;
  verdict.attempt.lease = lease;
  verdict.attempt.base = computed_from;
  verdict.weight_sum = 2;
  verdict.squared_norm = 36;
  return verdict;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(interval_figures)

BOOST_AUTO_TEST_CASE(an_interval_ends_after_a_second_and_another_begins) {
  IntervalFigures figures(10s);
  BOOST_TEST(figures.empty());
  BOOST_TEST(!figures.is_due(10s + 999ms));
  figures.add(update(0), 100);
  figures.add(update(1), 60);
  BOOST_TEST(figures.is_due(11s));
  const nlohmann::json line = figures.end(12s);
  BOOST_TEST(line.at("samples_per_second") == 80.0);
  BOOST_TEST(line.at("gradient_norm") == 3.0);
  BOOST_TEST(!line.contains("staleness"));
  BOOST_TEST(figures.empty());
  BOOST_TEST(!figures.is_due(12s + 999ms));
}

BOOST_AUTO_TEST_CASE(a_run_that_stands_still_does_not_look_quick) {
  IntervalFigures figures(0s);
  BOOST_TEST(figures.samples_per_second(100, 500ms) == 0.0);  // nothing is known yet
  figures.add(update(0), 100);
  figures.end(1s);
  BOOST_TEST(figures.samples_per_second(100, 1s + 500ms) == 100.0);
  BOOST_TEST(figures.samples_per_second(100, 11s) == 10.0);
  figures.add(update(1), 300);
  BOOST_TEST(figures.samples_per_second(100, 11s) == 40.0);
}

BOOST_AUTO_TEST_CASE(staleness_is_that_of_the_asynchronous_updates_of_the_interval) {
  IntervalFigures figures(0s);
  figures.add(update(7, 1, 5), 10);
  figures.add(update(8, 2, 4), 10);
  figures.add(update(9), 10);
  const nlohmann::json staleness = figures.end(1s).at("staleness");
  BOOST_TEST(staleness.at("mean") == 3.0);
  BOOST_TEST(staleness.at("max") == 4);
  figures.add(update(10), 10);
  BOOST_TEST(!figures.end(2s).contains("staleness"));
}

BOOST_AUTO_TEST_SUITE_END()
