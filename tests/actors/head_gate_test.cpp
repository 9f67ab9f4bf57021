// What the gate makes of what comes from the network, with a test as supervisor and as every shard.
#include "actors/head_gate.hpp"

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include <boost/test/unit_test.hpp>
#include <caf/all.hpp>

#include "tests/actors/training_harness.hpp"

namespace fulmar::actors::testing {
namespace {

constexpr auto kPatience = std::chrono::seconds(60);
constexpr core::Sender kSession{3, 5, 1};
constexpr core::Sender kOther{4, 6, 1};
constexpr std::uint32_t kSlots = 2;

std::shared_ptr<transport::HeadTransport> listen(const RunContext& context, const std::string& directory) {
  transport::HeadSettings settings;
  settings.endpoint = {transport::Endpoint::Kind::ipc, "", 0, directory + "/head.socket"};
  settings.run = *transport::parse_run_id(context.manifest.run_id);
  settings.term = context.term;
  settings.offer.liveness = context.supervision.liveness.value;
  settings.shard_floats = {context.shards.parameters()};
  auto listening = transport::HeadTransport::listen(std::move(settings), context.pool);
  BOOST_REQUIRE_MESSAGE(listening.ok(), (listening.ok() ? "" : listening.error().message));
  return std::move(*listening);
}

/// A gate with one open session, whose node has been sent version 7, and has been leased unit 9, by lease 4.
struct Fixture {
  Fixture() : system(config), self(system), gate(context, listen(*context, directory.path())) {
    const caf::actor me = caf::actor_cast<caf::actor>(self);
    gate.start(me, {me});
    const PortTo<WorkerMail> port = gate.open(kSession, 1, kSlots);
    WorkerMail mail;
    mail.event = core::VersionSlice{0, 7};
    mail.slice = zeros();
    port->send(std::move(mail));
    WorkerMail leased;
    leased.event = core::UnitLease{4, 9, 7};
    port->send(std::move(leased));
    hear_event<core::supervisor_event::MemberGone>();  // connection 1 never was: so the transport says, once
  }
  ~Fixture() { gate.stop(); }

  void say(core::SessionMessage message, MutableBuffer tensor = nullptr) {
    const core::Channel channel = core::has_tensor(message) ? core::channel_of(0) : core::kSupervisorChannel;
    gate.on_message(kSession, channel, {std::move(message), std::move(tensor)});
  }

  template <class Mail>
  Mail hear() {
    Mail heard;
    self->receive([&](Mail& mail) { heard = std::move(mail); },
                  caf::after(kPatience) >> [] { BOOST_FAIL("that mail does not come"); });
    return heard;
  }

  /// The next event for the supervisor, which is of this kind.
  template <class Event>
  Event hear_event() {
    const SupervisorMail mail = hear<SupervisorMail>();
    BOOST_REQUIRE(std::holds_alternative<Event>(mail.event));
    return std::get<Event>(mail.event);
  }

  void check_ends_session(core::SessionMessage message, const std::string& cause) {
    say(std::move(message));
    BOOST_TEST(hear<MessageDropped>().reason == "against_the_rules");
    const auto gone = hear_event<core::supervisor_event::MemberGone>();
    BOOST_TEST((gone.member == kSession));
    BOOST_TEST(gone.cause.starts_with("it broke the protocol: "), gone.cause);
    BOOST_TEST(gone.cause.find(cause) != std::string::npos, gone.cause);
  }

