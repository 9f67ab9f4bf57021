#include "runtime/core/schedule.hpp"

#include <cmath>

#include <boost/test/unit_test.hpp>

#include "tests/runtime/core/pytorch_optimizers.hpp"

namespace fulmar::core {
namespace {

// PyTorch steps its rates from one to the next: thirty roundings of up to an ulp or two.
constexpr double kTolerance = 1e-13;

ScheduleSettings settings_of(ScheduleKind kind) {
  ScheduleSettings settings;
  settings.kind = kind;
  settings.learning_rate = pytorch::kRate;
  return settings;
}

BOOST_AUTO_TEST_SUITE(schedule)

BOOST_AUTO_TEST_CASE(a_constant_rate_is_constant) {
  const ScheduleSettings settings = settings_of(ScheduleKind::constant);
  for (const std::uint64_t updates : {0u, 1u, 1'000'000u}) {
    BOOST_TEST(learning_rate(settings, updates) == pytorch::kRate);
  }
}

BOOST_AUTO_TEST_CASE(steps_are_those_of_pytorch) {
  ScheduleSettings settings = settings_of(ScheduleKind::step);
  settings.step_rounds = 7;
  settings.step_factor = 0.3;
  for (std::size_t updates = 0; updates < pytorch::kStepRates.size(); ++updates) {
    const double truth = pytorch::kStepRates[updates];
    BOOST_TEST(std::fabs(learning_rate(settings, updates) - truth) <= kTolerance * truth, "after " << updates);
  }
}

BOOST_AUTO_TEST_CASE(the_cosine_is_that_of_pytorch) {
  ScheduleSettings settings = settings_of(ScheduleKind::cosine);
  settings.learning_rate_min = pytorch::kRateMin;
  settings.total_rounds = 30;
  for (std::size_t updates = 0; updates < pytorch::kCosineRates.size(); ++updates) {
    const double error = learning_rate(settings, updates) - pytorch::kCosineRates[updates];
    BOOST_TEST(std::fabs(error) <= kTolerance * pytorch::kRate, "after " << updates);
  }
}

BOOST_AUTO_TEST_CASE(every_schedule_is_warmed_up_linearly_and_starts_after_it) {
  for (const ScheduleKind kind : {ScheduleKind::constant, ScheduleKind::step, ScheduleKind::cosine}) {
    ScheduleSettings settings = settings_of(kind);
    settings.step_rounds = 10;
    settings.total_rounds = 40;
    ScheduleSettings warmed = settings;
    warmed.warmup_rounds = 8;
    warmed.total_rounds += 8;
    for (std::uint64_t updates = 0; updates < 8; ++updates) {
      const double truth = pytorch::kRate * static_cast<double>(updates + 1) / 8;
      BOOST_TEST(std::fabs(learning_rate(warmed, updates) - truth) <= kTolerance * truth);
    }
    BOOST_TEST(learning_rate(warmed, 7) == pytorch::kRate);
    for (std::uint64_t updates = 0; updates < 60; ++updates) {
      BOOST_TEST(learning_rate(warmed, updates + 8) == learning_rate(settings, updates));
    }
  }
}

BOOST_AUTO_TEST_CASE(the_cosine_stays_at_its_minimum) {
  ScheduleSettings settings = settings_of(ScheduleKind::cosine);
  settings.learning_rate_min = 0.002;
  settings.total_rounds = 20;
  BOOST_TEST(learning_rate(settings, 19) > 0.002);
  BOOST_TEST(learning_rate(settings, 20) == 0.002);
  BOOST_TEST(learning_rate(settings, 1'000) == 0.002);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace fulmar::core
