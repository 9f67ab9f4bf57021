// What a slot brings back.
#include "actors/slot_actor.hpp"

#include <algorithm>
#include <chrono>

#include <boost/test/unit_test.hpp>
#include <caf/all.hpp>

#include "runtime/core/vector_arithmetic.hpp"
#include "tests/actors/training_harness.hpp"

namespace fulmar::actors::testing {
namespace {

constexpr auto kPatience = std::chrono::seconds(60);

JobOutcome filled(float value, std::uint64_t digest) {
  JobOutcome outcome;
  outcome.vector = zeros();
  std::fill(outcome.vector->values().begin(), outcome.vector->values().end(), value);
  outcome.digests = {digest};
  return outcome;
}

/// What a slot makes of the job.
JobOutcome result_of(const std::shared_ptr<const RunContext>& context, SlotMail mail) {
  caf::actor_system_config config;
  caf::actor_system system(config);
  caf::scoped_actor self(system);
  const caf::actor slot = self->spawn(slot_actor, context, core::SlotId{0}, caf::actor_cast<caf::actor>(self),
                                      std::shared_ptr<const AbandonBefore>(std::make_shared<AbandonBefore>(0)));
  self->send(slot, std::move(mail));
  JobOutcome outcome;
  self->receive([&](WorkerMail& answer) { outcome = std::move(answer.outcome); },
                caf::after(kPatience) >> [] { BOOST_FAIL("the slot does not answer"); });
  self->send_exit(slot, caf::exit_reason::user_shutdown);
  return outcome;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(slot_actor_test)

// A half that was begun to be pushed by itself has digests; when it is combined after all they are of the past.
BOOST_AUTO_TEST_CASE(the_digests_of_combined_halves_are_those_of_their_sum) {
  for (const bool push : {true, false}) {
    SlotMail mail;
    mail.job = {core::JobKind::combine, 0, {1, 0}, push};
    mail.left = filled(1, 11);
    mail.right = filled(2, 22);
    const JobOutcome outcome = result_of(context_of({}), std::move(mail));
    const std::uint64_t digest = core::digest(std::as_const(*outcome.vector).values());
    BOOST_TEST(outcome.vector->values().front() == 3);
    BOOST_TEST(outcome.digests == (push ? std::vector{digest} : std::vector<std::uint64_t>{}),
               boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace fulmar::actors::testing