  ScratchDirectory directory;
  std::shared_ptr<const RunContext> context = context_of({});
  caf::actor_system_config config;
  caf::actor_system system;
  caf::scoped_actor self;
  HeadGate gate;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(head_gate)

// GATE-1
BOOST_AUTO_TEST_CASE(nobody_from_the_network_is_local) {
  Fixture fixture;
  fixture.gate.on_join(9, core::Join{"node", kSlots, 77, 1, true});
  const auto asked = fixture.hear<RemoteJoin>();
  BOOST_TEST(asked.peer == 9U);
  BOOST_TEST(asked.join.name == "node");
  BOOST_TEST(!asked.join.local);
}

BOOST_AUTO_TEST_CASE(what_a_member_says_goes_to_whom_it_is_for) {
  Fixture fixture;
  fixture.say(core::Beat{kSession, 7, 2.5});
  BOOST_TEST(fixture.hear_event<core::Beat>().leaves_per_second == 2.5);
  fixture.say(core::Drained{kSession});
  BOOST_TEST((fixture.hear_event<core::Drained>().sender == kSession));

  const MutableBuffer tensor = zeros();
  fixture.say(core::BlockPushed{kSession, 7, {0, 1}, 0, true, 0, 0, 0, 7}, tensor);
  const auto pushed = fixture.hear<AggregatorMail>();
  BOOST_TEST((std::get<core::BlockPushed>(pushed.event).block == core::Block{0, 1}));
  BOOST_TEST(pushed.vector == tensor);
  const core::Block root = fixture.context->shape.tree(9).root();
  fixture.say(core::BlockPushed{kSession, 7, root, 0, true, 0, 0, 4, 9}, tensor);
  BOOST_TEST(std::get<core::BlockPushed>(fixture.hear<AggregatorMail>().event).lease == 4U);
  fixture.say(core::VersionHeld{kSession, 7});
  BOOST_TEST(std::get<core::VersionHeld>(fixture.hear<AggregatorMail>().event).version == 7U);
}

// GATE-1
BOOST_AUTO_TEST_CASE(whoever_speaks_for_another_session_loses_its_own) {
  Fixture fixture;
  fixture.check_ends_session(core::Beat{kOther, 7, 2.5}, "another session");
  fixture.check_ends_session(core::Drained{{kSession.node, kSession.incarnation, 2}}, "another session");
}

// GATE-2
BOOST_AUTO_TEST_CASE(what_the_run_does_not_have_ends_the_session) {
  Fixture fixture;
  fixture.check_ends_session(core::Beat{kSession, 8, 1}, "version 8");  // it was sent nothing newer than 7
  fixture.check_ends_session(core::SlotFailed{kSession, kSlots, false, {}, "cause"}, "slot 2");
  fixture.check_ends_session(core::BlockPushed{kSession, 7, {0, 8}, 0, true, 0, 0, 0, 7}, "block");  // of 8 leaves
  const core::Block root = fixture.context->shape.tree(9).root();
  fixture.check_ends_session(core::BlockPushed{kSession, 7, root, 0, true, 0, 0, 5, 9}, "lease 5");
  fixture.check_ends_session(core::BlockPushed{kSession, 7, root, 0, true, 0, 0, 4, 10}, "unit 10");
  fixture.check_ends_session(core::LeafNotFinite{kSession, {10, false, 0}}, "unit 10");
  fixture.check_ends_session(core::ReleaseVersion{7}, "only a head says");
}

BOOST_AUTO_TEST_CASE(nothing_of_a_session_that_is_not_open_is_handed_on) {
  Fixture fixture;
  fixture.gate.on_message(kOther, core::kSupervisorChannel, {core::Beat{kOther, 7, 1}, nullptr});
  fixture.gate.close(kSession, {"over", false});
  fixture.say(core::Beat{kSession, 7, 1});
  fixture.gate.on_drain_request(4, "somebody");
  BOOST_TEST(fixture.hear<DrainAsked>().node == "somebody");
  fixture.gate.on_policy_request(4, "bounded:2");
  const auto asked = fixture.hear<PolicyAsked>();
  BOOST_TEST(asked.by == 4U);
  BOOST_TEST(asked.policy == "bounded:2");
  BOOST_TEST(!fixture.self->has_next_message());  // what was said before came before
}

// GATE-3
BOOST_AUTO_TEST_CASE(talk_of_newer_terms_costs_one_look_a_second) {
  Fixture fixture;
  for (core::Term term = 2; term < 1000; ++term) fixture.gate.on_newer_term(term);
  fixture.hear<LookAtFence>();
  fixture.gate.on_status_request(4);
  BOOST_TEST(fixture.hear<StatusAsked>().by == 4U);
  BOOST_TEST(!fixture.self->has_next_message());
}

BOOST_AUTO_TEST_CASE(a_key_that_is_withdrawn_and_a_connection_that_closes_are_told_apart) {
  Fixture fixture;
  fixture.gate.on_evicted(kSession);
  BOOST_TEST((fixture.hear<KeyWithdrawn>().session == kSession));
  fixture.gate.on_gone(kSession, "its connection was closed");
  BOOST_TEST(fixture.hear_event<core::supervisor_event::MemberGone>().cause == "its connection was closed");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace fulmar::actors::testing
