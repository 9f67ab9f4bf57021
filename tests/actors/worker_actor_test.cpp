// What a worker says, as its supervisor and the lead aggregator hear it.
#include "actors/worker_actor.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include <boost/test/unit_test.hpp>
#include <caf/all.hpp>

#include "tests/actors/training_harness.hpp"

namespace fulmar::actors::testing {
namespace {

constexpr core::Sender kIdentity{3, 5, 1};
constexpr auto kPatience = std::chrono::seconds(60);

/// A worker of two slots whose supervisor and only aggregator is the test.
class Listener {
 public:
  Listener() : system_(config_), self_(system_) {
    const caf::actor me = caf::actor_cast<caf::actor>(self_);
    const std::shared_ptr<const RunContext> context = context_of({});
    WorkerStart start{
        {std::make_shared<LocalPort<SupervisorMail>>(me), {std::make_shared<LocalPort<AggregatorMail>>(me)}},
        2,
        me,
        context->supervision.liveness.beat()};
    worker_ = self_->spawn(worker_actor, context, std::move(start));
  }
  ~Listener() { self_->send_exit(worker_, caf::exit_reason::user_shutdown); }

  void tell(core::WorkerEvent event, SharedBuffer slice = nullptr) {
    self_->send(worker_, WorkerMail{std::move(event), {}, std::move(slice)});
  }

  /// The next of this kind that the supervisor or the aggregator hears and `is_wanted`; all others are passed over.
  template <class Kind>
  Kind hear(const std::function<bool(const Kind&)>& is_wanted = [](const Kind&) { return true; }) {
    std::optional<Kind> heard;
    const auto listen = [&](const auto& event) {
      std::visit(
          [&](const auto& concrete) {
            if constexpr (std::is_same_v<std::decay_t<decltype(concrete)>, Kind>) {
              if (!heard && is_wanted(concrete)) heard = concrete;
            }
          },
          event);
    };
    while (!heard) {
      self_->receive([&](const SupervisorMail& mail) { listen(mail.event); },
                     [&](const AggregatorMail& mail) { listen(mail.event); },
                     caf::after(kPatience) >> [] { BOOST_FAIL("the worker does not say it"); });
    }
    return *heard;
  }

 private:
  caf::actor_system_config config_;
  caf::actor_system system_;
  caf::scoped_actor self_;
  caf::actor worker_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(worker_shell)

BOOST_AUTO_TEST_CASE(a_worker_says_what_it_holds_how_fast_it_is_and_when_it_has_drained) {
  Listener listener;
  listener.tell(core::VersionSlice{0, 0}, zeros());
  listener.tell(core::Welcome{kIdentity, 12});
  BOOST_TEST((listener.hear<core::VersionHeld>().sender == kIdentity));
  const auto first = listener.hear<core::Beat>();
  BOOST_TEST((first.sender == kIdentity));
  BOOST_TEST((first.holds == core::Version{0}));
  BOOST_TEST(first.leaves_per_second == 0);

  listener.tell(core::PlanChanged{1, 0, {{3, 0}}});
  BOOST_TEST((listener.hear<core::BlockPushed>().block == core::Block{3, 0}));
  const auto measured = [](const core::Beat& beat) { return beat.leaves_per_second > 0; };
  BOOST_TEST((listener.hear<core::Beat>(measured).sender == kIdentity));

  listener.tell(core::Drain{});
  BOOST_TEST((listener.hear<core::Drained>().sender == kIdentity));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace fulmar::actors::testing
